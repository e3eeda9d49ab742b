//! `doorstep`: serve, administer, verify, be a phone, print a case, play the demo.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use doorstep_server::words::{self, Lang, Said};
use doorstep_server::{admin, config, demo, desk, fonts, serve, verify, worker};

/// 入户事项协同服务 · Case work at the doorstep: the sub-district's server, its administration, and a phone for the desk.
#[derive(Parser)]
#[command(name = "doorstep", version, max_term_width = 110, after_help = EXAMPLES)]
struct Cli {
    /// 界面语言 · Language of messages; the locale's (LC_ALL, LANG) if not given.
    #[arg(long, global = true, value_parser = words::parse, value_name = "zh|en", display_order = 998)]
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
    /// 命令行上的手机：登记、一天的工作、同步 · A phone on the command line: enrol, a day's work, sync.
    Phone(desk::Options),
    /// 打印一件事项的全过程 · Print a case's whole history.
    #[command(subcommand)]
    Case(desk::CaseAction),
    /// 核验已签署的协议 · Verify a signed agreement, offline.
    Verify(verify::Options),
    /// 用五个真实案例和十个虚构案例演示全过程 · Play the whole work on five real cases and ten invented ones.
    Demo(demo::Options),
    /// 随附数据的许可 · Licences of data that this program carries.
    Licences,
    #[command(hide = true)]
    DemoVictim(demo::VictimOptions),
    #[cfg(unix)]
    #[command(hide = true, name = config::WORKER_ARGUMENT)]
    GuardWorker,
}

const EXAMPLES: &str = "\
示例：半分钟看一遍 · See it work, in half a minute:
  doorstep demo

示例：在一台电脑上从零试用 · A trial on one computer, from nothing:
  doorstep admin sample > place.toml                    一份可修改的示例名录 · a sub-district to begin with
  doorstep admin init --data ./data --from place.toml   建立数据库 · make the database
  doorstep serve --data ./data                          在 127.0.0.1:8443 运行 · run on 127.0.0.1:8443
  doorstep admin enrol w-ncg-1 --data ./data            网格员手机的二维码 · a QR code for a grid worker's phone
  doorstep phone enrol 'doorstep://enrol?…'             没有手机时，在命令行登记 · or be that phone, here
  doorstep admin list --data ./data                     人员、岗位、设备 · people, posts, devices

在局域网试用 · For phones on the same network:
  doorstep serve --data ./data --listen 0.0.0.0:8443 --self-signed

退出码：0 成功，1 未办成，2 命令写错 · Exit codes: 0 done, 1 refused or failed, 2 a line that makes no sense";

fn main() -> ExitCode {
    let line = helpful(std::env::args_os().collect());
    let lang = asked_for(&line).unwrap_or_else(words::of_locale);
    let json = line.iter().any(|word| word == "--json");
    let matched = command_line(lang).try_get_matches_from(&line);
    let cli = match matched.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            let Some(said) = words::wrong_line(&error, lang) else { error.exit() };
            eprintln!("{}", said.line(lang, json));
            return ExitCode::from(said.exit_code());
        }
    };
    let done: Result<(), Said> = match &cli.command {
        Command::Serve(options) => serve::run(options, lang),
        Command::Admin(options) => admin::run(options, lang),
        Command::Phone(options) => desk::run(options, lang),
        Command::Case(action) => desk::run_case(action, lang),
        Command::Verify(options) => verify::run(options, lang),
        Command::Demo(options) => demo::run(options, lang),
        Command::Licences => {
            println!(
                "hanzi-writer-data (Make Me a Hanzi, Arphic): stroke medians, reduced and rounded\n\n{}",
                desk::ink::LICENCE
            );
            println!("\nNoto Serif CJK SC, Noto Sans CJK SC: fonts of the print, subset\n\n{}", fonts::LICENCE);
            Ok(())
        }
        Command::DemoVictim(options) => demo::be_killed_in_the_middle_of_a_tap(options),
        #[cfg(unix)]
        Command::GuardWorker => return worker::be_one(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(said) => {
            eprintln!("{}", said.line(lang, json));
            ExitCode::from(said.exit_code())
        }
    }
}

/// What can be typed, told in this language.
fn command_line(lang: Lang) -> clap::Command {
    words::in_one_language(Cli::command(), lang).mut_subcommand("phone", |phone| desk::grouped(phone, lang))
}

/// `doorstep help phone list` as `doorstep phone list --help`.
fn helpful(mut line: Vec<OsString>) -> Vec<OsString> {
    if line.get(1).is_some_and(|word| word == "help") {
        line.remove(1);
        line.push("--help".into());
    }
    line
}

/// The language a line asks for, before it is read: its mistakes are told in it too.
fn asked_for(line: &[OsString]) -> Option<Lang> {
    let words: Vec<&str> = line.iter().filter_map(|word| word.to_str()).collect();
    words.iter().enumerate().find_map(|(at, word)| match word.strip_prefix("--lang")? {
        "" => words::parse(words.get(at + 1)?).ok(),
        glued => words::parse(glued.strip_prefix('=')?).ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        for lang in [Lang::Zh, Lang::En] {
            command_line(lang).debug_assert();
        }
    }

    #[test]
    fn everything_is_said_in_both_languages() {
        fn walk(command: &clap::Command, wrong: &mut Vec<String>) {
            if command.is_hide_set() {
                return;
            }
            let both = |text: &str| text.contains(" · ");
            let name = command.get_name().to_owned();
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            if !both(&about) {
                wrong.push(format!("{name}: {about}"));
            }
            for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                if !both(&help) {
                    wrong.push(format!("{name} {}: {help}", arg.get_id()));
                }
            }
            command.get_subcommands().for_each(|sub| walk(sub, wrong));
        }
        let mut wrong = Vec::new();
        walk(&Cli::command(), &mut wrong);
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn the_language_is_known_before_the_line_is_read() {
        let line = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(asked_for(&line(&["doorstep", "--lang", "zh"])), Some(Lang::Zh));
        assert_eq!(asked_for(&line(&["doorstep", "phone", "--lang=en"])), Some(Lang::En));
        assert_eq!(asked_for(&line(&["doorstep", "--lang"])), None);
        assert_eq!(helpful(line(&["doorstep", "help", "phone"])), line(&["doorstep", "phone", "--help"]));
    }
}
