//! `doorstep demo`: the whole method from end to end, on five real cases and ten invented ones, with a real server and real
//! phones.
//!
//! A server process on loopback, a fresh data folder, phones with databases of their own. Phones are offline unless the
//! story says that they sync; one is killed in the middle of a tap, the server in the middle of a push. What is
//! simulated is the calendar alone: a clock that the story moves by hours and days. Whatever the newspaper's report does
//! not give (people's names, dates, sums, every case from 6 on) is filler and marked as such.

mod cases;
mod cast;
mod clock;
mod crash;
mod morning;
mod server;
mod table;
mod voice;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use doorstep_core::agreement;

use crate::words::{Lang, Said};
use cast::World;
use voice::Ink;

pub use crash::{VictimOptions, be_killed_in_the_middle_of_a_tap};

/// How to play.
#[derive(Debug, Args)]
pub struct Options {
    /// 演示后不停止服务器 · Leave the server up afterwards, until Ctrl-C.
    #[arg(long)]
    keep: bool,
    /// 以 JSON 输出结果表 · Print the table as JSON for programs; the story goes to standard error.
    #[arg(long)]
    json: bool,
    /// 数据目录（须为空） · Where the data go; a new folder under the system's temporary one if not given.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Plays the story; an error if an outcome is not the one in the case's row.
pub fn run(options: &Options, lang: Lang) -> Result<(), Said> {
    let dir = folder(options.data.as_deref())?;
    let mut world = World::begin(&dir, lang, options.json)?;
    let rows = cases::play(&mut world)?;
    let morning = morning::play(&mut world)?;
    let agreement = keep_agreement(&mut world)?;
    if options.json {
        println!("{}", table::json(&rows, &morning, &world, &agreement));
    } else {
        table::print(&rows, &world);
        table::print_phones(&world)?;
        epilogue(&world, &agreement, &dir);
    }
    if options.keep {
        world.say(
            &format!("服务器仍在运行：{}（按 Ctrl-C 停止）", world.server_address()),
            &format!("the server stays up at {} (Ctrl-C to stop)", world.server_address()),
        );
        world.wait_for_server();
    }
    table::judge(&rows)
}

/// A fresh folder.
fn folder(given: Option<&Path>) -> Result<PathBuf, Said> {
    let cannot =
        |cause: std::io::Error| Said::new(format!("无法建立数据目录：{cause}"), format!("can't make the data folder: {cause}"));
    match given {
        None => Ok(tempfile::Builder::new().prefix("doorstep-demo-").tempdir().map_err(cannot)?.keep()),
        Some(dir) => {
            std::fs::create_dir_all(dir).map_err(cannot)?;
            if std::fs::read_dir(dir).map_err(cannot)?.next().is_some() {
                return Err(Said::new(
                    "数据目录不是空的；演示从空目录开始。",
                    "the data folder is not empty; the demo begins with an empty one.",
                ));
            }
            Ok(dir.to_path_buf())
        }
    }
}

/// The signed agreement of case 1 as a file, and what became of it when one byte was changed.
struct Kept {
    path: PathBuf,
    check_number: String,
    holds: bool,
    finding: String,
}

fn keep_agreement(world: &mut World) -> Result<Kept, Said> {
    let (check_number, bytes) =
        world.agreement.take().ok_or_else(|| Said::new("没有签署的协议。", "no agreement was signed."))?;
    let path = world.dir.join("agreement.doorstep");
    let cannot =
        |cause: std::io::Error| Said::new(format!("无法写入协议文件：{cause}"), format!("can't write the agreement: {cause}"));
    std::fs::File::create(&path).and_then(|mut file| file.write_all(&bytes)).map_err(cannot)?;
    let holds = agreement::verify(&bytes).holds();
    let mut altered = bytes;
    let middle = altered.len() / 2;
    if let Some(byte) = altered.get_mut(middle) {
        *byte ^= 1;
    }
    let report = agreement::verify(&altered);
    let finding =
        report.findings().max_by_key(|finding| finding.weight()).map(|finding| finding.code().to_owned()).unwrap_or_default();
    Ok(Kept { path, check_number, holds, finding })
}

fn epilogue(world: &World, kept: &Kept, dir: &Path) {
    let verdict =
        if kept.holds { world.pick("核验通过", "verifies") } else { world.pick("核验未通过", "does not verify") };
    let (path, number, finding) = (kept.path.display(), &kept.check_number, &kept.finding);
    let dir = dir.display();
    let text = match world.lang() {
        Lang::Zh => format!(
            "\n签署的协议：{path}\n核验码 {number}，{verdict}\n改动一个字节后：{finding}\n自行核验：doorstep verify {path}\n数据都在：{dir}"
        ),
        Lang::En => format!(
            "\nthe signed agreement: {path}\ncheck number {number}: {verdict}\nwith one byte changed: {finding}\ncheck it yourself: doorstep verify {path}\nall data lie in: {dir}"
        ),
    };
    // As it is: paths are there to be copied.
    text.lines().for_each(|line| world.line(Ink::Plain, line));
}
