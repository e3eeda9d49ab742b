//! Case 15, filler: the reporter takes the concern back while it lies with a unit.

use super::{Concern, Played, org, place, report, row};
use crate::demo::cast::World;
use crate::demo::table::Ending;
use doorstep_core::case::{Channel, Command, Stage};

/// Case 15: withdrawn at the reporter's word; the unit sees why, and a note may still be added.
pub(super) fn barking_dog(world: &mut World) -> Played {
    let (worker, lead, contact) = ("w-ncj-1", "lead-ncj", "contact-property");
    world.heading("事项十五（虚构） · 邻居说好了：撤回", "Case 15 (filler) · the neighbours made it up: withdrawn");
    let caller = world.pick("李女士", "Ms Li");
    let concern = Concern {
        channel: Channel::Phone,
        from: (caller, ""),
        title: world.pick("夜间狗吠", "A dog barks at night"),
        category: "邻里纠纷",
        account: world.pick("隔壁的狗整夜叫。", "The dog next door barks all night."),
        place: place("nanchengjie", "ncj-1", Some("ncj-1-b"), world.pick("2单元", "unit 2"))?,
    };
    let concern = concern.into();
    let case = report(world, worker, concern)?;
    world.meet(&[worker, lead])?;
    let reason = world.pick("请物业上门查看", "the manager is to call on them").into();
    world.tap(lead, case, &Command::Transfer { to: org("property")?, reason, agreed: None })?;
    world.meet(&[lead, contact])?;
    world.days(1)?;
    let why = world.pick("两家自己说好了", "we have settled it between us").into();
    world.tap(lead, case, &Command::Withdraw { why })?;
    world.meet(&[lead, worker, contact])?;
    world.law(
        "反映人随时可以撤回，转出去的也一样；对方看得到原因",
        "whoever reported may take it back at any time, handed over or not; the receiver sees why",
    );
    world.refused(contact, case, &Command::AcceptHandover)?;
    world.days(3)?;
    world.tap(worker, case, &Command::Note { text: world.pick("路过，很安静", "passed by: quiet").into() })?;
    world.meet(&[worker, lead])?;
    world.same(case, &[worker, lead])?;
    row(
        world,
        lead,
        case,
        15,
        ("转物业待接收时反映人撤回；之后仍可补记", "withdrawn at the reporter's word while offered; noted later"),
        Ending::at(Stage::Withdrawn).handed_over(&["overtaken"]).overtaken(&["transferred"]),
    )
}
