//! The signing ceremony on this device: freeze, sign, sign again, cancel, seal. Each step is on disk before the next, so a
//! call, an empty battery or a curious child costs nothing that was drawn.

use super::evidence::ToCarry;
use super::loaded::OpenCase;
use super::{Desk, Device, DeviceError};
use crate::agreement::{
    ActKey, Ceremony, FreezeContext, Missing, Moment, SealContext, SealError, SignerRole, Signing, freeze, seal, verify,
};
use crate::case::{Command, Party};
use crate::id::{Digest, DocId};
use crate::view::CaseView;

/// What is added to the draft when it is frozen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// The dossier number (编号), where one is given already.
    pub number: Option<String>,
    /// The mediator's name, where one leads: then they sign too.
    pub mediator: Option<String>,
}

/// What the signing pad shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pad {
    /// The text, as it is read aloud and signed.
    pub text: String,
    /// The check number (核验码) of exactly this text, in groups of four.
    pub check_number: String,
    /// The parties, in order.
    pub parties: Vec<Party>,
    /// Who has signed, in order.
    pub signed: Vec<(SignerRole, String)>,
    /// Who must still sign, in order; empty: it can be sealed.
    pub missing: Vec<Missing>,
}

/// An agreement just sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAgreement {
    /// The case after it.
    pub case: CaseView,
    /// The bundle's name.
    pub bundle: Digest,
    /// The bundle: what can be saved as a file and verified anywhere.
    pub bytes: Vec<u8>,
    /// The check number of the signed text.
    pub check_number: String,
}

impl Device {
    /// What the clocks say, for an act.
    pub fn moment(&self) -> Moment {
        let (run, monotonic_ms) = self.host.clock.monotonic();
        Moment { wall: self.now(), run, monotonic_ms }
    }

    /// Freezes the draft in force: from now on the parties sign exactly this text. Begun anew, earlier acts are gone.
    pub fn freeze(&self, case: DocId, terms: Terms) -> Result<Pad, DeviceError> {
        let at = self.now();
        let mut desk = self.open_desk()?;
        let open = desk.open_case(case)?;
        let context = context(&desk, case, &open, terms, at);
        let allowed = desk.may_seal(self, case, &open);
        let frozen = allowed.and_then(|()| {
            let context = FreezeContext { supersedes: desk.superseded(&open)?, ..context };
            let draft = open.state.draft().ok_or_else(|| refused(crate::case::RefusalCode::NoDraft))?;
            Ok(freeze(&draft.content, context)?)
        });
        desk.loaded.put(case, open);
        let ceremony = Ceremony::begin(frozen?);
        desk.store.put_ceremony(&case, Some(&ceremony.to_bytes()))?;
        Ok(pad(&ceremony))
    }

    /// The pad of a ceremony under way, as it was left.
    pub fn pad(&self, case: DocId) -> Result<Pad, DeviceError> {
        Ok(pad(&self.open_desk()?.ceremony(case)?))
    }

    /// Somebody signs; a resident with a key made for this one act and dropped, a worker who witnesses or mediates with the
    /// device's own (`own_key`).
    pub fn sign(&self, case: DocId, signing: Signing, own_key: bool) -> Result<Pad, DeviceError> {
        self.step(case, |desk, ceremony| {
            let person = desk.person()?.id.clone();
            let key = self.key(&person, own_key);
            ceremony.sign(signing, key)?;
            Ok(())
        })
    }

    /// Somebody who has signed signs again; those after them must then sign again too.
    pub fn sign_again(&self, case: DocId, signing: Signing, own_key: bool) -> Result<Pad, DeviceError> {
        self.step(case, |desk, ceremony| {
            let person = desk.person()?.id.clone();
            let key = self.key(&person, own_key);
            ceremony.sign_again(signing, key)?;
            Ok(())
        })
    }

    /// Ends the ceremony without an agreement.
    pub fn cancel_signing(&self, case: DocId) -> Result<(), DeviceError> {
        let mut desk = self.open_desk()?;
        desk.ceremony(case)?;
        Ok(desk.store.put_ceremony(&case, None)?)
    }

    /// Seals what everybody signed: bundle, event and end of the ceremony in one transaction.
    pub fn seal(&self, case: DocId) -> Result<SealedAgreement, DeviceError> {
        let at = self.moment();
        let mut desk = self.open_desk()?;
        let ceremony = desk.ceremony(case)?;
        let open = desk.open_case(case)?;
        let current = open.state.draft().map(|draft| draft.written.stamp);
        let body = ceremony.frozen().body();
        let draft = body.context.draft;
        if current != Some(draft) {
            desk.loaded.put(case, open);
            return Err(DeviceError::Outdated);
        }
        let (counter, previous) = desk.store.last_seal()?;
        let device = desk.enrolled.as_ref().ok_or(DeviceError::NotEnrolled)?.device;
        let counter = counter.saturating_add(1);
        let ToCarry { checkpoint, certificate } = self.to_carry(&desk)?;
        let context = SealContext { device, counter, previous, checkpoint, certificate, at };
        let sealed = seal(&ceremony, context, &*self.host.signer).map_err(|error| match error {
            SealError::Ceremony(error) => DeviceError::Ceremony(error),
            SealError::KeyFailed => DeviceError::Key,
            SealError::TooLarge => refused(crate::case::RefusalCode::TooLong),
        })?;
        let (check_number, shown) = (sealed.check_number.to_string(), sealed.check_number.grouped());
        let command = Command::SealAgreement { draft, bundle: sealed.digest, check_number };
        let bundles = [(sealed.digest, sealed.bytes)];
        // The count moves first: a number that was never used is a gap that shows, one used twice would be a fraud.
        desk.store.set_last_seal(counter, &sealed.seal)?;
        desk.tap_case(&self.host, case, Some(open), &command, &bundles)?;
        let view = desk.case_view(&self.host, case)?;
        let [(bundle, bytes)] = bundles;
        Ok(SealedAgreement { case: view, bundle, bytes, check_number: shown })
    }

    /// The bytes of a sealed agreement, if this device has them.
    pub fn bundle(&self, digest: &Digest) -> Result<Option<Vec<u8>>, DeviceError> {
        Ok(self.open_desk()?.store.bundle(digest)?)
    }

    fn key<'a>(&'a self, person: &'a crate::id::PersonId, own: bool) -> ActKey<'a> {
        if own { ActKey::Enrolled(person, &*self.host.signer) } else { ActKey::OneTime(&*self.host.entropy) }
    }

    /// One step of a ceremony, stored before it is shown.
    fn step(
        &self,
        case: DocId,
        step: impl FnOnce(&Desk, &mut Ceremony) -> Result<(), DeviceError>,
    ) -> Result<Pad, DeviceError> {
        let mut desk = self.open_desk()?;
        let mut ceremony = desk.ceremony(case)?;
        step(&desk, &mut ceremony)?;
        desk.store.put_ceremony(&case, Some(&ceremony.to_bytes()))?;
        Ok(pad(&ceremony))
    }
}

impl Desk {
    fn ceremony(&self, case: DocId) -> Result<Ceremony, DeviceError> {
        let bytes = self.store.ceremony(&case)?.ok_or(DeviceError::NoCeremony)?;
        Ceremony::from_bytes(&bytes).map_err(|_| DeviceError::Damaged("ceremony"))
    }

    /// The text that the agreement to be signed takes the place of, by its digest: that of the last sealed one of an earlier
    /// round. It is read from the agreement itself, so that the check number in the new text is the one on the old paper.
    fn superseded(&self, open: &OpenCase) -> Result<Option<Digest>, DeviceError> {
        let Some(bundle) = open.state.replaced() else { return Ok(None) };
        let bytes = self.store.bundle(&bundle)?.ok_or(DeviceError::ReplacedNotHere)?;
        let facts = verify(&bytes).facts.filter(|facts| facts.bundle == bundle);
        facts.map(|facts| Some(facts.body)).ok_or(DeviceError::Damaged("bundle"))
    }

    /// Whether this person could seal the draft in force: asked before anybody signs, not after.
    fn may_seal(&self, device: &Device, case: DocId, open: &OpenCase) -> Result<(), DeviceError> {
        let draft = open.state.draft().ok_or_else(|| refused(crate::case::RefusalCode::NoDraft))?.written.stamp;
        let (bundle, check_number) = (Digest::from_bytes([0; 32]), "-".to_owned());
        let command = Command::SealAgreement { draft, bundle, check_number };
        self.decide(&device.host, case, &open.state, &command).map(|_| ())
    }
}

fn refused(code: crate::case::RefusalCode) -> DeviceError {
    DeviceError::Refused(crate::case::Refusal::new(code))
}

fn context(desk: &Desk, case: DocId, open: &OpenCase, terms: Terms, at: crate::time::Timestamp) -> FreezeContext {
    let community = open.state.place().map(|place| desk.directory.org_name(&place.community).to_owned()).unwrap_or_default();
    let reporter = open.state.report.as_ref().and_then(|(_, report)| report.reporter.as_ref());
    FreezeContext {
        case,
        draft: open
            .state
            .draft()
            .map_or(crate::time::Stamp { time: crate::time::Hlc(0), node: 0 }, |draft| draft.written.stamp),
        heads: open.document.heads(),
        tenant: desk.directory.name.clone(),
        committee: format!("{community}人民调解委员会"),
        community,
        number: terms.number,
        reporter: reporter.map(|reporter| reporter.name.clone()),
        mediator: terms.mediator,
        frozen_at: at,
        id_numbers: Vec::new(),
        supersedes: None,
    }
}

fn pad(ceremony: &Ceremony) -> Pad {
    let frozen = ceremony.frozen();
    Pad {
        text: frozen.body().text.clone(),
        check_number: frozen.check_number().grouped(),
        parties: frozen.body().drafted.parties.clone(),
        signed: ceremony.acts().iter().map(|signed| (signed.act().role, signed.act().name.clone())).collect(),
        missing: ceremony.missing(),
    }
}
