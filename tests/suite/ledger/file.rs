//! A ledger's file is whole or not there.

use std::fs;
use std::io::{self, Write};

use doorstep_core::device::DeviceError;

use super::*;

/// What is in the folder.
fn names(dir: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_appears_whole_under_its_name_and_replaces_the_one_before() {
    let town = Town::new(1);
    let dir = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        let path = dir.path().join(format!("cases.{}", format.name()));
        fs::write(&path, "last month's").unwrap();
        let exported = town.lead.device().export_to_file("cases", format, None, &path).unwrap();
        assert_eq!((exported.lines, exported.unreadable), (30, 0));
        assert_eq!(fs::read(&path).unwrap(), bytes(&town.lead, "cases", format, None).0);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
    }
    assert_eq!(names(dir.path()), ["cases.csv", "cases.json", "cases.xlsx"], "and nothing beside it");
}

#[test]
fn what_cannot_be_written_leaves_what_was_there_and_says_why() {
    let town = Town::new(2);
    let dir = tempfile::tempdir().unwrap();
    let export = |path: &std::path::Path| town.lead.device().export_to_file("cases", Format::Xlsx, None, path).unwrap_err();
    // A folder that is not there; a name that is a folder's.
    assert_eq!(export(&dir.path().join("none/cases.xlsx")).code(), "export_failed");
    fs::create_dir(dir.path().join("taken")).unwrap();
    fs::write(dir.path().join("taken/in"), "").unwrap();
    assert_eq!(export(&dir.path().join("taken")).code(), "export_failed");
    assert_eq!(names(dir.path()), ["taken"]);
    // A template that is not there makes no file.
    let error = town.lead.device().export_to_file("none", Format::Csv, None, &dir.path().join("x.csv")).unwrap_err();
    assert_eq!(error.code(), "ledger_unknown");
    assert_eq!(names(dir.path()), ["taken"]);
}

/// `/dev/full` takes no byte, like a disk without room.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_without_room_is_an_error_with_a_code_of_its_own() {
    let town = Town::new(3);
    for format in Format::ALL {
        let mut full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let error = town.lead.device().export("cases", format, None, &mut full).unwrap_err();
        assert_eq!(error.code(), "export_full");
        assert!(!error.sentence(town.lead.device().lang()).is_empty());
    }
}

/// Takes so many bytes.
struct Room(usize);

impl Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.checked_sub(bytes.len()) {
            Some(left) => {
                self.0 = left;
                Ok(bytes.len())
            }
            None => Err(io::ErrorKind::StorageFull.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_disk_that_fills_anywhere_on_the_way_is_an_error_and_the_phone_goes_on() {
    let town = Town::new(4);
    for format in Format::ALL {
        let whole = bytes(&town.lead, "cases", format, None).0.len();
        for room in (0..whole).step_by(whole / 20 + 1).chain([whole - 1]) {
            let failed = town.lead.device().export("cases", format, None, &mut Room(room));
            assert!(matches!(failed, Err(DeviceError::Export(io::ErrorKind::StorageFull))), "{format:?} {room}: {failed:?}");
        }
        assert!(town.lead.device().export("cases", format, None, &mut Room(whole)).is_ok());
    }
    scenes::report(&town.lead, "还能登记");
}

/// A tap while a ledger is being written: from within, when its first bytes come out.
struct Tapping<'a>(&'a Phone, Option<Vec<u8>>);

impl Write for Tapping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.1.replace(Vec::new()).is_none() {
            scenes::report(self.0, "导出时登记");
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn taps_go_on_while_a_ledger_is_written() {
    let town = Town::new(5);
    let exported = town.lead.device().export("cases", Format::Csv, None, &mut Tapping(&town.lead, None)).unwrap();
    assert_eq!(exported.lines, 31, "what was tapped before its page was read is in it");
}
