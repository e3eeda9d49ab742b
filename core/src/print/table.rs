//! Tables: ruled rows of cells that may each have columns of their own, over as many pages as they take, the heads repeated
//! on each. A row that fits on a page is never torn; one that does not is continued on the next.

use super::flow::{Flow, HAIRLINE};
use super::sheet::{BOTTOM, HEIGHT, LEFT, Line, MEASURE, TOP};
use super::typeset::{Align, Style, to_baseline};

/// Between a rule and what stands beside it, points.
const PADDING: f32 = 5.0;
/// Above the first line of a cell and below its last.
const AIR: f32 = 4.0;

/// A row that is at least this high is a field to be filled in: its words begin at the top.
const FIELD: f32 = 50.0;

/// A cell: what it says, how, and its share of the measure.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    text: String,
    style: Style,
    width: f32,
}

impl Cell {
    /// A value. `share` of the measure, 0 to 1.
    pub(super) fn value(text: impl Into<String>, share: f32) -> Self {
        Self { text: text.into(), style: Style::CELL, width: MEASURE * share }
    }

    /// A label or the head of a column.
    pub(super) fn label(text: impl Into<String>, share: f32) -> Self {
        Self { text: text.into(), style: Style::LABEL, width: MEASURE * share }
    }

    pub(super) fn set(self, style: Style) -> Self {
        Self { style, ..self }
    }

    pub(super) fn centred(self) -> Self {
        let style = self.style.aligned(Align::Centre);
        Self { style, ..self }
    }
}

/// A row, at least this high.
#[derive(Debug, Clone)]
pub(super) struct Row {
    cells: Vec<Cell>,
    least: f32,
}

impl Row {
    pub(super) const fn of(cells: Vec<Cell>) -> Self {
        Self { cells, least: 0.0 }
    }

    pub(super) fn at_least(self, least: f32) -> Self {
        Self { least, ..self }
    }

    /// Heads of columns with these shares.
    pub(super) fn heads(heads: &[&str], shares: &[f32]) -> Self {
        Self::of(heads.iter().zip(shares).map(|(head, share)| Cell::label(*head, *share)).collect())
    }
}

/// A cell, laid out.
struct Laid {
    left: f32,
    width: f32,
    style: Style,
    lines: Vec<(f32, Line)>,
}

/// A row, laid out.
struct LaidRow {
    cells: Vec<Laid>,
    least: f32,
}

impl LaidRow {
    fn height(&self) -> f32 {
        let tallest = self.cells.iter().map(Laid::height).fold(0.0, f32::max);
        (tallest + 2.0 * AIR).max(self.least)
    }

    /// Its first lines, as many as fit into this height; none if no cell gets a line.
    fn torn(&mut self, height: f32) -> Option<Self> {
        let mut some = false;
        let cells = self.cells.iter_mut().map(|cell| {
            let mut fits = 0;
            let mut used = 2.0 * AIR;
            while fits < cell.lines.len() && used + cell.style.leading <= height {
                used += cell.style.leading;
                fits += 1;
            }
            let rest = cell.lines.split_off(fits);
            some |= fits > 0;
            Laid { lines: std::mem::replace(&mut cell.lines, rest), ..*cell }
        });
        let cells = cells.collect();
        some.then_some(Self { cells, least: 0.0 })
    }
}

impl Laid {
    #[expect(clippy::cast_precision_loss, reason = "lines of one cell")]
    fn height(&self) -> f32 {
        self.lines.len() as f32 * self.style.leading
    }
}

impl Flow<'_, '_> {
    /// A table; the first `heads` rows stand again on each of its pages.
    pub(super) fn table(&mut self, rows: Vec<Row>, heads: usize) {
        let mut rows: Vec<LaidRow> = rows.into_iter().map(|row| self.lay_out(row)).collect();
        let body = rows.split_off(heads.min(rows.len()));
        let heads = rows;
        let head_height: f32 = heads.iter().map(LaidRow::height).sum();
        let first = body.first().map_or(0.0, LaidRow::height).min(page_height() - head_height);
        self.need(head_height + first);
        self.begin(&heads);
        for mut row in body {
            let whole = page_height() - head_height;
            if row.height() > self.room() && row.height() <= whole {
                self.turn();
                self.begin(&heads);
            }
            while row.height() > self.room() {
                if let Some(part) = row.torn(self.room()) {
                    self.draw(&part);
                }
                row.least = 0.0;
                self.turn();
                self.begin(&heads);
            }
            self.draw(&row);
        }
    }

    fn lay_out(&mut self, row: Row) -> LaidRow {
        let mut left = LEFT;
        let cells = row.cells.into_iter().map(|cell| {
            let lines = self.setter.lines(&cell.text, &cell.style, cell.width - 2.0 * PADDING);
            let laid = Laid { left, width: cell.width, style: cell.style, lines };
            left += cell.width;
            laid
        });
        LaidRow { cells: cells.collect(), least: row.least }
    }

    fn begin(&mut self, heads: &[LaidRow]) {
        let y = self.y();
        self.rule((LEFT, y), (LEFT + MEASURE, y), HAIRLINE);
        for head in heads {
            self.draw(head);
        }
    }

    fn draw(&mut self, row: &LaidRow) {
        let (top, height) = (self.y(), row.height());
        for cell in &row.cells {
            // In the middle, but for what is written into a large empty field.
            let field = row.least > 0.0 && row.least > cell.height() * 2.0 && cell.style.align != Align::Centre;
            let mut y = top + if field && row.least > FIELD { AIR } else { (height - cell.height()) / 2.0 };
            for (x, line) in &cell.lines {
                self.put(cell.left + PADDING + x, y + to_baseline(&cell.style), line.clone());
                y += cell.style.leading;
            }
            self.rule((cell.left, top), (cell.left, top + height), HAIRLINE);
        }
        let right = row.cells.last().map_or(LEFT, |cell| cell.left + cell.width);
        self.rule((right, top), (right, top + height), HAIRLINE);
        self.rule((LEFT, top + height), (LEFT + MEASURE, top + height), HAIRLINE);
        self.skip(height);
    }
}

const fn page_height() -> f32 {
    HEIGHT - TOP - BOTTOM
}
