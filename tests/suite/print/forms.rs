//! What stands on each form.

use std::collections::BTreeSet;

use doorstep_core::agreement::{Dynamics, Sample};
use doorstep_core::device::Attaching;

use super::*;

#[test]
fn the_agreement_says_on_paper_what_was_signed_word_for_word() {
    let (world, prints) = (World::new(501), Prints::new());
    let phone = world.phone("w-ncg-1");
    let (case, agreement) = signed(&world, &phone, &draft(&world));
    let path = prints.keep("agreement", &print(&phone, case, Form::Agreement, Copy::Party));
    let pages = words(&path);
    assert_eq!(pages.len(), 3, "two pages and the annex with acts and codes");
    let all: String = pages.concat();
    let bundle = doorstep_core::agreement::Bundle::read(&agreement.bytes).unwrap();
    let number = agreement.check_number.replace(' ', "");
    for line in bundle.body.text.lines() {
        // The list of commitments is a table on paper: its parts are looked for below.
        let listed = line.split_once('．').is_some_and(|(place, _)| place.parse::<u8>().is_ok());
        let words: String = line.split_whitespace().collect();
        assert!(listed || line == "履行事项：" || all.contains(&words), "{line}\n{all}");
    }
    for (place, page) in (1..).zip(&pages) {
        assert!(page.ends_with(&format!("核验码{number}当事人联第{place}页共{}页", pages.len())), "{page}");
    }
    for words in [
        "3800元",
        "2026年",
        "当事人甲（签名）：张建国",
        "见证人（签名）：陈志强（片区民警）",
        "已封存",
        "未登记",
        "未盖章",
        "（印章）",
    ] {
        assert!(all.contains(words), "{words}\n{all}");
    }
    // Each signer's own statement, and every digest, in the annex.
    for signed in &bundle.acts {
        let statement: String = signed.act().statement.split_whitespace().collect();
        let annex = pages.iter().find(|page| page.contains("签署记录")).unwrap_or_else(|| panic!("no annex: {all}"));
        assert!(annex.chars().filter(|c| statement.contains(*c)).count() > 20, "{annex}");
    }
    assert!(all.contains(&bundle.digest.to_string()));
}

#[test]
fn every_form_is_filled_from_what_was_recorded_once() {
    let (world, prints) = (World::new(502), Prints::new());
    let (phone, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (case, _) = followed_up(&world, &phone, &lead);
    let expected: [(Form, &[&str]); 6] = [
        (
            Form::Intake,
            &["人民调解受理登记表", "来人", "李秀英", "13800000000", "吊顶塌了一块", "邻里纠纷", "签署协议，核验码"],
        ),
        (Form::Notice, &["权利义务告知书", "选择或者接受人民调解员", "司法确认", "当事人（签名）张建国："]),
        (Form::Consultations, &["人民调解记录", "第1次协商", "入户商", "片区民警", "䶮㛃𬱖𫖯〇", "达成一致", "找过楼上两次"]),
        (Form::Performance, &["协议履行情况记录", "已履行：闭水48小时未见渗漏", "（原定", "3800元", "办结情况：防水修好"]),
        (Form::FollowUp, &["人民调解回访记录", "吊顶已修复", "满意", "修得很好", "电话"]),
        (Form::Draft, &["人民调解协议书", "纸面签署稿", "亲笔签名", "3800元", "当事人乙（签名）"]),
    ];
    for (form, texts) in expected {
        let path = prints.keep(form.name(), &print(&phone, case, form, Copy::Committee));
        let all = words(&path).concat();
        for text in texts {
            assert!(all.contains(text), "{}: {text}\n{all}", form.name());
        }
        assert!(!all.contains('〓'), "{}: {all}", form.name());
    }
}

#[test]
fn the_dossier_holds_all_of_them_with_pages_numbered_through_and_a_right_table_of_contents() {
    let (world, prints) = (World::new(503), Prints::new());
    let (phone, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (case, _) = followed_up(&world, &phone, &lead);
    let pages = words(&prints.keep("dossier", &print(&phone, case, Form::Dossier, Copy::Committee)));
    let count = pages.len();
    for (place, page) in (1..).zip(&pages) {
        assert!(page.ends_with(&format!("第{place}页共{count}页")), "{page}");
    }
    assert!(pages[0].contains("人民调解卷宗") && pages[0].contains(&format!("卷内页数：{count}页")), "{}", pages[0]);
    let contents = &pages[1];
    for title in [
        "人民调解受理登记表",
        "权利义务告知书",
        "人民调解记录",
        "人民调解协议书",
        "协议履行情况记录",
        "人民调解回访记录",
        "卷内备考表",
    ] {
        let begins = pages.iter().skip(2).position(|page| page.starts_with(title)).map(|place| place + 3);
        let begins = begins.unwrap_or_else(|| panic!("no page begins with {title}"));
        let (_, after) = contents.split_once(title).unwrap();
        // The day, if there is one, then the page.
        let after = after.split_once('日').filter(|(day, _)| day.starts_with("2026年")).map_or(after, |(_, rest)| rest);
        assert!(after.starts_with(&begins.to_string()), "{title} begins on {begins}: {contents}");
    }
}

#[test]
fn a_partys_copy_names_no_attachment_no_telephone_number_and_holds_no_dynamics() {
    let (world, prints) = (World::new(504), Prints::new());
    let phone = world.phone("w-ncg-1");
    let case = drafted(&world, &phone, &draft(&world));
    let recording = crate::attachments::recording(7, 4_000);
    let attaching = Attaching { caption: "邻居家吊顶照片", ..Attaching::default() };
    phone.device().attach(case, &mut &recording[..], &attaching).unwrap();
    phone.device().freeze(case, Terms { number: None, mediator: Some("王敏".into()) }).unwrap();
    let samples = (0..50).map(|n| Sample { at_ms: n * 8, pressure: Some(300) }).collect();
    let dynamics = Dynamics::new(samples, phone.entropy.as_ref());
    for signing in hands(&phone) {
        let signing = Signing { dynamics: Some(dynamics.digest()), dynamics_consent: true, ..signing };
        phone.device().sign(case, signing, false).unwrap();
    }
    phone.device().seal(case).unwrap();
    let kept = prints.keep("dossier-committee", &print(&phone, case, Form::Dossier, Copy::Committee));
    let theirs = print(&phone, case, Form::Dossier, Copy::Party);
    let given = prints.keep("dossier-party", &theirs);
    let (kept, given) = (words(&kept).concat(), words(&given).concat());
    for secret in ["邻居家吊顶照片", "13800000000"] {
        assert!(kept.contains(secret) && !given.contains(secret), "{secret}");
    }
    let holds = |what: &[u8]| theirs.windows(what.len()).any(|window| window == what);
    assert!(holds(b"doorstep-agreement") && holds(dynamics.digest().as_bytes()), "the search finds what is there");
    assert!(!holds(&dynamics.to_bytes()[4..36]) && !holds(&recording[..64]), "neither salt nor samples nor the recording");
}

#[test]
fn the_committees_seal_stands_on_the_page_where_the_last_of_them_signed_however_long_the_text() {
    let (world, prints) = (World::new(506), Prints::new());
    let phone = world.phone("w-ncg-1");
    let Command::DraftAgreement { dispute, parties, facts, commitments, .. } = draft(&world) else { unreachable!() };
    let mut pages_of_seal = BTreeSet::new();
    for lines in (0..48).step_by(3) {
        let terms = "双方自愿达成协议。\n".repeat(lines + 1);
        let (parties, facts, commitments) = (parties.clone(), facts.clone(), commitments.clone());
        let (case, _) = signed(&world, &phone, &Command::DraftAgreement { dispute, parties, facts, terms, commitments });
        let pages = words(&prints.keep(&format!("seal-{lines}"), &print(&phone, case, Form::Agreement, Copy::Party)));
        let at =
            |words: &str| pages.iter().position(|page| page.contains(words)).unwrap_or_else(|| panic!("{words}: {pages:?}"));
        assert_eq!(at("（印章）"), at("人民调解员（签名）"), "{lines} lines more");
        pages_of_seal.insert(at("（印章）"));
    }
    assert!(pages_of_seal.len() > 1, "they stood on either side of a page's end: {pages_of_seal:?}");
}

#[test]
fn very_long_and_empty_fields_and_many_parties_stay_on_the_paper() {
    let (world, prints) = (World::new(505), Prints::new());
    let phone = world.phone("w-ncg-1");
    let names: Vec<String> = (0..20).map(|n| format!("当事人姓名第{n}号䶮㛃𬱖𫖯〇")).collect();
    let long = "因楼上（401室）漏水，致楼下“吊顶”、墙面等处受损，费用共计3,800.00元；".repeat(30);
    let Command::DraftAgreement { dispute, .. } = draft(&world) else { unreachable!() };
    let due = world.clock.now().date().plus_days(9);
    let commitment = |n: usize| Commitment {
        party: names[n % names.len()].clone(),
        deed: if n == 0 { long.chars().take(500).collect() } else { format!("第{n}项") },
        due,
        amount_fen: (n.is_multiple_of(3)).then_some(123_456_789_012),
    };
    let many = Command::DraftAgreement {
        dispute,
        parties: names.iter().map(|name| Party { name: name.clone(), kind: PartyKind::Resident }).collect(),
        facts: long.clone(),
        terms: format!("https://example.org/{}\n\n{long}", "a".repeat(300)),
        commitments: (0..100).map(commitment).collect(),
    };
    let case = drafted(&world, &phone, &many);
    let path = prints.keep("long", &print(&phone, case, Form::Draft, Copy::Party));
    let pages = words(&path);
    assert!(pages.len() > 8, "{}", pages.len());
    let heads = pages.iter().filter(|page| page.contains("序义务人履行事项金额期限")).count();
    assert!(heads >= 4, "the heads stand on each page of the table: {heads}");
    let all = pages.concat();
    assert!((1..100).all(|n| all.contains(&format!("第{n}项"))));
    // Nothing is printed beyond the margins.
    let boxes = String::from_utf8(tool_out("pdftotext", &["-bbox"], &path)).unwrap();
    let inside = |line: &str| {
        let number = |name: &str| line.split_once(name).and_then(|(_, rest)| rest.split('"').next()?.parse::<f64>().ok());
        number("xMin=\"").zip(number("xMax=\"")).is_none_or(|(left, right)| left > 70.0 && right < 595.3 - 60.0)
    };
    for line in boxes.lines().filter(|line| line.contains("<word")) {
        assert!(inside(line), "{line}");
    }
    // Nothing recorded at all but a report.
    let bare = phone.device().report(scenes::reported("空")).unwrap().id;
    for form in [Form::Intake, Form::Notice, Form::Consultations, Form::Performance, Form::FollowUp, Form::Dossier] {
        prints.keep(&format!("bare-{}", form.name()), &print(&phone, bare, form, Copy::Committee));
    }
    for form in [Form::Agreement, Form::Draft] {
        let error = phone.device().print(bare, form, Copy::Party, paper()).unwrap_err();
        assert_eq!(error.code(), "nothing_to_print");
    }
}

fn tool_out(name: &str, arguments: &[&str], file: &Path) -> Vec<u8> {
    let output = Process::new(name).args(arguments).arg(file).arg("-").output().unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
fn a_receipt_stands_on_the_paper_once_the_phone_has_it() {
    let (world, prints) = (World::new(506), Prints::new());
    let phone = world.phone("w-ncg-1");
    let (case, sealed) = signed(&world, &phone, &draft(&world));
    let before = print(&phone, case, Form::Agreement, Copy::Party);
    phone.settle();
    phone.device().sync_evidence(phone.network.as_ref()).unwrap();
    let after = print(&phone, case, Form::Agreement, Copy::Party);
    assert!(before != after);
    let all = words(&prints.keep("registered", &after)).concat();
    assert!(all.contains("已登记：服务器日志第1条") && !all.contains("未登记"), "{all}");
    let carried = doorstep_core::print::extract(&after).unwrap();
    assert_eq!(carried, file(&phone, &sealed));
    assert!(doorstep_core::agreement::verify(carried).holds());
}
