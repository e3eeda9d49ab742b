//! `admin show` and `admin apply`: an office edits its directory as a file.

use super::world::World;

#[test]
fn an_office_edits_its_directory_and_nobody_overwrites_another() {
    let world = World::new();
    world.enrol("w-ncg-1");
    let data = world.data();
    let show = || world.run("zh", &["admin", "show", "--data", &data]).ok();
    let apply = |name: &str, text: &str, rest: &[&str]| {
        std::fs::write(world.path(name), text).unwrap();
        world.run("zh", &[&["admin", "apply", name, "--data", &data], rest].concat())
    };
    let first = show();
    assert!(first.contains("version = 1\n"));
    assert!(apply("same.toml", &first, &[]).ok().contains("没有改动"));
    assert_eq!(show(), first, "nothing changes nothing");

    let edited = first.replace("rounds = 3 ", "rounds = 2 ").replace("name = \"电信局\"", "name = \"电信公司\"");
    let told = apply("edited.toml", &edited, &["--dry-run"]).ok();
    assert!(told.contains("~ 单位 telecom  电信局 → 电信公司") && told.contains("~ 政策 rounds  3 → 2"), "{told}");
    assert_eq!(show(), first, "a dry run changes nothing");
    let changes = apply("edited.toml", &edited, &["--dry-run", "--json"]).json();
    assert_eq!(
        (changes["changes"][0]["what"].as_str(), changes["changes"][0]["change"].as_str()),
        (Some("org"), Some("changed"))
    );
    apply("edited.toml", &edited, &[]).ok();

    // Two administrators began with the same version: the second begins anew.
    apply("late.toml", &first.replace("effect_check_days = 3", "effect_check_days = 4"), &[]).refused("directory_outdated");
    apply("bare.toml", &first.replace("version = 1\n", ""), &[]).refused("version_missing");
    apply("typo.toml", &show().replace("rounds =", "ruonds ="), &[]).refused("file_wrong");
    apply("torn.toml", &show().replace("id = \"telecom\"", "id = \"telekom\""), &[]).refused("directory_wrong");
    assert!(show().contains("version = 2\n"));

    // Phones have it with their next sync, and a post that the file leaves out is over.
    let gone = show().replace("grids = [\"ncg-1\"]", "grids = [\"ncg-2\"]");
    apply("moved.toml", &gone, &[]).ok();
    assert!(show().contains("已卸任 · ended: grid_worker nanchenggen"));
    assert_eq!(world.record("w-ncg-1", &["sync"])["directory"], 3);
    let directory = world.record("w-ncg-1", &["directory"]);
    assert_eq!(directory["policy"]["rounds"], 2);
    let report = ["report", "--title", "x", "--category", "其他"];
    let reported = world.record("w-ncg-1", &report);
    assert_eq!(reported["place"]["grid"], "ncg-2");
    world.phone("w-ncg-1", &[&report[..], &["--grid", "ncg-1"]].concat()).refused("not_allowed");
}

#[test]
fn a_ledger_that_shows_a_field_there_is_none_of_is_refused_before_any_phone_has_it() {
    let world = World::new();
    let data = world.data();
    let present = world.run("zh", &["admin", "show", "--data", &data]).ok();
    let ledger = |field: &str| {
        format!(
            "{present}\n[[ledgers]]\nid = \"ours\"\ntitle = \"小事表\"\nof = \"cases\"\ncolumns = [{{ field = \"{field}\", title = \"问题\" }}]\n"
        )
    };
    let apply = |name: &str, text: &str| {
        std::fs::write(world.path(name), text).unwrap();
        world.run("zh", &["admin", "apply", name, "--data", &data])
    };
    apply("wrong.toml", &ledger("titel")).refused("ledger_field");
    apply("right.toml", &ledger("title")).ok();
}
