//! What a hand drew on the pad: strokes of integer points, nothing else. No time, no pressure: those are
//! [`super::Dynamics`], kept apart so that they can be erased.

use super::canon::{self, ReadError, Reader, Record, Writer};
use super::digest::{DRAWING_TAG, INK_TAG, tagged};
use crate::id::Digest;

/// Largest width and height of a pad, in its own units. 100 units a millimetre on the largest tablet.
pub const CANVAS_MAX: u16 = 32_767;
/// Most strokes of one drawing. A four-character name in regular script has about 60.
pub const STROKES_MAX: usize = 256;
/// Most points of one drawing, all strokes together. A pad gives about 120 a second; this is half a minute of ink.
pub const POINTS_MAX: usize = 4_000;
/// Box in which character outlines are given (medians): 1024 units wide and high, y upwards from -124 to 900.
const GLYPH_BOX: f64 = 1_024.0;
const GLYPH_TOP: f64 = 900.0;

/// A point of a stroke; x to the right, y downwards, in the pad's units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Point {
    /// From the left edge.
    pub x: u16,
    /// From the upper edge.
    pub y: u16,
}

/// A drawing that keeps its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    width: u16,
    height: u16,
    strokes: Vec<Vec<Point>>,
}

/// Why strokes are no drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DrawingError {
    /// Nothing was drawn, or only a dot.
    #[error("nothing was drawn")]
    Empty,
    /// The pad has no size, or more than [`CANVAS_MAX`].
    #[error("the pad has no usable size")]
    Canvas,
    /// A point lies outside the pad.
    #[error("a point lies outside the pad")]
    Outside,
    /// More than [`STROKES_MAX`] strokes or [`POINTS_MAX`] points.
    #[error("too many strokes or points")]
    TooMany,
}

impl DrawingError {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "drawing_empty",
            Self::Canvas => "drawing_canvas",
            Self::Outside => "drawing_outside",
            Self::TooMany => "drawing_too_large",
        }
    }
}

impl Drawing {
    /// The drawing with exactly these strokes.
    pub fn new(width: u16, height: u16, strokes: Vec<Vec<Point>>) -> Result<Self, DrawingError> {
        let sized = |side: u16| (1..=CANVAS_MAX).contains(&side);
        if !sized(width) || !sized(height) {
            return Err(DrawingError::Canvas);
        }
        if strokes.len() > STROKES_MAX || strokes.iter().map(Vec::len).sum::<usize>() > POINTS_MAX {
            return Err(DrawingError::TooMany);
        }
        if strokes.iter().flatten().any(|point| point.x > width || point.y > height) {
            return Err(DrawingError::Outside);
        }
        let Some(first) = strokes.iter().flatten().next() else {
            return Err(DrawingError::Empty);
        };
        if strokes.iter().any(Vec::is_empty) || strokes.iter().flatten().all(|point| point == first) {
            return Err(DrawingError::Empty);
        }
        Ok(Self { width, height, strokes })
    }

    /// The drawing of what a pad reports: points beyond the edge are put on it (a finger slips), repeated points and
    /// empty strokes are left out, and ink beyond [`POINTS_MAX`] is thinned rather than refused.
    pub fn from_raw(width: u16, height: u16, raw: &[Vec<(f64, f64)>]) -> Result<Self, DrawingError> {
        let every = raw.iter().map(Vec::len).sum::<usize>().div_ceil(POINTS_MAX / 2).max(1);
        let strokes = raw
            .iter()
            .map(|stroke| {
                let last = stroke.len().saturating_sub(1);
                let kept = stroke.iter().enumerate().filter(|(at, _)| at % every == 0 || *at == last);
                let mut points: Vec<Point> =
                    kept.map(|(_, &(x, y))| Point { x: clamped(x, width), y: clamped(y, height) }).collect();
                points.dedup();
                points
            })
            .filter(|stroke| !stroke.is_empty())
            .collect();
        Self::new(width, height, strokes)
    }

    /// Characters in a row, from their strokes' median lines (1024-unit box, y upwards), `size` pad units each.
    /// For demonstrations and tests: a name as a hand would write it.
    pub fn from_medians(characters: &[Vec<Vec<(f64, f64)>>], size: u16) -> Result<Self, DrawingError> {
        let width = u16::try_from(characters.len()).ok().and_then(|n| n.checked_mul(size)).ok_or(DrawingError::Canvas)?;
        let scale = f64::from(size) / GLYPH_BOX;
        let mut strokes = Vec::new();
        let mut left = 0.0;
        for character in characters {
            for median in character {
                strokes.push(median.iter().map(|&(x, y)| (left + x * scale, (GLYPH_TOP - y) * scale)).collect());
            }
            left += f64::from(size);
        }
        Self::from_raw(width, size, &strokes)
    }

    /// Width of the pad.
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Height of the pad.
    pub const fn height(&self) -> u16 {
        self.height
    }

    /// The strokes, in the order they were drawn; none is empty.
    pub fn strokes(&self) -> &[Vec<Point>] {
        &self.strokes
    }

    /// Its digest: what an act holds.
    pub fn digest(&self) -> Digest {
        tagged(DRAWING_TAG, &canon::write(self))
    }

    /// The digest of the ink alone, wherever on whatever pad it stands. No hand draws the same ink twice.
    pub fn ink(&self) -> Digest {
        let left = self.strokes.iter().flatten().map(|point| point.x).min().unwrap_or(0);
        let top = self.strokes.iter().flatten().map(|point| point.y).min().unwrap_or(0);
        let moved = |point: &Point| Point { x: point.x - left, y: point.y - top };
        let strokes = self.strokes.iter().map(|stroke| stroke.iter().map(moved).collect()).collect();
        tagged(INK_TAG, &canon::write(&Self { width: CANVAS_MAX, height: CANVAS_MAX, strokes }))
    }

    /// The strokes as the `d` of an SVG path; the view box is `0 0 width height`.
    pub fn to_svg_path(&self) -> String {
        use std::fmt::Write as _;
        let mut path = String::new();
        for stroke in &self.strokes {
            for (at, point) in stroke.iter().enumerate() {
                let pen = if at == 0 { 'M' } else { 'L' };
                let _never = write!(path, "{pen}{} {}", point.x, point.y);
            }
        }
        path
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the pad's u16 range first")]
fn clamped(value: f64, max: u16) -> u16 {
    if value.is_nan() { 0 } else { value.round().clamp(0.0, f64::from(max)) as u16 }
}

impl Record for Drawing {
    fn put(&self, out: &mut Writer) {
        out.array(3);
        out.uint(self.width.into());
        out.uint(self.height.into());
        out.list(&self.strokes, |out, stroke| {
            out.array(stroke.len() * 2);
            for point in stroke {
                out.uint(point.x.into());
                out.uint(point.y.into());
            }
        });
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.array(3)?;
        let (width, height) = (input.narrow()?, input.narrow()?);
        let strokes = input.list(STROKES_MAX, |input| {
            let flat: Vec<u16> = input.list(POINTS_MAX * 2, Reader::narrow)?;
            let (pairs, rest) = flat.as_chunks::<2>();
            if rest.is_empty() { Ok(pairs.iter().map(|&[x, y]| Point { x, y }).collect()) } else { Err(ReadError::Malformed) }
        })?;
        Self::new(width, height, strokes).map_err(|_| ReadError::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_shaky_strokes_are_a_signature_a_dot_is_not() {
        let dot = vec![vec![(5.0, 5.0), (5.2, 4.9)]];
        assert_eq!(Drawing::from_raw(100, 100, &dot), Err(DrawingError::Empty));
        let strokes = vec![vec![(-4.0, 5.0), (500.0, 7.0)], vec![], vec![(1.0, 1.0), (2.0, 2.0)], vec![(3.0, 9.0)]];
        let drawing = Drawing::from_raw(100, 100, &strokes).unwrap();
        assert_eq!(drawing.to_svg_path(), "M0 5L100 7M1 1L2 2M3 9");
    }

    #[test]
    fn a_pad_that_reports_too_often_loses_points_not_the_signature() {
        let stroke: Vec<_> = (0..50_000).map(|n| (f64::from(n % 1_000), f64::from(n / 1_000))).collect();
        let drawing = Drawing::from_raw(1_000, 1_000, &[stroke]).unwrap();
        assert!(drawing.strokes()[0].len() <= POINTS_MAX);
    }

    #[test]
    fn ink_is_the_same_wherever_it_stands() {
        let at = |dx: f64, pad: u16| Drawing::from_raw(pad, pad, &[vec![(10.0 + dx, 10.0), (30.0 + dx, 40.0)]]).unwrap();
        assert_ne!(at(0.0, 100).digest(), at(7.0, 200).digest());
        assert_eq!(at(0.0, 100).ink(), at(7.0, 200).ink());
    }

    #[test]
    fn characters_stand_upright_in_a_row() {
        let one = vec![vec![(512.0, 900.0), (512.0, -124.0)]];
        let drawing = Drawing::from_medians(&[one.clone(), one], 100).unwrap();
        assert_eq!((drawing.width(), drawing.height()), (200, 100));
        assert_eq!(drawing.to_svg_path(), "M50 0L50 100M150 0L150 100");
    }

    proptest! {
        #[test]
        fn whatever_a_pad_reports_is_a_drawing_that_reads_back_or_an_error(
            width: u16, height: u16,
            raw in prop::collection::vec(prop::collection::vec((any::<f64>(), any::<f64>()), 0..20), 0..20),
        ) {
            if let Ok(drawing) = Drawing::from_raw(width, height, &raw) {
                prop_assert_eq!(canon::read_canonical::<Drawing>(&canon::write(&drawing)), Ok(drawing));
            }
        }
    }
}
