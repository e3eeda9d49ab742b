//! Who may be in a simulated sub-district, and the files everybody begins with.
//!
//! Founding a server and enrolling phones costs more than a day of work, and is the same for every seed: it is done once
//! in a process, and each seed goes on from a copy. What a seed decides is what happens afterwards.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use doorstep_core::host::SoftwareSigner;
use tempfile::TempDir;

use crate::World;
use crate::phone::FILE;

/// People of the sample, each with a phone. The first two are in every sub-district: without a worker and their lead
/// little happens.
pub const CAST: [&str; 9] = [
    "w-ncg-1",
    "lead-ncg",
    "w-ncg-2",
    "contact-telecom",
    "clerk-affairs",
    "head-ncg-1-a",
    "supervisor",
    "coordinator",
    "w-lg-1",
];
/// How many of them are always there.
pub const ALWAYS: usize = 2;

/// Grids that workers of the cast may be moved to, with their communities.
pub const GRIDS: [(&str, &str); 3] = [("nanchenggen", "ncg-1"), ("nanchenggen", "ncg-2"), ("ligong", "lg-1")];

/// The entropy of founding and enrolling; no seed's.
const FOUNDING: u64 = 20_260_508;

/// How long an org sees a case that it gave back, days.
const VISIBLE_DAYS: u16 = 2;

/// What a phone begins with.
pub struct Begun {
    /// Its database, enrolled and synced once.
    pub file: PathBuf,
    /// Its key.
    pub signer: Arc<SoftwareSigner>,
    /// What is kept outside its database.
    pub installation: [u8; 16],
}

/// Where everything begins.
pub struct Beginning {
    /// The server's files.
    pub server: PathBuf,
    /// The phones of [`CAST`], in its order.
    pub phones: Vec<Begun>,
    _dir: TempDir,
}

/// Where worlds lie: in memory where the machine has such a place, because a simulated crash takes what the files hold
/// and an fsync to a disk that nobody will cut power to costs most of the time.
pub fn root() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() && tempfile::tempdir_in(memory).is_ok() { memory.to_owned() } else { std::env::temp_dir() }
}

/// The beginning of every seed.
pub fn beginning() -> &'static Beginning {
    static BEGINNING: OnceLock<Beginning> = OnceLock::new();
    BEGINNING.get_or_init(|| {
        let mut directory = doorstep_server::admin::sample().expect("the sample is good");
        // What was given back leaves the orgs' sight within the month that a seed plays.
        directory.policy.visible_after_return_days = VISIBLE_DAYS;
        let world = World::with(FOUNDING, &directory);
        world.plain_phones();
        let dir = tempfile::tempdir_in(root()).expect("a directory");
        let mut phones: Vec<_> = CAST.iter().map(|person| world.phone(person)).collect();
        let phones = phones.iter_mut().map(|phone| {
            phone.device().tidy().expect("the log goes into the file");
            phone.off();
            let file = dir.path().join(format!("{}.db", phone.person));
            std::fs::copy(phone.dir.join(FILE), &file).expect("a copy");
            Begun { file, signer: phone.signer.clone(), installation: phone.installation }
        });
        let phones = phones.collect();
        let server = dir.path().join("server");
        world.server.copy_files(&server);
        Beginning { server, phones, _dir: dir }
    })
}
