//! What was sealed stays what was signed, whatever anybody did to the case meanwhile: the bytes, and what the case says of them.

use doorstep_core::agreement::verify;
use doorstep_core::case::{AgreementForm, Standing};
use doorstep_core::device::{SealedAgreement, Terms};
use doorstep_core::id::DocId;
use doorstep_tests::scenes::{self, drafted, sealed};
use doorstep_tests::seed::each_seed;
use doorstep_tests::worker::Ledger;
use doorstep_tests::{Phone, World};

/// Histories of the daily run; `DOORSTEP_SCHEDULES` asks for more.
const HISTORIES: u64 = 16;
/// Steps of one history: enough for a case to be done, disputed, agreed and signed again.
const STEPS: usize = 40;

/// What the case on this phone says of an agreement: who sealed it and when, of which draft, in which round, and every word
/// that the draft had.
fn said(phone: &Phone, case: DocId, sealed: &SealedAgreement) -> Option<String> {
    let whole = phone.device().whole_case(case).unwrap();
    let of = |form: &AgreementForm| matches!(form, AgreementForm::Sealed { bundle, .. } if *bundle == sealed.bundle);
    let agreement = whole.state.agreements.iter().find(|agreement| of(&agreement.form))?;
    let draft = whole.state.drafts.iter().find(|draft| draft.written.stamp == agreement.draft)?;
    let (written, round, form) = (&agreement.written, agreement.round, &agreement.form);
    Some(format!("{written:?} {round} {form:?} {:?} {:?}", draft.written, draft.content))
}

/// One history; how many things other people's phones said yes to after the sealing.
fn play(seed: u64) -> usize {
    let world = World::new(seed);
    let phones = ["w-ncg-1", "lead-ncg", "w-ncg-1"].map(|person| world.phone(person));
    let case = drafted(&world, &phones[0]);
    for phone in &phones {
        phone.settle();
    }
    phones[0].device().freeze(case, Terms::default()).unwrap();
    // While the pad goes round the table, others work on the case.
    let (mut ledger, chance) = (Ledger::default(), &world.chance);
    for phone in &phones[1..] {
        ledger.work(phone, case, chance);
    }
    scenes::sign_all(&phones[0], case);
    let agreement = phones[0].device().seal(case).unwrap();
    let before = said(&phones[0], case, &agreement).unwrap();
    let facts = verify(&agreement.bytes).facts.unwrap();
    for _ in 0..STEPS {
        let phone = &phones[chance.below(phones.len())];
        match chance.below(10) {
            0..=5 => ledger.work(phone, case, chance),
            6 => world.minutes(90),
            _ => {
                phone.sync();
            }
        }
        assert_eq!(phones[0].device().bundle(&agreement.bundle).unwrap().as_ref(), Some(&agreement.bytes));
        assert_eq!(said(&phones[0], case, &agreement).as_ref(), Some(&before));
    }
    for phone in phones.iter().chain(&phones) {
        phone.settle();
    }
    assert_eq!(phones[0].set_aside(), [""; 0]);
    for phone in &phones {
        assert_eq!(said(phone, case, &agreement).as_ref(), Some(&before), "on every phone the same");
        let bytes = phone.device().fetch_bundle(phone.network.as_ref(), &agreement.bundle).unwrap().unwrap();
        assert_eq!(bytes, agreement.bytes, "and from the server");
        assert_eq!(verify(&bytes).facts.unwrap(), facts);
    }
    ledger.entries.len()
}

#[test]
fn whatever_other_phones_did_sealed_bytes_and_what_the_case_says_of_them_stay() {
    let done = std::cell::Cell::new(0);
    each_seed(HISTORIES, |seed| done.set(done.get() + play(seed)));
    assert!(done.get() > 40, "the histories do something: {}", done.get());
}

#[test]
fn two_seals_of_one_draft_are_both_kept_and_contested_on_every_phone() {
    let world = World::new(92);
    let phones = ["w-ncg-1", "lead-ncg"].map(|person| world.phone(person));
    let case = drafted(&world, &phones[0]);
    phones[0].settle();
    phones[1].settle();
    let both = [0, 1].map(|at: usize| {
        phones[at].device().freeze(case, Terms::default()).unwrap();
        scenes::sign_all(&phones[at], case);
        world.minutes(7);
        phones[at].device().seal(case).unwrap()
    });
    for phone in phones.iter().chain(&phones) {
        phone.settle();
    }
    for phone in &phones {
        let whole = phone.device().whole_case(case).unwrap();
        let sealed: Vec<_> = whole.view.history.iter().filter(|line| line.kind == "agreement_sealed").collect();
        assert_eq!(sealed.len(), 2);
        for (one, other) in [(0, 1), (1, 0)] {
            assert_eq!(sealed[one].standing, Standing::Contested { with: vec![sealed[other].stamp] });
        }
        for agreement in &both {
            assert!(said(phone, case, agreement).is_some());
            let bytes = phone.device().fetch_bundle(phone.network.as_ref(), &agreement.bundle).unwrap();
            assert_eq!(bytes.as_ref(), Some(&agreement.bytes));
        }
        assert_eq!(phone.set_aside(), [""; 0]);
    }
}

#[test]
fn the_servers_rows_of_evidence_refuse_every_kind_of_change() {
    let world = World::new(93);
    let worker = world.phone("w-ncg-1");
    let lead = world.phone("lead-ncg");
    let (case, _) = sealed(&world, &worker);
    worker.settle();
    lead.settle();
    lead.device().run(case, &doorstep_core::case::Command::StampAgreement).unwrap();
    lead.settle();
    worker.settle();
    assert_eq!(worker.device().sync_evidence(worker.network.as_ref()).unwrap().stamps, 1);
    let copied = world.dir().join("evidence");
    world.server.copy_files(&copied);
    let db = rusqlite::Connection::open(copied.join("doorstep.db")).unwrap();
    for table in ["bundle", "log_entry", "log_node", "stamp"] {
        let rows = |db: &rusqlite::Connection| -> i64 {
            db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
        };
        let before = rows(&db);
        assert!(before > 0, "{table}");
        let columns = |db: &rusqlite::Connection| -> Vec<String> {
            let statement = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
            statement.column_names().map(str::to_owned).collect()
        };
        for column in columns(&db) {
            let update = format!("UPDATE {table} SET {column} = {column}");
            assert!(db.execute(&update, []).is_err(), "{update}");
        }
        for sql in [format!("DELETE FROM {table}"), format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}")] {
            assert!(db.execute(&sql, []).is_err(), "{sql}");
        }
        assert_eq!(rows(&db), before);
    }
}
