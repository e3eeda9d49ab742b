//! Playing a plan: each step, and after each the promises; then faults off, until all is quiet, and all promises once more.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use doorstep_core::device::{DeviceError, SyncReport};
use doorstep_core::environment::Clock as _;
use doorstep_core::id::Digest;
use doorstep_core::sync::wire::{PATH_PUSH, PushAnswer, Verdict};
use doorstep_core::sync::{AttachmentAnswer, Outcome, PATH_ATTACHMENTS};
use doorstep_server::ingest;

use super::office;
use super::photo::Photo;
use super::plan::{Office, Plan, Step, What};
use super::promises::{self, Rest, Seen};
use super::tally::Tally;
use super::town::Town;
use crate::network::{Fault, PhoneDied, Sent};
use crate::seed::Seeded;

/// Rounds of syncs in which everybody must have come to rest once faults are off.
pub const ROUNDS: usize = 10;
/// The name of what a panic breaks.
pub const NO_PANIC: &str = "no_product_code_panics";
/// The name of what an answer breaks that no rule gives.
pub const USUAL: &str = "a_phone_says_yes_or_gives_a_reason";
/// The name of the promise that quiet comes.
pub const CONVERGES: &str = "faults_off_everybody_converges_within_ten_rounds";

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub promise: &'static str,
    /// After which step; none: once all was to be quiet.
    pub step: Option<usize>,
    /// How.
    pub what: String,
}

/// A plan that was played.
#[derive(Debug, Clone)]
pub struct Played {
    /// What came about.
    pub tally: Tally,
    /// What happened.
    pub story: String,
    /// The first promise that was broken.
    pub broken: Option<Broken>,
}

thread_local! {
    /// Where the last panic of this thread was, for the story.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// From now on a panic of a thread that plays is remembered and not printed: it becomes a finding with its seed.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let at = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        PANIC.with(|panic| *panic.borrow_mut() = format!("{}{at}", text_of(info.payload())));
    }));
}

/// Plays it.
pub fn play(plan: &Plan) -> Played {
    let mut town = Town::begin(plan);
    town.tally.seeds = 1;
    let mut broken = None;
    for (number, step) in plan.steps.iter().enumerate() {
        let after = Some(number);
        town.tally.steps += 1;
        town.story.tell(format!("{number:>3}. {}", told(&town, step)));
        if let Err((promise, what)) = shielded(|| town.step(step)) {
            broken = Some(Broken { promise, step: after, what });
            break;
        }
    }
    if broken.is_none()
        && let Err((promise, what)) = shielded(|| town.rest())
    {
        broken = Some(Broken { promise, step: None, what });
    }
    if let Some(Broken { promise, what, .. }) = &broken {
        town.story.tell(format!("BROKEN {promise}: {what}"));
    }
    Played { tally: town.tally.clone(), story: town.story.text().to_owned(), broken }
}

/// A promise's name and how it was broken.
pub(super) type Break = (&'static str, String);

/// A panic of the product is a finding like any other.
fn shielded(work: impl FnOnce() -> Result<(), Break>) -> Result<(), Break> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| Err((NO_PANIC, said(&*payload))))
}

fn said(payload: &(dyn Any + Send)) -> String {
    let remembered = PANIC.with(|panic| std::mem::take(&mut *panic.borrow_mut()));
    if !remembered.is_empty() {
        return remembered;
    }
    text_of(payload)
}

fn text_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_else(|| "a panic without words".into())
}

fn told(town: &Town, step: &Step) -> String {
    let day = town.clock.now().plus_ms(step.after_ms).0 - crate::clock::BEGIN.0;
    let (days, minutes) = (day / 86_400_000, day % 86_400_000 / 60_000);
    format!(
        "day {days} {:02}:{:02} {} {:?}",
        minutes / 60,
        minutes % 60,
        town.hands[step.who % town.hands.len()].name,
        step.what
    )
}

pub(super) fn usual<T>(done: Result<T, String>) -> Result<T, Break> {
    done.map_err(|what| (USUAL, what))
}

impl Town {
    fn step(&mut self, step: &Step) -> Result<(), Break> {
        self.clock.pass(step.after_ms);
        self.time_passes();
        self.step_begins();
        let who = step.who % self.hands.len();
        let chance = Seeded::new(step.dice, "step");
        let mut sent = Vec::new();
        match &step.what {
            What::Work(pieces) => usual(self.work(who, *pieces, &chance))?,
            What::Report => usual(self.report(who, &chance))?,
            What::Doors => usual(self.doors(who, &chance))?,
            What::Seal => usual(self.seal(who, &chance))?,
            What::Attach => usual(self.attach(who, &chance))?,
            What::Carry(faults, metered) => sent = usual(self.carry(who, faults, *metered))?,
            What::Fetch(faults) => sent = usual(self.fetch(who, faults, &chance))?,
            What::Apart(apart) => self.apart(who, *apart, &chance)?,
            What::Sync(faults, meanwhile) => {
                sent = usual(self.sync(who, faults, *meanwhile))?;
            }
            What::KilledTap(stop) => {
                let died = usual(self.killed(who, *stop, |town| {
                    if chance.percent(30) {
                        town.attach(who, &chance)?;
                    }
                    town.work(who, 1, &chance)?;
                    town.report(who, &chance)
                }))?;
                self.came_about(died, "phone killed in a tap");
            }
            What::KilledSync(stop) => {
                let mut whole = Vec::new();
                let died = usual(self.killed(who, *stop, |town| {
                    whole = town.sync(who, &[], None)?;
                    Ok(())
                }))?;
                sent = self.hands[who].phone.network.sent();
                self.hear(who, &sent);
                sent.extend(whole);
                self.came_about(died, "phone killed in a sync");
            }
            What::FullDisk(pages) => {
                usual(self.fill_disk(who, *pages))?;
                usual(self.work(who, 2, &chance))?;
                usual(self.report(who, &chance))?;
                sent = usual(self.sync(who, &[], None))?;
                self.hands[who].phone.reopen();
            }
            What::Clock(off) => {
                self.hands[who].phone.clock.set_off(*off);
                let years = off.abs() > 48 * 3_600_000;
                self.came_about(true, if years { "clock jumps by years" } else { "clock jumps by hours" });
            }
            What::Backup => self.back_up(who),
            What::Restore { same_installation } => {
                let done = self.restore(who, *same_installation, &chance);
                let name =
                    if *same_installation { "phone put back, same installation" } else { "phone put back, new installation" };
                self.came_about(done, name);
            }
            What::Clone => {
                self.clone_phone(who, &chance);
                self.came_about(true, "phone cloned");
            }
            What::Office(what) => self.office(who, *what),
            What::ServerDown => {
                let was_up = self.is_up();
                self.server.kill();
                self.came_about(was_up, "server down");
            }
            What::ServerUp => self.server.start(),
            What::ServerBackup => self.server_backup = Some(self.server.files_now()),
            What::ServerRestore => {
                let done = self.restore_server(&chance);
                self.came_about(done, "server put back to a backup");
            }
            What::Late => {
                let network = self.hands[who].phone.network.clone();
                let delivered = if self.is_up() { network.deliver_late() } else { 0 };
                self.came_about(delivered > 0, "request late, up to days");
            }
        }
        // Taps add to what a phone holds and are looked at together with whatever comes next; what is done to the server alone
        // changes nothing on a phone.
        let touched = matches!(
            step.what,
            What::Sync(..)
                | What::Carry(..)
                | What::Fetch(_)
                | What::KilledTap(_)
                | What::KilledSync(_)
                | What::FullDisk(_)
                | What::Restore { .. }
                | What::Clone
        );
        if touched { self.hold(who, &sent) } else { Ok(()) }
    }

    fn came_about(&mut self, yes: bool, fault: &'static str) {
        if yes {
            self.tally.fault(fault);
        }
    }

    /// What the server does by itself as time passes.
    pub(super) fn time_passes(&mut self) {
        if self.is_up() {
            ingest::expire(&self.server.store(), self.clock.now()).expect("the server looks what has expired");
        }
    }

    pub(super) fn office(&mut self, who: usize, what: Office) {
        let (person, device) = (self.hands[who].phone.person.clone(), self.device(who));
        let done = office::act(&self.server, &self.clock, &person, device, what);
        self.came_about(done, what.fault());
        self.note_revoked();
    }

    fn note_revoked(&mut self) {
        if !self.is_up() {
            return;
        }
        let devices = self.server.store().devices().expect("devices");
        for who in 0..self.hands.len() {
            let device = self.device(who);
            self.hands[who].revoked = devices.iter().any(|one| one.id == device && one.revoked_at.is_some());
        }
    }

    /// One sync, with what befalls it. Gives what was sent.
    pub fn sync(&mut self, who: usize, faults: &[Fault], meanwhile: Option<(usize, Office)>) -> Result<Vec<Sent>, String> {
        let network = self.hands[who].phone.network.clone();
        network.next(faults.iter().copied());
        if let Some((requests, what)) = meanwhile {
            let (server, clock) = (self.server.clone(), self.clock.clone());
            let (person, device) = (self.hands[who].phone.person.clone(), self.device(who));
            let act = move || {
                office::act(&server, &clock, &person, device, what);
            };
            network.meanwhile(requests, Box::new(act));
        }
        let done = catch_unwind(AssertUnwindSafe(|| self.hands[who].phone.device().sync(network.as_ref())));
        let left_over = network.is_left_over();
        if let Some((_, what)) = meanwhile {
            if !left_over {
                self.tally.fault("office acts in the middle of a sync");
                self.tally.fault(what.fault());
            }
            self.note_revoked();
        }
        let told = match self.came_out(who, faults, done)? {
            Ok(report) => {
                self.count(&report);
                summary(&report)
            }
            Err(told) => told.to_owned(),
        };
        self.story.tell(format!("    {} synced: {told}", self.hands[who].name));
        let sent = network.sent();
        self.hear(who, &sent);
        Ok(sent)
    }

    /// How a phone's conversation with the server ended: its report, or what kept it from having one. A phone that died goes on
    /// with its files.
    pub(super) fn came_out<T>(
        &mut self,
        who: usize,
        faults: &[Fault],
        done: std::thread::Result<Result<T, DeviceError>>,
    ) -> Result<Result<T, &'static str>, String> {
        match done {
            Ok(Ok(report)) => Ok(Ok(report)),
            Ok(Err(error)) if error.code() == "store_full" => {
                self.tally.fault("phone's disk full in a sync");
                Ok(Err("the disk is full"))
            }
            Ok(Err(error)) => Err(format!("{} cannot sync: {} ({error})", self.hands[who].name, error.code())),
            Err(payload) if payload.is::<PhoneDied>() => {
                if self.hands[who].phone.network.sent_any_of(Fault::PhoneDiesAfter) {
                    self.tally.fault("phone dies during a request");
                } else if faults.contains(&Fault::PhoneDiesBefore) {
                    self.tally.fault("phone dies before a request");
                }
                // Killed inside its store: whoever stopped it goes on with its files.
                if self.is_stopped_in_store(faults) {
                    resume_unwind(payload);
                }
                self.battery_dies(who);
                Ok(Err("the phone died"))
            }
            Err(other) => resume_unwind(other),
        }
    }

    /// Whether a death in a sync was one of the store's: no fault of the network asked for it.
    #[expect(clippy::unused_self, reason = "reads like the others")]
    fn is_stopped_in_store(&self, faults: &[Fault]) -> bool {
        !faults.iter().any(|fault| matches!(fault, Fault::PhoneDiesBefore | Fault::PhoneDiesAfter))
    }

    /// What came back to the phone, and what befell the requests.
    pub(super) fn hear(&mut self, who: usize, sent: &[Sent]) {
        for one in sent {
            let fault = match one.fault {
                Fault::None | Fault::PhoneDiesBefore | Fault::PhoneDiesAfter | Fault::Late => None,
                Fault::Lost => Some("request lost"),
                Fault::AnswerLost => Some("answer lost after commit"),
                Fault::Cut(_) => one.broken.then_some("answer cut"),
                Fault::CutUnseen(_) => Some("answer ends early, unseen"),
                Fault::TwiceFirst => Some("request twice, first answer"),
                Fault::TwiceSecond => Some("request twice, second answer"),
                Fault::Echo => Some("request again behind the next"),
                Fault::Slow => Some("request slow"),
                Fault::Killed => Some("server killed after commit"),
                Fault::KilledWithin => Some("server killed before commit"),
            };
            self.came_about(fault.is_some(), fault.unwrap_or_default());
            if let Some((digest, AttachmentAnswer { stored: true, .. })) = carried(one) {
                self.hands[who].kept.insert(digest);
            }
            for (named, verdict) in verdicts(one) {
                let text = match &verdict {
                    Verdict::Stored { .. } => "stored",
                    Verdict::Known { .. } => "known",
                    Verdict::SetAside { code, .. } => code.as_str(),
                    Verdict::Wanted { .. } => "wanted",
                };
                self.tally.verdict(text);
                self.story.tell(format!("      {} of {}: {text}", &named.1.to_string()[..6], &named.0.to_string()[..6]));
                self.hands[who].heard.insert(named, verdict);
            }
        }
    }

    fn count(&mut self, report: &SyncReport) {
        let ways = [
            (report.refetched, "fetched everything again"),
            (report.forgotten > 0, "forgot what left the scope"),
            (report.directory.is_some(), "took a new directory"),
            (report.verdicts.set_aside > 0, "took out what was set aside"),
            (report.verdicts.wanted > 0, "sent again what was wanted"),
            (report.verdicts.known > 0, "was told that it was known"),
            (report.checkpoints > 1, "went on from a checkpoint"),
        ];
        for (taken, way) in ways {
            if taken {
                self.tally.healed(way);
            }
        }
    }

    /// Holds the promises of every step against what a phone and the server hold now.
    pub(super) fn hold(&mut self, who: usize, sent: &[Sent]) -> Result<(), Break> {
        let before = std::mem::take(&mut self.hands[who].photo);
        let after = self.photograph(who);
        let looked = if sent.is_empty() { None } else { Some((self.shelf(), self.directory())) };
        let seen = Seen { town: self, who, before: &before, after: &after, sent, looked: looked.as_ref() };
        let mut held = Vec::new();
        let mut broken = None;
        for (name, promise) in promises::OF_A_STEP {
            held.push(name);
            if let Err(what) = promise(&seen) {
                broken = Some((name, what));
                break;
            }
        }
        held.into_iter().for_each(|name| self.tally.promise(name));
        self.hands[who].photo = after;
        if let Some((shelf, _)) = looked {
            self.shelf_before_step = shelf;
        }
        broken.map_or(Ok(()), Err)
    }

    /// Faults off, until all is quiet; then all promises.
    fn rest(&mut self) -> Result<(), Break> {
        self.story.tell("faults off");
        self.server.start();
        for who in 0..self.hands.len() {
            self.hands[who].phone.network.clear();
            self.hands[who].phone.clock.set_off(0);
        }
        let mut noise = Vec::new();
        for round in 1..=ROUNDS {
            self.clock.pass(60_000);
            self.time_passes();
            noise.clear();
            self.step_begins();
            for who in 0..self.hands.len() {
                let before = self.hands[who].photo.clone();
                let mut sent = usual(self.sync(who, &[], None))?;
                sent.extend(usual(self.carry(who, &[], false))?);
                self.hold(who, &sent)?;
                if let Some(loud) = promises::is_loud(self, who, &before) {
                    noise.push(loud);
                }
            }
            if noise.is_empty() {
                self.story.tell(format!("quiet after {round} rounds"));
                break;
            }
        }
        if !noise.is_empty() {
            return Err((CONVERGES, noise.join("; ")));
        }
        let directory = self.directory();
        // Nobody did anything since they were made.
        let photos: Vec<Photo> = self.hands.iter().map(|hand| hand.photo.clone()).collect();
        let rest = Rest::of(self, photos, directory);
        let mut broken = None;
        let mut held = Vec::new();
        for (name, promise) in promises::AT_REST {
            held.push(name);
            if let Err(what) = promise(&rest) {
                broken = Some((name, what));
                break;
            }
        }
        held.into_iter().for_each(|name| self.tally.promise(name));
        broken.map_or(Ok(()), Err)
    }
}

/// What the server answered of a piece of an attachment, where that reached the phone.
pub fn carried(sent: &Sent) -> Option<(Digest, AttachmentAnswer)> {
    let reached = sent.fault != Fault::PhoneDiesAfter && !sent.broken && sent.status == Some(200);
    if !reached || sent.request.method != "POST" {
        return None;
    }
    let name = sent.request.path.strip_prefix(PATH_ATTACHMENTS)?.rsplit('/').next()?;
    Some((name.parse().ok()?, minicbor_serde::from_slice(&sent.body).ok()?))
}

/// The verdicts that reached the phone with this answer.
pub fn verdicts(sent: &Sent) -> Vec<(super::photo::Named, Verdict)> {
    let reached = sent.fault != Fault::PhoneDiesAfter && !sent.broken && matches!(sent.status, Some(200..=299));
    if !reached || sent.request.path != PATH_PUSH {
        return Vec::new();
    }
    let answer: Result<PushAnswer, _> = minicbor_serde::from_slice(&sent.body);
    let verdicts = answer.map(|answer| answer.verdicts).unwrap_or_default();
    verdicts.into_iter().map(|one| ((one.doc, one.hash), one.verdict)).collect()
}

fn summary(report: &SyncReport) -> String {
    let outcome = match &report.outcome {
        Outcome::Done => "done".to_owned(),
        other => other.code().to_owned(),
    };
    format!(
        "{outcome}, {} requests, {} documents, {} changes, {} forgotten{}",
        report.requests,
        report.documents,
        report.changes,
        report.forgotten,
        if report.refetched { ", all again" } else { "" }
    )
}
