//! The line itself: languages, mistakes, short ids, rubbish, records for programs.

use serde_json::Value;

use super::world::World;

const WORKER: &str = "w-ncg-1";

#[test]
fn a_wrong_home_or_code_leaves_nothing_behind_and_says_what_to_do() {
    let world = World::new();
    for args in [&["sync"][..], &["list"], &["show", "last"], &["close", "abcdef"]] {
        let done = world.phone("nowhere", args);
        assert!(done.err.contains("phone enrol"), "{done:?}");
        done.refused("no_phone");
    }
    world.phone("nowhere", &["enrol", "abc"]).refused("enrol_not_a_code");
    world.phone("nowhere", &["enrol", "ABCDEFGHJK"]).nonsense("server_missing");
    world.phone("nowhere", &["enrol", "ABCDEFGHJK", "--server", "nonsense"]).refused("bad_address");
    world.phone("nowhere", &["enrol", "ABCDEFGHJK", "--server", "http://192.0.2.1:9"]).refused("plain_http");
    assert!(!world.exists("nowhere"));
    world.phone("tried", &["enrol", "ABCDEFGHJK", "--server", &world.address()]).refused("code_wrong");
    for args in [&["list"][..], &["status"], &["report", "--title", "x", "--category", "其他"]] {
        world.phone("tried", args).refused("not_enrolled");
    }
    let nowhere = world.phone("tried", &["enrol", "ABCDEFGHJK", "--server", "http://127.0.0.1:1"]);
    assert!(nowhere.err.contains("没有登记"), "{nowhere:?}");
    nowhere.refused("unreachable");
    let code = world.code(WORKER);
    world.phone("tried", &["enrol", &code, "--no-sync"]).ok();
    world.phone("tried", &["visit", "--door", "met"]).refused("no_directory");
    world.phone("tried", &["sync"]).ok();
    world.phone("tried", &["enrol", &world.code(WORKER)]).refused("already_enrolled");
    world.phone("other", &["enrol", &code]).refused("code_used");
    // The documented rule: without --home it is $HOME/.local/share/doorstep/phone.
    world.run("zh", &["phone", "enrol", &world.code(WORKER)]).ok();
    assert!(world.exists(".local/share/doorstep/phone/phone.db"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(world.path(".local/share/doorstep/phone/key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "the key is its owner's");
    }
}

#[test]
fn everything_is_said_in_the_locales_language() {
    let world = World::new();
    world.enrol(WORKER);
    let help = |lang| world.run(lang, &["phone", "--help"]).ok();
    assert!(help("zh").contains("接诉即商") && help("zh").contains("一天的工作") && !help("zh").contains("A day's work"));
    assert!(
        help("en").contains("A day's work")
            && help("en").contains("Two raises, one transfer")
            && !help("en").contains("两提一转")
    );
    assert_eq!(world.run("en", &["help", "phone", "sign"]).ok(), world.run("en", &["phone", "sign", "--help"]).ok());
    assert_eq!(world.run("en", &["--lang", "zh", "phone", "--help"]).ok(), help("zh"));

    let report = ["report", "--title", "楼道灯不亮", "--category", "公共设施", "--at", "3单元"];
    assert!(world.phone_in("zh", WORKER, &report).ok().contains("已受理·第 1 轮  待传 1"));
    assert!(world.phone_in("en", WORKER, &report).ok().contains("received, round 1  2 unsent"));
    let conclude = ["consult", "conclude", "last", "--agreed"];
    assert_eq!(
        world.phone_in("zh", WORKER, &conclude).err.trim(),
        "错误 [no_open_consultation]：没有进行中的协商，请先开始协商。下一步：doorstep phone consult open ID"
    );
    assert_eq!(
        world.phone_in("en", WORKER, &conclude).err.trim(),
        "error [no_open_consultation]: No consultation is open: open one first. Next: doorstep phone consult open ID"
    );
    let (zh, en) = (world.phone_in("zh", WORKER, &["lst"]), world.phone_in("en", WORKER, &["lst"]));
    assert!(zh.err.contains("没有“lst”这个命令。是不是 list") && en.err.contains("Did you mean list"), "{zh:?} {en:?}");
    zh.nonsense("unknown_command");
    en.nonsense("unknown_command");
    // What is wrong is a record too, for who asks for records.
    let refused = world.phone(WORKER, &[&conclude[..], &["--json"]].concat());
    let error: Value = serde_json::from_str(&refused.err).unwrap();
    assert_eq!((refused.code, error["error"]["code"].as_str()), (1, Some("no_open_consultation")));
    assert_eq!(refused.out, "");
}

#[test]
fn rubbish_is_told_from_sense() {
    let world = World::new();
    world.enrol(WORKER);
    let id =
        world.record(WORKER, &["report", "--title", "楼道灯不亮", "--category", "公共设施"])["id"].as_str().unwrap().to_owned();
    let nonsense: [(&[&str], &str); 14] = [
        (&["frobnicate"], "unknown_command"),
        (&["show"], "argument_missing"),
        (&["show", &id[..2]], "id_too_short"),
        (&["show", "私装阀门"], "not_an_id"),
        (&["show", "uuuuuu"], "not_an_id"),
        (&["report", "--title", "x", "--category", "公共设斯"], "unknown_category"),
        (&["report", "--title", "x"], "argument_missing"),
        (&["consult", "open", &id, "--form", "on_sit"], "wrong_value"),
        (&["consult", "conclude", &id], "argument_missing"),
        (&["consult", "conclude", &id, "--agreed", "--not-agreed", "x"], "argument_conflict"),
        (&["consult", "conclude", &id, "--adjourned", "2026-02-30"], "wrong_value"),
        (&["fulfil", &id, "0", "--seen", "x"], "wrong_value"),
        (&["draft", &id, "--promise", "张建国拆除阀门"], "wrong_commitment"),
        (&["list", "--limit", "0"], "wrong_value"),
    ];
    for (args, code) in nonsense {
        world.phone(WORKER, args).nonsense(code);
    }
    let refused: [(&[&str], &str); 9] = [
        (&["show", "000000"], "not_found"),
        (&["fulfil", &id, "1", "--seen", "x"], "no_commitment"),
        (&["assign", &id, "--to", "nobody"], "unknown_person"),
        (&["agreement", &id, "--out", "a"], "not_signed"),
        (&["sign", &id, "--strokes", "nothing.json"], "file"),
        (&["household", "show", &id], "wrong_kind"),
        (&["visit", "--door", "met", "--grid", "nowhere"], "unknown_place"),
        (&["template", "没有的"], "unknown_template"),
        (&["note", &id, ""], "missing"),
    ];
    for (args, code) in refused {
        world.phone(WORKER, args).refused(code);
    }
    for (name, text) in [("a.json", "{"), ("b.json", "{\"signers\": 3}"), ("c.json", "\u{0}\u{1}"), ("d.json", "signers = 1")] {
        std::fs::write(world.path(name), text).unwrap();
        world.phone(WORKER, &["sign", &id, "--strokes", name]).refused("file_wrong");
        world.phone(WORKER, &["draft", &id, "--from", name]).refused("file_wrong");
        world.phone(WORKER, &["report", "--from", name]).refused("file_wrong");
    }
    std::fs::write(world.path("bytes"), [0xFF, 0xFE, 0x00]).unwrap();
    world.phone(WORKER, &["text", &id, "minutes", "--from", "bytes"]).refused("file_not_text");
    let case = world.record(WORKER, &["show", &id]);
    assert_eq!(case["history"].as_array().map(Vec::len), Some(1), "nothing of it was recorded");
}

#[test]
fn programs_read_what_people_read() {
    let world = World::new();
    world.enrol(WORKER);
    let visit =
        world.record(WORKER, &["visit", "--building", "ncg-1-a", "--at", "401", "--door", "met", "--asked", "暖气不热"]);
    let case = world.record(
        WORKER,
        &["report", "--visit", "last", "--title", "暖气不热", "--category", "公共设施", "--building", "ncg-1-a"],
    );
    assert_eq!(world.record(WORKER, &["show", visit["id"].as_str().unwrap()])["cases"][0], case["id"]);
    // A file of standard input, as another program writes it.
    let home = world.file(WORKER);
    let record = r#"{"channel":"hotline","title":"井盖松动","category":"安全隐患","account":"夜里响",
        "place":{"community":"nanchenggen","grid":"ncg-1","detail":"东门"}}"#;
    let clock = world.file("clock");
    let line = ["phone", "--home", &home, "--clock-file", &clock, "report", "--from", "-", "--json"];
    let piped = world.run_with("zh", &line, record).json();
    assert_eq!(
        (piped["title"].as_str(), piped["history"][0]["record"]["channel"].as_str()),
        (Some("井盖松动"), Some("hotline"))
    );

    // What may be the same concern is said with its reason, and nothing is merged.
    let again = world.record(WORKER, &["report", "--title", "井盖又响", "--category", "安全隐患", "--at", "东门"]);
    assert_eq!((again["alike"][0]["id"].as_str(), again["stage"].as_str()), (piped["id"].as_str(), Some("received")));
    assert_eq!(again["alike"][0]["why"], serde_json::json!(["same_place", "same_category"]));
    let told = world.phone(WORKER, &["report", "--title", "井盖", "--category", "安全隐患", "--at", "东门"]).ok();
    assert!(told.contains("可能是同一件事") && told.contains("地点相同、类别相同"), "{told}");
    for id in [again["id"].as_str().unwrap(), "last"] {
        world.phone(WORKER, &["withdraw", id, "--why", "x"]).refused("not_allowed");
    }

    let rows = world.record(WORKER, &["list"]);
    let titles: Vec<&str> = rows.as_array().unwrap().iter().filter_map(|row| row["title"].as_str()).collect();
    assert_eq!(titles.len(), 4);
    assert!(titles.contains(&"井盖松动") && titles.contains(&"暖气不热"));
    assert_eq!(world.record(WORKER, &["list", "--text", "井盖松"]).as_array().map(Vec::len), Some(1));
    let found = world.record(WORKER, &["search", "松动"]);
    assert_eq!((found["hits"][0]["row"]["title"].as_str(), found["nearest"].as_bool()), (Some("井盖松动"), Some(false)));
    assert!(world.phone(WORKER, &["search", "松动"]).ok().contains("井盖【松动】"));
    assert!(world.phone(WORKER, &["search", "没有的"]).ok().contains("没有找到"));
    let day = world.record(WORKER, &["day"]);
    let unsent = day["sections"].as_array().unwrap().iter().find(|section| section["section"] == "unsent").unwrap();
    assert_eq!(
        (day["on"].as_str(), unsent["count"].as_u64(), day["calendar_known"].as_bool()),
        (Some("2026-05-08"), Some(5), Some(true))
    );
    // Three working days later the sitting is overdue: the ninth is a Saturday that is worked.
    world.tick(5 * 24 * 60);
    let text = world.phone(WORKER, &["day"]).ok();
    assert!(
        text.contains("2026年5月13日 星期三") && text.contains("已超期（4）") && text.contains("已超期1个工作日"),
        "{text}"
    );
    for args in [&["status"][..], &["pending"], &["directory"], &["template"], &["route"], &["coverage", "--since", "today"]] {
        world.record(WORKER, args);
    }
    assert!(world.record(WORKER, &["export"]).as_array().unwrap().iter().any(|ledger| ledger["id"] == "cases"));
    let cases: Value = world.phone(WORKER, &["export", "cases", "--format", "json", "--out", "-"]).json();
    assert_eq!(cases.as_array().map(Vec::len), Some(4));
    assert_eq!(world.record(WORKER, &["export", "visits", "--out", "visits.csv"])["lines"], 1);
    assert!(std::fs::read(world.path("visits.csv")).unwrap().starts_with("\u{feff}".as_bytes()), "as Excel in China opens it");
    assert!(world.phone(WORKER, &["export", "cases", "--out", "cases.xlsx"]).ok().contains("4 行"));
    assert!(std::fs::read(world.path("cases.xlsx")).unwrap().starts_with(b"PK"));
    world.phone(WORKER, &["export", "cases", "--out", "cases.doc"]).nonsense("format_missing");
    world.phone(WORKER, &["export", "nothing", "--out", "a.csv"]).refused("ledger_unknown");
    let offers = world.record(WORKER, &["offers", "last"]);
    let offer = |kind: &str| offers.as_array().unwrap().iter().find(|offer| offer["kind"] == kind).cloned().unwrap_or_default();
    assert_eq!(offer("open_consultation")["allowed"], true);
    assert_eq!((offer("conclude_consultation")["code"].as_str(), offer("close")), (Some("no_open_consultation"), Value::Null));

    world.phone(WORKER, &["text", "last", "minutes", "--append", "第一行"]).ok();
    world.phone(WORKER, &["text", "last", "minutes", "--append", "第二行"]).ok();
    assert_eq!(world.phone(WORKER, &["text", "last", "minutes"]).ok(), "第一行\n第二行\n");
    world.phone(WORKER, &["note", "last", "反映人来电"]).ok();
    std::fs::write(world.path("photo.jpg"), [0xFF, 0xD8, 0xFF]).unwrap();
    world.phone(WORKER, &["attach", "last", "photo.jpg", "--caption", "井盖"]).refused("attachment_damaged");
    let photo = b"\xff\xd8\xff\xfe\0\x08SECRET\xff\xda\0\x02picture\xff\xd9";
    std::fs::write(world.path("photo.txt"), photo).unwrap();
    world.phone(WORKER, &["attach", "last", "photo.txt", "--caption", "井盖", "--preview", "photo.txt"]).ok();
    assert_eq!(world.record(WORKER, &["pending"])["attachments_waiting"], 1);
    let told = world.phone(WORKER, &["sync"]).ok();
    assert!(told.contains("附件已上传 1 个"), "{told}");
    let listed = world.record(WORKER, &["attachments", "last"]);
    assert_eq!((listed[0]["media"].as_str(), listed[0]["state"].as_str()), (Some("image/jpeg"), Some("stored")));
    world.phone(WORKER, &["fetch", "last", "1", "--out", "again.jpg"]).ok();
    assert_eq!(std::fs::read(world.path("again.jpg")).unwrap(), b"\xff\xd8\xff\xda\0\x02picture\xff\xd9");
    world.phone(WORKER, &["fetch", "last", "2", "--out", "again.jpg"]).refused("attachment_none");
}

#[test]
fn households_are_kept_and_walked_by() {
    let world = World::new();
    world.enrol(WORKER);
    let here = world.record(WORKER, &["household", "register", "--building", "ncg-1-a", "--at", "401"]);
    let there = world.record(WORKER, &["household", "register", "--building", "ncg-1-b", "--at", "102"]);
    let (here, there) = (here["id"].as_str().unwrap(), there["id"].as_str().unwrap());
    let resident =
        ["household", "resident", here, "--name", "赵国庆", "--phone", "13800000000", "--born", "1948", "--relation", "户主"];
    world.phone(WORKER, &resident).ok();
    world.phone(WORKER, &["household", "tag", here, "独居老人", "--who", "赵国庆"]).ok();
    world.phone(WORKER, &["household", "tag", here, "没有的标签"]).nonsense("unknown_tag");
    world.phone(WORKER, &["household", "left", here, "--who", "某某", "--why", "moved"]).refused("no_resident");
    let corrected = world.record(WORKER, &["household", "resident", here, "--who", "赵国庆", "--phone", "13900000000"]);
    let one = &corrected["residents"][0];
    assert_eq!(
        (one["phone"].as_str(), one["born"].as_i64(), one["tags"][0].as_str()),
        (Some("13900000000"), Some(1948), Some("独居老人"))
    );
    world.phone(WORKER, &["visit", "--household", here, "--door", "nobody_home", "--planned"]).ok();
    let route = world.record(WORKER, &["route"]);
    assert_eq!((route[0]["household"].as_str(), route[1]["last_door"].as_str()), (Some(there), Some("nobody_home")));
    let coverage = world.record(WORKER, &["coverage", "--since", "today"]);
    assert_eq!((coverage[0]["households"].as_u64(), coverage[0]["visited"].as_u64()), (Some(2), Some(1)));
    let moved = world.record(WORKER, &["household", "move", here, "--who", "赵国庆", "--to", there]);
    assert_eq!((moved["id"].as_str(), moved["residents"][0]["name"].as_str()), (Some(there), Some("赵国庆")));
    let text = world.phone(WORKER, &["show", here]).ok();
    assert!(text.contains("无人居住") && text.contains("迁出"), "{text}");
    world.phone(WORKER, &["sync"]).ok();
}
