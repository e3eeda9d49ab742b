//! Cases 7 to 9, filler: one concern told twice, of which one goes on and is raised to an office; and one that an office
//! sends back, so that it goes to the committee.

use super::{Concern, Played, Sitting, ask_and_close, consult, org, place, report, row};
use crate::demo::cast::World;
use crate::demo::table::{Ending, Row};
use crate::words::Said;
use doorstep_core::case::{Channel, Command, Department, Form, Ground, Outcome, Stage};

/// Filler: nobody's number.
const PHONE: &str = "13800000007";

/// Cases 7 and 8: the daughter and a neighbour tell of one concern on the same morning. A person sees that it is one; an
/// office answers it.
pub(super) fn one_concern_told_twice(world: &mut World) -> Result<[Row; 2], Said> {
    let (worker, head, lead, clerk) = ("w-ncg-1", "head-ncg-1-a", "lead-ncg", "clerk-affairs");
    world.heading(
        "事项七、八（虚构） · 一件事报了两次：并案；超出社区职权：提级至科室",
        "Cases 7 and 8 (filler) · one concern told twice: merged; beyond the community's powers: raised to an office",
    );
    let daughter = world.pick("马淑芬", "Ma Shufen");
    let home = || place("nanchenggen", "ncg-1", Some("ncg-1-a"), world.pick("3单元", "unit 3"));
    let first = Concern {
        channel: Channel::Phone,
        from: (daughter, PHONE),
        title: world.pick("高龄津贴停发", "An old-age allowance has stopped"),
        category: "困难救助",
        account: world.pick("父亲的高龄津贴停发三个月。", "Her father's old-age allowance stopped three months ago."),
        place: home()?,
    };
    let second = Concern {
        channel: Channel::InPerson,
        from: (world.pick("一位邻居", "A neighbour"), PHONE),
        title: world.pick("老人津贴没到账", "The old man's money has not come"),
        category: "困难救助",
        account: world.pick("替老人来问，留的是他女儿的电话。", "Asks for the old man, and leaves his daughter's number."),
        place: home()?,
    };
    let (first, second) = (first.into(), second.into());
    let case = report(world, worker, first)?;
    let double = report(world, head, second)?;
    world.meet(&[worker, head, lead])?;
    world.law(
        "一件事报了两次，机器从不自行合并：由人来认",
        "two reports of one concern are never merged by the machine: a person says so",
    );
    world.tap(lead, double, &Command::MarkDuplicate { of: case })?;

    let raise = |world: &World, ground| -> Result<Command, Said> {
        Ok(Command::Raise {
            to: org("office-affairs")?,
            ground,
            reason: world.pick("补发须由科室核定", "only the office can grant arrears").into(),
            tried: String::new(),
        })
    };
    world.refused(lead, case, &raise(world, Ground::NoAgreement)?)?;
    world.tap(lead, case, &raise(world, Ground::BeyondPowers)?)?;
    world.meet(&[lead, clerk])?;
    world.tap(clerk, case, &Command::AcceptHandover)?;
    world.days(3)?;
    let result = world.pick("资格认证已补办，津贴补发到账", "proof of life made up, the arrears are paid").into();
    world.tap(clerk, case, &Command::SettleHandover { result })?;
    world.meet(&[clerk, lead, worker, head])?;
    ask_and_close(world, worker, lead, case, &[daughter])?;
    world.same(case, &[worker, lead])?;
    world.same(double, &[head, lead])?;
    let answered = row(
        world,
        lead,
        case,
        7,
        ("超出社区职权，提级至科室，答复，满意，结案", "beyond powers, raised to an office, answered, closed"),
        Ending::satisfied().handed_over(&["settled"]),
    )?;
    let merged = row(
        world,
        head,
        double,
        8,
        ("与事项七是同一件事，由社区负责人并案", "the same as case 7; the community lead says so"),
        Ending::at(Stage::Merged),
    )?;
    Ok([answered, merged])
}

/// Case 9: an office sends the case back with a reason; the committee has the departments at one table.
pub(super) fn night_market(world: &mut World) -> Played {
    let (worker, lead, clerk, coordinator) = ("w-ncj-1", "lead-ncj", "clerk-service", "coordinator");
    world.heading(
        "事项九（虚构） · 夜市油烟：提级至中心被退回，再提党工委",
        "Case 9 (filler) · smoke from a night market: a centre sends it back, it goes to the committee",
    );
    let caller = world.pick("刘女士", "Ms Liu");
    let concern = Concern {
        channel: Channel::Hotline,
        from: (caller, ""),
        title: world.pick("夜市油烟扰民", "Smoke from a night market"),
        category: "环境卫生",
        account: world.pick("夜市油烟飘进居民家。", "The stalls' smoke drifts into people's homes."),
        place: place("nanchengjie", "ncj-2", Some("ncj-2-a"), world.pick("临街一侧", "the street side"))?,
    };
    let concern = concern.into();
    let case = report(world, worker, concern)?;
    let at_the_kerb = Sitting {
        form: Form::Roadside,
        who: &[
            (caller, world.pick("居民", "resident")),
            (world.pick("摊主代表", "a stallholder"), world.pick("摊主", "stalls")),
        ],
        what: world.pick("油烟与收摊时间", "smoke, and when the stalls close"),
        place: world.pick("夜市路口", "at the corner of the market"),
        why: world.pick("居民反映与现场查看", "what residents say, what was seen"),
    };
    let reason = world.pick("摊主称证照齐全，不愿挪动", "the stallholders have their permits and won't move").into();
    consult(world, worker, case, &at_the_kerb, Outcome::NotAgreed { reason })?;
    world.meet(&[worker, lead])?;
    let raise = |world: &World, to: &str| -> Result<Command, Said> {
        Ok(Command::Raise {
            to: org(to)?,
            ground: Ground::NoAgreement,
            reason: world.pick("须多部门共同管理", "several departments must act").into(),
            tried: world.pick("路边商一次", "one consultation at the roadside").into(),
        })
    };
    world.tap(lead, case, &raise(world, "centre-service")?)?;
    world.meet(&[lead, clerk])?;
    world.days(1)?;
    let why = world.pick("中心无权召集执法部门", "the centre cannot convene departments").into();
    world.tap(clerk, case, &Command::ReturnHandover { why })?;
    world.meet(&[clerk, lead])?;
    world.law(
        "退回须写明理由；事项回到社区手里，不会悬在两家之间",
        "a return states its reason, and the community has the case again: it never hangs between two desks",
    );
    world.tap(lead, case, &raise(world, "committee")?)?;
    world.meet(&[lead, coordinator])?;
    world.tap(coordinator, case, &Command::AcceptHandover)?;
    let called = [
        (world.pick("城市管理部门", "City management"), world.pick("摊位与油烟管道", "stalls and flues")),
        (world.pick("市场监管部门", "Market supervision"), world.pick("证照与收摊时间", "permits and closing time")),
    ];
    let called = called.map(|(name, task)| Department { org: None, name: name.into(), task: task.into() });
    world.tap(coordinator, case, &Command::ConveneDepartments { departments: called.to_vec() })?;
    world.days(8)?;
    let result = world.pick("统一接入油烟管道，十点半收摊", "one flue for all stalls; they close at half past ten").into();
    world.tap(coordinator, case, &Command::SettleHandover { result })?;
    world.meet(&[coordinator, lead, worker])?;
    let seen = world.pick("晚间到场，窗前无油烟", "went by in the evening: no smoke at the windows").into();
    world.tap(worker, case, &Command::CheckEffect { seen })?;
    ask_and_close(world, worker, lead, case, &[caller])?;
    row(
        world,
        lead,
        case,
        9,
        ("路边商未果，中心退回，提级党工委，召集部门，结案", "no agreement, a centre returns it, the committee settles it"),
        Ending::satisfied().handed_over(&["returned", "settled"]),
    )
}
