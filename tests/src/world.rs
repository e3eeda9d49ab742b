//! A sub-district for one test: server, clock, phones, made from one seed.

use std::path::Path;
use std::sync::Arc;

use doorstep_core::directory::Directory;
use doorstep_core::environment::{Clock as _, random};
use doorstep_core::host::SoftwareSigner;
use doorstep_core::id::PersonId;
use doorstep_core::store::Options;
use doorstep_server::config::Workers;
use doorstep_server::enrol::{CODE_MS, Minted, digest};
use doorstep_server::store::{NewCode, Store};
use tempfile::TempDir;

use crate::clock::{PhoneClock, WorldClock};
use crate::network::Network;
use crate::phone::Phone;
use crate::seed::{Replay, Seeded};
use crate::server::Server;

/// Everything.
pub struct World {
    /// The world's time.
    pub clock: WorldClock,
    /// The server.
    pub server: Arc<Server>,
    /// What tests draw from.
    pub chance: Seeded,
    seed: u64,
    plain: std::cell::Cell<bool>,
    phones: std::cell::Cell<u32>,
    dir: TempDir,
    _replay: Replay,
}

impl World {
    /// The sample sub-district, with a server and no phones yet.
    pub fn new(seed: u64) -> Self {
        let directory = doorstep_server::admin::sample().expect("the sample is good");
        Self::with(seed, &directory)
    }

    /// Another sub-district.
    pub fn with(seed: u64, directory: &Directory) -> Self {
        Self::made(seed, directory, None)
    }

    /// The sample sub-district, whose server tries changes in worker processes, as the real one does.
    pub fn with_workers(seed: u64, workers: Workers) -> Self {
        Self::made(seed, &doorstep_server::admin::sample().expect("the sample is good"), Some(workers))
    }

    fn made(seed: u64, directory: &Directory, workers: Option<Workers>) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let clock = WorldClock::new();
        let server = Server::begin(dir.path(), directory, clock.clone(), Arc::new(Seeded::new(seed, "server")), workers);
        let chance = Seeded::new(seed, "test");
        Self {
            clock,
            server,
            chance,
            seed,
            phones: std::cell::Cell::new(0),
            plain: std::cell::Cell::new(false),
            dir,
            _replay: Replay(seed),
        }
    }

    /// Where everything of it lies.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The server's store.
    pub fn store(&self) -> Store {
        self.server.store()
    }

    /// An enrolment code for this person.
    pub fn code(&self, person: &str) -> Minted {
        let minted = Minted::new(&self.chance);
        let code = NewCode {
            hash_long: digest(&minted.secret).expect("a code"),
            hash_short: digest(&minted.typed).expect("a code"),
            person: person.parse().expect("a person"),
            expires: self.clock.now().plus_ms(CODE_MS),
        };
        self.store().put_code(code, self.clock.now()).expect("the code is stored");
        minted
    }

    /// From now on, phones out of the box keep their databases plain. They are encrypted otherwise, as on people's phones.
    pub fn plain_phones(&self) {
        self.plain.set(true);
    }

    /// A phone out of the box: not enrolled.
    pub fn new_phone(&self, person: &str) -> Phone {
        let number = self.phones.get();
        self.phones.set(number + 1);
        let name = format!("{person}-{number}");
        let entropy = Arc::new(Seeded::new(self.seed, &name));
        let dir = self.dir.path().join(&name);
        std::fs::create_dir(&dir).expect("a directory");
        let network = Network::new(self.server.clone(), self.clock.clone(), Seeded::new(self.seed, &format!("{name} network")));
        let mut phone = Phone {
            person: person.parse::<PersonId>().expect("a person"),
            network: Arc::new(network),
            clock: PhoneClock::new(self.clock.clone()),
            signer: Arc::new(SoftwareSigner::generate(entropy.as_ref()).expect("a key")),
            installation: random(entropy.as_ref()),
            database_key: (!self.plain.get()).then_some(crate::phone::DATABASE_KEY),
            dir,
            entropy,
            device: None,
        };
        phone.try_open(Options::default()).expect("a new database");
        phone
    }

    /// An enrolled phone of this person, which has not synced yet.
    pub fn enrolled(&self, person: &str) -> Phone {
        let phone = self.new_phone(person);
        let code = self.code(person);
        let address = self.server.address().map(|address| format!("http://{address}")).unwrap_or_default();
        phone.device().enrol(phone.network.as_ref(), &code.typed, &address, "一部手机").expect("enrolled");
        phone.network.sent();
        phone
    }

    /// An enrolled phone of this person that has pulled the directory and whatever is in its scope.
    pub fn phone(&self, person: &str) -> Phone {
        let phone = self.enrolled(person);
        phone.synced();
        phone.network.sent();
        phone
    }

    /// What an administrator does to the directory.
    pub fn direct(&self, change: impl FnOnce(&mut Directory)) {
        let mut directory = (*self.store().directory().expect("a directory")).clone();
        change(&mut directory);
        self.store().put_directory(directory, self.clock.now()).expect("the directory is stored");
    }

    /// Ends every post of this person, now.
    pub fn end_posts(&self, person: &str) {
        let now = self.clock.now();
        self.direct(|directory| {
            let found = directory.people.iter_mut().find(|one| one.id.as_str() == person).expect("the person is there");
            found.posts.iter_mut().for_each(|post| post.ended = Some(now));
        });
    }

    /// Lets minutes pass.
    pub fn minutes(&self, minutes: i64) {
        self.clock.pass(minutes * 60_000);
    }

    /// Lets days pass.
    pub fn days(&self, days: i64) {
        self.clock.pass(days * doorstep_core::time::DAY_MS);
    }
}
