//! Cases 12 and 13, filler: what the law of the method says when phones were apart. A dissatisfied word against a closing,
//! and one draft signed on two phones.

use super::ceremony::{self, Signer};
use super::{
    Concern, Played, Sitting, agree_by_word, ask, ask_and_close, consult, draft, fulfil, place, promise, report, resident, row,
};
use crate::demo::cast::World;
use crate::demo::table::Ending;
use crate::words::Said;
use doorstep_core::agreement::{Identity, SignerRole};
use doorstep_core::case::{Asked, Channel, Command, Form, Grade, Outcome, Standing};
use doorstep_core::id::DocId;

/// Case 12: closed at the office while the resident says at her door that she is dissatisfied.
pub(super) fn water_from_above(world: &mut World) -> Played {
    let (worker, lead) = ("w-ncg-1", "lead-ncg");
    world.heading(
        "事项十二（虚构） · 楼上漏水：一边结案，一边门口说不满意",
        "Case 12 (filler) · water from above: closed at the office while she says at her door that it drips again",
    );
    let (below, above) = (world.pick("周丽", "Zhou Li"), world.pick("赵国庆", "Zhao Guoqing"));
    let concern = Concern {
        channel: Channel::InPerson,
        from: (below, ""),
        title: world.pick("楼上漏水", "Water from the flat above"),
        category: "房屋漏水",
        account: world.pick("卫生间顶部渗水。", "Water comes through the bathroom ceiling."),
        place: place("nanchenggen", "ncg-1", Some("ncg-1-b"), world.pick("1单元", "unit 1"))?,
    };
    let concern = concern.into();
    let case = report(world, worker, concern)?;
    let sitting = Sitting {
        form: Form::AtHome,
        who: &[(below, world.pick("楼下住户", "below")), (above, world.pick("楼上住户", "above"))],
        what: world.pick("漏水维修", "stopping the water"),
        place: world.pick("周丽家中", "at Zhou Li's home"),
        why: world.pick("现场查看", "what was seen"),
    };
    let seal = world.pick("重做卫生间防水边角", "seals the bathroom's corners");
    round(world, worker, case, &sitting, (below, above, seal))?;
    world.days(2)?;
    fulfil(world, worker, case, &[world.pick("边角已补，未见渗水", "corners sealed, no water seen")])?;
    world.meet(&[worker, lead])?;
    world.tap(lead, case, &Command::Complete { words: String::new() })?;
    world.meet(&[lead, worker])?;

    world.aside("两部手机都离线，互不知情", "both phones are offline, and neither knows what the other one does");
    for party in [below, above] {
        ask(world, lead, case, party, Grade::Satisfied)?;
    }
    world.tap(lead, case, &Command::Close)?;
    let answer = Command::RecordFeedback {
        party: below.into(),
        grade: Grade::Dissatisfied,
        words: world.pick("昨夜又滴水了", "it dripped again last night").into(),
        asked: Asked::InPerson,
    };
    world.tap(worker, case, &answer)?;
    world.meet(&[worker, lead, worker])?;
    world.same(case, &[worker, lead])?;
    world.tell_standings(lead, case)?;
    world.law(
        "居民的话先于干部的结案：结案作废，自动开启第二轮协商",
        "a citizen's word outranks a clerk's: the closing is overtaken and the table set again, round 2",
    );

    let relay = world.pick("整间重铺防水层", "lays the waterproofing of the whole room anew");
    round(world, worker, case, &Sitting { form: Form::OnSite, ..sitting }, (below, above, relay))?;
    world.days(5)?;
    fulfil(world, worker, case, &[world.pick("闭水试验两天，不漏", "flooded for two days as a test: dry")])?;
    world.meet(&[worker, lead])?;
    world.tap(lead, case, &Command::Complete { words: String::new() })?;
    world.meet(&[lead, worker])?;
    ask_and_close(world, worker, lead, case, &[below, above])?;
    row(
        world,
        lead,
        case,
        12,
        ("离线结案遇上不满意：再次协商，第二轮满意，结案", "closed against a dissatisfied word: round 2, satisfied, closed"),
        Ending::satisfied().in_round(2).committed(&["fulfilled"]).overtaken(&["closed"]),
    )
}

/// One round of case 12: they sit down, agree, and one commits themselves by word.
fn round(
    world: &mut World,
    id: &str,
    case: DocId,
    sitting: &Sitting<'_>,
    (below, above, deed): (&str, &str, &str),
) -> Result<(), Said> {
    consult(world, id, case, sitting, Outcome::Agreed)?;
    let due = world.day_in(7);
    draft(world, id, case, vec![resident(below), resident(above)], ("", deed), vec![promise(above, deed, due, None)])?;
    agree_by_word(world, id, case)
}

/// Case 13: the worker's phone has no network where they sign; the next day the lead has them sign again.
pub(super) fn signed_twice(world: &mut World) -> Played {
    let (worker, lead) = ("w-lg-1", "lead-lg");
    world.heading(
        "事项十三（虚构） · 楼道堆物：同一份草稿，两部手机各签了一次",
        "Case 13 (filler) · a cluttered landing: one draft, signed on two phones",
    );
    let (one, other) = ("孙伟", "赵国庆");
    let concern = Concern {
        channel: Channel::Visit,
        from: (one, ""),
        title: world.pick("楼道堆放杂物", "A cluttered landing"),
        category: "邻里纠纷",
        account: world.pick("邻居在楼道堆放旧家具。", "A neighbour keeps old furniture on the landing."),
        place: place("ligong", "lg-1", Some("lg-1-b"), world.pick("三层", "third floor"))?,
    };
    let concern = concern.into();
    let case = report(world, worker, concern)?;
    let sitting = Sitting {
        form: Form::OnSite,
        who: &[(one, world.pick("住户", "resident")), (other, world.pick("住户", "resident"))],
        what: world.pick("清理楼道", "clearing the landing"),
        place: world.pick("三层楼道", "on the landing"),
        why: world.pick("消防通道须畅通", "a fire exit must be clear"),
    };
    consult(world, worker, case, &sitting, Outcome::Agreed)?;
    let due = world.day_in(7);
    let deed = world.pick("搬走旧家具", "takes the furniture away");
    let facts = world
        .pick("旧家具占用公共楼道。双方对事实无异议。", "Old furniture stands on the shared landing. The facts are agreed.");
    draft(world, worker, case, vec![resident(one), resident(other)], (facts, deed), vec![promise(other, deed, due, None)])?;
    world.meet(&[worker, lead])?;

    world.aside(
        "楼道里没有网络；第二天在社区又签了一次，负责人的手机还不知道前一次",
        "there is no network on the stairs; the next day they sign again at the community's office, whose phone knows nothing of it",
    );
    sign(world, worker, case, (one, other), 31)?;
    world.days(1)?;
    sign(world, lead, case, (one, other), 41)?;
    world.meet(&[worker, lead, worker])?;
    world.same(case, &[worker, lead])?;
    world.tell_standings(lead, case)?;
    world.law(
        "两次签名都是真的：机器不替人选，由社区负责人认定哪一份算数",
        "both signings are real: the machine doesn't choose, the community lead says which one holds",
    );
    let view = world.case(lead, case)?;
    let sealed = view.history.iter().filter(|line| matches!(line.standing, Standing::Contested { .. }));
    let mut stamps = sealed.map(|line| line.stamp);
    let (Some(first), over) = (stamps.next(), stamps.collect()) else {
        return Err(Said::new("两份签署没有形成争议。", "the two signings are not contested."));
    };
    let why = world.pick("内容相同，以先签的一份为准", "the same text: the one signed first holds").into();
    world.tap(lead, case, &Command::SettleContest { holds: first, over, why })?;
    world.meet(&[lead, worker])?;
    world.days(3)?;
    fulfil(world, worker, case, &[world.pick("楼道已清", "the landing is clear")])?;
    world.meet(&[worker, lead])?;
    world.tap(lead, case, &Command::Complete { words: String::new() })?;
    world.meet(&[lead, worker])?;
    ask_and_close(world, worker, lead, case, &[one, other])?;
    row(
        world,
        lead,
        case,
        13,
        ("一份草稿两次签署，争议由负责人认定，履行，结案", "one draft sealed twice, contested, the lead decides, closed"),
        Ending::satisfied().signed().committed(&["fulfilled"]).overtaken(&["agreement_sealed"]),
    )
}

fn sign(world: &World, id: &str, case: DocId, (one, other): (&str, &str), hand: u64) -> Result<(), Said> {
    let mediator = world.phone(id)?.name.clone();
    let party = |name, hand| Signer { role: SignerRole::Party, name, capacity: "", identity: Identity::Known, hand };
    let witness = "何静";
    let capacity = world.pick("邻居", "neighbour");
    let table = [
        party(one, hand),
        party(other, hand + 1),
        Signer { role: SignerRole::Witness, name: witness, capacity, identity: Identity::Known, hand: hand + 2 },
        Signer { role: SignerRole::Mediator, name: &mediator, capacity: "", identity: Identity::Known, hand: hand + 3 },
    ];
    ceremony::hold(world, id, case, &table).map(|_| ())
}
