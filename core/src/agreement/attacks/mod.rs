//! The table of attacks: each changes, cuts, splices, reorders, replays or forges something of one whole agreement (certificate
//! and checkpoint in its seal, receipt, stamp and counter-signatures beside it), and each has the finding it must lead to.
//!
//! An insider's attacks are signed anew with whatever keys the insider has: the device's, never the root's or the log's. With
//! `DOORSTEP_ATTACKS` set to a directory the files are written there, with what is expected of each, for another verifier.

mod made;

use made::{
    Log, acts, altered, anchors, another, another_log, body, certificate, edit, file, high_s, keyed, late, log_key, longer,
    other_parts, receipt, root, sealing, stamp, stranger, whole,
};

use super::act::Act;
use super::canon;
use super::seal::Seal;
use super::specimen;
use super::*;
use crate::environment::Signer;
use crate::id::Digest;

type Made = (&'static str, &'static str, Vec<u8>);

/// Attack, the finding that must be among those that break it (`holds`: none may), the file.
fn table() -> Vec<Made> {
    let mut all: Vec<Made> = vec![
        ("whole", "holds", whole().write()),
        ("bare bundle", "holds", whole().bundle),
        ("bundle of the first release", "holds", specimen::sealed().bytes),
        ("another whole agreement", "holds", another().write()),
        ("the forger's own, unchanged", "holds", acts(|_| ())),
        ("without receipt and stamp", "holds", file(|file| (file.receipt, file.stamp) = (None, None))),
        ("a clock set back", "holds", acts(|acts| acts[3].0.at = specimen::moment(1))),
    ];
    all.extend(on_the_file());
    all.extend(on_the_body());
    all.extend(on_the_acts());
    all.extend(on_the_drawings());
    all.extend(on_the_seal());
    all.extend(on_the_certificate());
    all.extend(on_the_receipt());
    all.extend(on_the_rest());
    all
}

fn on_the_file() -> Vec<Made> {
    let bytes = whole().write();
    let cut = |at: usize| bytes[..at].to_vec();
    let mut misordered = whole();
    misordered.counter_signatures.sort();
    misordered.counter_signatures.reverse();
    vec![
        ("file: empty", "truncated", Vec::new()),
        ("file: cut at its first byte", "truncated", cut(1)),
        ("file: cut in the bundle", "truncated", cut(bytes.len() / 3)),
        ("file: cut before its last byte", "truncated", cut(bytes.len() - 1)),
        ("file: a byte behind it", "not_canonical", [&bytes[..], &[0]].concat()),
        ("file: a longer head", "not_canonical", {
            let mut bytes = bytes.clone();
            longer(&mut bytes);
            bytes
        }),
        ("file: counter-signatures in another order", "not_canonical", canon::write(&misordered)),
        ("file: nothing but its name", "unreadable", b"\x82\x77doorstep-agreement-file\x01".to_vec()),
        ("file: a later version", "newer", {
            let mut bytes = bytes.clone();
            bytes[25] = 2;
            bytes
        }),
        (
            "file: another agreement's bundle under these receipts",
            "receipt_of_other",
            file(|file| file.bundle = another().bundle),
        ),
        ("bundle: cut", "truncated", file(|file| file.bundle.truncate(500))),
        ("bundle: a byte behind it", "not_canonical", file(|file| file.bundle.push(0))),
        ("bundle: a longer head", "not_canonical", file(|file| longer(&mut file.bundle))),
        ("bundle: another name", "unreadable", file(|file| file.bundle[2] ^= 1)),
        ("bundle: replaced by nothing", "truncated", file(|file| file.bundle.clear())),
    ]
}

fn on_the_body() -> Vec<Made> {
    let amount = |body: &mut Body| body.drafted.commitments[1].amount_fen = Some(38_000);
    vec![
        ("body: a smaller amount", "body_altered", altered(|parts| edit(&mut parts.body, amount))),
        ("body: another party's name", "body_altered", {
            altered(|parts| edit(&mut parts.body, |body: &mut Body| body.drafted.parties[0].name = "张建军".into()))
        }),
        ("body: another due date", "body_altered", {
            altered(|parts| {
                edit(&mut parts.body, |body: &mut Body| {
                    body.drafted.commitments[0].due = body.drafted.commitments[0].due.plus_days(365);
                });
            })
        }),
        ("body: another text shown", "body_altered", {
            altered(|parts| edit(&mut parts.body, |body: &mut Body| body.text = body.text.replace("3800元", "380元")))
        }),
        ("body: another case", "body_altered", {
            altered(|parts| {
                edit(&mut parts.body, |body: &mut Body| body.context.case = crate::id::DocId::from_bytes([8; 16]));
            })
        }),
        ("body: another agreement's", "body_altered", altered(|parts| parts.body = other_parts().body)),
        ("body: not canonical", "not_canonical", altered(|parts| longer(&mut parts.body))),
        ("body: cut", "truncated", altered(|parts| parts.body.truncate(100))),
        ("body: terms changed under a signed text, all sealed anew", "text_differs_from_terms", body(amount)),
        ("body: a text that is not its terms, all signed anew", "text_differs_from_terms", {
            body(|body| body.text = body.text.replace("3800元", "380元"))
        }),
        ("body: personal status, all signed anew", "not_freezable", {
            body(|body| body.drafted.dispute = crate::case::DisputeKind::PersonalStatus)
        }),
        ("body: a party twice, all signed anew", "not_freezable", {
            body(|body| {
                let again = body.drafted.parties[0].clone();
                body.drafted.parties.push(again);
                body.text = text::render(&body.drafted, &body.context);
            })
        }),
        ("body: a commitment of nobody, all signed anew", "not_freezable", {
            body(|body| {
                body.drafted.commitments[0].party = "王五".into();
                body.text = text::render(&body.drafted, &body.context);
            })
        }),
    ]
}

fn on_the_acts() -> Vec<Made> {
    let act = |at: usize, change: fn(&mut Act)| altered(|parts| edit(&mut parts.acts[at].act, change));
    vec![
        ("acts: one removed", "act_list_altered", altered(|parts| drop(parts.acts.remove(1)))),
        ("acts: the last removed", "act_list_altered", altered(|parts| drop(parts.acts.pop()))),
        ("acts: all removed", "act_list_altered", altered(|parts| parts.acts.clear())),
        ("acts: two exchanged", "act_list_altered", altered(|parts| parts.acts.swap(0, 1))),
        ("acts: one twice", "act_list_altered", {
            altered(|parts| {
                let again = parts.acts[0].clone();
                parts.acts.insert(1, again);
            })
        }),
        ("acts: one of another agreement", "act_of_other_body", {
            altered(|parts| parts.acts[0] = other_parts().acts.swap_remove(0))
        }),
        ("acts: all of another agreement", "body_altered", {
            altered(|parts| (parts.acts, parts.seal_signature) = (other_parts().acts, vec![0; 64]))
        }),
        ("acts: another name", "bad_act_signature", act(0, |act| act.name = "张建军".into())),
        ("acts: read aloud, it says", "bad_act_signature", act(1, |act| act.read_aloud = false)),
        ("acts: an identity check that was not made", "bad_act_signature", act(0, |act| act.identity = Identity::CardShown)),
        ("acts: another time", "bad_act_signature", act(2, |act| act.at.wall = act.at.wall.plus_ms(1))),
        ("acts: another key", "bad_act_signature", act(3, |act| act.public_key = stranger().public_key())),
        ("acts: another's signature", "bad_act_signature", {
            altered(|parts| parts.acts[0].signature = parts.acts[1].signature.clone())
        }),
        ("acts: a signature of nothing", "bad_act_signature", altered(|parts| parts.acts[2].signature = vec![0; 64])),
        ("acts: a short signature", "bad_act_signature", altered(|parts| parts.acts[2].signature.truncate(63))),
        ("acts: the signature's other form", "bad_act_signature", altered(|parts| high_s(&mut parts.acts[0].signature))),
        ("acts: not canonical", "not_canonical", altered(|parts| longer(&mut parts.acts[1].act))),
        ("acts: cut", "truncated", altered(|parts| parts.acts[1].act.truncate(40))),
        ("acts: a party left out, sealed anew", "missing_signer", acts(|acts| drop(acts.remove(1)))),
        ("acts: the witness left out, sealed anew", "missing_signer", acts(|acts| drop(acts.remove(2)))),
        ("acts: the mediator left out, sealed anew", "missing_signer", acts(|acts| drop(acts.remove(3)))),
        ("acts: another mediator than the one named, sealed anew", "unexpected_signer", {
            acts(|acts| acts[3].0.name = "赵六".into())
        }),
        ("acts: a stranger in a party's place, sealed anew", "unexpected_signer", acts(|acts| acts[1].0.name = "王五".into())),
        ("acts: the witness first, sealed anew", "unexpected_signer", acts(|acts| acts.swap(1, 2))),
        ("acts: a party as witness, sealed anew", "witness_is_party", acts(|acts| acts[2].0.name = "张建国".into())),
        ("acts: a party's pen as witness, sealed anew", "witness_is_party", {
            acts(|acts| acts[0].0.by = Some("陈志强".into()))
        }),
        ("acts: a party signs with the device's key, sealed anew", "wrong_key", {
            acts(|acts| acts[0].0.enrolled = "w-hp-1".parse().ok())
        }),
        ("acts: another one before it, sealed anew", "act_list_altered", {
            late(2, |act| act.previous = Some(Digest::from_bytes([9; 32])))
        }),
        ("acts: none before it, sealed anew", "act_list_altered", late(1, |act| act.previous = None)),
        ("acts: one before the first, sealed anew", "act_list_altered", {
            late(0, |act| act.previous = Some(Digest::from_bytes([9; 32])))
        }),
        ("acts: another place, sealed anew", "act_list_altered", late(3, |act| act.place = 7)),
        ("acts: another statement, sealed anew", "statement_altered", {
            late(0, |act| act.statement = act.statement.replace("自愿", "非自愿"))
        }),
        ("acts: another check number, sealed anew", "statement_altered", {
            late(1, |act| act.check_number = CheckNumber::of(&Digest::from_bytes([9; 32])))
        }),
        ("acts: dynamics without consent, sealed anew", "statement_altered", {
            late(0, |act| act.dynamics = Some(Digest::from_bytes([9; 32])))
        }),
        ("acts: one for another body, sealed anew", "act_of_other_body", {
            late(1, |act| act.body = Digest::from_bytes([9; 32]))
        }),
        ("acts: another drawing's digest, sealed anew", "drawing_altered", {
            late(2, |act| act.drawing = Digest::from_bytes([9; 32]))
        }),
        ("acts: one key for two, sealed anew", "wrong_key", keyed(1, 50)),
        ("acts: the device's key as a party's own, sealed anew", "wrong_key", keyed(0, 1_000)),
        ("acts: the device's key in another's name, sealed anew", "wrong_key", {
            acts(|acts| acts[3].0.enrolled = "w-hp-2".parse().ok())
        }),
    ]
}

fn on_the_drawings() -> Vec<Made> {
    vec![
        ("drawings: another", "drawing_altered", {
            altered(|parts| parts.acts[2].drawing = canon::write(&specimen::drawing(77)))
        }),
        ("drawings: two exchanged", "drawing_altered", {
            altered(|parts| {
                let first = parts.acts[0].drawing.clone();
                parts.acts[0].drawing = std::mem::replace(&mut parts.acts[1].drawing, first);
            })
        }),
        ("drawings: one point moved", "drawing_altered", {
            altered(|parts| {
                edit(&mut parts.acts[1].drawing, |drawing: &mut Drawing| {
                    let mut strokes = drawing.strokes().to_vec();
                    strokes[0][0].x += 1;
                    *drawing = Drawing::new(drawing.width(), drawing.height(), strokes).unwrap();
                });
            })
        }),
        ("drawings: another encoding", "not_canonical", altered(|parts| longer(&mut parts.acts[0].drawing))),
        ("drawings: cut", "truncated", altered(|parts| parts.acts[0].drawing.truncate(9))),
        ("drawings: ink copied, sealed anew", "ink_reused", acts(|acts| acts[1].1 = acts[0].1.clone())),
        ("drawings: ink copied and moved, sealed anew", "ink_reused", {
            acts(|acts| {
                let moved = |stroke: &Vec<Point>| stroke.iter().map(|at| Point { x: at.x + 9, y: at.y + 9 }).collect();
                let strokes = acts[0].1.strokes().iter().map(moved).collect();
                acts[1].1 = Drawing::new(820, 320, strokes).unwrap();
            })
        }),
    ]
}

fn on_the_seal() -> Vec<Made> {
    let seal = |change: fn(&mut Seal)| altered(|parts| edit(&mut parts.seal, change));
    vec![
        ("seal: another count", "bad_seal", seal(|seal| seal.context.counter += 1)),
        ("seal: another device", "bad_seal", seal(|seal| seal.context.device = crate::id::DeviceId::from_bytes([3; 16]))),
        ("seal: another time", "bad_seal", seal(|seal| seal.context.at.wall = seal.context.at.wall.plus_ms(-1))),
        ("seal: another seal before it", "bad_seal", seal(|seal| seal.context.previous = Some(Digest::from_bytes([1; 32])))),
        ("seal: without its checkpoint", "bad_seal", seal(|seal| seal.context.checkpoint = None)),
        ("seal: without its certificate", "bad_seal", seal(|seal| seal.context.certificate = None)),
        ("seal: another key", "bad_seal", seal(|seal| seal.public_key = stranger().public_key())),
        ("seal: another agreement's", "body_altered", {
            altered(|parts| (parts.seal, parts.seal_signature) = (other_parts().seal, other_parts().seal_signature))
        }),
        ("seal: an empty signature", "bad_seal", altered(|parts| parts.seal_signature.clear())),
        ("seal: the signature's other form", "bad_seal", altered(|parts| high_s(&mut parts.seal_signature))),
        ("seal: not canonical", "not_canonical", altered(|parts| longer(&mut parts.seal))),
        ("seal: cut", "truncated", altered(|parts| parts.seal.truncate(60))),
        ("seal: another SM3 digest, sealed anew", "body_altered", sealing(|seal| seal.body_sm3[0] ^= 1)),
        ("seal: another body, sealed anew", "body_altered", sealing(|seal| seal.body = Digest::from_bytes([9; 32]))),
        ("seal: acts left out, sealed anew", "act_list_altered", sealing(|seal| seal.acts.truncate(3))),
    ]
}

fn on_the_certificate() -> Vec<Made> {
    let with = |certificate: Option<Vec<u8>>| sealing(|seal| seal.context.certificate = certificate);
    let by = |key: &dyn Signer, change: fn(&mut DeviceCertificate)| {
        let mut certificate = certificate();
        change(&mut certificate);
        with(Some(certificate.sign(key).unwrap()))
    };
    let cut = certificate().sign(&root()).unwrap();
    vec![
        ("certificate: by nobody's root", "bad_certificate", by(&stranger(), |_| ())),
        ("certificate: by the device itself", "bad_certificate", by(&specimen::device(), |_| ())),
        ("certificate: by the log", "bad_certificate", by(&log_key(), |_| ())),
        ("certificate: of another device", "certificate_of_other", {
            by(&root(), |said| said.device = crate::id::DeviceId::from_bytes([9; 16]))
        }),
        ("certificate: of another key", "certificate_of_other", by(&root(), |said| said.public_key = stranger().public_key())),
        ("certificate: cut", "truncated", with(Some(cut[..cut.len() - 9].to_vec()))),
        ("certificate: something else", "unreadable", with(Some(vec![0x80]))),
        ("certificate: a checkpoint in its place", "unreadable", with(Some(Log::of(3).checkpoint(-60, &root())))),
    ]
}

fn on_the_receipt() -> Vec<Made> {
    let digest = bundle_digest(&whole().bundle);
    let carrying = |checkpoint: Vec<u8>| sealing(|seal| seal.context.checkpoint = Some(checkpoint));
    vec![
        ("receipt: another agreement's", "receipt_of_other", file(|file| file.receipt = another().receipt)),
        ("receipt: by nobody's log", "bad_checkpoint", {
            file(|file| file.receipt = Some(Log::of(5).receipt(digest, &stranger()).to_bytes()))
        }),
        ("receipt: by the root", "bad_checkpoint", {
            file(|file| file.receipt = Some(Log::of(5).receipt(digest, &root()).to_bytes()))
        }),
        ("receipt: another place", "not_in_log", receipt(|receipt| receipt.index += 1)),
        ("receipt: a place beyond the log", "not_in_log", receipt(|receipt| receipt.index = 1 << 40)),
        ("receipt: an earlier time", "not_in_log", {
            receipt(|receipt| receipt.leaf.received_at = receipt.leaf.received_at.plus_ms(-60_000))
        }),
        ("receipt: a hash changed", "not_in_log", receipt(|receipt| receipt.proof[1] = Digest::from_bytes([0; 32]))),
        ("receipt: a hash left out", "not_in_log", receipt(|receipt| receipt.proof.truncate(1))),
        ("receipt: a hash more", "not_in_log", receipt(|receipt| receipt.proof.push(Digest::from_bytes([0; 32])))),
        ("receipt: no proof", "not_in_log", receipt(|receipt| receipt.proof.clear())),
        ("receipt: a checkpoint of another time", "not_in_log", {
            receipt(|receipt| receipt.checkpoint = Log::of(9).checkpoint(12, &log_key()))
        }),
        ("receipt: a checkpoint from before it", "not_in_log", {
            receipt(|receipt| receipt.checkpoint = Log::of(3).checkpoint(-60, &log_key()))
        }),
        ("receipt: cut", "truncated", file(|file| file.receipt.as_mut().unwrap().truncate(70))),
        ("receipt: not canonical", "not_canonical", file(|file| longer(file.receipt.as_mut().unwrap()))),
        ("receipt: a stamp in its place", "unreadable", file(|file| file.receipt = file.stamp.clone())),
        ("checkpoint: by nobody's log", "bad_checkpoint", carrying(Log::of(3).checkpoint(-60, &stranger()))),
        ("checkpoint: of a longer log than the entry's", "log_backwards", carrying(Log::of(6).checkpoint(-60, &log_key()))),
        ("checkpoint: later than the entry", "log_backwards", carrying(Log::of(3).checkpoint(10_000, &log_key()))),
        ("checkpoint: something else", "unreadable", carrying(vec![0x80])),
        ("checkpoint: of another log of the same key", "log_backwards", carrying(another_log())),
        ("receipt: later than the checkpoint that it stands on", "log_backwards", {
            file(|file| file.receipt = Some(Log::of(5).receipt_under(digest, 9, -60, &log_key()).to_bytes()))
        }),
    ]
}

fn on_the_rest() -> Vec<Made> {
    let stamped = |change: fn(&mut CommitteeStamp), key: &dyn Signer| {
        let bundle = whole().bundle;
        let mut stamp = stamp(&bundle);
        change(&mut stamp);
        file(|file| file.stamp = Some(stamp.sign(key).unwrap()))
    };
    let counter = |at: usize, change: fn(&mut Vec<u8>)| {
        file(|file| {
            file.counter_signatures.sort();
            change(&mut file.counter_signatures[at].bytes);
        })
    };
    let replayed = |at: usize| {
        let mut other = another().counter_signatures;
        other.sort();
        file(|file| {
            file.counter_signatures.sort();
            file.counter_signatures[at] = other.swap_remove(at);
        })
    };
    let by_stranger = |file: &mut AgreementFile| {
        let digest = bundle_digest(&file.bundle);
        let token = LocalAuthority { key: &stranger(), at: specimen::BEGIN, serial: 1 };
        let sm2 = LocalSm2::new(&[9; 32], specimen::BEGIN).unwrap();
        file.counter_signatures = vec![token.counter_sign(&digest).unwrap(), sm2.counter_sign(&digest).unwrap()];
    };
    vec![
        ("stamp: another agreement's", "stamp_of_other", file(|file| file.stamp = another().stamp)),
        ("stamp: another case's", "stamp_of_other", {
            stamped(|stamp| stamp.case = crate::id::DocId::from_bytes([1; 16]), &root())
        }),
        ("stamp: another committee's", "stamp_of_other", stamped(|stamp| stamp.committee = "别的委员会".into(), &root())),
        ("stamp: by nobody's root", "bad_stamp", stamped(|_| (), &stranger())),
        ("stamp: by the device", "bad_stamp", stamped(|_| (), &specimen::device())),
        ("stamp: cut", "truncated", file(|file| file.stamp.as_mut().unwrap().truncate(50))),
        ("counter: a time stamp of another agreement", "bad_counter_signature", replayed(0)),
        ("counter: an SM2 signature of another agreement", "bad_counter_signature", replayed(1)),
        ("counter: both by strangers", "bad_counter_signature", file(by_stranger)),
        ("counter: a time stamp altered", "bad_counter_signature", counter(0, |bytes| *bytes.last_mut().unwrap() ^= 1)),
        ("counter: an SM2 signature altered", "bad_counter_signature", counter(1, |bytes| *bytes.last_mut().unwrap() ^= 1)),
        ("counter: a time stamp cut", "unreadable", counter(0, |bytes| bytes.truncate(90))),
    ]
}

fn broken(bytes: &[u8]) -> Vec<&'static str> {
    let report = verify_with(bytes, &anchors());
    let mut codes: Vec<_> = report.findings().filter(|finding| finding.weight() == Weight::Broken).map(Finding::code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn every_attack_of_the_table_leads_to_its_finding() {
    let table = table();
    write(&table);
    let attacks = table.iter().filter(|(_, expected, _)| *expected != "holds").count();
    assert!(attacks >= 60, "{attacks}");
    for (name, expected, bytes) in &table {
        let codes = broken(bytes);
        let found = if *expected == "holds" { codes.is_empty() } else { codes.contains(expected) };
        assert!(found, "{name}: expected {expected}, found {codes:?}");
    }
    let mut names: Vec<_> = table.iter().map(|(name, ..)| *name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), table.len(), "each once");
}

#[test]
fn everything_an_agreement_can_have_passes_every_check_with_the_right_keys_and_none_is_missed() {
    let report = verify_with(&whole().write(), &anchors());
    assert!(report.checks.iter().all(Check::passed), "{:?}", report.findings().collect::<Vec<_>>());
    let facts = report.facts.unwrap();
    assert_eq!(facts.registered, Some((5, specimen::BEGIN.plus_ms(600_000))));
    assert_eq!(facts.stamped_at, Some(specimen::BEGIN.plus_ms(1_200_000)));
}

/// What breaks nothing, for a clock may be wrong, but wants an explanation.
#[test]
fn times_that_do_not_fit_are_doubts_and_are_named() {
    let doubts = |bytes: &[u8]| {
        let report = verify_with(bytes, &anchors());
        assert!(report.holds());
        report.findings().map(Finding::code).collect::<Vec<_>>()
    };
    // Sealed before the checkpoint that it carries; both the log's and the entry's times are right among themselves.
    let early = sealing(|seal| {
        seal.context.checkpoint = Some(Log::of(3).checkpoint(9, &log_key()));
        seal.context.at = specimen::moment(4);
        seal.context.at.wall = specimen::BEGIN.plus_ms(-3_600_000);
    });
    assert!(doubts(&early).contains(&"outside_log_time"));
    // Sealed, by the phone's clock, long after the log took it in.
    let late = sealing(|seal| seal.context.at.wall = specimen::BEGIN.plus_ms(36_000_000));
    assert!(doubts(&late).contains(&"outside_log_time"));
    let back = acts(|acts| acts[3].0.at = specimen::moment(1));
    assert_eq!(doubts(&back), ["clock_backwards"]);
}

#[test]
fn without_keys_to_trust_the_report_says_what_was_not_checked() {
    let report = verify(&whole().write());
    let codes: Vec<_> = report.findings().map(Finding::code).collect();
    let unknown = ["not_certified", "log_unknown", "stamp_unchecked", "counter_signer_unknown", "counter_signer_unknown"];
    assert_eq!(codes, unknown);
    assert!(report.holds());
}

#[test]
fn a_counter_signature_of_an_unknown_kind_is_said_to_be_there() {
    let bytes = file(|file| file.counter_signatures.push(CounterSignature { kind: "chain".into(), bytes: vec![1] }));
    let report = verify_with(&bytes, &anchors());
    assert!(report.holds());
    assert_eq!(report.findings().map(Finding::code).collect::<Vec<_>>(), ["counter_signature_unknown"]);
}

/// Writes the table where `DOORSTEP_ATTACKS` says; nothing without it.
fn write(table: &[Made]) {
    let Some(dir) = std::env::var_os("DOORSTEP_ATTACKS").map(std::path::PathBuf::from) else { return };
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("anchors.txt"), anchors().to_string()).unwrap();
    let mut list = Vec::new();
    for (at, (name, expected, bytes)) in table.iter().enumerate() {
        let file = format!("{at:03}.doorstep");
        std::fs::write(dir.join(&file), bytes).unwrap();
        let codes = broken(bytes);
        list.push(serde_json::json!({ "file": file, "name": name, "expected": expected, "broken": codes }));
    }
    std::fs::write(dir.join("table.json"), serde_json::to_vec_pretty(&list).unwrap()).unwrap();
}
