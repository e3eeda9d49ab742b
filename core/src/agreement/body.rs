//! The body: what the parties sign. Fields, the text made of them, and where they come from, in one canonical record.
//!
//! Name and version first, then the context, the draft as the case's log has it, and the text as it was displayed.

use super::canon::{ReadError, Reader, Record, Writer};
use crate::case::{AgreementDrafted, Commitment, DisputeKind, Party, PartyKind};
use crate::id::{ChangeHash, Digest, DocId};
use crate::time::{Date, Hlc, Stamp, Timestamp};

const NAME: &str = "doorstep-agreement-body";
const VERSION: u64 = 1;

/// Most parties of an agreement; each signs on the spot.
pub const PARTIES_MAX: usize = 20;
/// Most commitments.
pub const COMMITMENTS_MAX: usize = 100;
/// Most document heads: as many phones as have written at once without hearing of each other.
pub const HEADS_MAX: usize = 64;

/// Where a body comes from: everything that is not in the draft itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeContext {
    /// The case.
    pub case: DocId,
    /// The draft in its log.
    pub draft: Stamp,
    /// Heads of the case's document when it was frozen.
    pub heads: Vec<ChangeHash>,
    /// The sub-district's name.
    pub tenant: String,
    /// The community's name.
    pub community: String,
    /// The mediation committee's name; it keeps one copy.
    pub committee: String,
    /// The dossier number (编号), where one is given already.
    pub number: Option<String>,
    /// Who brought the concern.
    pub reporter: Option<String>,
    /// The mediator, where one leads: then they must sign too.
    pub mediator: Option<String>,
    /// When it was frozen, by the device's clock.
    pub frozen_at: Timestamp,
    /// Parties' names with the salted commitments of their ID numbers ([`super::commit_id_number`]).
    pub id_numbers: Vec<(String, Digest)>,
    /// The body digest of the agreement that this one replaces.
    pub supersedes: Option<Digest>,
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The template that made the text.
    pub template: String,
    /// Where it comes from.
    pub context: FreezeContext,
    /// The draft, as it stands in the case's log.
    pub drafted: AgreementDrafted,
    /// The text as it was displayed and read aloud.
    pub text: String,
}

fn put_stamp(out: &mut Writer, stamp: &Stamp) {
    out.array(2);
    out.uint(stamp.time.0);
    out.uint(stamp.node);
}

fn get_stamp(input: &mut Reader<'_>) -> Result<Stamp, ReadError> {
    input.array(2)?;
    Ok(Stamp { time: Hlc(input.uint()?), node: input.uint()? })
}

fn put_context(out: &mut Writer, context: &FreezeContext) {
    out.array(12);
    out.bytes(context.case.as_bytes());
    put_stamp(out, &context.draft);
    out.list(&context.heads, |out, head| out.bytes(head.as_bytes()));
    out.text(&context.tenant);
    out.text(&context.community);
    out.text(&context.committee);
    out.option(context.number.as_deref(), Writer::text);
    out.option(context.reporter.as_deref(), Writer::text);
    out.option(context.mediator.as_deref(), Writer::text);
    out.int(context.frozen_at.0);
    out.list(&context.id_numbers, |out, (party, commitment)| {
        out.array(2);
        out.text(party);
        out.bytes(commitment.as_bytes());
    });
    out.option(context.supersedes.as_ref(), |out, digest| out.bytes(digest.as_bytes()));
}

fn get_context(input: &mut Reader<'_>) -> Result<FreezeContext, ReadError> {
    input.array(12)?;
    Ok(FreezeContext {
        case: DocId::from_bytes(input.exactly()?),
        draft: get_stamp(input)?,
        heads: input.list(HEADS_MAX, |input| input.exactly().map(ChangeHash::from_bytes))?,
        tenant: input.string()?,
        community: input.string()?,
        committee: input.string()?,
        number: input.option(Reader::string)?,
        reporter: input.option(Reader::string)?,
        mediator: input.option(Reader::string)?,
        frozen_at: Timestamp(input.int()?),
        id_numbers: input.list(PARTIES_MAX, |input| {
            input.array(2)?;
            Ok((input.string()?, Digest::from_bytes(input.exactly()?)))
        })?,
        supersedes: input.option(|input| input.exactly().map(Digest::from_bytes))?,
    })
}

const fn dispute_number(dispute: DisputeKind) -> u64 {
    match dispute {
        DisputeKind::Ordinary => 0,
        DisputeKind::PersonalStatus => 1,
        DisputeKind::UtilityCutOff => 2,
    }
}

fn put_party(out: &mut Writer, party: &Party) {
    out.array(3);
    out.text(&party.name);
    match &party.kind {
        PartyKind::Resident => {
            out.uint(0);
            out.option(None::<&str>, Writer::text);
        }
        PartyKind::Org { org } => {
            out.uint(1);
            out.option(org.as_ref().map(crate::id::OrgId::as_str), Writer::text);
        }
    }
}

fn get_party(input: &mut Reader<'_>) -> Result<Party, ReadError> {
    input.array(3)?;
    let name = input.string()?;
    let kind = match (input.uint()?, input.option(Reader::parsed)?) {
        (0, None) => PartyKind::Resident,
        (1, org) => PartyKind::Org { org },
        _ => return Err(ReadError::Malformed),
    };
    Ok(Party { name, kind })
}

fn put_drafted(out: &mut Writer, drafted: &AgreementDrafted) {
    out.array(6);
    put_stamp(out, &drafted.consultation);
    out.uint(dispute_number(drafted.dispute));
    out.list(&drafted.parties, put_party);
    out.text(&drafted.facts);
    out.text(&drafted.terms);
    out.list(&drafted.commitments, |out, commitment| {
        out.array(4);
        out.text(&commitment.party);
        out.text(&commitment.deed);
        out.int(commitment.due.days().into());
        out.option(commitment.amount_fen.as_ref(), |out, fen| out.uint(*fen));
    });
}

fn get_drafted(input: &mut Reader<'_>) -> Result<AgreementDrafted, ReadError> {
    input.array(6)?;
    Ok(AgreementDrafted {
        consultation: get_stamp(input)?,
        dispute: match input.uint()? {
            0 => DisputeKind::Ordinary,
            1 => DisputeKind::PersonalStatus,
            2 => DisputeKind::UtilityCutOff,
            _ => return Err(ReadError::Malformed),
        },
        parties: input.list(PARTIES_MAX, get_party)?,
        facts: input.string()?,
        terms: input.string()?,
        commitments: input.list(COMMITMENTS_MAX, |input| {
            input.array(4)?;
            Ok(Commitment {
                party: input.string()?,
                deed: input.string()?,
                due: Date::from_days(i32::try_from(input.int()?).map_err(|_| ReadError::Malformed)?),
                amount_fen: input.option(Reader::uint)?,
            })
        })?,
        replaces: None,
    })
}

impl Record for Body {
    fn put(&self, out: &mut Writer) {
        out.array(6);
        out.text(NAME);
        out.uint(VERSION);
        out.text(&self.template);
        put_context(out, &self.context);
        put_drafted(out, &self.drafted);
        out.text(&self.text);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.opening(6, NAME, VERSION)?;
        Ok(Self {
            template: input.string()?,
            context: get_context(input)?,
            drafted: get_drafted(input)?,
            text: input.string()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{canon, specimen};
    use super::*;

    #[test]
    fn a_body_reads_back_field_by_field() {
        let mut body = specimen::frozen().body().clone();
        body.context.supersedes = Some(Digest::from_bytes([4; 32]));
        body.context.reporter = Some("刘梅".into());
        body.drafted.parties[1].kind = PartyKind::Org { org: "u-water".parse().ok() };
        assert_eq!(canon::read_canonical(&canon::write(&body)), Ok(body));
    }
}
