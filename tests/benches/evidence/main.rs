//! `cargo bench -p doorstep-tests --bench evidence -- [--runs 200] [--json]`: what evidence costs, for two parties, a witness and a
//! mediator: an act of the ceremony (a drawing taken in, signed, the ceremony's bytes made and read back), a verification of the
//! whole file, and the bundle's size.
//!
//! Processor time of this process, not time on the wall. Nothing is asserted: the figures are for people.

#![allow(clippy::expect_used, clippy::cast_precision_loss, reason = "a program that measures: what goes wrong ends it")]

use doorstep_core::agreement::{
    ActKey, AgreementFile, Anchors, Ceremony, Drawing, FreezeContext, Identity, Moment, SealContext, SignerRole, Signing,
    freeze, seal, verify_with,
};
use doorstep_core::case::{AgreementDrafted, Commitment, DisputeKind, Party, PartyKind};
use doorstep_core::host::SoftwareSigner;
use doorstep_core::id::{DeviceId, DocId};
use doorstep_core::time::{Date, Hlc, Stamp, Timestamp};
use doorstep_tests::seed::Seeded;
use rustix::time::{ClockId, clock_gettime};

const NOW: Timestamp = Timestamp(1_795_399_500_000);
/// Points of one drawing: four seconds of a pad that reports 120 times a second.
const POINTS: u32 = 480;

fn cpu_us() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// What a hand draws: twelve strokes that wander over the pad.
fn ink(hand: u32) -> Drawing {
    let point = |stroke: u32, at: u32| {
        let t = f64::from(at) * 0.31 + f64::from(hand) * 7.3;
        (40.0 + f64::from(stroke) * 60.0 + t.sin() * 38.0, 150.0 + (t * 0.7 + f64::from(stroke)).cos() * 120.0)
    };
    let strokes: Vec<Vec<(f64, f64)>> = (0..12).map(|stroke| (0..POINTS / 12).map(|at| point(stroke, at)).collect()).collect();
    Drawing::from_raw(800, 300, &strokes).expect("a drawing")
}

fn begin() -> Ceremony {
    let day = |day| Date::from_ymd(2026, 12, day).expect("a day");
    let commitment = |deed: &str, due, amount_fen| Commitment { party: "张建国".into(), deed: deed.into(), due, amount_fen };
    let drafted = AgreementDrafted {
        consultation: Stamp { time: Hlc(77), node: 1 },
        dispute: DisputeKind::Ordinary,
        parties: ["张建国", "李秀英"].map(|name| Party { name: name.into(), kind: PartyKind::Resident }).into(),
        facts: "401室卫生间防水层老化渗水，致301室吊顶、主卧墙面受损，双方就维修和赔偿发生争议。".repeat(3),
        terms: "双方对渗水来源无异议，按下列事项履行，履行完毕后互不追究。".repeat(3),
        commitments: vec![
            commitment("完成401室卫生间防水层重做", day(10), None),
            commitment("一次性赔偿301室吊顶及墙面修复费用", day(15), Some(380_000)),
        ],
        replaces: None,
    };
    let context = FreezeContext {
        case: DocId::from_bytes([9; 16]),
        draft: Stamp { time: Hlc(99), node: 1 },
        heads: vec![],
        tenant: "和平街道".into(),
        community: "幸福里社区".into(),
        committee: "和平街道人民调解委员会".into(),
        number: Some("2026-17".into()),
        reporter: None,
        mediator: Some("王敏".into()),
        frozen_at: NOW,
        id_numbers: vec![],
        supersedes: None,
    };
    Ceremony::begin(freeze(&drafted, context).expect("it can be signed"))
}

fn signing(role: SignerRole, name: &str, hand: u32) -> Signing {
    Signing {
        role,
        name: name.into(),
        capacity: String::new(),
        by: None,
        identity: Identity::Known,
        shown_ms: 30_000,
        read_aloud: true,
        at: Moment { wall: NOW.plus_ms(i64::from(hand) * 60_000), run: 6, monotonic_ms: u64::from(hand) * 60_000 },
        drawing: ink(hand),
        dynamics: None,
        dynamics_consent: false,
        photo: None,
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runs = arguments.iter().skip_while(|argument| *argument != "--runs").nth(1);
    let runs: usize = runs.and_then(|runs| runs.parse().ok()).unwrap_or(200).max(1);
    let entropy = Seeded::new(1, "bench");
    let hands = [
        (SignerRole::Party, "张建国"),
        (SignerRole::Party, "李秀英"),
        (SignerRole::Witness, "陈志强"),
        (SignerRole::Mediator, "王敏"),
    ];
    let device = SoftwareSigner::generate(&entropy).expect("a key");
    let (mut acts, mut seals, mut verified) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = Vec::new();
    for _ in 0..runs {
        let mut ceremony = begin();
        for (hand, (role, name)) in (1..).zip(hands) {
            let before = cpu_us();
            ceremony.sign(signing(role, name, hand), ActKey::OneTime(&entropy)).expect("signed");
            ceremony = Ceremony::from_bytes(&ceremony.to_bytes()).expect("as the phone keeps it between two acts");
            acts.push(cpu_us() - before);
        }
        let at = Moment { wall: NOW.plus_ms(600_000), run: 6, monotonic_ms: 600_000 };
        let context = SealContext {
            device: DeviceId::from_bytes([2; 16]),
            counter: 1,
            previous: None,
            checkpoint: None,
            certificate: None,
            at,
        };
        let before = cpu_us();
        let sealed = seal(&ceremony, context, &device).expect("sealed");
        seals.push(cpu_us() - before);
        bytes = sealed.bytes;
        let file = AgreementFile::of(bytes.clone()).write();
        let before = cpu_us();
        let holds = verify_with(&file, &Anchors::default()).holds();
        verified.push(cpu_us() - before);
        assert!(holds, "what is measured is a verification that holds");
    }
    let lines = [("an act, signed and kept", acts), ("the seal", seals), ("a verification", verified)];
    if arguments.iter().any(|argument| argument == "--json") {
        let of = |(what, values): &(&str, Vec<f64>)| {
            let (min, median, p99, max) = spread(values);
            serde_json::json!({ "what": what, "unit": "us", "runs": values.len(), "min": min, "median": median, "p99": p99, "max": max })
        };
        let lines: Vec<_> = lines.iter().map(of).collect();
        println!("{}", serde_json::json!({ "lines": lines, "bundle_bytes": bytes.len() }));
        return;
    }
    println!("{:<28}{:>10}{:>10}{:>10}{:>10}  us of processor time", "", "min", "median", "p99", "max");
    for (what, values) in &lines {
        let (min, median, p99, max) = spread(values);
        println!("{what:<28}{min:>10.0}{median:>10.0}{p99:>10.0}{max:>10.0}  n = {}", values.len());
    }
    println!("the bundle: {} bytes, with {} points a drawing", bytes.len(), POINTS);
}

fn spread(values: &[f64]) -> (f64, f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: usize| sorted[(sorted.len() - 1) * share / 100];
    (at(0), at(50), at(99), at(100))
}
