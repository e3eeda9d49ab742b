//! What happens in one seed's thirty days: decided before anything happens, so that parts of it can be left out.

use doorstep_core::time::DAY_MS;

use super::cast::{ALWAYS, CAST, GRIDS};
use crate::network::Fault;
use crate::seed::Seeded;

/// How long it goes on, days.
pub const DAYS: i64 = 30;
/// Steps of a seed: enough for a few cases to come to their end between the mishaps, few enough that a failure can be read.
const STEPS: usize = 64;
/// Most phones beside those that are always there.
const MORE_PHONES: usize = 3;
/// Most faults of one sync.
const FAULTS_MAX: usize = 5;

/// One seed's sub-district and what happens in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The seed it was made from.
    pub seed: u64,
    /// Who is there: places in [`CAST`].
    pub people: Vec<usize>,
    /// What happens.
    pub steps: Vec<Step>,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// So long after the one before, milliseconds.
    pub after_ms: i64,
    /// To whose phone: a place in [`Plan::people`], taken modulo how many phones there are by then.
    pub who: usize,
    /// What.
    pub what: What,
    /// Where the step's own chance comes from.
    pub dice: u64,
}

/// Where a transaction of a phone's store is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// Which kind of moment: a place in [`super::mishap::MOMENTS`].
    pub at: usize,
    /// The how manieth time it comes.
    pub nth: usize,
}

/// A kind of thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Somebody works on cases.
    Work(usize),
    /// Somebody reports a case.
    Report,
    /// Somebody goes from door to door.
    Doors,
    /// Somebody brings a case to its signed agreement.
    Seal,
    /// Somebody takes a photo.
    Attach,
    /// A phone sends its photos, with what befalls its requests; over a metered link only small ones.
    Carry(Vec<Fault>, bool),
    /// Somebody looks at a photo that may not be here, with what befalls the requests.
    Fetch(Vec<Fault>),
    /// Several phones do what only together goes wrong, on a fair network.
    Apart(Apart),
    /// A phone syncs, with what befalls its requests one after another, and what the office does in the middle of it.
    Sync(Vec<Fault>, Option<(usize, Office)>),
    /// A phone is killed in a tap.
    KilledTap(Stop),
    /// A phone is killed in a sync.
    KilledSync(Stop),
    /// A phone's disk is full but for so many pages; it works, syncs, and gets room again.
    FullDisk(u32),
    /// A phone's clock is off by this much from now on, milliseconds.
    Clock(i64),
    /// A backup of a phone is made.
    Backup,
    /// A phone is put back to its backup; with what is kept outside the database, or, as after a new installation, without.
    Restore {
        /// Whether the installation's nonce is the old one.
        same_installation: bool,
    },
    /// A second phone begins on a copy of this one's files.
    Clone,
    /// What the office does.
    Office(Office),
    /// The server is killed and stays down.
    ServerDown,
    /// The server is started again.
    ServerUp,
    /// A backup of the server is made.
    ServerBackup,
    /// The server is put back to its backup.
    ServerRestore,
    /// What was held up on its way arrives.
    Late,
}

/// What chance alone brings together too seldom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apart {
    /// A draft is written while another phone has the agreement signed.
    DraftAndSeal,
    /// A case is handed to a unit, given back, and leaves its sight.
    HandedBack,
    /// A device is revoked right after a sync, with the token it got, and syncs again.
    RevokedAtOnce,
    /// Somebody types, loses what they remember of it to a backup, and types in the same text again.
    TypedTwice,
    /// A recording of several pieces is cut off on its way up.
    PhotoCutOff,
}

/// What the office does to the person of the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Office {
    /// Their post is moved to another grid: a place in [`GRIDS`].
    Move(usize),
    /// Their posts end.
    End,
    /// They get their posts back.
    Reinstate,
    /// Their device is revoked.
    Revoke,
    /// Something else in the directory changes.
    Rename,
}

impl Plan {
    /// The plan of this seed.
    pub fn of(seed: u64) -> Self {
        let chance = Seeded::new(seed, "plan");
        let mut people: Vec<usize> = (0..ALWAYS).collect();
        for _ in 0..chance.below(MORE_PHONES + 1) {
            let one = ALWAYS + chance.below(CAST.len() - ALWAYS);
            if !people.contains(&one) {
                people.push(one);
            }
        }
        // How bad a month it is: some are nearly fair, so that work gets somewhere.
        let badness = 10 + chance.below(50);
        let steps = (0..STEPS).map(|number| step(&chance, number, badness)).collect();
        Self { seed, people, steps }
    }
}

fn step(chance: &Seeded, number: usize, badness: usize) -> Step {
    let day = usize::try_from(DAY_MS).unwrap_or(usize::MAX);
    let mean = usize::try_from(DAYS).unwrap_or(1) * day / STEPS;
    let after = if chance.percent(70) { chance.below(mean / 4) } else { chance.below(mean * 5) };
    let what = match (number, chance.below(100)) {
        (0..=2, _) => What::Report,
        (_, roll) if roll < badness && chance.percent(60) => mishap(chance),
        (_, 0..=32) => What::Work(1 + chance.below(4)),
        (_, 33..=36) => What::Report,
        (_, 37..=42) => What::Doors,
        (_, 43..=46) => What::Seal,
        (_, 47..=51) => What::Attach,
        (_, 52..=57) => What::Carry(on_the_way(chance, badness), chance.percent(20)),
        (_, 58 | 59) => What::Fetch(faults(chance, badness)),
        (_, 60..=62) => What::Apart(apart(chance)),
        _ => sync(chance, badness),
    };
    // It begins with people who may report.
    let who = if number <= 2 { number % ALWAYS } else { chance.below(16) };
    Step { after_ms: i64::try_from(after).unwrap_or(i64::MAX), who, what, dice: chance.next() }
}

fn sync(chance: &Seeded, badness: usize) -> What {
    if !chance.percent(badness as u64) {
        return What::Sync(Vec::new(), None);
    }
    let faults = (0..=chance.below(FAULTS_MAX)).map(|_| fault(chance)).collect();
    let meanwhile = chance.percent(12).then(|| (chance.below(4), office(chance)));
    What::Sync(faults, meanwhile)
}

fn faults(chance: &Seeded, badness: usize) -> Vec<Fault> {
    if !chance.percent(badness as u64) {
        return Vec::new();
    }
    (0..=chance.below(FAULTS_MAX)).map(|_| fault(chance)).collect()
}

/// Faults of an upload: often the phone dies between two pieces.
fn on_the_way(chance: &Seeded, badness: usize) -> Vec<Fault> {
    if !chance.percent(15) {
        return faults(chance, badness);
    }
    let mut all = vec![Fault::None; 2 + chance.below(3)];
    all.push(*chance.pick(&[Fault::PhoneDiesBefore, Fault::PhoneDiesAfter]));
    all
}

fn apart(chance: &Seeded) -> Apart {
    match chance.below(12) {
        0..=3 => Apart::DraftAndSeal,
        4..=6 => Apart::HandedBack,
        7 => Apart::RevokedAtOnce,
        8 | 9 => Apart::TypedTwice,
        _ => Apart::PhotoCutOff,
    }
}

fn fault(chance: &Seeded) -> Fault {
    match chance.below(24) {
        0..=3 => Fault::None,
        4 | 5 => Fault::Lost,
        6 | 7 => Fault::AnswerLost,
        8 | 9 => Fault::Cut(chance.below(3_000)),
        10 => Fault::TwiceFirst,
        11 => Fault::TwiceSecond,
        12 => Fault::Echo,
        13 => Fault::Slow,
        14 | 15 => Fault::Killed,
        16 | 17 => Fault::KilledWithin,
        18 => Fault::Late,
        19 => Fault::PhoneDiesBefore,
        // Half of them so early that not even a push's answer is whole.
        20 | 21 => Fault::CutUnseen(if chance.percent(50) { chance.below(60) } else { chance.below(1_500) }),
        _ => Fault::PhoneDiesAfter,
    }
}

fn office(chance: &Seeded) -> Office {
    match chance.below(10) {
        0..=4 => Office::Move(chance.below(GRIDS.len())),
        5 => Office::End,
        6 | 7 => Office::Reinstate,
        8 => Office::Rename,
        _ => Office::Revoke,
    }
}

fn mishap(chance: &Seeded) -> What {
    let stop = |nth| Stop { at: chance.below(super::mishap::MOMENTS.len()), nth: 1 + chance.below(nth) };
    let hour = 3_600_000;
    let off = |most: i64| {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        i64::try_from(chance.below(2 * most)).unwrap_or_default() - i64::try_from(most).unwrap_or_default()
    };
    match chance.below(44) {
        0..=6 => What::KilledTap(stop(2)),
        7..=13 => What::KilledSync(stop(5)),
        14..=16 => What::FullDisk(u32::try_from(chance.below(12)).unwrap_or_default()),
        17 | 18 => What::Clock(off(48 * hour)),
        19 => What::Clock(off(5 * 365 * DAY_MS)),
        20 => What::Clock(0),
        21..=23 => What::Backup,
        24 | 25 => What::Restore { same_installation: chance.percent(40) },
        26 => What::Clone,
        27..=32 => What::Office(office(chance)),
        33 | 34 => What::ServerDown,
        35..=37 => What::ServerUp,
        38 | 39 => What::ServerBackup,
        40 => What::ServerRestore,
        _ => What::Late,
    }
}
