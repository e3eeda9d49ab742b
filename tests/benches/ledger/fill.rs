//! The workload: a phone that holds cases as real ones are, with about twelve events by three people, and visits.
//!
//! Written as documents, not tapped: what is measured is reading. All words are filler; the places are the sample's.

use std::path::Path;

use doorstep_core::case::{
    self, AgreementDrafted, AgreementOral, AgreementSealed, Asked, Assigned, Body, Channel, Closed, Commitment,
    CommitmentFulfilled, CommitmentRef, Completed, ConsultationConcluded, ConsultationOpened, DisputeKind, EffectChecked,
    Elements, Entry, Event, FeedbackGiven, Form, Grade, Ground, HandoverAccepted, HandoverSettled, Outcome, Participant, Party,
    PartyKind, Raised, Reported, Reporter, TextName,
};
use doorstep_core::document::{Document, Writing};
use doorstep_core::entry;
use doorstep_core::id::{ActorId, Digest, DocId, DocKind};
use doorstep_core::people::Place;
use doorstep_core::row::Row;
use doorstep_core::store::{Apply, Options, Store};
use doorstep_core::time::{Hlc, Stamp, Timestamp};
use doorstep_core::visit::{self, Door, Visited};
use doorstep_server::admin;

/// Documents stored in one transaction.
const CHUNK: usize = 200;
/// One document in so many has changes behind its save, as one that was pulled and then changed has.
const WITH_TAIL: u64 = 5;

/// splitmix64: the same workload every time.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        bytes
    }

    /// So many characters that people write.
    fn words(&mut self, n: usize) -> String {
        const CHARACTERS: &str =
            "水管漏雨阀门装修邻居电梯停车垃圾楼道灯坏墙面裂缝供暖不热反映多次现场查看双方同意三日内恢复赔偿，。";
        let all: Vec<char> = CHARACTERS.chars().collect();
        (0..n).map(|_| all[self.below(all.len() as u64) as usize]).collect()
    }
}

/// A phone's database at `path` with so many cases and visits.
pub(crate) fn fill(path: &Path, cases: usize, visits: usize) {
    let mut store = Store::open(path, Options::default()).expect("open");
    let directory = admin::sample().expect("sample");
    let bytes = minicbor_serde::to_vec(&directory).expect("cbor");
    store.apply(&[Apply::Directory { version: directory.version, bytes }], None).expect("apply");
    let mut plan = Vec::new();
    for n in 0..cases + visits {
        if n < cases {
            case(n as u64, &mut plan);
        } else {
            visit(n as u64, &mut plan);
        }
        if plan.len() >= CHUNK || n + 1 == cases + visits {
            store.apply(&std::mem::take(&mut plan), None).expect("apply");
        }
        if n % 1_000 == 999 {
            eprint!("\r  filling the store: {} of {} documents", n + 1, cases + visits);
        }
    }
    store.tidy().expect("tidy");
    eprintln!();
}

fn place(rng: &mut Rng) -> Place {
    const GRIDS: [(&str, &str); 4] =
        [("nanchenggen", "ncg-1"), ("nanchenggen", "ncg-2"), ("guanghoujie", "ghj-1"), ("guanghoujie", "ghj-2")];
    let (community, grid) = GRIDS[rng.below(4) as usize];
    let detail = format!("{}号楼{}单元{}0{}室", 1 + rng.below(30), 1 + rng.below(4), 1 + rng.below(6), 1 + rng.below(4));
    Place { community: community.parse().expect("slug"), grid: grid.parse().expect("slug"), building: None, detail }
}

/// A document being written.
struct Writer {
    rng: Rng,
    actors: [ActorId; 3],
    hlc: Hlc,
    wall: i64,
    log: Vec<Entry>,
    document: Option<Document>,
    /// What the save has; changes after it form the tail.
    save: Vec<u8>,
    tail: Vec<Vec<u8>>,
    tail_from: usize,
    doc: DocId,
}

impl Writer {
    /// Writes the event as one change, some hours after the one before.
    fn add(&mut self, event: impl Into<Event>, text: Option<&str>) -> Stamp {
        self.wall += 600_000 + self.rng.below(40_000_000) as i64;
        self.hlc = self.hlc.next(Timestamp(self.wall));
        let stamp = Stamp { time: self.hlc, node: 7 };
        let author = ["w-ncg-1", "lead-ncg", "head-ncg-1-a"][self.rng.below(3) as usize];
        let entry = Entry { stamp, author: author.parse().expect("slug"), body: Body::Event(event.into()) };
        self.log.push(entry.clone());
        let texts = text.map(|text| (TextName::Account, text.to_owned())).into_iter().collect();
        let writing = Writing { entries: vec![entry], texts };
        let actor = self.actors[self.rng.below(3) as usize];
        let (document, change) = match &self.document {
            Some(document) => document.write(actor, &writing).expect("write"),
            None => Document::create(self.doc, DocKind::Case, actor, &writing).expect("create"),
        };
        if self.log.len() <= self.tail_from {
            self.save = document.save();
        } else {
            self.tail.push(change.bytes);
        }
        self.document = Some(document);
        stamp
    }
}

fn case(n: u64, plan: &mut Vec<Apply>) {
    let mut rng = Rng(n << 20);
    let doc = DocId::from_bytes(rng.bytes());
    let actors = std::array::from_fn(|_| ActorId::from_bytes(rng.bytes()));
    let wall = 1_750_000_000_000 + rng.below(31_000_000_000) as i64;
    let tail_from = if rng.below(WITH_TAIL) == 0 { 10 } else { usize::MAX };
    let place = place(&mut rng);
    let parties = [format!("张某{}", n % 97), format!("李某{}", n % 89)];
    let report = Reported {
        channel: [Channel::Phone, Channel::InPerson, Channel::Visit, Channel::Hotline][rng.below(4) as usize],
        reporter: Some(Reporter { name: parties[0].clone(), phone: format!("138{:08}", rng.below(100_000_000)) }),
        title: rng.words(12),
        place,
        category: ["邻里纠纷", "房屋漏水", "公共设施", "停车秩序"][rng.below(4) as usize].into(),
        account: rng.words(100),
        visit: None,
    };
    let account = report.account.clone();
    let mut writer = Writer {
        rng,
        actors,
        hlc: Hlc(0),
        wall,
        log: Vec::new(),
        document: None,
        save: Vec::new(),
        tail: Vec::new(),
        tail_from,
        doc,
    };
    let handed_over = writer.rng.below(8) == 0;
    writer.add(report, Some(&account));
    writer.add(Assigned { to: "w-ncg-1".parse().expect("slug") }, None);
    let who = parties.iter().map(|name| Participant { name: name.clone(), capacity: "业主".into() }).collect();
    let elements = Elements {
        who,
        what: writer.rng.words(20),
        when: Some(Timestamp(writer.wall)),
        place: "楼下".into(),
        why: writer.rng.words(30),
    };
    let opened = writer.add(ConsultationOpened { number: 1, form: Form::OnSite, elements }, None);
    let outcome = if handed_over { Outcome::NotAgreed { reason: "各执一词".into() } } else { Outcome::Agreed };
    writer.add(ConsultationConcluded { consultation: opened, outcome, elements: Elements::default() }, None);
    if handed_over {
        let reason = writer.rng.words(30);
        let raised = Raised {
            to: "office-affairs".parse().expect("slug"),
            ground: Ground::NoAgreement,
            reason,
            tried: "两次协商".into(),
        };
        let handover = writer.add(raised, None);
        writer.add(HandoverAccepted { handover }, None);
        let result = writer.rng.words(30);
        writer.add(HandoverSettled { handover, result }, None);
        for _ in 0..4 {
            let text = writer.rng.words(20);
            writer.add(case::Noted { text }, None);
        }
    } else {
        let due = Timestamp(writer.wall).date().plus_days(7);
        let commitments = (0..2)
            .map(|i| Commitment {
                party: parties[i].clone(),
                deed: "拆除阀门、恢复供水".into(),
                due,
                amount_fen: (i == 0).then_some(120_050),
            })
            .collect();
        let drafted = AgreementDrafted {
            consultation: opened,
            dispute: DisputeKind::Ordinary,
            parties: parties.iter().map(|name| Party { name: name.clone(), kind: PartyKind::Resident }).collect(),
            facts: writer.rng.words(80),
            terms: writer.rng.words(120),
            commitments,
            replaces: None,
        };
        let draft = writer.add(drafted, None);
        if n.is_multiple_of(3) {
            writer.add(AgreementOral { draft, witness: "民警甲".into() }, None);
        } else {
            let bundle = Digest::from_bytes([7; 32]);
            writer.add(AgreementSealed { draft, bundle, check_number: "12345678901234567890".into() }, None);
        }
        for index in 0..2 {
            let seen = writer.rng.words(15);
            writer.add(CommitmentFulfilled { commitment: CommitmentRef { draft, index }, seen, knew: None }, None);
        }
    }
    writer.add(Completed { round: 1, words: "全部办结".into() }, None);
    let seen = writer.rng.words(15);
    writer.add(EffectChecked { round: 1, seen }, None);
    for party in parties {
        let words = writer.rng.words(10);
        writer.add(FeedbackGiven { round: 1, party, grade: Grade::Satisfied, words, asked: Asked::ByPhone }, None);
    }
    writer.add(Closed { round: 1 }, None);
    let Writer { log, document, mut save, tail, .. } = writer;
    let document = document.expect("written");
    let row = Row::of_case(doc, &case::fold(&log));
    for change in &tail {
        save.extend_from_slice(change);
    }
    plan.push(Apply::Document { doc, kind: DocKind::Case, bytes: save, heads: document.heads(), row });
}

fn visit(n: u64, plan: &mut Vec<Apply>) {
    let mut rng = Rng(n << 20);
    let doc = DocId::from_bytes(rng.bytes());
    let actor = ActorId::from_bytes(rng.bytes());
    let place = place(&mut rng);
    let door = [Door::Met, Door::Met, Door::NobodyHome, Door::Refused][rng.below(4) as usize];
    let visited =
        Visited { place, door, planned: n.is_multiple_of(2), seen: rng.words(20), asked: rng.words(8), household: None };
    let wall = 1_750_000_000_000 + rng.below(31_000_000_000) as i64;
    let stamp = Stamp { time: Hlc(0).next(Timestamp(wall)), node: 7 };
    let body = entry::Body::Event(visit::Event::from(visited));
    let log = vec![visit::Entry { stamp, author: "w-ncg-1".parse().expect("slug"), body }];
    let row = Row::of_visit(doc, &visit::fold(&log));
    let (document, _) = Document::create(doc, DocKind::Visit, actor, &Writing::entries(log)).expect("create");
    plan.push(Apply::Document { doc, kind: DocKind::Visit, bytes: document.save(), heads: document.heads(), row });
}
