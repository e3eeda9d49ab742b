//! People at work, by chance: what they may do next with a case, and a ledger of everything their phones said yes to.

use std::collections::BTreeSet;

use doorstep_core::case::{Asked, Command, CommitmentRef, Elements, Form, Grade, Ground, Outcome, Standing, TextName};
use doorstep_core::environment::Clock as _;
use doorstep_core::id::DocId;
use doorstep_core::time::Stamp;
use doorstep_core::view::CaseView;

use crate::phone::Phone;
use crate::scenes::{self, PARTIES};
use crate::seed::Seeded;

/// First of the characters that stand in texts as tokens, each once: one character can't be torn apart by whoever
/// types beside it. From here on come characters that no usual word has.
const TOKEN: u32 = 0x3400;

/// What somebody tries before they put the phone away: most of what is tried by chance is refused.
const TRIES: usize = 4;

/// What phones said yes to: it must be found again, or be set aside with a reason.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Entries, by their stamps.
    pub entries: BTreeSet<Stamp>,
    /// Characters typed into texts.
    pub typed: Vec<(TextName, char)>,
    /// Words that stand in accepted commands, each once.
    pub words: Vec<String>,
    /// Commands that a phone refused: nothing of them may be anywhere.
    pub refused: usize,
    tokens: u32,
}

impl Ledger {
    /// Something random on this phone's copy of the case, if it has one.
    pub fn work(&mut self, phone: &Phone, case: DocId, chance: &Seeded) {
        for _ in 0..TRIES {
            if self.once(phone, case, chance) {
                return;
            }
        }
    }

    /// Whether there is nothing more to try.
    fn once(&mut self, phone: &Phone, case: DocId, chance: &Seeded) -> bool {
        let Ok(before) = phone.device().case(case) else { return true };
        self.tokens += 1;
        let (command, typed) = something(phone, case, &before, self.tokens, chance);
        match phone.device().run(case, &command) {
            Ok(after) => {
                let stamps = |view: &CaseView| view.history.iter().map(|line| line.stamp).collect::<BTreeSet<_>>();
                self.entries.extend(&stamps(&after) - &stamps(&before));
                self.typed.extend(typed);
                let words = words(self.tokens);
                self.words.extend(format!("{command:?}").contains(&words).then_some(words));
                true
            }
            Err(refused) => {
                assert!(matches!(refused, doorstep_core::device::DeviceError::Refused(_)), "{refused:?} to {command:?}");
                assert_eq!(phone.device().case(case).unwrap(), before, "a refused command leaves nothing");
                self.refused += 1;
                false
            }
        }
    }

    /// Fails unless everything is in this phone's case, or among the commands that one of these phones shows as set aside.
    pub fn check_or_aside(&self, phone: &mut Phone, case: DocId, aside: &[Vec<u8>]) {
        let shown = |words: &str| aside.iter().any(|command| command.windows(words.len()).any(|at| at == words.as_bytes()));
        let document = phone.document(case);
        let log = format!("{:?}", document.log::<doorstep_core::case::Event>().entries);
        for words in &self.words {
            assert!(log.contains(words) || shown(words), "{words} is nowhere");
        }
        for (text, token) in &self.typed {
            assert!(document.text(*text).contains(*token) || shown(&token.to_string()), "{token} is nowhere");
        }
    }

    /// Fails unless the phone has everything.
    pub fn check(&self, phone: &mut Phone, case: DocId) {
        let document = phone.document(case);
        let log = document.log::<doorstep_core::case::Event>();
        let there: BTreeSet<Stamp> = log.entries.iter().map(|entry| entry.stamp).collect();
        let lost: Vec<_> = self.entries.difference(&there).collect();
        assert!(lost.is_empty(), "{} lost entries {lost:?}", phone.person);
        assert_eq!(log.unreadable, [], "{}", phone.person);
        for (text, token) in &self.typed {
            assert_eq!(document.text(*text).matches(*token).count(), 1, "{} of {text:?} on {}", token, phone.person);
        }
    }
}

/// Words that only this token's command says.
pub(crate) fn words(token: u32) -> String {
    format!("第{token}句")
}

/// A command that somebody may try on this case; of typed text also the character that was typed.
pub(crate) fn something(
    phone: &Phone,
    case: DocId,
    view: &CaseView,
    token: u32,
    chance: &Seeded,
) -> (Command, Option<(TextName, char)>) {
    let today = phone.clock.now().date();
    let party = || (*chance.pick(&PARTIES)).to_owned();
    let words = words(token);
    let commitment = || CommitmentRef {
        draft: view.draft.unwrap_or(Stamp { time: doorstep_core::time::Hlc(1), node: 1 }),
        index: u32::try_from(chance.below(view.commitments.len().max(1))).unwrap_or_default(),
    };
    let command = match chance.below(40) {
        0..=3 => scenes::note(&words),
        4..=9 => {
            let text = *chance.pick(&TextName::ALL);
            let mut now: Vec<char> = phone.device().text(case, text).expect("a text").chars().collect();
            let token = char::from_u32(TOKEN + token).expect("a character");
            now.insert(chance.below(now.len() + 1), token);
            return (Command::EditText { text, now: now.into_iter().collect() }, Some((text, token)));
        }
        10..=12 => scenes::sit_down(phone.clock.now()),
        13 => Command::OpenConsultation { form: Form::AtHome, elements: Elements { what: words, ..Elements::default() } },
        14..=16 => scenes::agreed(),
        17 => Command::ConcludeConsultation { outcome: Outcome::NotAgreed { reason: words }, elements: Elements::default() },
        18 => Command::ConcludeConsultation {
            outcome: Outcome::Adjourned { until: today.plus_days(3) },
            elements: scenes::elements(phone.clock.now()),
        },
        19..=20 => scenes::draft(today.plus_days(7)),
        21..=22 => Command::RecordOralAgreement { witness: words },
        23..=24 => Command::FulfilCommitment { commitment: commitment(), seen: words },
        25 => Command::ExtendCommitment { commitment: commitment(), why: words, until: today.plus_days(30) },
        26 => Command::DefaultCommitment { commitment: commitment(), why: words },
        27 => Command::WaiveCommitment { commitment: commitment(), by: party(), why: words },
        28..=29 => Command::Complete { words },
        30 => Command::CheckEffect { seen: words },
        31..=32 => {
            let grade = *chance.pick(&[Grade::Satisfied, Grade::VerySatisfied, Grade::Fair, Grade::Dissatisfied]);
            Command::RecordFeedback { party: party(), grade, words, asked: Asked::ByPhone }
        }
        33 => Command::RecordFeedbackTry { party: party(), asked: Asked::InPerson },
        34 => chance.pick(&[Command::Close, Command::AcceptHandover]).clone(),
        35 => Command::Raise {
            to: "office-affairs".parse().expect("an org"),
            ground: chance.pick(&[Ground::NoAgreement, Ground::BeyondPowers]).clone(),
            reason: words.clone(),
            tried: words,
        },
        36 => scenes::transfer(),
        37 => match chance.below(3) {
            0 => Command::AcceptHandover,
            1 => Command::ReturnHandover { why: words },
            _ => Command::SettleHandover { result: words },
        },
        38 => match chance.below(12) {
            0 => Command::Withdraw { why: words },
            1 => Command::MarkDuplicate { of: DocId::from_bytes([9; 16]) },
            2..=6 => Command::RecallHandover { why: words },
            _ => Command::Assign { to: "w-ncg-1".parse().expect("a person") },
        },
        _ => match view.history.iter().find_map(|line| match &line.standing {
            Standing::Contested { with } => Some((line.stamp, with.clone())),
            _ => None,
        }) {
            Some((holds, over)) => Command::SettleContest { holds, over, why: words },
            None => scenes::note(&words),
        },
    };
    (command, None)
}
