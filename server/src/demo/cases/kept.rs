//! Case 14, filler: what becomes of commitments. One gets more time, is not kept, and is kept late; one is waived by whom
//! it was made to.

use super::{
    Concern, Played, Sitting, agree_by_word, ask_and_close, consult, draft, place, promise, report, resident, row, today, unit,
};
use crate::demo::cast::World;
use crate::demo::table::Ending;
use crate::words::Said;
use doorstep_core::case::{Channel, Command, CommitmentRef, Form, Outcome};

/// Case 14: extended, defaulted, fulfilled late; the other one waived.
pub(super) fn drain(world: &mut World) -> Played {
    let (worker, lead) = ("w-ghj-1", "lead-ghj");
    world.heading(
        "事项十四（虚构） · 下水道返水：口头协议，一项延期、失约、补做，一项免除",
        "Case 14 (filler) · a drain backs up: agreed by word; one commitment kept late, one waived",
    );
    let (neighbour, manager) = (world.pick("杨光", "Yang Guang"), world.pick("物业公司", "Property manager"));
    let concern = Concern {
        channel: Channel::Phone,
        from: (neighbour, ""),
        title: world.pick("下水道返水", "A drain backs up"),
        category: "物业服务",
        account: world.pick("一楼下水道返水，墙面受潮。", "The ground floor's drain backs up; a wall is damp."),
        place: place("guanghoujie", "ghj-2", Some("ghj-2-a"), world.pick("一层", "ground floor"))?,
    };
    let concern = concern.into();
    let case = report(world, worker, concern)?;
    let sitting = Sitting {
        form: Form::AtHome,
        who: &[(neighbour, world.pick("居民", "resident")), (manager, world.pick("物业", "manager"))],
        what: world.pick("疏通与粉刷", "the drain and the wall"),
        place: world.pick("居民家中", "at the resident's home"),
        why: world.pick("物业服务合同", "the manager's contract"),
    };
    consult(world, worker, case, &sitting, Outcome::Agreed)?;
    let commitments = vec![
        promise(manager, world.pick("疏通下水道", "clears the drain"), world.day_in(3), None),
        promise(manager, world.pick("粉刷受潮墙面", "paints the damp wall"), world.day_in(10), None),
    ];
    let terms = world.pick("物业疏通管道，粉刷墙面。", "The manager clears the drain and paints the wall.");
    draft(world, worker, case, vec![resident(neighbour), unit(manager, Some("property"))?], ("", terms), commitments)?;
    agree_by_word(world, worker, case)?;
    let view = world.meet(&[worker, lead]).and_then(|()| world.case(worker, case))?;
    let draft = view.draft.ok_or_else(|| Said::new("没有协议。", "there is no agreement."))?;
    let [first, second] = [0, 1].map(|index| CommitmentRef { draft, index });

    world.days(3)?;
    let why = world.pick("疏通车要排队", "the pump truck is booked out").into();
    let until = world.day_in(3);
    world.tap(worker, case, &Command::ExtendCommitment { commitment: first, why, until })?;
    world.days(until.days() - today(world).days() + 1)?;
    let why = world.pick("到期仍未疏通", "the day has passed, the drain is blocked").into();
    world.tap(worker, case, &Command::DefaultCommitment { commitment: first, why })?;
    world.meet(&[worker, lead])?;
    world.refused(lead, case, &Command::Complete { words: String::new() })?;
    world.law(
        "约定要么履行，要么由受益人免除；此前不能办结",
        "a commitment is kept, or waived by whom it was made to; before that, nothing is done",
    );
    world.days(1)?;
    let seen = world.pick("已疏通，水流正常，只是迟了", "cleared, though late; the water runs").into();
    world.tap(worker, case, &Command::FulfilCommitment { commitment: first, seen })?;
    let waive = |world: &World, by: &str| Command::WaiveCommitment {
        commitment: second,
        by: by.into(),
        why: world.pick("墙面自己已经刷好", "has painted the wall himself").into(),
    };
    world.refused(worker, case, &waive(world, manager))?;
    world.tap(worker, case, &waive(world, neighbour))?;
    world.meet(&[worker, lead])?;
    world.tap(lead, case, &Command::Complete { words: String::new() })?;
    world.meet(&[lead, worker])?;
    ask_and_close(world, worker, lead, case, &[neighbour, manager])?;
    row(
        world,
        lead,
        case,
        14,
        ("口头协议，一项延期、失约后补做，一项免除，结案", "by word; one extended, defaulted, kept late; one waived; closed"),
        Ending::satisfied().committed(&["fulfilled", "waived"]),
    )
}
