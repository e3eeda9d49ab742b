//! What comes back from what went wrong: copied phones, restored servers, damaged databases, lost cursors. Nothing that was
//! recorded is lost by any of it; what can't be done again stays readable.

mod damaged_database;
mod forked;
mod restored_server;

use std::path::Path;

use doorstep_tests::{Phone, World};

/// Copies the phone's files as they are on disk now.
fn copy(phone: &mut Phone, to: &Path) {
    phone.off();
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(&phone.dir).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
    phone.reopen();
}

/// A phone that is this one in everything, what is kept outside the database included.
fn cloned(world: &World, phone: &mut Phone) -> Phone {
    let to = world.dir().join(format!("clone-{}", world.chance.below(1_000_000_000)));
    copy(phone, &to);
    let mut other = world.new_phone(phone.person.as_str());
    other.off();
    (other.dir, other.signer, other.installation) = (to, phone.signer.clone(), phone.installation);
    other.reopen();
    other
}
