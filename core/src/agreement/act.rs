//! An act: one person's signature and what surrounds it. Acts form a chain; each names the one before it.

use super::canon::{self, ReadError, Reader, Record, Writer};
use super::digest::{ACT_TAG, CheckNumber, framed, tagged};
use super::drawing::Drawing;
use crate::id::{Digest, PersonId};
use crate::time::Timestamp;

const NAME: &str = "doorstep-agreement-act";
const VERSION: u64 = 1;

/// In what role somebody signs; acts stand in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignerRole {
    /// 当事人.
    Party,
    /// 见证人.
    Witness,
    /// 人民调解员.
    Mediator,
}

impl SignerRole {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Witness => "witness",
            Self::Mediator => "mediator",
        }
    }
}

/// How it was made sure who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// The worker knows them.
    Known,
    /// They showed an identity card.
    CardShown,
    /// Somebody present whom the worker knows vouched for them.
    VouchedFor,
    /// A work pass or a letter of authority: for police officers, contacts of orgs, representatives.
    PassShown,
}

impl Identity {
    /// All of them, in the order of their numbers in the record.
    pub const ALL: [Self; 4] = [Self::Known, Self::CardShown, Self::VouchedFor, Self::PassShown];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::CardShown => "card_shown",
            Self::VouchedFor => "vouched_for",
            Self::PassShown => "pass_shown",
        }
    }

    const fn number(self) -> u64 {
        match self {
            Self::Known => 0,
            Self::CardShown => 1,
            Self::VouchedFor => 2,
            Self::PassShown => 3,
        }
    }
}

/// What the device's clocks said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The wall clock; may be wrong, may be set back.
    pub wall: Timestamp,
    /// Which run of the monotonic clock: a random number drawn when the device started or the app cannot tell.
    pub run: u64,
    /// Milliseconds of the monotonic clock in that run; comparable within one run only.
    pub monotonic_ms: u64,
}

impl Moment {
    pub(super) fn put(self, out: &mut Writer) {
        out.array(3);
        out.int(self.wall.0);
        out.uint(self.run);
        out.uint(self.monotonic_ms);
    }

    pub(super) fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.array(3)?;
        Ok(Self { wall: Timestamp(input.int()?), run: input.uint()?, monotonic_ms: input.uint()? })
    }

    /// Whether a clock ran backwards from `earlier` to this.
    pub(super) const fn is_before(self, earlier: Self) -> bool {
        self.wall.0 < earlier.wall.0 || (self.run == earlier.run && self.monotonic_ms < earlier.monotonic_ms)
    }
}

/// What a signer's key signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Place in the list of acts, from 0.
    pub place: u32,
    /// Digest of the body.
    pub body: Digest,
    /// The body's check number, as it stood on the pad.
    pub check_number: CheckNumber,
    /// Digest of the act before this; none for the first.
    pub previous: Option<Digest>,
    /// In what role.
    pub role: SignerRole,
    /// The signer: for a party its name in the agreement.
    pub name: String,
    /// In what capacity a witness stands there (片区民警); may be empty.
    pub capacity: String,
    /// Who held the pen, where a party is an org or is represented.
    pub by: Option<String>,
    /// What they stated by signing, word for word.
    pub statement: String,
    /// How it was made sure who they are.
    pub identity: Identity,
    /// How long the text stood before them, milliseconds.
    pub shown_ms: u64,
    /// Whether it was read aloud to them.
    pub read_aloud: bool,
    /// When they signed.
    pub at: Moment,
    /// Digest of the drawing.
    pub drawing: Digest,
    /// Salted digest of the drawing's dynamics, where they were recorded.
    pub dynamics: Option<Digest>,
    /// Digest of a photo taken, if one was.
    pub photo: Option<Digest>,
    /// The key that signs this act, SEC1 compressed.
    pub public_key: [u8; 33],
    /// Whose enrolled key it is; none for a one-time key.
    pub enrolled: Option<PersonId>,
}

impl Record for Act {
    fn put(&self, out: &mut Writer) {
        out.array(20);
        out.text(NAME);
        out.uint(VERSION);
        out.uint(self.place.into());
        out.bytes(self.body.as_bytes());
        out.text(&self.check_number.to_string());
        out.option(self.previous.as_ref(), |out, digest| out.bytes(digest.as_bytes()));
        out.uint(match self.role {
            SignerRole::Party => 0,
            SignerRole::Witness => 1,
            SignerRole::Mediator => 2,
        });
        out.text(&self.name);
        out.text(&self.capacity);
        out.option(self.by.as_deref(), Writer::text);
        out.text(&self.statement);
        out.uint(self.identity.number());
        out.uint(self.shown_ms);
        out.flag(self.read_aloud);
        self.at.put(out);
        out.bytes(self.drawing.as_bytes());
        out.option(self.dynamics.as_ref(), |out, digest| out.bytes(digest.as_bytes()));
        out.option(self.photo.as_ref(), |out, digest| out.bytes(digest.as_bytes()));
        out.bytes(&self.public_key);
        out.option(self.enrolled.as_ref().map(PersonId::as_str), Writer::text);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.opening(20, NAME, VERSION)?;
        let digest = |input: &mut Reader<'_>| input.exactly().map(Digest::from_bytes);
        Ok(Self {
            place: input.narrow()?,
            body: digest(input)?,
            check_number: input.parsed()?,
            previous: input.option(digest)?,
            role: match input.uint()? {
                0 => SignerRole::Party,
                1 => SignerRole::Witness,
                2 => SignerRole::Mediator,
                _ => return Err(ReadError::Malformed),
            },
            name: input.string()?,
            capacity: input.string()?,
            by: input.option(Reader::string)?,
            statement: input.string()?,
            identity: {
                let number = input.uint()?;
                Identity::ALL.into_iter().find(|identity| identity.number() == number).ok_or(ReadError::Malformed)?
            },
            shown_ms: input.uint()?,
            read_aloud: input.flag()?,
            at: Moment::get(input)?,
            drawing: digest(input)?,
            dynamics: input.option(digest)?,
            photo: input.option(digest)?,
            public_key: input.exactly()?,
            enrolled: input.option(Reader::parsed)?,
        })
    }
}

/// The digest of an act's bytes: its name in the chain, and what the signature covers.
pub(super) fn act_digest(bytes: &[u8]) -> Digest {
    tagged(ACT_TAG, bytes)
}

/// The message that an act's key signs.
pub(super) fn act_message(bytes: &[u8]) -> Vec<u8> {
    framed(ACT_TAG, bytes)
}

/// An act, its bytes, its signature, its drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAct {
    pub(super) act: Act,
    pub(super) bytes: Vec<u8>,
    pub(super) signature: [u8; 64],
    pub(super) drawing: Drawing,
}

impl SignedAct {
    /// What was signed.
    pub const fn act(&self) -> &Act {
        &self.act
    }

    /// The drawing.
    pub const fn drawing(&self) -> &Drawing {
        &self.drawing
    }

    /// The act's digest.
    pub fn digest(&self) -> Digest {
        act_digest(&self.bytes)
    }
}

impl Record for SignedAct {
    fn put(&self, out: &mut Writer) {
        out.array(3);
        out.bytes(&self.bytes);
        out.bytes(&self.signature);
        out.bytes(&canon::write(&self.drawing));
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.array(3)?;
        let bytes = input.bytes()?.to_vec();
        let act = canon::read_canonical(&bytes)?;
        let signature = input.exactly()?;
        let drawing = canon::read_canonical(input.bytes()?)?;
        Ok(Self { act, bytes, signature, drawing })
    }
}
