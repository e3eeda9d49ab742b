//! The ceremony: one phone passed round a table, parties, then witnesses, then the mediator.
//!
//! It is plain data: after every step the device stores [`Ceremony::to_bytes`] and goes on from them after a call, a
//! kill or an empty battery. One-time keys never outlive the act they sign, so nothing secret is in those bytes.
//! Because each act names the one before it, signing again makes later acts fall: their signers sign again too.

use super::act::{Act, Identity, Moment, SignedAct, SignerRole, act_message};
use super::canon::{self, ReadError, Reader, Record, Writer};
use super::ceremony_error::{CeremonyError, Missing};
use super::drawing::Drawing;
use super::freeze::{Frozen, NAME_MAX};
use super::glyphs::Glyphless;
use super::key::{OneTimeKey, is_signature};
use super::text;
use crate::environment::{Entropy, Signer};
use crate::id::{Digest, PersonId};
use crate::time::Timestamp;

const NAME: &str = "doorstep-ceremony";
const VERSION: u64 = 1;

/// Most witnesses.
pub const WITNESSES_MAX: usize = 5;
/// Most acts: every party, the witnesses, a mediator.
pub const ACTS_MAX: usize = super::body::PARTIES_MAX + WITNESSES_MAX + 1;

/// One person at the pad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// In what role.
    pub role: SignerRole,
    /// Their name: for a party exactly as in the agreement.
    pub name: String,
    /// A witness's capacity (片区民警); may be empty.
    pub capacity: String,
    /// Who holds the pen, where a party is an org or is represented.
    pub by: Option<String>,
    /// How it was made sure who they are.
    pub identity: Identity,
    /// How long the text stood before them, milliseconds.
    pub shown_ms: u64,
    /// Whether it was read aloud to them.
    pub read_aloud: bool,
    /// What the clocks say.
    pub at: Moment,
    /// What they drew.
    pub drawing: Drawing,
    /// Digest of the drawing's [`super::Dynamics`], where they were recorded.
    pub dynamics: Option<Digest>,
    /// Whether the signer agreed, asked apart from the agreement, that their dynamics are kept: sensitive personal data (Personal
    /// Information Protection Law, art. 29). Their statement then says so; without it an act with dynamics is refused.
    pub dynamics_consent: bool,
    /// Digest of a photo, if one was taken.
    pub photo: Option<Digest>,
}

/// What signs an act.
#[derive(Clone, Copy)]
pub enum ActKey<'a> {
    /// A key made for this act from entropy, and dropped after it.
    OneTime(&'a dyn Entropy),
    /// The enrolled key of a witness or mediator who has one.
    Enrolled(&'a PersonId, &'a dyn Signer),
}

/// A ceremony under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    frozen: Frozen,
    acts: Vec<SignedAct>,
    cancelled: Option<Timestamp>,
}

impl Ceremony {
    /// Begins with nobody having signed.
    pub const fn begin(frozen: Frozen) -> Self {
        Self { frozen, acts: Vec::new(), cancelled: None }
    }

    /// What is being signed.
    pub const fn frozen(&self) -> &Frozen {
        &self.frozen
    }

    /// The acts so far, in order.
    pub fn acts(&self) -> &[SignedAct] {
        &self.acts
    }

    /// When it was cancelled, if it was.
    pub const fn cancelled(&self) -> Option<Timestamp> {
        self.cancelled
    }

    /// Who must still sign, in order; empty: it can be sealed. One more witness is always welcome before the mediator.
    pub fn missing(&self) -> Vec<Missing> {
        let body = self.frozen.body();
        let signed = |role, name: &str| self.acts.iter().any(|signed| signed.act.role == role && signed.act.name == name);
        let named = |role, name: &String| (!signed(role, name)).then(|| Missing { role, name: Some(name.clone()) });
        let mut missing: Vec<_> =
            body.drafted.parties.iter().filter_map(|party| named(SignerRole::Party, &party.name)).collect();
        if !self.acts.iter().any(|signed| signed.act.role == SignerRole::Witness) {
            missing.push(Missing { role: SignerRole::Witness, name: None });
        }
        missing.extend(body.context.mediator.iter().filter_map(|name| named(SignerRole::Mediator, name)));
        missing
    }

    /// What this person states by signing: shown above the pad.
    /// `dynamics`: whether how they write is recorded.
    pub fn statement(&self, role: SignerRole, name: &str, by: Option<&str>, read_aloud: bool, dynamics: bool) -> String {
        text::statement(role, name, by, read_aloud, dynamics, self.frozen.check_number())
    }

    /// Who would have to sign again too if this person did: everyone who signed after them.
    pub fn falls_with(&self, name: &str) -> Vec<Missing> {
        let after = self.acts.iter().skip_while(|signed| signed.act.name != name).skip(1);
        after.map(|signed| Missing { role: signed.act.role, name: Some(signed.act.name.clone()) }).collect()
    }

    /// One person signs. Refused: nothing has changed.
    pub fn sign(&mut self, signing: Signing, key: ActKey<'_>) -> Result<(), CeremonyError> {
        self.allow(&signing, key)?;
        let act = match key {
            ActKey::OneTime(entropy) => {
                let key = OneTimeKey::new(entropy).map_err(|_| CeremonyError::KeyFailed)?;
                self.make(signing, None, &key)?
            }
            ActKey::Enrolled(person, signer) => self.make(signing, Some(person.clone()), signer)?,
        };
        self.acts.push(act);
        Ok(())
    }

    /// Somebody who has signed signs again: the new act takes the place of theirs and of all after it. Gives back who
    /// must now sign again. Refused: nothing has changed, the earlier act stands.
    pub fn sign_again(&mut self, signing: Signing, key: ActKey<'_>) -> Result<Vec<Missing>, CeremonyError> {
        let falls = self.falls_with(&signing.name);
        let place = self
            .acts
            .iter()
            .position(|signed| signed.act.name == signing.name && signed.act.role == signing.role)
            .ok_or(CeremonyError::NotSigned)?;
        let mut again = self.clone();
        again.acts.truncate(place);
        again.sign(signing, key)?;
        *self = again;
        Ok(falls)
    }

    /// Ends it without an agreement. What was signed stays readable; nothing more can be signed or sealed.
    pub const fn cancel(&mut self, at: Timestamp) {
        if self.cancelled.is_none() {
            self.cancelled = Some(at);
        }
    }

    /// Whether it can be sealed now; if not, whose signature is missing.
    pub fn complete(&self) -> Result<(), CeremonyError> {
        let missing = self.missing();
        if self.cancelled.is_some() {
            Err(CeremonyError::Cancelled)
        } else if missing.is_empty() {
            Ok(())
        } else {
            Err(CeremonyError::SignatureMissing(missing))
        }
    }

    /// What the device stores after every step.
    pub fn to_bytes(&self) -> Vec<u8> {
        canon::write(self)
    }

    /// The ceremony stored in these bytes. Acts that are not of one chain, or whose signatures fail, are `Malformed`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReadError> {
        let stored: Self = canon::read_canonical(bytes)?;
        let mut previous = None;
        for (place, signed) in stored.acts.iter().enumerate() {
            let act = &signed.act;
            let sound = act.place as usize == place
                && act.previous == previous
                && act.body == stored.frozen.digest()
                && act.drawing == signed.drawing.digest()
                && is_signature(&act.public_key, &act_message(&signed.bytes), &signed.signature);
            if !sound {
                return Err(ReadError::Malformed);
            }
            previous = Some(signed.digest());
        }
        Ok(stored)
    }

    fn allow(&self, signing: &Signing, key: ActKey<'_>) -> Result<(), CeremonyError> {
        if self.cancelled.is_some() {
            return Err(CeremonyError::Cancelled);
        }
        let optional = signing.by.as_deref().map(|by| ("by", by));
        let capacity = Some(("capacity", signing.capacity.as_str())).filter(|(_, value)| !value.is_empty());
        for (field, value) in [Some(("name", signing.name.as_str())), optional, capacity].into_iter().flatten() {
            if value.trim().is_empty() {
                return Err(CeremonyError::Missing(field));
            }
            text::check_line(value, NAME_MAX).map_err(|_| CeremonyError::Unprintable(field))?;
            // The text was asked for its glyphs when it was frozen; these are typed since.
            if let Some(glyphless) = Glyphless::of(value) {
                return Err(CeremonyError::NoGlyph(glyphless));
            }
        }
        if signing.dynamics.is_some() && !signing.dynamics_consent {
            return Err(CeremonyError::NoConsent);
        }
        let body = self.frozen.body();
        let is_party = is_party_or_pen(
            body.drafted.parties.iter().map(|party| party.name.as_str()),
            self.acts.iter().map(|signed| &signed.act),
            &signing.name,
        );
        match signing.role {
            SignerRole::Party if !body.drafted.parties.iter().any(|party| party.name == signing.name) => {
                return Err(CeremonyError::UnknownParty);
            }
            SignerRole::Party if matches!(key, ActKey::Enrolled(..)) => return Err(CeremonyError::KeyNotAllowed),
            SignerRole::Witness if is_party => return Err(CeremonyError::WitnessIsParty),
            SignerRole::Mediator if is_party => return Err(CeremonyError::MediatorIsParty),
            SignerRole::Mediator if body.context.mediator.as_ref().is_some_and(|name| *name != signing.name) => {
                return Err(CeremonyError::OtherMediator);
            }
            _ => {}
        }
        if self.acts.iter().any(|signed| text::same_name(&signed.act.name, &signing.name)) {
            return Err(CeremonyError::SignedAlready);
        }
        let first: Vec<_> = self.missing().into_iter().filter(|missing| missing.role < signing.role).collect();
        // A mediator's signature ends the list: there is one, and no witness after it.
        let over =
            self.acts.last().is_some_and(|signed| signed.act.role > signing.role || signed.act.role == SignerRole::Mediator);
        if !first.is_empty() || over {
            return Err(CeremonyError::OutOfTurn(first));
        }
        let witnesses = self.acts.iter().filter(|signed| signed.act.role == SignerRole::Witness).count();
        if signing.role == SignerRole::Witness && witnesses >= WITNESSES_MAX {
            return Err(CeremonyError::TooManyWitnesses);
        }
        if self.acts.iter().any(|signed| signed.drawing.ink() == signing.drawing.ink()) {
            return Err(CeremonyError::InkReused);
        }
        Ok(())
    }

    fn make(&self, signing: Signing, enrolled: Option<PersonId>, key: &dyn Signer) -> Result<SignedAct, CeremonyError> {
        let by = signing.by.as_deref();
        let statement = self.statement(signing.role, &signing.name, by, signing.read_aloud, signing.dynamics.is_some());
        let act = Act {
            place: u32::try_from(self.acts.len()).map_err(|_| CeremonyError::TooManyWitnesses)?,
            body: self.frozen.digest(),
            check_number: self.frozen.check_number(),
            previous: self.acts.last().map(SignedAct::digest),
            role: signing.role,
            name: signing.name,
            capacity: signing.capacity,
            by: signing.by,
            statement,
            identity: signing.identity,
            shown_ms: signing.shown_ms,
            read_aloud: signing.read_aloud,
            at: signing.at,
            drawing: signing.drawing.digest(),
            dynamics: signing.dynamics,
            photo: signing.photo,
            public_key: key.public_key(),
            enrolled,
        };
        let bytes = canon::write(&act);
        let message = act_message(&bytes);
        let signature = key.sign(&message).map_err(|_| CeremonyError::KeyFailed)?;
        // A key that signs wrongly is found out now, while everybody still sits at the table.
        if is_signature(&act.public_key, &message, &signature) {
            Ok(SignedAct { act, bytes, signature, drawing: signing.drawing })
        } else {
            Err(CeremonyError::KeyFailed)
        }
    }
}

/// Whether this is the name of a party, or of somebody who held a party's pen.
pub(super) fn is_party_or_pen<'a>(
    mut parties: impl Iterator<Item = &'a str>,
    mut acts: impl Iterator<Item = &'a Act>,
    name: &str,
) -> bool {
    let pen = |act: &Act| act.role == SignerRole::Party && act.by.as_ref().is_some_and(|by| text::same_name(by, name));
    parties.any(|party| text::same_name(party, name)) || acts.any(pen)
}

impl Record for Ceremony {
    fn put(&self, out: &mut Writer) {
        out.array(5);
        out.text(NAME);
        out.uint(VERSION);
        out.bytes(self.frozen.bytes());
        out.list(&self.acts, |out, act| act.put(out));
        out.option(self.cancelled.as_ref(), |out, at| out.int(at.0));
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.opening(5, NAME, VERSION)?;
        Ok(Self {
            frozen: Frozen::from_bytes(input.bytes()?.to_vec())?,
            acts: input.list(ACTS_MAX, SignedAct::get)?,
            cancelled: input.option(Reader::int)?.map(Timestamp),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::specimen::{self, Seeded, sign, signing};

    use SignerRole::{Mediator, Party, Witness};

    fn after_parties() -> Ceremony {
        let mut ceremony = Ceremony::begin(specimen::frozen());
        sign(&mut ceremony, Party, "李秀英", 1).unwrap();
        sign(&mut ceremony, Party, "张建国", 2).unwrap();
        ceremony
    }

    #[test]
    fn an_interrupted_ceremony_goes_on_where_it_was() {
        let mut ceremony = Ceremony::begin(specimen::frozen());
        for (role, name, minute) in [(Party, "张建国", 1), (Party, "李秀英", 2), (Witness, "陈志强", 3), (Mediator, "王敏", 4)]
        {
            ceremony = Ceremony::from_bytes(&ceremony.to_bytes()).unwrap();
            sign(&mut ceremony, role, name, minute).unwrap();
        }
        assert_eq!(ceremony, specimen::complete());
        assert_eq!(ceremony.complete(), Ok(()));
    }

    #[test]
    fn names_typed_at_the_table_must_be_printable_too() {
        let ceremony = after_parties();
        let with = |change: fn(&mut Signing)| {
            let mut signing = signing(Witness, "陈志强", 3);
            change(&mut signing);
            ceremony.clone().sign(signing, ActKey::OneTime(&Seeded::new(9))).map(drop)
        };
        assert_eq!(with(|_| ()), Ok(()));
        assert_eq!(with(|signing| signing.name = "䶮㛃𬱖".into()), Ok(()), "rare names are names");
        for change in [
            (|signing| signing.name = "陈😀强".into()) as fn(&mut Signing),
            |signing| signing.capacity = "片区😀".into(),
            |signing| signing.by = Some("王😀".into()),
        ] {
            let error = with(change).unwrap_err();
            assert_eq!(error.code(), "no_glyph");
            assert!(error.zh().contains('😀'), "it says which: {}", error.zh());
        }
    }

    #[test]
    fn parties_sign_in_any_order_but_before_the_witness() {
        let mut ceremony = Ceremony::begin(specimen::frozen());
        sign(&mut ceremony, Party, "李秀英", 1).unwrap();
        let error = sign(&mut ceremony, Witness, "陈志强", 2).unwrap_err();
        assert_eq!(error, CeremonyError::OutOfTurn(vec![Missing { role: Party, name: Some("张建国".into()) }]));
        sign(&mut ceremony, Party, "张建国", 2).unwrap();
        sign(&mut ceremony, Witness, "陈志强", 3).unwrap();
        assert_eq!(ceremony.missing(), [Missing { role: Mediator, name: Some("王敏".into()) }]);
    }

    #[test]
    fn nobody_signs_out_of_place() {
        let mut ceremony = after_parties();
        let mut code = |role, name| sign(&mut ceremony, role, name, 3).unwrap_err().code();
        assert_eq!(code(Party, "王五"), "unknown_party");
        assert_eq!(code(Party, "张建国"), "signed_already");
        assert_eq!(code(Witness, "张 建国"), "witness_is_party");
        assert_eq!(code(Mediator, "李秀英"), "mediator_is_party");
        assert_eq!(code(Mediator, "赵六"), "other_mediator");
        assert_eq!(code(Mediator, "王敏"), "out_of_turn");
        assert_eq!(code(Witness, " "), "missing");
        assert_eq!(code(Witness, "陈\u{202e}志强"), "unprintable");
        assert_eq!(ceremony, after_parties(), "a refusal changes nothing");
    }

    #[test]
    fn who_held_a_partys_pen_cannot_witness() {
        let mut ceremony = Ceremony::begin(specimen::frozen());
        let held = Signing { by: Some("陈志强".into()), ..signing(Party, "张建国", 1) };
        ceremony.sign(held, ActKey::OneTime(&Seeded::new(1))).unwrap();
        sign(&mut ceremony, Party, "李秀英", 2).unwrap();
        assert_eq!(sign(&mut ceremony, Witness, "陈志强", 3), Err(CeremonyError::WitnessIsParty));
    }

    #[test]
    fn signing_again_is_one_step_and_later_signers_sign_again_too() {
        let mut ceremony = specimen::complete();
        let again = signing(Mediator, "王敏", 8);
        assert_eq!(ceremony.sign_again(again, ActKey::OneTime(&Seeded::new(8))), Ok(vec![]));
        assert_eq!(ceremony.complete(), Ok(()));
        assert_eq!(*ceremony.acts()[3].drawing(), specimen::drawing(8));

        let names = ["陈志强", "王敏"].map(|name| Some(name.to_owned()));
        let falls: Vec<_> = ceremony.falls_with("李秀英").into_iter().map(|missing| missing.name).collect();
        assert_eq!(falls, names);
        let again = signing(Party, "李秀英", 9);
        let fell = ceremony.sign_again(again, ActKey::OneTime(&Seeded::new(9))).unwrap();
        assert_eq!(fell.into_iter().map(|missing| missing.name).collect::<Vec<_>>(), names);
        assert_eq!(ceremony.acts().len(), 2);
        assert!(Ceremony::from_bytes(&ceremony.to_bytes()).is_ok(), "one chain again");
    }

    #[test]
    fn signing_again_that_is_refused_leaves_the_earlier_signature() {
        let mut ceremony = specimen::complete();
        let copied = Signing { drawing: specimen::drawing(1), ..signing(Party, "李秀英", 9) };
        assert_eq!(ceremony.sign_again(copied, ActKey::OneTime(&Seeded::new(9))), Err(CeremonyError::InkReused));
        let stranger = signing(Party, "王五", 9);
        assert_eq!(ceremony.sign_again(stranger, ActKey::OneTime(&Seeded::new(9))), Err(CeremonyError::NotSigned));
        assert_eq!(ceremony, specimen::complete());
    }

    #[test]
    fn a_cancelled_ceremony_is_over_but_readable() {
        let mut ceremony = after_parties();
        ceremony.cancel(specimen::BEGIN);
        assert_eq!(sign(&mut ceremony, Witness, "陈志强", 3), Err(CeremonyError::Cancelled));
        assert_eq!(ceremony.complete(), Err(CeremonyError::Cancelled));
        let read = Ceremony::from_bytes(&ceremony.to_bytes()).unwrap();
        assert_eq!((read.cancelled(), read.acts().len()), (Some(specimen::BEGIN), 2));
    }

    #[test]
    fn an_enrolled_witness_signs_with_their_own_key_a_party_never_does() {
        let (person, key) = ("p-chen".parse().unwrap(), specimen::device());
        let mut ceremony = after_parties();
        ceremony.sign(signing(Witness, "陈志强", 3), ActKey::Enrolled(&person, &key)).unwrap();
        assert_eq!(ceremony.acts()[2].act().public_key, key.public_key());
        let mut ceremony = Ceremony::begin(specimen::frozen());
        let error = ceremony.sign(signing(Party, "张建国", 1), ActKey::Enrolled(&person, &key)).unwrap_err();
        assert_eq!(error, CeremonyError::KeyNotAllowed);
    }

    #[test]
    fn a_key_that_signs_wrongly_is_found_out_at_the_table() {
        struct Wrong(OneTimeKey);
        impl Signer for Wrong {
            fn public_key(&self) -> [u8; 33] {
                self.0.public_key()
            }
            fn sign(&self, _: &[u8]) -> Result<[u8; 64], crate::environment::SignerError> {
                self.0.sign(b"something else")
            }
        }
        let (person, key) = ("p-chen".parse().unwrap(), Wrong(OneTimeKey::new(&Seeded::new(3)).unwrap()));
        let mut ceremony = after_parties();
        let error = ceremony.sign(signing(Witness, "陈志强", 3), ActKey::Enrolled(&person, &key)).unwrap_err();
        assert_eq!(error, CeremonyError::KeyFailed);
    }
}
