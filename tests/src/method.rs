//! People doing the method's work by hand: a sub-district, phones that hold one case's log, and what is said to them.
//!
//! Knows the rules only (`case::decide`, `case::fold`, `review`): no documents, no databases, no network. A [`Phone`] is
//! a replica: whoever holds it runs commands, its entries get stamps as on a real one, and phones hear of each other's
//! entries only through [`Phone::hear`]. Start at `method/town.rs` for who is who, `method/say.rs` for the commands.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a harness: what does not hold here must stop the test"
)]
#![expect(clippy::needless_pass_by_value, reason = "commands are made where they are said")]

pub mod say;
pub mod town;

use std::sync::{Arc, LazyLock};

use doorstep_core::case::{self, CaseState, Command, Decision, Entry, Offer, Origin, Refusal, Setting};
use doorstep_core::directory::Directory;
use doorstep_core::entry::Body;
use doorstep_core::id::DocId;
use doorstep_core::people::Person;
use doorstep_core::review::{self, Arrival};
use doorstep_core::time::{DAY_MS, Date, Hlc, Stamp, Timestamp};

/// Milliseconds in a year, for clocks that are off by some.
pub const YEAR_MS: i64 = 365 * DAY_MS;

/// When the first phone's history begins.
pub fn beginning() -> Timestamp {
    Date::from_ymd(2026, 5, 8).unwrap().start().plus_ms(9 * 3_600_000)
}

/// The sub-district, built once.
pub fn directory() -> Arc<Directory> {
    static TOWN: LazyLock<Arc<Directory>> = LazyLock::new(|| Arc::new(town::guangwumen()));
    TOWN.clone()
}

/// One phone (or desk) and its replica of one case.
#[derive(Clone)]
pub struct Phone {
    directory: Arc<Directory>,
    /// The case it holds.
    pub case: DocId,
    /// Its installation's number in stamps.
    pub node: u64,
    /// What its clock shows; every entry moves it on by a minute.
    pub clock: Timestamp,
    log: Vec<Entry>,
}

impl Phone {
    /// A phone with nothing on it.
    pub fn empty(node: u64) -> Self {
        Self { directory: directory(), case: DocId::from_bytes([7; 16]), node, clock: beginning(), log: Vec::new() }
    }

    /// A phone on which the worker of the first grid has just reported the compound's water case.
    pub fn reported() -> Self {
        let mut phone = Self::empty(1);
        phone.does(town::WORKER, say::report());
        phone
    }

    /// Another phone that knows what this one knows, its clock off by so many years.
    #[must_use]
    pub fn fork(&self, node: u64, years: i64) -> Self {
        Self { node, clock: self.clock.plus_ms(years * YEAR_MS), ..self.clone() }
    }

    /// The same phone under another directory.
    #[must_use]
    pub fn under(mut self, directory: Directory) -> Self {
        self.directory = Arc::new(directory);
        self
    }

    /// What it holds, sorted.
    pub fn log(&self) -> &[Entry] {
        &self.log
    }

    /// The case, as this phone sees it.
    pub fn state(&self) -> CaseState {
        case::fold(&self.log)
    }

    /// Days pass.
    pub fn wait_days(&mut self, days: i64) {
        self.clock = self.clock.plus_ms(days * DAY_MS);
    }

    /// Hears of everything that another phone holds.
    pub fn hear(&mut self, other: &Self) {
        self.receive(&other.log);
    }

    /// Hears of these entries.
    pub fn receive(&mut self, entries: &[Entry]) {
        self.log.extend(entries.iter().cloned());
        self.log.sort();
        self.log.dedup();
    }

    /// The person with this slug; one whom the directory does not know holds no post.
    pub fn person(&self, slug: &str) -> Person {
        let id = slug.parse().unwrap();
        let stranger = || Person { id: slug.parse().unwrap(), name: "生人".into(), posts: Vec::new() };
        self.directory.person(&id).cloned().unwrap_or_else(stranger)
    }

    /// What the command comes to, without doing it.
    pub fn decide(&self, person: &str, command: &Command) -> Result<Decision, Refusal> {
        let person = self.person(person);
        let origin = Origin::Here { now: self.clock };
        let setting = Setting { directory: &self.directory, person: &person, case: self.case, origin };
        case::decide(&setting, &self.state(), command, self.clock)
    }

    /// What the person is offered.
    pub fn offers(&self, person: &str) -> Vec<Offer> {
        let person = self.person(person);
        let origin = Origin::Here { now: self.clock };
        case::offers(&Setting { directory: &self.directory, person: &person, case: self.case, origin }, &self.state())
    }

    /// Runs a command; gives the event's stamp, or none for typing. What is decided here must also pass the check of
    /// arrivals at its own past: a phone must never write what a server would set aside.
    pub fn run(&mut self, person: &str, command: &Command) -> Result<Option<Stamp>, Refusal> {
        let Decision::Event(event) = self.decide(person, command)? else { return Ok(None) };
        let latest = self.log.last().map_or(Hlc::default(), |entry| entry.stamp.time);
        let stamp = Stamp { time: latest.next(self.clock), node: self.node };
        let entry = Entry { stamp, author: person.parse().unwrap(), body: Body::Event(*event) };
        if let Err(refusal) = self.review(std::slice::from_ref(&entry)) {
            panic!("decided here, refused on arrival: {refusal:?} {entry:?}");
        }
        self.log.push(entry);
        self.clock = self.clock.plus_ms(60_000);
        Ok(Some(stamp))
    }

    /// What a server that knows what this phone knows says to these entries of their first author.
    pub fn review(&self, added: &[Entry]) -> Result<CaseState, Refusal> {
        let person = self.person(added.first().map_or("nobody", |entry| entry.author.as_str()));
        // The server's clock is right and the phone's may not be: what counts is only that it is not absurdly behind.
        let received = beginning().max(self.clock);
        let arrival = Arrival { directory: &self.directory, person: &person, doc: self.case, received };
        review::case(&arrival, &self.log, added, false)
    }

    /// Runs a command that must be allowed.
    #[track_caller]
    pub fn does(&mut self, person: &str, command: Command) -> Stamp {
        match self.run(person, &command) {
            Ok(Some(stamp)) => stamp,
            Ok(None) => panic!("{command:?} made no event"),
            Err(refusal) => panic!("{person} may not {command:?}: {} {:?}", refusal.code, refusal.about),
        }
    }

    /// The refusal of a command that must be refused: its code and what is missing.
    #[track_caller]
    pub fn refuses(&self, person: &str, command: Command) -> (&'static str, Vec<String>) {
        match self.decide(person, &command) {
            Err(refusal) => (refusal.code.as_str(), refusal.about),
            Ok(decision) => panic!("{person} must not: {decision:?}"),
        }
    }
}

/// The case that both phones see once they have heard of each other, whichever heard first.
#[track_caller]
pub fn together(one: &Phone, other: &Phone) -> CaseState {
    let (mut here, mut there) = (one.clone(), other.clone());
    here.hear(other);
    there.hear(one);
    let arrived_last = case::fold(one.log.iter().chain(&other.log));
    let arrived_first = case::fold(other.log.iter().rev().chain(one.log.iter().rev()));
    assert_eq!(here.state(), there.state(), "two phones with one log see one case");
    assert_eq!(here.state(), arrived_last, "whatever the order of arrival");
    assert_eq!(here.state(), arrived_first, "whatever the order of arrival");
    here.state()
}
