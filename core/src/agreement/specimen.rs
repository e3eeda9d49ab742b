//! The specimen: one small agreement, the same in every test. Names and addresses are made up.
#![expect(clippy::missing_panics_doc, reason = "test code: a specimen that cannot be made is a failed test")]

use std::sync::{Mutex, OnceLock};

use sha2::{Digest as _, Sha256};

use super::key::OneTimeKey;
use super::*;
use crate::case::{AgreementDrafted, Commitment, DisputeKind, Party, PartyKind};
use crate::environment::Entropy;
use crate::id::{ChangeHash, DeviceId, DocId};
use crate::time::{Date, Hlc, Stamp, Timestamp};

/// Entropy that is the same in every run: SHA-256 of seed and count.
pub struct Seeded(Mutex<(u64, u64)>);

impl Seeded {
    /// The stream of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new((seed, 0)))
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap();
        for chunk in bytes.chunks_mut(32) {
            state.1 += 1;
            let block = Sha256::digest([state.0.to_be_bytes(), state.1.to_be_bytes()].concat());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

/// The first moment of the ceremony: 2026-11-23 10:05 in China.
pub const BEGIN: Timestamp = Timestamp(1_795_399_500_000);

/// The device's key.
pub fn device() -> impl crate::environment::Signer {
    OneTimeKey::new(&Seeded::new(1_000)).unwrap()
}

/// The draft.
pub fn drafted() -> AgreementDrafted {
    let commitment = |party: &str, deed: &str, day, amount_fen| Commitment {
        party: party.into(),
        deed: deed.into(),
        due: Date::from_ymd(2026, 12, day).unwrap(),
        amount_fen,
    };
    AgreementDrafted {
        consultation: Stamp { time: Hlc(77), node: 1 },
        dispute: DisputeKind::Ordinary,
        parties: ["张建国", "李秀英"].map(|name| Party { name: name.into(), kind: PartyKind::Resident }).into(),
        facts: "401室卫生间防水层老化渗水，致301室吊顶、主卧墙面受损。".into(),
        terms: "双方对渗水来源无异议，按下列事项履行。".into(),
        commitments: vec![
            commitment("张建国", "完成401室卫生间防水层重做", 10, None),
            commitment("张建国", "一次性赔偿301室吊顶及墙面修复费用", 15, Some(380_000)),
        ],
        replaces: None,
    }
}

/// Its context.
pub fn context() -> FreezeContext {
    FreezeContext {
        case: DocId::from_bytes([9; 16]),
        draft: Stamp { time: Hlc(99), node: 1 },
        heads: vec![ChangeHash::from_bytes([3; 32])],
        tenant: "和平街道".into(),
        community: "幸福里社区".into(),
        committee: "和平街道人民调解委员会".into(),
        number: None,
        reporter: None,
        mediator: Some("王敏".into()),
        frozen_at: BEGIN,
        id_numbers: vec![("张建国".into(), commit_id_number(&[5; 32], "110101190001010000"))],
        supersedes: None,
    }
}

/// The frozen body.
pub fn frozen() -> Frozen {
    freeze(&drafted(), context()).unwrap()
}

/// A drawing that belongs to this seed: three strokes.
pub fn drawing(seed: u64) -> Drawing {
    let at = |n: u64| {
        let byte = Sha256::digest(seed.to_be_bytes())[usize::try_from(n).unwrap() % 32];
        (f64::from(byte) * 3.0, f64::from(byte))
    };
    let strokes: Vec<Vec<_>> = (0..3).map(|stroke| (0..4).map(|point| at(stroke * 4 + point)).collect()).collect();
    Drawing::from_raw(800, 300, &strokes).unwrap()
}

/// What this person hands in, `minute` minutes after the beginning.
pub fn signing(role: SignerRole, name: &str, minute: u32) -> Signing {
    Signing {
        role,
        name: name.into(),
        capacity: if role == SignerRole::Witness { "片区民警".into() } else { String::new() },
        by: None,
        identity: Identity::Known,
        shown_ms: 30_000,
        read_aloud: true,
        at: moment(minute),
        drawing: drawing(minute.into()),
        dynamics: None,
        dynamics_consent: false,
        photo: None,
    }
}

/// `minute` minutes after the beginning.
pub fn moment(minute: u32) -> Moment {
    let ms = u64::from(minute) * 60_000;
    Moment { wall: BEGIN.plus_ms(ms.try_into().unwrap()), run: 6, monotonic_ms: 500_000 + ms }
}

/// Has somebody sign with a one-time key.
pub fn sign(ceremony: &mut Ceremony, role: SignerRole, name: &str, minute: u32) -> Result<(), CeremonyError> {
    ceremony.sign(signing(role, name, minute), ActKey::OneTime(&Seeded::new(minute.into())))
}

/// Everybody has signed: two parties, a witness, the mediator.
pub fn complete() -> Ceremony {
    static MADE: OnceLock<Ceremony> = OnceLock::new();
    MADE.get_or_init(make_complete).clone()
}

fn make_complete() -> Ceremony {
    let mut ceremony = Ceremony::begin(frozen());
    sign(&mut ceremony, SignerRole::Party, "张建国", 1).unwrap();
    sign(&mut ceremony, SignerRole::Party, "李秀英", 2).unwrap();
    sign(&mut ceremony, SignerRole::Witness, "陈志强", 3).unwrap();
    sign(&mut ceremony, SignerRole::Mediator, "王敏", 4).unwrap();
    ceremony
}

/// What the device adds.
pub fn seal_context() -> SealContext {
    SealContext {
        device: DeviceId::from_bytes([2; 16]),
        counter: 1,
        previous: None,
        checkpoint: None,
        certificate: None,
        at: moment(5),
    }
}

/// The sealed agreement.
pub fn sealed() -> Sealed {
    static MADE: OnceLock<Sealed> = OnceLock::new();
    MADE.get_or_init(make_sealed).clone()
}

/// The sealed agreement, signed and sealed anew.
pub fn make_sealed() -> Sealed {
    seal(&make_complete(), seal_context(), &device()).unwrap()
}
