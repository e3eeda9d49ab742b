//! People at work by chance, on a phone that may be in the middle of any mishap.

use doorstep_core::case::{Command, TextName};
use doorstep_core::device::{DeviceError, Terms};
use doorstep_core::environment::Clock as _;
use doorstep_core::household;
use doorstep_core::id::{DocId, DocKind};
use doorstep_core::people::Place;
use doorstep_core::store::Query;
use doorstep_core::visit::{Door, Visited};

use super::town::{Token, Town};
use crate::scenes;
use crate::seed::Seeded;
use crate::worker;

/// Tries of one piece of work before the phone is put away: most of what is tried by chance is refused.
const TRIES: usize = 4;
/// How often of a hundred tries somebody hands a case over, accepts it or gives it back, where they may.
const HANDED_PERCENT: u64 = 20;
/// Rows of a list that somebody chooses from.
const ROWS: usize = 12;

/// What the rules, or a full disk, may say; anything else is a fault of the phone.
fn is_usual(error: &DeviceError) -> bool {
    matches!(
        error,
        DeviceError::Refused(_)
            | DeviceError::Freeze(_)
            | DeviceError::Ceremony(_)
            | DeviceError::NoCeremony
            | DeviceError::Outdated
            | DeviceError::NotFound
            | DeviceError::LeaseOver
            | DeviceError::Revoked
    ) || error.code() == "store_full"
}

pub(super) fn name(command: &impl std::fmt::Debug) -> String {
    let text = format!("{command:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

impl Town {
    /// A fresh token.
    pub(super) fn token(&mut self) -> u32 {
        self.given += 1;
        self.given
    }

    /// The phone said yes or no.
    pub(super) fn said<T>(
        &mut self,
        who: usize,
        what: &str,
        doc: Option<DocId>,
        said: &Result<T, DeviceError>,
    ) -> Result<bool, String> {
        let place = doc.map_or_else(String::new, |doc| format!(" {}", &doc.to_string()[..6]));
        match said {
            Ok(_) => {
                self.tally.command(what.to_owned());
                self.story.tell(format!("    {} {what}{place}", self.hands[who].name));
                Ok(true)
            }
            Err(error) if is_usual(error) => {
                self.tally.refusal(error.code());
                if error.code() == "store_full" {
                    self.tally.fault("phone's disk full in a tap");
                }
                self.story.tell(format!("    {} {what}{place}: {}", self.hands[who].name, error.code()));
                Ok(false)
            }
            Err(error) => Err(format!("{} answers {what} with {} ({error})", self.hands[who].name, error.code())),
        }
    }

    pub(super) fn yes(&mut self, who: usize, doc: DocId, text: String) {
        self.tokens.push(Token { text, doc, by: who, excused: false });
    }

    /// A document of this kind that is on the phone.
    pub(super) fn one_of(&self, who: usize, kind: DocKind, chance: &Seeded) -> Option<DocId> {
        let rows = self.hands[who].phone.device().rows(&Query::first(kind, ROWS)).ok()?;
        if rows.is_empty() { None } else { Some(chance.pick(&rows).doc) }
    }

    /// Where this person works, or would.
    fn place(&self, who: usize, chance: &Seeded) -> Place {
        let (community, grid) = match self.hands[who].phone.person.as_str() {
            "w-ncg-2" => ("nanchenggen", "ncg-2"),
            "w-lg-1" => ("ligong", "lg-1"),
            "lead-ncg" => *chance.pick(&super::cast::GRIDS[..2]),
            _ => ("nanchenggen", "ncg-1"),
        };
        let building = (grid == "ncg-1").then(|| "ncg-1-a".parse().expect("a building"));
        let detail = format!("{}号", 1 + chance.below(9));
        Place { building, detail, ..scenes::place_in(community, grid) }
    }

    /// Somebody reports a case.
    pub fn report(&mut self, who: usize, chance: &Seeded) -> Result<(), String> {
        let words = worker::words(self.token());
        let report = doorstep_core::case::Reported { place: self.place(who, chance), ..scenes::reported(&words) };
        let said = self.hands[who].phone.device().report(report);
        if self.said(who, "Report", said.as_ref().ok().map(|case| case.id), &said)?
            && let Ok(case) = said
        {
            self.yes(who, case.id, words);
        }
        Ok(())
    }

    /// Somebody works on cases: so many pieces of work.
    pub fn work(&mut self, who: usize, pieces: usize, chance: &Seeded) -> Result<(), String> {
        for _ in 0..pieces {
            let Some(case) = self.one_of(who, DocKind::Case, chance) else { return Ok(()) };
            for _ in 0..TRIES {
                if self.once(who, case, chance)? {
                    break;
                }
            }
            self.clock.pass(60_000);
        }
        Ok(())
    }

    fn once(&mut self, who: usize, case: DocId, chance: &Seeded) -> Result<bool, String> {
        let before = match self.hands[who].phone.device().case(case) {
            Ok(before) => before,
            Err(error) if is_usual(&error) => return Ok(true),
            Err(error) => return Err(format!("{} cannot open {case}: {} ({error})", self.hands[who].name, error.code())),
        };
        let token = self.token();
        let (command, typed) = match self.handing_over(who, case, token, chance) {
            Some(command) => (command, None),
            None => worker::something(&self.hands[who].phone, case, &before, token, chance),
        };
        let said = self.hands[who].phone.device().run(case, &command);
        if !self.said(who, &name(&command), Some(case), &said)? {
            return Ok(false);
        }
        let words = worker::words(token);
        if let Some((_, character)) = typed {
            self.yes(who, case, character.to_string());
        } else if format!("{command:?}").contains(&words) {
            self.yes(who, case, words);
        }
        Ok(true)
    }

    /// Cases that are handed to and fro are where scopes move: now and then people do that, where they may.
    fn handing_over(&self, who: usize, case: DocId, token: u32, chance: &Seeded) -> Option<Command> {
        if !chance.percent(HANDED_PERCENT) {
            return None;
        }
        let words = worker::words(token);
        let ways = [
            Command::AcceptHandover,
            Command::ReturnHandover { why: words.clone() },
            Command::SettleHandover { result: words.clone() },
            Command::RecallHandover { why: words },
            scenes::transfer(),
        ];
        let first = chance.below(ways.len());
        let turned = ways.iter().cycle().skip(first).take(ways.len());
        let device = self.hands[who].phone.device();
        turned.into_iter().find(|command| device.would(case, command).is_ok()).cloned()
    }

    /// Somebody goes from door to door: visits, and what is known of who lives there.
    pub fn doors(&mut self, who: usize, chance: &Seeded) -> Result<(), String> {
        let words = worker::words(self.token());
        let home = self.one_of(who, DocKind::Household, chance);
        match (chance.below(6), home) {
            (0 | 1, _) => {
                let visited = Visited {
                    place: self.place(who, chance),
                    door: *chance.pick(&Door::ALL),
                    planned: false,
                    seen: words.clone(),
                    asked: String::new(),
                    household: None,
                };
                let said = self.hands[who].phone.device().record_visit(visited);
                if self.said(who, "RecordVisit", said.as_ref().ok().map(|visit| visit.id), &said)?
                    && let Ok(visit) = said
                {
                    self.yes(who, visit.id, words);
                }
            }
            (2, _) => {
                let Some(visit) = self.one_of(who, DocKind::Visit, chance) else { return Ok(()) };
                let report = doorstep_core::case::Reported { place: self.place(who, chance), ..scenes::reported(&words) };
                let said = self.hands[who].phone.device().report_from_visit(visit, report);
                if self.said(who, "ReportFromVisit", said.as_ref().ok().map(|case| case.id), &said)?
                    && let Ok(case) = said
                {
                    self.yes(who, case.id, words);
                }
            }
            (_, None) | (3, _) => {
                let said = self.hands[who].phone.device().register_household(self.place(who, chance));
                self.said(who, "Register", said.as_ref().ok().map(|home| home.id), &said)?;
            }
            (_, Some(home)) => {
                let resident = household::ResidentRecorded {
                    resident: self.hands[who].phone.device().new_resident(),
                    name: words.clone(),
                    phone: String::new(),
                    born: None,
                    relation: String::new(),
                    tags: Vec::new(),
                    from: None,
                    back: None,
                };
                let command = if chance.percent(50) {
                    household::Command::Note { text: words.clone() }
                } else {
                    household::Command::RecordResident { resident }
                };
                let said = self.hands[who].phone.device().run_household(home, &command);
                if self.said(who, &name(&command), Some(home), &said)? {
                    self.yes(who, home, words);
                }
            }
        }
        Ok(())
    }

    /// Somebody brings a case to its signed agreement, as far as it goes.
    pub fn seal(&mut self, who: usize, chance: &Seeded) -> Result<(), String> {
        let Some(case) = self.one_of(who, DocKind::Case, chance) else { return Ok(()) };
        let now = self.hands[who].phone.clock.now();
        let way: [Command; 3] = [scenes::sit_down(now), scenes::agreed(), scenes::draft(now.date().plus_days(7))];
        for command in way {
            let said = self.hands[who].phone.device().run(case, &command);
            self.said(who, &name(&command), Some(case), &said)?;
        }
        self.sign_and_seal(who, case)
    }

    /// The case's draft is frozen and signed by everybody.
    pub fn sign_and_seal(&mut self, who: usize, case: DocId) -> Result<(), String> {
        let phone = &self.hands[who].phone;
        let frozen = phone.device().freeze(case, Terms::default());
        if !self.said(who, "Freeze", Some(case), &frozen)? {
            return Ok(());
        }
        for signing in scenes::hands(&self.hands[who].phone) {
            let signed = self.hands[who].phone.device().sign(case, signing, false);
            self.said(who, "Sign", Some(case), &signed)?;
        }
        let sealed = self.hands[who].phone.device().seal(case);
        if self.said(who, "Seal", Some(case), &sealed)?
            && let Ok(sealed) = sealed
        {
            self.sealed.insert(sealed.bundle, (case, sealed.bytes));
        }
        Ok(())
    }

    /// The text everybody types in, for tests that want to see it.
    pub fn text(&self, who: usize, case: DocId, text: TextName) -> Option<String> {
        self.hands[who].phone.device().text(case, text).ok()
    }
}
