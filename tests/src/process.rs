//! The real programs as processes of their own: found, started, measured, killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take until it listens, on a machine with other work.
const START_MAX: Duration = Duration::from_mins(1);

/// The program `doorstep`: the one given, or the one built beside this program.
pub fn doorstep(given: Option<PathBuf>) -> PathBuf {
    let beside = || std::env::current_exe().expect("this program is somewhere");
    let program = given.unwrap_or_else(|| beside().ancestors().nth(1).expect("in a folder").join("doorstep"));
    // A test program lies one folder deeper.
    let program = if program.exists() { program } else { beside().ancestors().nth(2).expect("in a folder").join("doorstep") };
    assert!(program.exists(), "{} is not built; build the workspace, or name it with --program", program.display());
    program
}

/// `doorstep serve` on a folder with a database, on a loopback port that it keeps over kills.
pub struct Served {
    program: PathBuf,
    data: PathBuf,
    port: u16,
    child: Option<Child>,
}

impl Served {
    /// Starts it.
    pub fn start(program: &Path, data: &Path) -> Self {
        let mut served = Self { program: program.to_owned(), data: data.to_owned(), port: 0, child: None };
        served.restart();
        served
    }

    /// Starts it again, where it is not running.
    pub fn restart(&mut self) {
        let port_file = self.data.with_extension("port");
        let _ = std::fs::remove_file(&port_file);
        let child = Command::new(&self.program)
            .args(["--lang", "en", "serve", "--data"])
            .arg(&self.data)
            .args(["--listen", &format!("127.0.0.1:{}", self.port), "--port-file"])
            .arg(&port_file)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the server's process starts");
        self.child = Some(child);
        let begun = Instant::now();
        loop {
            if let Some(port) = std::fs::read_to_string(&port_file).ok().and_then(|text| text.trim().parse().ok()) {
                self.port = port;
                return;
            }
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok()).flatten();
            assert!(ended.is_none(), "the server ended at its start: {ended:?}");
            assert!(begun.elapsed() < START_MAX, "the server does not listen");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// `http://127.0.0.1:…`.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// SIGKILL: no warning, no last words.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it can be killed");
            child.wait().expect("it is gone");
        }
    }

    /// Memory resident now, its children's included, in MiB; none where the system does not tell.
    pub fn memory_mib(&self) -> Option<f64> {
        let kib = |process: &u32| {
            let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            line.trim().trim_end_matches(" kB").trim().parse::<f64>().ok()
        };
        let all: Vec<f64> = self.family().iter().filter_map(kib).collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>() / 1024.0)
    }

    /// Processor time it has used, its children's included, in seconds; none where the system does not tell.
    pub fn processor_s(&self) -> Option<f64> {
        let all: Vec<f64> = self.family().iter().filter_map(|process| processor_s(&process.to_string())).collect();
        (!all.is_empty()).then(|| all.iter().sum())
    }

    /// The process and its children.
    fn family(&self) -> Vec<u32> {
        let Some(child) = &self.child else { return Vec::new() };
        let mut all = vec![child.id()];
        for thread in std::fs::read_dir(format!("/proc/{}/task", child.id())).into_iter().flatten().flatten() {
            let children = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
        all
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Processor time of a process (`self` for this one) in seconds.
pub fn processor_s(process: &str) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which may hold anything: the 14th to 17th field are ticks, of which Linux has 100 a second.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: f64 = fields.split_whitespace().skip(11).take(4).filter_map(|field| field.parse::<f64>().ok()).sum();
    Some(ticks / 100.0)
}
