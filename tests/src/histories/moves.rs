//! How histories begin, and what people might do next on a case, by those who may.

use doorstep_core::case::{CaseState, Channel, Command, DisputeKind, Event, Grade, Reported, Stage, Standing};

use crate::method::say::{self, OTHER_SIDE, REPORTER};
use crate::method::{Phone, town};

/// A command that depends on what the phone shows, and who says it.
pub(super) type Word = (&'static str, fn(&Phone) -> Command);

fn draft(phone: &Phone) -> doorstep_core::time::Stamp {
    phone.state().drafts.last().map(|draft| draft.written.stamp).expect("something was drafted")
}

/// The straight way from a report to the end.
const STRAIGHT: [Word; 11] = [
    (town::WORKER, |_| say::report()),
    (town::WORKER, |_| say::open()),
    (town::WORKER, |_| say::agreed()),
    (town::WORKER, |_| say::draft()),
    (town::WORKER, |phone| say::seal(draft(phone), 1)),
    (town::WORKER, |phone| say::fulfil(draft(phone), 0)),
    (town::WORKER, |phone| say::fulfil(draft(phone), 1)),
    (town::LEAD, |_| say::complete()),
    (town::WORKER, |_| say::feedback(REPORTER, Grade::Satisfied)),
    (town::WORKER, |_| say::feedback(OTHER_SIDE, Grade::Satisfied)),
    (town::LEAD, |_| Command::Close),
];

/// A way on which a unit owes something.
const WITH_A_UNIT: [Word; 7] = [
    (town::WORKER, |_| say::report()),
    (town::WORKER, |_| say::open()),
    (town::WORKER, |_| say::agreed()),
    (town::WORKER, |_| {
        let parties = vec![say::unit("电信局", town::TELECOM), say::resident(REPORTER)];
        say::draft_of(DisputeKind::Ordinary, parties, vec![say::commitment("电信局", "修围墙")])
    }),
    (town::WORKER, |phone| say::seal(draft(phone), 1)),
    (town::TELECOM_CONTACT, |phone| say::fulfil(draft(phone), 0)),
    (town::LEAD, |_| say::complete()),
];

/// A way that leads over the committee.
const OVER_THE_COMMITTEE: [Word; 8] = [
    (town::WORKER, |_| say::report()),
    (town::WORKER, |_| say::open()),
    (town::WORKER, |_| say::not_agreed()),
    (town::LEAD, |_| say::raise(town::COMMITTEE)),
    (town::COORDINATOR, |_| Command::AcceptHandover),
    (town::COORDINATOR, |_| say::convene()),
    (town::COORDINATOR, |_| say::open()),
    (town::COORDINATOR, |_| say::agreed()),
];

/// A way on which what a unit settled satisfied nobody.
const TO_A_SECOND_ROUND: [Word; 14] = [
    (town::WORKER, |_| say::report()),
    (town::LEAD, |_| say::transfer(town::TELECOM)),
    (town::TELECOM_CONTACT, |_| Command::AcceptHandover),
    (town::TELECOM_CONTACT, |_| say::settle()),
    (town::WORKER, |_| say::feedback(REPORTER, Grade::Dissatisfied)),
    (town::WORKER, |_| say::open()),
    (town::WORKER, |_| say::adjourned()),
    (town::WORKER, |_| say::open()),
    (town::WORKER, |_| say::agreed()),
    (town::WORKER, |_| say::draft()),
    (town::WORKER, |phone| say::seal(draft(phone), 1)),
    (town::WORKER, |phone| say::fulfil(draft(phone), 0)),
    (town::WORKER, |phone| say::fulfil(draft(phone), 1)),
    (town::LEAD, |_| say::complete()),
];

/// How a history begins: the first steps of one of the ways, a report at least.
pub(super) fn beginning((way_number, steps): (usize, usize)) -> impl Iterator<Item = Word> {
    let way: &[Word] = match way_number % 8 {
        0..4 => &STRAIGHT,
        4 => &WITH_A_UNIT,
        5 | 6 => &OVER_THE_COMMITTEE,
        _ => &TO_A_SECOND_ROUND,
    };
    let calls: Word = (town::WORKER, |_| by_phone());
    let first = if (way_number / 8).is_multiple_of(2) { way[0] } else { calls };
    std::iter::once(first).chain(way.iter().skip(1).take(steps % way.len()).copied())
}

/// What two phones do that cannot both be, after a common beginning: the first one's part, and the second one's a day later.
pub(super) struct Quarrel {
    /// What both know.
    pub(super) both: &'static [Word],
    /// What one does.
    pub(super) one: &'static [Word],
    /// What the other does, later.
    pub(super) other: &'static [Word],
}

const SEALS: [Word; 1] = [(town::COLLEAGUE, |phone| say::seal(draft(phone), 2))];
const RAISES: [Word; 2] = [(town::LEAD, |_| say::raise(town::OFFICE)), (town::CLERK, |_| Command::AcceptHandover)];
const TRANSFERS: [Word; 2] =
    [(town::DEPUTY, |_| say::transfer(town::TELECOM)), (town::TELECOM_CONTACT, |_| Command::AcceptHandover)];
const TO_THE_COMMITTEE: [Word; 2] =
    [(town::DEPUTY, |_| say::raise(town::COMMITTEE)), (town::COORDINATOR, |_| Command::AcceptHandover)];
const SETTLES: [Word; 5] = [
    (town::DEPUTY, |_| say::transfer(town::TELECOM)),
    (town::TELECOM_CONTACT, |_| Command::AcceptHandover),
    (town::TELECOM_CONTACT, |_| say::settle()),
    (town::WORKER, |_| say::feedback(REPORTER, Grade::Satisfied)),
    (town::LEAD, |_| Command::Close),
];
const MERGES: [Word; 1] = [(town::LEAD, |_| Command::MarkDuplicate { of: doorstep_core::id::DocId::from_bytes([1; 16]) })];
const WITHDRAWS: [Word; 1] = [(town::LEAD, |_| say::withdraw())];
const WAIVES: [Word; 1] = [(town::WORKER, |phone| say::waive(draft(phone), 0, REPORTER))];
const FINDS_BROKEN: [Word; 1] = [(town::LEAD, |phone| say::default(draft(phone), 0))];

/// Quarrels that chance alone rarely finds.
const QUARRELS: [(usize, &[Word], &[Word]); 9] = [
    (4, &RAISES, &SEALS),
    (4, &TRANSFERS, &SEALS),
    (4, &SETTLES, &SEALS),
    (4, &MERGES, &SEALS),
    (4, &WITHDRAWS, &SEALS),
    (5, &WAIVES, &FINDS_BROKEN),
    (2, &RAISES, &TO_THE_COMMITTEE),
    (1, &TRANSFERS, &RAISES),
    (3, &RAISES, &TRANSFERS),
];

/// The quarrel of this number.
pub(super) fn quarrel(number: usize) -> Quarrel {
    let (steps, one, other) = QUARRELS[number % QUARRELS.len()];
    Quarrel { both: &STRAIGHT[..steps], one, other }
}

/// The same concern over the hotline: somebody is to be called back.
fn by_phone() -> Command {
    match say::report() {
        Command::Report { report } => Command::Report { report: Reported { channel: Channel::Hotline, ..report } },
        other => other,
    }
}

/// The number of the event of this name; the command of the same number leads to it.
fn number(kind: &str) -> usize {
    Event::KINDS.iter().position(|known| *known == kind).expect("a kind of event")
}

const LOCALS: [&str; 3] = [town::WORKER, town::COLLEAGUE, town::LEAD];
const LEADS: [&str; 2] = [town::LEAD, town::DEPUTY];

/// What people might do next on a case in this state, by those who may: person and number of the command. What stands there
/// more often is done more often.
pub(super) fn next_moves(state: &CaseState) -> Vec<(&'static str, usize)> {
    let mut next = Vec::new();
    let mut add = |who: &[&'static str], kinds: &[&str]| {
        next.extend(who.iter().flat_map(|person| kinds.iter().map(|kind| (*person, number(kind)))));
    };
    for handover in state.handovers.iter().filter(|handover| handover.is_active()) {
        let receiver = town::RECEIVERS.iter().find(|(org, _)| *org == handover.to.as_str()).map_or(town::CLERK, |r| r.1);
        let accepts = ["handover_accepted"; 3];
        add(&[receiver], &accepts);
        add(&[receiver], &["handover_returned", "handover_settled", "departments_convened"]);
        add(&[receiver], &["consultation_opened", "consultation_concluded", "agreement_drafted", "agreement_sealed"]);
        add(&[receiver], &["agreement_oral", "completed"]);
        add(&LEADS, &["handover_recalled"]);
    }
    if state.standings.values().any(|standing| matches!(standing, Standing::Contested { .. })) {
        add(&LEADS, &["contest_settled"; 6]);
    }
    let found =
        ["commitment_fulfilled", "commitment_fulfilled", "commitment_defaulted", "commitment_waived", "commitment_extended"];
    match state.own_stage {
        Stage::Unreported => {}
        Stage::Received | Stage::Reopened => add(&LOCALS, &["consultation_opened"; 4]),
        Stage::Consulting => {
            add(&LOCALS, &["consultation_concluded", "consultation_concluded", "consultation_opened"]);
        }
        Stage::Agreed => {
            add(&LOCALS, &["agreement_drafted", "agreement_drafted", "consultation_opened"]);
            add(&LOCALS, &["agreement_sealed", "agreement_sealed", "agreement_sealed", "agreement_oral"]);
            add(&LOCALS, &["attached", "agreement_on_paper"]);
        }
        Stage::Acting => {
            add(&LOCALS, &found);
            add(&LEADS, &["completed", "completed", "agreement_stamped", "agreement_confirmed"]);
        }
        Stage::Done => {
            add(&LOCALS, &["effect_checked", "feedback_given", "feedback_given", "feedback_tried"]);
            add(&LEADS, &["closed", "closed", "agreement_stamped", "agreement_confirmed"]);
        }
        _ => add(&LOCALS, &["noted", "feedback_given"]),
    }
    if !state.own_stage.is_end() && state.report.is_some() {
        add(&[town::LEAD], &["raised", "transferred", "assigned"]);
        add(&[town::DEPUTY], &["raised", "transferred"]);
        // Taken back too often, no case would get anywhere.
        if state.round > 1 {
            add(&LEADS, &["withdrawn"]);
        }
    }
    next
}
