//! Random histories: random people on two to five phones that are apart for random times, clocks off by up to ten years and
//! set again now and then, syncs cut anywhere, phones of the first release and of a newer one among them.
//!
//! One seed decides a whole history. A [`Plan`] is what is going to be tried; [`play`] tries it with nothing but the rules
//! (`case::decide`, `review`, `case::fold`) and gives a [`Played`]; [`CHECKS`] say what must hold of every one, each by name;
//! [`Coverage`] counts what was reached, because a property of things that never happen is worth nothing; [`shrink`] makes
//! a counterexample short enough to become a named test. `tests/suite/rules/histories` runs hundreds, the command
//! `histories` as many as one likes.

pub mod dice;

mod can_end;
pub(crate) mod checks;
mod coverage;
mod found;
mod moves;
mod plan;
mod play;
mod shrink;
mod tasks;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use checks::{CHECKS, Check};
pub use coverage::Coverage;
pub use plan::{Plan, Step};
pub use play::{Played, View, play};
pub use shrink::shrink;

/// The name under which a stop of the rules themselves is reported.
pub const STOPPED: &str = "nothing_stops";

/// What did not hold of a history.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The check's name.
    pub check: &'static str,
    /// What was found.
    pub what: String,
}

/// Plays a plan and holds the result against every check; gives what was reached too, if it could be played.
pub fn try_plan(plan: &Plan) -> (Option<Coverage>, Vec<Failure>) {
    let tried = catch_unwind(AssertUnwindSafe(|| {
        let played = play(plan);
        let mut failures = Vec::new();
        for (check, holds) in CHECKS {
            if let Err(what) = holds(&played) {
                failures.push(Failure { check, what });
            }
        }
        (Coverage::of(&played), failures)
    }));
    match tried {
        Ok((coverage, failures)) => (Some(coverage), failures),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            let what = said.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
            (None, vec![Failure { check: STOPPED, what }])
        }
    }
}

/// A failure as people read it: the shortest history found that still fails in the same way, and how to play it again.
pub fn report(seed: u64, failure: &Failure) -> String {
    let plan = shrink(&Plan::of(seed), failure.check);
    let again = try_plan(&plan).1.into_iter().find(|again| again.check == failure.check);
    let what = again.map_or_else(|| failure.what.clone(), |again| again.what);
    let story = catch_unwind(|| play(&plan).story.join("\n  ")).unwrap_or_else(|_| format!("{plan:#?}"));
    format!(
        "{check} does not hold of the history with seed {seed}:\n{what}\nshortest found:\n  {story}\nplay it again: \
         cargo run -p doorstep-tests --bin histories -- --replay {seed}",
        check = failure.check
    )
}
