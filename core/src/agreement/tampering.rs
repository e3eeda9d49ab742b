//! Attacks on the specimen: whatever is changed, verification says so, and names what where that can be told.

use proptest::prelude::*;

use super::act::{Act, act_message};
use super::bundle::{ActParts, Parts};
use super::canon;
use super::key::OneTimeKey;
use super::seal::{Seal, seal_message};
use super::specimen::{self, Seeded};
use super::*;
use crate::environment::Signer;

fn parts() -> Parts {
    canon::read_canonical(&specimen::sealed().bytes).unwrap()
}

fn broken(bytes: &[u8]) -> Vec<Finding> {
    verify(bytes).findings().filter(|finding| finding.weight() > Weight::Note).cloned().collect()
}

/// What verification finds after this change to the parts; nobody signs anew.
fn after(change: impl FnOnce(&mut Parts)) -> Vec<Finding> {
    let mut parts = parts();
    change(&mut parts);
    broken(&canon::write(&parts))
}

/// What verification finds where an insider changes acts, signs them anew with other keys and has the device seal it all again.
fn forged(change: impl FnOnce(&mut Vec<(Act, Drawing)>)) -> Vec<Finding> {
    forged_over(&specimen::frozen(), change)
}

fn forged_over(frozen: &Frozen, change: impl FnOnce(&mut Vec<(Act, Drawing)>)) -> Vec<Finding> {
    let ceremony = specimen::complete();
    let mut acts: Vec<_> = ceremony.acts().iter().map(|signed| (signed.act().clone(), signed.drawing().clone())).collect();
    change(&mut acts);
    let mut made: Vec<ActParts> = Vec::new();
    let mut digests = Vec::new();
    for (place, (mut act, drawing)) in acts.into_iter().enumerate() {
        let key = OneTimeKey::new(&Seeded::new(place as u64 + 50)).unwrap();
        let number = frozen.check_number();
        let statement = text::statement(act.role, &act.name, act.by.as_deref(), act.read_aloud, act.dynamics.is_some(), number);
        act = Act {
            body: frozen.digest(),
            check_number: number,
            statement,
            place: u32::try_from(place).unwrap(),
            previous: digests.last().copied(),
            drawing: drawing.digest(),
            public_key: key.public_key(),
            ..act
        };
        let bytes = canon::write(&act);
        digests.push(act::act_digest(&bytes));
        let signature = key.sign(&act_message(&bytes)).unwrap().to_vec();
        made.push(ActParts { act: bytes, signature, drawing: canon::write(&drawing) });
    }
    let device = specimen::device();
    let seal = canon::write(&Seal {
        body: frozen.digest(),
        body_sm3: frozen.sm3(),
        acts: digests,
        context: specimen::seal_context(),
        public_key: device.public_key(),
    });
    let seal_signature = device.sign(&seal_message(&seal)).unwrap().to_vec();
    broken(&canon::write(&Parts { body: frozen.bytes().to_vec(), acts: made, seal, seal_signature }))
}

#[test]
fn an_untouched_agreement_holds_and_says_what_it_did_without() {
    let report = verify(&specimen::sealed().bytes);
    assert!(report.holds());
    let findings: Vec<_> = report.findings().map(Finding::code).collect();
    assert_eq!(findings, ["not_certified", "not_registered", "not_stamped"]);
    assert!(report.checks.iter().filter(|check| check.made).all(Check::passed));
    let facts = report.facts.unwrap();
    assert_eq!(facts.parties, ["张建国", "李秀英"]);
    assert_eq!(facts.signers.len(), 4);
    assert_eq!(facts.check_number, specimen::frozen().check_number());
    assert_eq!(forged(|_| ()), [], "the forger of these tests can forge");
}

#[test]
fn an_edited_term_is_named() {
    let findings = after(|parts| {
        let mut body: Body = canon::read_canonical(&parts.body).unwrap();
        body.drafted.commitments[1].amount_fen = Some(38_000);
        parts.body = canon::write(&body);
    });
    assert_eq!(findings[..2], [Finding::BodyAltered, Finding::TextDiffersFromTerms]);
}

#[test]
fn a_body_made_to_show_other_text_than_its_terms_is_named_even_if_everybody_signed_it() {
    let mut body = specimen::frozen().body().clone();
    body.text = body.text.replace("3800元", "380元");
    let frozen = Frozen::from_bytes(canon::write(&body)).unwrap();
    assert_eq!(forged_over(&frozen, |_| ()), [Finding::TextDiffersFromTerms]);
}

#[test]
fn a_body_that_the_law_wants_in_wet_ink_is_named_even_if_everybody_signed_it() {
    let mut body = specimen::frozen().body().clone();
    body.drafted.dispute = crate::case::DisputeKind::PersonalStatus;
    let frozen = Frozen::from_bytes(canon::write(&body)).unwrap();
    assert_eq!(forged_over(&frozen, |_| ()), [Finding::NotFreezable(FreezeError::WetInkOnly)]);
}

#[test]
fn an_altered_drawing_is_named_by_its_place() {
    let findings = after(|parts| parts.acts[2].drawing = canon::write(&specimen::drawing(77)));
    assert_eq!(findings, [Finding::DrawingAltered(2)]);
}

#[test]
fn removed_reordered_and_replaced_acts_are_named() {
    assert_eq!(after(|parts| parts.acts.swap(0, 1))[..1], [Finding::ActListAltered]);
    assert_eq!(
        after(|parts| drop(parts.acts.pop())),
        [Finding::ActListAltered, Finding::MissingSigner(SignerRole::Mediator, Some("王敏".into()))]
    );
    let findings = after(|parts| parts.acts[1].signature = parts.acts[0].signature.clone());
    assert_eq!(findings, [Finding::BadActSignature(1)]);
    let findings = after(|parts| {
        let mut act: Act = canon::read_canonical(&parts.acts[1].act).unwrap();
        act.read_aloud = false;
        parts.acts[1].act = canon::write(&act);
    });
    assert_eq!(findings, [Finding::ActListAltered, Finding::BadActSignature(1), Finding::StatementAltered(1)]);
}

#[test]
fn a_last_act_signed_anew_after_the_seal_is_named_by_the_seal_alone() {
    let mut ceremony = specimen::complete();
    let again = specimen::signing(SignerRole::Mediator, "王敏", 4);
    ceremony.sign_again(again, ActKey::OneTime(&Seeded::new(90))).unwrap();
    let resealed = seal(&ceremony, specimen::seal_context(), &specimen::device()).unwrap();
    let other: Parts = canon::read_canonical(&resealed.bytes).unwrap();
    assert_eq!(after(|parts| parts.acts = other.acts), [Finding::ActListAltered]);
}

#[test]
fn another_devices_seal_does_not_fit_under_this_ones_key() {
    let findings = after(|parts| {
        let mut seal: Seal = canon::read_canonical(&parts.seal).unwrap();
        seal.context.counter += 1;
        parts.seal = canon::write(&seal);
    });
    assert_eq!(findings, [Finding::BadSeal], "the body and the acts are untouched");
}

#[test]
fn an_insider_with_the_devices_key_is_still_held_to_the_rules() {
    assert_eq!(forged(|acts| drop(acts.remove(1))), [Finding::MissingSigner(SignerRole::Party, Some("李秀英".into()))]);
    assert_eq!(forged(|acts| drop(acts.remove(2))), [Finding::MissingSigner(SignerRole::Witness, None)]);
    assert_eq!(forged(|acts| acts[1].1 = acts[0].1.clone()), [Finding::InkReused(1)]);
    assert_eq!(forged(|acts| acts[3].0.at = specimen::moment(1)), [Finding::ClockBackwards(3)]);
    assert_eq!(forged(|acts| acts[1].0.enrolled = "w-ncg-1".parse().ok()), [Finding::WrongKey(1)]);
    assert_eq!(forged(|acts| acts.swap(1, 2))[..1], [Finding::ClockBackwards(2)]);
    assert!(forged(|acts| acts.swap(1, 2)).contains(&Finding::UnexpectedSigner(2)), "a witness before a party");
}

#[test]
fn a_witness_on_a_partys_side_is_no_witness() {
    let none = Finding::MissingSigner(SignerRole::Witness, None);
    let findings = forged(|acts| acts[2].0.name = "张建国".into());
    assert_eq!(findings, [none.clone(), Finding::UnexpectedSigner(2), Finding::WitnessIsParty(2)]);
    let findings = forged(|acts| acts[0].0.by = Some("陈志强".into()));
    assert_eq!(findings, [none, Finding::WitnessIsParty(2)], "who held a party's pen");
}

#[test]
fn a_one_time_key_used_twice_is_named() {
    let mut ceremony = Ceremony::begin(specimen::frozen());
    for (role, name, minute) in [
        (SignerRole::Party, "张建国", 1),
        (SignerRole::Party, "李秀英", 2),
        (SignerRole::Witness, "陈志强", 3),
        (SignerRole::Mediator, "王敏", 4),
    ] {
        ceremony.sign(specimen::signing(role, name, minute), ActKey::OneTime(&Seeded::new(1))).unwrap();
    }
    let sealed = seal(&ceremony, specimen::seal_context(), &specimen::device()).unwrap();
    assert_eq!(broken(&sealed.bytes), [Finding::WrongKey(1), Finding::WrongKey(2), Finding::WrongKey(3)]);
}

#[test]
fn dynamics_kept_apart_are_checked_against_their_act_and_their_loss_breaks_nothing() {
    let entropy = Seeded::new(4);
    let samples = vec![Sample { at_ms: 0, pressure: None }, Sample { at_ms: 9, pressure: Some(400) }];
    let dynamics = Dynamics::new(samples.clone(), &entropy);
    let mut ceremony = specimen::complete();
    let signing = Signing {
        dynamics: Some(dynamics.digest()),
        dynamics_consent: true,
        ..specimen::signing(SignerRole::Mediator, "王敏", 4)
    };
    ceremony.sign_again(signing, ActKey::OneTime(&entropy)).unwrap();
    let sealed = seal(&ceremony, specimen::seal_context(), &specimen::device()).unwrap();
    assert!(verify(&sealed.bytes).holds(), "without the dynamics at hand");
    let bundle = Bundle::read(&sealed.bytes).unwrap();
    assert_eq!(verify_dynamics(&bundle, 3, &dynamics.to_bytes()), Ok(()));
    assert_eq!(verify_dynamics(&bundle, 0, &dynamics.to_bytes()), Err(Finding::DynamicsAltered(0)));
    let other = Dynamics::new(samples, &entropy).to_bytes();
    assert_eq!(verify_dynamics(&bundle, 3, &other), Err(Finding::DynamicsAltered(3)));
}

#[test]
fn the_largest_agreement_fits() {
    let wide = |length: usize| "𬱖".repeat(length);
    let (mut drafted, mut context) = (specimen::drafted(), specimen::context());
    let names: Vec<_> = (0..PARTIES_MAX).map(|n| format!("{}{n:02}", wide(NAME_MAX - 2))).collect();
    let party = |name: &String| crate::case::Party { name: name.clone(), kind: crate::case::PartyKind::Resident };
    drafted.parties = names.iter().map(party).collect();
    (drafted.facts, drafted.terms) = (wide(PROSE_MAX), wide(PROSE_MAX));
    let commitment = &mut drafted.commitments[1];
    (commitment.party, commitment.deed) = (names[0].clone(), wide(DEED_MAX));
    drafted.commitments = vec![commitment.clone(); COMMITMENTS_MAX];
    context.id_numbers.clear();
    let mut ceremony = Ceremony::begin(freeze(&drafted, context).unwrap());
    let mut sign = |role, name: &str, n: u16| {
        let ink =
            (0..POINTS_MAX).map(|at| Point { x: 20_000 + n, y: 20_000 + u16::try_from(at).unwrap() % (99 + n) }).collect();
        let drawing = Drawing::new(CANVAS_MAX, CANVAS_MAX, vec![ink]).unwrap();
        let signing = Signing { drawing, ..specimen::signing(role, name, n.into()) };
        ceremony.sign(signing, ActKey::OneTime(&Seeded::new(n.into()))).unwrap();
    };
    for (n, name) in (0..).zip(&names) {
        sign(SignerRole::Party, name, n);
    }
    for n in 0..u16::try_from(WITNESSES_MAX).unwrap() {
        sign(SignerRole::Witness, &format!("{}w{n}", wide(NAME_MAX - 2)), 30 + n);
    }
    sign(SignerRole::Mediator, "王敏", 40);
    let carried = Some(vec![0; CARRIED_MAX]);
    let at = specimen::moment(50);
    let context = SealContext { checkpoint: carried.clone(), certificate: carried, at, ..specimen::seal_context() };
    let sealed = seal(&ceremony, context, &specimen::device()).unwrap();
    let filler = [Finding::Unreadable(Part::Certificate), Finding::Unreadable(Part::Checkpoint)];
    assert_eq!(broken(&sealed.bytes), filler, "what it carries is filler, all else is in order");
    assert!(Ceremony::from_bytes(&ceremony.to_bytes()).is_ok());
}

#[test]
fn every_shortened_file_is_found_out() {
    let bytes = specimen::sealed().bytes;
    for length in 0..bytes.len() {
        assert_eq!(broken(&bytes[..length]), [Finding::Truncated(Part::Bundle)], "cut at {length}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(broken(&longer), [Finding::NotCanonical(Part::Bundle)]);
}

#[test]
fn a_flipped_byte_is_found_out_and_the_part_it_lies_in_is_named() {
    flip_every(11);
}

#[test]
#[ignore = "fifteen thousand signatures to check: a minute; before a release"]
fn every_flipped_byte_is_found_out_and_the_part_it_lies_in_is_named() {
    flip_every(1);
}

fn flip_every(step: usize) {
    let bytes = specimen::sealed().bytes;
    let parts = parts();
    let within = |part: &[u8]| {
        let start = bytes.windows(part.len()).position(|window| window == part).unwrap();
        start..start + part.len()
    };
    let body = within(&parts.body);
    let seal = [within(&parts.seal), within(&parts.seal_signature)];
    let acts: Vec<_> = parts.acts.iter().map(|act| [within(&act.act), within(&act.signature), within(&act.drawing)]).collect();
    for at in (0..bytes.len()).step_by(step) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        let findings = broken(&flipped);
        assert!(!findings.is_empty(), "byte {at}");
        if body.contains(&at) {
            assert!(findings.contains(&Finding::BodyAltered), "byte {at} of the body: {findings:?}");
        }
        if seal.iter().any(|range| range.contains(&at)) {
            let named = |f: &Finding| {
                matches!(
                    f,
                    Finding::BadSeal
                        | Finding::Unreadable(Part::Seal)
                        | Finding::Newer(Part::Seal)
                        | Finding::Truncated(Part::Seal)
                        | Finding::TooLarge
                )
            };
            assert!(findings.iter().any(named), "byte {at} of the seal: {findings:?}");
            assert!(!findings.contains(&Finding::BodyAltered), "byte {at} of the seal: {findings:?}");
        }
        for (place, [act, signature, drawing]) in acts.iter().enumerate() {
            if act.contains(&at) || signature.contains(&at) {
                let named = |f: &Finding| f.act() == Some(place) || *f == Finding::TooLarge;
                assert!(findings.iter().any(named), "byte {at} of act {place}: {findings:?}");
            }
            if drawing.contains(&at) {
                assert!(findings.contains(&Finding::DrawingAltered(place)), "byte {at} of drawing {place}: {findings:?}");
            }
        }
    }
}

#[test]
fn every_finding_has_a_sentence_in_both_languages() {
    let error = FreezeError::Missing("terms");
    for finding in [Finding::NotFreezable(error), Finding::Truncated(Part::Act(0)), Finding::ClockBackwards(3)] {
        assert!(finding.zh().ends_with('。') && finding.en().ends_with('.'), "{}", finding.code());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_bytes_at_all_get_a_report(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!verify(&bytes).holds());
    }

    #[test]
    fn bundles_patched_anywhere_get_a_report_and_never_hold(
        patches in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        splice in prop::option::of((any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 0..40))),
    ) {
        let bytes = specimen::sealed().bytes;
        let mut patched = bytes.clone();
        for (at, value) in patches {
            let at = at.index(patched.len());
            patched[at] = value;
        }
        if let Some((at, more)) = splice {
            let at = at.index(patched.len());
            patched.splice(at..at, more);
        }
        prop_assert_eq!(verify(&patched).holds(), patched == bytes);
    }

    #[test]
    fn stored_ceremonies_that_were_patched_are_refused_or_whole(
        at: prop::sample::Index, value: u8,
    ) {
        let mut bytes = specimen::complete().to_bytes();
        let at = at.index(bytes.len());
        let before = std::mem::replace(&mut bytes[at], value);
        prop_assert_eq!(Ceremony::from_bytes(&bytes).is_ok(), before == value);
    }
}
