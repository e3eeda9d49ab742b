//! What goes wrong only when several things come together: chance alone brings them about too seldom for a fault in them to
//! be found in a few hundred months. The network is fair meanwhile; everything else is as the month has left it.

use std::sync::Arc;

use doorstep_core::case::{Command, TextName};
use doorstep_core::environment::Clock as _;
use doorstep_core::id::DocId;
use doorstep_core::time::DAY_MS;

use super::camera::several_pieces;
use super::plan::{Apart, Office};
use super::play::{Break, usual};
use super::town::Town;
use super::work::name;
use crate::network::Fault;
use crate::scenes;
use crate::seed::Seeded;
use crate::worker;

/// First of the characters that are typed here: beyond those that [`worker`] gives out.
const TOKEN: u32 = 0x3400;
/// Longer than an org sees what it gave back ([`super::cast`]), days.
const OUT_OF_SIGHT_DAYS: i64 = 4;
/// Requests of an upload after which it is cut off, at most.
const CUT_OFF_WITHIN: usize = 6;

impl Town {
    /// Does it, as far as the phones that are there can.
    pub(super) fn apart(&mut self, who: usize, apart: Apart, chance: &Seeded) -> Result<(), Break> {
        match apart {
            Apart::DraftAndSeal => self.draft_and_seal(who),
            Apart::HandedBack => self.handed_back(),
            Apart::RevokedAtOnce => self.revoked_at_once(who, chance),
            Apart::TypedTwice => self.typed_twice(who, chance),
            Apart::PhotoCutOff => self.photo_cut_off(who, chance),
        }
    }

    /// A sync that nothing befalls, with a server that is up.
    fn calm(&mut self, who: usize) -> Result<(), Break> {
        self.server.start();
        self.step_begins();
        self.hands[who].phone.network.clear();
        self.clock.pass(60_000);
        let sent = usual(self.sync(who, &[], None))?;
        self.hold(who, &sent)
    }

    fn does(&mut self, who: usize, case: DocId, command: &Command) -> Result<bool, Break> {
        let said = self.hands[who].phone.device().run(case, command);
        usual(self.said(who, &name(command), Some(case), &said))
    }

    /// The first phone of this person that still takes part.
    fn phone_of(&self, person: &str) -> Option<usize> {
        self.taking_part().find(|(_, hand)| hand.phone.person.as_str() == person).map(|(who, _)| who)
    }

    /// A case that this phone has just reported and the server has.
    fn fresh_case(&mut self, who: usize) -> Result<Option<DocId>, Break> {
        let words = worker::words(self.token());
        let said = self.hands[who].phone.device().report(scenes::reported(&words));
        let case = said.as_ref().ok().map(|case| case.id);
        usual(self.said(who, "Report", case, &said))?;
        if let Some(case) = case {
            self.yes(who, case, words);
        }
        self.calm(who)?;
        Ok(case)
    }

    fn draft_and_seal(&mut self, who: usize) -> Result<(), Break> {
        let Some(other) = self.taking_part().map(|(other, _)| other).find(|other| *other != who) else { return Ok(()) };
        if self.is_out(who) {
            return Ok(());
        }
        self.calm(who)?;
        let Some(case) = self.fresh_case(who)? else { return Ok(()) };
        let now = self.hands[who].phone.clock.now();
        let draft = scenes::draft(now.date().plus_days(7));
        for command in [scenes::sit_down(now), scenes::agreed(), draft.clone()] {
            if !self.does(who, case, &command)? {
                return Ok(());
            }
        }
        self.calm(who)?;
        self.calm(other)?;
        // Neither knows of what the other does now.
        self.does(other, case, &draft)?;
        self.clock.pass(60_000);
        usual(self.sign_and_seal(who, case))?;
        self.calm(other)?;
        self.calm(who)?;
        self.calm(other)
    }

    fn handed_back(&mut self) -> Result<(), Break> {
        let (Some(lead), Some(contact)) = (self.phone_of("lead-ncg"), self.phone_of("contact-telecom")) else { return Ok(()) };
        self.calm(lead)?;
        self.calm(contact)?;
        let Some(case) = self.fresh_case(lead)? else { return Ok(()) };
        self.does(lead, case, &scenes::transfer())?;
        self.calm(lead)?;
        self.calm(contact)?;
        self.does(contact, case, &Command::AcceptHandover)?;
        self.clock.pass(60_000);
        self.does(contact, case, &Command::ReturnHandover { why: "不属本单位".into() })?;
        self.calm(contact)?;
        self.calm(lead)?;
        self.clock.pass(OUT_OF_SIGHT_DAYS * DAY_MS);
        self.time_passes();
        self.calm(contact)
    }

    fn revoked_at_once(&mut self, who: usize, chance: &Seeded) -> Result<(), Break> {
        // A sub-district without anybody has nothing left to go wrong.
        if self.taking_part().count() < 3 || self.is_out(who) {
            return Ok(());
        }
        self.calm(who)?;
        if chance.percent(50) {
            usual(self.attach(who, chance))?;
        }
        if chance.percent(50) {
            // Something to send: then the first word it hears is that of a push.
            usual(self.report(who, chance))?;
        }
        self.office(who, Office::Revoke);
        self.calm(who)
    }

    fn photo_cut_off(&mut self, who: usize, chance: &Seeded) -> Result<(), Break> {
        if self.is_out(who) {
            return Ok(());
        }
        self.calm(who)?;
        let Some(case) = self.fresh_case(who)? else { return Ok(()) };
        usual(self.attach_to(who, case, Arc::new(several_pieces(chance))))?;
        self.calm(who)?;
        // Other photos may go before it: anywhere in the first few requests.
        let mut faults = vec![Fault::None; chance.below(CUT_OFF_WITHIN)];
        faults.push(*chance.pick(&[Fault::PhoneDiesBefore, Fault::PhoneDiesAfter, Fault::Lost, Fault::AnswerLost]));
        self.step_begins();
        let sent = usual(self.carry(who, &faults, false))?;
        self.hold(who, &sent)
    }

    fn typed_twice(&mut self, who: usize, chance: &Seeded) -> Result<(), Break> {
        if self.is_out(who) {
            return Ok(());
        }
        self.calm(who)?;
        let Some(case) = self.fresh_case(who)? else { return Ok(()) };
        self.back_up(who);
        self.types(who, case)?;
        self.calm(who)?;
        self.restore(who, true, chance);
        self.tally.fault("phone put back, same installation");
        self.types(who, case)?;
        self.calm(who)?;
        self.calm(who)
    }

    /// A character at the end of the account.
    fn types(&mut self, who: usize, case: DocId) -> Result<(), Break> {
        let character = char::from_u32(TOKEN + self.token()).expect("a character").to_string();
        let Ok(text) = self.hands[who].phone.device().text(case, TextName::Account) else { return Ok(()) };
        if self.does(who, case, &Command::EditText { text: TextName::Account, now: format!("{text}{character}") })? {
            self.yes(who, case, character);
        }
        Ok(())
    }
}
