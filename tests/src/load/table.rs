//! What a run came to: answers by status, how long they took, what the server used.

use std::collections::BTreeMap;
use std::time::Duration;

/// What phones saw; one for each, then all together.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Answers by kind of request and status.
    pub answers: BTreeMap<(&'static str, u16), u64>,
    /// Refusals that did not say when to come back.
    pub no_retry_after: u64,
    /// Requests without an answer, by what happened.
    pub broken: BTreeMap<String, u64>,
    /// Milliseconds from when a push was due until it was stored.
    pub push_ms: Vec<f64>,
    /// Milliseconds of whole pulls.
    pub pull_ms: Vec<f64>,
    /// Pushed changes that were not stored, whatever the verdict.
    pub refused: u64,
    /// Documents that pulls brought.
    pub documents: u64,
    /// Connections made.
    pub connections: u64,
}

impl Seen {
    /// Takes in what another phone saw.
    pub fn merge(&mut self, other: Self) {
        other.answers.into_iter().for_each(|(key, count)| *self.answers.entry(key).or_default() += count);
        other.broken.into_iter().for_each(|(key, count)| *self.broken.entry(key).or_default() += count);
        self.no_retry_after += other.no_retry_after;
        self.push_ms.extend(other.push_ms);
        self.pull_ms.extend(other.pull_ms);
        self.refused += other.refused;
        self.documents += other.documents;
        self.connections += other.connections;
    }

    /// Answers with other statuses than these.
    pub fn other_than(&self, statuses: &[u16]) -> u64 {
        self.answers.iter().filter(|((_, status), _)| !statuses.contains(status)).map(|(_, count)| count).sum()
    }
}

/// The value that so many of a hundred do not exceed.
pub fn percentile(values: &mut [f64], percent: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    let at = ((values.len() as f64 * percent / 100.0).ceil() as usize).saturating_sub(1);
    values.get(at).copied().unwrap_or(f64::NAN)
}

/// What a server process used while it was watched.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// Most memory resident at once, MiB, its children's included.
    pub memory_mib: f64,
    /// Processor seconds of it and its children.
    pub processor_s: f64,
    /// Processor seconds of the generator.
    pub generator_s: f64,
}

/// Prints a run.
pub fn tell(title: &str, took: Duration, seen: &mut Seen, used: Used) {
    println!("\n{title}: {:.1} s", took.as_secs_f64());
    for ((what, status), count) in &seen.answers {
        println!("  {what:<6} {status:>4} {count:>9}");
    }
    seen.broken.iter().for_each(|(what, count)| println!("  no answer ({what}) {count}"));
    for (what, values) in [("push", &mut seen.push_ms), ("pull", &mut seen.pull_ms)] {
        if values.is_empty() {
            continue;
        }
        let [half, most, all] = [50.0, 99.0, 100.0].map(|percent| percentile(values, percent));
        println!("  {what} ms: p50 {half:.1}, p99 {most:.1}, max {all:.1}");
    }
    println!(
        "  changes not stored {}, documents pulled {}, connections made {}",
        seen.refused, seen.documents, seen.connections
    );
    let Used { memory_mib, processor_s, generator_s } = used;
    println!("  server: {memory_mib:.0} MiB at most, {processor_s:.1} s of processor; generator: {generator_s:.1} s");
}

#[test]
fn percentiles_are_values_of_the_list() {
    let mut values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
    assert_eq!([50.0, 99.0, 100.0].map(|percent| percentile(&mut values, percent).to_string()), ["100", "198", "200"]);
    assert!(percentile(&mut [], 99.0).is_nan());
}
