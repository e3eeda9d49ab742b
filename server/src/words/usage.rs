//! What is wrong with a line that was typed: clap's findings with a stable code each, in the reader's language.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::help::halves;
use super::{Lang, Said};

/// What to print for a line that clap would not take; none where it only asks for help or the version.
pub fn wrong_line(error: &clap::Error, lang: Lang) -> Option<Said> {
    let at = |kind| {
        error.get(kind).map(|value| match value {
            ContextValue::Strings(all) => all.join(lang.pick("、", ", ")),
            other => other.to_string(),
        })
    };
    let arg = at(ContextKind::InvalidArg).unwrap_or_default();
    let value = at(ContextKind::InvalidValue).unwrap_or_default();
    let (code, zh, en) = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return None;
        }
        ErrorKind::UnknownArgument => ("unknown_argument", format!("这里不能写 {arg}。"), format!("{arg} has no place here.")),
        ErrorKind::InvalidSubcommand => {
            let name = at(ContextKind::InvalidSubcommand).unwrap_or_default();
            ("unknown_command", format!("没有“{name}”这个命令。"), format!("there is no command {name}."))
        }
        ErrorKind::MissingSubcommand => ("command_missing", "还要写出命令。".into(), "a command is missing.".into()),
        ErrorKind::MissingRequiredArgument => ("argument_missing", format!("还缺：{arg}。"), format!("still needed: {arg}.")),
        ErrorKind::InvalidValue if value.is_empty() => {
            ("value_missing", format!("{arg} 后面要写内容。"), format!("{arg} needs a value."))
        }
        ErrorKind::InvalidValue => ("wrong_value", format!("{arg} 不能是“{value}”。"), format!("{arg} can't be '{value}'.")),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            let (zh, en) = (halves(&why, Lang::Zh), halves(&why, Lang::En));
            ("wrong_value", format!("{arg} 不能是“{value}”：{zh}。"), format!("{arg} can't be '{value}': {en}."))
        }
        ErrorKind::ArgumentConflict => {
            let other = at(ContextKind::PriorArg).unwrap_or_default();
            if other.is_empty() || other == arg {
                ("argument_twice", format!("{arg} 写了两次。"), format!("{arg} stands twice."))
            } else {
                ("argument_conflict", format!("{arg} 不能与 {other} 同用。"), format!("{arg} can't go with {other}."))
            }
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues | ErrorKind::NoEquals => {
            ("wrong_number_of_values", format!("{arg} 的内容个数不对。"), format!("{arg} has too many or too few values."))
        }
        ErrorKind::InvalidUtf8 => ("not_text", "参数不是文字。".into(), "an argument is not text.".into()),
        _ => ("usage", error.to_string(), error.to_string()),
    };
    let mut said = Said::usage(code, zh, en);
    let meant = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    if let Some(meant) = meant.into_iter().find_map(at) {
        said = said.and(&format!("是不是 {meant}？"), &format!("Did you mean {meant}?"));
    } else if let Some(valid) = at(ContextKind::ValidValue).filter(|valid| !valid.is_empty()) {
        said = said.and(&format!("可以是：{valid}。"), &format!("It can be: {valid}."));
    }
    if let Some(usage) = at(ContextKind::Usage) {
        let line = usage.trim().trim_start_matches("Usage:").trim();
        let asked = line.split([' ', '\n']).take_while(|word| !word.starts_with(['[', '<', '-'])).collect::<Vec<_>>().join(" ");
        said = said.and(&format!("\n用法：{line}\n详见：{asked} --help"), &format!("\nusage: {line}\nmore: {asked} --help"));
    }
    Some(said)
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};

    use super::*;

    fn said(line: &[&str]) -> Option<Said> {
        let look = Command::new("look")
            .arg(Arg::new("id").required(true))
            .arg(Arg::new("form").long("form").value_parser(["on_site", "at_home"]))
            .arg(
                Arg::new("n")
                    .long("n")
                    .value_parser(|text: &str| text.parse::<u8>().map_err(|_| "应为数字 · a number is wanted".to_owned())),
            );
        let error = Command::new("doorstep").subcommand_required(true).subcommand(look).try_get_matches_from(line).err()?;
        wrong_line(&error, Lang::Zh)
    }

    #[test]
    fn every_wrong_line_has_a_code_a_sentence_and_the_way_on() {
        let lines: [(&[&str], &str, &str); 7] = [
            (&["doorstep", "lok"], "unknown_command", "是不是 look？"),
            (&["doorstep"], "command_missing", "命令"),
            (&["doorstep", "look"], "argument_missing", "<id>"),
            (&["doorstep", "look", "1", "--frm", "x"], "unknown_argument", "是不是 --form？"),
            (&["doorstep", "look", "1", "--form", "on_sit"], "wrong_value", "是不是 on_site？"),
            (&["doorstep", "look", "1", "--n", "x"], "wrong_value", "应为数字"),
            (&["doorstep", "look", "1", "--n", "1", "--n", "2"], "argument_twice", "两次"),
        ];
        for (line, code, words) in lines {
            let said = said(line).unwrap();
            assert_eq!((said.code(), said.exit_code()), (code, 2), "{line:?}");
            assert!(said.text(Lang::Zh).contains(words), "{line:?}: {said}");
            assert!(!said.text(Lang::Zh).contains("a number"), "{said}");
        }
        assert_eq!(said(&["doorstep", "--help"]), None);
    }
}
