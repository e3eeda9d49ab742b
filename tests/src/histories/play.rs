//! A plan is played: phones that hold what they have heard of, and nothing else.

use std::collections::BTreeMap;

use doorstep_core::case::{
    self, Body, CaseState, Command, CommitmentDefaulted, CommitmentExtended, CommitmentFulfilled, CommitmentWaived, Decision,
    Entry, Event, MergedInto, Refusal, Withdrawn,
};
use doorstep_core::time::{DAY_MS, Hlc, Stamp};

use super::dice::{Dice, any_command};
use super::moves::{self, next_moves};
use super::plan::{Carrier, Plan, Step};
use crate::method::{Phone, town};

/// How often somebody who wants to get on with a case tries.
const TRIES: usize = 4;
/// Stamps of the beginning, which everybody knows, carry this number.
const FIRST_NODE: u64 = 1;

/// How many entries of each installation somebody knows: what a phone has heard of is closed under what its authors knew.
type Known = BTreeMap<u64, usize>;

/// A phone in somebody's hands.
#[derive(Clone)]
struct Carried {
    phone: Phone,
    owner: Option<&'static str>,
    first_release: bool,
    knows: Known,
}

/// One replica of the case at the end of a history.
#[derive(Debug, Clone)]
pub struct View {
    /// Whose.
    pub whose: String,
    /// What it holds, in order.
    pub log: Vec<Entry>,
    /// The case as it sees it.
    pub state: CaseState,
}

/// A history that was played.
pub struct Played {
    /// What happened, line by line.
    pub story: Vec<String>,
    /// What each phone knows, and at last what all of them know together.
    pub views: Vec<View>,
    /// A phone that has heard everything.
    pub everything: Phone,
    /// The phones, in the plan's order.
    pub phones: Vec<Phone>,
    /// How many commands were refused.
    pub refused: usize,
    /// What was done although it was not offered to whoever did it.
    pub not_offered: Vec<String>,
    /// For what the checks leave to chance.
    pub seed: u64,
}

#[derive(Default)]
struct Play {
    carried: Vec<Carried>,
    /// What the author of each entry knew when they wrote it.
    pasts: BTreeMap<Stamp, Known>,
    story: Vec<String>,
    refused: usize,
    not_offered: Vec<String>,
}

/// Plays it.
pub fn play(plan: &Plan) -> Played {
    let mut play = Play::default();
    play.begin(plan);
    for step in &plan.steps {
        play.step(step);
    }
    let phones: Vec<Phone> = play.carried.iter().map(|carried| carried.phone.clone()).collect();
    let mut everything = Phone::empty(99);
    for phone in &phones {
        everything.hear(phone);
    }
    let name = |number: usize| format!("phone {number}");
    let mut views: Vec<View> = phones.iter().enumerate().map(|(number, phone)| view(name(number), phone)).collect();
    views.push(view("everybody".into(), &everything));
    let Play { story, refused, not_offered, .. } = play;
    Played { story, views, everything, phones, refused, not_offered, seed: plan.seed }
}

fn view(whose: String, phone: &Phone) -> View {
    View { whose, log: phone.log().to_vec(), state: phone.state() }
}

impl Play {
    /// What everybody knows when they part.
    fn begin(&mut self, plan: &Plan) {
        let first = Carrier { owner: None, days_off: 0, first_release: false, empty: true };
        self.carried.push(carried(&first, FIRST_NODE));
        let quarrel = plan.quarrel.map(moves::quarrel);
        match &quarrel {
            Some(quarrel) => quarrel.both.iter().for_each(|word| self.says(0, *word)),
            None => moves::beginning(plan.beginning).for_each(|word| self.says(0, word)),
        }
        let first = self.carried.remove(0);
        for (number, carrier) in (10..).zip(&plan.phones) {
            let mut carried = carried(carrier, number);
            if !carrier.empty {
                carried.phone.receive(first.phone.log());
                carried.knows.clone_from(&first.knows);
            }
            self.carried.push(carried);
        }
        let Some(quarrel) = quarrel.filter(|_| self.carried.len() > 1) else { return };
        quarrel.one.iter().for_each(|word| self.says(0, *word));
        // The second later than the first by the clock too, so that it comes later in the order.
        let later = self.carried[0].phone.clock.plus_ms(DAY_MS);
        self.carried[1].phone.clock = self.carried[1].phone.clock.max(later);
        quarrel.other.iter().for_each(|word| self.says(1, *word));
    }

    /// Somebody says a word of a way that people can go; a phone whose clock is years off may refuse it.
    fn says(&mut self, at: usize, (person, command): moves::Word) {
        let command = command(&self.carried[at].phone);
        let _ = self.does(at, person, &command);
    }

    fn step(&mut self, step: &Step) {
        let at = |phone: usize| phone % self.carried.len();
        match *step {
            Step::Says { phone, kind, seed } => {
                let (at, mut dice) = (at(phone), Dice(seed));
                let person = self.carried[at].owner.unwrap_or_else(|| dice.of(&town::EVERYBODY));
                let command = any_command(kind, &mut dice, &self.carried[at].phone);
                let _ = self.does(at, person, &command);
            }
            Step::Goes { phone, seed } => self.goes(at(phone), &mut Dice(seed)),
            Step::Newer { phone } => self.newer(at(phone)),
            Step::Hears { phone, other, cut } => self.hears(at(phone), at(other), cut),
            Step::Clock { phone, days_off } => {
                let at = at(phone);
                self.carried[at].phone.clock = crate::method::beginning().plus_ms(days_off * DAY_MS);
                self.story.push(format!("phone {at}'s clock is set {days_off} days off"));
            }
            Step::Days(days) => self.carried.iter_mut().for_each(|carried| carried.phone.wait_days(days)),
        }
    }

    fn goes(&mut self, at: usize, dice: &mut Dice) {
        let owner = self.carried[at].owner;
        let mut moves = next_moves(&self.carried[at].phone.state());
        moves.retain(|(person, _)| owner.is_none_or(|owner| owner == *person));
        if moves.is_empty() {
            return;
        }
        for _ in 0..TRIES {
            let (person, kind) = dice.of(&moves);
            let command = any_command(kind, dice, &self.carried[at].phone);
            if self.does(at, person, &command).is_ok() {
                return;
            }
        }
    }

    /// Runs a command; the release that the phone runs writes what it knew to write.
    fn does(&mut self, at: usize, person: &str, command: &Command) -> Result<(), Refusal> {
        let carried = &self.carried[at];
        let decided = carried.phone.decide(person, command).inspect_err(|_| self.refused += 1)?;
        let offered = carried.phone.offers(person).into_iter().find(|offer| offer.kind == command.kind());
        if offered.as_ref().is_none_or(|offer| offer.refusal.is_some()) {
            self.not_offered.push(format!("phone {at}: {person} {} was allowed, and offered: {offered:?}", in_short(command)));
        }
        let Decision::Event(event) = decided else { return Ok(()) };
        let event = if carried.first_release { as_first_release(*event) } else { *event };
        let first_release = carried.first_release;
        if let Err(refusal) = self.writes(at, person, Body::Event(event)) {
            assert!(first_release, "decided here, refused on arrival: {refusal:?} {command:?}");
            self.refused += 1;
            return Err(refusal);
        }
        let stamp = self.carried[at].phone.log().last().map(|entry| entry.stamp.to_string()).unwrap_or_default();
        self.story.push(format!("phone {at}: {person} {} → {stamp}", in_short(command)));
        Ok(())
    }

    fn newer(&mut self, at: usize) {
        let person = self.carried[at].owner.unwrap_or(town::WORKER);
        let body = Body::Newer { kind: "praised".into(), record: vec![0xa0] };
        if self.writes(at, person, body).is_ok() {
            self.story.push(format!("phone {at}: {person} writes what a newer version knows"));
        }
    }

    fn writes(&mut self, at: usize, person: &str, body: Body) -> Result<(), Refusal> {
        let Carried { phone, knows, .. } = &mut self.carried[at];
        let latest = phone.log().last().map_or(Hlc::default(), |entry| entry.stamp.time);
        let stamp = Stamp { time: latest.next(phone.clock), node: phone.node };
        let entry = Entry { stamp, author: person.parse().expect("a slug"), body };
        // What is decided here must pass the check of arrivals: a phone must never write what a server would set aside. What
        // the first release decided is refused here where this one's rules are stricter: its server would have said so.
        phone.review(std::slice::from_ref(&entry))?;
        self.pasts.insert(stamp, knows.clone());
        *knows.entry(phone.node).or_default() += 1;
        phone.receive(&[entry]);
        phone.clock = phone.clock.plus_ms(60_000);
        Ok(())
    }

    /// A phone hears of another's entries, or of those that came through before the link broke. In which order they come
    /// makes no difference, as long as nothing comes before what its author knew: documents take changes in no other way.
    fn hears(&mut self, at: usize, from: usize, cut: Option<u64>) {
        let told = self.carried[from].clone();
        let mut dice = cut.map(Dice);
        let mut until = told.knows.clone();
        if let Some(dice) = &mut dice {
            for (node, count) in &mut until {
                let known = self.carried[at].knows.get(node).copied().unwrap_or(0);
                *count = known + dice.below(count.saturating_sub(known) + 1);
            }
        }
        let mut came = Vec::new();
        let knows = &mut self.carried[at].knows;
        for entry in told.phone.log() {
            let node = entry.stamp.node;
            let past = &self.pasts[&entry.stamp];
            let number = past.get(&node).copied().unwrap_or(0);
            let known = knows.get(&node).copied().unwrap_or(0);
            let rests_on_known = past.iter().all(|(node, count)| knows.get(node).copied().unwrap_or(0) >= *count);
            if number >= known && number < until[&node] && rests_on_known {
                *knows.entry(node).or_default() += 1;
                came.push(entry.clone());
            }
        }
        self.carried[at].phone.receive(&came);
        self.story.push(format!("phone {at} hears {} entries from phone {from}", came.len()));
    }
}

/// A command without the filler that it carries.
fn in_short(command: &Command) -> String {
    match command {
        Command::Report { .. } => "reports".into(),
        Command::OpenConsultation { .. } => "opens a consultation".into(),
        Command::ConcludeConsultation { outcome, .. } => format!("concludes it: {outcome:?}"),
        Command::DraftAgreement { parties, commitments, .. } => {
            let parties: Vec<&str> = parties.iter().map(|party| party.name.as_str()).collect();
            format!("drafts an agreement of {parties:?} with {} commitments", commitments.len())
        }
        Command::SealAgreement { draft, .. } => format!("seals draft {draft}"),
        other => format!("{other:?}"),
    }
}

fn carried(carrier: &Carrier, node: u64) -> Carried {
    let mut phone = Phone::empty(node);
    phone.wait_days(carrier.days_off);
    Carried { phone, owner: carrier.owner, first_release: carrier.first_release, knows: Known::new() }
}

/// What the first release wrote: the same, without what its authors knew.
fn as_first_release(event: Event) -> Event {
    match event {
        Event::AgreementDrafted(mut e) => {
            e.replaces = None;
            e.into()
        }
        Event::CommitmentFulfilled(e) => CommitmentFulfilled { knew: None, ..e }.into(),
        Event::CommitmentDefaulted(e) => CommitmentDefaulted { knew: None, ..e }.into(),
        Event::CommitmentWaived(e) => CommitmentWaived { knew: None, ..e }.into(),
        Event::CommitmentExtended(e) => CommitmentExtended { knew: None, ..e }.into(),
        Event::Withdrawn(e) => Withdrawn { knew: None, ..e }.into(),
        Event::MergedInto(e) => MergedInto { knew: None, ..e }.into(),
        other => other,
    }
}

impl Played {
    /// What everybody knows together.
    pub fn together(&self) -> &View {
        self.views.last().expect("everybody's view is always there")
    }

    /// The state that these logs, heard one after another, come to.
    pub fn heard_in<'a>(logs: impl Iterator<Item = &'a [Entry]>) -> CaseState {
        let mut phone = Phone::empty(98);
        logs.for_each(|log| phone.receive(log));
        case::fold(phone.log())
    }
}
