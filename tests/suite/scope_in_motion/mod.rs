//! People, posts and devices come and go while work is under way: whole documents arrive, what left is forgotten, and nothing that
//! was recorded is lost by it, whoever may see it afterwards.

mod lease;
mod moves;
mod persons;
mod quarantine;
mod wipe;

use doorstep_core::environment::Clock as _;
use doorstep_tests::{Phone, World};

/// What `doorstep admin revoke` does.
fn revoke(world: &World, phone: &Phone) {
    let device = phone.device().enrolled().unwrap().device;
    assert!(world.store().revoke_device(device, world.clock.now()).unwrap());
}

/// How many entries of this kind the audit chain has.
fn facts(world: &World, what: &str) -> usize {
    assert!(world.store().verify_audit().unwrap().is_ok());
    world.store().audit_after(0, 10_000).unwrap().iter().filter(|entry| entry.what == what).count()
}
