//! A phone whose database is damaged: the file is kept as it is, a new one begun, and what was unsent comes through or is kept
//! to be read. Whatever page is lost, nothing goes in silence.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use doorstep_core::case::TextName;
use doorstep_core::device::{Device, Packet, PacketForm, Rescued, Terms};
use doorstep_core::environment::Clock as _;
use doorstep_core::id::DocId;
use doorstep_tests::phone::FILE;
use doorstep_tests::{Phone, World, scenes};

/// Bytes of a page.
const PAGE: usize = 4096;

/// Everything in the phone's folder, byte for byte.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Opens the phone as a host does that rescues a damaged database.
fn open(phone: &mut Phone) -> Option<Rescued> {
    phone.off();
    let (device, rescued) = Device::open_or_rescue(&phone.dir.join(FILE), || phone.options(), phone.host()).unwrap();
    drop(device);
    phone.reopen();
    rescued
}

/// As [`open`], and a check behind it, as somebody does whose phone behaves strangely.
fn open_and_check(phone: &mut Phone) -> Option<Rescued> {
    if let Some(rescued) = open(phone) {
        return Some(rescued);
    }
    if phone.device().check().is_ok() {
        return None;
    }
    phone.off();
    let (device, rescued) = Device::rescue(&phone.dir.join(FILE), phone.options(), phone.host()).unwrap();
    drop(device);
    phone.reopen();
    Some(rescued)
}

/// What a packet says, all of it.
fn says(packets: &[Packet], words: &str) -> bool {
    packets.iter().any(|packet| packet.text().contains(words) && packet.json().contains(words))
}

/// A phone with sent and unsent work: notes in a case that the server has, typed text, and a case that only it has.
fn with_work(seed: u64) -> (World, Phone, DocId, DocId) {
    work_in(World::new(seed))
}

fn work_in(world: World) -> (World, Phone, DocId, DocId) {
    let phone = world.phone("w-ncg-1");
    let sent = scenes::report(&phone, "已传的事");
    phone.device().run(sent, &scenes::note("已传")).unwrap();
    phone.settle();
    for number in 0..6 {
        phone.device().run(sent, &scenes::note(&format!("未传之{number}。"))).unwrap();
    }
    phone.device().run(sent, &scenes::add_text(&phone, sent, TextName::Minutes, "输入的文本。")).unwrap();
    let own = scenes::report(&phone, "未传的事");
    phone.device().run(own, &scenes::note("未传的事里的备注")).unwrap();
    (world, phone, sent, own)
}

#[test]
fn a_database_without_its_header_is_kept_and_said_to_be_lost_and_a_new_one_begun() {
    let (world, mut phone, _, _) = with_work(1);
    phone.off();
    let path = phone.dir.join(FILE);
    let mut bytes = fs::read(&path).unwrap();
    bytes[..PAGE].fill(0);
    fs::write(&path, &bytes).unwrap();
    let rescued = open(&mut phone).expect("it was rescued");
    assert_eq!(fs::read(&rescued.damaged).unwrap(), bytes, "the damaged file is what it was");
    let packets = phone.device().packets().unwrap();
    assert!(packets.iter().any(|packet| packet.code == "part_unreadable"), "{packets:?}");
    // Enrolled anew, it works.
    let code = world.code("w-ncg-1");
    phone.device().enrol(phone.network.as_ref(), &code.typed, "http://127.0.0.1:1", "").unwrap();
    phone.settle();
    scenes::report(&phone, "之后");
    phone.settle();
    assert_eq!(phone.device().packets().unwrap().len(), packets.len(), "what was lost stays said");
}

#[test]
fn whatever_page_is_lost_what_was_unsent_arrives_or_is_read_or_is_said_to_be_missing() {
    each_page_lost(2, &|| with_work(2));
}

#[test]
fn whatever_page_of_a_plain_database_is_lost_the_same_holds() {
    each_page_lost(2, &|| {
        let world = World::new(2);
        world.plain_phones();
        work_in(world)
    });
}

/// Loses one page after another, or every `step`th.
fn each_page_lost(step: usize, with_work: &dyn Fn() -> (World, Phone, DocId, DocId)) {
    let (_world, mut phone, _, _) = with_work();
    phone.off();
    let pages = fs::read(phone.dir.join(FILE)).unwrap().len() / PAGE;
    assert!(pages > 20, "{pages}");
    let (mut rescues, mut whole, mut read, mut missing) = (0, 0, 0, 0);
    for page in (1..pages).step_by(step) {
        let (world, mut phone, sent, own) = with_work();
        phone.off();
        let path = phone.dir.join(FILE);
        let mut bytes = fs::read(&path).unwrap();
        bytes[page * PAGE..(page + 1) * PAGE].fill(0);
        fs::write(&path, &bytes).unwrap();
        let Some(rescued) = open_and_check(&mut phone) else { continue };
        rescues += 1;
        assert_eq!(fs::read(&rescued.damaged).unwrap(), bytes, "page {page}");
        assert_eq!(rescued.gaps == 0, !phone.device().packets().unwrap().iter().any(|one| one.code == "part_unreadable"));
        if phone.device().enrolled().is_none() {
            let code = world.code("w-ncg-1");
            phone.device().enrol(phone.network.as_ref(), &code.typed, "http://127.0.0.1:1", "").unwrap();
        }
        for _ in 0..3 {
            phone.settle();
        }
        assert_eq!(phone.pending().counts.unreadable, 0, "page {page}: {:?}", phone.device().packets());
        let lead = world.phone("lead-ncg");
        let packets = phone.device().packets().unwrap();
        let view = lead.device().case(sent).unwrap();
        let minutes = lead.device().text(sent, TextName::Minutes).unwrap();
        let other = lead.device().case(own);
        let mut arrived = (0..6)
            .map(|number| format!("未传之{number}。"))
            .map(|words| (view.history.iter().any(|line| line.text.contains(&words)), words))
            .collect::<Vec<_>>();
        arrived.push((minutes.contains("输入的文本。"), "输入的文本。".into()));
        arrived.push((other.is_ok(), "未传的事".into()));
        let noted = other.is_ok_and(|view| view.history.iter().any(|line| line.text.contains("未传的事里的备注")));
        arrived.push((noted, "未传的事里的备注".into()));
        for (arrived, words) in &arrived {
            if *arrived {
                whole += 1;
            } else if says(&packets, words) {
                read += 1;
            } else {
                assert!(rescued.gaps > 0, "page {page}: {words} is gone, and nobody says so: {packets:?}");
                missing += 1;
            }
        }
    }
    eprintln!("{rescues} rescues of {pages} pages: {whole} arrived, {read} to be read, {missing} said to be missing");
    assert!(rescues > pages / step / 2, "{rescues} of {pages}");
    assert!(whole > 20 * missing, "{whole} arrived, {read} to be read, {missing} missing");
}

#[test]
fn what_stands_only_in_the_log_is_rescued_too() {
    let (world, mut phone, sent, _) = with_work(3);
    // As after a dead battery: file and log as they lie on the disk, nothing written back.
    let dir = world.dir().join("crashed");
    fs::create_dir(&dir).unwrap();
    for (path, bytes) in files(&phone.dir) {
        fs::write(dir.join(path.file_name().unwrap()), bytes).unwrap();
    }
    let log = fs::metadata(dir.join(format!("{FILE}-wal"))).unwrap().len();
    assert!(log > 0, "there is a log");
    phone.off();
    phone.dir = dir;
    let device = Device::rescue(&phone.dir.join(FILE), phone.options(), phone.host()).unwrap();
    assert!(device.1.queued >= 9, "{:?}", device.1);
    drop(device);
    phone.reopen();
    for _ in 0..3 {
        phone.settle();
    }
    assert_eq!(phone.set_aside(), Vec::<String>::new());
    assert_eq!(world.phone("lead-ncg").device().case(sent).unwrap().history.len(), 8);
}

#[test]
fn a_rescue_cut_off_between_its_renamings_is_finished_by_the_next_opening() {
    for cut in 0..2 {
        let (world, mut phone, sent, _) = with_work(4);
        phone.off();
        let path = phone.dir.join(FILE);
        let before = files(&phone.dir);
        let device = Device::rescue(&path, phone.options(), phone.host()).unwrap();
        let damaged = device.1.damaged.clone();
        drop(device);
        // Back to where a kill would have left it: the new one beside, the damaged one away (with its log, or before it).
        fs::rename(&path, phone.dir.join(format!("{FILE}.rescued"))).unwrap();
        if cut == 1 {
            fs::write(phone.dir.join(format!("{FILE}-wal")), b"somebody else's log").unwrap();
        }
        phone.reopen();
        assert_eq!(fs::read(damaged).unwrap(), before[&path]);
        for _ in 0..3 {
            phone.settle();
        }
        assert_eq!(world.phone("lead-ncg").device().case(sent).unwrap().history.len(), 8, "cut {cut}");
    }
}

#[test]
fn a_signing_under_way_goes_on_after_a_rescue() {
    let world = World::new(5);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::drafted(&world, &phone);
    phone.settle();
    phone.device().freeze(case, Terms::default()).unwrap();
    scenes::sign_all(&phone, case);
    phone.off();
    drop(Device::rescue(&phone.dir.join(FILE), phone.options(), phone.host()).unwrap());
    phone.reopen();
    phone.settle();
    let sealed = phone.device().seal(case).unwrap();
    phone.settle();
    let lead = world.phone("lead-ncg");
    assert!(lead.device().fetch_bundle(lead.network.as_ref(), &sealed.bundle).unwrap().is_some());
    assert!(world.clock.now().0 > 0);
}

#[test]
fn a_packet_says_which_record_what_when_and_why_in_both_languages() {
    let world = World::new(6);
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    phone.settle();
    world.end_posts("w-ncg-1");
    phone.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    phone.device().run(case, &scenes::add_text(&phone, case, TextName::Minutes, "记到一半")).unwrap();
    phone.synced();
    let packets = phone.device().packets().unwrap();
    assert_eq!(packets.len(), 2);
    let text = packets[0].text();
    for words in [
        "一件事",
        &case.to_string(),
        "w-ncg-1",
        "2026-05-08 09:00",
        "开始协商",
        "open a consultation",
        "恢复供水",
        "现场商",
        "名录中没有此人",
        "not in the directory",
        "unknown_person",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(packets[1].text().contains("记到一半"), "{}", packets[1].text());
    let mut json = Vec::new();
    phone.device().export_packet(&packets[0].name, PacketForm::Json, &mut json).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["doc"], case.to_string());
    assert_eq!(json["fields"]["elements"]["what"], "恢复供水");
    assert_eq!(json["why"]["en"], packets[0].why(doorstep_core::words::Lang::En));
    assert!(json["change"].as_str().unwrap().len() > 100);
    assert!(phone.device().dismiss_packet(&packets[0].name).unwrap());
    assert_eq!(phone.device().packets().unwrap().len(), 1);
    assert_eq!(phone.device().packet("c000000000000").unwrap_err().code(), "not_found");
}
