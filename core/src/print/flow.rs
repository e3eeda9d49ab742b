//! Lines onto pages: what stands below what, and where a page ends. Knows paragraphs, rules and ink; tables are `table.rs`.

use super::sheet::{BOTTOM, HEIGHT, LEFT, Line, MEASURE, Mark, Page, Step, TOP};
use super::typeset::{Style, Typesetter, to_baseline};

/// Lines that a heading keeps below it on its page.
const KEPT_BELOW_HEADING: f32 = 3.0;
/// Thickness of rules, points.
pub(super) const HAIRLINE: f32 = 0.5;

/// Pages as they fill.
pub(super) struct Flow<'t, 'f> {
    pub(super) setter: &'t mut Typesetter<'f>,
    pages: Vec<Page>,
    foot: String,
    y: f32,
}

impl<'t, 'f> Flow<'t, 'f> {
    /// With a first, empty page.
    pub(super) fn new(setter: &'t mut Typesetter<'f>, foot: String) -> Self {
        let mut flow = Self { setter, pages: Vec::new(), foot, y: TOP };
        flow.turn();
        flow
    }

    /// The pages.
    pub(super) fn finish(self) -> Vec<Page> {
        self.pages
    }

    /// A new page, even if this one is empty.
    pub(super) fn turn(&mut self) {
        self.pages.push(Page { marks: Vec::new(), foot: self.foot.clone() });
        self.y = TOP;
    }

    /// Where the next thing stands, points from the paper's top.
    pub(super) const fn y(&self) -> f32 {
        self.y
    }

    /// Down by this much.
    pub(super) fn skip(&mut self, height: f32) {
        self.y += height;
    }

    /// To this height.
    pub(super) const fn go_to(&mut self, y: f32) {
        self.y = y;
    }

    /// What is left of the page.
    pub(super) fn room(&self) -> f32 {
        HEIGHT - BOTTOM - self.y
    }

    /// Turns the page if less than this is left of it.
    pub(super) fn need(&mut self, height: f32) -> bool {
        let turned = height > self.room() && self.y > TOP;
        if turned {
            self.turn();
        }
        turned
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.marks.push(mark);
        }
    }

    /// A line of text at a place.
    pub(super) fn put(&mut self, x: f32, baseline: f32, line: Line) {
        if !line.runs.is_empty() {
            self.mark(Mark::Text { x, baseline, line });
        }
    }

    /// A straight rule.
    pub(super) fn rule(&mut self, from: (f32, f32), to: (f32, f32), width: f32) {
        self.mark(Mark::Rule { from, to, width });
    }

    /// A text over the whole measure, over as many pages as it takes.
    pub(super) fn text(&mut self, text: &str, style: &Style) {
        let lines = self.setter.lines(text, style, MEASURE);
        self.lines(lines, LEFT, style);
    }

    fn lines(&mut self, lines: Vec<(f32, Line)>, left: f32, style: &Style) {
        let count = lines.len();
        for (at, (x, line)) in lines.into_iter().enumerate() {
            // Neither the first line alone at a page's end, nor the last alone at a page's beginning.
            let with = if (at == 0 && count > 1) || at + 2 == count { 2.0 } else { 1.0 };
            self.need(style.leading * with);
            let baseline = self.y + to_baseline(style);
            self.put(left + x, baseline, line);
            self.y += style.leading;
        }
    }

    /// A text in a column that fits the page: its lines from `top` on; answers its height.
    pub(super) fn column(&mut self, text: &str, style: &Style, left: f32, top: f32, width: f32) -> f32 {
        let lines = self.setter.lines(text, style, width);
        let mut y = top;
        for (x, line) in lines {
            self.put(left + x, y + to_baseline(style), line);
            y += style.leading;
        }
        y - top
    }

    /// A heading: it stays with what follows.
    pub(super) fn heading(&mut self, text: &str) {
        let style = Style::HEADING;
        self.skip(5.0);
        self.need(style.leading + Style::BODY.leading * KEPT_BELOW_HEADING);
        self.text(text, &style);
    }

    /// A form's title.
    pub(super) fn title(&mut self, text: &str) {
        self.text(text, &Style::TITLE);
        self.skip(8.0);
    }

    /// `label` in sans, then what is said, then the rest of the line as a rule to write on, if `blank`.
    pub(super) fn field(&mut self, label: &str, value: &str, blank: bool) {
        let head = Style::HEADING.sized(12.0, Style::BODY.leading);
        let width = self.setter.width(label, &head);
        let (left, measure) = (LEFT + width, MEASURE - width);
        if value.is_empty() {
            self.need(head.leading);
            let end = if blank { left + measure.min(180.0) } else { left };
            let base = self.y + to_baseline(&head);
            self.rule((left, base + 3.0), (end, base + 3.0), HAIRLINE);
            self.column(label, &head, LEFT, self.y, MEASURE);
            self.y += head.leading;
            return;
        }
        let style = Style::BODY.indented(0.0);
        let lines = self.setter.lines(value, &style, measure);
        self.need(style.leading * if lines.len() > 1 { 2.0 } else { 1.0 });
        self.column(label, &head, LEFT, self.y, MEASURE);
        self.lines(lines, left, &style);
    }

    /// Lines to sign on: `label（签名）：______    年 月 日`, each on its own line.
    pub(super) fn place_to_sign(&mut self, label: &str) {
        let style = Style::BODY.indented(0.0);
        self.need(34.0);
        self.y += 10.0;
        let width = self.column_width(label, &style);
        let base = self.y + to_baseline(&style);
        self.column(label, &style, LEFT, self.y, MEASURE);
        let end = LEFT + MEASURE - 130.0;
        self.rule((LEFT + width + 2.0, base + 3.0), (end, base + 3.0), HAIRLINE);
        let date = style.aligned(super::typeset::Align::Right);
        self.column(super::words::label::DATE_BLANK, &date, LEFT, self.y, MEASURE);
        self.y += 24.0;
    }

    fn column_width(&mut self, text: &str, style: &Style) -> f32 {
        self.setter.width(text, style)
    }

    /// Ink, scaled into a box: left edge, upper edge, width, height.
    pub(super) fn ink(&mut self, drawing: &crate::agreement::Drawing, place: (f32, f32, f32, f32)) {
        let steps: Vec<Step> = super::ink::strokes(drawing, place);
        self.mark(Mark::Ink { steps, width: super::ink::PEN });
    }
}
