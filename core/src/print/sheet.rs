//! A laid out page: marks at places, in points from the upper left corner of the paper. What comes out of layout and goes
//! into the PDF; it knows neither fonts' files nor forms.

use std::ops::Range;
use std::sync::Arc;

/// A4, points.
pub(super) const WIDTH: f32 = 595.276;
pub(super) const HEIGHT: f32 = 841.89;
/// Margins, points. The left one is the binding edge (GB/T 9704: 28 mm).
pub(super) const LEFT: f32 = 79.4;
pub(super) const RIGHT: f32 = 68.0;
pub(super) const TOP: f32 = 62.0;
pub(super) const BOTTOM: f32 = 66.0;
/// Width of what is printed.
pub(super) const MEASURE: f32 = WIDTH - LEFT - RIGHT;

/// One glyph of a line: advance and offset in ems.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub(super) id: u32,
    pub(super) advance: f32,
    pub(super) range: Range<usize>,
}

/// Glyphs of one face, side by side.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) blob: u64,
    pub(super) x: f32,
    pub(super) glyphs: Vec<Glyph>,
}

/// A line of text, laid out; its runs' `x` is relative to the line's beginning.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: Arc<str>,
    pub(super) size: f32,
    pub(super) runs: Vec<Run>,
}

#[cfg(test)]
impl Line {
    /// Its characters, those that are drawn.
    pub(super) fn said(&self) -> &str {
        let glyphs = || self.runs.iter().flat_map(|run| &run.glyphs).map(|glyph| glyph.range.clone());
        let ends = glyphs().map(|range| range.start).min().zip(glyphs().map(|range| range.end).max());
        ends.map_or("", |(start, end)| &self.text[start..end])
    }

    /// How wide it is, points.
    pub(super) fn width(&self) -> f32 {
        let advance = |run: &Run| run.x + run.glyphs.iter().map(|glyph| glyph.advance * self.size).sum::<f32>();
        self.runs.last().map_or(0.0, advance)
    }
}

/// A step of a pen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    Move(f32, f32),
    Line(f32, f32),
    Curve(f32, f32, f32, f32, f32, f32),
}

/// Something on a page.
#[derive(Debug, Clone)]
pub(super) enum Mark {
    /// A line of text: its left end and baseline.
    Text { x: f32, baseline: f32, line: Line },
    /// A straight rule.
    Rule { from: (f32, f32), to: (f32, f32), width: f32 },
    /// Strokes of a pen, round at their ends.
    Ink { steps: Vec<Step>, width: f32 },
    /// Black squares: left edge, upper edge, edge of one, and which, row by row.
    Squares { x: f32, y: f32, module: f32, side: usize, black: Vec<bool> },
}

/// What a page belongs to: its number and foot are made when all pages are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    pub(super) marks: Vec<Mark>,
    /// What stands at its foot, on the left.
    pub(super) foot: String,
}
