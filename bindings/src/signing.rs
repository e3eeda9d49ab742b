//! Signing: the pad that goes round the table, the seal, and verification, which needs no device.

use std::sync::Arc;

use doorstep_core::agreement::{self, Drawing};
use doorstep_core::device::{self, Terms};
use doorstep_core::words::Lang as CoreLang;

use crate::device::Device;
use crate::errors::{DoorstepError, read};
use crate::names::{Identity, Lang, SignerRole};
use crate::terms::Party;
use crate::views::CaseView;
use crate::work::off_thread;

/// A point of a stroke; x to the right, y downwards, in the pad's units.
#[derive(Debug, Clone, Copy, PartialEq, uniffi::Record)]
pub struct StrokePoint {
    /// From the left edge.
    pub x: f64,
    /// From the upper edge.
    pub y: f64,
}

/// One sample of how a stroke was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct StrokeSample {
    /// Milliseconds since the first sample.
    pub at_ms: u32,
    /// Pressure in thousandths of the pad's range; none where there is none to measure, such as a finger's.
    pub pressure: Option<u16>,
}

/// One person at the pad.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Signing {
    /// In what role.
    pub role: SignerRole,
    /// Their name: for a party exactly as in the agreement.
    pub name: String,
    /// How it was made sure who they are.
    pub identity: Identity,
    /// How long the text stood before them, milliseconds.
    pub shown_ms: u64,
    /// Whether it was read aloud to them.
    pub read_aloud: bool,
    /// Width of the pad, in its own units.
    pub width: u16,
    /// Height of the pad, in its own units.
    pub height: u16,
    /// What they drew. Points beyond the edge are put on it.
    pub strokes: Vec<Vec<StrokePoint>>,
    /// A witness's capacity.
    #[uniffi(default = "")]
    pub capacity: String,
    /// Who holds the pen, where a party is an org or is represented.
    #[uniffi(default = None)]
    pub by: Option<String>,
    /// How the signer wrote, recorded only after they agreed to it apart from the agreement; none otherwise. Kept on this device,
    /// outside the agreement, and erasable.
    #[uniffi(default = None)]
    pub dynamics: Option<Vec<StrokeSample>>,
    /// Whether the signer agreed that their dynamics are kept. Dynamics without it are refused and not stored.
    #[uniffi(default = false)]
    pub dynamics_consent: bool,
    /// Whether the worker whose device this is signs, as a witness or mediator, with the device's key.
    #[uniffi(default = false)]
    pub own_key: bool,
}

/// Somebody who has signed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SignedName {
    /// In what role.
    pub role: SignerRole,
    /// By what name.
    pub name: String,
}

/// Somebody who must still sign.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct UnsignedName {
    /// In what role.
    pub role: SignerRole,
    /// By name, where the agreement names them; a witness may be anyone who is not a party.
    pub name: Option<String>,
}

/// What the signing pad shows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Pad {
    /// The text, as it is read aloud and signed.
    pub text: String,
    /// The check number (核验码) of exactly this text, in groups of four.
    pub check_number: String,
    /// The parties, in order.
    pub parties: Vec<Party>,
    /// Who has signed, in order.
    pub signed: Vec<SignedName>,
    /// Who must still sign, in order; empty: it can be sealed.
    pub missing: Vec<UnsignedName>,
}

impl From<device::Pad> for Pad {
    fn from(pad: device::Pad) -> Self {
        let missing = pad.missing.into_iter().map(|one| UnsignedName { role: one.role.into(), name: one.name });
        Self {
            text: pad.text,
            check_number: pad.check_number,
            parties: pad.parties.into_iter().map(Into::into).collect(),
            signed: pad.signed.into_iter().map(|(role, name)| SignedName { role: role.into(), name }).collect(),
            missing: missing.collect(),
        }
    }
}

/// An agreement just sealed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SealedAgreement {
    /// The case after it.
    pub view: CaseView,
    /// The bundle's digest.
    pub bundle: String,
    /// The bundle: what can be saved as a file and verified anywhere.
    pub bytes: Vec<u8>,
    /// The check number of the signed text, in groups of four, as on the pad.
    pub check_number: String,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Weight {
    /// To be known; nothing is wrong.
    Note,
    /// Wants an explanation, which may be innocent.
    Doubt,
    /// The agreement cannot be relied on as it stands.
    Broken,
}

/// Something a verification found.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Finding {
    /// Permanent code.
    pub code: String,
    /// How much it weighs.
    pub weight: Weight,
    /// One sentence.
    pub sentence: String,
}

/// A signer, as the bundle states it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VerifiedSigner {
    /// In what role.
    pub role: SignerRole,
    /// By what name.
    pub name: String,
    /// In what capacity.
    pub capacity: String,
    /// Who held the pen for them.
    pub by: Option<String>,
    /// When, by the device's clock, milliseconds since 1970.
    pub at_ms: i64,
}

/// The answer of a verification. Facts are empty where the bundle could not be read.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Verification {
    /// Whether nothing is broken. Notes and doubts may remain: read them.
    pub holds: bool,
    /// Everything found, in order.
    pub findings: Vec<Finding>,
    /// The case, as the bundle states it.
    pub case_id: Option<String>,
    /// The check number, as in [`crate::AgreementView`].
    pub check_number: Option<String>,
    /// The text that was signed.
    pub text: String,
    /// Who signed, in order.
    pub signers: Vec<VerifiedSigner>,
    /// When it was sealed, by the device's clock, milliseconds since 1970.
    pub sealed_at_ms: Option<i64>,
    /// The device that sealed it.
    pub device: Option<String>,
    /// Fingerprint of the device's key, to be compared.
    pub device_key: Option<String>,
    /// When the server's log took it in, by the receipt, milliseconds since 1970.
    pub registered_at_ms: Option<i64>,
    /// When the committee stamped it, by the stamp, milliseconds since 1970.
    pub stamped_at_ms: Option<i64>,
}

/// What a sync of evidence brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct EvidenceReport {
    /// Receipts that came.
    pub receipts: u64,
    /// Stamps that came.
    pub stamps: u64,
    /// Receipts that did not stand up and were not kept.
    pub refused: u64,
    /// Whether the log contradicts what it said before.
    pub contradicts: bool,
    /// Whether this device has a certificate.
    pub certified: bool,
}

impl From<device::EvidenceReport> for EvidenceReport {
    fn from(report: device::EvidenceReport) -> Self {
        Self {
            receipts: report.receipts as u64,
            stamps: report.stamps as u64,
            refused: report.refused as u64,
            contradicts: report.contradicts,
            certified: report.certified,
        }
    }
}

/// Verifies a sealed agreement or its file: offline, without a device. `lang` is the language of the sentences; `anchors` the keys to
/// trust, a line a key, as the sub-district publishes them. Lines that are no keys are trusted no more than none. What is no bundle
/// does not hold; it is no error.
#[uniffi::export(default(lang = None, anchors = None))]
pub async fn verify_agreement(
    bundle: Vec<u8>,
    lang: Option<Lang>,
    anchors: Option<String>,
) -> Result<Verification, DoorstepError> {
    let lang = lang.map_or_else(CoreLang::default, Into::into);
    off_thread(lang, move |_| Ok(verified(&bundle, lang, anchors.as_deref()))).await
}

/// The agreement's file that a PDF carries, as it was embedded; none where there is none that can be relied on. It needs no fonts, so
/// it is here also where nothing is printed.
#[uniffi::export]
pub fn agreement_in_pdf(pdf: Vec<u8>) -> Option<Vec<u8>> {
    doorstep_core::print::extract(&pdf).ok().map(<[u8]>::to_vec)
}

fn verified(bundle: &[u8], lang: CoreLang, anchors: Option<&str>) -> Verification {
    let anchors = anchors.and_then(|text| text.parse().ok()).unwrap_or_default();
    let report = agreement::verify_with(bundle, &anchors);
    let finding = |finding: &agreement::Finding| Finding {
        code: finding.code().into(),
        weight: match finding.weight() {
            agreement::Weight::Note => Weight::Note,
            agreement::Weight::Doubt => Weight::Doubt,
            agreement::Weight::Broken => Weight::Broken,
        },
        sentence: match lang {
            CoreLang::Zh => finding.zh(),
            CoreLang::En => finding.en(),
        },
    };
    let signer = |signer: &agreement::SignerFact| VerifiedSigner {
        role: signer.role.into(),
        name: signer.name.clone(),
        capacity: signer.capacity.clone(),
        by: signer.by.clone(),
        at_ms: signer.at.0,
    };
    let facts = report.facts.as_ref();
    Verification {
        holds: report.holds(),
        findings: report.findings().map(finding).collect(),
        case_id: facts.map(|facts| facts.case.to_string()),
        check_number: facts.map(|facts| facts.check_number.to_string()),
        text: facts.map(|facts| facts.text.clone()).unwrap_or_default(),
        signers: facts.map(|facts| facts.signers.iter().map(signer).collect()).unwrap_or_default(),
        sealed_at_ms: facts.map(|facts| facts.sealed_at.0),
        device: facts.map(|facts| facts.device.to_string()),
        device_key: facts.map(|facts| facts.device_key.to_string()),
        registered_at_ms: facts.and_then(|facts| facts.registered).map(|(_, at)| at.0),
        stamped_at_ms: facts.and_then(|facts| facts.stamped_at).map(|at| at.0),
    }
}

#[uniffi::export]
impl Device {
    /// Freezes the draft in force: from now on the parties sign exactly this text. Begun anew, earlier acts are gone.
    #[uniffi::method(default(number = None, mediator = None))]
    pub fn freeze(&self, case_id: String, number: Option<String>, mediator: Option<String>) -> Result<Pad, DoorstepError> {
        let terms = Terms { number, mediator };
        self.inner.freeze(self.doc(&case_id)?, terms).map(Into::into).map_err(|error| self.error(&error))
    }

    /// The pad of a ceremony under way, as it was left.
    pub fn pad(&self, case_id: String) -> Result<Pad, DoorstepError> {
        self.inner.pad(self.doc(&case_id)?).map(Into::into).map_err(|error| self.error(&error))
    }

    /// Somebody signs. With `own_key` the device's key is asked, which may wait for a finger.
    pub async fn sign(self: Arc<Self>, case_id: String, signing: Signing) -> Result<Pad, DoorstepError> {
        off_thread(self.lang, move |_| {
            let (case, own_key) = (self.doc(&case_id)?, signing.own_key);
            let signing = self.signing(case, signing)?;
            self.inner.sign(case, signing, own_key).map(Into::into).map_err(|error| self.error(&error))
        })
        .await
    }

    /// Somebody who has signed signs again; those after them must then sign again too.
    pub async fn sign_again(self: Arc<Self>, case_id: String, signing: Signing) -> Result<Pad, DoorstepError> {
        off_thread(self.lang, move |_| {
            let (case, own_key) = (self.doc(&case_id)?, signing.own_key);
            let signing = self.signing(case, signing)?;
            self.inner.sign_again(case, signing, own_key).map(Into::into).map_err(|error| self.error(&error))
        })
        .await
    }

    /// Ends the ceremony without an agreement.
    pub fn cancel_signing(&self, case_id: String) -> Result<(), DoorstepError> {
        self.inner.cancel_signing(self.doc(&case_id)?).map_err(|error| self.error(&error))
    }

    /// Seals what everybody signed, with the device's key, which may wait for a finger; taps on this device wait meanwhile.
    pub async fn seal(self: Arc<Self>, case_id: String) -> Result<SealedAgreement, DoorstepError> {
        off_thread(self.lang, move |_| {
            let sealed = self.inner.seal(self.doc(&case_id)?).map_err(|error| self.error(&error))?;
            Ok(SealedAgreement {
                view: sealed.case.into(),
                bundle: sealed.bundle.to_string(),
                bytes: sealed.bytes,
                check_number: sealed.check_number,
            })
        })
        .await
    }

    /// The bytes of a sealed agreement, if this device has them.
    pub fn bundle(&self, digest: String) -> Result<Option<Vec<u8>>, DoorstepError> {
        self.inner.bundle(&read(&digest, self.lang)?).map_err(|error| self.error(&error))
    }

    /// The agreement's file: the bundle with the receipt and stamp that are here. What is saved, sent and verified.
    pub fn agreement_file(&self, digest: String) -> Result<Option<Vec<u8>>, DoorstepError> {
        self.inner.agreement_file(&read(&digest, self.lang)?).map_err(|error| self.error(&error))
    }

    /// Erases how the signatures of a case were written; how many there were. What was sealed verifies as before.
    pub fn erase_dynamics(&self, case_id: String) -> Result<u64, DoorstepError> {
        let erased = self.inner.erase_dynamics(self.doc(&case_id)?).map_err(|error| self.error(&error))?;
        Ok(erased as u64)
    }

    /// The keys that this sub-district's server named, a line a key: what to verify its agreements against.
    pub fn anchors(&self) -> Result<String, DoorstepError> {
        self.inner.anchors().map(|anchors| anchors.to_string()).map_err(|error| self.error(&error))
    }

    /// Fetches receipts and stamps of the agreements here, the log's newest checkpoint and the device's certificate. For after a sync.
    pub async fn sync_evidence(self: Arc<Self>) -> Result<EvidenceReport, DoorstepError> {
        off_thread(self.lang, move |stop| {
            let carrier = self.carrier(stop)?;
            self.inner.sync_evidence(&carrier).map(Into::into).map_err(|error| self.carried(&carrier, &error))
        })
        .await
    }

    /// The bytes of a sealed agreement, from this device or else from the server. None: the server has none for this
    /// person.
    pub async fn fetch_bundle(self: Arc<Self>, digest: String) -> Result<Option<Vec<u8>>, DoorstepError> {
        off_thread(self.lang, move |stop| {
            let (carrier, digest) = (self.carrier(stop)?, read(&digest, self.lang)?);
            self.inner.fetch_bundle(&carrier, &digest).map_err(|error| self.carried(&carrier, &error))
        })
        .await
    }
}

impl Device {
    fn signing(&self, case: doorstep_core::id::DocId, signing: Signing) -> Result<agreement::Signing, DoorstepError> {
        let strokes: Vec<Vec<(f64, f64)>> =
            signing.strokes.iter().map(|stroke| stroke.iter().map(|point| (point.x, point.y)).collect()).collect();
        let drawing = Drawing::from_raw(signing.width, signing.height, &strokes)
            .map_err(|error| DoorstepError::drawing(error, self.lang))?;
        let keep = |samples: Vec<StrokeSample>| {
            let sample = |sample: StrokeSample| agreement::Sample { at_ms: sample.at_ms, pressure: sample.pressure };
            let samples = samples.into_iter().map(sample).collect();
            self.inner.keep_dynamics(case, samples, signing.dynamics_consent).map_err(|error| self.error(&error))
        };
        let dynamics = signing.dynamics.map(keep).transpose()?;
        Ok(agreement::Signing {
            role: signing.role.into(),
            name: signing.name,
            capacity: signing.capacity,
            by: signing.by,
            identity: signing.identity.into(),
            shown_ms: signing.shown_ms,
            read_aloud: signing.read_aloud,
            at: self.inner.moment(),
            drawing,
            dynamics,
            dynamics_consent: signing.dynamics_consent,
            photo: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_bundle_does_not_hold_and_states_nothing() {
        let verification = crate::work::wait(verify_agreement(b"nonsense".to_vec(), Some(Lang::En), None)).unwrap();
        assert!(!verification.holds);
        assert!(verification.findings.iter().any(|finding| finding.weight == Weight::Broken && !finding.sentence.is_empty()));
        assert_eq!((verification.case_id, verification.signers), (None, vec![]));
    }
}
