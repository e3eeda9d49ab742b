//! Signatures: the pad's points as smooth strokes. Catmull-Rom splines through every point, as Bézier curves: the pen passes
//! where the finger was, and nowhere the drawing does not say.

use super::sheet::Step;
use crate::agreement::{Drawing, Point};

/// Width of the pen, points: a 0.5 mm gel pen.
pub(super) const PEN: f32 = 1.3;
/// Most that a drawing is enlarged or shrunk against filling its box whole: a tiny scribble stays a scribble.
const ENLARGED_MAX: f32 = 2.0;

/// The strokes, as large as they can be in the box: left edge, upper edge, width, height. The ink is centred, not the pad.
pub(super) fn strokes(drawing: &Drawing, (x, y, width, height): (f32, f32, f32, f32)) -> Vec<Step> {
    let all = || drawing.strokes().iter().flatten();
    let of = |least: bool, side: fn(&Point) -> u16| {
        let sides = all().map(side);
        f32::from(if least { sides.min() } else { sides.max() }.unwrap_or(0))
    };
    let (left, right) = (of(true, |p| p.x), of(false, |p| p.x));
    let (top, bottom) = (of(true, |p| p.y), of(false, |p| p.y));
    let pad = height / f32::from(drawing.height()).max(1.0);
    let fit = (width / (right - left).max(1.0)).min(height / (bottom - top).max(1.0));
    let scale = fit.min(pad * ENLARGED_MAX);
    let from = |point: &Point| {
        let dx = (width - (right - left) * scale) / 2.0 + (f32::from(point.x) - left) * scale;
        let dy = (height - (bottom - top) * scale) / 2.0 + (f32::from(point.y) - top) * scale;
        (x + dx, y + dy)
    };
    let mut steps = Vec::new();
    for stroke in drawing.strokes() {
        let points: Vec<(f32, f32)> = stroke.iter().map(from).collect();
        smooth(&points, &mut steps);
    }
    steps
}

fn smooth(points: &[(f32, f32)], steps: &mut Vec<Step>) {
    let Some(first) = points.first() else { return };
    steps.push(Step::Move(first.0, first.1));
    if points.len() == 1 {
        // A dot: a line of no length would not show.
        steps.push(Step::Line(first.0 + 0.1, first.1));
        return;
    }
    let at = |index: usize| points.get(index.min(points.len() - 1)).copied().unwrap_or(*first);
    for index in 0..points.len() - 1 {
        let (before, here, next, after) = (at(index.saturating_sub(1)), at(index), at(index + 1), at(index + 2));
        let one = (here.0 + (next.0 - before.0) / 6.0, here.1 + (next.1 - before.1) / 6.0);
        let two = (next.0 - (after.0 - here.0) / 6.0, next.1 - (after.1 - here.1) / 6.0);
        steps.push(Step::Curve(one.0, one.1, two.0, two.1, next.0, next.1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_stays_in_its_box_and_passes_every_point() {
        let stroke = vec![(10.0, 10.0), (400.0, 180.0), (20.0, 190.0), (390.0, 20.0)];
        let drawing = Drawing::from_raw(400, 200, &[stroke, vec![(200.0, 100.0)]]).unwrap();
        let steps = strokes(&drawing, (100.0, 50.0, 200.0, 60.0));
        let ends: Vec<(f32, f32)> = steps
            .iter()
            .map(|step| match *step {
                Step::Move(x, y) | Step::Line(x, y) | Step::Curve(.., x, y) => (x, y),
            })
            .collect();
        assert_eq!(ends.len(), 4 + 2);
        assert!(ends.iter().all(|(x, y)| (99.9..300.2).contains(x) && (49.9..110.1).contains(y)), "{ends:?}");
        assert!(ends[0].0 < ends[1].0 && ends[0].1 < ends[1].1, "not mirrored: {ends:?}");
    }
}
