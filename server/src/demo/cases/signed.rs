//! Case 1: consulted on site, signed at the kitchen table, carried out, all parties satisfied.

use super::ceremony::{self, Signer};
use super::{Played, fulfil, people, place, promise, report, resident, row, sit_down};
use crate::demo::cast::World;
use crate::demo::crash;
use crate::demo::table::Ending;
use crate::words::Said;
use doorstep_core::agreement::{Identity, SignerRole};
use doorstep_core::case::{Asked, Channel, Command, DisputeKind, Elements, Form, Grade, Outcome, Reported, Reporter, TextName};
use doorstep_core::id::DocId;
use doorstep_core::visit::{Door, Visited};

/// Case 1: compensation agreement signed, water restored, all parties satisfied.
pub(super) fn water_cut_off(world: &mut World) -> Played {
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
            title: world.pick("私装阀门致邻居停水", "A valve cut off the neighbours' water").into(),
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
        household: None,
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
    world.tap(lead, case, &Command::StampAgreement)?;
    world.meet(&[lead, worker])?;
    world.keep_beside(worker)?;

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
    let expected = Ending::satisfied().signed().committed(&["fulfilled", "fulfilled"]);
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
    let due = world.day_in(7);
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
    let table = [
        Signer { role: SignerRole::Party, name: "张建国", capacity: "", identity: Identity::CardShown, hand: 11 },
        Signer { role: SignerRole::Party, name: "李秀英", capacity: "", identity: Identity::Known, hand: 12 },
        Signer {
            role: SignerRole::Witness, name: "陈志强", capacity: "片区民警", identity: Identity::PassShown, hand: 13
        },
        Signer { role: SignerRole::Mediator, name: &mediator, capacity: "", identity: Identity::Known, hand: 14 },
    ];
    let sealed = ceremony::hold(world, worker, case, &table)?;
    world.agreement = Some((sealed.check_number, sealed.bytes));
    Ok(())
}
