//! What stands around the bundle: whose seal it is, what the log, the committee and counter-signers say of it.
//!
//! Each line is held against what is trusted beforehand ([`Anchors`]). What can be compared without a key always is: a
//! certificate of another device, a receipt of another agreement and a proof that leads nowhere are wrong whoever signed them.

use super::anchors::Anchors;
use super::certificate::DeviceCertificate;
use super::checkpoint::Checkpoint;
use super::file::AgreementFile;
use super::receipt::Receipt;
use super::report::{CheckName, Finding, Part};
use super::seal::Seal;
use super::signed::Signed;
use super::stamp::CommitteeStamp;
use super::verify::{Given, Lines, unread};
use crate::id::{Digest, DocId};
use crate::time::Timestamp;

/// How far clocks may be apart before it is said, milliseconds: phones set theirs by the network, a sync tells them the server's,
/// and a server's own may be set back a little between two entries.
const CLOCKS_APART_MS: i64 = 10 * 60_000;

/// The bundle as its parts state it, as far as they could be read.
pub(super) struct Stated<'a> {
    /// Its name.
    pub(super) bundle: Digest,
    /// The seal.
    pub(super) seal: Option<&'a Seal>,
    /// The acts.
    pub(super) acts: &'a [Given<'a>],
    /// The case and the committee.
    pub(super) body: Option<(DocId, &'a str)>,
}

/// All lines about what stands around the bundle.
pub(super) fn check(stated: &Stated<'_>, beside: &AgreementFile, anchors: &Anchors, lines: &mut Lines) {
    check_certificate(stated, anchors, lines);
    let begun = check_carried(stated, anchors, lines);
    check_receipt(stated, beside.receipt.as_deref(), begun.as_ref(), anchors, lines);
    check_stamp(stated, beside.stamp.as_deref(), anchors, lines);
    super::counter::check(stated.bundle, &beside.counter_signatures, anchors, lines);
}

fn check_certificate(stated: &Stated<'_>, anchors: &Anchors, lines: &mut Lines) {
    const NAME: CheckName = CheckName::Certificate;
    let Some(seal) = stated.seal else {
        lines.not_made(NAME);
        return;
    };
    let Some(bytes) = &seal.context.certificate else {
        lines.not_made(NAME);
        lines.find(NAME, Finding::NotCertified);
        return;
    };
    let certificate = match Signed::<DeviceCertificate>::read(bytes) {
        Ok(certificate) => certificate,
        Err(error) => {
            lines.find(NAME, unread(Part::Certificate, error));
            return;
        }
    };
    let said = &certificate.record;
    let own = said.device == seal.context.device && said.public_key == seal.public_key;
    lines.expect(NAME, own, Finding::CertificateOfOther);
    for (at, given) in stated.acts.iter().enumerate() {
        let Some(act) = &given.act else { continue };
        // Who signed with this device's key is whose device it is.
        let named = act.enrolled.as_ref().filter(|_| act.public_key == seal.public_key);
        lines.expect(NAME, named.is_none_or(|person| *person == said.person), Finding::WrongKey(at));
    }
    if anchors.roots.is_empty() {
        lines.not_made(NAME);
        lines.find(NAME, Finding::NotCertified);
    } else {
        let by_root = anchors.roots.iter().any(|root| certificate.is_by(root));
        lines.expect(NAME, by_root, Finding::BadCertificate);
    }
}

/// A checkpoint that reads, and, where the log's key is known, is the log's.
fn checkpoint(bytes: &[u8], part: Part, anchors: &Anchors, lines: &mut Lines) -> Option<Checkpoint> {
    match Signed::<Checkpoint>::read(bytes) {
        Ok(signed) => {
            let by_log = anchors.logs.is_empty() || anchors.logs.iter().any(|log| signed.is_by(log));
            lines.expect(CheckName::Receipt, by_log, Finding::BadCheckpoint(part));
            Some(signed.record)
        }
        Err(error) => {
            lines.find(CheckName::Receipt, unread(part, error));
            None
        }
    }
}

/// What the seal carries: the agreement is not older than that.
fn check_carried(stated: &Stated<'_>, anchors: &Anchors, lines: &mut Lines) -> Option<Checkpoint> {
    let seal = stated.seal?;
    let carried = checkpoint(seal.context.checkpoint.as_deref()?, Part::Checkpoint, anchors, lines)?;
    let early = seal.context.at.wall.plus_ms(CLOCKS_APART_MS) < carried.at;
    lines.expect(CheckName::Clocks, !early, Finding::OutsideLogTime);
    Some(carried)
}

fn check_receipt(stated: &Stated<'_>, bytes: Option<&[u8]>, begun: Option<&Checkpoint>, anchors: &Anchors, lines: &mut Lines) {
    const NAME: CheckName = CheckName::Receipt;
    let Some(bytes) = bytes else {
        lines.not_made(NAME);
        lines.find(NAME, Finding::NotRegistered);
        return;
    };
    let receipt = match Receipt::read(bytes) {
        Ok(receipt) => receipt,
        Err(error) => {
            lines.find(NAME, unread(Part::Receipt, error));
            return;
        }
    };
    lines.expect(NAME, receipt.leaf.bundle == stated.bundle, Finding::ReceiptOfOther);
    let Some(ended) = checkpoint(&receipt.checkpoint, Part::Receipt, anchors, lines) else { return };
    lines.expect(NAME, receipt.leads_to(&ended), Finding::NotInLog);
    if let Some(begun) = begun {
        // What was carried into the seal was there before the agreement was, and in the same log.
        let grew = begun.log == ended.log
            && begun.size <= receipt.index
            && begun.at <= receipt.leaf.received_at.plus_ms(CLOCKS_APART_MS);
        lines.expect(NAME, grew, Finding::LogBackwards);
    }
    lines.expect(NAME, receipt.leaf.received_at <= ended.at.plus_ms(CLOCKS_APART_MS), Finding::LogBackwards);
    if let Some(seal) = stated.seal {
        let late = receipt.leaf.received_at.plus_ms(CLOCKS_APART_MS) < seal.context.at.wall;
        lines.expect(CheckName::Clocks, !late, Finding::OutsideLogTime);
    }
    if anchors.logs.is_empty() {
        lines.not_made(NAME);
        lines.find(NAME, Finding::LogUnknown);
    }
}

fn check_stamp(stated: &Stated<'_>, bytes: Option<&[u8]>, anchors: &Anchors, lines: &mut Lines) {
    const NAME: CheckName = CheckName::Stamp;
    let Some(bytes) = bytes else {
        lines.not_made(NAME);
        lines.find(NAME, Finding::NotStamped);
        return;
    };
    let stamp = match Signed::<CommitteeStamp>::read(bytes) {
        Ok(stamp) => stamp,
        Err(error) => {
            lines.find(NAME, unread(Part::Stamp, error));
            return;
        }
    };
    let said = &stamp.record;
    let own = said.bundle == stated.bundle
        && stated.body.is_none_or(|(case, committee)| said.case == case && said.committee == committee);
    lines.expect(NAME, own, Finding::StampOfOther);
    if anchors.roots.is_empty() {
        lines.not_made(NAME);
        lines.find(NAME, Finding::StampUnchecked);
    } else {
        lines.expect(NAME, anchors.roots.iter().any(|root| stamp.is_by(root)), Finding::BadStamp);
    }
}

/// What stands beside the bundle, as it states it: when the log took it in, when the committee stamped.
pub(super) fn times(beside: &AgreementFile) -> (Option<(u64, Timestamp)>, Option<Timestamp>) {
    let receipt = beside.receipt.as_deref().and_then(|bytes| Receipt::read(bytes).ok());
    let stamp = beside.stamp.as_deref().and_then(|bytes| Signed::<CommitteeStamp>::read(bytes).ok());
    (receipt.map(|receipt| (receipt.index, receipt.leaf.received_at)), stamp.map(|stamp| stamp.record.at))
}
