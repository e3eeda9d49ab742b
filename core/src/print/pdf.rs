//! Pages into a PDF/A-3u file (ISO 19005-3): fonts subset and embedded, text that can be selected, no clock, no chance.

use krilla::Document;
use krilla::SerializeSettings;
use krilla::configure::ConfigurationBuilder;
use krilla::configure::validate::Archival;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata, TextDirection};
use krilla::page::PageSettings;
use krilla::paint::{Fill, LineCap, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

use super::PrintError;
use super::fonts::Fonts;
use super::sheet::{HEIGHT, Line, Mark, Page, Step, WIDTH};
use crate::time::Timestamp;

/// Media type of the embedded file.
pub const MEDIA: &str = "application/vnd.doorstep.agreement+cbor";
/// Name of the embedded file.
pub const EMBEDDED_NAME: &str = "agreement.doorstep";
/// What the embedded file is, for viewers that list attachments.
const EMBEDDED_IS: &str = "签署证据 (doorstep verify)";
/// Hours of China Standard Time before UTC.
const CHINA_HOURS: i8 = 8;

/// What the file says of itself.
pub(super) struct About {
    pub(super) title: String,
    /// Named in it: the same document printed twice has one.
    pub(super) id: String,
    /// Printed dates of the file: an argument, never a clock.
    pub(super) at: Timestamp,
}

/// The file.
pub(super) fn write(pages: &[Page], about: About, embedded: Option<&[u8]>, fonts: &Fonts) -> Result<Vec<u8>, PrintError> {
    let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A3_U).finish();
    let settings = SerializeSettings {
        configuration: configuration.map_err(|_| PrintError::Pdf)?,
        enable_tagging: false,
        ..SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    let at = moment(about.at);
    let metadata = Metadata::new()
        .title(about.title)
        .creator("Doorstep".into())
        .producer("Doorstep".into())
        .language("zh-CN".into())
        .text_direction(TextDirection::LeftToRight)
        .creation_date(at)
        .document_id(about.id);
    document.set_metadata(metadata);
    if let Some(bytes) = embedded {
        let file = EmbeddedFile {
            path: EMBEDDED_NAME.into(),
            mime_type: MimeType::new(MEDIA),
            description: Some(EMBEDDED_IS.into()),
            association_kind: AssociationKind::Source,
            data: bytes.to_vec().into(),
            modification_date: Some(at),
            // As it is: a search for its first bytes finds it.
            compress: Some(false),
            location: None,
        };
        document.embed_file(file).ok_or(PrintError::Pdf)?;
    }
    for page in pages {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or(PrintError::Pdf)?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        for mark in &page.marks {
            draw(mark, &mut surface, fonts);
        }
        surface.finish();
        sheet.finish();
    }
    document.finish().map_err(|_| PrintError::Pdf)
}

fn moment(at: Timestamp) -> DateTime {
    let (year, month, day) = at.date().ymd();
    let (hour, minute) = at.clock();
    let narrow = |n: u32| u8::try_from(n).unwrap_or(1);
    let seconds = u8::try_from(at.0.div_euclid(1_000).rem_euclid(60)).unwrap_or(0);
    DateTime::new(u16::try_from(year).unwrap_or(0))
        .month(narrow(month))
        .day(narrow(day))
        .hour(hour)
        .minute(minute)
        .second(seconds)
        .utc_offset_hour(CHINA_HOURS)
        .utc_offset_minute(0)
}

fn draw(mark: &Mark, surface: &mut Surface<'_>, fonts: &Fonts) {
    match mark {
        Mark::Text { x, baseline, line } => text(*x, *baseline, line, surface, fonts),
        Mark::Rule { from, to, width } => {
            let steps = [Step::Move(from.0, from.1), Step::Line(to.0, to.1)];
            pen(&steps, *width, LineCap::Butt, surface);
        }
        Mark::Ink { steps, width } => pen(steps, *width, LineCap::Round, surface),
        Mark::Squares { x, y, module, side, black } => squares((*x, *y), *module, *side, black, surface),
    }
}

fn text(x: f32, baseline: f32, line: &Line, surface: &mut Surface<'_>, fonts: &Fonts) {
    surface.set_stroke(None);
    surface.set_fill(Some(Fill::default()));
    for run in &line.runs {
        let Some(face) = fonts.face(run.blob) else { continue };
        let glyph = |glyph: &super::sheet::Glyph| {
            KrillaGlyph::new(GlyphId::new(glyph.id), glyph.advance, 0.0, 0.0, 0.0, glyph.range.clone(), None)
        };
        let glyphs: Vec<KrillaGlyph> = run.glyphs.iter().map(glyph).collect();
        let start = Point::from_xy(x + run.x, baseline);
        surface.draw_glyphs(start, &glyphs, face.clone(), &line.text, line.size, false);
    }
}

fn pen(steps: &[Step], width: f32, cap: LineCap, surface: &mut Surface<'_>) {
    let mut path = PathBuilder::new();
    for step in steps {
        match *step {
            Step::Move(x, y) => path.move_to(x, y),
            Step::Line(x, y) => path.line_to(x, y),
            Step::Curve(x1, y1, x2, y2, x, y) => path.cubic_to(x1, y1, x2, y2, x, y),
        }
    }
    let Some(path) = path.finish() else { return };
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke { width, line_cap: cap, line_join: LineJoin::Round, ..Stroke::default() }));
    surface.draw_path(&path);
}

/// One path for all of them, a rectangle for each run of black squares in a row. In modules, under one scale: whole numbers are
/// a quarter shorter than points.
fn squares(corner: (f32, f32), module: f32, side: usize, black: &[bool], surface: &mut Surface<'_>) {
    let mut path = PathBuilder::new();
    #[expect(clippy::cast_precision_loss, reason = "a code has 177 modules at most")]
    let at = |n: usize| n as f32;
    for (row, cells) in black.chunks(side.max(1)).enumerate() {
        let mut column = 0;
        while column < cells.len() {
            let length = cells.iter().skip(column).take_while(|cell| **cell).count();
            if length > 0
                && let Some(rect) = Rect::from_xywh(at(column), at(row), at(length), 1.0)
            {
                path.push_rect(rect);
            }
            column += length.max(1);
        }
    }
    let Some(path) = path.finish() else { return };
    surface.set_stroke(None);
    surface.set_fill(Some(Fill::default()));
    surface.push_transform(&Transform::from_row(module, 0.0, 0.0, module, corner.0, corner.1));
    surface.draw_path(&path);
    surface.pop();
}
