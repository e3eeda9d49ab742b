//! A seed's sub-district while it is played: the server, the phones, and what the simulator knows of them that they
//! don't know themselves.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_core::directory::Directory;
use doorstep_core::document::Document;
use doorstep_core::id::{DeviceId, Digest, DocId};
use doorstep_core::store::Options;
use doorstep_core::sync::wire::Verdict;
use doorstep_server::blobs;
use tempfile::TempDir;

use super::cast::{self, CAST};
use super::photo::{self, Named, Photo, Shelf, Window};
use super::plan::Plan;
use super::story::Story;
use super::tally::Tally;
use crate::clock::{PhoneClock, WorldClock};
use crate::network::Network;
use crate::phone::{FILE, Phone};
use crate::seed::Seeded;
use crate::server::Server;

/// Something that somebody's phone said yes to, recognised by words or a character that stand nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The words, or the character.
    pub text: String,
    /// In which document.
    pub doc: DocId,
    /// On whose phone: a place in [`Town::hands`].
    pub by: usize,
    /// Taken back by something that nobody promises to withstand: the phone was put back to before it.
    pub excused: bool,
}

/// A photo that somebody's phone said yes to.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Its name.
    pub digest: Digest,
    /// The case it was attached to.
    pub doc: DocId,
    /// Its bytes.
    pub bytes: Arc<Vec<u8>>,
    /// On whose phone: a place in [`Town::hands`].
    pub by: usize,
    /// Lost with something that nobody promises to withstand.
    pub excused: bool,
}

/// A backup of a phone.
#[derive(Debug, Clone)]
pub struct Backup {
    /// Its files.
    pub dir: PathBuf,
    /// How many tokens there were when it was made.
    pub tokens: usize,
    /// How many photos there were.
    pub taken: usize,
    /// What its installation was.
    pub installation: [u8; 16],
}

/// A phone in somebody's hand.
pub struct Hand {
    /// What the story calls it.
    pub name: String,
    /// The phone.
    pub phone: Phone,
    /// What its files held after the last step that concerned it.
    pub photo: Photo,
    /// The newest verdict that reached it, for each change it was about.
    pub heard: BTreeMap<Named, Verdict>,
    /// The attachments of which it heard that the server has them.
    pub kept: BTreeSet<Digest>,
    /// Its last backup.
    pub backup: Option<Backup>,
    /// Whether its device was revoked.
    pub revoked: bool,
    /// Whether it ever went on under the nonce of an installation that had written more than it remembers.
    pub forked: bool,
    /// Whether it, or what it is a copy of, was ever put back to a backup or copied.
    pub put_back: bool,
    /// Whether it was revoked when the step began.
    pub revoked_before_step: bool,
    /// Numbers its directories.
    lives: u32,
}

/// Everything.
pub struct Town {
    /// The world's time.
    pub clock: WorldClock,
    /// The server.
    pub server: Arc<Server>,
    /// The phones.
    pub hands: Vec<Hand>,
    /// What happened.
    pub story: Story,
    /// What came about.
    pub tally: Tally,
    /// What phones said yes to.
    pub tokens: Vec<Token>,
    /// Photos that phones said yes to.
    pub taken: Vec<Taken>,
    /// How many tokens were given out.
    pub given: u32,
    /// Sealed agreements: the case, the digest, the bytes.
    pub sealed: BTreeMap<Digest, (DocId, Vec<u8>)>,
    /// The server's backup, and the number of its restores.
    pub server_backup: Option<PathBuf>,
    /// How often the server was put back.
    pub restored: u32,
    /// Documents of which the server lost something by being put back.
    pub lost_by_server: BTreeSet<DocId>,
    /// Changes that the server lost by being put back and that their author's phone had then: a place in [`Town::hands`].
    pub owed: BTreeMap<Named, usize>,
    /// The directory when the step began.
    pub directory_before_step: Arc<Directory>,
    /// What the server held then.
    pub shelf_before_step: Arc<Shelf>,
    /// The directory when it was last seen.
    directory: Arc<Directory>,
    /// On the server's file.
    window: RefCell<Option<Window>>,
    seed: u64,
    dir: TempDir,
}

impl Town {
    /// The sub-district of this plan, before anything happens.
    pub fn begin(plan: &Plan) -> Self {
        let beginning = cast::beginning();
        let dir = tempfile::tempdir_in(cast::root()).expect("a directory");
        let clock = WorldClock::new();
        let data = dir.path().join("server-0");
        copy_all(&beginning.server, &data);
        let server = Server::go_on(dir.path(), data, clock.clone(), Arc::new(Seeded::new(plan.seed, "server")));
        let directory = server.store().directory().expect("a directory");
        let server_backup = Some(server.files_now());
        let mut town = Self {
            clock,
            server,
            hands: Vec::new(),
            story: Story::default(),
            tally: Tally::default(),
            tokens: Vec::new(),
            taken: Vec::new(),
            given: 0,
            sealed: BTreeMap::new(),
            server_backup,
            restored: 0,
            lost_by_server: BTreeSet::new(),
            owed: BTreeMap::new(),
            directory_before_step: Arc::clone(&directory),
            shelf_before_step: Arc::default(),
            directory,
            window: RefCell::default(),
            seed: plan.seed,
            dir,
        };
        for place in &plan.people {
            let begun = &beginning.phones[*place];
            let dir = town.dir.path().join(format!("{}-0", CAST[*place]));
            std::fs::create_dir(&dir).expect("a directory");
            std::fs::copy(&begun.file, dir.join(FILE)).expect("a copy");
            town.add(CAST[*place], CAST[*place], dir, begun.signer.clone(), begun.installation);
            // Every phone has the backup that was made when it was set up.
            town.back_up(town.hands.len() - 1);
        }
        town
    }

    /// One more phone, on these files.
    pub fn add(
        &mut self,
        name: &str,
        person: &str,
        dir: PathBuf,
        signer: Arc<doorstep_core::host::SoftwareSigner>,
        installation: [u8; 16],
    ) {
        let network = Network::new(self.server.clone(), self.clock.clone(), Seeded::new(self.seed, &format!("{name} network")));
        let phone = Phone {
            person: person.parse().expect("a person"),
            network: Arc::new(network),
            clock: PhoneClock::new(self.clock.clone()),
            signer,
            installation,
            // The promises look into the files.
            database_key: None,
            dir,
            entropy: Arc::new(Seeded::new(self.seed, name)),
            device: None,
        };
        let mut hand = Hand {
            name: name.to_owned(),
            phone,
            photo: Photo::default(),
            heard: BTreeMap::new(),
            kept: BTreeSet::new(),
            backup: None,
            revoked: false,
            forked: false,
            put_back: false,
            revoked_before_step: false,
            lives: 0,
        };
        hand.phone.try_open(Options::default()).expect("the phone's database opens");
        hand.photo = Photo::of(&hand.phone.dir, &self.dir.path().join("look"));
        self.hands.push(hand);
    }

    /// Where everything lies.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Whether the server is up.
    pub fn is_up(&self) -> bool {
        self.server.address().is_some()
    }

    /// What the phone's files hold now.
    pub fn photograph(&self, who: usize) -> Photo {
        Photo::of(&self.hands[who].phone.dir, &self.dir.path().join("look"))
    }

    /// What the server's file holds now.
    pub fn shelf(&self) -> Arc<Shelf> {
        self.through_window(Window::shelf)
    }

    /// The server's documents.
    pub fn documents(&self) -> BTreeMap<DocId, Document> {
        let shelf = self.shelf();
        self.through_window(|window| window.documents(&shelf))
    }

    fn through_window<T>(&self, look: impl FnOnce(&mut Window) -> T) -> T {
        let file = self.server.file();
        let mut window = self.window.borrow_mut();
        if window.as_ref().is_none_or(|window| !window.is_on(&file)) {
            *window = Some(Window::on(file));
        }
        look(window.as_mut().expect("it was just opened"))
    }

    /// The bytes that lie on the server under this name.
    pub fn blob(&self, digest: &Digest) -> Option<Vec<u8>> {
        let name = digest.to_string();
        let folder = self.server.file().parent()?.join(blobs::FOLDER);
        std::fs::read(folder.join(name.get(..2)?).join(name)).ok()
    }

    /// The directory; while the server is down, as it was before.
    pub fn directory(&mut self) -> Arc<Directory> {
        if self.is_up() {
            self.directory = self.server.store().directory().expect("a directory");
        }
        Arc::clone(&self.directory)
    }

    /// Whether this phone is out of it for good: revoked, or told to wipe itself.
    pub fn is_out(&self, who: usize) -> bool {
        self.hands[who].revoked || self.hands[who].phone.device().wipe_ordered()
    }

    /// The phones that still take part, with their places.
    pub fn taking_part(&self) -> impl Iterator<Item = (usize, &Hand)> {
        self.hands.iter().enumerate().filter(|(who, _)| !self.is_out(*who))
    }

    /// Remembers what promises of the next step compare with.
    pub fn step_begins(&mut self) {
        self.directory_before_step = self.directory();
        self.shelf_before_step = self.shelf();
        self.hands.iter_mut().for_each(|hand| hand.revoked_before_step = hand.revoked);
    }

    /// Whether people are signing a text of this case on this phone.
    pub fn has_ceremony(&self, who: usize, doc: &DocId) -> bool {
        self.hands[who].phone.device().pad(*doc).is_ok()
    }

    /// A sealed agreement's bytes as the server's file has them.
    pub fn bundle_on_server(&self, digest: &Digest) -> Option<Vec<u8>> {
        self.through_window(|window| window.bundle(digest))
    }

    /// The device of this hand.
    pub fn device(&self, who: usize) -> DeviceId {
        self.hands[who].phone.device().enrolled().expect("enrolled").device
    }

    /// The phone's battery dies now and it is switched on again later: it goes on from a copy of what its files hold.
    pub fn battery_dies(&mut self, who: usize) {
        let next = self.next_dir(who);
        photo::battery_dies(&self.hands[who].phone.dir, &next);
        self.goes_on_in(who, next);
    }

    /// The phone goes on from the files in `next`.
    pub fn goes_on_in(&mut self, who: usize, next: PathBuf) {
        let phone = &mut self.hands[who].phone;
        phone.off();
        phone.dir = next;
        phone.reopen();
    }

    /// A directory for the phone's next life.
    pub fn next_dir(&mut self, who: usize) -> PathBuf {
        let hand = &mut self.hands[who];
        hand.lives += 1;
        self.dir.path().join(format!("{}-{}", hand.name, hand.lives))
    }
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}
