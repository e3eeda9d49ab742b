//! A sealed agreement that came with a push: whether its bundle proves what the case's log says of it.

use std::collections::{HashMap, HashSet};
use std::panic::catch_unwind;

use doorstep_core::agreement::{Bundle, CheckNumber, verify};
use doorstep_core::case::{AgreementDrafted, AgreementSealed};
use doorstep_core::id::{Digest, DocId};

use crate::store::{Mark, Store, StoreError, marks};

/// The code of a bundle that does not verify.
pub(crate) const ALTERED: &str = "bundle_altered";
/// The code of one that verifies, but is another case's, signs another draft, or is sealed by a key that the person
/// never enrolled.
pub(crate) const FOREIGN: &str = "bundle_foreign";
/// The code of one that did not come.
pub(crate) const MISSING: &str = "bundle_missing";
/// The code of one that says it replaces an agreement which was never sealed in its case.
pub(crate) const REPLACES_UNKNOWN: &str = "bundle_replaces_unknown";

/// The case that a bundle says it is of.
pub(super) fn case_of(bytes: &[u8]) -> Option<DocId> {
    verify(bytes).facts.map(|facts| facts.case)
}

/// Which of these agreements do not go with the others that there are, with the code to refuse them with: those that use up
/// what another one has used (a device's count of seals, a dossier number, the ink of a drawing; of two that came together
/// and share something, one is refused), and those that replace an agreement which their case does not have.
pub(super) fn unfit(store: &Store, bundles: &HashMap<Digest, &[u8]>) -> Result<HashMap<Digest, String>, StoreError> {
    let read = |bytes: &&[u8]| catch_unwind(|| Bundle::read(bytes).ok()).ok().flatten();
    let mut read: Vec<(Digest, Bundle)> = bundles.iter().filter_map(|(digest, bytes)| Some((*digest, read(bytes)?))).collect();
    read.sort_unstable_by_key(|(digest, _)| *digest);
    let (mut unfit, mut together): (HashMap<Digest, String>, Vec<(DocId, Mark)>) = (HashMap::new(), Vec::new());
    for (digest, bundle) in &read {
        let (doc, marks) = (bundle.body.context.case, marks(bundle));
        let beside = together.iter().find(|(other, mark)| marks.contains(mark) && !mark.may_stand_again(*other == doc));
        let code = match (beside, &bundle.body.context.supersedes) {
            (Some((_, mark)), _) => Some(mark.code),
            (None, Some(replaced)) if !has_body(store, &read, bundles, doc, replaced)? => Some(REPLACES_UNKNOWN),
            (None, _) => store.reused(&doc, digest, &marks)?,
        };
        match code {
            Some(code) => drop(unfit.insert(*digest, code.into())),
            None => together.extend(marks.into_iter().map(|mark| (doc, mark))),
        }
    }
    Ok(unfit)
}

/// Whether an agreement with this body was sealed in this case, or comes with the same push and is what it says.
fn has_body(
    store: &Store,
    beside: &[(Digest, Bundle)],
    bundles: &HashMap<Digest, &[u8]>,
    doc: DocId,
    body: &Digest,
) -> Result<bool, StoreError> {
    let holds = |digest| bundles.get(digest).is_some_and(|bytes| catch_unwind(|| verify(bytes).holds()).unwrap_or(false));
    let named = |bundle: &Bundle| bundle.body.context.case == doc && bundle.seal.body == *body;
    let comes = beside.iter().any(|(digest, bundle)| named(bundle) && holds(digest));
    Ok(comes || store.has_body(&doc, body)?)
}

/// Holds a bundle against the event that names it and the draft that the log has. `keys`: fingerprints of the person's
/// enrolled keys, revoked ones too: who seals, loses the phone and gets a new one still has a valid agreement.
pub(crate) fn check(
    doc: DocId,
    sealed: &AgreementSealed,
    drafted: Option<&AgreementDrafted>,
    bytes: &[u8],
    keys: &HashSet<Digest>,
) -> Result<(), &'static str> {
    let report = verify(bytes);
    let (Some(facts), true, Ok(bundle)) = (&report.facts, report.holds(), Bundle::read(bytes)) else {
        return Err(ALTERED);
    };
    let named = facts.bundle == sealed.bundle && facts.case == doc && facts.draft == sealed.draft;
    let drafted = drafted.map(AgreementDrafted::as_signed);
    let signed =
        drafted.as_ref() == Some(&bundle.body.drafted) && sealed.check_number.parse::<CheckNumber>() == Ok(facts.check_number);
    if named && signed && keys.contains(&facts.device_key) { Ok(()) } else { Err(FOREIGN) }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use doorstep_core::agreement::{
        ActKey, Ceremony, Drawing, FreezeContext, Identity, Moment, SealContext, Sealed, SignerRole, Signing, freeze, seal,
    };
    use doorstep_core::case::{
        Commitment, ConsultationConcluded, ConsultationOpened, DisputeKind, Elements, Form, Outcome, Participant, Party,
        PartyKind,
    };
    use doorstep_core::environment::Signer;
    use doorstep_core::host::SoftwareSigner;
    use doorstep_core::sync::wire::{PushRequest, PushedChange, VERSION, Verdict};
    use doorstep_core::time::{Date, Stamp};
    use serde_bytes::ByteBuf;

    use super::*;
    use crate::ingest::push;
    use crate::trial::{Counting, NOW, Phone, Trial, doc};

    /// A case of `phone` up to its draft, all pushed.
    fn drafted(trial: &Trial, phone: &mut Phone) -> (AgreementDrafted, Stamp) {
        let mut changes = vec![phone.report(1, "ncg-1")];
        let elements = Elements {
            who: vec![Participant { name: "张建国".into(), capacity: "业主".into() }],
            what: "渗水".into(),
            when: Some(NOW),
            place: "401室".into(),
            why: "现场".into(),
        };
        let opened = phone.entry(ConsultationOpened { number: 1, form: Form::AtHome, elements });
        let consultation = opened.stamp;
        let elements = Elements::default();
        let concluded = phone.entry(ConsultationConcluded { consultation, outcome: Outcome::Agreed, elements });
        let commitment = Commitment {
            party: "张建国".into(),
            deed: "重做防水层".into(),
            due: Date::from_ymd(2026, 12, 10).unwrap(),
            amount_fen: None,
        };
        let draft = AgreementDrafted {
            consultation,
            dispute: DisputeKind::Ordinary,
            parties: ["张建国", "李秀英"].map(|name| Party { name: name.into(), kind: PartyKind::Resident }).into(),
            facts: "防水层老化渗水。".into(),
            terms: "按下列事项履行。".into(),
            commitments: vec![commitment],
            replaces: None,
        };
        let entry = phone.entry(draft.clone());
        let stamp = entry.stamp;
        changes.push(phone.write(doc(1), vec![opened, concluded, entry]));
        let verdicts = trial.push(phone, &changes);
        assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Stored { .. })), "{verdicts:?}");
        (draft, stamp)
    }

    fn signed(phone: &Phone, case: DocId, draft: &AgreementDrafted, stamp: Stamp, key: &dyn Signer) -> Sealed {
        replacing(None, phone, case, draft, stamp, key)
    }

    fn replacing(
        supersedes: Option<Digest>,
        phone: &Phone,
        case: DocId,
        draft: &AgreementDrafted,
        stamp: Stamp,
        key: &dyn Signer,
    ) -> Sealed {
        let context = FreezeContext {
            case,
            draft: stamp,
            heads: vec![],
            tenant: "东关街道".into(),
            community: "ncg".into(),
            committee: "人民调解委员会".into(),
            number: None,
            reporter: None,
            mediator: None,
            frozen_at: NOW,
            id_numbers: vec![],
            supersedes,
        };
        let mut ceremony = Ceremony::begin(freeze(draft, context).unwrap());
        let signers = [(SignerRole::Party, "张建国"), (SignerRole::Party, "李秀英"), (SignerRole::Witness, "陈志强")];
        for (n, (role, name)) in signers.into_iter().enumerate() {
            let n = u8::try_from(n + 1).unwrap();
            let at = f64::from(n) * 30.0;
            let strokes = [vec![(at, 10.0), (at + 100.0, 90.0), (at * 2.0, 200.0)]];
            let moment = Moment { wall: NOW, run: 1, monotonic_ms: u64::from(n) * 60_000 };
            let signing = Signing {
                role,
                name: name.into(),
                capacity: if role == SignerRole::Witness { "片区民警".into() } else { String::new() },
                by: None,
                identity: Identity::Known,
                shown_ms: 30_000,
                read_aloud: true,
                at: moment,
                drawing: Drawing::from_raw(800, 300, &strokes).unwrap(),
                dynamics: None,
                dynamics_consent: false,
                photo: None,
            };
            let entropy = Counting(AtomicU64::new(u64::from(n) * 10));
            ceremony.sign(signing, ActKey::OneTime(&entropy)).unwrap();
        }
        let at = Moment { wall: NOW, run: 1, monotonic_ms: 300_000 };
        let device = phone.pusher.device;
        let context = SealContext { device, counter: 1, previous: None, checkpoint: None, certificate: None, at };
        seal(&ceremony, context, key).unwrap()
    }

    struct Table {
        trial: Trial,
        phone: Phone,
        key: SoftwareSigner,
        draft: AgreementDrafted,
        stamp: Stamp,
    }

    fn table() -> Table {
        let trial = Trial::new();
        let key = SoftwareSigner::generate(&Counting(AtomicU64::new(3))).unwrap();
        let mut phone = trial.enrol_with("w1", key.public_key());
        let (draft, stamp) = drafted(&trial, &mut phone);
        Table { trial, phone, key, draft, stamp }
    }

    impl Table {
        fn seal_event(&mut self, sealed: &Sealed) -> PushedChange {
            let check_number = sealed.check_number.grouped();
            let entry = self.phone.entry(AgreementSealed { draft: self.stamp, bundle: sealed.digest, check_number });
            self.phone.write(doc(1), vec![entry])
        }

        fn push(&self, change: PushedChange, bundles: &[&[u8]]) -> Verdict {
            let bundles = bundles.iter().map(|bytes| ByteBuf::from(*bytes)).collect();
            let request = PushRequest { version: VERSION, changes: vec![change], bundles };
            push(&self.trial.store, &self.phone.pusher, &request, NOW).unwrap().verdicts.remove(0).verdict
        }
    }

    fn refused(code: &str) -> Verdict {
        Verdict::SetAside { code: code.into(), about: vec![] }
    }

    #[test]
    fn an_agreement_is_stored_with_its_event_and_can_be_had_again() {
        let mut table = table();
        let sealed = signed(&table.phone, doc(1), &table.draft, table.stamp, &table.key);
        let event = table.seal_event(&sealed);
        assert!(matches!(table.push(event.clone(), &[&sealed.bytes]), Verdict::Stored { .. }));
        assert!(matches!(table.push(event, &[&sealed.bytes]), Verdict::Known { .. }), "the answer was lost on the way");
        let had = crate::pull::bundle(&table.trial.store, &"lead".parse().unwrap(), &sealed.digest).unwrap();
        assert_eq!(had, Some(sealed.bytes));
    }

    #[test]
    fn an_agreement_that_proves_something_else_takes_its_event_along() {
        for (attack, code) in
            [("missing", MISSING), ("altered", ALTERED), ("key", FOREIGN), ("case", FOREIGN), ("draft", FOREIGN)]
        {
            let mut table = table();
            let other = SoftwareSigner::generate(&Counting(AtomicU64::new(99))).unwrap();
            let mut draft = table.draft.clone();
            if attack == "draft" {
                draft.terms = "别的。".into();
            }
            let key = if attack == "key" { &other } else { &table.key };
            let case = if attack == "case" { doc(2) } else { doc(1) };
            let mut sealed = signed(&table.phone, case, &draft, table.stamp, key);
            if attack == "altered" {
                let middle = sealed.bytes.len() / 2;
                sealed.bytes[middle] ^= 1;
                sealed.digest = crate::ingest::digest(&sealed.bytes);
            }
            let event = table.seal_event(&sealed);
            let bundles: &[&[u8]] = if attack == "missing" { &[b"another"] } else { &[&sealed.bytes] };
            assert_eq!(table.push(event, bundles), refused(code), "{attack}");
            let had = crate::pull::bundle(&table.trial.store, &"lead".parse().unwrap(), &sealed.digest).unwrap();
            assert_eq!(had, None, "{attack}");
        }
    }

    #[test]
    fn an_agreement_that_replaces_one_which_its_case_never_had_is_refused() {
        let mut table = table();
        let never = Some(Digest::from_bytes([7; 32]));
        let sealed = replacing(never, &table.phone, doc(1), &table.draft, table.stamp, &table.key);
        let event = table.seal_event(&sealed);
        assert_eq!(table.push(event, &[&sealed.bytes]), refused(REPLACES_UNKNOWN));
    }

    #[test]
    fn a_broken_agreement_in_the_same_push_is_none_that_could_be_replaced() {
        let mut table = table();
        let whole = replacing(None, &table.phone, doc(1), &table.draft, table.stamp, &table.key).bytes;
        // Still read as one, and no longer what was signed.
        let broken = (0..whole.len()).rev().map(|at| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        });
        let broken = broken.into_iter().find(|bytes| Bundle::read(bytes).is_ok() && !verify(bytes).holds()).unwrap();
        let body = Bundle::read(&broken).unwrap().seal.body;
        let sealed = replacing(Some(body), &table.phone, doc(1), &table.draft, table.stamp, &table.key);
        let event = table.seal_event(&sealed);
        assert_eq!(table.push(event, &[&broken, &sealed.bytes]), refused(REPLACES_UNKNOWN));
    }
}
