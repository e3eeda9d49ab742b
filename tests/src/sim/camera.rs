//! Photos: taken on a phone, carried to the server by any link, looked at on another phone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use doorstep_core::device::{Attaching, AttachmentReport, Link};
use doorstep_core::environment::{Entropy as _, Transport};
use doorstep_core::id::{Digest, DocId, DocKind};
use sha2::{Digest as _, Sha256};

use super::town::{Taken, Town};
use crate::network::{Fault, Sent};
use crate::seed::Seeded;

/// How often of a hundred times the same thing is attached once more.
const AGAIN_PERCENT: u64 = 12;

/// What somebody recorded: mostly a few KiB, now and then several pieces.
fn recording(chance: &Seeded) -> Vec<u8> {
    match chance.below(10) {
        0 | 1 => several_pieces(chance),
        2 => sound(50_000 + chance.below(60_000), chance),
        _ => sound(100 + chance.below(5_000), chance),
    }
}

/// A recording that goes up in more than one piece.
pub(super) fn several_pieces(chance: &Seeded) -> Vec<u8> {
    sound(265_000 + chance.below(60_000), chance)
}

fn sound(length: usize, chance: &Seeded) -> Vec<u8> {
    let mut bytes = vec![0; length];
    chance.fill(&mut bytes);
    bytes[..6].copy_from_slice(b"OggS\0\x02");
    bytes
}

impl Town {
    /// Somebody attaches something to a case.
    pub fn attach(&mut self, who: usize, chance: &Seeded) -> Result<(), String> {
        let Some(case) = self.one_of(who, DocKind::Case, chance) else { return Ok(()) };
        let again = if self.taken.is_empty() || !chance.percent(AGAIN_PERCENT) { None } else { Some(chance.pick(&self.taken)) };
        let bytes = again.map_or_else(|| Arc::new(recording(chance)), |taken| Arc::clone(&taken.bytes));
        self.attach_to(who, case, bytes)
    }

    /// Somebody attaches this to that case.
    pub(super) fn attach_to(&mut self, who: usize, case: DocId, bytes: Arc<Vec<u8>>) -> Result<(), String> {
        let attaching = Attaching { caption: "现场", ..Attaching::default() };
        let said = self.hands[who].phone.device().attach(case, &mut bytes.as_slice(), &attaching);
        if self.said(who, "Attach", Some(case), &said)? {
            let digest = Digest::from_bytes(Sha256::digest(bytes.as_slice()).into());
            self.taken.push(Taken { digest, doc: case, bytes, by: who, excused: false });
        }
        Ok(())
    }

    /// A phone sends its photos, with what befalls its requests. Gives what was sent.
    pub fn carry(&mut self, who: usize, faults: &[Fault], metered: bool) -> Result<Vec<Sent>, String> {
        let link = if metered { Link::Metered } else { Link::Unmetered };
        self.carried(who, faults, "carried", |town, network| town.hands[who].phone.device().sync_attachments(network, link))
    }

    /// Somebody looks at a photo of any case that is on their phone.
    pub fn fetch(&mut self, who: usize, faults: &[Fault], chance: &Seeded) -> Result<Vec<Sent>, String> {
        let here = |taken: &&Taken| self.hands[who].phone.device().case(taken.doc).is_ok();
        let mut seen = self.taken.iter().filter(here).map(|taken| (taken.doc, taken.digest)).collect::<Vec<_>>();
        if seen.is_empty() {
            return Ok(Vec::new());
        }
        let (doc, digest) = seen.swap_remove(chance.below(seen.len()));
        self.carried(who, faults, "fetched", |town, network| {
            town.hands[who].phone.device().fetch_attachment(network, doc, &digest)
        })
    }

    fn carried(
        &mut self,
        who: usize,
        faults: &[Fault],
        what: &str,
        work: impl FnOnce(&Self, &dyn Transport) -> Result<AttachmentReport, doorstep_core::device::DeviceError>,
    ) -> Result<Vec<Sent>, String> {
        let network = self.hands[who].phone.network.clone();
        network.next(faults.iter().copied());
        let done = catch_unwind(AssertUnwindSafe(|| work(self, network.as_ref())));
        network.is_left_over();
        let told = match self.came_out(who, faults, done)? {
            Ok(report) => {
                for (count, way) in [(report.stored, "sent a photo"), (report.fetched, "fetched a photo")] {
                    if count > 0 {
                        self.tally.healed(way);
                    }
                }
                let AttachmentReport { outcome, requests, stored, fetched, later, refused, .. } = &report;
                let codes: Vec<&str> = later.iter().chain(refused).map(|(_, code)| code.as_str()).collect();
                format!("{}, {requests} requests, {stored} stored, {fetched} fetched {codes:?}", outcome.code())
            }
            Err(told) => told.to_owned(),
        };
        let sent = network.sent();
        if !sent.is_empty() {
            self.story.tell(format!("    {} {what}: {told}", self.hands[who].name));
        }
        self.hear(who, &sent);
        Ok(sent)
    }
}
