//! The six cases of the story. One to five follow the newspaper's report on Guangwumen sub-district; six is filler, for the
//! ways the report does not show. Names of people, dates and sums are filler throughout.
//!
//! Where the report ends a case early (a plan, work done), the story does too: nothing is claimed that it does not give.

use doorstep_core::agreement::{Identity, SignerRole, Signing};
use doorstep_core::case::{
    Asked, Channel, Command, Commitment, CommitmentRef, Department, DisputeKind, Elements, Form, Grade, Ground, Outcome,
    Participant, Party, PartyKind, Reported, Reporter, Stage, TextName,
};
use doorstep_core::device::Terms;
use doorstep_core::id::DocId;
use doorstep_core::people::Place;
use doorstep_core::time::Date;
use doorstep_core::visit::{Door, Visited};

use super::cast::{World, stopped};
use super::table::{Expected, Row};
use super::{crash, ink};
use crate::words::Said;

type Played = Result<Row, Said>;

/// Plays all of them.
pub(super) fn play(world: &mut World) -> Result<Vec<Row>, Said> {
    Ok(vec![
        water_cut_off(world)?,
        natural_gas(world)?,
        leaning_wall(world)?,
        new_road(world)?,
        two_children(world)?,
        lift_lights(world)?,
    ])
}

fn place(community: &str, grid: &str, building: Option<&str>, detail: &str) -> Result<Place, Said> {
    let wrong = |cause: &dyn std::fmt::Display| stopped("地点有误", "a wrong place", cause);
    Ok(Place {
        community: community.parse().map_err(|cause| wrong(&cause))?,
        grid: grid.parse().map_err(|cause| wrong(&cause))?,
        building: building.map(str::parse).transpose().map_err(|cause| wrong(&cause))?,
        detail: detail.into(),
    })
}

fn org(id: &str) -> Result<doorstep_core::id::OrgId, Said> {
    id.parse().map_err(|cause| stopped("单位有误", "a wrong org", &cause))
}

fn people(list: &[(&str, &str)]) -> Vec<Participant> {
    list.iter().map(|(name, capacity)| Participant { name: (*name).into(), capacity: (*capacity).into() }).collect()
}

fn resident(name: &str) -> Party {
    Party { name: name.into(), kind: PartyKind::Resident }
}

fn unit(name: &str, org: Option<&str>) -> Result<Party, Said> {
    Ok(Party { name: name.into(), kind: PartyKind::Org { org: org.map(self::org).transpose()? } })
}

fn promise(party: &str, deed: &str, due: Date, amount_fen: Option<u64>) -> Commitment {
    Commitment { party: party.into(), deed: deed.into(), due, amount_fen }
}

fn report(world: &mut World, id: &str, report: Reported) -> Result<DocId, Said> {
    let view = world.device(id)?.report(report).map_err(|error| world.unexpected(id, &error))?;
    world.minutes(5)?;
    world.tell_last(id, &view);
    Ok(view.id)
}

fn today(world: &World) -> Date {
    use doorstep_core::environment::Clock as _;
    world.clock.now().date()
}

/// Opens a consultation with all of the 5W but what is concluded from it.
fn sit_down(world: &mut World, id: &str, case: DocId, form: Form, elements: Elements) -> Result<(), Said> {
    let when = {
        use doorstep_core::environment::Clock as _;
        Some(world.clock.now())
    };
    world.tap(id, case, &Command::OpenConsultation { form, elements: Elements { when, ..elements } })?;
    world.minutes(45)
}

fn conclude(world: &mut World, id: &str, case: DocId, outcome: Outcome) -> Result<(), Said> {
    world.tap(id, case, &Command::ConcludeConsultation { outcome, elements: Elements::default() })?;
    Ok(())
}

/// Each commitment is seen to be carried out.
fn fulfil(world: &mut World, id: &str, case: DocId, seen: &[&str]) -> Result<(), Said> {
    let view = world.case(id, case)?;
    let draft = view.draft.ok_or_else(|| Said::new("没有协议。", "there is no agreement."))?;
    for (index, seen) in (0u32..).zip(seen) {
        world.tap(id, case, &Command::FulfilCommitment { commitment: CommitmentRef { draft, index }, seen: (*seen).into() })?;
    }
    Ok(())
}

fn row(world: &World, id: &str, case: DocId, number: u32, way: (&str, &str), expected: Expected) -> Played {
    let view = world.case(id, case)?;
    Ok(Row::new(number, &view, world.pick(way.0, way.1), number == 6, expected))
}

/// Case 1: compensation agreement signed, water restored, all parties satisfied.
fn water_cut_off(world: &mut World) -> Played {
    let (worker, lead) = ("w-ncg-1", "lead-ncg");
    world.heading(
        "事项一 · 南城根社区：私装阀门断了邻居的水（人名、日期、金额为虚构）",
        "Case 1 · Nanchenggen community: a private valve cut off the neighbours' water (names, dates, sums: filler)",
    );
    let here = place(
        "nanchenggen",
        "ncg-1",
        Some("ncg-1-a"),
        world.pick("单位家属院1号楼2单元", "building 1, unit 2 of the work unit's compound"),
    )?;
    let case = report(
        world,
        worker,
        Reported {
            channel: Channel::InPerson,
            reporter: Some(Reporter { name: "李秀英".into(), phone: String::new() }),
            title: world.pick("私装阀门致邻居停水", "A private valve cut off neighbours' water").into(),
            place: here.clone(),
            category: "邻里纠纷".into(),
            account: world
                .pick(
                    "住户自行加装阀门，楼上住户断水。",
                    "A resident installed a valve of their own; households above lost their water.",
                )
                .into(),
            visit: None,
        },
    )?;
    let visit = Visited {
        place: here,
        door: Door::Met,
        planned: false,
        seen: world.pick("阀门装在公共立管上", "the valve sits on the shared riser").into(),
        asked: world.pick("恢复供水", "water back").into(),
    };
    world.device(worker)?.record_visit(visit).map_err(|error| world.unexpected(worker, &error))?;
    world.tell(worker, world.pick("当即入户走访：见到", "visits at once: met"));
    crash::kill_a_phone(world, worker)?;
    world.meet(&[worker, lead])?;

    // Both are offline from here, each on the same case.
    sit_down(
        world,
        worker,
        case,
        Form::OnSite,
        Elements {
            who: people(&[("张建国", "安装阀门的住户"), ("李秀英", "业主"), ("陈志强", "片区民警"), ("何静", "律师")]),
            what: world.pick("恢复供水与赔偿", "restoring the water; compensation").into(),
            place: world.pick("家属院现场", "in the compound").into(),
            ..Elements::default()
        },
    )?;
    world.tap(lead, case, &Command::Assign { to: world.phone(worker)?.person.clone() })?;
    world.tap(lead, case, &Command::EditText {
        text: TextName::Account,
        now: world.pick(
            "住户自行加装阀门，楼上住户断水。物业确认立管为共用部位。",
            "A resident installed a valve of their own; households above lost their water. The property manager confirms: the riser is shared.",
        ).into(),
    })?;
    world.tell(
        lead,
        world.pick(
            "同时在另一部手机上补充情况（两人都离线）",
            "adds to the account at the same time, on another phone (both offline)",
        ),
    );
    world.refused(worker, case, &Command::ConcludeConsultation { outcome: Outcome::Agreed, elements: Elements::default() })?;
    world.tap(
        worker,
        case,
        &Command::ConcludeConsultation {
            outcome: Outcome::Agreed,
            elements: Elements {
                why: world
                    .pick("立管为共用部位；民法典相邻关系", "the riser is a common part; Civil Code on neighbours")
                    .into(),
                ..Elements::default()
            },
        },
    )?;
    world.meet(&[worker, lead, worker])?;
    world.same(case, &[worker, lead])?;

    sign(world, worker, case)?;
    crash::kill_the_server(world, worker)?;
    world.meet(&[lead])?;

    world.days(2)?;
    fulfil(
        world,
        worker,
        case,
        &[
            world.pick("赔偿款已付，收条已看", "compensation paid, receipt seen"),
            world.pick("阀门已拆，各户恢复供水", "valve removed, water restored in every household"),
        ],
    )?;
    world.meet(&[worker, lead])?;
    world.tap(lead, case, &Command::Complete { words: world.pick("恢复供水", "water restored").into() })?;
    world.meet(&[lead, worker])?;
    world.days(2)?;
    world.tap(
        worker,
        case,
        &Command::CheckEffect { seen: world.pick("上门查看，水压正常", "looked in: water pressure normal").into() },
    )?;
    for party in ["张建国", "李秀英"] {
        world.tap(
            worker,
            case,
            &Command::RecordFeedback {
                party: party.into(),
                grade: Grade::Satisfied,
                words: String::new(),
                asked: Asked::InPerson,
            },
        )?;
    }
    world.meet(&[worker, lead])?;
    world.tap(lead, case, &Command::Close)?;
    world.meet(&[lead, worker])?;
    world.same(case, &[worker, lead])?;
    let expected = Expected { stage: Stage::Closed, round: 1, signed: true, satisfied: Some(true) };
    row(
        world,
        lead,
        case,
        1,
        ("入户走访、现场商、签赔偿协议、恢复供水、回访", "visit, on-site consultation, signed, water back, follow-up"),
        expected,
    )
}

/// At the kitchen table: the text is frozen, read aloud, signed by both sides, the witness and the mediator, and sealed.
fn sign(world: &mut World, worker: &'static str, case: DocId) -> Result<(), Said> {
    let due = today(world).plus_days(7);
    world.tap(worker, case, &Command::DraftAgreement {
        dispute: DisputeKind::Ordinary,
        parties: vec![resident("张建国"), resident("李秀英")],
        facts: world.pick("张建国在公共立管上自装阀门，致楼上住户停水。双方对事实无异议。", "Zhang Jianguo fitted a valve to the shared riser; households above lost their water. The facts are agreed.").into(),
        terms: world.pick("张建国拆除阀门、恢复供水，并赔偿李秀英停水期间的损失。", "Zhang Jianguo removes the valve, restores the water, and compensates Li Xiuying for the days without it.").into(),
        commitments: vec![
            promise("张建国", world.pick("赔偿停水期间损失（金额为虚构）", "compensates for the days without water (sum: filler)"), due, Some(60_000)),
            promise("张建国", world.pick("拆除自装阀门，恢复供水", "removes the valve, restores the water"), due, None),
        ],
    })?;
    let mediator = world.phone(worker)?.name.clone();
    let device = |world: &World| world.device(worker).map(|_| ());
    device(world)?;
    let terms = Terms { number: None, mediator: Some(mediator.clone()) };
    let pad = world.device(worker)?.freeze(case, terms).map_err(|error| world.unexpected(worker, &error))?;
    world.tell(
        worker,
        &format!(
            "{} {}",
            world.pick("定稿并朗读，核验码", "freezes the text and reads it aloud, check number"),
            pad.check_number
        ),
    );
    let hands = [
        (SignerRole::Party, "张建国", "", Identity::CardShown, 11),
        (SignerRole::Party, "李秀英", "", Identity::Known, 12),
        (SignerRole::Witness, "陈志强", "片区民警", Identity::PassShown, 13),
        (SignerRole::Mediator, mediator.as_str(), "", Identity::Known, 14),
    ];
    for (role, name, capacity, identity, hand) in hands {
        world.minutes(1)?;
        let device = world.device(worker)?;
        let signing = Signing {
            role,
            name: name.into(),
            capacity: capacity.into(),
            by: None,
            identity,
            shown_ms: 40_000,
            read_aloud: true,
            at: device.moment(),
            drawing: ink::draw(name, hand)?,
            dynamics: None,
            photo: None,
        };
        let own_key = role == SignerRole::Mediator;
        let pad = device.sign(case, signing, own_key).map_err(|error| world.unexpected(worker, &error))?;
        let left = pad.missing.len();
        world.tell(
            worker,
            &match left {
                0 => format!("✍ {name} {}", world.pick("签名；各方签齐", "signs; everybody has")),
                _ => format!("✍ {name} {}", world.pick("签名", "signs")),
            },
        );
    }
    let sealed = world.device(worker)?.seal(case).map_err(|error| world.unexpected(worker, &error))?;
    world.tell_last(worker, &sealed.case);
    world.agreement = Some((sealed.check_number, sealed.bytes));
    Ok(())
}

/// Case 2: views gathered widely in the meeting room, then a plan. The report ends with the plan.
fn natural_gas(world: &mut World) -> Played {
    let (worker, lead) = ("w-lg-1", "lead-lg");
    world.heading(
        "事项二 · 立功小区：天然气怎么装，意见不一",
        "Case 2 · Ligong compound: natural gas is to come; residents differ on how",
    );
    let case = report(
        world,
        worker,
        Reported {
            channel: Channel::Visit,
            reporter: None,
            title: world.pick("小区天然气安装方案", "How natural gas is to be installed").into(),
            place: place("ligong", "lg-1", None, world.pick("立功小区", "Ligong residential compound"))?,
            category: "公共设施".into(),
            account: world
                .pick("小区拟通天然气，如何安装居民意见不一。", "The compound is to get natural gas; residents disagree how.")
                .into(),
            visit: None,
        },
    )?;
    world.meet(&[worker, lead])?;
    let table = |world: &World| Elements {
        who: people(&[("政协委员", "政协委员"), ("居民代表", "居民"), ("相关部门", "部门代表")]),
        what: world.pick("天然气安装方式", "the way of installing gas").into(),
        place: world.pick("“有事好商量”议事室", "the sub-district's consultation room").into(),
        why: world.pick("广泛征求意见", "views gathered widely").into(),
        ..Elements::default()
    };
    let elements = table(world);
    sit_down(world, lead, case, Form::MeetingRoom, elements)?;
    let until = today(world).plus_days(4);
    conclude(world, lead, case, Outcome::Adjourned { until })?;
    world.days(4)?;
    let elements = table(world);
    sit_down(world, lead, case, Form::MeetingRoom, elements)?;
    world.tap(
        lead,
        case,
        &Command::EditText {
            text: TextName::Minutes,
            now: world.pick("各方意见已汇总，形成方案。", "Views collected; a plan was made of them.").into(),
        },
    )?;
    conclude(world, lead, case, Outcome::Agreed)?;
    world.meet(&[lead, worker])?;
    world.same(case, &[worker, lead])?;
    let expected = Expected { stage: Stage::Agreed, round: 1, signed: false, satisfied: None };
    row(
        world,
        worker,
        case,
        2,
        ("议事室商两次，广泛征求意见，形成方案", "meeting room twice, views gathered, a plan"),
        expected,
    )
}

/// Case 3: units of the area agree to pay jointly, and do the work.
fn leaning_wall(world: &mut World) -> Played {
    let (worker, lead) = ("w-ncj-1", "lead-ncj");
    world.heading(
        "事项三 · 南城街社区：雨水多年倒灌，院墙倾斜",
        "Case 3 · Nancheng street community: years of rainwater, a leaning wall",
    );
    let case = report(world, worker, Reported {
        channel: Channel::Visit,
        reporter: None,
        title: world.pick("彩钢房雨水倒灌，围墙下沉倾斜", "Rainwater from sheds; a boundary wall sinks and leans").into(),
        place: place("nanchengjie", "ncj-1", Some("ncj-1-a"), world.pick("西墙三角地带", "the low triangle by the west wall"))?,
        category: "安全隐患".into(),
        account: world.pick("电信局临时彩钢房雨水常年流入低洼三角地，围墙基础下沉、墙体倾斜，安全隐患严重。", "Rain from the telecom bureau's temporary sheds drains into a low triangle for years; the wall's footing sinks and it leans: a serious risk.").into(),
        visit: None,
    })?;
    world.meet(&[worker, lead])?;
    let elements = Elements {
        who: people(&[("电信局代表", "电信局"), ("相关单位代表", "相关单位")]),
        what: world.pick("消除围墙隐患", "removing the danger").into(),
        place: world.pick("西墙现场", "by the west wall").into(),
        why: world.pick("现场查勘", "what was seen on the spot").into(),
        ..Elements::default()
    };
    sit_down(world, lead, case, Form::OnSite, elements)?;
    conclude(world, lead, case, Outcome::Agreed)?;
    let due = today(world).plus_days(30);
    let (telecom, others) = (world.pick("电信局", "Telecom bureau"), world.pick("相关单位", "The other units"));
    let parties = vec![unit(telecom, Some("telecom"))?, unit(others, None)?];
    let commitments = vec![
        promise(
            telecom,
            world.pick("共同出资拆除西墙边倒塌建筑", "jointly pays to pull down the collapsed building by the west wall"),
            due,
            None,
        ),
        promise(others, world.pick("清运积存垃圾", "clear the old rubbish"), due, None),
        promise(others, world.pick("硬化重铺墙内地面", "harden and rebuild the ground inside the wall"), due, None),
    ];
    world.tap(
        lead,
        case,
        &Command::DraftAgreement {
            dispute: DisputeKind::Ordinary,
            parties,
            facts: String::new(),
            terms: world
                .pick("各单位共同出资，拆除、清运、硬化。", "The units jointly pay for pulling down, clearing and hardening.")
                .into(),
            commitments,
        },
    )?;
    world.tap(lead, case, &Command::RecordOralAgreement { witness: world.phone(worker)?.name.clone() })?;
    world.meet(&[lead, worker])?;
    world.days(20)?;
    fulfil(
        world,
        worker,
        case,
        &[world.pick("已拆除", "pulled down"), world.pick("已清运", "cleared"), world.pick("已硬化", "hardened")],
    )?;
    world.meet(&[worker, lead])?;
    world.tap(lead, case, &Command::Complete { words: world.pick("隐患消除", "the danger is gone").into() })?;
    world.meet(&[lead, worker])?;
    world.same(case, &[worker, lead])?;
    let expected = Expected { stage: Stage::Done, round: 1, signed: false, satisfied: None };
    row(world, worker, case, 3, ("召集单位现场商，共同出资，办结", "units convened on site, paid jointly, done"), expected)
}

/// Case 4: committee and community together go to the enterprises and units.
fn new_road(world: &mut World) -> Played {
    let (worker, lead) = ("w-ghj-1", "lead-ghj");
    world.heading(
        "事项四 · 广后街社区：邓家花园周边新路，乱停车、乱扔垃圾",
        "Case 4 · Guanghoujie community: new roads around Dengjia Garden, cars and rubbish anyhow",
    );
    let case = report(
        world,
        worker,
        Reported {
            channel: Channel::Visit,
            reporter: None,
            title: world.pick("新建道路车辆乱停、垃圾乱倒", "Cars and rubbish on the new roads").into(),
            place: place("guanghoujie", "ghj-1", None, world.pick("邓家花园周边道路", "roads around Dengjia Garden"))?,
            category: "停车秩序".into(),
            account: world
                .pick(
                    "新建道路尚未移交，车辆乱停、垃圾乱倒。",
                    "The new roads have not been handed over; cars are parked anyhow, rubbish is dropped.",
                )
                .into(),
            visit: None,
        },
    )?;
    world.meet(&[worker, lead])?;
    let elements = Elements {
        who: people(&[
            (world.pick("街道党工委", "Party working committee"), world.pick("党工委", "committee")),
            (world.pick("企业代表", "enterprises"), world.pick("辖区企业", "enterprises of the area")),
            (world.pick("单位代表", "units"), world.pick("辖区单位", "units of the area")),
        ]),
        what: world.pick("验收移交、清理、停车秩序", "acceptance and hand-over, cleaning, traffic").into(),
        place: world.pick("道路现场", "on the road").into(),
        why: world
            .pick("党工委与社区共同联系企业和单位", "committee and community together contacted the enterprises and units")
            .into(),
        ..Elements::default()
    };
    sit_down(world, lead, case, Form::OnSite, elements)?;
    conclude(world, lead, case, Outcome::Agreed)?;
    let due = today(world).plus_days(20);
    let (builder, units) = (world.pick("建设单位", "The builder"), world.pick("辖区单位", "Units of the area"));
    let parties = vec![unit(builder, Some("builder"))?, unit(units, None)?];
    world.tap(
        lead,
        case,
        &Command::DraftAgreement {
            dispute: DisputeKind::Ordinary,
            parties,
            facts: String::new(),
            terms: world
                .pick(
                    "加快项目验收移交，清理垃圾，维护交通秩序。",
                    "Speed up acceptance and hand-over, clear the rubbish, keep the traffic in order.",
                )
                .into(),
            commitments: vec![
                promise(builder, world.pick("加快项目验收移交", "speeds up acceptance and hand-over"), due, None),
                promise(units, world.pick("清理垃圾", "clear the rubbish"), due, None),
                promise(units, world.pick("维护交通秩序", "keep the traffic in order"), due, None),
            ],
        },
    )?;
    world.tap(lead, case, &Command::RecordOralAgreement { witness: world.phone(worker)?.name.clone() })?;
    world.meet(&[lead, worker])?;
    world.days(10)?;
    fulfil(
        world,
        worker,
        case,
        &[
            world.pick("验收移交加快", "acceptance and hand-over speeded up"),
            world.pick("垃圾已清", "rubbish cleared"),
            world.pick("秩序良好", "traffic in order"),
        ],
    )?;
    world.meet(&[worker, lead])?;
    world.tap(lead, case, &Command::Complete { words: String::new() })?;
    world.meet(&[lead, worker])?;
    world.same(case, &[worker, lead])?;
    let expected = Expected { stage: Stage::Done, round: 1, signed: false, satisfied: None };
    row(world, worker, case, 4, ("党工委与社区共同联系单位，现场商，办结", "committee with community, on site, done"), expected)
}

/// Case 5: no agreement with the relatives; raised to the committee, which convenes two bureaus.
fn two_children(world: &mut World) -> Played {
    let (worker, lead, coordinator) = ("w-ncg-1", "lead-ncg", "coordinator");
    world.heading(
        "事项五 · 南城根社区：魏某久病，两个孩子无人照料",
        "Case 5 · Nanchenggen community: resident Wei ill for years, two small children",
    );
    let wei = world.pick("魏某", "Wei");
    let case = report(
        world,
        worker,
        Reported {
            channel: Channel::Visit,
            reporter: Some(Reporter { name: wei.into(), phone: String::new() }),
            title: world.pick("困境儿童就学与照料", "School and care for two children").into(),
            place: place("nanchenggen", "ncg-1", None, world.pick("南城根社区", "Nanchenggen community"))?,
            category: "困难救助".into(),
            account: world
                .pick("家长久病，无力照料两个年幼的孩子。", "A parent ill for years cannot care for two small children.")
                .into(),
            visit: None,
        },
    )?;
    world.meet(&[worker, lead])?;
    for _ in 0..2 {
        let elements = Elements {
            who: people(&[(world.pick("亲属", "relatives"), world.pick("亲属", "relatives"))]),
            what: world.pick("孩子由谁照料", "who cares for the children").into(),
            place: world.pick("魏某家中", "at Wei's home").into(),
            why: world.pick("家庭实际困难", "the family's hardship").into(),
            ..Elements::default()
        };
        sit_down(world, lead, case, Form::AtHome, elements)?;
        conclude(
            world,
            lead,
            case,
            Outcome::NotAgreed { reason: world.pick("亲属未达成一致", "the relatives did not agree").into() },
        )?;
        world.days(2)?;
    }
    world.tap(
        lead,
        case,
        &Command::Raise {
            to: org("committee")?,
            ground: Ground::NoAgreement,
            reason: world.pick("需教育、民政部门共同解决", "needs the education and civil-affairs bureaus").into(),
            tried: world.pick("与亲属多次协商", "several consultations with relatives").into(),
        },
    )?;
    world.meet(&[lead, coordinator])?;
    world.tap(coordinator, case, &Command::AcceptHandover)?;
    world.tap(
        coordinator,
        case,
        &Command::ConveneDepartments {
            departments: vec![
                Department {
                    org: Some(org("education")?),
                    name: world.pick("区教育局", "District education bureau").into(),
                    task: world.pick("落实学位", "school places").into(),
                },
                Department {
                    org: Some(org("civil-affairs")?),
                    name: world.pick("区民政局", "District civil-affairs bureau").into(),
                    task: world.pick("安置照料", "a place to live, care").into(),
                },
            ],
        },
    )?;
    world.days(6)?;
    world.tap(
        coordinator,
        case,
        &Command::SettleHandover {
            result: world
                .pick(
                    "学位已落实，孩子入住困境儿童服务中心",
                    "school places found; the children live at a service centre for children in difficulty",
                )
                .into(),
        },
    )?;
    world.meet(&[coordinator, lead, worker])?;
    world.same(case, &[worker, lead, coordinator])?;
    let expected = Expected { stage: Stage::Done, round: 1, signed: false, satisfied: None };
    row(
        world,
        lead,
        case,
        5,
        ("多次协商未果，提级党工委，召集两局，落实", "no agreement, raised to the committee, two bureaus, settled"),
        expected,
    )
}

/// Case 6, filler: transferred to a unit; a dissatisfied answer sets the table again.
fn lift_lights(world: &mut World) -> Played {
    let (worker, lead, contact) = ("w-ghj-1", "lead-ghj", "contact-property");
    world.heading(
        "事项六（虚构） · 楼道灯不亮：转物业，不满意，再次协商",
        "Case 6 (filler) · dark stairs: transferred to the property manager, dissatisfied, a second round",
    );
    let neighbour = world.pick("周丽", "Zhou Li");
    let case = report(
        world,
        worker,
        Reported {
            channel: Channel::Hotline,
            reporter: Some(Reporter { name: neighbour.into(), phone: String::new() }),
            title: world.pick("楼道照明损坏", "Stair lights are broken").into(),
            place: place("guanghoujie", "ghj-1", Some("ghj-1-a"), world.pick("1单元", "unit 1"))?,
            category: "物业服务".into(),
            account: world.pick("三楼以上楼道灯不亮。", "No light on the stairs above the third floor.").into(),
            visit: None,
        },
    )?;
    world.meet(&[worker, lead])?;
    world.tap(
        lead,
        case,
        &Command::Transfer {
            to: org("property")?,
            reason: world.pick("属物业维修", "the property manager's to repair").into(),
            agreed: None,
        },
    )?;
    world.meet(&[lead, contact])?;
    world.tap(contact, case, &Command::AcceptHandover)?;
    world.days(1)?;
    world.tap(contact, case, &Command::SettleHandover { result: world.pick("已更换灯泡", "bulbs replaced").into() })?;
    world.meet(&[contact, lead, worker])?;
    let feedback =
        |grade| Command::RecordFeedback { party: neighbour.into(), grade, words: String::new(), asked: Asked::ByPhone };
    world.tap(worker, case, &feedback(Grade::Dissatisfied))?;
    world.refused(lead, case, &Command::Close)?;
    world.meet(&[worker, lead])?;
    let round = world.case(lead, case)?.round;
    world.tell(
        lead,
        &world
            .pick("系统自动开启第二轮：再次协商", "the table is set again by itself: round 2")
            .replace('2', &round.to_string()),
    );
    let elements = Elements {
        who: people(&[
            (neighbour, world.pick("居民", "resident")),
            (world.pick("物业经理", "manager"), world.pick("物业公司", "property manager")),
        ]),
        what: world.pick("声控开关仍失灵", "the switches still fail").into(),
        place: world.pick("1单元楼道", "on the stairs").into(),
        why: world.pick("现场查看", "what was seen").into(),
        ..Elements::default()
    };
    sit_down(world, worker, case, Form::OnSite, elements)?;
    conclude(world, worker, case, Outcome::Agreed)?;
    let due = today(world).plus_days(5);
    let manager = world.pick("物业公司", "Property manager");
    let parties = vec![resident(neighbour), unit(manager, Some("property"))?];
    let commitments = vec![promise(manager, world.pick("更换声控开关", "replaces the switches"), due, None)];
    let terms = world.pick("物业更换声控开关。", "The property manager replaces the switches.").into();
    world.tap(
        worker,
        case,
        &Command::DraftAgreement { dispute: DisputeKind::Ordinary, parties, facts: String::new(), terms, commitments },
    )?;
    world.tap(worker, case, &Command::RecordOralAgreement { witness: world.phone(worker)?.name.clone() })?;
    world.days(3)?;
    fulfil(world, worker, case, &[world.pick("灯全部亮了", "all lights work")])?;
    world.meet(&[worker, lead])?;
    world.tap(lead, case, &Command::Complete { words: String::new() })?;
    world.meet(&[lead, worker])?;
    world.tap(worker, case, &feedback(Grade::Satisfied))?;
    world.tap(
        worker,
        case,
        &Command::RecordFeedback {
            party: manager.into(),
            grade: Grade::Satisfied,
            words: String::new(),
            asked: Asked::ByPhone,
        },
    )?;
    world.meet(&[worker, lead])?;
    world.tap(lead, case, &Command::Close)?;
    world.meet(&[lead, worker, contact])?;
    world.same(case, &[worker, lead, contact])?;
    let expected = Expected { stage: Stage::Closed, round: 2, signed: false, satisfied: Some(true) };
    row(
        world,
        lead,
        case,
        6,
        ("转物业办复，不满意，第二轮商定，结案", "transferred, settled, dissatisfied, round 2, closed"),
        expected,
    )
}
