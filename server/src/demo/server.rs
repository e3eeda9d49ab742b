//! The demo's server: this same program as a process of its own, so that it can really be killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::words::Said;

/// How long a server may take until it listens.
const START_MAX: Duration = Duration::from_secs(10);

/// A server process.
pub(super) struct ServerProcess {
    dir: PathBuf,
    child: Option<Child>,
    port: u16,
}

impl ServerProcess {
    /// Starts it on a free port of loopback; after a kill, on the same one.
    pub(super) fn start(dir: &Path) -> Result<Self, Said> {
        let mut server = Self { dir: dir.to_owned(), child: None, port: 0 };
        server.restart()?;
        Ok(server)
    }

    pub(super) fn restart(&mut self) -> Result<(), Said> {
        let cannot =
            |cause: std::io::Error| Said::new(format!("无法启动服务器：{cause}"), format!("can't start the server: {cause}"));
        let port_file = self.dir.join("port");
        let _ = std::fs::remove_file(&port_file);
        let log = File::options().create(true).append(true).open(self.dir.join("server.log")).map_err(cannot)?;
        let child = Command::new(std::env::current_exe().map_err(cannot)?)
            .arg("serve")
            .arg("--data")
            .arg(self.dir.join("server"))
            .arg("--listen")
            .arg(format!("127.0.0.1:{}", self.port))
            .arg("--port-file")
            .arg(&port_file)
            .arg("--clock-file")
            .arg(self.dir.join("clock"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(cannot)?)
            .stderr(log)
            .spawn()
            .map_err(cannot)?;
        self.child = Some(child);
        let begun = Instant::now();
        while begun.elapsed() < START_MAX {
            let read = std::fs::read_to_string(&port_file).ok().and_then(|text| text.trim().parse().ok());
            if let Some(port) = read {
                self.port = port;
                return Ok(());
            }
            if let Some(Ok(Some(_))) = self.child.as_mut().map(Child::try_wait) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let log = self.dir.join("server.log");
        Err(Said::new(
            format!("服务器没有启动，见 {}", log.display()),
            format!("the server did not start; see {}", log.display()),
        ))
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// SIGKILL: no warning, no last words.
    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    pub(super) fn wait(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.wait();
        }
    }

    /// Resident memory in KiB, where the system tells.
    pub(super) fn memory_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.as_ref()?.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse().ok())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.kill();
    }
}
