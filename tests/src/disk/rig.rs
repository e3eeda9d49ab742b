//! The rig: runs a transaction once on a recording disk, cuts the power after every deed in every way, and opens what is left
//! with the product's own code. Then what must hold: the database is sound, its content is that of before or of after, and of
//! after if the product had said so.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest as _, Sha256};

use super::loss::Platter;
use super::{Image, Loss, Mounted, Spell, Trouble};
use crate::seed::Seeded;

/// Places of one kind of trouble that are tried in one transaction: more say nothing new, reads come in hundreds.
const PLACES_MAX: usize = 12;

/// Disks left by a cut whose opening is cut into again, of one transaction.
const AGAIN_MAX: usize = 3;

/// What a transaction does; called again to try again.
pub type Act = Box<dyn FnMut() -> Result<(), String>>;

/// Opens the product in a folder, ready to act.
pub type Open = Box<dyn Fn(&Path) -> Result<Act, String> + Send + Sync>;

/// A transaction of the product to be put to the test.
pub struct Transaction {
    /// Its name, `phone …` or `server …`.
    pub name: &'static str,
    /// The database's file.
    pub file: &'static str,
    /// The disk before it.
    pub image: Image,
    /// Most commits it is made of; between two of them a cut may leave it.
    pub commits: usize,
    /// The last of them that the product does without when the disk refuses, because it makes up for them the next time.
    pub unpromised: usize,
    /// Opens the product in this folder, ready to act.
    pub open: Open,
    /// Opens the product in this folder, has it check itself, and closes it.
    pub sound: fn(&Path) -> Result<(), String>,
}

/// What was found with one kind of loss.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cuts {
    /// Cuts tried.
    pub tried: usize,
    /// Of those, the transaction was gone, and nobody had been told that it was there.
    pub gone: usize,
    /// Of those, something was not as it must be.
    pub bad: usize,
}

/// What was found with one transaction.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Its name.
    pub name: &'static str,
    /// Deeds on the disk, each followed by a cut.
    pub deeds: usize,
    /// Different disks that the cuts left.
    pub different: usize,
    /// By kind of loss.
    pub cuts: BTreeMap<Loss, Cuts>,
    /// Second cuts, into the opening of what a first one left.
    pub again: Cuts,
    /// Runs with a failing or full disk, and how many went wrong.
    pub troubles: Cuts,
    /// What was not as it must be, in words; the first few.
    pub told: Vec<String>,
}

impl Found {
    /// How much was not as it must be.
    pub fn bad(&self) -> usize {
        self.troubles.bad + self.again.bad + self.cuts.values().map(|cuts| cuts.bad).sum::<usize>()
    }

    fn tell(&mut self, what: String) {
        if self.told.len() < 5 {
            self.told.push(what);
        }
    }
}

/// The content of a database: a digest that is another one when anything in a table is.
type Content = [u8; 32];

/// The states a transaction goes through: as found on the disk, and as the product makes of it on opening.
struct States {
    raw: Vec<Content>,
    opened: Vec<Content>,
}

/// Puts one transaction to the test.
pub fn test(transaction: &Transaction, seed: u64, lax: bool, troubles: bool) -> Found {
    let mut found = Found { name: transaction.name, ..Found::default() };
    let mounted = Mounted::new(&transaction.image, lax);
    let acted = (transaction.open)(mounted.path()).and_then(|mut act| act().map(|()| mounted.disk().deeds()));
    // Closed by now: what closing does to the disk is cut into as well.
    let told_at = match acted {
        Ok(told_at) => told_at,
        Err(error) => {
            found.troubles.bad += 1;
            found.tell(format!("without any fault: {error}"));
            return found;
        }
    };
    let record = mounted.disk().record();
    let last = mounted.disk().image();
    drop(mounted);
    found.deeds = record.deeds.len();

    let mut rig = Rig { transaction, judged: HashMap::new() };
    let states = match rig.states(&record, &last, seed) {
        Ok(states) => states,
        Err(error) => {
            found.troubles.bad += 1;
            found.tell(error);
            return found;
        }
    };
    let mut platter = Platter::new(&record);
    let mut left: Vec<(Image, usize)> = Vec::new();
    for at in 0..=record.deeds.len() {
        if let Some(deed) = at.checked_sub(1).map(|before| &record.deeds[before]) {
            platter.done(deed);
        }
        for loss in Loss::ALL {
            let chance = Seeded::new(seed, &format!("{} {at} {}", transaction.name, loss.name()));
            let image = platter.cut(loss, &chance);
            let known = rig.judged.len();
            let judged = rig.judge(&image, &states);
            if let (Ok(state), true) = (&judged, rig.judged.len() > known) {
                left.push((image, *state));
            }
            let cuts = found.cuts.entry(loss).or_default();
            cuts.tried += 1;
            let bad = match judged {
                Ok(state) if state + 1 < states.raw.len() => {
                    if at >= told_at {
                        Some(format!("told and lost: state {state} of {}", states.raw.len() - 1))
                    } else {
                        cuts.gone += usize::from(state == 0);
                        None
                    }
                }
                Ok(_) => None,
                Err(error) => Some(error),
            };
            if let Some(what) = bad {
                cuts.bad += 1;
                found.tell(format!(
                    "cut after deed {at} of {} (told at {told_at}), {}: {what}",
                    record.deeds.len(),
                    loss.name()
                ));
            }
        }
    }
    found.different = rig.judged.len();
    for (image, state) in left.iter().step_by(left.len().div_ceil(AGAIN_MAX).max(1)) {
        rig.cut_again(image, &states.opened[*state], seed, &mut found);
    }
    if troubles {
        for trouble in Trouble::ALL {
            rig.trouble(trouble, &states, &mut found);
        }
    }
    found
}

struct Rig<'t> {
    transaction: &'t Transaction,
    /// Images that were judged before: most cuts leave the same few.
    judged: HashMap<[u8; 32], Result<usize, String>>,
}

impl Rig<'_> {
    /// The states by what is on the disk when nothing is lost.
    fn states(&self, record: &super::model::Record, last: &Image, seed: u64) -> Result<States, String> {
        let mut platter = Platter::new(record);
        let mut images = vec![self.transaction.image.clone()];
        for deed in &record.deeds {
            platter.done(deed);
            let image = platter.cut(Loss::None, &Seeded::new(seed, ""));
            if images.last() != Some(&image) {
                images.push(image);
            }
        }
        images.push(last.clone());
        let mut states = States { raw: Vec::new(), opened: Vec::new() };
        for image in images {
            let raw = self.content(&Mounted::bare(&image), false)?;
            if states.raw.last() != Some(&raw) {
                states.opened.push(self.opened(&image)?);
                states.raw.push(raw);
            }
        }
        let steps = states.raw.len() - 1;
        if steps > self.transaction.commits {
            return Err(format!("{steps} states after the first, {} commits at most", self.transaction.commits));
        }
        Ok(states)
    }

    /// Which state this disk shows; or what is wrong with it.
    fn judge(&mut self, image: &Image, states: &States) -> Result<usize, String> {
        let key = digest(image);
        if let Some(judged) = self.judged.get(&key) {
            return judged.clone();
        }
        let judged = self.judge_anew(image, states);
        self.judged.insert(key, judged.clone());
        judged
    }

    fn judge_anew(&self, image: &Image, states: &States) -> Result<usize, String> {
        let raw = self.content(&Mounted::bare(image), false)?;
        // The latest, where two are the same.
        let state = states.raw.iter().rposition(|one| *one == raw).ok_or("neither before nor after")?;
        let opened = self.opened(image)?;
        if opened == states.opened[state] { Ok(state) } else { Err("the product makes something else of it".into()) }
    }

    /// The power goes a second time, while the product opens what the first cut left: it must make the same of it after that.
    fn cut_again(&self, image: &Image, wanted: &Content, seed: u64, found: &mut Found) {
        let mounted = Mounted::new(image, false);
        let opened = (self.transaction.sound)(mounted.path());
        let record = mounted.disk().record();
        drop(mounted);
        let chance = Seeded::new(seed, &format!("{} again", self.transaction.name));
        let step = record.deeds.len().div_ceil(PLACES_MAX).max(1);
        let mut platter = Platter::new(&record);
        for (at, deed) in record.deeds.iter().enumerate() {
            platter.done(deed);
            if !at.is_multiple_of(step) {
                continue;
            }
            let loss = *chance.pick(&Loss::ALL);
            found.again.tried += 1;
            let made = opened.clone().and_then(|()| self.opened(&platter.cut(loss, &chance)));
            let bad = match made {
                Ok(made) if made == *wanted => continue,
                Ok(_) => "the product makes something else of it".to_owned(),
                Err(error) => error,
            };
            found.again.bad += 1;
            found.tell(format!("cut again after deed {at} of opening, {}: {bad}", loss.name()));
        }
    }

    /// What the product makes of a disk when it opens it.
    fn opened(&self, image: &Image) -> Result<Content, String> {
        let mounted = Mounted::new(image, false);
        (self.transaction.sound)(mounted.path()).map_err(|error| format!("opening it again: {error}"))?;
        self.content(&mounted, true)
    }

    /// Everything in every table, by SQLite alone; an error if it can't be read or, asked whether it is `sound`, is not.
    fn content(&self, mounted: &Mounted, sound: bool) -> Result<Content, String> {
        let image = mounted.disk().image();
        if image.0.get(self.transaction.file).is_none_or(|content| content.is_empty()) {
            return Ok([0; 32]);
        }
        read_all(&mounted.path().join(self.transaction.file), sound).map_err(|error| format!("SQLite alone: {error}"))
    }

    /// The disk fails, or is full, for one operation or from one on: the product says so or succeeds; the database stays
    /// sound and goes on when the trouble is over.
    fn trouble(&self, trouble: Trouble, states: &States, found: &mut Found) {
        let never = Spell { trouble, from: usize::MAX, count: 0 };
        let mounted = Mounted::new(&self.transaction.image, false);
        mounted.disk().trouble(Some(never));
        let _ = (self.transaction.open)(mounted.path()).and_then(|mut act| act());
        let met = mounted.disk().met().0;
        drop(mounted);
        let step = met.div_ceil(PLACES_MAX).max(1);
        for from in (0..met).step_by(step) {
            for count in [1, usize::MAX] {
                found.troubles.tried += 1;
                // Half of them stay open and try again, half are closed and opened again.
                let again = (from / step + usize::from(count == 1)).is_multiple_of(2);
                if let Err(what) = self.troubled(Spell { trouble, from, count }, again, states) {
                    found.troubles.bad += 1;
                    found.tell(format!("{trouble:?} at operation {from}, {count} times, again {again}: {what}"));
                }
            }
        }
    }

    fn troubled(&self, spell: Spell, again: bool, states: &States) -> Result<(), String> {
        let mounted = Mounted::new(&self.transaction.image, false);
        let disk = mounted.disk();
        disk.trouble(Some(spell));
        let opened = (self.transaction.open)(mounted.path());
        let mut told = false;
        let mut repeated = false;
        match opened {
            Ok(mut act) => {
                told = act().is_ok();
                disk.trouble(None);
                if !told && again {
                    act().map_err(|error| format!("the trouble is over, and still: {error}"))?;
                    (told, repeated) = (true, true);
                }
            }
            Err(_) => disk.trouble(None),
        }
        // What was told must also be there if the power goes right now.
        let mut platter = Platter::new(&disk.record());
        disk.record().deeds.iter().for_each(|deed| platter.done(deed));
        let mut left = vec![disk.image()];
        if told {
            left.push(platter.cut(Loss::All, &Seeded::new(0, "")));
        }
        drop(mounted);
        for (cut, image) in [false, true].into_iter().zip(left) {
            let raw = self.content(&Mounted::bare(&image), false)?;
            self.opened(&image)?;
            let state = states.raw.iter().rposition(|one| *one == raw);
            match state {
                Some(state) if told && state + 1 + self.transaction.unpromised < states.raw.len() => {
                    return Err(format!("told and lost: state {state}, {}", if cut { "after a cut" } else { "without a cut" }));
                }
                // Tried again, it has other times and other chance in it, but it is there.
                None if !repeated => return Err("neither before nor after".into()),
                _ => {}
            }
        }
        Ok(())
    }
}

fn digest(image: &Image) -> [u8; 32] {
    let mut digest = Sha256::new();
    for (name, content) in &image.0 {
        digest.update(name.len().to_le_bytes());
        digest.update(name);
        digest.update(content.len().to_le_bytes());
        digest.update(content.as_slice());
    }
    digest.finalize().into()
}

fn read_all(path: &Path, sound: bool) -> rusqlite::Result<Content> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if sound {
        let first: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if first != "ok" {
            return Err(rusqlite::Error::InvalidParameterName(first));
        }
    }
    let mut digest = Sha256::new();
    let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    digest.update(version.to_le_bytes());
    let mut tables =
        db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name")?;
    let names: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for name in names {
        digest.update(&name);
        // A key that a migration draws is another each time it is tried anew; that there is one is all that counts.
        let drawn = if name == "meta" { " WHERE CAST(key AS TEXT) <> 'cursor_key'" } else { "" };
        let keyed = db.prepare("SELECT key FROM meta").is_ok();
        let mut all = db.prepare(&format!("SELECT * FROM \"{name}\"{}", if keyed { drawn } else { "" }))?;
        let columns = all.column_count();
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                let (kind, length) = match row.get_ref(column)? {
                    ValueRef::Null => (0_u8, 0),
                    ValueRef::Integer(number) => {
                        digest.update(number.to_le_bytes());
                        (1, 8)
                    }
                    ValueRef::Real(number) => {
                        digest.update(number.to_le_bytes());
                        (2, 8)
                    }
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                        digest.update(bytes);
                        (3, bytes.len())
                    }
                };
                digest.update([kind]);
                digest.update(length.to_le_bytes());
            }
        }
    }
    Ok(digest.finalize().into())
}

/// Tests these transactions, so many at once, in the order in which they end; `each` hears of each.
pub fn test_all(
    transactions: &[Transaction],
    seed: u64,
    lax: bool,
    troubles: bool,
    threads: usize,
    each: impl Fn(&Found) + Sync,
) -> Vec<Found> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let all = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    let Some(transaction) = transactions.get(number) else { return };
                    let found = test(transaction, seed, lax, troubles);
                    each(&found);
                    all.lock().expect("no panic before").push((number, found));
                }
            });
        }
    });
    let mut all = all.into_inner().expect("no panic before");
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, found)| found).collect()
}

/// Everything there is to test, built from this seed.
pub fn transactions(seed: u64) -> Vec<Transaction> {
    let mut all = super::phone::transactions(seed);
    all.extend(super::attached::on_phone(seed));
    all.extend(super::server::transactions(seed));
    all.extend(super::attached::on_server(seed));
    all
}
