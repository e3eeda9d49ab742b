//! Ways from a report to each stage, by the shortest honest path.

use doorstep_core::case::{Command, DisputeKind, Grade};
use doorstep_core::time::Stamp;
use doorstep_tests::method::Phone;
use doorstep_tests::method::say::{self, OTHER_SIDE, REPORTER};
use doorstep_tests::method::town::{LEAD, TELECOM, WORKER};

/// A consultation ended agreed.
pub(super) fn agreed() -> Phone {
    let mut phone = Phone::reported();
    phone.does(WORKER, say::open());
    phone.does(WORKER, say::agreed());
    phone
}

/// A draft is written.
pub(super) fn drafted() -> (Phone, Stamp) {
    let mut phone = agreed();
    let draft = phone.does(WORKER, say::draft());
    (phone, draft)
}

/// A sealed agreement is in force.
pub(super) fn acting() -> (Phone, Stamp) {
    let (mut phone, draft) = drafted();
    phone.does(WORKER, say::seal(draft, 1));
    (phone, draft)
}

/// Everything is done, nobody has been asked.
pub(super) fn done() -> Phone {
    let mut phone = done_but_for_completion();
    phone.does(LEAD, say::complete());
    phone
}

/// Everybody was asked and is satisfied.
pub(super) fn asked() -> Phone {
    let mut phone = done();
    phone.does(WORKER, say::feedback(REPORTER, Grade::Satisfied));
    phone.does(WORKER, say::feedback(OTHER_SIDE, Grade::Satisfied));
    phone
}

/// Closed.
pub(super) fn closed() -> Phone {
    let mut phone = asked();
    phone.does(LEAD, Command::Close);
    phone
}

/// All commitments kept, not yet completed.
pub(super) fn done_but_for_completion() -> Phone {
    let (mut phone, draft) = acting();
    phone.does(WORKER, say::fulfil(draft, 0));
    phone.does(WORKER, say::fulfil(draft, 1));
    phone
}

/// An agreement is in force in which the telecom bureau owes something to whoever reported.
pub(super) fn telecom_owes() -> (Phone, Stamp) {
    let mut phone = agreed();
    let parties = vec![say::unit("电信局", TELECOM), say::resident(REPORTER)];
    let deeds = vec![say::commitment("电信局", "修围墙")];
    let draft = phone.does(WORKER, say::draft_of(DisputeKind::Ordinary, parties, deeds));
    phone.does(WORKER, say::seal(draft, 1));
    (phone, draft)
}
