//! What comes after a sealing: the server's receipt and the committee's stamp, the log's newest checkpoint, the device's own
//! certificate. Fetched apart from a sync of text, kept beside the bundle, put together into the agreement's file.
//!
//! Nothing of it is believed unseen: a receipt must lead to a checkpoint that the known log signed, a stamp must be the known root's, and each checkpoint must go
//! on from the one before. The keys are those that the server named first; another is a contradiction that is said and kept.

use std::io::Read;

use serde::de::DeserializeOwned;

use super::{Device, DeviceError};
use crate::agreement::{
    AgreementFile, Anchors, Bundle, CARRIED_MAX, CeremonyError, Checkpoint, CommitteeStamp, DeviceCertificate, Dynamics,
    Receipt, Report, Sample, Signed, merkle, verify_with,
};
use crate::environment::{Request, Response, Transport, TransportError};
use crate::id::{Digest, DocId};
use crate::store::{Beside, Meta};
use crate::sync;
use crate::sync::wire::{BesideAnswer, LogAnswer};

/// Largest answer about evidence, bytes: a receipt of 64 hashes with its checkpoint takes 3 KiB.
const ANSWER_MAX: u64 = 64 << 10;
/// Most agreements asked about at a time; the next time goes on behind them, for what was answered is no longer lacking.
const ASKED_MAX: usize = 64;

/// What a sync of evidence brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EvidenceReport {
    /// Receipts that came.
    pub receipts: usize,
    /// Stamps that came.
    pub stamps: usize,
    /// Receipts and stamps that did not stand up and were not kept.
    pub refused: usize,
    /// How many entries the log has.
    pub log_size: Option<u64>,
    /// Whether the log contradicts what it said before. The checkpoint from before is kept to be shown.
    pub contradicts: bool,
    /// Whether this device has a certificate.
    pub certified: bool,
}

/// What a seal made now carries.
pub(super) struct ToCarry {
    pub(super) checkpoint: Option<Vec<u8>>,
    pub(super) certificate: Option<Vec<u8>>,
}

impl Device {
    /// Fetches the newest checkpoint, the device's certificate, and what stands beside the agreements here. For after a sync.
    /// A server of an earlier release has none of it: the report is then empty.
    pub fn sync_evidence(&self, transport: &dyn Transport) -> Result<EvidenceReport, DeviceError> {
        let mut report = EvidenceReport::default();
        let from = self.carried()?.map_or(0, |carried| carried.record.size);
        let Some(answer) = self.asked::<LogAnswer>(transport, |token| sync::log(from, token))? else { return Ok(report) };
        self.take_log(&answer, &mut report)?;
        let lacking = {
            let desk = self.desk();
            let mut lacking = desk.store.without(Beside::Receipt)?;
            lacking.extend(desk.store.without(Beside::Stamp)?);
            lacking.sort_unstable();
            lacking.dedup();
            lacking
        };
        for digest in lacking.into_iter().filter(|digest| self.may_have_more(digest)).take(ASKED_MAX) {
            self.fetch_beside(transport, &digest, &mut report)?;
        }
        Ok(report)
    }

    /// The agreement's file: the bundle with what stands beside it here. None: the bundle is not here.
    pub fn agreement_file(&self, digest: &Digest) -> Result<Option<Vec<u8>>, DeviceError> {
        let desk = self.open_desk()?;
        let Some(bundle) = desk.store.bundle(digest)? else { return Ok(None) };
        let mut file = AgreementFile::of(bundle);
        file.receipt = desk.store.beside(digest, Beside::Receipt)?;
        file.stamp = desk.store.beside(digest, Beside::Stamp)?;
        Ok(Some(file.write()))
    }

    /// Verifies an agreement here, with what stands beside it, against the keys that this sub-district's server named.
    pub fn verify_agreement(&self, digest: &Digest) -> Result<Option<Report>, DeviceError> {
        let anchors = self.anchors()?;
        Ok(self.agreement_file(digest)?.map(|file| verify_with(&file, &anchors)))
    }

    /// The keys that this sub-district's server named when it was first asked; none yet before the first [`Self::sync_evidence`].
    pub fn anchors(&self) -> Result<Anchors, DeviceError> {
        let text = super::meta_text(&self.desk().store, Meta::Anchors)?.unwrap_or_default();
        text.parse().map_err(|_| DeviceError::Damaged("anchors"))
    }

    /// Keeps how a signature was written, and gives what the act is to hold of it; only with the signer's consent, asked apart from
    /// the agreement. Without it nothing is stored.
    pub fn keep_dynamics(&self, case: DocId, samples: Vec<Sample>, consent: bool) -> Result<Digest, DeviceError> {
        if !consent {
            return Err(CeremonyError::NoConsent.into());
        }
        let dynamics = Dynamics::new(samples, &*self.host.entropy);
        let digest = dynamics.digest();
        self.open_desk()?.store.put_dynamics(&digest, &case, &dynamics.to_bytes())?;
        Ok(digest)
    }

    /// How a signature was written, by what its act holds of it; none once it was erased.
    pub fn dynamics(&self, digest: &Digest) -> Result<Option<Vec<u8>>, DeviceError> {
        Ok(self.open_desk()?.store.dynamics(digest)?)
    }

    /// Erases how the signatures of a case were written; how many there were. What was sealed verifies as before.
    pub fn erase_dynamics(&self, case: DocId) -> Result<usize, DeviceError> {
        Ok(self.open_desk()?.store.erase_dynamics(&case)?)
    }

    /// What a seal made now carries: the newest checkpoint, and the certificate of exactly this device and key.
    pub(super) fn to_carry(&self, desk: &super::Desk) -> Result<ToCarry, DeviceError> {
        let fits = |bytes: &Vec<u8>| bytes.len() <= CARRIED_MAX;
        let checkpoint = desk.store.meta(Meta::Checkpoint)?.filter(fits);
        let device = desk.enrolled.as_ref().map(|enrolled| enrolled.device);
        let own = |bytes: &Vec<u8>| {
            Signed::<DeviceCertificate>::read(bytes).is_ok_and(|certificate| {
                Some(certificate.record.device) == device && certificate.record.public_key == self.host.signer.public_key()
            })
        };
        let certificate = desk.store.meta(Meta::Certificate)?.filter(fits).filter(own);
        Ok(ToCarry { checkpoint, certificate })
    }

    /// The checkpoint that is carried. One that can't be read any more is as good as none: it is fetched anew.
    fn carried(&self) -> Result<Option<Signed<Checkpoint>>, DeviceError> {
        let bytes = self.desk().store.meta(Meta::Checkpoint)?;
        Ok(bytes.and_then(|bytes| Signed::<Checkpoint>::read(&bytes).ok()))
    }

    /// Whether the server can have more beside this agreement than is here. A stamp comes when a lead has stamped, and the case's
    /// log says so.
    fn may_have_more(&self, digest: &Digest) -> bool {
        let mut desk = self.desk();
        if !matches!(desk.store.beside(digest, Beside::Receipt), Ok(Some(_))) {
            return true;
        }
        let Some(bundle) = desk.store.bundle(digest).ok().flatten().and_then(|bytes| Bundle::read(&bytes).ok()) else {
            return false;
        };
        let case = bundle.body.context.case;
        let Ok(open) = desk.open_case(case) else { return false };
        let stamped = open.state.stamped(digest).is_some();
        desk.loaded.put(case, open);
        stamped
    }

    fn take_log(&self, answer: &LogAnswer, report: &mut EvidenceReport) -> Result<(), DeviceError> {
        let key = |bytes: &[u8]| <[u8; 33]>::try_from(bytes).map_err(|_| DeviceError::Damaged("log"));
        let named = Anchors { roots: vec![key(&answer.root)?], logs: vec![key(&answer.log)?], ..Anchors::default() };
        let known = self.anchors()?;
        let first = known == Anchors::default();
        let carried = self.carried()?;
        let came = Signed::<Checkpoint>::read(&answer.checkpoint).map_err(|_| DeviceError::Damaged("log"))?;
        let proof: Vec<Digest> = answer.proof.iter().filter_map(|hash| Digest::from_slice(hash).ok()).collect();
        let goes_on = carried.as_ref().is_none_or(|carried| {
            let (old, new) = (&carried.record, &came.record);
            old.log == new.log && merkle::is_consistent(old.size, &old.root, new.size, &new.root, &proof)
        });
        report.contradicts = !(goes_on && (first || known == named) && named.logs.iter().any(|log| came.is_by(log)));
        report.log_size = Some(came.record.size);
        let certificate = answer.certificate.as_ref().map(|bytes| bytes.as_slice());
        report.certified = certificate.is_some();
        let mut desk = self.desk();
        let mut values: Vec<(Meta, Option<&[u8]>)> = vec![(Meta::Certificate, certificate)];
        let (text, before) = (named.to_string(), desk.store.meta(Meta::Checkpoint)?);
        if report.contradicts {
            // What it said before is kept to be shown, and no longer carried: a seal made now must not name a log that is gone.
            values.push((Meta::Contradicted, before.as_deref()));
            values.push((Meta::Checkpoint, None));
        } else {
            values.push((Meta::Checkpoint, Some(&answer.checkpoint)));
        }
        if first {
            values.push((Meta::Anchors, Some(text.as_bytes())));
        }
        Ok(desk.store.set_meta(&values)?)
    }

    fn fetch_beside(&self, transport: &dyn Transport, digest: &Digest, report: &mut EvidenceReport) -> Result<(), DeviceError> {
        // It is not on the server yet, or this person may no longer see it.
        let Some(answer) = self.asked::<BesideAnswer>(transport, |token| sync::beside(digest, token))? else { return Ok(()) };
        let anchors = self.anchors()?;
        if let Some(bytes) = answer.receipt {
            let stands = Receipt::read(&bytes).is_ok_and(|receipt| {
                let checkpoint = receipt.checkpoint();
                receipt.leaf.bundle == *digest
                    && checkpoint.is_ok_and(|checkpoint| {
                        receipt.leads_to(&checkpoint.record) && anchors.logs.iter().any(|log| checkpoint.is_by(log))
                    })
            });
            if stands {
                report.receipts += usize::from(self.desk().store.put_beside(digest, Beside::Receipt, &bytes)?);
            } else {
                report.refused += 1;
            }
        }
        if let Some(bytes) = answer.stamp {
            let stands = Signed::<CommitteeStamp>::read(&bytes)
                .is_ok_and(|stamp| stamp.record.bundle == *digest && anchors.roots.iter().any(|root| stamp.is_by(root)));
            if !stands {
                report.refused += 1;
                return Ok(());
            }
            report.stamps += usize::from(self.desk().store.put_beside(digest, Beside::Stamp, &bytes)?);
        }
        Ok(())
    }

    /// Asks with the token that is here, and once more after a sync if that one is too old. None: there is no such thing.
    fn asked<T: DeserializeOwned>(
        &self,
        transport: &dyn Transport,
        request: impl Fn(&str) -> Request,
    ) -> Result<Option<T>, DeviceError> {
        let send = || -> Result<Response, DeviceError> {
            let token = super::meta_text(&self.desk().store, Meta::Token)?.unwrap_or_default();
            Ok(transport.send(&request(&token))?)
        };
        let mut answer = send()?;
        if answer.status == 401 {
            self.sync(transport)?;
            answer = send()?;
        }
        match answer.status {
            200 => {}
            404 => return Ok(None),
            _ => return Err(TransportError::Unreachable.into()),
        }
        let mut bytes = Vec::new();
        answer.body.take(ANSWER_MAX).read_to_end(&mut bytes).map_err(|_| TransportError::Unreachable)?;
        minicbor_serde::from_slice(&bytes).map(Some).map_err(|_| DeviceError::Damaged("answer"))
    }
}
