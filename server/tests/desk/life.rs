//! A case from its report to its closing, by three phones that are apart for most of it.

use doorstep_server::store::Store;
use serde_json::Value;

use super::world::World;

const WORKER: &str = "w-ncg-1";
const LEAD: &str = "lead-ncg";
const CLERK: &str = "clerk-affairs";

fn report(world: &World) -> String {
    let reported = world.record(
        WORKER,
        &[
            "report",
            "--title",
            "私装阀门致邻居停水",
            "--category",
            "邻里纠纷",
            "--reporter",
            "李秀英",
            "--phone",
            "13800000000",
            "--building",
            "ncg-1-a",
            "--at",
            "2单元",
            "--account",
            "住户自行加装阀门，楼上住户断水。",
        ],
    );
    assert_eq!((reported["stage"].as_str(), reported["round"].as_u64()), (Some("received"), Some(1)));
    reported["id"].as_str().unwrap().to_owned()
}

fn consult(world: &World, home: &str, id: &str) {
    let open =
        ["consult", "open", id, "--form", "现场商", "--who", "张建国=住户", "--who", "李秀英=业主", "--what", "恢复供水"];
    world.phone(home, &[&open[..], &["--where", "家属院"]].concat()).ok();
}

fn line<'a>(case: &'a Value, kind: &str) -> &'a Value {
    case["history"].as_array().unwrap().iter().find(|line| line["kind"] == kind).unwrap()
}

#[test]
fn a_case_lives_from_report_to_closing_on_the_command_line_alone() {
    let mut world = World::new();
    for person in [WORKER, LEAD, CLERK] {
        world.enrol(person);
    }

    // Offline: reported, consulted, no agreement. What the method asks for is asked for here too.
    world.cut();
    let whole_id = report(&world);
    let id = &whole_id[..6];
    world.phone(WORKER, &["consult", "conclude", "last", "--agreed"]).refused("no_open_consultation");
    consult(&world, WORKER, "last");
    let missing = world.phone(WORKER, &["consult", "conclude", id, "--not-agreed", "数额分歧"]);
    assert!(missing.err.contains("依据何在"), "{missing:?}");
    missing.refused("elements_missing");
    world.phone(WORKER, &["consult", "conclude", id, "--not-agreed", "数额分歧", "--why", "立管为共用部位"]).ok();
    world.phone(WORKER, &["close", id]).refused("not_allowed");
    world.phone(WORKER, &["sync"]).refused("unreachable");
    assert_eq!(world.record(WORKER, &["pending"])["waiting"], 3);
    world.mend();
    let synced = world.record(WORKER, &["sync"]);
    assert_eq!(
        (synced["outcome"].as_str(), synced["sent"].as_u64(), synced["waiting"].as_u64()),
        (Some("done"), Some(3), Some(0))
    );

    // Raised to an office, accepted, settled; nobody else's phone has it until it is offered.
    assert_eq!(world.record(CLERK, &["list"]).as_array().map(Vec::len), Some(0));
    world.phone(LEAD, &["sync"]).ok();
    world.phone(LEAD, &["raise", id, "--to", "没有的单位", "--ground", "no_agreement", "--reason", "x"]).refused("unknown_org");
    let raise =
        ["raise", id, "--to", "社会事务办公室", "--ground", "协商未果", "--reason", "数额分歧较大", "--tried", "协商一次"];
    world.phone(LEAD, &raise).ok();
    world.phone(LEAD, &["sync"]).ok();
    world.phone(CLERK, &["sync"]).ok();
    assert_eq!(world.record(CLERK, &["list"])[0]["title"], "私装阀门致邻居停水");
    world.phone(CLERK, &["accept", id]).ok();
    world.phone(CLERK, &["settle", id, "--result", "物业先行恢复供水"]).ok();
    world.phone(CLERK, &["sync"]).ok();
    world.phone(LEAD, &["sync"]).ok();
    world.phone(LEAD, &["effect", id, "--seen", "水压正常"]).ok();

    // The reporter is not content: the table is set again, by itself.
    let again = world.record(LEAD, &["feedback", id, "--grade", "不满意", "--words", "没有赔偿"]);
    assert_eq!((again["stage"].as_str(), again["round"].as_u64()), (Some("reopened"), Some(2)));
    world.phone(LEAD, &["sync"]).ok();
    world.phone(WORKER, &["sync"]).ok();
    consult(&world, WORKER, id);
    world.phone(WORKER, &["consult", "conclude", id, "--agreed", "--why", "民法典相邻关系"]).ok();
    let promise = ["--promise", "张建国|赔偿停水期间损失|+7|600", "--promise", "张建国|拆除阀门|2026-05-20"];
    let draft =
        ["draft", id, "--party", "张建国", "--party", "李秀英", "--facts", "自装阀门致停水。", "--terms", "拆除并赔偿。"];
    world.phone(WORKER, &[&draft[..], &promise[..]].concat()).ok();

    sign(&world, id);
    stamped(&world, id);
    follow_up(&world, id);
    printed_on_both_sides(&world, id);
}

/// With a file of strokes; the sealed agreement verifies, a changed byte does not.
fn sign(world: &World, id: &str) {
    let ink = world.file("ink.json");
    world.phone(WORKER, &["strokes", "--case", id, "--witness", "陈志强=片区民警", "--out", &ink]).ok();
    let mut file: Value = serde_json::from_str(&std::fs::read_to_string(&ink).unwrap()).unwrap();
    assert!(file["filler"] == true && file["notice"].as_str().unwrap().contains("filler"));
    assert_eq!(file["signers"].as_array().map(Vec::len), Some(3));

    // Without a witness nothing is sealed, and nothing half signed is left.
    let witness = file["signers"].as_array_mut().unwrap().pop().unwrap();
    std::fs::write(world.path("short.json"), file.to_string()).unwrap();
    let short = world.phone(WORKER, &["sign", id, "--strokes", &world.file("short.json")]);
    assert!(short.err.contains("见证人"), "{short:?}");
    short.refused("signature_missing");
    // Nor does anybody sign with another's ink.
    file["signers"][1]["strokes"] = file["signers"][0]["strokes"].clone();
    file["signers"][1]["width"] = file["signers"][0]["width"].clone();
    file["signers"].as_array_mut().unwrap().push(witness);
    std::fs::write(world.path("copied.json"), file.to_string()).unwrap();
    world.phone(WORKER, &["sign", id, "--strokes", &world.file("copied.json")]).refused("ink_reused");
    assert_eq!(world.record(WORKER, &["show", id])["agreement"], Value::Null);

    let sealed = world.phone(WORKER, &["sign", id, "--strokes", &ink]);
    assert!(sealed.err.contains("试用的笔迹"), "{sealed:?}");
    assert!(sealed.ok().contains("核验码"));
    let (out, altered) = (world.file("agreement.doorstep"), world.path("altered.doorstep"));
    world.phone(WORKER, &["agreement", id, "--out", &out]).ok();
    world.phone(WORKER, &["agreement", id, "--out", &out]).refused("file_exists");
    assert!(world.run("zh", &["verify", &out]).ok().contains("核验通过"));
    let mut bytes = std::fs::read(&out).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&altered, bytes).unwrap();
    assert_eq!(world.run("zh", &["verify", altered.to_str().unwrap()]).code, 1);

    // Another phone has the case and fetches the agreement's bytes when it is asked for them.
    world.phone(WORKER, &["sync"]).ok();
    world.phone(LEAD, &["sync"]).ok();
    world.phone(LEAD, &["agreement", id, "--out", &world.file("fetched.doorstep")]).ok();
    assert_eq!(std::fs::read(&out).unwrap(), std::fs::read(world.path("fetched.doorstep")).unwrap());
}

/// The lead stamps for the committee, the clock for a court runs, the server prints what the phone would; the ruling is recorded.
fn stamped(world: &World, id: &str) {
    let ruling = ["confirm", id, "--court", "东关区人民法院", "--number", "（2026）调确1号", "--on", "2026-05-20"];
    world.phone(WORKER, &["stamp", id]).refused("not_allowed");
    world.phone(LEAD, &ruling).refused("not_stamped");
    world.phone(LEAD, &["stamp", id]).ok();
    world.phone(LEAD, &["sync"]).ok();
    world.phone(WORKER, &["sync"]).ok();
    assert_eq!(world.record(WORKER, &["show", id])["agreement"]["confirm_by"], "2026-06-07");
    assert!(world.phone(WORKER, &["show", id]).ok().contains("可共同申请司法确认至 2026-06-07"));
    let (out, pdf, data) = (world.file("stamped.doorstep"), world.file("server.pdf"), world.data());
    world.phone(WORKER, &["agreement", id, "--out", &out]).ok();
    assert!(world.run("zh", &["verify", &out]).ok().contains("调委会盖章于"));
    world.run("zh", &["case", "print", id, "--data", &data, "--out", &pdf]).ok();
    let verified = world.run("zh", &["verify", &pdf]).ok();
    assert!(verified.contains("逐字节相同") && verified.contains("调委会盖章于"), "{verified}");
    let dossier = world.file("dossier.pdf");
    let archive = ["--form", "dossier", "--copy", "committee", "--out", &dossier];
    world.run("zh", &[&["case", "print", id, "--data", &data][..], &archive].concat()).ok();
    assert!(world.run("zh", &["verify", &dossier]).ok().contains("核验通过"));
    world.phone(LEAD, &ruling).ok();
    world.phone(LEAD, &ruling).refused("confirmed_already");
    assert_eq!(world.record(LEAD, &["show", id])["agreement"]["court"], "东关区人民法院");
    world.phone(LEAD, &["sync"]).ok();
    world.phone(WORKER, &["sync"]).ok();
}

/// Commitments, completion, what the parties say; and a closing that a dissatisfied answer overtakes.
fn follow_up(world: &World, id: &str) {
    world.phone(WORKER, &["fulfil", id, "3", "--seen", "x"]).refused("no_commitment");
    world.phone(WORKER, &["fulfil", id, "1", "--seen", "收条已看"]).ok();
    world.phone(WORKER, &["extend", id, "2", "--until", "2026-05-25", "--why", "等师傅"]).ok();
    world.phone(WORKER, &["sync"]).ok();
    world.phone(LEAD, &["sync"]).ok();
    world.phone(LEAD, &["complete", id]).refused("commitments_open");
    world.phone(LEAD, &["waive", id, "2", "--by", "李秀英", "--why", "阀门已自行拆掉"]).ok();
    world.phone(LEAD, &["complete", id, "--words", "恢复供水并赔偿"]).ok();
    world.phone(LEAD, &["feedback", id, "--grade", "satisfied"]).nonsense("party_missing");
    world.phone(LEAD, &["feedback", id, "--party", "张建国", "--grade", "satisfied", "--asked", "by_phone"]).ok();
    world.phone(LEAD, &["close", id]).refused("parties_not_asked");
    world.phone(LEAD, &["sync"]).ok();
    world.phone(WORKER, &["sync"]).ok();
    // Apart: the lead hears that all is well and closes; the worker hears otherwise at the door.
    world.phone(LEAD, &["feedback", id, "--party", "李秀英", "--grade", "很满意"]).ok();
    assert_eq!(world.record(LEAD, &["close", id])["stage"], "closed");
    world.phone(WORKER, &["feedback", id, "--party", "李秀英", "--grade", "不满意", "--words", "又漏了"]).ok();
    world.phone(LEAD, &["sync"]).ok();
    world.phone(WORKER, &["sync"]).ok();
    let case = world.record(WORKER, &["show", id]);
    assert_eq!(
        (case["stage"].as_str(), case["round"].as_u64(), case["look"].as_bool()),
        (Some("reopened"), Some(3), Some(true))
    );
    let (closed, last) = (line(&case, "closed"), case["history"].as_array().unwrap().last().unwrap());
    assert_eq!(closed["standing"], "overtaken");
    assert_eq!((closed["overtaken_by"].clone(), last["kind"].as_str()), (last["n"].clone(), Some("feedback_given")));
    world.phone(LEAD, &["sync"]).ok();
    world.phone(LEAD, &["withdraw", id, "--why", "反映人来电：已自行解决"]).ok();
    world.phone(LEAD, &["sync"]).ok();
    world.phone(WORKER, &["sync"]).ok();
}

/// The same history from a worker's home, a lead's, and the server's data directory, where each look is on record.
fn printed_on_both_sides(world: &World, id: &str) {
    let (worker, lead, data) = (world.file(WORKER), world.file(LEAD), world.data());
    let show = |rest: &[&str]| world.run("zh", &[&["case", "show", id], rest].concat());
    let clock = world.file("clock");
    let at_home = |home: &str| show(&["--home", home, "--clock-file", &clock, "--json"]).json();
    let (one, other) = (at_home(&worker), at_home(&lead));
    let looks = |world: &World| {
        let store = Store::open(world.path("data").as_path()).unwrap();
        store.verify_audit().unwrap().unwrap();
        store.audit_after(0, 10_000).unwrap().iter().filter(|entry| entry.what == "case_shown").count()
    };
    // The two papers that the server printed before.
    assert_eq!(looks(world), 2);
    let server = show(&["--data", &data, "--json"]).json();
    assert_eq!(looks(world), 3);
    assert_eq!(one, other);
    assert_eq!(one, server);
    let history = one["history"].as_array().unwrap();
    let numbers: Vec<u64> = history.iter().filter_map(|line| line["n"].as_u64()).collect();
    assert_eq!(numbers, (1..=history.len() as u64).collect::<Vec<_>>());
    assert_eq!(one["handovers"][0]["status"], "settled");
    assert_eq!(line(&one, "feedback_given")["round"], 1, "a dissatisfied answer belongs to the round it ends");
    assert_eq!(line(&one, "reported")["record"]["reporter"]["name"], "李秀英");

    let text = show(&["--data", &data]).ok();
    assert_eq!(looks(world), 4);
    for words in [
        "── 第 1 轮 ──",
        "── 第 2 轮 ──",
        "何人参与：张建国（住户）、李秀英（业主）",
        "依据何在：民法典相邻关系",
        "约定 1：张建国 · 赔偿停水期间损失 · 600元 · 2026年5月15日前 · 已履行",
        "约定 2：张建国 · 拆除阀门 · 2026年5月25日前 · 已免除",
        "提级至社会事务办公室",
        "郑洁",
        "已撤回",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    let n = line(&one, "closed")["overtaken_by"].as_u64().unwrap();
    assert!(text.contains(&format!("→ 已被第 {n} 行取代")), "{text}");
    assert!(text.contains("2026-05-08 09:"), "China time: {text}");
    let english = world.run("en", &["case", "show", id, "--home", &worker, "--clock-file", &clock]).ok();
    assert!(english.contains("── round 2 ──") && english.contains(&format!("→ overtaken by line {n}")), "{english}");
    show(&["--data", &world.file("nowhere")]).refused("store_missing");
    show(&["--data", &data, "--home", &worker]).nonsense("argument_conflict");
    world.run("zh", &["case", "show", "zzzzzz", "--data", &data]).refused("not_found");
    assert_eq!(looks(world), 4, "only what was seen is on record");
}
