//! A counterexample made short: steps and phones are left out as long as the same check fails.

use super::plan::Plan;
use super::try_plan;

/// How many plans are tried at most.
const TRIES_MAX: usize = 3_000;

/// The shortest plan found of which the same does not hold.
pub fn shrink(plan: &Plan, check: &str) -> Plan {
    let mut tries = 0;
    let mut fails = |plan: &Plan| {
        tries += 1;
        tries <= TRIES_MAX && try_plan(plan).1.iter().any(|failure| failure.check == check)
    };
    let mut best = plan.clone();
    loop {
        let before = size(&best);
        fewer_steps(&mut best, &mut fails);
        simpler_phones(&mut best, &mut fails);
        let without = Plan { quarrel: None, ..best.clone() };
        if best.quarrel.is_some() && fails(&without) {
            best = without;
        }
        while best.quarrel.is_none() && best.beginning.1 > 0 {
            let shorter = Plan { beginning: (best.beginning.0, best.beginning.1 - 1), ..best.clone() };
            if !fails(&shorter) {
                break;
            }
            best = shorter;
        }
        if size(&best) == before {
            return best;
        }
    }
}

fn size(plan: &Plan) -> (usize, usize, usize, usize) {
    let odd = plan.phones.iter().filter(|phone| phone.days_off != 0 || phone.first_release || phone.empty).count();
    (plan.steps.len(), plan.phones.len(), odd, plan.beginning.1)
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

/// Phones of this release, with clocks that are right, that know of the case.
fn simpler_phones(best: &mut Plan, fails: &mut impl FnMut(&Plan) -> bool) {
    for at in 0..best.phones.len() {
        for simplify in [
            (|plan, at| plan.phones[at].days_off = 0) as fn(&mut Plan, usize),
            |plan, at| plan.phones[at].first_release = false,
            |plan, at| plan.phones[at].empty = false,
        ] {
            let mut simpler = best.clone();
            simplify(&mut simpler, at);
            if fails(&simpler) {
                *best = simpler;
            }
        }
    }
}
