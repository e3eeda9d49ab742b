//! Text into lines. Line breaks are parley's (UAX #14, strict): no closing mark or full stop at a line's start, no opening one
//! at its end. Lines that break are stretched to the measure between characters, as Chinese is set.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use parley::style::{FontFamily, FontFamilyName, LineHeight, OverflowWrap, StyleProperty};
use parley::{Alignment, AlignmentOptions, IndentOptions, Layout, LayoutContext, PositionedLayoutItem};

use super::fonts::{Fonts, SANS, SERIF};
use super::sheet::{Glyph, Line, Run};
use crate::agreement::glyphs;

/// Which of the two fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    /// What is said.
    Serif,
    /// Headings and labels.
    Sans,
}

/// Where a line stands in its measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// At the left; lines that break are stretched.
    Justified,
    Left,
    Centre,
    Right,
}

/// How a text is set. Lengths in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub(super) face: Face,
    pub(super) size: f32,
    /// From baseline to baseline.
    pub(super) leading: f32,
    pub(super) align: Align,
    /// Of the first line of each paragraph.
    pub(super) indent: f32,
}

impl Style {
    /// What is said: 小四, two characters' indent.
    pub(super) const BODY: Self = Self { face: Face::Serif, size: 12.0, leading: 20.0, align: Align::Justified, indent: 24.0 };
    /// What stands in tables: 五号.
    pub(super) const CELL: Self = Self { face: Face::Serif, size: 10.5, leading: 16.0, align: Align::Justified, indent: 0.0 };
    /// Small print: 小五 and smaller.
    pub(super) const SMALL: Self = Self { face: Face::Serif, size: 8.5, leading: 13.0, align: Align::Justified, indent: 0.0 };
    /// Under a signature, in the table of acts.
    pub(super) const FINE: Self = Self { face: Face::Serif, size: 7.5, leading: 11.0, align: Align::Justified, indent: 0.0 };
    /// A form's title: 二号.
    pub(super) const TITLE: Self = Self { face: Face::Sans, size: 21.0, leading: 34.0, align: Align::Centre, indent: 0.0 };
    /// A heading within a form.
    pub(super) const HEADING: Self = Self { face: Face::Sans, size: 12.0, leading: 21.0, align: Align::Left, indent: 0.0 };
    /// Heads of columns and labels in tables.
    pub(super) const LABEL: Self = Self { face: Face::Sans, size: 10.5, leading: 16.0, align: Align::Centre, indent: 0.0 };

    pub(super) const fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }

    pub(super) const fn indented(self, indent: f32) -> Self {
        Self { indent, ..self }
    }

    pub(super) const fn sized(self, size: f32, leading: f32) -> Self {
        Self { size, leading, ..self }
    }
}

/// Half of an em box's ascent less half of its descent (0.88 and 0.12 in both fonts): from the middle of a line to its baseline.
const MIDDLE: f32 = 0.38;
/// Most that is put between two characters to reach the measure, ems. What lacks more stays ragged: a hole is uglier.
const STRETCH_MAX: f32 = 0.25;
/// 间隔号, between the parts of a name (买买提·阿不都拉) and of a number.
const MIDDLE_DOT: char = '·';
/// Stands for a character that has no glyph (〓, the printers' own mark for it).
const TURNED: char = '〓';

/// From the top of a line of this style to its baseline.
pub(super) fn to_baseline(style: &Style) -> f32 {
    style.leading / 2.0 + style.size * MIDDLE
}

/// Sets texts; holds what is worth keeping between them.
pub(super) struct Typesetter<'f> {
    fonts: &'f Fonts,
    context: parley::FontContext,
    layout: LayoutContext<()>,
}

impl<'f> Typesetter<'f> {
    pub(super) fn new(fonts: &'f Fonts) -> Self {
        Self { fonts, context: fonts.context.clone(), layout: LayoutContext::new() }
    }

    pub(super) const fn fonts(&self) -> &'f Fonts {
        self.fonts
    }

    /// The lines of a text, each `\n` a new paragraph. With the offset of each from the left edge of the measure.
    pub(super) fn lines(&mut self, text: &str, style: &Style, measure: f32) -> Vec<(f32, Line)> {
        text.split('\n').flat_map(|paragraph| self.paragraph(&printable(paragraph), style, measure)).collect()
    }

    /// How wide a text is on one line.
    pub(super) fn width(&mut self, text: &str, style: &Style) -> f32 {
        let text = printable(text);
        let mut layout = self.shaped(&text, style);
        layout.break_all_lines(None);
        layout.width()
    }

    fn shaped(&mut self, text: &str, style: &Style) -> Layout<()> {
        let mut builder = self.layout.ranged_builder(&mut self.context, text, 1.0, false);
        let both = [FontFamilyName::named(SANS), FontFamilyName::named(SERIF)];
        let families = match style.face {
            Face::Sans => &both[..],
            Face::Serif => &both[1..],
        };
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(families.into())));
        builder.push_default(StyleProperty::FontSize(style.size));
        builder.push_default(LineHeight::Absolute(style.leading));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        builder.build(text)
    }

    fn paragraph(&mut self, text: &str, style: &Style, measure: f32) -> Vec<(f32, Line)> {
        let mut layout = self.shaped(text, style);
        layout.set_text_indent(style.indent, IndentOptions::default());
        broken(&mut layout, text, measure);
        let align = match style.align {
            Align::Justified | Align::Left => Alignment::Left,
            Align::Centre => Alignment::Center,
            Align::Right => Alignment::Right,
        };
        layout.align(align, AlignmentOptions::default());
        let shared: Arc<str> = text.into();
        let count = layout.lines().len();
        let lines = layout.lines().enumerate().map(|(at, line)| {
            let mut set = Line { text: Arc::clone(&shared), size: style.size, runs: Vec::new() };
            let mut glyphs = 0;
            let mut left: Option<f32> = None;
            for item in line.items() {
                let PositionedLayoutItem::GlyphRun(run) = item else { continue };
                left = Some(left.map_or(run.offset(), |left| left.min(run.offset())));
                let blob = run.run().font().data.id();
                let mut set_run = Run { blob, x: run.offset(), glyphs: Vec::new() };
                for cluster in run.run().visual_clusters() {
                    // Every cluster's first glyph carries its text; ours have one glyph a character.
                    for glyph in cluster.glyphs() {
                        let advance = glyph.advance / style.size;
                        set_run.glyphs.push(Glyph { id: glyph.id, advance, range: cluster.text_range() });
                    }
                }
                glyphs += set_run.glyphs.len();
                set.runs.push(set_run);
            }
            let left = left.unwrap_or(0.0);
            for run in &mut set.runs {
                run.x -= left;
            }
            let metrics = line.metrics();
            let visible = metrics.advance - metrics.hanging_advance;
            let short = measure - left - visible;
            if style.align == Align::Justified && at + 1 < count && short > 0.0 {
                stretch(&mut set, short, glyphs);
            }
            (left, set)
        });
        lines.collect()
    }
}

/// Breaks the text into lines of this measure, none of which begins with `·`: UAX #14 lets one, Chinese setting does not (GB/T
/// 15834, 5.1.6). Where one would, the line before it gives its last character away too.
fn broken(layout: &mut Layout<()>, text: &str, measure: f32) {
    let mut given: BTreeMap<usize, f32> = BTreeMap::new();
    // Each round moves one break; there are no more of them than characters.
    for _ in 0..=text.len() {
        let mut breaker = layout.break_lines();
        breaker.state_mut().set_layout_max_advance(measure);
        let mut at = 0;
        loop {
            let most = given.get(&at).map_or(measure, |most| measure.min(*most));
            breaker.state_mut().set_line_max_advance(most);
            if breaker.break_next().is_none() {
                break;
            }
            at += 1;
        }
        breaker.finish();
        let begins = |range: Range<usize>| text.get(range).is_some_and(|line| line.starts_with(MIDDLE_DOT));
        let Some(bad) = layout.lines().skip(1).position(|line| begins(line.text_range())) else { return };
        let Some(before) = layout.lines().nth(bad) else { return };
        let metrics = before.metrics();
        let narrower = metrics.indent + metrics.advance - metrics.hanging_advance - 0.5;
        // A line of one character has nothing to give.
        if given.insert(bad, narrower).is_some_and(|known| narrower >= known) || narrower <= 0.0 {
            return;
        }
    }
}

/// Puts what a line lacks between its characters, evenly.
fn stretch(line: &mut Line, short: f32, glyphs: usize) {
    let Some(gaps) = u16::try_from(glyphs.saturating_sub(1)).ok().filter(|gaps| *gaps > 0) else { return };
    let each = short / f32::from(gaps);
    if each > line.size * STRETCH_MAX {
        return;
    }
    let mut moved = 0.0;
    for run in &mut line.runs {
        run.x += moved;
        for glyph in &mut run.glyphs {
            glyph.advance += each / line.size;
            moved += each;
        }
    }
    // Between characters, not behind the last.
    if let Some(last) = line.runs.last_mut().and_then(|run| run.glyphs.last_mut()) {
        last.advance -= each / line.size;
    }
}

/// The text with `〓` for what has no glyph, and a blank for what is no character to print.
fn printable(text: &str) -> String {
    let shown = |c: char| {
        if c == '\t' || c.is_control() {
            ' '
        } else if glyphs::is_covered(c) {
            c
        } else {
            TURNED
        }
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIF: &[u8] = include_bytes!("../../fonts/NotoSerifCJKsc.otf");
    const SANS: &[u8] = include_bytes!("../../fonts/NotoSansCJKsc-Bold.otf");
    /// What must not begin a line, and what must not end one.
    const NEVER_FIRST: &str = "，。、；：？！）》〉」』】〕％…—”’·";
    const NEVER_LAST: &str = "（《〈「『【〔“‘￥";
    const TEXT: &str = "根据《中华人民共和国人民调解法》（2010年8月28日通过），张建国（401室业主）与李秀英（301室业主）约定：“一次性赔偿￥3,800.00元（人民币），于2026年12月15日前付清”；逾期的，按“约定”处理！对此，双方是否同意？同意。比例为30％、其余【另议】……不再争议。编号〔2026〕和平街人调字第118号·附件①。";

    pub(in crate::print) fn fonts() -> Fonts {
        Fonts::new(Arc::new(SERIF), Arc::new(SANS)).unwrap()
    }

    #[test]
    fn no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one_at_any_measure() {
        let fonts = fonts();
        let mut setter = Typesetter::new(&fonts);
        let mut seen = 0;
        for measure in (60u16..460).step_by(3).map(f32::from) {
            let lines = setter.lines(TEXT, &Style::BODY.indented(0.0), measure);
            let said: Vec<&str> = lines.iter().map(|(_, line)| line.said().trim()).collect();
            assert_eq!(said.concat(), TEXT, "{measure}");
            for line in &said[1..] {
                assert!(!line.starts_with(|c| NEVER_FIRST.contains(c)), "{measure}: {line}");
            }
            for line in &said {
                assert!(!line.ends_with(|c| NEVER_LAST.contains(c)), "{measure}: {line}");
            }
            seen += said.len();
        }
        assert!(seen > 1_000, "{seen}");
    }

    #[test]
    fn lines_that_break_reach_the_measure_and_none_goes_beyond_it() {
        let fonts = fonts();
        let mut setter = Typesetter::new(&fonts);
        let lines = setter.lines(&TEXT.repeat(3), &Style::BODY, 448.0);
        let (last, broken) = lines.split_last().unwrap();
        for (x, line) in broken {
            assert!((x + line.width() - 448.0).abs() < 0.1, "{} {}", x + line.width(), line.said());
        }
        assert!(last.0 + last.1.width() < 448.1);
        assert!((lines[0].0 - 24.0).abs() < 0.1 && lines[1].0.abs() < 0.1, "two characters' indent, on the first line alone");
        // A word that is longer than a line is broken rather than printed over the margin.
        let word = "https://example.org/".to_owned() + &"a".repeat(200);
        assert!(setter.lines(&word, &Style::CELL, 100.0).iter().all(|(x, line)| x + line.width() < 100.1));
    }

    #[test]
    fn rare_names_have_glyphs_and_what_has_none_is_marked_not_lost() {
        let fonts = fonts();
        let mut setter = Typesetter::new(&fonts);
        for (text, shown) in [("䶮㛃𬱖𫖯〇", "䶮㛃𬱖𫖯〇"), ("张😀\t\u{200d}建", "张〓 〓建")] {
            for style in [Style::BODY, Style::HEADING] {
                let lines = setter.lines(text, &style, 300.0);
                assert_eq!(lines[0].1.said(), shown);
                let glyphs = lines[0].1.runs.iter().flat_map(|run| &run.glyphs);
                assert!(glyphs.clone().all(|glyph| glyph.id != 0), "{text}");
                assert_eq!(glyphs.count(), shown.chars().count());
            }
        }
    }

    #[test]
    fn the_table_of_coverage_is_that_of_the_font() {
        let face = parley::fontique::Blob::new(Arc::new(SERIF));
        let mut fonts = fonts();
        let family = fonts.context.collection.family_by_name(super::SERIF).unwrap();
        let font = family.fonts()[0].clone();
        let map = font.charmap_index().charmap(face.as_ref()).unwrap();
        for code in 0x20..0x33000u32 {
            let Some(c) = char::from_u32(code) else { continue };
            assert_eq!(glyphs::is_covered(c), map.map(c).is_some_and(|glyph| glyph != 0), "{code:X}");
        }
    }

    #[test]
    fn headings_have_every_character_of_the_fixed_words() {
        let blob = parley::fontique::Blob::new(Arc::new(SANS));
        let mut fonts = fonts();
        let family = fonts.context.collection.family_by_name(super::SANS).unwrap();
        let map = family.fonts()[0].charmap_index().charmap(blob.as_ref()).unwrap();
        let words = [include_str!("words/mod.rs"), include_str!("words/notice.rs")].concat();
        let lacking: String = words.chars().filter(|c| !c.is_ascii() && map.map(*c).is_none_or(|glyph| glyph == 0)).collect();
        assert_eq!(lacking, "", "run core/fonts/build");
    }
}
