//! What came about in many seeds: faults injected, rules reached, ways of healing taken. A kind of fault that never
//! came about makes the run fail: a test of it would be a test of nothing.

use std::collections::BTreeMap;
use std::fmt;

/// Every kind of fault there is.
pub const FAULTS: [&str; 30] = [
    "request lost",
    "answer lost after commit",
    "answer cut",
    "answer ends early, unseen",
    "request twice, first answer",
    "request twice, second answer",
    "request again behind the next",
    "request slow",
    "request late, up to days",
    "server killed after commit",
    "server killed before commit",
    "server down",
    "server put back to a backup",
    "phone killed in a tap",
    "phone killed in a sync",
    "phone dies before a request",
    "phone dies during a request",
    "phone's disk full in a tap",
    "phone's disk full in a sync",
    "clock jumps by hours",
    "clock jumps by years",
    "phone put back, new installation",
    "phone put back, same installation",
    "phone cloned",
    "post moved",
    "posts ended",
    "posts given back",
    "device revoked",
    "directory changed",
    "office acts in the middle of a sync",
];

/// Counts, by what is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Seeds.
    pub seeds: u64,
    /// Steps.
    pub steps: u64,
    /// Faults that came about.
    pub faults: BTreeMap<&'static str, u64>,
    /// Commands that a phone said yes to.
    pub commands: BTreeMap<String, u64>,
    /// Codes with which a phone said no.
    pub refusals: BTreeMap<String, u64>,
    /// Verdicts of the server, set-aside ones by their code.
    pub verdicts: BTreeMap<String, u64>,
    /// Ways of healing that were taken.
    pub healed: BTreeMap<&'static str, u64>,
    /// Promises, and how often each was held against something.
    pub promises: BTreeMap<&'static str, u64>,
}

fn one<K: Ord>(counts: &mut BTreeMap<K, u64>, what: K) {
    *counts.entry(what).or_default() += 1;
}

impl Tally {
    /// A fault came about.
    pub fn fault(&mut self, kind: &'static str) {
        one(&mut self.faults, kind);
    }

    /// A phone said yes.
    pub fn command(&mut self, name: String) {
        one(&mut self.commands, name);
    }

    /// A phone said no.
    pub fn refusal(&mut self, code: &str) {
        one(&mut self.refusals, code.to_owned());
    }

    /// The server said something of a change.
    pub fn verdict(&mut self, verdict: &str) {
        one(&mut self.verdicts, verdict.to_owned());
    }

    /// A way of healing was taken.
    pub fn healed(&mut self, way: &'static str) {
        one(&mut self.healed, way);
    }

    /// A promise was held against something.
    pub fn promise(&mut self, name: &'static str) {
        one(&mut self.promises, name);
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        fn all<K: Ord + Clone>(to: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
            from.iter().for_each(|(key, count)| *to.entry(key.clone()).or_default() += count);
        }
        self.seeds += other.seeds;
        self.steps += other.steps;
        all(&mut self.faults, &other.faults);
        all(&mut self.commands, &other.commands);
        all(&mut self.refusals, &other.refusals);
        all(&mut self.verdicts, &other.verdicts);
        all(&mut self.healed, &other.healed);
        all(&mut self.promises, &other.promises);
    }

    /// Kinds of faults that never came about.
    pub fn missing(&self) -> Vec<&'static str> {
        FAULTS.iter().copied().filter(|kind| !self.faults.contains_key(kind)).collect()
    }

    /// Faults that came about, all together.
    pub fn injected(&self) -> u64 {
        self.faults.values().sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn table<K: fmt::Display>(f: &mut fmt::Formatter<'_>, title: &str, counts: &BTreeMap<K, u64>) -> fmt::Result {
            writeln!(f, "{title} ({} kinds, {} in all)", counts.len(), counts.values().sum::<u64>())?;
            counts.iter().try_for_each(|(what, count)| writeln!(f, "  {:<44} {count:>9}", what.to_string()))
        }
        table(f, "faults", &self.faults)?;
        table(f, "commands accepted", &self.commands)?;
        table(f, "refusals on the phone", &self.refusals)?;
        table(f, "verdicts of the server", &self.verdicts)?;
        table(f, "ways of healing", &self.healed)?;
        table(f, "promises held against something", &self.promises)
    }
}
