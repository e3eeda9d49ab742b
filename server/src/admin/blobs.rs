//! `doorstep admin blobs`: reads every attachment's file and holds it against its name. What is missing or damaged is marked,
//! and asked of the phones that have it.

use clap::Args;

use super::{DataDir, now};
use crate::attachments::Attachments;
use crate::words::{Lang, Said, say};

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep admin blobs --data ./data
  doorstep admin blobs --data ./data --blobs s3://doorstep/guangwumen      与 serve 相同 · as serve was told

服务器运行时也可以做 · Also while the server runs.
缺失或损坏的附件会记下，存有原件的手机下次同步时补传；没有删除任何文件。
What is missing or damaged is noted, and phones that have it send it again with their next sync; no file is removed.")]
pub(super) struct Options {
    #[command(flatten)]
    dir: DataDir,
    /// 附件存放处，与 serve 相同 · Where attachments are kept, as `doorstep serve` was told.
    #[arg(long, value_name = "s3://BUCKET/PREFIX")]
    blobs: Option<String>,
}

pub(super) fn run(options: &Options, lang: Lang) -> Result<(), Said> {
    let store = options.dir.open()?;
    let blobs = crate::serve::blobs(options.blobs.as_deref(), &store)?;
    let cause = |cause: &dyn std::fmt::Display| {
        Said::coded("blobs_unreadable", format!("无法读取附件：{cause}"), format!("attachments can't be read: {cause}"))
    };
    // The object store waits on a runtime's threads.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|error| cause(&error))?;
    let _inside = runtime.enter();
    let checked = Attachments::new(store, blobs).check(now()).map_err(|error| cause(&error))?;
    let crate::attachments::Checked { sound, bytes, missing, damaged, back } = checked;
    let mib = bytes.div_ceil(1 << 20);
    match lang {
        Lang::Zh => {
            say!("完好 {sound} 个（{mib} MiB），缺失 {missing} 个，损坏 {damaged} 个，重新找到 {back} 个。");
            if missing + damaged > 0 {
                say!("已记下，存有原件的手机下次同步时会补传。");
            }
        }
        Lang::En => {
            say!("{sound} sound ({mib} MiB), {missing} missing, {damaged} damaged, {back} found again");
            if missing + damaged > 0 {
                say!("noted: phones that have them send them again with their next sync");
            }
        }
    }
    Ok(())
}
