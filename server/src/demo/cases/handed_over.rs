//! Case 5, raised to the committee, and case 6 (filler), transferred to a unit and set again by a dissatisfied answer.

use super::{Played, conclude, fulfil, org, people, place, promise, report, resident, row, sit_down, unit};
use crate::demo::cast::World;
use crate::demo::table::Ending;
use doorstep_core::case::{
    Asked, Channel, Command, Department, DisputeKind, Elements, Form, Grade, Ground, Outcome, Reported, Reporter, Stage,
};

/// Case 5: no agreement with the relatives; raised to the committee, which convenes two bureaus.
pub(super) fn two_children(world: &mut World) -> Played {
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
    let expected = Ending::at(Stage::Done).handed_over(&["settled"]);
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
pub(super) fn lift_lights(world: &mut World) -> Played {
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
    let due = world.day_in(5);
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
    let expected = Ending::satisfied().in_round(2).handed_over(&["settled"]).committed(&["fulfilled"]);
    row(
        world,
        lead,
        case,
        6,
        ("转物业办复，不满意，第二轮商定，结案", "transferred, settled, dissatisfied, round 2, closed"),
        expected,
    )
}
