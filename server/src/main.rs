//! `doorstep`: serve, administer, verify, play the demo.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use doorstep_server::words::{self, Lang, Said};
use doorstep_server::{admin, demo, serve, verify};

/// 入户事项协同服务 · Case work at the doorstep: the sub-district's server and its administration.
#[derive(Parser)]
#[command(name = "doorstep", version, max_term_width = 110, after_help = EXAMPLES)]
struct Cli {
    /// 界面语言 · Language of messages; the locale's (LC_ALL, LANG) if not given.
    #[arg(long, global = true, value_parser = words::parse, value_name = "zh|en")]
    lang: Option<Lang>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 运行服务器 · Run the server.
    Serve(serve::Options),
    /// 管理名录、人员、设备 · Set up the sub-district, its people and their devices.
    Admin(admin::Options),
    /// 核验已签署的协议 · Verify a signed agreement, offline.
    Verify(verify::Options),
    /// 用五个真实案例演示全过程 · Play the whole work on five real cases.
    Demo(demo::Options),
    /// 随附数据的许可 · Licences of data that this program carries.
    Licences,
    #[command(hide = true)]
    DemoVictim(demo::VictimOptions),
}

const EXAMPLES: &str = "\
示例 · See it work, in half a minute:
  doorstep demo

示例 · A trial on one computer, from nothing:
  doorstep admin sample > place.toml                    a sub-district to begin with
  doorstep admin init --data ./data --from place.toml   make the database
  doorstep serve --data ./data                          run on 127.0.0.1:8443
  doorstep admin enrol w-ncg-1 --data ./data            a QR code for a grid worker's phone
  doorstep admin list --data ./data                     people, posts, devices

在局域网试用 · For phones on the same network:
  doorstep serve --data ./data --listen 0.0.0.0:8443 --self-signed";

fn main() -> ExitCode {
    let cli = Cli::parse();
    let lang = cli.lang.unwrap_or_else(words::of_locale);
    let done: Result<(), Said> = match &cli.command {
        Command::Serve(options) => serve::run(options, lang),
        Command::Admin(options) => admin::run(options, lang),
        Command::Verify(options) => verify::run(options, lang),
        Command::Demo(options) => demo::run(options, lang),
        Command::Licences => {
            println!(
                "hanzi-writer-data (Make Me a Hanzi, Arphic): stroke medians, reduced and rounded\n\n{}",
                demo::STROKES_LICENCE
            );
            Ok(())
        }
        Command::DemoVictim(options) => demo::be_killed_in_the_middle_of_a_tap(options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(said) => {
            eprintln!("{}{}", lang.pick("错误：", "error: "), said.text(lang));
            ExitCode::FAILURE
        }
    }
}
