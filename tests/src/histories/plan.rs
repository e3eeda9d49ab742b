//! What is going to be tried in a history: everything that chance decides, before anything happens.

use super::dice::{Dice, KINDS};
use crate::method::town;

/// How far a clock may be off, days: ten years.
const CLOCK_OFF_DAYS: usize = 3_650;
/// The longest history, steps.
const STEPS_MAX: usize = 140;

/// A history to be.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How it begins, before people part: which way, and how many steps of it.
    pub beginning: (usize, usize),
    /// What the first two phones are at odds about from the beginning, if they are.
    pub quarrel: Option<usize>,
    /// The phones.
    pub phones: Vec<Carrier>,
    /// What happens.
    pub steps: Vec<Step>,
    /// For what the checks themselves leave to chance.
    pub seed: u64,
}

/// A phone and who carries it.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// Its only user; without one it goes from hand to hand.
    pub owner: Option<&'static str>,
    /// Days by which its clock is off when people part.
    pub days_off: i64,
    /// It runs the first release, which wrote down less.
    pub first_release: bool,
    /// It has not heard of the case when people part.
    pub empty: bool,
}

/// One step of a history. Phones are numbers modulo how many there are, so that a plan stays one when phones are left out.
#[derive(Debug, Clone)]
pub enum Step {
    /// Somebody says something to a phone; mostly refused.
    Says {
        /// The phone.
        phone: usize,
        /// What kind of thing.
        kind: usize,
        /// The rest of it.
        seed: u64,
    },
    /// Somebody does what may come next, as the phone sees the case.
    Goes {
        /// The phone.
        phone: usize,
        /// What, and who.
        seed: u64,
    },
    /// A newer version writes something that this one doesn't know.
    Newer {
        /// The phone.
        phone: usize,
    },
    /// A phone hears what another knows; all of it, or as much as came through.
    Hears {
        /// The one that hears.
        phone: usize,
        /// The one that tells.
        other: usize,
        /// Where the link broke; none if it held.
        cut: Option<u64>,
    },
    /// Somebody sets a phone's clock.
    Clock {
        /// The phone.
        phone: usize,
        /// Days by which it is off from now on.
        days_off: i64,
    },
    /// Days pass for everybody.
    Days(i64),
}

fn days_off(dice: &mut Dice) -> i64 {
    let off = i64::try_from(dice.below(2 * CLOCK_OFF_DAYS + 1)).unwrap() - i64::try_from(CLOCK_OFF_DAYS).unwrap();
    // Most clocks are right, or off by an hour or two: then it is the order of events that decides.
    if dice.once_in(3) { off } else { off / 3_000 }
}

/// Who carries phones. The first two are there in every history in which phones have owners.
const OWNERS: [&str; 9] = [
    town::WORKER,
    town::LEAD,
    town::COLLEAGUE,
    town::DEPUTY,
    town::CLERK,
    town::TELECOM_CONTACT,
    town::COORDINATOR,
    town::EDUCATION_CONTACT,
    town::HEAD,
];

impl Plan {
    /// The plan that this seed decides.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed);
        let beginning = (dice.below(64), dice.below(16));
        let quarrel = dice.once_in(4).then(|| dice.below(64));
        let owned = dice.once_in(2);
        let count = 2 + dice.below(4);
        let mut phones = Vec::new();
        for number in 0..count {
            let first_release = dice.once_in(6);
            let empty = number > 1 && dice.once_in(6);
            let owner = match OWNERS.get(number) {
                Some(owner) if number < 2 => owner,
                _ => dice.of(&OWNERS[2..]),
            };
            phones.push(Carrier { owner: owned.then_some(owner), days_off: days_off(&mut dice), first_release, empty });
        }
        // How long people stay apart: from a step or two to nearly the whole history.
        let apart = dice.of(&[3, 8, 25]);
        let length = 1 + dice.below(STEPS_MAX);
        let steps = (0..length).map(|_| step(&mut dice, apart)).collect();
        Self { beginning, quarrel, phones, steps, seed: dice.0 }
    }
}

fn step(dice: &mut Dice, apart: usize) -> Step {
    let phone = dice.below(60);
    if dice.once_in(apart) {
        let cut = dice.once_in(2).then(|| dice.roll());
        return Step::Hears { phone, other: dice.below(60), cut };
    }
    match dice.below(40) {
        0..10 => Step::Says { phone, kind: dice.below(KINDS), seed: dice.roll() },
        10 => Step::Clock { phone, days_off: days_off(dice) },
        11 => Step::Days(i64::try_from(dice.below(20)).unwrap()),
        12 if dice.once_in(3) => Step::Newer { phone },
        _ => Step::Goes { phone, seed: dice.roll() },
    }
}
