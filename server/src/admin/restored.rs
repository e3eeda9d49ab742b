//! `doorstep admin restored`: a backup was put in place. Phones are told that the log is another one, and give back what it lost.

use clap::Args;

use super::{DataDir, failed, now};
use crate::audit::Who;
use crate::config::ServerEntropy;
use crate::words::{Lang, Said, say};

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:
  cp backup/doorstep.db ./data/                      把备份放回去（服务器先停下） · put the backup in place, the server stopped
  doorstep admin restored --data ./data              然后说一声 · then say so
  doorstep serve --data ./data

手机下次同步时会重新收取全部记录，并把服务器缺少的、自己写过的内容再传一次；手机上的内容不会丢失。
With their next sync phones fetch everything anew and send again what they wrote and the backup does not have; nothing on them is lost.
备份之后做的停用、任命、登记不在备份里，请核对后再做一次：手机凭新的登记码可重新登记，内容保留。
What was revoked, appointed or enrolled since the backup is not in it: check, and do it again. A phone enrols again with a new code and keeps its work.")]
pub(super) struct Options {
    #[command(flatten)]
    dir: DataDir,
}

pub(super) fn run(options: &Options, lang: Lang) -> Result<(), Said> {
    let store = options.dir.open()?;
    let ended = store.epoch().map_err(|error| failed(&error))?;
    store.begin_epoch(ended, Who::Operator, &ServerEntropy, now()).map_err(|error| failed(&error))?;
    let held = store.holdings().map_err(|error| failed(&error))?;
    let (documents, changes, devices) = (held.documents, held.changes, held.devices);
    match lang {
        Lang::Zh => {
            say!("已记下：数据库由备份恢复，现有 {documents} 份记录、{changes} 条变更、{devices} 台在用设备。");
            say!("手机下次同步时会补传备份里没有的内容。请用 doorstep admin list 核对停用的设备和岗位。");
        }
        Lang::En => {
            say!(
                "noted: the database comes from a backup; it holds {documents} records, {changes} changes, {devices} devices in use"
            );
            say!(
                "phones send what the backup lacks with their next sync; check revoked devices and posts with: doorstep admin list"
            );
        }
    }
    Ok(())
}
