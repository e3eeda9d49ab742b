//! The workload: a lead's phone after years of work. Cases through the real rules, visits, households; names, addresses and
//! words made up, the same every time.

use doorstep_core::case::{self, Asked, Channel, Command, Grade, Reported, Reporter};
use doorstep_core::document::{Document, Writing};
use doorstep_core::entry::{Body, Entry};
use doorstep_core::household::{self, Registered, ResidentRecorded};
use doorstep_core::id::{ActorId, ChangeHash, DocId, DocKind, ResidentId};
use doorstep_core::people::Place;
use doorstep_core::row::Row;
use doorstep_core::store::{Apply, Store};
use doorstep_core::time::{DAY_MS, Hlc, Stamp, Timestamp};
use doorstep_core::visit::{self, Door, Visited};
use doorstep_tests::method::{Phone, say, town};

/// Documents stored in one transaction.
const BATCH: usize = 500;
/// The day on which everything is looked at.
pub(crate) const TODAY: Timestamp = Timestamp(1_795_000_000_000);

/// splitmix64: the same workload every time.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub(crate) fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    fn bytes(&mut self) -> [u8; 16] {
        (u128::from(self.next()) << 64 | u128::from(self.next())).to_be_bytes()
    }
}

const SURNAMES: [&str; 20] =
    ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "郭", "何", "曾", "单", "仇"];
const GIVEN: [&str; 24] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀英", "桂兰",
    "建国", "志强", "海燕", "玉兰", "文博",
];
const WHAT: [&str; 16] = [
    "漏水",
    "停水",
    "噪声扰民",
    "楼道堆物",
    "路灯不亮",
    "下水堵塞",
    "乱停车",
    "垃圾清运",
    "墙皮脱落",
    "电梯故障",
    "暖气不热",
    "养犬纠纷",
    "违建搭棚",
    "井盖破损",
    "油烟扰民",
    "晾晒占道",
];
const WHERE: [&str; 10] = ["三单元", "家属院", "东门", "地下室", "楼顶", "自行车棚", "物业门口", "配电房旁", "小广场", "巷口"];
const SAID: [&str; 12] = [
    "住户反映多次无人处理",
    "夜间影响休息",
    "老人出行不便",
    "希望尽快协调",
    "双方各执一词",
    "物业称需业主大会同意",
    "已拍照留存",
    "上月曾报修",
    "邻居愿意配合",
    "影响楼下三户",
    "雨天更严重",
    "请社区牵头商量",
];

pub(crate) fn name(rng: &mut Rng) -> String {
    format!("{}{}", rng.of(&SURNAMES), rng.of(&GIVEN))
}

pub(crate) fn phone_number(rng: &mut Rng) -> String {
    format!("1{}{:09}", rng.of(&["38", "39", "59", "86", "77"]), rng.below(1_000_000_000))[..11].to_owned()
}

fn address(rng: &mut Rng) -> Place {
    let detail = format!("{}号楼{}单元{}0{}", 1 + rng.below(40), 1 + rng.below(4), 1 + rng.below(18), 1 + rng.below(4));
    Place { detail, ..town::compound() }
}

/// Counts of what was made.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) cases: usize,
    pub(crate) visits: usize,
    pub(crate) households: usize,
}

/// Fills a phone's store.
pub(crate) fn fill(store: &mut Store, size: Size) {
    let mut rng = Rng(20_260_508);
    let mut batch = Vec::with_capacity(BATCH);
    let all = size.cases + size.visits + size.households;
    for n in 0..all {
        batch.push(if n < size.cases {
            a_case(&mut rng, n)
        } else if n < size.cases + size.visits {
            a_visit(&mut rng, size.households)
        } else {
            a_household(&mut rng, n - size.cases - size.visits)
        });
        if batch.len() == BATCH || n + 1 == all {
            store.apply(&batch, None).expect("apply");
            batch.clear();
            eprint!("\r  filling the phone: {} of {all}", n + 1);
        }
    }
    eprintln!();
    store.tidy().expect("tidy");
}

fn whole(doc: DocId, kind: DocKind, document: &Document, row: Row) -> Apply {
    let heads: Vec<ChangeHash> = document.heads();
    Apply::Document { doc, kind, bytes: document.save(), heads, row }
}

fn a_report(rng: &mut Rng) -> Reported {
    let what = *rng.of(&WHAT);
    let account: Vec<&str> = (0..6).map(|_| *rng.of(&SAID)).collect();
    Reported {
        channel: *rng.of(&[Channel::Phone, Channel::InPerson, Channel::Hotline, Channel::Letter]),
        reporter: Some(Reporter { name: say::REPORTER.into(), phone: phone_number(rng) }),
        title: format!("{}{what}", rng.of(&WHERE)),
        place: address(rng),
        category: rng.of(&["邻里纠纷", "房屋漏水", "公共设施", "环境卫生", "停车秩序"]).to_string(),
        account: format!("{what}，{}。", account.join("，")),
        visit: None,
    }
}

fn a_case(rng: &mut Rng, n: usize) -> Apply {
    let mut report = a_report(rng);
    report.reporter = Some(Reporter { name: name(rng), phone: phone_number(rng) });
    let reporter = report.reporter.as_ref().map(|one| one.name.clone()).unwrap_or_default();
    let mut phone = Phone::empty(1 + n as u64 % 7);
    phone.case = DocId::from_bytes(rng.bytes());
    phone.clock = TODAY.plus_ms(-(rng.below(700) as i64) * DAY_MS);
    phone.does(town::WORKER, Command::Report { report });
    play(&mut phone, &reporter, n % 20);
    let actor = ActorId::from_bytes(rng.bytes());
    let writing = Writing::entries(phone.log().to_vec());
    let (document, _) = Document::create(phone.case, DocKind::Case, actor, &writing).expect("create");
    whole(phone.case, DocKind::Case, &document, Row::of_case(phone.case, &phone.state()))
}

/// How far it went: most are closed, the rest stand where cases stand.
fn play(phone: &mut Phone, reporter: &str, way: usize) {
    if way == 0 {
        return;
    }
    phone.does(town::WORKER, say::open());
    if way == 1 {
        return;
    }
    if way == 2 {
        phone.does(town::WORKER, say::not_agreed());
        phone.does(town::LEAD, say::raise(town::OFFICE));
        return;
    }
    phone.does(town::WORKER, say::agreed());
    let parties = vec![say::resident(reporter), say::resident("物业某")];
    let deeds = vec![say::commitment("物业某", "三日内修好"), say::commitment(reporter, "配合入户")];
    let draft = phone.does(town::WORKER, say::draft_of(case::DisputeKind::Ordinary, parties, deeds));
    if way == 3 {
        return;
    }
    phone.does(town::WORKER, say::seal(draft, 1));
    if way == 4 {
        return;
    }
    phone.does(town::WORKER, say::fulfil(draft, 0));
    phone.does(town::WORKER, say::fulfil(draft, 1));
    phone.does(town::LEAD, say::complete());
    if way == 5 {
        return;
    }
    phone.does(town::WORKER, say::check_effect());
    for party in [reporter, "物业某"] {
        let grade = Grade::Satisfied;
        let words = String::new();
        phone.does(town::COLLEAGUE, Command::RecordFeedback { party: party.into(), grade, words, asked: Asked::ByPhone });
    }
    phone.does(town::LEAD, Command::Close);
}

fn stamp(rng: &mut Rng, days: usize) -> Stamp {
    let at = TODAY.plus_ms(-(rng.below(days * 24 * 60) as i64) * 60_000);
    Stamp { time: Hlc(0).next(at), node: 3 }
}

/// The id of the household with this number.
fn home(n: usize) -> DocId {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&(n as u64).to_be_bytes());
    DocId::from_bytes(bytes)
}

/// A visit; every other one names a household, the others only its address.
fn a_visit(rng: &mut Rng, households: usize) -> Apply {
    let doc = DocId::from_bytes(rng.bytes());
    let visited = Visited {
        place: address(rng),
        door: *rng.of(&[Door::Met, Door::Met, Door::NobodyHome]),
        planned: true,
        seen: (*rng.of(&SAID)).to_owned(),
        asked: String::new(),
        household: (households > 0 && rng.below(2) == 0).then(|| home(rng.below(households))),
    };
    let entry = Entry { stamp: stamp(rng, 700), author: slug(town::WORKER), body: Body::Event(visit::Event::from(visited)) };
    let state = visit::fold([&entry]);
    let writing = Writing::entries(vec![entry]);
    let (document, _) = Document::create(doc, DocKind::Visit, ActorId::from_bytes(rng.bytes()), &writing).expect("create");
    whole(doc, DocKind::Visit, &document, Row::of_visit(doc, &state))
}

fn a_household(rng: &mut Rng, n: usize) -> Apply {
    let doc = home(n);
    let first = stamp(rng, 700);
    let mut entries = vec![household::Event::from(Registered { place: address(rng) })];
    for _ in 0..=rng.below(3) {
        let resident = ResidentId::from_bytes(rng.bytes());
        let (name, phone) = (name(rng), phone_number(rng));
        let record = ResidentRecorded {
            resident,
            name,
            phone,
            born: Some(1980),
            relation: "户主".into(),
            from: None,
            tags: Vec::new(),
            back: None,
        };
        entries.push(record.into());
    }
    let entries: Vec<household::Entry> = (0u64..)
        .zip(entries)
        .map(|(n, event)| Entry {
            stamp: Stamp { time: Hlc(first.time.0 + n), node: 3 },
            author: slug(town::WORKER),
            body: Body::Event(event),
        })
        .collect();
    let state = household::fold(&entries);
    let writing = Writing::entries(entries);
    let (document, _) = Document::create(doc, DocKind::Household, ActorId::from_bytes(rng.bytes()), &writing).expect("create");
    whole(doc, DocKind::Household, &document, Row::of_household(doc, &state))
}

fn slug(text: &str) -> doorstep_core::id::PersonId {
    text.parse().expect("slug")
}

/// A case of `events` events: sittings that were adjourned, notes, a draft, a seal, commitments.
pub(crate) fn long_case(events: usize) -> Vec<case::Entry> {
    let mut rng = Rng(200);
    let mut phone = Phone::reported();
    while phone.log().len() + 8 < events {
        match phone.log().len() % 10 {
            0 => {
                phone.does(town::WORKER, say::open());
                phone.does(town::WORKER, say::not_agreed());
            }
            _ => {
                let who = *rng.of(&[town::WORKER, town::LEAD, town::COLLEAGUE]);
                phone.does(who, say::note());
            }
        }
    }
    phone.does(town::WORKER, say::open());
    phone.does(town::WORKER, say::agreed());
    let draft = phone.does(town::WORKER, say::draft());
    phone.does(town::WORKER, say::seal(draft, 1));
    while phone.log().len() < events {
        phone.does(town::LEAD, say::note());
    }
    phone.log().to_vec()
}
