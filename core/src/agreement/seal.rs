//! The seal: the device's key over body and acts, on the spot. It is the community's tamper seal, not a party's signature.
//!
//! A device counts its seals and names the one before: a seal that went missing, or two with one number, show.

use super::act::{Moment, SignedAct};
use super::bundle::{BUNDLE_MAX, Bundle};
use super::canon::{self, ReadError, Reader, Record, Writer};
use super::ceremony::{ACTS_MAX, Ceremony};
use super::ceremony_error::CeremonyError;
use super::digest::{CheckNumber, SEAL_TAG, bundle_digest, framed, tagged};
use super::key::is_signature;
use crate::environment::Signer;
use crate::id::{DeviceId, Digest};

const NAME: &str = "doorstep-agreement-seal";
const VERSION: u64 = 1;

/// Largest log checkpoint or certificate carried in a seal, bytes.
pub const CARRIED_MAX: usize = 8 << 10;

/// What the device adds when it seals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealContext {
    /// The device.
    pub device: DeviceId,
    /// Its count of seals, from 1; never the same twice.
    pub counter: u64,
    /// Digest of its seal before this one ([`Sealed::seal`]); none for its first.
    pub previous: Option<Digest>,
    /// The newest signed checkpoint of the server's log that it carries, as received: the agreement is not older.
    pub checkpoint: Option<Vec<u8>>,
    /// The device's certificate from the tenant's root, where it has one, as received.
    pub certificate: Option<Vec<u8>>,
    /// When it seals.
    pub at: Moment,
}

/// What the device's key signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// SHA-256 digest of the body.
    pub body: Digest,
    /// SM3 digest of the body.
    pub body_sm3: [u8; 32],
    /// Digests of the acts, in order.
    pub acts: Vec<Digest>,
    /// What the device added.
    pub context: SealContext,
    /// The device's key, SEC1 compressed.
    pub public_key: [u8; 33],
}

impl Record for Seal {
    fn put(&self, out: &mut Writer) {
        let context = &self.context;
        out.array(12);
        out.text(NAME);
        out.uint(VERSION);
        out.bytes(self.body.as_bytes());
        out.bytes(&self.body_sm3);
        out.list(&self.acts, |out, act| out.bytes(act.as_bytes()));
        out.bytes(context.device.as_bytes());
        out.uint(context.counter);
        out.option(context.previous.as_ref(), |out, digest| out.bytes(digest.as_bytes()));
        out.option(context.checkpoint.as_deref(), Writer::bytes);
        out.option(context.certificate.as_deref(), Writer::bytes);
        context.at.put(out);
        out.bytes(&self.public_key);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        let carried = |input: &mut Reader<'_>| match input.bytes()? {
            bytes if bytes.len() <= CARRIED_MAX => Ok(bytes.to_vec()),
            _ => Err(ReadError::TooLarge),
        };
        input.opening(12, NAME, VERSION)?;
        let body = Digest::from_bytes(input.exactly()?);
        let body_sm3 = input.exactly()?;
        let acts = input.list(ACTS_MAX, |input| input.exactly().map(Digest::from_bytes))?;
        let context = SealContext {
            device: DeviceId::from_bytes(input.exactly()?),
            counter: input.uint()?,
            previous: input.option(|input| input.exactly().map(Digest::from_bytes))?,
            checkpoint: input.option(carried)?,
            certificate: input.option(carried)?,
            at: Moment::get(input)?,
        };
        Ok(Self { body, body_sm3, acts, context, public_key: input.exactly()? })
    }
}

/// The message that the device's key signs.
pub(super) fn seal_message(bytes: &[u8]) -> Vec<u8> {
    framed(SEAL_TAG, bytes)
}

/// A sealed agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The bundle: what is stored, sent, embedded and verified.
    pub bytes: Vec<u8>,
    /// The bundle's name: SHA-256 of its bytes.
    pub digest: Digest,
    /// The check number of the body.
    pub check_number: CheckNumber,
    /// Digest of the seal: the next seal of this device names it.
    pub seal: Digest,
}

/// Why an agreement cannot be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The ceremony is not over; the signatures that are missing are named in it.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// The device's key did not sign.
    #[error("the device's key did not sign")]
    KeyFailed,
    /// The checkpoint or certificate is larger than [`CARRIED_MAX`], or the whole larger than [`BUNDLE_MAX`].
    #[error("the sealed agreement would be too large")]
    TooLarge,
}

impl SealError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ceremony(error) => error.code(),
            Self::KeyFailed => "key_failed",
            Self::TooLarge => "too_large",
        }
    }
}

/// Seals a complete ceremony. The ceremony is untouched: what to do with it once the bundle is stored is the device's business.
pub fn seal(ceremony: &Ceremony, context: SealContext, signer: &dyn Signer) -> Result<Sealed, SealError> {
    ceremony.complete()?;
    let carried = [&context.checkpoint, &context.certificate];
    if carried.into_iter().flatten().any(|bytes| bytes.len() > CARRIED_MAX) {
        return Err(SealError::TooLarge);
    }
    let frozen = ceremony.frozen();
    let seal = Seal {
        body: frozen.digest(),
        body_sm3: frozen.sm3(),
        acts: ceremony.acts().iter().map(SignedAct::digest).collect(),
        context,
        public_key: signer.public_key(),
    };
    let seal_bytes = canon::write(&seal);
    let message = seal_message(&seal_bytes);
    let signature = signer.sign(&message).map_err(|_| SealError::KeyFailed)?;
    if !is_signature(&seal.public_key, &message, &signature) {
        return Err(SealError::KeyFailed);
    }
    let bytes = Bundle::assemble(frozen.bytes(), ceremony.acts(), &seal_bytes, &signature);
    if bytes.len() > BUNDLE_MAX {
        return Err(SealError::TooLarge);
    }
    Ok(Sealed {
        digest: bundle_digest(&bytes),
        bytes,
        check_number: frozen.check_number(),
        seal: tagged(SEAL_TAG, &seal_bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::act::SignerRole;
    use crate::agreement::{Report, specimen, verify};

    #[test]
    fn a_missing_signature_is_named() {
        let mut ceremony = Ceremony::begin(specimen::frozen());
        specimen::sign(&mut ceremony, SignerRole::Party, "张建国", 1).unwrap();
        let error = seal(&ceremony, specimen::seal_context(), &specimen::device()).unwrap_err();
        assert_eq!(error.code(), "signature_missing");
        let SealError::Ceremony(CeremonyError::SignatureMissing(missing)) = error else { unreachable!() };
        let names: Vec<_> = missing.iter().map(|missing| (missing.role, missing.name.as_deref())).collect();
        assert_eq!(
            names,
            [(SignerRole::Party, Some("李秀英")), (SignerRole::Witness, None), (SignerRole::Mediator, Some("王敏"))]
        );
    }

    #[test]
    fn the_same_ceremony_sealed_by_the_same_key_is_the_same_bundle() {
        assert_eq!(specimen::make_sealed(), specimen::make_sealed());
        assert!(verify(&specimen::sealed().bytes).holds());
    }

    #[test]
    fn a_seal_names_the_one_before_it() {
        let first = specimen::sealed();
        let context = SealContext { counter: 2, previous: Some(first.seal), ..specimen::seal_context() };
        let second = seal(&specimen::complete(), context, &specimen::device()).unwrap();
        let Report { facts: Some(facts), .. } = verify(&second.bytes) else { unreachable!() };
        assert_eq!((facts.counter, facts.previous_seal), (2, Some(first.seal)));
    }
}
