//! What `doorstep verify` is told to trust: a file of anchors as `doorstep admin anchors` prints it, or single keys.

use std::io::Read as _;
use std::path::PathBuf;

use clap::Args;
use doorstep_core::agreement::{ANCHORS_MAX, Anchors};

use crate::words::Said;

/// Keys to hold an agreement against. Without any, whose seal it is and whose log has it is not checked, and the report says so.
#[derive(Debug, Args)]
pub(super) struct Trust {
    /// 信任的公钥文件（doorstep admin anchors 打印） · File of the keys to trust, as `doorstep admin anchors` prints them.
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
    /// 信任的街道根公钥（十六进制） · A sub-district's root key to trust, in hex.
    #[arg(long, value_name = "KEY")]
    root: Vec<String>,
    /// 信任的登记簿公钥（十六进制） · A log's key to trust, in hex.
    #[arg(long, value_name = "KEY")]
    log: Vec<String>,
}

impl Trust {
    /// The keys.
    pub(super) fn anchors(&self) -> Result<Anchors, Said> {
        let mut text = match &self.anchors {
            None => String::new(),
            Some(path) => {
                let shown = path.display();
                let cannot = |cause: std::io::Error| {
                    let (zh, en) = (format!("无法读取 {shown}：{cause}"), format!("can't read {shown}: {cause}"));
                    Said::usage("unreadable_file", zh, en)
                };
                let mut text = String::new();
                let file = std::fs::File::open(path).map_err(cannot)?;
                file.take(ANCHORS_MAX as u64).read_to_string(&mut text).map_err(cannot)?;
                text + "\n"
            }
        };
        for (kind, keys) in [("root", &self.root), ("log", &self.log)] {
            for key in keys {
                text = text + kind + " " + key + "\n";
            }
        }
        text.parse().map_err(|_| {
            Said::usage(
                "wrong_anchors",
                "公钥写得不对：每行一个用途和 66 位十六进制。",
                "that is no key: a line is a purpose and 66 hex digits.",
            )
        })
    }
}
