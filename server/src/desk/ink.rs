//! Ink for trials: the middle lines of real characters' strokes, with the tremor of a hand.
//!
//! The lines come from hanzi-writer-data (see `assets/strokes/README.md` for source and licence): they are stroke data, not
//! a picture of anybody's signature. They serve the demo, tests and `doorstep phone strokes`, whose files say that they are filler.

use std::collections::BTreeMap;

use doorstep_core::agreement::Drawing;

use crate::words::Said;

/// The licence of the stroke data, which a program that carries them must carry too.
pub const LICENCE: &str = include_str!("../../assets/strokes/ARPHICPL.TXT");
const MEDIANS: &str = include_str!("../../assets/strokes/medians.json");
/// Edge of one character's box on the pad, in the pad's points.
const CHARACTER: u16 = 300;
/// Largest tremor, in the data's units (a character is 1024 wide).
const TREMOR: f64 = 9.0;

type Strokes = Vec<Vec<(f64, f64)>>;

/// The file; its notice says where the lines come from.
#[derive(serde::Deserialize)]
struct Data {
    medians: BTreeMap<char, Strokes>,
}

fn data() -> Result<Data, Said> {
    serde_json::from_str(MEDIANS).map_err(|_| Said::new("笔画数据无法读取。", "the stroke data can't be read."))
}

/// The characters that can be drawn.
pub(super) fn characters() -> Result<String, Said> {
    Ok(data()?.medians.keys().collect())
}

/// The name as somebody with this hand draws it; another hand, another tremor.
pub fn draw(name: &str, hand: u64) -> Result<Drawing, Said> {
    let Data { medians } = data()?;
    let mut seed = hand;
    let mut characters = Vec::new();
    for character in name.chars() {
        let mut strokes = medians.get(&character).cloned().ok_or_else(|| {
            Said::coded("no_strokes", format!("笔画数据里没有“{character}”。"), format!("the stroke data lack {character}."))
        })?;
        for point in strokes.iter_mut().flatten() {
            point.0 += tremor(&mut seed);
            point.1 += tremor(&mut seed);
        }
        characters.push(strokes);
    }
    Drawing::from_medians(&characters, CHARACTER).map_err(|error| {
        Said::coded(error.code(), format!("无法画出签名：{error}"), format!("can't draw the signature: {error}"))
    })
}

/// splitmix64, scaled: deterministic, so that a demo can be told twice.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
fn tremor(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let unit = ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64;
    (unit * 2.0 - 1.0) * TREMOR
}
