//! What the attacks are made with: one whole agreement, the keys of everyone around it, and an insider who signs anew.

use std::sync::OnceLock;

use super::super::act::{Act, act_message};
use super::super::bundle::{ActParts, Parts};
use super::super::canon::{self, Record};
use super::super::key::OneTimeKey;
use super::super::merkle::{self, Subtrees};
use super::super::seal::{Seal, seal_message};
use super::super::specimen::{self, Seeded};
use super::super::*;
use crate::environment::Signer;
use crate::id::Digest;

pub(super) fn root() -> OneTimeKey {
    OneTimeKey::new(&Seeded::new(2_000)).unwrap()
}

pub(super) fn log_key() -> OneTimeKey {
    OneTimeKey::new(&Seeded::new(3_000)).unwrap()
}

pub(super) fn stranger() -> OneTimeKey {
    OneTimeKey::new(&Seeded::new(4_000)).unwrap()
}

pub(super) fn authority() -> OneTimeKey {
    OneTimeKey::new(&Seeded::new(5_000)).unwrap()
}

pub(super) fn sm2() -> LocalSm2 {
    LocalSm2::new(&[7; 32], specimen::BEGIN.plus_ms(900_000)).unwrap()
}

pub(super) fn anchors() -> Anchors {
    Anchors {
        roots: vec![root().public_key()],
        logs: vec![log_key().public_key()],
        times: vec![authority().public_key()],
        sm2: vec![sm2().public_key()],
    }
}

/// A log in memory: its leaves.
pub(super) struct Log(Vec<Digest>);

impl Subtrees for Log {
    type Error = std::convert::Infallible;
    fn subtree(&self, level: u32, at: u64) -> Result<Digest, Self::Error> {
        let at = usize::try_from(at).unwrap();
        Ok(match level {
            0 => self.0[at],
            _ => merkle::node_hash(&self.subtree(level - 1, at as u64 * 2)?, &self.subtree(level - 1, at as u64 * 2 + 1)?),
        })
    }
}

impl Log {
    /// Entries of other agreements.
    pub(super) fn of(size: u8) -> Self {
        Self((0..size).map(|n| merkle::leaf_hash(&[n])).collect())
    }

    pub(super) fn checkpoint(&self, minute: i64, key: &dyn Signer) -> Vec<u8> {
        let (size, root) = (self.0.len() as u64, merkle::root(self, self.0.len() as u64).unwrap());
        let at = specimen::BEGIN.plus_ms(minute * 60_000);
        Checkpoint { log: "和平街道".into(), size, root, at }.sign(key).unwrap()
    }

    /// Enters a bundle, then three more, and gives the receipt.
    pub(super) fn receipt(self, bundle: Digest, key: &dyn Signer) -> Receipt {
        self.receipt_under(bundle, 10, 11, key)
    }

    /// The same, received in this minute, under a checkpoint of that minute.
    pub(super) fn receipt_under(mut self, bundle: Digest, received: i64, checked: i64, key: &dyn Signer) -> Receipt {
        let leaf = LogLeaf { bundle, received_at: specimen::BEGIN.plus_ms(received * 60_000) };
        let index = self.0.len() as u64;
        self.0.push(leaf.hash());
        self.0.extend((100..103).map(|n| merkle::leaf_hash(&[n])));
        let proof = merkle::inclusion(&self, index, self.0.len() as u64).unwrap();
        Receipt { leaf, index, proof, checkpoint: self.checkpoint(checked, key) }
    }
}

/// A checkpoint of a log with another name, by the same key.
pub(super) fn another_log() -> Vec<u8> {
    let checkpoint = Signed::<Checkpoint>::read(&Log::of(3).checkpoint(-60, &log_key())).unwrap().record;
    Checkpoint { log: "别的街道".into(), ..checkpoint }.sign(&log_key()).unwrap()
}

pub(super) fn certificate() -> DeviceCertificate {
    DeviceCertificate {
        tenant: "和平街道".into(),
        device: specimen::seal_context().device,
        person: "w-hp-1".parse().unwrap(),
        public_key: specimen::device().public_key(),
        issued_at: specimen::BEGIN.plus_ms(-86_400_000),
    }
}

pub(super) fn context() -> SealContext {
    SealContext {
        checkpoint: Some(Log::of(3).checkpoint(-60, &log_key())),
        certificate: Some(certificate().sign(&root()).unwrap()),
        ..specimen::seal_context()
    }
}

pub(super) fn bundle_in(context: SealContext) -> Vec<u8> {
    seal(&specimen::complete(), context, &specimen::device()).unwrap().bytes
}

pub(super) fn stamp(bundle: &[u8]) -> CommitteeStamp {
    CommitteeStamp {
        bundle: bundle_digest(bundle),
        case: specimen::context().case,
        committee: specimen::context().committee,
        by: "lead-hp".parse().unwrap(),
        at: specimen::BEGIN.plus_ms(1_200_000),
    }
}

/// Everything an agreement can have.
pub(super) fn whole() -> AgreementFile {
    static MADE: OnceLock<AgreementFile> = OnceLock::new();
    MADE.get_or_init(|| beside(bundle_in(context()))).clone()
}

pub(super) fn beside(bundle: Vec<u8>) -> AgreementFile {
    let digest = bundle_digest(&bundle);
    let token = LocalAuthority { key: &authority(), at: specimen::BEGIN.plus_ms(660_000), serial: 200 };
    AgreementFile {
        receipt: Some(Log::of(5).receipt(digest, &log_key()).to_bytes()),
        stamp: Some(stamp(&bundle).sign(&root()).unwrap()),
        counter_signatures: vec![token.counter_sign(&digest).unwrap(), sm2().counter_sign(&digest).unwrap()],
        ..AgreementFile::of(bundle)
    }
}

pub(super) fn parts() -> Parts {
    canon::read_canonical(&whole().bundle).unwrap()
}

/// The agreement after a change to the bundle's parts; nobody signs anew, and what stands beside it is as it was.
pub(super) fn altered(change: impl FnOnce(&mut Parts)) -> Vec<u8> {
    let mut parts = parts();
    change(&mut parts);
    AgreementFile { bundle: canon::write(&parts), ..whole() }.write()
}

/// A record changed in its bytes.
pub(super) fn edit<T: Record>(bytes: &mut Vec<u8>, change: impl FnOnce(&mut T)) {
    let mut record: T = canon::read_canonical(bytes).unwrap();
    change(&mut record);
    *bytes = canon::write(&record);
}

/// An insider with the device's key changes acts and seal, signs everything anew, and has it registered and stamped.
pub(super) fn forged(frozen: &Frozen, acts: impl FnOnce(&mut Vec<(Act, Drawing)>), seal: impl FnOnce(&mut Seal)) -> Vec<u8> {
    beside(forged_bundle(frozen, acts, seal)).write()
}

pub(super) fn forged_bundle(
    frozen: &Frozen,
    acts: impl FnOnce(&mut Vec<(Act, Drawing)>),
    seal: impl FnOnce(&mut Seal),
) -> Vec<u8> {
    // Whose enrolled key it says to be signs with the device's.
    let key = |act: &Act| if act.enrolled.is_some() { DEVICE_SEED } else { u64::from(act.place) + 50 };
    forged_to_the_last(frozen, acts, key, |_| (), seal)
}

/// The seed of the device's key.
const DEVICE_SEED: u64 = 1_000;

/// The same, where also what the forger cannot help to get right elsewhere is wrong: `late` changes an act just before it is
/// signed, with the key of the seed that `key` names.
pub(super) fn forged_to_the_last(
    frozen: &Frozen,
    acts: impl FnOnce(&mut Vec<(Act, Drawing)>),
    key: impl Fn(&Act) -> u64,
    late: impl Fn(&mut Act),
    seal: impl FnOnce(&mut Seal),
) -> Vec<u8> {
    let ceremony = specimen::complete();
    let mut all: Vec<_> = ceremony.acts().iter().map(|signed| (signed.act().clone(), signed.drawing().clone())).collect();
    acts(&mut all);
    let (mut made, mut digests): (Vec<ActParts>, Vec<Digest>) = (Vec::new(), Vec::new());
    for (place, (act, drawing)) in all.into_iter().enumerate() {
        let number = frozen.check_number();
        let place = u32::try_from(place).unwrap();
        let own = OneTimeKey::new(&Seeded::new(key(&Act { place, ..act.clone() }))).unwrap();
        let mut act = Act {
            body: frozen.digest(),
            check_number: number,
            statement: text::statement(act.role, &act.name, act.by.as_deref(), act.read_aloud, act.dynamics.is_some(), number),
            place,
            previous: digests.last().copied(),
            drawing: drawing.digest(),
            public_key: own.public_key(),
            ..act
        };
        late(&mut act);
        let bytes = canon::write(&act);
        digests.push(act::act_digest(&bytes));
        let signature = own.sign(&act_message(&bytes)).unwrap().to_vec();
        made.push(ActParts { act: bytes, signature, drawing: canon::write(&drawing) });
    }
    let device = specimen::device();
    let mut record = Seal {
        body: frozen.digest(),
        body_sm3: frozen.sm3(),
        acts: digests,
        context: context(),
        public_key: device.public_key(),
    };
    seal(&mut record);
    let seal = canon::write(&record);
    let seal_signature = device.sign(&seal_message(&seal)).unwrap().to_vec();
    canon::write(&Parts { body: frozen.bytes().to_vec(), acts: made, seal, seal_signature })
}

/// Acts signed anew after a last change to the one at this place, and everything around them anew.
pub(super) fn late(place: u32, change: fn(&mut Act)) -> Vec<u8> {
    let key = |act: &Act| if act.enrolled.is_some() { DEVICE_SEED } else { u64::from(act.place) + 50 };
    let change = |act: &mut Act| {
        if act.place == place {
            change(act);
        }
    };
    beside(forged_to_the_last(&specimen::frozen(), |_| (), key, change, |_| ())).write()
}

/// Acts of which the one at this place is signed with the key of this seed.
pub(super) fn keyed(place: u32, seed: u64) -> Vec<u8> {
    let key = |act: &Act| match act.enrolled {
        _ if act.place == place => seed,
        Some(_) => DEVICE_SEED,
        None => u64::from(act.place) + 50,
    };
    beside(forged_to_the_last(&specimen::frozen(), |_| (), key, |_| (), |_| ())).write()
}

pub(super) fn acts(change: impl FnOnce(&mut Vec<(Act, Drawing)>)) -> Vec<u8> {
    forged(&specimen::frozen(), change, |_| ())
}

pub(super) fn sealing(change: impl FnOnce(&mut Seal)) -> Vec<u8> {
    forged(&specimen::frozen(), |_| (), change)
}

pub(super) fn body(change: impl FnOnce(&mut Body)) -> Vec<u8> {
    let mut body = specimen::frozen().body().clone();
    change(&mut body);
    forged(&Frozen::from_bytes(canon::write(&body)).unwrap(), |_| (), |_| ())
}

pub(super) fn file(change: impl FnOnce(&mut AgreementFile)) -> Vec<u8> {
    let mut file = whole();
    change(&mut file);
    file.write()
}

pub(super) fn receipt(change: impl FnOnce(&mut Receipt)) -> Vec<u8> {
    file(|file| {
        let mut receipt = Receipt::read(file.receipt.as_ref().unwrap()).unwrap();
        change(&mut receipt);
        file.receipt = Some(receipt.to_bytes());
    })
}

/// The other signature that plain ECDSA would take for the same message: s in the upper half of the order.
pub(super) fn high_s(signature: &mut [u8]) {
    let low = p256::ecdsa::Signature::from_slice(signature).unwrap();
    let high = p256::ecdsa::Signature::from_scalars(*low.r(), -*low.s()).unwrap();
    signature.copy_from_slice(&high.to_bytes());
}

/// The same record with its first short array head written long.
pub(super) fn longer(bytes: &mut Vec<u8>) {
    let head = bytes[0] & 0x1f;
    bytes.splice(0..1, [0x98, head]);
}

/// Another agreement of the same device, as whole as this one.
pub(super) fn another() -> AgreementFile {
    static MADE: OnceLock<AgreementFile> = OnceLock::new();
    MADE.get_or_init(make_another).clone()
}

pub(super) fn make_another() -> AgreementFile {
    let mut drafted = specimen::drafted();
    drafted.terms = "另有约定。".into();
    let frozen = freeze(&drafted, specimen::context()).unwrap();
    let ink = |acts: &mut Vec<(Act, Drawing)>| {
        for (at, (_, drawing)) in acts.iter_mut().enumerate() {
            *drawing = specimen::drawing(at as u64 + 300);
        }
    };
    beside(forged_bundle(&frozen, ink, |_| ()))
}

pub(super) fn other_parts() -> Parts {
    canon::read_canonical(&another().bundle).unwrap()
}
