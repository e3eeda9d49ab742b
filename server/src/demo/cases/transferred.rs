//! Cases 10 and 11, filler: an offer recalled before anybody took it, then a transfer to the unit in charge; and a transfer
//! to a responsible body outside, with the record of having agreed it.

use super::{Concern, Played, ask_and_close, org, place, report, row, today};
use crate::demo::cast::World;
use crate::demo::table::Ending;
use crate::words::Said;
use doorstep_core::case::{AgreedWithBody, Asked, Channel, Command, Stage};

/// Case 10: offered to the wrong unit, recalled, transferred to the right one.
pub(super) fn entrance_door(world: &mut World) -> Played {
    let (worker, lead, manager, builder) = ("w-ghj-1", "lead-ghj", "contact-property", "contact-builder");
    world.heading(
        "事项十（虚构） · 单元门禁失灵：转错了，对方接收前收回，再转施工单位",
        "Case 10 (filler) · an entrance door won't lock: offered to the wrong unit, recalled, transferred to the builder",
    );
    let neighbour = world.pick("何先生", "Mr He");
    let concern = Concern {
        channel: Channel::Phone,
        from: (neighbour, ""),
        title: world.pick("单元门禁失灵", "An entrance door won't lock"),
        category: "公共设施",
        account: world.pick("单元门夜里锁不上。", "The door of the building can't be locked at night."),
        place: place("guanghoujie", "ghj-1", Some("ghj-1-b"), world.pick("2单元", "unit 2"))?,
    };
    let concern = concern.into();
    let case = report(world, worker, concern)?;
    world.meet(&[worker, lead])?;
    let transfer = |world: &World, to: &str, reason: (&str, &str)| -> Result<Command, Said> {
        Ok(Command::Transfer { to: org(to)?, reason: world.pick(reason.0, reason.1).into(), agreed: None })
    };
    world.tap(lead, case, &transfer(world, "property", ("门禁属物业维修", "the manager repairs doors"))?)?;
    world.meet(&[lead, manager])?;
    let why = world.pick("查到仍在质保期，应由施工单位负责", "it is still under the builder's warranty").into();
    world.tap(lead, case, &Command::RecallHandover { why })?;
    world.meet(&[lead, manager])?;
    world.refused(manager, case, &Command::AcceptHandover)?;
    world.law("对方接收之前，社区可以收回", "until the receiver accepts, the community may take its offer back");
    world.tap(lead, case, &transfer(world, "builder", ("质保期内", "under warranty"))?)?;
    world.meet(&[lead, builder])?;
    world.tap(builder, case, &Command::AcceptHandover)?;
    world.days(2)?;
    let result = world.pick("已更换门锁电机", "the lock's motor is replaced").into();
    world.tap(builder, case, &Command::SettleHandover { result })?;
    world.meet(&[builder, lead, worker])?;
    ask_and_close(world, worker, lead, case, &[neighbour])?;
    row(
        world,
        lead,
        case,
        10,
        ("转物业，接收前收回，改转施工单位，办复，结案", "offered, recalled, transferred to the builder, settled, closed"),
        Ending::satisfied().handed_over(&["recalled", "settled"]),
    )
}

/// Case 11: to a body outside, after agreeing it; whoever asked for it can't be reached afterwards.
pub(super) fn lunch_table(world: &mut World) -> Played {
    let (worker, lead, contact) = ("w-lg-1", "lead-lg", "contact-civil");
    world.heading(
        "事项十一（虚构） · 老人吃饭难：先与责任主体商定，再转办",
        "Case 11 (filler) · lunch for the old: agreed with a responsible body outside, then transferred to it",
    );
    let writer = world.pick("杨光", "Yang Guang");
    let concern = Concern {
        channel: Channel::Letter,
        from: (writer, ""),
        title: world.pick("希望设社区助餐点", "A lunch table for the old is wanted"),
        category: "困难救助",
        account: world.pick("几位独居老人中午没有热饭。", "Several old people who live alone have no hot lunch."),
        place: place("ligong", "lg-2", Some("lg-2-a"), world.pick("院内", "in the yard"))?,
    };
    let concern = concern.into();
    let case = report(world, worker, concern)?;
    world.meet(&[worker, lead])?;
    let transfer = |world: &World, agreed| -> Result<Command, Said> {
        let reason = world.pick("社区和辖区单位都无此职责", "neither the community nor a unit here is in charge").into();
        Ok(Command::Transfer { to: org("civil-affairs")?, reason, agreed })
    };
    world.refused(lead, case, &transfer(world, None)?)?;
    let agreed = AgreedWithBody {
        with: world.pick("养老服务科", "the section for old people's care").into(),
        on: today(world),
        how: world.pick("电话商定", "by telephone").into(),
    };
    world.tap(lead, case, &transfer(world, Some(agreed))?)?;
    world.law(
        "一转：确有责任主体的，先商定、留记录，再转办",
        "to a body outside only after agreeing it, and with the record of that",
    );
    world.meet(&[lead, contact])?;
    world.tap(contact, case, &Command::AcceptHandover)?;
    world.days(6)?;
    let result = world.pick("助餐点下月开办，先行送餐上门", "the table opens next month; until then meals are brought").into();
    world.tap(contact, case, &Command::SettleHandover { result })?;
    world.meet(&[contact, lead, worker])?;
    for day in 0..3 {
        if day > 0 {
            world.days(1)?;
        }
        world.tap(worker, case, &Command::RecordFeedbackTry { party: writer.into(), asked: Asked::ByPhone })?;
        world.meet(&[worker, lead])?;
        // Two days are not enough.
        if day == 1 {
            world.refused(lead, case, &Command::Close)?;
        }
    }
    world.law("三个不同的日子都没联系上，才可结案", "not reached on three different days: then it may be closed");
    world.tap(lead, case, &Command::Close)?;
    world.meet(&[lead, worker])?;
    world.same(case, &[worker, lead])?;
    row(
        world,
        lead,
        case,
        11,
        (
            "与责任主体商定后转办，办复，三日回访未果，结案",
            "agreed with a body outside, settled, not reached on 3 days, closed",
        ),
        Ending::at(Stage::Closed).handed_over(&["settled"]),
    )
}
