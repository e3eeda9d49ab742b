//! Cases 2 to 4: a plan in the meeting room, units that pay jointly, committee and community together.

use super::{Played, conclude, fulfil, people, place, promise, report, row, sit_down, unit};
use crate::demo::cast::World;
use crate::demo::table::Ending;
use doorstep_core::case::{Channel, Command, DisputeKind, Elements, Form, Outcome, Reported, Stage, TextName};

/// Case 2: views gathered widely in the meeting room, then a plan. The report ends with the plan.
pub(super) fn natural_gas(world: &mut World) -> Played {
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
    let until = world.day_in(4);
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
    let expected = Ending::at(Stage::Agreed);
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
pub(super) fn leaning_wall(world: &mut World) -> Played {
    let (worker, lead) = ("w-ncj-1", "lead-ncj");
    world.heading(
        "事项三 · 南城街社区：雨水多年倒灌，院墙倾斜",
        "Case 3 · Nancheng street community: years of rainwater, a leaning wall",
    );
    let case = report(world, worker, Reported {
        channel: Channel::Visit,
        reporter: None,
        title: world.pick("彩钢房雨水倒灌，围墙下沉倾斜", "Rainwater; a boundary wall leans").into(),
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
    let due = world.day_in(30);
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
    let expected = Ending::at(Stage::Done).committed(&["fulfilled", "fulfilled", "fulfilled"]);
    row(world, worker, case, 3, ("召集单位现场商，共同出资，办结", "units convened on site, paid jointly, done"), expected)
}

/// Case 4: committee and community together go to the enterprises and units.
pub(super) fn new_road(world: &mut World) -> Played {
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
    let due = world.day_in(20);
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
    let expected = Ending::at(Stage::Done).committed(&["fulfilled", "fulfilled", "fulfilled"]);
    row(world, worker, case, 4, ("党工委与社区共同联系单位，现场商，办结", "committee with community, on site, done"), expected)
}
