//! Two persons on one phone: each has their own database, key and lists. Whatever one does, the other's work is neither seen nor
//! touched.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_core::device::{Device, Host, Options, Query};
use doorstep_core::host::{Folder, SoftwareSigner, SystemEntropy};
use doorstep_core::id::{DocId, DocKind};
use doorstep_core::words::Lang;
use doorstep_tests::{World, scenes};

use super::revoke;

/// The person's device in their folder of the phone.
fn open(world: &World, folder: &Folder) -> Device {
    let entropy = SystemEntropy::new().unwrap();
    let host = Host {
        clock: Arc::new(world.clock.clone()),
        installation: folder.installation(&entropy).unwrap(),
        signer: Arc::new(SoftwareSigner::load_or_create(&folder.key(), &entropy).unwrap()),
        entropy: Arc::new(entropy),
        lang: Lang::Zh,
    };
    Device::open(&folder.store(), Options::default(), host).unwrap()
}

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    entries.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn cases(device: &Device) -> Vec<DocId> {
    device.rows(&Query::first(DocKind::Case, 50)).unwrap().into_iter().map(|row| row.doc).collect()
}

#[test]
fn two_persons_on_one_phone_never_see_or_lose_each_others_work() {
    let world = World::new(1);
    let wire = world.new_phone("w-ncg-1");
    let phone = Folder::open(world.dir().join("shared")).unwrap();
    let (first, second) = (phone.of_person("w-ncg-1").unwrap(), phone.of_person("w-ncg-2").unwrap());
    let (one, other) = (open(&world, &first), open(&world, &second));
    let way = wire.network.as_ref();
    for (device, person) in [(&one, "w-ncg-1"), (&other, "w-ncg-2")] {
        device.enrol(way, &world.code(person).typed, "http://127.0.0.1:1", "").unwrap();
        device.sync(way).unwrap();
    }
    let of_one = one.report(scenes::reported("第一个人的，未传")).unwrap().id;
    let mut report = scenes::reported("第二个人的，未传");
    report.place = scenes::place_in("nanchenggen", "ncg-2");
    let of_other = other.report(report).unwrap().id;
    assert_eq!((cases(&one), cases(&other)), (vec![of_one], vec![of_other]), "nobody sees the other's");
    assert_eq!(one.case(of_other).unwrap_err().code(), "not_found");
    // The first hands the phone over, the second syncs: nothing of the first's folder moves by a byte.
    drop(one);
    let before = files(first.path());
    other.sync(way).unwrap();
    other.report_from_visit(DocId::from_bytes([9; 16]), scenes::reported("无")).unwrap_err();
    assert_eq!(files(first.path()), before);
    let one = open(&world, &first);
    assert_eq!((one.pending().unwrap().counts.waiting, other.pending().unwrap().counts.waiting), (1, 0));
    assert_ne!(one.enrolled().unwrap().device, other.enrolled().unwrap().device);
    one.sync(way).unwrap();
    let lead = world.phone("lead-ncg");
    assert!(lead.device().case(of_one).is_ok() && lead.device().case(of_other).is_ok());
    assert_eq!(phone.persons().unwrap(), ["w-ncg-1", "w-ncg-2"]);
}

#[test]
fn a_wipe_of_one_person_leaves_the_other_byte_for_byte() {
    let world = World::new(2);
    let mut wire = world.new_phone("w-ncg-1");
    let phone = Folder::open(world.dir().join("shared")).unwrap();
    let (first, second) = (phone.of_person("w-ncg-1").unwrap(), phone.of_person("w-ncg-2").unwrap());
    let (one, other) = (open(&world, &first), open(&world, &second));
    for (device, person) in [(&one, "w-ncg-1"), (&other, "w-ncg-2")] {
        device.enrol(wire.network.as_ref(), &world.code(person).typed, "http://127.0.0.1:1", "").unwrap();
        device.sync(wire.network.as_ref()).unwrap();
    }
    let kept = other.report({
        let mut report = scenes::reported("第二个人的，未传");
        report.place = scenes::place_in("nanchenggen", "ncg-2");
        report
    });
    let kept = kept.unwrap().id;
    drop(other);
    let before = files(second.path());
    wire.device = Some(one);
    revoke(&world, &wire);
    wire.sync();
    assert!(wire.device().wipe_ordered());
    wire.off();
    first.wipe().unwrap();
    assert_eq!(files(first.path()), BTreeMap::new());
    assert_eq!(files(second.path()), before);
    assert!(open(&world, &second).case(kept).is_ok());
}

#[test]
fn a_name_can_not_lead_out_of_the_phones_folder() {
    let temporary = tempfile::tempdir().unwrap();
    let phone = Folder::open(temporary.path()).unwrap();
    for name in ["", "..", "../x", "a/b", "王敏", "A", &"a".repeat(65)] {
        assert!(phone.of_person(name).is_err(), "{name}");
    }
    assert_eq!(phone.persons().unwrap(), Vec::<String>::new());
}
