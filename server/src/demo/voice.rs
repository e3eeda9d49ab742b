//! The voice that tells the story: one language, colours where somebody looks, lines that fit the terminal.
//!
//! Into a file or a pipe every line goes whole, one an action, so that it can be searched. It knows nothing of the story.

use std::io::{IsTerminal as _, Write as _};

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::words::Lang;

/// Where a line begins after its day and hour; what goes on in the next line begins there too.
const INDENT: usize = 15;
/// How far any other paragraph goes on from the margin.
const HANGING: usize = 4;
/// Narrower terminals than this get whole lines, and break them as they like.
const WIDTH_MIN: usize = 40;
/// Longer lines than this are hard to read on any terminal.
const WIDTH_MAX: usize = 110;

/// Tells.
pub(super) struct Voice {
    lang: Lang,
    to_stderr: bool,
    colours: bool,
    /// Of the terminal; none where a line goes whole.
    width: Option<usize>,
}

/// How a line looks on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Bold,
    /// What happens by itself.
    Faint,
    /// What the law of the method decides.
    Law,
}

impl Ink {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\u{1b}[1m",
            Self::Faint => "\u{1b}[2m",
            Self::Law => "\u{1b}[36m",
        }
    }
}

impl Voice {
    pub(super) fn new(lang: Lang, to_stderr: bool) -> Self {
        let colours = if to_stderr { std::io::stderr().is_terminal() } else { std::io::stdout().is_terminal() };
        let size = if to_stderr {
            terminal_size::terminal_size_of(std::io::stderr())
        } else {
            terminal_size::terminal_size_of(std::io::stdout())
        };
        let width = size.map(|(width, _)| usize::from(width.0).min(WIDTH_MAX)).filter(|width| *width >= WIDTH_MIN);
        Self { lang, to_stderr, colours, width }
    }

    pub(super) const fn lang(&self) -> Lang {
        self.lang
    }

    /// A paragraph, broken where the terminal ends.
    pub(super) fn tell(&self, ink: Ink, text: &str) {
        self.paragraph(ink, text, HANGING);
    }

    /// Something beside what people do: where their lines begin.
    pub(super) fn beside(&self, ink: Ink, mark: char, text: &str) {
        self.paragraph(ink, &format!("{:INDENT$}{mark} {text}", ""), INDENT + 2);
    }

    fn paragraph(&self, ink: Ink, text: &str, indent: usize) {
        match self.width {
            Some(width) => wrap(text, width, indent).iter().for_each(|line| self.line(ink, line)),
            None => self.line(ink, text),
        }
    }

    /// What somebody did, and when.
    pub(super) fn deed(&self, when: &str, who: &str, what: &str) {
        let whole = format!("{when}{who}  {what}");
        let lines = self.width.map_or_else(|| vec![whole.clone()], |width| wrap(&whole, width, INDENT));
        let bold = if self.colours { format!("{}{who}\u{1b}[0m", Ink::Bold.code()) } else { who.to_owned() };
        for (place, line) in lines.iter().enumerate() {
            let line = if place == 0 { line.replacen(who, &bold, 1) } else { line.clone() };
            self.line(Ink::Plain, &line);
        }
    }

    /// A line as it is: of a table, or one that somebody copies.
    pub(super) fn line(&self, ink: Ink, text: &str) {
        let end = if self.colours && ink != Ink::Plain { "\u{1b}[0m" } else { "" };
        let begin = if self.colours { ink.code() } else { "" };
        // Who stops reading (`| head`) gets no more, and no complaint.
        let _ = if self.to_stderr {
            writeln!(std::io::stderr().lock(), "{begin}{text}{end}")
        } else {
            writeln!(std::io::stdout().lock(), "{begin}{text}{end}")
        };
    }
}

/// Something that is not broken, and the blanks before it.
struct Atom {
    blanks: usize,
    text: String,
}

/// Latin words are whole; Chinese may be broken between characters, but no line begins with a closing mark.
fn atoms(text: &str) -> Vec<Atom> {
    let mut atoms: Vec<Atom> = Vec::new();
    let (mut blanks, mut glued) = (0, false);
    for character in text.chars() {
        if character == ' ' {
            (blanks, glued) = (blanks + 1, false);
            continue;
        }
        let wide = character.width() == Some(2);
        let closes = "，。；：、！？）》”".contains(character);
        let follows = glued || closes || !wide;
        match atoms.last_mut().filter(|_| blanks == 0 && follows) {
            Some(last) => last.text.push(character),
            None => atoms.push(Atom { blanks, text: character.into() }),
        }
        blanks = 0;
        glued = "（《“".contains(character);
    }
    atoms
}

/// The text in lines of at most this width, unless one word is wider; all but the first begin with the indent.
fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for (place, Atom { blanks, text }) in atoms(text).into_iter().enumerate() {
        let more = text.width();
        let full = place > 0 && used + blanks + more > width;
        if full {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        let before = if full { indent } else { blanks };
        line.extend(std::iter::repeat_n(' ', before));
        line.push_str(&text);
        used += before + more;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_fits_stays_as_it_is() {
        for text in ["", "   5-11 08:30  王敏  来电 · 停水", "a  b"] {
            assert_eq!(wrap(text, 80, 4), [text]);
        }
    }

    #[test]
    fn words_stay_whole_and_the_rest_is_indented() {
        assert_eq!(wrap("  the bulbs were replaced", 12, 3), ["  the bulbs", "   were", "   replaced"]);
        assert_eq!(wrap("incomprehensibilities are wide", 10, 2), ["incomprehensibilities", "  are wide"]);
    }

    #[test]
    fn chinese_is_broken_between_characters_and_no_line_begins_with_a_closing_mark() {
        assert_eq!(wrap("两份签名，都真", 8, 0), ["两份签", "名，都真"]);
        assert_eq!(wrap("两份（真）的", 6, 0), ["两份", "（真）", "的"]);
        for line in wrap("居民的话先于干部的结案：重新开启，第二轮。", 10, 2) {
            assert!(line.width() <= 10, "{line}");
        }
    }
}
