//! Verification: bytes in, a report out. It trusts nothing but the bytes, asks nobody, and never panics.
//!
//! A bundle whose parts agree says that nobody has changed it since its keys signed. Whose the device's key is, and what
//! came after it, is held against what the verifier trusts beforehand (`trust`); where nothing is at hand, the report says so.

use super::act::{Act, SignerRole, act_digest, act_message};
use super::anchors::Anchors;
use super::body::Body;
use super::bundle::{ActParts, Parts};
use super::canon::{self, ReadError, Record};
use super::ceremony::is_party_or_pen;
use super::digest::{BODY_TAG, CheckNumber, bundle_digest, key_fingerprint, tagged, tagged_sm3};
use super::drawing::Drawing;
use super::dynamics::Dynamics;
use super::file::AgreementFile;
use super::key::is_signature;
use super::report::{Check, CheckName, Facts, Finding, Part, Report, SignerFact};
use super::seal::{Seal, seal_message};
use super::text::{self, TEMPLATE};
use super::trust::{self, Stated};
use super::{Bundle, freeze};
use crate::id::Digest;

/// Verifies a bundle, or an agreement's file, without trusting anybody beforehand.
pub fn verify(bytes: &[u8]) -> Report {
    verify_with(bytes, &Anchors::default())
}

/// Verifies a bundle, or an agreement's file, against keys that are trusted beforehand.
pub fn verify_with(bytes: &[u8], anchors: &Anchors) -> Report {
    let mut lines = Lines(CheckName::ALL.iter().map(|&name| Check { name, made: true, findings: Vec::new() }).collect());
    let whole = if AgreementFile::is_one(bytes) { Part::File } else { Part::Bundle };
    let file = match AgreementFile::read(bytes) {
        Ok(file) => file,
        Err(error) => {
            lines.find(CheckName::Form, unread(whole, error));
            return lines.unread();
        }
    };
    match canon::read::<Parts>(&file.bundle) {
        Ok((parts, canonical)) => {
            if !canonical {
                lines.find(CheckName::Form, Finding::NotCanonical(Part::Bundle));
            }
            verify_parts(&parts, &file, anchors, lines)
        }
        Err(error) => {
            lines.find(CheckName::Form, unread(Part::Bundle, error));
            lines.unread()
        }
    }
}

/// Whether these dynamics, kept apart from the bundle, are those that the act at this place holds. An act without
/// dynamics holds none.
pub fn verify_dynamics(bundle: &Bundle, place: usize, dynamics: &[u8]) -> Result<(), Finding> {
    let held = bundle.acts.get(place).and_then(|signed| signed.act().dynamics);
    match Dynamics::from_bytes(dynamics) {
        Ok(dynamics) if Some(dynamics.digest()) == held => Ok(()),
        _ => Err(Finding::DynamicsAltered(place)),
    }
}

pub(super) const fn unread(part: Part, error: ReadError) -> Finding {
    match error {
        ReadError::Truncated => Finding::Truncated(part),
        ReadError::Newer => Finding::Newer(part),
        ReadError::NotCanonical => Finding::NotCanonical(part),
        ReadError::TooLarge => Finding::TooLarge,
        ReadError::Malformed => Finding::Unreadable(part),
    }
}

/// The report's lines as they fill.
pub(super) struct Lines(Vec<Check>);

impl Lines {
    fn line(&mut self, name: CheckName, change: impl FnOnce(&mut Check)) {
        if let Some(check) = self.0.iter_mut().find(|check| check.name == name) {
            change(check);
        }
    }

    pub(super) fn find(&mut self, name: CheckName, finding: Finding) {
        self.line(name, |check| {
            if !check.findings.contains(&finding) {
                check.findings.push(finding);
            }
        });
    }

    pub(super) fn expect(&mut self, name: CheckName, holds: bool, finding: Finding) {
        if !holds {
            self.find(name, finding);
        }
    }

    pub(super) fn not_made(&mut self, name: CheckName) {
        self.line(name, |check| check.made = false);
    }

    /// Nothing but the form could be looked at.
    fn unread(mut self) -> Report {
        for check in &mut self.0 {
            check.made = check.name == CheckName::Form;
        }
        Report { checks: self.0, facts: None }
    }

    fn part<T: Record>(&mut self, part: Part, bytes: &[u8]) -> Option<T> {
        match canon::read(bytes) {
            Ok((record, canonical)) => {
                self.expect(CheckName::Form, canonical, Finding::NotCanonical(part));
                Some(record)
            }
            Err(error) => {
                self.find(CheckName::Form, unread(part, error));
                None
            }
        }
    }
}

/// An act of the bundle and what could be read of it.
pub(super) struct Given<'a> {
    parts: &'a ActParts,
    pub(super) act: Option<Act>,
    drawing: Option<Drawing>,
    /// Whether its signature is its key's.
    signed: bool,
}

fn verify_parts(parts: &Parts, file: &AgreementFile, anchors: &Anchors, mut lines: Lines) -> Report {
    let bundle = bundle_digest(&file.bundle);
    let body: Option<Body> = lines.part(Part::Body, &parts.body);
    let seal: Option<Seal> = lines.part(Part::Seal, &parts.seal);
    let mut acts = Vec::new();
    for (at, act_parts) in parts.acts.iter().enumerate() {
        let act: Option<Act> = lines.part(Part::Act(at), &act_parts.act);
        let drawing = lines.part(Part::Drawing(at), &act_parts.drawing);
        let signed =
            act.as_ref().is_some_and(|act| is_signature(&act.public_key, &act_message(&act_parts.act), &act_parts.signature));
        if act.is_none() {
            for name in [CheckName::Signatures, CheckName::Statements, CheckName::Clocks, CheckName::Signers] {
                lines.not_made(name);
            }
        }
        if act.is_none() || drawing.is_none() {
            lines.not_made(CheckName::Drawings);
        }
        acts.push(Given { parts: act_parts, act, drawing, signed });
    }
    let digest = tagged(BODY_TAG, &parts.body);

    let sealed = check_seal(parts, seal.as_ref(), &mut lines);
    check_body(parts, &digest, seal.as_ref().filter(|_| sealed), &acts, &mut lines);
    check_text(body.as_ref(), &mut lines);
    check_chain(seal.as_ref(), &acts, &mut lines);
    check_signatures(seal.as_ref(), &acts, &mut lines);
    check_statements(&digest, &acts, &mut lines);
    check_drawings(&acts, &mut lines);
    check_clocks(seal.as_ref(), &acts, &mut lines);
    check_signers(body.as_ref(), &acts, &mut lines);
    let named = body.as_ref().map(|body| (body.context.case, body.context.committee.as_str()));
    let stated = Stated { bundle, seal: seal.as_ref(), acts: &acts, body: named };
    trust::check(&stated, file, anchors, &mut lines);

    let facts = facts(bundle, digest, body, seal, &acts).map(|facts| {
        let (registered, stamped_at) = trust::times(file);
        Facts { registered, stamped_at, ..facts }
    });
    Report { checks: lines.0, facts }
}

fn check_seal(parts: &Parts, seal: Option<&Seal>, lines: &mut Lines) -> bool {
    let Some(seal) = seal else {
        lines.not_made(CheckName::Seal);
        return false;
    };
    let sealed = is_signature(&seal.public_key, &seal_message(&parts.seal), &parts.seal_signature);
    lines.expect(CheckName::Seal, sealed, Finding::BadSeal);
    sealed
}

/// The body is held against the seal, and against the acts: where the seal itself is broken, the acts still say whether
/// the body was touched.
fn check_body(parts: &Parts, digest: &Digest, seal: Option<&Seal>, acts: &[Given<'_>], lines: &mut Lines) {
    let claims: Vec<_> = acts
        .iter()
        .enumerate()
        .filter(|(_, given)| given.signed)
        .filter_map(|(at, given)| given.act.as_ref().map(|act| (at, act.body == *digest)))
        .collect();
    let intact = match seal {
        Some(seal) => seal.body == *digest && seal.body_sm3 == tagged_sm3(BODY_TAG, &parts.body),
        None => claims.iter().any(|(_, same)| *same),
    };
    if !intact {
        lines.find(CheckName::Body, Finding::BodyAltered);
        return;
    }
    for (at, same) in claims {
        lines.expect(CheckName::Body, same, Finding::ActOfOtherBody(at));
    }
}

fn check_text(body: Option<&Body>, lines: &mut Lines) {
    let Some(body) = body else {
        lines.not_made(CheckName::Text);
        return;
    };
    if body.template == TEMPLATE {
        let rendered = text::render(&body.drafted, &body.context);
        lines.expect(CheckName::Text, rendered == body.text, Finding::TextDiffersFromTerms);
    } else {
        // A template that this version cannot render: the text is signed, but nobody here can hold it against the fields.
        lines.not_made(CheckName::Text);
        lines.find(CheckName::Text, Finding::Newer(Part::Body));
    }
    if let Err(error) = freeze::check(&body.drafted, &body.context) {
        lines.find(CheckName::Text, Finding::NotFreezable(error));
    }
}

fn check_chain(seal: Option<&Seal>, acts: &[Given<'_>], lines: &mut Lines) {
    let digests: Vec<_> = acts.iter().map(|given| act_digest(&given.parts.act)).collect();
    let mut previous = None;
    for (at, (given, digest)) in acts.iter().zip(&digests).enumerate() {
        if let Some(act) = &given.act {
            let linked = act.previous == previous && act.place as usize == at;
            lines.expect(CheckName::Acts, linked, Finding::ActListAltered);
        }
        previous = Some(*digest);
    }
    match seal {
        Some(seal) => lines.expect(CheckName::Acts, seal.acts == digests, Finding::ActListAltered),
        None => lines.not_made(CheckName::Acts),
    }
}

fn check_signatures(seal: Option<&Seal>, acts: &[Given<'_>], lines: &mut Lines) {
    for (at, given) in acts.iter().enumerate() {
        let Some(act) = &given.act else { continue };
        lines.expect(CheckName::Signatures, given.signed, Finding::BadActSignature(at));
        let enrolled = act.enrolled.is_some();
        let earlier = acts.get(..at).unwrap_or_default().iter().filter_map(|given| given.act.as_ref());
        let used =
            earlier.map(|act| &act.public_key).chain(seal.map(|seal| &seal.public_key)).any(|key| *key == act.public_key);
        let wrong = if enrolled { act.role == SignerRole::Party } else { used };
        lines.expect(CheckName::Signatures, !wrong, Finding::WrongKey(at));
    }
}

fn check_statements(digest: &Digest, acts: &[Given<'_>], lines: &mut Lines) {
    for (at, given) in acts.iter().enumerate() {
        let Some(act) = &given.act else { continue };
        // Of an act for another body the body's check speaks; here: does the act agree with itself.
        let number = CheckNumber::of(if act.body == *digest { digest } else { &act.body });
        let stated = text::statement(act.role, &act.name, act.by.as_deref(), act.read_aloud, act.dynamics.is_some(), number);
        let same = act.check_number == number && act.statement == stated;
        lines.expect(CheckName::Statements, same, Finding::StatementAltered(at));
    }
}

fn check_drawings(acts: &[Given<'_>], lines: &mut Lines) {
    let mut inks = std::collections::BTreeSet::new();
    for (at, given) in acts.iter().enumerate() {
        let held = given.act.as_ref().map(|act| act.drawing);
        // Raw bytes, so that another encoding of the same strokes is not the same drawing.
        let same = held.is_none_or(|held| held == tagged(super::digest::DRAWING_TAG, &given.parts.drawing));
        lines.expect(CheckName::Drawings, same, Finding::DrawingAltered(at));
        if let Some(drawing) = &given.drawing {
            lines.expect(CheckName::Drawings, inks.insert(drawing.ink()), Finding::InkReused(at));
        }
    }
}

fn check_clocks(seal: Option<&Seal>, acts: &[Given<'_>], lines: &mut Lines) {
    let moments = acts.iter().map(|given| given.act.as_ref().map(|act| act.at)).chain([seal.map(|seal| seal.context.at)]);
    let mut last = None;
    for (at, moment) in moments.enumerate() {
        let (Some(moment), Some(before)) = (moment, last) else {
            last = moment.or(last);
            continue;
        };
        lines.expect(CheckName::Clocks, !moment.is_before(before), Finding::ClockBackwards(at));
        last = Some(moment);
    }
}

fn check_signers(body: Option<&Body>, acts: &[Given<'_>], lines: &mut Lines) {
    let Some(body) = body else {
        lines.not_made(CheckName::Signers);
        return;
    };
    let parties = || body.drafted.parties.iter().map(|party| party.name.as_str());
    let read = || acts.iter().filter_map(|given| given.act.as_ref());
    let signed = |role, name: &str| read().any(|act| act.role == role && act.name == name);
    for party in parties() {
        let missing = Finding::MissingSigner(SignerRole::Party, Some(party.into()));
        lines.expect(CheckName::Signers, signed(SignerRole::Party, party), missing);
    }
    let witnessed = read().any(|act| act.role == SignerRole::Witness && !is_party_or_pen(parties(), read(), &act.name));
    lines.expect(CheckName::Signers, witnessed, Finding::MissingSigner(SignerRole::Witness, None));
    if let Some(mediator) = &body.context.mediator {
        let missing = Finding::MissingSigner(SignerRole::Mediator, Some(mediator.clone()));
        lines.expect(CheckName::Signers, signed(SignerRole::Mediator, mediator), missing);
    }
    for (at, given) in acts.iter().enumerate() {
        let Some(act) = &given.act else { continue };
        let mut earlier = acts.get(..at).unwrap_or_default().iter().filter_map(|given| given.act.as_ref());
        let ordered = earlier.all(|before| {
            before.role <= act.role && before.role != SignerRole::Mediator && !text::same_name(&before.name, &act.name)
        });
        let expected = match act.role {
            SignerRole::Party => parties().any(|party| party == act.name),
            SignerRole::Witness => true,
            SignerRole::Mediator => body.context.mediator.as_ref().is_none_or(|name| *name == act.name),
        };
        lines.expect(CheckName::Signers, ordered && expected, Finding::UnexpectedSigner(at));
        let partial = act.role != SignerRole::Party && is_party_or_pen(parties(), read(), &act.name);
        let finding = if act.role == SignerRole::Witness { Finding::WitnessIsParty(at) } else { Finding::MediatorIsParty(at) };
        lines.expect(CheckName::Signers, !partial, finding);
    }
}

fn facts(bundle: Digest, digest: Digest, body: Option<Body>, seal: Option<Seal>, acts: &[Given<'_>]) -> Option<Facts> {
    let (body, seal) = (body?, seal?);
    let signers = acts.iter().map(|given| {
        given.act.as_ref().map(|act| SignerFact {
            role: act.role,
            name: act.name.clone(),
            capacity: act.capacity.clone(),
            by: act.by.clone(),
            at: act.at.wall,
            enrolled: act.enrolled.clone(),
            key: key_fingerprint(&act.public_key),
        })
    });
    Some(Facts {
        bundle,
        body: digest,
        check_number: CheckNumber::of(&digest),
        case: body.context.case,
        draft: body.context.draft,
        number: body.context.number,
        parties: body.drafted.parties.into_iter().map(|party| party.name).collect(),
        text: body.text,
        supersedes: body.context.supersedes,
        signers: signers.collect::<Option<_>>()?,
        sealed_at: seal.context.at.wall,
        device: seal.context.device,
        device_key: key_fingerprint(&seal.public_key),
        counter: seal.context.counter,
        previous_seal: seal.context.previous,
        registered: None,
        stamped_at: None,
    })
}
