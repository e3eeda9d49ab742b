//! From wherever a history left a case, people of good will can bring it to its end.

use doorstep_core::case::{Command, Grade, HandoverStatus, Outcome, Stage, Standing};

use super::play::Played;
use crate::method::{Phone, say, town};

/// Far more steps than any case needs.
const STEPS_MAX: usize = 200;

pub(super) fn people_of_good_will_can_end_it(played: &Played) -> Result<(), String> {
    let mut phone = played.everything.clone();
    if phone.log().is_empty() {
        return Ok(());
    }
    for _ in 0..STEPS_MAX {
        let Some((person, command)) = next_of_good_will(&phone) else { return Ok(()) };
        if let Err(refusal) = phone.run(person, &command) {
            return Err(format!("{person} cannot {command:?}: {refusal:?} in {:#?}", phone.state()));
        }
        // What was tried must also be tried in good order: a day between.
        phone.wait_days(1);
    }
    Err(format!("no end in sight: {:#?}", phone.state()))
}

/// What comes next on the way to the end, and who does it; nothing once it is reached.
fn next_of_good_will(phone: &Phone) -> Option<(&'static str, Command)> {
    let state = phone.state();
    let contested = state.standings.iter().find_map(|(stamp, standing)| match standing {
        Standing::Contested { with } => Some((*stamp, with.clone())),
        _ => None,
    });
    if let Some((holds, over)) = contested {
        return Some((town::LEAD, Command::SettleContest { holds, over, why: "已核实".into() }));
    }
    if state.stage().is_end() {
        return None;
    }
    if let Some(handover) = state.handover() {
        let receiver = town::RECEIVERS.iter().find(|(org, _)| *org == handover.to.as_str()).unwrap().1;
        let accepted = matches!(handover.status, HandoverStatus::Accepted(_));
        return Some((receiver, if accepted { say::send_back() } else { Command::AcceptHandover }));
    }
    Some(match state.own_stage {
        Stage::Received | Stage::Reopened => (town::WORKER, say::open()),
        Stage::Consulting if state.open_consultation().is_none() => (town::WORKER, say::open()),
        Stage::Consulting => {
            let elements = say::elements();
            (town::WORKER, Command::ConcludeConsultation { outcome: Outcome::Agreed, elements })
        }
        Stage::Agreed if state.draft().is_none() => (town::WORKER, say::draft()),
        Stage::Agreed => (town::WORKER, say::oral()),
        Stage::Acting => {
            let open = state.commitments().find(|commitment| !commitment.is_settled());
            match open {
                Some(open) => (town::LEAD, say::fulfil(open.id.draft, open.id.index)),
                None => (town::LEAD, say::complete()),
            }
        }
        _ => {
            let said = state.last_words(state.round);
            let parties = state.parties_to_ask().into_iter().map(String::from);
            // Whoever was dissatisfied before it was done is asked again.
            let dissatisfied = said.iter().filter(|(_, grade)| grade.is_dissatisfied()).map(|(party, _)| (*party).to_owned());
            let unasked = dissatisfied.chain(parties.filter(|party| !said.contains_key(party.as_str()))).next();
            match unasked {
                Some(party) => (town::WORKER, say::feedback(&party, Grade::Satisfied)),
                None => (town::LEAD, Command::Close),
            }
        }
    })
}
