//! What a household costs on the wire.

use doorstep_core::household::Command;
use doorstep_core::id::DocKind;
use doorstep_core::store::Query;
use doorstep_tests::World;

use super::{at, record, registered, somebody, tag};

#[test]
fn a_household_of_three_with_tags_and_a_note_is_a_kilobyte_and_its_row_a_third_of_it() {
    let world = World::new(1);
    let (mut worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let home = registered(&worker, "ncg-1", "3号楼2单元401");
    for (name, relation, born) in [("李秀英", "户主", 1941), ("张建国", "儿子", 1968), ("王小明", "孙子", 2001)]
    {
        let mut resident = somebody(worker.device().new_resident(), name);
        (resident.phone, resident.relation, resident.born) = ("13500000000".into(), relation.into(), Some(born));
        if born == 1941 {
            resident.tags = vec!["独居老人".into()];
        }
        record(&worker, home, resident).unwrap();
    }
    tag(&worker, home, "低保", None);
    worker.device().run_household(home, &Command::Note { text: "钥匙在对门".into() }).unwrap();
    worker.settle();
    let row = worker.device().rows(&Query::first(DocKind::Household, 1)).unwrap().remove(0);
    let row = minicbor_serde::to_vec(&row).unwrap().len();
    let save = worker.document(home).save().len();
    let report = lead.synced();
    let (plain, wire) = (report.plain.down, report.wire.unwrap().down);
    eprintln!("a household: save {save}, row {row}, pulled {plain} plain, {wire} with headers and compressed; bytes");
    assert!(save < 1_000 && row < 400 && plain < 1_700, "{save} {row} {plain}");
    // A visit to it, as everybody in the grid hears of it.
    worker.device().visit_household(home, doorstep_core::visit::Door::Met, true, "一切都好").unwrap();
    worker.settle();
    let report = lead.synced();
    eprintln!("a visit to it: pulled {} plain", report.plain.down);
    assert!(report.plain.down < 1_000, "{}", report.plain.down);
    assert_eq!(lead.device().household_at(&at("ncg-1", "3号楼2单元401")).unwrap(), Some(home));
}
