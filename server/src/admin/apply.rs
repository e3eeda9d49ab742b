//! `doorstep admin apply`: an edited directory takes the place of the present one, after saying what that changes.

use std::path::PathBuf;

use clap::Args;

use super::changes::{Change, Line, between, merged};
use super::{DataDir, check_ledgers, failed, file, now};
use crate::store::StoreError;
use crate::words::{Lang, Said, say};

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:
  doorstep admin show --data ./data > place.toml                  现在的名录 · the directory as it stands
  （修改 place.toml） · (edit place.toml)
  doorstep admin apply place.toml --data ./data --dry-run         看看改了什么 · see what that changes
  doorstep admin apply place.toml --data ./data                   换上 · put it in place

文件里没有的岗位即日卸任；人员的姓名留在名录里 · Posts that the file leaves out end now; people's names stay.
别人已经改过名录时不会覆盖，请重新 show · Who comes after another administrator is refused, and begins anew with show.")]
pub(super) struct Options {
    /// 名录文件（admin show 打印的） · The directory's file, as admin show printed it.
    file: PathBuf,
    #[command(flatten)]
    dir: DataDir,
    /// 只说明改了什么，不换上 · Only say what would change.
    #[arg(long)]
    dry_run: bool,
    /// 以 JSON 输出 · Print the changes for programs.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, lang: Lang) -> Result<(), Said> {
    let from = options.file.display();
    let text = std::fs::read_to_string(&options.file)
        .map_err(|cause| Said::coded("file", format!("无法读取 {from}：{cause}"), format!("can't read {from}: {cause}")))?;
    let wanted = file::read(&text).map_err(|error| {
        Said::coded("file_wrong", format!("{from} 里有错误：\n{error}"), format!("{from} has a mistake:\n{error}"))
    })?;
    if wanted.version == 0 {
        return Err(Said::coded(
            "version_missing",
            "文件里没有 version 一行，不知道它出自哪一版名录。请从 doorstep admin show 打印的文件改起。",
            "the file has no version line, so there is no telling what it was made from; begin with doorstep admin show.",
        ));
    }
    let store = options.dir.open()?;
    let present = store.directory().map_err(|error| failed(&error))?;
    if wanted.version != present.version {
        return Err(failed(&StoreError::Outdated { present: present.version }));
    }
    let next = merged(&present, &wanted, now());
    next.check().map_err(|error| failed(&StoreError::Directory(error)))?;
    check_ledgers(&next)?;
    let changes = between(&present, &next, lang);
    if options.json {
        say!("{}", serde_json::json!({ "version": present.version, "dry_run": options.dry_run, "changes": changes }));
    } else {
        for line in &changes {
            tell(line, lang);
        }
    }
    if changes.is_empty() {
        if !options.json {
            say!("{}", lang.pick("没有改动，名录原样。", "nothing changes; the directory is as it was."));
        }
        return Ok(());
    }
    if options.dry_run {
        if !options.json {
            say!("{}", lang.pick("只是预演，没有换上。", "a dry run: nothing was changed."));
        }
        return Ok(());
    }
    let version = store.replace_directory(next, now()).map_err(|error| failed(&error))?;
    if !options.json {
        match lang {
            Lang::Zh => say!("✓ 名录现在是第 {version} 版，手机下次同步时更新。"),
            Lang::En => say!("✓ the directory is now version {version}; phones get it with their next sync."),
        }
    }
    Ok(())
}

fn tell(line: &Line, lang: Lang) {
    let mark = match line.change {
        Change::Added => '+',
        Change::Changed => '~',
        Change::Removed => '-',
    };
    let what = match line.what {
        "name" => lang.pick("名称", "name"),
        "org" => lang.pick("单位", "org"),
        "grid" => lang.pick("网格", "grid"),
        "person" => lang.pick("人员", "person"),
        "policy" => lang.pick("政策", "policy"),
        "calendar" => lang.pick("日历", "calendar"),
        "template" => lang.pick("协议模板", "template"),
        _ => lang.pick("台账", "ledger"),
    };
    let gone = match (line.what, line.change) {
        ("person", Change::Removed) => lang.pick("（岗位即日结束）", " (posts end now)"),
        _ => "",
    };
    say!("{mark} {what} {}  {}{gone}", line.id, line.words);
}
