//! A sub-district's server as a process, a clock that tests move, and the program as people run it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// 2026-05-08 09:00 in China.
const BEGIN_MS: i64 = 1_778_202_000_000;

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    /// It went well; what it printed.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// It went well; the record it printed.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        let text = self.ok();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// It was refused with this code, by people's line on standard error, and printed nothing else.
    #[track_caller]
    pub(crate) fn refused(self, code: &str) {
        assert_eq!(self.code, 1, "{self:?}");
        assert!(self.err.contains(&format!("[{code}]")), "{code}: {self:?}");
    }

    /// The line made no sense: this code, and exit code 2.
    #[track_caller]
    pub(crate) fn nonsense(self, code: &str) {
        assert_eq!(self.code, 2, "{self:?}");
        assert!(self.err.contains(&format!("[{code}]")), "{code}: {self:?}");
        assert_eq!(self.out, "", "{self:?}");
    }
}

/// The stage: a server, a clock, folders.
pub(crate) struct World {
    dir: tempfile::TempDir,
    server: Option<Child>,
    port: u16,
    now: std::cell::Cell<i64>,
}

impl World {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut world = Self { dir, server: None, port: 0, now: std::cell::Cell::new(BEGIN_MS) };
        world.tick(0);
        let place = world.path("place.toml");
        std::fs::write(&place, world.run("en", &["admin", "sample"]).ok()).unwrap();
        let data = world.data();
        world.run("en", &["admin", "init", "--data", &data, "--from", place.to_str().unwrap()]).ok();
        world.start();
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn data(&self) -> String {
        self.file("data")
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn start(&mut self) {
        let port_file = self.path("port");
        let _ = std::fs::remove_file(&port_file);
        let child = Command::new(env!("CARGO_BIN_EXE_doorstep"))
            .args(["serve", "--data", &self.data(), "--listen", &format!("127.0.0.1:{}", self.port)])
            .args(["--port-file", port_file.to_str().unwrap(), "--clock-file", &self.file("clock")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.server = Some(child);
        let begun = Instant::now();
        loop {
            if let Some(port) = std::fs::read_to_string(&port_file).ok().and_then(|text| text.trim().parse().ok()) {
                self.port = port;
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "the server does not come up");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// No network for anybody.
    pub(crate) fn cut(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// The network is back.
    pub(crate) fn mend(&mut self) {
        self.start();
    }

    /// Lets minutes pass.
    pub(crate) fn tick(&self, minutes: i64) {
        self.now.set(self.now.get() + minutes * 60_000);
        std::fs::write(self.path("clock"), self.now.get().to_string()).unwrap();
    }

    /// The program, as a shell in this language runs it.
    pub(crate) fn run(&self, lang: &str, args: &[&str]) -> Done {
        self.run_with(lang, args, "")
    }

    pub(crate) fn run_with(&self, lang: &str, args: &[&str], stdin: &str) -> Done {
        use std::io::Write as _;
        let locale = if lang == "zh" { "zh_CN.UTF-8" } else { "en_GB.UTF-8" };
        let mut child = Command::new(env!("CARGO_BIN_EXE_doorstep"))
            .args(args)
            .env("LC_ALL", locale)
            .env("HOME", self.dir.path())
            .env_remove("DOORSTEP_HOME")
            .env_remove("XDG_DATA_HOME")
            .env_remove("COLUMNS")
            .current_dir(self.dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who doesn't read it has closed it.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        Done {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// A phone's command, in Chinese, a minute after the one before.
    pub(crate) fn phone(&self, home: &str, args: &[&str]) -> Done {
        self.phone_in("zh", home, args)
    }

    pub(crate) fn phone_in(&self, lang: &str, home: &str, args: &[&str]) -> Done {
        self.tick(1);
        let (home, clock) = (self.file(home), self.file("clock"));
        let line = [&["phone", "--home", &home, "--clock-file", &clock], args].concat();
        self.run(lang, &line)
    }

    /// The same with `--json`, read.
    #[track_caller]
    pub(crate) fn record(&self, home: &str, args: &[&str]) -> Value {
        self.phone(home, &[args, &["--json"]].concat()).json()
    }

    /// A fresh enrolment code's link.
    pub(crate) fn code(&self, person: &str) -> String {
        let out = self.run("en", &["admin", "enrol", person, "--data", &self.data(), "--server", &self.address()]).ok();
        out.lines().find_map(|line| line.strip_prefix("link: ")).unwrap().to_owned()
    }

    /// A person's phone, in a folder of their id.
    pub(crate) fn enrol(&self, person: &str) {
        let code = self.code(person);
        self.phone(person, &["enrol", &code]).ok();
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        Path::exists(&self.path(name))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.cut();
    }
}
