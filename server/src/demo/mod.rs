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
use doorstep_core::agreement::{self, Finding, Report};
use doorstep_core::print::{self, Copy};

use crate::fonts;
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

/// The signed agreement of case 1 as a file and on paper, and what became of each when one byte was changed.
struct Kept {
    path: PathBuf,
    pdf: PathBuf,
    check_number: String,
    holds: bool,
    pdf_holds: bool,
    finding: Finding,
    pdf_finding: Finding,
}

fn keep_agreement(world: &mut World) -> Result<Kept, Said> {
    let (check_number, bytes) =
        world.agreement.take().ok_or_else(|| Said::new("没有签署的协议。", "no agreement was signed."))?;
    let (path, pdf) = (world.dir.join("agreement.doorstep"), world.dir.join("agreement.pdf"));
    let printed = fonts::fonts().and_then(|fonts| print::agreement(&bytes, Copy::Party, fonts));
    let printed = printed.map_err(|error| Said::coded(error.code(), error.zh(), error.en()))?;
    let cannot =
        |cause: std::io::Error| Said::new(format!("无法写入协议文件：{cause}"), format!("can't write the agreement: {cause}"));
    for (path, bytes) in [(&path, &bytes), (&pdf, &printed)] {
        std::fs::File::create(path).and_then(|mut file| file.write_all(bytes)).map_err(cannot)?;
    }
    let carried = print::extract(&printed).map_err(|error| Said::coded(error.code(), error.zh(), error.en()))?;
    let (holds, pdf_holds) = (agreement::verify(&bytes).holds(), agreement::verify(carried).holds() && carried == bytes);
    // In the middle of the file, and in the middle of what the PDF carries.
    let finding = found_after_a_change(&bytes, bytes.len() / 2);
    let carried_at = printed.windows(carried.len()).position(|window| window == carried).unwrap_or_default();
    let mut altered = printed.clone();
    change(&mut altered, carried_at + carried.len() / 2);
    let carried = print::extract(&altered).map_err(|error| Said::coded(error.code(), error.zh(), error.en()))?;
    let pdf_finding = heaviest(&agreement::verify(carried));
    Ok(Kept { path, pdf, check_number, holds, pdf_holds, finding, pdf_finding })
}

/// What a verification finds first once the byte at this place is another.
fn found_after_a_change(bytes: &[u8], at: usize) -> Finding {
    let mut altered = bytes.to_vec();
    change(&mut altered, at);
    heaviest(&agreement::verify(&altered))
}

fn change(bytes: &mut [u8], at: usize) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1;
    }
}

/// The finding that weighs most; of several, the last. There is one: a note at least, that no receipt is at hand.
fn heaviest(report: &Report) -> Finding {
    report.findings().max_by_key(|finding| finding.weight()).cloned().unwrap_or(Finding::NotRegistered)
}

fn epilogue(world: &World, kept: &Kept, dir: &Path) {
    let verdict =
        |holds| if holds { world.pick("核验通过", "verifies") } else { world.pick("核验未通过", "does not verify") };
    let (path, pdf, number) = (kept.path.display(), kept.pdf.display(), &kept.check_number);
    let (held, pdf_held) = (verdict(kept.holds), verdict(kept.pdf_holds));
    let said = |finding: &Finding| match world.lang() {
        Lang::Zh => format!("{} [{}]", finding.zh(), finding.code()),
        Lang::En => format!("{} [{}]", finding.en(), finding.code()),
    };
    let (finding, pdf_finding) = (said(&kept.finding), said(&kept.pdf_finding));
    let dir = dir.display();
    let text = match world.lang() {
        Lang::Zh => format!(
            "\n签署的协议：{path}\n打印的协议：{pdf}\n核验码 {number}，{held}；PDF {pdf_held}\n协议文件改动一个字节后：{finding}\nPDF 改动一个字节后：{pdf_finding}\n自行核验：doorstep verify {pdf}\n数据都在：{dir}"
        ),
        Lang::En => format!(
            "\nthe signed agreement: {path}\non paper: {pdf}\ncheck number {number}: {held}; the PDF {pdf_held}\nthe file, a byte changed: {finding}\nthe PDF, a byte changed: {pdf_finding}\ncheck it yourself: doorstep verify {pdf}\nall data lie in: {dir}"
        ),
    };
    // As it is: paths are there to be copied.
    text.lines().for_each(|line| world.line(Ink::Plain, line));
}
