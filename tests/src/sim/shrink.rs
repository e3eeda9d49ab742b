//! A failure made short: steps, faults and phones are left out as long as the same promise is broken.

use super::plan::{Plan, What};
use super::play::play;

/// How many plans are tried at most: a failure must be readable within a minute or two.
const TRIES_MAX: usize = 300;

/// The shortest plan found that breaks the same promise.
pub fn shrink(plan: &Plan, promise: &str, until: Option<usize>) -> Plan {
    let mut tries = 0;
    let mut fails = |plan: &Plan| {
        tries += 1;
        tries <= TRIES_MAX && play(plan).broken.is_some_and(|broken| broken.promise == promise)
    };
    let mut best = plan.clone();
    if let Some(until) = until {
        best.steps.truncate(until + 1);
    }
    loop {
        let before = size(&best);
        fewer_steps(&mut best, &mut fails);
        fewer_people(&mut best, &mut fails);
        fewer_faults(&mut best, &mut fails);
        if size(&best) == before {
            return best;
        }
    }
}

fn size(plan: &Plan) -> (usize, usize, usize) {
    (plan.steps.len(), plan.people.len(), plan.steps.iter().map(|step| faults(&step.what)).sum())
}

fn faults(what: &What) -> usize {
    if let What::Sync(faults, meanwhile) = what { faults.len() + usize::from(meanwhile.is_some()) } else { 0 }
}

/// Leaves out runs of steps, long ones first.
fn fewer_steps(best: &mut Plan, fails: &mut impl FnMut(&Plan) -> bool) {
    let mut run = best.steps.len().div_ceil(2);
    while run > 0 {
        let mut at = 0;
        while at < best.steps.len() {
            let mut shorter = best.clone();
            shorter.steps.drain(at..(at + run).min(best.steps.len()));
            if fails(&shorter) {
                *best = shorter;
            } else {
                at += run;
            }
        }
        run = if run == 1 { 0 } else { run.div_ceil(2) };
    }
}

/// Leaves out the last phones. Whose a step is goes by the number of phones, so others may not be left out alone.
fn fewer_people(best: &mut Plan, fails: &mut impl FnMut(&Plan) -> bool) {
    for out in (1..best.people.len()).rev() {
        let mut shorter = best.clone();
        let people = shorter.people.len();
        shorter.people.remove(out);
        shorter.steps.retain(|step| step.who % people != out);
        for step in &mut shorter.steps {
            let who = step.who % people;
            step.who = who - usize::from(who > out);
        }
        if fails(&shorter) {
            *best = shorter;
        }
    }
}

/// Leaves out what befalls syncs.
fn fewer_faults(best: &mut Plan, fails: &mut impl FnMut(&Plan) -> bool) {
    for at in 0..best.steps.len() {
        let What::Sync(faults, meanwhile) = best.steps[at].what.clone() else { continue };
        let mut with = |best: &mut Plan, what: What| {
            let mut simpler = best.clone();
            simpler.steps[at].what = what;
            let still = fails(&simpler);
            if still {
                *best = simpler;
            }
            still
        };
        if !faults.is_empty() && with(best, What::Sync(Vec::new(), meanwhile)) {
            continue;
        }
        if meanwhile.is_some() {
            with(best, What::Sync(faults, None));
        }
    }
}
