//! The ways in, one by one: how an input is made, the real thing it is run against, and what must hold afterwards.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "hostile bytes are made of the lower bits of chance"
)]

use std::io::Cursor;
use std::sync::atomic::{AtomicU64, Ordering};

use doorstep_core::agreement::verify;
use doorstep_core::device::{Device, DeviceError, Query};
use doorstep_core::document::{Document, guard};
use doorstep_core::environment::{Request, Response, Transport, TransportError};
use doorstep_core::id::{ChangeHash, DocId, DocKind};
use doorstep_core::store::Options;
use doorstep_core::sync::wire::{
    CBOR, Frame, HEADER_NONCE, HEADER_TIME, HEADER_TOKEN, INFLATED_MAX, PATH_PULL, PushRequest, PushedChange, VERSION, Verdict,
};
use doorstep_server::store::Store;
use doorstep_server::{answer, body, ingest};
use serde_bytes::ByteBuf;
use tempfile::TempDir;

use super::chunk::{self, Parts};
use super::{Mutator, Seeds, attachment};
use crate::seed::Seeded;

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A push's body: zstd, CBOR, wire records.
    Push,
    /// The first look at a change.
    Change,
    /// A document's file, opened as a phone opens what it pulled.
    Document,
    /// A whole push into a real server's store.
    Ingest,
    /// A pull's stream into a real phone, whose documents are opened afterwards.
    Pull,
    /// A sealed agreement.
    Bundle,
    /// A piece of an attachment: into a real server, or, as an answer, into a real phone.
    Attachment,
}

/// All of them.
pub const TARGETS: [Target; 7] =
    [Target::Push, Target::Change, Target::Document, Target::Ingest, Target::Pull, Target::Bundle, Target::Attachment];

impl Target {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Change => "change",
            Self::Document => "document",
            Self::Ingest => "ingest",
            Self::Pull => "pull",
            Self::Bundle => "bundle",
            Self::Attachment => "attachment",
        }
    }

    /// Inputs after which everything is set up anew: what was let in makes the next ones slower, and a finding that needs
    /// those before it needs no more than these.
    pub const fn epoch(self) -> u64 {
        match self {
            Self::Ingest => 400,
            Self::Pull => 100,
            // Once both are stored whole, nothing more is taken.
            Self::Attachment => 50,
            _ => 1_000_000,
        }
    }

    /// The input of this number.
    pub fn input(self, seeds: &Seeds, seed: u64, n: u64) -> Vec<u8> {
        let chance = Seeded::new(seed ^ n.wrapping_mul(0x9E37_79B9_7F4A_7C15), self.name());
        let mutator = Mutator { chance: &chance };
        match self {
            Self::Push => push(&mutator, seeds),
            Self::Change => mutator.change(some(&chance, &seeds.changes), some(&chance, &seeds.changes)),
            Self::Document => {
                let at = chance.below(seeds.documents.len());
                let mut input = vec![u8::try_from(at).unwrap_or_default()];
                input.extend(file(
                    &mutator,
                    seeds.documents[at].0,
                    &seeds.documents[at].2,
                    &chance.pick(&seeds.documents).2,
                    seeds,
                ));
                input
            }
            Self::Ingest => ingested(&mutator, seeds),
            Self::Pull => stream(&mutator, seeds),
            Self::Bundle => match chance.below(3) {
                0 => mutator.bytes(&seeds.bundles[0], &seeds.pushes[0]),
                _ => mutator.record(&seeds.bundles[0], &[]),
            },
            Self::Attachment => attachment::piece(&mutator, seeds),
        }
    }
}

/// One of these.
fn some<'a>(chance: &Seeded, of: &'a [Vec<u8>]) -> &'a [u8] {
    &of[chance.below(of.len())]
}

/// A file with one of its changes changed, or changed blindly with its checksums repaired.
fn file(mutator: &Mutator<'_>, doc: DocId, file: &[u8], other: &[u8], seeds: &Seeds) -> Vec<u8> {
    let chance = mutator.chance;
    if chance.percent(60) || !seeds.ready.iter().any(|ready| ready.doc == doc) {
        return mutator.file(file, other);
    }
    let mut out = file.to_vec();
    for _ in 0..=chance.below(3) {
        let mine: Vec<&PushedChange> = seeds.ready.iter().filter(|ready| ready.doc == doc).collect();
        let change = chance.pick(&mine);
        out.extend(if chance.percent(70) { mutator.change(&change.bytes, other) } else { change.bytes.to_vec() });
    }
    out
}

/// The first byte says whether the rest is compressed.
fn push(mutator: &Mutator<'_>, seeds: &Seeds) -> Vec<u8> {
    let chance = mutator.chance;
    let plain = some(chance, &seeds.pushes);
    let plain = match chance.below(4) {
        0 => mutator.bytes(plain, some(chance, &seeds.pushes)),
        _ => mutator.record(plain, some(chance, &seeds.changes)),
    };
    if chance.percent(50) {
        return [&[0][..], &plain].concat();
    }
    let mut packed = zstd::encode_all(plain.as_slice(), 3).expect("memory");
    if chance.percent(50) {
        packed = mutator.bytes(&packed, &plain);
    }
    [&[1][..], &packed].concat()
}

/// A push of some changes, each changed; the names fit.
fn ingested(mutator: &Mutator<'_>, seeds: &Seeds) -> Vec<u8> {
    let chance = mutator.chance;
    let changes = (0..=chance.below(3)).map(|_| {
        let ready = chance.pick(&seeds.ready);
        let mut bytes = ready.bytes.to_vec();
        if let Some(mut parts) = Parts::of(&bytes)
            && chance.percent(85)
        {
            parts.actor.iter_mut().for_each(|byte| *byte = chance.next() as u8);
            bytes = parts.bytes();
        }
        if chance.percent(90) {
            bytes = mutator.change(&bytes, &chance.pick(&seeds.ready).bytes);
        }
        let kind = if chance.percent(3) { DocKind::Visit } else { ready.kind };
        let doc = if chance.percent(5) { chance.pick(&seeds.ready).doc } else { ready.doc };
        PushedChange { doc, kind, hash: ChangeHash::from_bytes(chunk::hash(&bytes)), bytes: ByteBuf::from(bytes) }
    });
    let request = PushRequest { version: VERSION, changes: changes.collect(), bundles: vec![] };
    minicbor_serde::to_vec(request).expect("a record")
}

/// A pull's frames, one or two of them changed.
fn stream(mutator: &Mutator<'_>, seeds: &Seeds) -> Vec<u8> {
    let chance = mutator.chance;
    let whole = some(chance, &seeds.streams);
    if chance.percent(10) {
        return mutator.bytes(whole, some(chance, &seeds.streams));
    }
    let mut frames: Vec<Vec<u8>> = Vec::new();
    let mut rest = whole;
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let (frame, behind) = behind.split_at((u32::from_be_bytes(*length) as usize).min(behind.len()));
        frames.push(frame.to_vec());
        rest = behind;
    }
    for _ in 0..=chance.below(2) {
        let at = chance.below(frames.len());
        frames[at] = frame(mutator, &frames[at], seeds);
    }
    if chance.percent(5) {
        let again = chance.pick(&frames).clone();
        frames.insert(chance.below(frames.len()), again);
    }
    let framed = |frame: Vec<u8>| [&u32::try_from(frame.len()).unwrap_or(0).to_be_bytes()[..], &frame].concat();
    let mut out: Vec<u8> = frames.into_iter().flat_map(framed).collect();
    if chance.percent(3) {
        out = mutator.bytes(&out, whole);
    }
    out
}

fn frame(mutator: &Mutator<'_>, bytes: &[u8], seeds: &Seeds) -> Vec<u8> {
    let chance = mutator.chance;
    let changed = match minicbor_serde::from_slice::<Frame>(bytes) {
        Ok(Frame::Document { doc, kind, bytes, heads, row }) if chance.percent(70) => {
            let bytes = if chance.percent(70) { file(mutator, doc, &bytes, &[], seeds) } else { bytes.into_vec() };
            let row = if chance.percent(40) { mutator.record(&row, &[]) } else { row.into_vec() };
            // The heads of what is wrong, so that it is not for them that it is refused.
            let heads = match Document::load(&bytes) {
                Ok(document) if chance.percent(80) => document.heads(),
                _ => heads,
            };
            Frame::Document { doc, kind, bytes: ByteBuf::from(bytes), heads, row: ByteBuf::from(row) }
        }
        Ok(Frame::Changes { doc, kind, changes, heads, row }) if chance.percent(70) => {
            let mut changes = changes;
            changes.iter_mut().for_each(|change| *change = ByteBuf::from(mutator.change(change, &[])));
            Frame::Changes { doc, kind, changes, heads, row }
        }
        Ok(Frame::Directory { version, bytes }) if chance.percent(70) => {
            Frame::Directory { version, bytes: ByteBuf::from(mutator.record(&bytes, &[])) }
        }
        _ => return mutator.record(bytes, &seeds.pushes[0]),
    };
    minicbor_serde::to_vec(changed).expect("a record")
}

/// What was run, and what became of it; for a glance at whether a run reaches anything.
#[derive(Debug, Default)]
pub struct Tally {
    /// Inputs that were taken for what they say they are.
    pub taken: AtomicU64,
    /// Inputs that were refused.
    pub refused: AtomicU64,
}

/// The real thing.
pub struct Stage<'s> {
    target: Target,
    seeds: &'s Seeds,
    /// What became of the inputs.
    pub tally: Tally,
    server: Option<(Store, TempDir)>,
    phone: Option<(Device, TempDir)>,
    attachments: Option<attachment::Ends>,
}

impl<'s> Stage<'s> {
    /// Set up anew.
    pub fn new(target: Target, seeds: &'s Seeds) -> Self {
        let mut stage = Self { target, seeds, tally: Tally::default(), server: None, phone: None, attachments: None };
        stage.again();
        stage
    }

    /// Sets everything up anew.
    pub fn again(&mut self) {
        match self.target {
            Target::Ingest => {
                self.server = None;
                let dir = tempfile::tempdir().expect("a directory");
                for file in std::fs::read_dir(self.seeds.server()).expect("the server's files") {
                    let file = file.expect("a file");
                    std::fs::copy(file.path(), dir.path().join(file.file_name())).expect("a copy");
                }
                self.server = Some((Store::open(dir.path()).expect("the server's database"), dir));
            }
            Target::Pull => {
                self.phone = None;
                let dir = tempfile::tempdir().expect("a directory");
                let file = dir.path().join("phone.db");
                std::fs::copy(self.seeds.phone(), &file).expect("a copy");
                let device = Device::open(&file, Options::default(), self.seeds.host.clone()).expect("the phone's database");
                self.phone = Some((device, dir));
            }
            Target::Attachment => {
                self.attachments = None;
                self.attachments = Some(attachment::Ends::new(self.seeds));
            }
            _ => {}
        }
    }

    /// Runs an input; what does not hold.
    pub fn run(&self, input: &[u8]) -> Result<(), String> {
        let taken = match self.target {
            Target::Push => Ok(run_push(input)),
            Target::Change => run_change(input),
            Target::Document => run_document(self.seeds, input),
            Target::Ingest => self.run_ingest(input),
            Target::Pull => self.run_pull(input),
            Target::Bundle => run_bundle(self.seeds, input),
            Target::Attachment => self.attachments.as_ref().ok_or("no server")?.run(self.seeds, input),
        }?;
        let counter = if taken { &self.tally.taken } else { &self.tally.refused };
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn run_ingest(&self, input: &[u8]) -> Result<bool, String> {
        let (store, _) = self.server.as_ref().ok_or("no server")?;
        let Ok(request) = minicbor_serde::from_slice::<PushRequest>(input) else { return Ok(false) };
        let answer = ingest::push(store, &self.seeds.pusher, &request, self.seeds.now)
            .map_err(|error| format!("the store failed: {}", error.code()))?;
        if answer.verdicts.len() != request.changes.len() {
            return Err("not one verdict a change".into());
        }
        let mut taken = false;
        for (change, verdict) in request.changes.iter().zip(&answer.verdicts) {
            match &verdict.verdict {
                Verdict::SetAside { code, .. } if code.is_empty() => return Err("refused without a code".into()),
                Verdict::Stored { .. } => {
                    taken = true;
                    self.stored(store, change)?;
                }
                _ => {}
            }
        }
        Ok(taken)
    }

    /// What was let in leaves the document whole, as a phone would open it.
    fn stored(&self, store: &Store, change: &PushedChange) -> Result<(), String> {
        let bytes =
            store.look_at(change.doc, self.seeds.now).map_err(|error| format!("can't be read back: {}", error.code()))?;
        let document = guard::open(&bytes, change.doc, change.kind)
            .map_err(|error| format!("an accepted change left its document unreadable: {}", error.code()))?;
        if !document.has(&change.hash) {
            return Err("an accepted change is not in its document".into());
        }
        let log = document.log::<doorstep_core::case::Event>();
        if change.kind == DocKind::Case && !log.unreadable.is_empty() {
            return Err("an accepted change left an entry that can't be read".into());
        }
        Ok(())
    }

    fn run_pull(&self, input: &[u8]) -> Result<bool, String> {
        let (device, _) = self.phone.as_ref().ok_or("no phone")?;
        let said = |error: DeviceError| format!("the phone's own side failed: {} ({error})", error.code());
        let report = match device.sync(&Canned(input.to_vec())) {
            Ok(report) => report,
            // A directory that is none is refused, and the sync with it.
            Err(DeviceError::Damaged(_)) => return Ok(false),
            Err(error) => return Err(said(error)),
        };
        let rows = device.rows(&Query::first(DocKind::Case, 50)).map_err(said)?;
        let ids: Vec<DocId> = rows.iter().map(|row| row.doc).collect();
        for id in ids {
            // Opened or refused with a code; never anything else.
            match device.digest(id) {
                Ok(_) | Err(DeviceError::Document(_) | DeviceError::Guard(_) | DeviceError::HeadsDiffer) => {}
                Err(error) => return Err(said(error)),
            }
        }
        device.pending().map_err(said)?;
        Ok(report.documents + report.changes > 0)
    }
}

fn run_push(input: &[u8]) -> bool {
    let Some((flag, bytes)) = input.split_first() else { return false };
    let plain = if *flag == 0 {
        bytes.to_vec()
    } else {
        match body::inflate(bytes, INFLATED_MAX, |_| Ok(())) {
            Ok(plain) => plain,
            Err(_) => return false,
        }
    };
    answer::decode::<PushRequest>(&plain).is_ok()
}

fn run_change(input: &[u8]) -> Result<bool, String> {
    let Ok(header) = guard::inspect(input) else { return Ok(false) };
    if *header.hash.as_bytes() != chunk::hash(input) || header.bytes() != input {
        return Err("what was looked at is not what was given".into());
    }
    if header.ops > guard::OPERATIONS_MAX as u64 || input.len() > guard::CHANGE_MAX {
        return Err("a change beyond its limits passes".into());
    }
    Ok(true)
}

fn run_document(seeds: &Seeds, input: &[u8]) -> Result<bool, String> {
    let Some((at, bytes)) = input.split_first() else { return Ok(false) };
    let Some((doc, kind, _)) = seeds.documents.get(usize::from(*at)) else { return Ok(false) };
    let Ok(document) = guard::open(bytes, *doc, *kind) else { return Ok(false) };
    if document.id() != *doc || document.kind() != *kind {
        return Err("another document was opened".into());
    }
    match guard::open(&document.save(), *doc, *kind) {
        Ok(again) if again.digest() == document.digest() => Ok(true),
        Ok(_) => Err("a document says something else after it was saved".into()),
        Err(error) => Err(format!("a document that was opened can't be opened again: {}", error.code())),
    }
}

fn run_bundle(seeds: &Seeds, input: &[u8]) -> Result<bool, String> {
    let report = verify(input);
    if report.holds() && !seeds.bundles.iter().any(|bundle| bundle == input) {
        return Err("an agreement that was changed verifies".into());
    }
    Ok(report.holds())
}

/// A server that answers every pull with the same.
struct Canned(Vec<u8>);

impl Transport for Canned {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let body = if request.path.starts_with(PATH_PULL) { self.0.clone() } else { Vec::new() };
        let headers =
            [("content-type", CBOR), (HEADER_TIME, "1790000000000"), (HEADER_NONCE, "a nonce"), (HEADER_TOKEN, "a token")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Ok(Response { status: 200, headers, body: Box::new(Cursor::new(body)) })
    }

    fn pause(&self, _: u64) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_really_sent_is_taken_by_every_way_in() {
        let seeds = Seeds::new(3);
        assert!(seeds.streams.len() > 1 && seeds.pushes.len() > 1 && seeds.ready.len() > 8);
        let ready = PushRequest { version: VERSION, changes: seeds.ready.clone(), bundles: vec![] };
        let whole = |target| match target {
            Target::Push => [&[0][..], &seeds.pushes[0]].concat(),
            Target::Change => seeds.changes[0].clone(),
            Target::Document => [&[0][..], &seeds.documents[0].2].concat(),
            Target::Ingest => minicbor_serde::to_vec(&ready).unwrap(),
            // The longest brings documents.
            Target::Pull => seeds.streams.iter().max_by_key(|stream| stream.len()).unwrap().clone(),
            Target::Bundle => seeds.bundles[0].clone(),
            Target::Attachment => [&[0, 0][..], &seeds.pieces[0].1].concat(),
        };
        for target in TARGETS {
            let stage = Stage::new(target, &seeds);
            assert_eq!(stage.run(&whole(target)), Ok(()), "{}", target.name());
            assert_eq!(stage.tally.taken.load(Ordering::Relaxed), 1, "{}", target.name());
        }
    }

    #[test]
    fn an_input_is_the_same_again_from_its_seed_and_number() {
        let inputs = || {
            let seeds = Seeds::new(4);
            TARGETS.map(|target| (0..20).map(|n| target.input(&seeds, 4, n)).collect::<Vec<_>>())
        };
        let (first, second) = (inputs(), inputs());
        for (at, target) in TARGETS.iter().enumerate() {
            assert_eq!(first[at], second[at], "{}", target.name());
        }
    }

    #[test]
    fn a_few_hundred_inputs_of_each_way_in_hold() {
        let seeds = Seeds::new(5);
        for target in TARGETS {
            let mut stage = Stage::new(target, &seeds);
            for n in 0..300 {
                if n > 0 && n % target.epoch() == 0 {
                    stage.again();
                }
                let held = stage.run(&target.input(&seeds, 5, n));
                assert_eq!(held, Ok(()), "{} {n}", target.name());
            }
        }
    }
}
