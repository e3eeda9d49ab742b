//! `--help` in one language. What is said of a command is written once, as `中文 · English`; here the half that is not wanted
//! is taken out of everything that clap would show, and clap's own headings are translated.

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command};

use super::Lang;

/// Between the Chinese half of a line and the English one.
const BETWEEN: &str = " · ";
/// Blanks that part a command in an example from what is said of it.
const COLUMN: &str = "   ";

/// The command line with everything it says of itself in this language.
pub fn in_one_language(command: Command, lang: Lang) -> Command {
    let text = |styled: &StyledStr| StyledStr::from(halves(&styled.to_string(), lang));
    let about = command.get_about().map(text);
    let long_about = command.get_long_about().map(text);
    let before = command.get_before_help().map(text);
    let after = command.get_after_help().map(text);
    let heading = command.get_subcommand_help_heading().map(|heading| halves(heading, lang));
    let mut command = command.disable_help_flag(true).disable_help_subcommand(true).arg(
        Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示帮助 · Show this help").display_order(999),
    );
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(long_about) = long_about {
        command = command.long_about(long_about);
    }
    if let Some(before) = before {
        command = command.before_help(before);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    if let (Lang::Zh, None) = (lang, heading) {
        command = command.subcommand_help_heading("命令");
    }
    if lang == Lang::Zh {
        command = command.help_template("{before-help}{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}");
    }
    command
        .mut_args(|arg| {
            let help = arg.get_help().map(text);
            let long = arg.get_long_help().map(text);
            let heading = match (arg.get_help_heading(), lang, arg.is_positional()) {
                (Some(own), ..) => Some(halves(own, lang)),
                (None, Lang::Zh, true) => Some("参数".to_owned()),
                (None, Lang::Zh, false) => Some("选项".to_owned()),
                (None, Lang::En, _) => None,
            };
            let (help, long) = with_values(&arg, help, long, lang);
            let arg = if let Some(help) = help { arg.help(help) } else { arg };
            let arg = if let Some(long) = long { arg.long_help(long) } else { arg };
            let takes = arg.get_action().takes_values();
            let arg = if takes { arg.hide_possible_values(true) } else { arg };
            if let Some(heading) = heading { arg.help_heading(leaked(heading)) } else { arg }
        })
        .mut_subcommands(|sub| in_one_language(sub, lang))
}

/// An option's help with the values it can have: by name in the short form, each with its meaning in the long one. clap's own
/// list would be in both languages.
fn with_values(
    arg: &Arg,
    help: Option<StyledStr>,
    long: Option<StyledStr>,
    lang: Lang,
) -> (Option<StyledStr>, Option<StyledStr>) {
    let values = arg.get_possible_values();
    if values.is_empty() || arg.is_hide_possible_values_set() || !arg.get_action().takes_values() {
        return (help, long);
    }
    let said = help.as_ref().map(ToString::to_string).unwrap_or_default();
    let names: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
    let widest = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let lines = values.iter().map(|value| {
        let meaning = value.get_help().map(|help| halves(&help.to_string(), lang)).unwrap_or_default();
        format!("  {:<widest$}  {meaning}", value.get_name()).trim_end().to_owned()
    });
    let listed: Vec<String> = lines.collect();
    let short = match lang {
        Lang::Zh => format!("{said}（{}）", names.join("、")),
        Lang::En => format!("{said} ({})", names.join(", ")),
    };
    (Some(short.into()), Some(format!("{said}\n{}", listed.join("\n")).into()))
}

/// Each line's half in this language; a line that has no two halves stays whole.
pub fn halves(text: &str, lang: Lang) -> String {
    let lines: Vec<String> = text.lines().map(|line| half(line, lang)).collect();
    lines.join("\n")
}

fn half(line: &str, lang: Lang) -> String {
    let Some((before, en)) = line.split_once(BETWEEN) else { return line.to_owned() };
    // In an example the command stays; what is said of it stands behind a gap.
    let indent = before.len() - before.trim_start().len();
    let said_from = before.trim_start().rfind(COLUMN).map_or(indent, |gap| indent + gap + COLUMN.len());
    let (kept, zh) = before.split_at(said_from);
    format!("{kept}{}", lang.pick(zh, en))
}

/// clap keeps headings for as long as the program runs, and so does this: a handful, made once.
fn leaked(heading: String) -> &'static str {
    Box::leak(heading.into_boxed_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_halved_and_a_command_in_an_example_stays() {
        let text =
            "示例 · Examples:\n  doorstep phone day      今天的事 · what to do today\n  doorstep demo\n  缩进 · indented";
        assert_eq!(halves(text, Lang::Zh), "示例\n  doorstep phone day      今天的事\n  doorstep demo\n  缩进");
        assert_eq!(
            halves(text, Lang::En),
            "Examples:\n  doorstep phone day      what to do today\n  doorstep demo\n  indented"
        );
    }

    #[test]
    fn help_is_in_one_language_down_to_the_last_option() {
        let command = || {
            Command::new("doorstep").subcommand(
                Command::new("look").about("看 · Look.").arg(Arg::new("id").help("编号 · The id.")).arg(
                    Arg::new("all")
                        .long("all")
                        .action(ArgAction::SetTrue)
                        .help("全部 · Everything.")
                        .help_heading("范围 · Which"),
                ),
            )
        };
        let help = |lang| {
            let mut command = in_one_language(command(), lang);
            command.build();
            command.find_subcommand_mut("look").unwrap().render_help().to_string()
        };
        let zh = help(Lang::Zh);
        assert!(zh.contains("编号") && zh.contains("范围") && zh.contains("用法：") && zh.contains("显示帮助"), "{zh}");
        assert!(!zh.contains("Look") && !zh.contains("Usage") && !zh.contains("Options"), "{zh}");
        let en = help(Lang::En);
        assert!(en.is_ascii() && en.contains("Which:") && en.contains("Look.") && en.contains("Usage:"), "{en}");
    }
}
