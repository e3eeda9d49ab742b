//! The stage: a server process of its own (so that its memory can be read), and phones.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Parser;
use doorstep_core::device::{Device, Host};
use doorstep_core::environment::Entropy as _;
use doorstep_core::host::{HttpOptions, HttpTransport, SoftwareSigner, SystemClock, SystemEntropy};
use doorstep_core::id::{DeviceId, Digest, DocId, DocKind};
use doorstep_core::store::{Options, Query, Step};
use doorstep_core::time::Timestamp;
use doorstep_core::words::Lang;
use doorstep_server::config::ServerEntropy;
use doorstep_server::enrol::{Minted, digest};
use doorstep_server::ingest::Pusher;
use doorstep_server::store::{NewCode, NewDevice, Store};
use doorstep_server::{admin, serve};

use crate::fill;

/// Codes of the bench never expire.
const NEVER: Timestamp = Timestamp(4_000_000_000_000);

pub(crate) struct Stage {
    pub(crate) dir: PathBuf,
    server: Child,
    address: String,
    _temp: tempfile::TempDir,
}

/// A phone and where its database is.
pub(crate) struct Phone {
    pub(crate) device: Device,
    /// When the store last had something durable.
    pub(crate) durable: Arc<Mutex<Option<Instant>>>,
    path: PathBuf,
}

#[derive(Parser)]
struct Serve {
    #[command(flatten)]
    options: serve::Options,
}

/// This same program as the server.
pub(crate) fn be_the_server(arguments: &[String]) {
    let Serve { options } = Serve::parse_from(std::iter::once("serve").chain(arguments.iter().map(String::as_str)));
    if let Err(said) = serve::run(&options, Lang::En) {
        eprintln!("{said}");
    }
}

impl Stage {
    /// A server that holds so many cases.
    pub(crate) fn set(size: usize) -> Self {
        let temp = tempfile::Builder::new().prefix("doorstep-bench-").tempdir().expect("temporary folder");
        let dir = temp.path().to_owned();
        let data = dir.join("server");
        let directory = admin::sample().expect("sample");
        let store = Store::create(&data, &directory, &ServerEntropy, Timestamp(1)).expect("create");
        let pushers = ["w-ncg-1", "lead-ncg", "head-ncg-1-a"].map(|person| pusher(&store, person));
        fill::fill(&store, &pushers, size);
        drop(store);
        let port_file = dir.join("port");
        let server = Command::new(std::env::current_exe().expect("this program"))
            .args(["--serve", "--data"])
            .arg(&data)
            .args(["--listen", "127.0.0.1:0", "--port-file"])
            .arg(&port_file)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::null())
            .spawn()
            .expect("server");
        let port = loop {
            match std::fs::read_to_string(&port_file).ok().and_then(|text| text.trim().parse::<u16>().ok()) {
                Some(port) => break port,
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        Self { dir, server, address: format!("http://127.0.0.1:{port}"), _temp: temp }
    }

    pub(crate) fn transport(&self) -> HttpTransport {
        HttpTransport::new(&self.address, &HttpOptions::default()).expect("transport")
    }

    /// A phone, enrolled for this person, that has nothing yet.
    pub(crate) fn phone(&mut self, person: &str, name: &str) -> Phone {
        let dir = self.dir.join("phones").join(name);
        std::fs::create_dir_all(&dir).expect("folder");
        let entropy = SystemEntropy::new().expect("entropy");
        let signer = SoftwareSigner::load_or_create(&dir.join("key"), &entropy).expect("key");
        let mut installation = [0; 16];
        entropy.fill(&mut installation);
        let host = Host {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(entropy),
            signer: Arc::new(signer),
            installation,
            lang: Lang::En,
        };
        let path = dir.join("phone.db");
        let durable = Arc::new(Mutex::new(None));
        let seen = Arc::clone(&durable);
        let on_step = move |step| {
            if step == Step::AfterCommit {
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            }
        };
        let options = Options { on_step: Some(Box::new(on_step)), ..Options::default() };
        let device = Device::open(&path, options, host).expect("open");
        let store = Store::open(&self.dir.join("server")).expect("store");
        let minted = Minted::new(&ServerEntropy);
        store.put_code(code(&minted, person), Timestamp(1)).expect("code");
        device.enrol(&self.transport(), &minted.typed, &self.address, name).expect("enrol");
        Phone { device, durable, path }
    }

    pub(crate) fn server_memory_mb(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").trim().parse::<f64>().map_or(f64::NAN, |kib| kib / 1024.0)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Phone {
    pub(crate) fn sync(&self, stage: &Stage) {
        self.device.sync(&stage.transport()).expect("sync");
    }

    pub(crate) fn cases(&self, n: usize) -> Vec<DocId> {
        self.device.rows(&Query::first(DocKind::Case, n)).expect("rows").iter().map(|row| row.doc).collect()
    }

    /// Switched off; where its database lies.
    pub(crate) fn close(self) -> PathBuf {
        self.path
    }
}

fn code(minted: &Minted, person: &str) -> NewCode {
    let hash = |code: &str| digest(code).expect("a code");
    NewCode {
        hash_long: hash(&minted.secret),
        hash_short: hash(&minted.typed),
        person: person.parse().expect("slug"),
        expires: NEVER,
    }
}

/// A device whose key is never used: it only fills the server.
fn pusher(store: &Store, person: &str) -> Pusher {
    let minted = Minted::new(&ServerEntropy);
    store.put_code(code(&minted, person), Timestamp(1)).expect("code");
    let mut id = [0; 16];
    ServerEntropy.fill(&mut id);
    let id = DeviceId::from_bytes(id);
    let mut public_key = [2; 33];
    public_key[1..17].copy_from_slice(id.as_bytes());
    let device = NewDevice { id, public_key, label: String::new() };
    let presented: Digest = digest(&minted.secret).expect("a code");
    let person = store.redeem_code(presented, Timestamp(1), device).expect("store").expect("code");
    Pusher { device: id, person }
}
