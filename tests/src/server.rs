//! The server in this process: its real store, its real edge on a loopback port, killed and started again at will.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use doorstep_core::directory::Directory;
use doorstep_core::environment::Clock as _;
use doorstep_server::app::App;
use doorstep_server::config::{Limits, Workers};
use doorstep_server::edge::Background;
use doorstep_server::store::{FILE, Store};
#[cfg(unix)]
use doorstep_server::worker::Trials;

use crate::clock::WorldClock;
use crate::seed::Seeded;

/// A server that can be killed.
pub struct Server {
    root: PathBuf,
    clock: WorldClock,
    entropy: Arc<Seeded>,
    workers: Option<Workers>,
    life: Mutex<Life>,
}

struct Life {
    number: u32,
    data: PathBuf,
    running: Option<(Background, Store)>,
    app: Weak<App>,
}

impl Server {
    /// A new one with this directory, serving. Changes are tried in `workers`; in this process, if there are to be none.
    pub fn begin(
        root: &Path,
        directory: &Directory,
        clock: WorldClock,
        entropy: Arc<Seeded>,
        workers: Option<Workers>,
    ) -> Arc<Self> {
        let data = root.join("server-0");
        let store = Store::create(&data, directory, entropy.as_ref(), clock.now()).expect("a new database");
        let life = Mutex::new(Life { number: 0, data, running: None, app: Weak::new() });
        let server = Self { root: root.to_owned(), clock, entropy, workers, life };
        server.serve(&mut server.life(), store);
        Arc::new(server)
    }

    /// One that goes on from the files of another in `data`, which are its own from now on.
    pub fn go_on(root: &Path, data: PathBuf, clock: WorldClock, entropy: Arc<Seeded>) -> Arc<Self> {
        let life = Mutex::new(Life { number: 0, data, running: None, app: Weak::new() });
        let server = Self { root: root.to_owned(), clock, entropy, workers: None, life };
        server.start();
        Arc::new(server)
    }

    /// Where its database lies now.
    pub fn file(&self) -> PathBuf {
        self.life().data.join(FILE)
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, life: &mut Life, store: Store) {
        // Whoever is still connected when it stops is cut off, as a kill would.
        let limits = Limits { drain: Duration::ZERO, workers: self.workers.clone(), ..Limits::default() };
        let app = App::new(store.clone(), Arc::new(self.clock.clone()), self.entropy.clone(), limits);
        life.app = Arc::downgrade(&app);
        let edge = Background::start(app, SocketAddr::from(([127, 0, 0, 1], 0)), None).expect("a loopback port");
        life.running = Some((edge, store));
    }

    /// Where it listens; none while it is down.
    pub fn address(&self) -> Option<SocketAddr> {
        self.life().running.as_ref().map(|(edge, _)| edge.address())
    }

    /// The process ids of its workers that wait for work; none where it has no workers.
    #[cfg(unix)]
    pub fn idle_workers(&self) -> Vec<u32> {
        match self.life().app.upgrade().as_deref().map(App::trials) {
            Some(Trials::Workers(pool)) => pool.idle(),
            _ => Vec::new(),
        }
    }

    /// Its store, for looking at it and for what an administrator does. Not while it is down.
    pub fn store(&self) -> Store {
        self.life().running.as_ref().map(|(_, store)| store.clone()).expect("the server is up")
    }

    /// Kills it: what is left is what the files hold at this moment, without any goodbye. [`Server::start`] goes on
    /// from exactly that.
    pub fn kill(&self) {
        let mut life = self.life();
        let Some((edge, store)) = life.running.take() else { return };
        life.number += 1;
        let next = self.root.join(format!("server-{}", life.number));
        copy(&life.data, &next);
        life.data = next;
        drop(edge);
        drop(store);
    }

    /// Starts it on what its last life left, on another port and with other nonces.
    pub fn start(&self) {
        let mut life = self.life();
        if life.running.is_none() {
            let store = Store::open(&life.data).expect("the database of the last life");
            self.serve(&mut life, store);
        }
    }

    /// Copies its files as they are at this moment, as a backup made of a running server would.
    pub fn copy_files(&self, to: &Path) {
        copy(&self.life().data, to);
    }

    /// The same, to a place of its own, which is returned.
    pub fn files_now(&self) -> PathBuf {
        let mut life = self.life();
        life.number += 1;
        let to = self.root.join(format!("server-{}-copy", life.number));
        copy(&life.data, &to);
        to
    }

    /// Puts it back to such a copy: what came since is gone, and the log is a shorter one.
    pub fn put_back(&self, copied: &Path) {
        self.kill();
        {
            let mut life = self.life();
            life.number += 1;
            let next = self.root.join(format!("server-{}", life.number));
            copy(copied, &next);
            life.data = next;
        }
        self.start();
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for suffix in ["", "-wal"] {
        let name = format!("{FILE}{suffix}");
        if from.join(&name).exists() {
            std::fs::copy(from.join(&name), to.join(&name)).expect("a copy");
        }
    }
    // Attachments lie beside the database.
    for folder in ["blobs", "uploads"] {
        copy_folder(&from.join(folder), &to.join(folder));
    }
}

fn copy_folder(from: &Path, to: &Path) {
    let Ok(entries) = std::fs::read_dir(from) else { return };
    std::fs::create_dir_all(to).expect("a directory");
    for entry in entries {
        let entry = entry.expect("an entry");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_folder(&source, &target);
        } else {
            std::fs::copy(source, target).expect("a copy");
        }
    }
}
