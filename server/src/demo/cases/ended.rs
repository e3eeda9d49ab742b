//! Case 15, filler: the reporter takes the concern back.

use super::{Concern, Played, place, report, row};
use crate::demo::cast::World;
use crate::demo::table::Ending;
use doorstep_core::case::{Channel, Command, Stage};

/// Case 15: withdrawn at the reporter's word; a note may still be added.
pub(super) fn barking_dog(world: &mut World) -> Played {
    let (worker, lead) = ("w-ncj-1", "lead-ncj");
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
    world.days(1)?;
    let why = world.pick("两家自己说好了", "we have settled it between us").into();
    world.tap(lead, case, &Command::Withdraw { why })?;
    world.meet(&[lead, worker])?;
    world.days(3)?;
    world.tap(worker, case, &Command::Note { text: world.pick("路过，很安静", "passed by: quiet").into() })?;
    world.meet(&[worker, lead])?;
    world.same(case, &[worker, lead])?;
    row(
        world,
        lead,
        case,
        15,
        ("反映人撤回；之后仍可补记", "withdrawn at the reporter's word; noted later"),
        Ending::at(Stage::Withdrawn),
    )
}
