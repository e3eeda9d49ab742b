//! `doorstep admin init`: a database from a file.

use std::path::PathBuf;

use clap::Args;

use super::{DataDir, check_ledgers, failed, file, now};
use crate::config::ServerEntropy;
use crate::store::Store;
use crate::words::{Lang, Said, say};

#[derive(Debug, Args)]
#[command(
    after_help = "示例 · Example:\n  doorstep admin sample > place.toml   (then edit it)\n  doorstep admin init --data ./data --from place.toml"
)]
pub(super) struct Options {
    #[command(flatten)]
    dir: DataDir,
    /// 名录文件 · The sub-district's file; `doorstep admin sample` prints one.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
}

pub(super) fn run(options: &Options, lang: Lang) -> Result<(), Said> {
    let from = options.from.display();
    let text = std::fs::read_to_string(&options.from)
        .map_err(|cause| Said::new(format!("无法读取 {from}：{cause}"), format!("can't read {from}: {cause}")))?;
    let directory = file::read(&text)
        .map_err(|error| Said::new(format!("{from} 里有错误：\n{error}"), format!("{from} has a mistake:\n{error}")))?;
    check_ledgers(&directory)?;
    Store::create(&options.dir.data, &directory, &ServerEntropy, now()).map_err(|error| failed(&error))?;
    let (orgs, grids, people) = (directory.orgs.len(), directory.grids.len(), directory.people.len());
    let data = options.dir.data.display();
    match lang {
        Lang::Zh => {
            say!("已建立：{}（{orgs} 个单位，{grids} 个网格，{people} 名人员）", directory.name);
            say!("下一步：doorstep serve --data {data}");
        }
        Lang::En => {
            say!("made {} ({orgs} orgs, {grids} grids, {people} people)", directory.name);
            say!("next: doorstep serve --data {data}");
        }
    }
    Ok(())
}
