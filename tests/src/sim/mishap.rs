//! What befalls phones and the server outside the network: deaths at every step of a transaction, full disks, clocks,
//! backups put back, copies that go on beside the original.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use doorstep_core::environment::{Clock as _, random};
use doorstep_core::planted::{self, Planted};
use doorstep_core::store::{Options, Step as Moment};
use doorstep_server::audit::Who;

use super::photo;
use super::plan::Stop;
use super::town::{Backup, Town};
use crate::network::PhoneDied;
use crate::phone::FILE;
use crate::seed::Seeded;

/// Moments inside a transaction of the phone's store.
pub const MOMENTS: [Moment; 5] =
    [Moment::AfterChange, Moment::AfterOutbox, Moment::BeforeCommit, Moment::AfterCommit, Moment::AttachmentNamed];
/// The size of a database's page.
const PAGE: u64 = 4_096;

impl Town {
    /// Does `work` on a phone that dies at `stop`, if it comes there, and is switched on again afterwards: it goes on
    /// from what the files held at that moment. Whether it died.
    pub fn killed<T>(
        &mut self,
        who: usize,
        stop: Stop,
        work: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<bool, String> {
        let next = self.next_dir(who);
        let from = self.hands[who].phone.dir.clone();
        let (count, died) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
        let (to, dead) = (next.clone(), Arc::clone(&died));
        let hook = move |moment: Moment| {
            if moment == MOMENTS[stop.at] && count.fetch_add(1, Ordering::SeqCst) + 1 == stop.nth {
                photo::battery_dies(&from, &to);
                dead.store(true, Ordering::SeqCst);
                resume_unwind(Box::new(PhoneDied));
            }
        };
        self.hands[who].phone.reopen_with(Options { on_step: Some(Box::new(hook)), ..Options::default() });
        let done = catch_unwind(AssertUnwindSafe(|| work(self)));
        if died.load(Ordering::SeqCst) {
            self.goes_on_in(who, next);
            self.story.tell(format!("    {} died ({:?} {})", self.hands[who].name, MOMENTS[stop.at], stop.nth));
            return Ok(true);
        }
        self.hands[who].phone.reopen();
        match done {
            Ok(done) => done.map(|_| false),
            Err(other) => resume_unwind(other),
        }
    }

    /// The phone's disk has room for so many pages only.
    pub fn fill_disk(&mut self, who: usize, pages: u32) -> Result<(), String> {
        let phone = &mut self.hands[who].phone;
        phone.device().tidy().map_err(|error| format!("tidying up: {error}"))?;
        phone.off();
        let size = std::fs::metadata(phone.dir.join(FILE)).expect("a file").len() / PAGE;
        let max_pages = Some(u32::try_from(size).unwrap_or(u32::MAX).saturating_add(pages));
        match phone.try_open(Options { max_pages, ..Options::default() }) {
            Err(error) if error.code() == "store_full" => {
                phone.reopen();
                Ok(())
            }
            other => other.map_err(|error| format!("opening on a full disk: {error}")),
        }
    }

    /// A backup of the phone's files.
    pub fn back_up(&mut self, who: usize) {
        let dir = self.next_dir(who);
        let hand = &mut self.hands[who];
        photo::copy(&hand.phone.dir, &dir);
        hand.backup =
            Some(Backup { dir, tokens: self.tokens.len(), taken: self.taken.len(), installation: hand.phone.installation });
    }

    /// The phone is put back to its backup. What it wrote since and had not sent is gone: nobody promises otherwise.
    pub fn restore(&mut self, who: usize, same_installation: bool, chance: &Seeded) -> bool {
        let Some(backup) = self.hands[who].backup.clone() else { return false };
        let contents = super::promises::contents_of(&self.documents());
        let shelf = self.shelf();
        for taken in self.taken[backup.taken..].iter_mut().filter(|taken| taken.by == who) {
            // The same bytes may lie there for another case: for this one nobody showed that they have them.
            taken.excused |= !shelf.given.contains(&(taken.doc, taken.digest));
        }
        for token in self.tokens[backup.tokens..].iter_mut().filter(|token| token.by == who) {
            let sent = contents.get(&token.doc).is_some_and(|content| content.contains(&token.text));
            token.excused |= !sent;
        }
        let next = self.next_dir(who);
        photo::copy(&backup.dir, &next);
        let hand = &mut self.hands[who];
        hand.phone.installation = if same_installation { backup.installation } else { random(chance) };
        hand.forked |= same_installation;
        hand.put_back = true;
        self.goes_on_in(who, next);
        self.owed.retain(|_, author| *author != who);
        self.hands[who].photo = self.photograph(who);
        true
    }

    /// A second phone begins on a copy of this one's files.
    pub fn clone_phone(&mut self, who: usize, chance: &Seeded) {
        let name = format!("{}+{}", self.hands[who].name, self.hands.len());
        let dir = self.dir().join(format!("{name}-0"));
        photo::copy(&self.hands[who].phone.dir, &dir);
        let phone = &self.hands[who].phone;
        let (person, signer) = (phone.person.clone(), phone.signer.clone());
        self.add(&name, person.as_str(), dir, signer, random(chance));
        self.hands[who].put_back = true;
        let (revoked, heard, kept) = (self.hands[who].revoked, self.hands[who].heard.clone(), self.hands[who].kept.clone());
        if let Some(copy) = self.hands.last_mut() {
            (copy.revoked, copy.heard, copy.kept, copy.put_back) = (revoked, heard, kept, true);
        }
    }

    /// The server is put back to its backup, and the operator says so, as `doorstep admin restored` does.
    pub fn restore_server(&mut self, chance: &Seeded) -> bool {
        let Some(backup) = self.server_backup.clone() else { return false };
        let before = self.shelf();
        self.server.put_back(&backup);
        let store = self.server.store();
        let ended = store.epoch().expect("an epoch");
        let begun = store.begin_epoch(ended, Who::Operator, chance, self.clock.now()).expect("a new epoch");
        assert!(begun || planted::is(Planted::NoEpochOnRestore), "the epoch was the one that ended");
        let after = self.shelf();
        for (doc, kept) in &before.documents {
            for named in kept.changes.keys().map(|hash| (*doc, *hash)).filter(|named| !after.has(named)) {
                self.lost_by_server.insert(*doc);
                // Whoever wrote it and still has it owes it.
                let author = self.hands.iter().position(|hand| hand.photo.own.contains(&named));
                self.owed.extend(author.map(|who| (named, who)));
            }
        }
        // Photos that were let go because the server had them are gone with it.
        for taken in self.taken.iter_mut().filter(|taken| !after.attachments.contains_key(&taken.digest)) {
            let has = |hand: &super::town::Hand| hand.photo.attachments.get(&taken.digest).is_some_and(|one| one.here);
            taken.excused |= before.attachments.contains_key(&taken.digest) && !self.hands.iter().any(has);
        }
        // What the server said before counts for nothing: it knows of none of it.
        for hand in &mut self.hands {
            hand.heard.clear();
            hand.kept.clear();
        }
        self.restored += 1;
        // Tokens, and whoever was revoked since, are as the backup had them.
        let devices = self.server.store().devices().expect("devices");
        for who in 0..self.hands.len() {
            let device = self.device(who);
            self.hands[who].revoked = devices.iter().any(|one| one.id == device && one.revoked_at.is_some());
        }
        true
    }
}
