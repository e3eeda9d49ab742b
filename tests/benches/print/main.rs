//! `cargo bench -p doorstep-tests --bench print -- [--rounds 50] [--json]`: how long paper takes, and how large it is.
//!
//! A signed agreement of two parties, witness and mediator, made once on a phone of the harness. Measured: reading the fonts, the
//! first print, warm prints, looking for the file in the PDF, verifying it, and the whole dossier. Nothing is asserted about time.

#![allow(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a program that measures: what goes wrong ends it, and its numbers are small"
)]

#[path = "../work/table.rs"]
mod table;

use std::sync::Arc;
use std::time::Instant;

use doorstep_core::agreement::verify;
use doorstep_core::print::{Copy, Fonts, Form, agreement, extract};
use doorstep_tests::{World, scenes};
use table::{Line, Spread};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = arguments.iter().skip_while(|argument| *argument != "--rounds").nth(1);
    let rounds: usize = given.and_then(|given| given.parse().ok()).unwrap_or(50);
    let world = World::new(1);
    let phone = world.phone("w-ncg-1");
    let (case, sealed) = scenes::sealed(&world, &phone);
    let fonts_at = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/fonts/");
    let read = |name: &str| std::fs::read(format!("{fonts_at}{name}")).expect("a font");
    let (serif, sans) = (read("NotoSerifCJKsc.otf"), read("NotoSansCJKsc-Bold.otf"));

    let mut lines = Vec::new();
    let mut add = |what: &str, taken: &[f64], unit| {
        lines.push(Line { size: rounds, what: what.into(), spread: Spread::of(taken), unit, floor: None });
    };
    add("fonts on disk", &[(serif.len() + sans.len()) as f64 / 1e6], "MB");
    let (fonts, took) = timed(|| Fonts::new(Arc::new(serif), Arc::new(sans)).expect("the fonts"));
    add("read the fonts", &[took], "ms");
    let (pdf, took) = timed(|| agreement(&sealed.bytes, Copy::Party, &fonts).expect("printed"));
    add("print the agreement, first", &[took], "ms");
    let warm: Vec<f64> =
        (0..rounds).map(|_| timed(|| agreement(&sealed.bytes, Copy::Party, &fonts).expect("printed")).1).collect();
    add("print the agreement, warm", &warm, "ms");
    add("the agreement's PDF", &[pdf.len() as f64 / 1024.0], "KiB");
    add("the bundle in it", &[sealed.bytes.len() as f64 / 1024.0], "KiB");
    let found: Vec<f64> = (0..rounds).map(|_| timed(|| extract(&pdf).expect("a file").len()).1).collect();
    add("find the file in the PDF", &found, "ms");
    let verified: Vec<f64> = (0..rounds).map(|_| timed(|| assert!(verify(&sealed.bytes).holds())).1).collect();
    add("verify the bundle", &verified, "ms");
    let dossier: Vec<f64> = (0..rounds.div_ceil(10))
        .map(|_| timed(|| phone.device().print(case, Form::Dossier, Copy::Committee, &fonts).expect("printed")).1)
        .collect();
    add("print the dossier, from the phone's store", &dossier, "ms");
    if arguments.iter().any(|argument| argument == "--json") { table::json(&lines) } else { table::print(&lines) }
}

/// What it gives, and the milliseconds it took.
fn timed<T>(what: impl FnOnce() -> T) -> (T, f64) {
    let begun = Instant::now();
    let done = what();
    (done, begun.elapsed().as_secs_f64() * 1e3)
}
