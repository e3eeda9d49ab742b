//! `doorstep admin revoke`: a device that may speak to the server no more, from its next request on.

use clap::Args;

use super::{DataDir, failed, now};
use crate::words::{Lang, Said, say};

/// Fewest characters that name a device: the log shows eight.
const SHORTEST: usize = 6;

#[derive(Debug, Args)]
#[command(
    after_help = "示例 · Example:\n  doorstep admin list --data ./data          (shows the devices)\n  doorstep admin revoke 3f0q7x2k --data ./data"
)]
pub(super) struct Options {
    /// 设备编号，或其开头至少六个字符 · The device's id, or its first six characters or more.
    device: String,
    #[command(flatten)]
    dir: DataDir,
}

pub(super) fn run(options: &Options, lang: Lang) -> Result<(), Said> {
    let store = options.dir.open()?;
    let devices = store.devices().map_err(|error| failed(&error))?;
    let wanted = options.device.trim().to_ascii_lowercase();
    let mut fits = devices.iter().filter(|device| wanted.len() >= SHORTEST && device.id.to_string().starts_with(&wanted));
    let device = match (fits.next(), fits.next()) {
        (Some(device), None) => device,
        (None, _) => {
            return Err(Said::new(
                "没有这台设备，请用 doorstep admin list 查看（编号至少写六个字符）。",
                "there is no such device; see: doorstep admin list (give six characters or more)",
            ));
        }
        (Some(_), Some(_)) => {
            return Err(Said::new(
                "有几台设备的编号都这样开头，请多写几个字符。",
                "several devices begin like that; give more characters",
            ));
        }
    };
    if store.revoke_device(device.id, now()).map_err(|error| failed(&error))? {
        match lang {
            Lang::Zh => say!("已停用 {}（{}）。它的下一次请求就会被拒绝。", device.id, device.person),
            Lang::En => say!("revoked {} of {}; its next request will be refused", device.id, device.person),
        }
    } else {
        say!("{}", lang.pick("这台设备早已停用。", "that device was revoked before"));
    }
    Ok(())
}
