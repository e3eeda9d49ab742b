//! PNG: the chunks that make the picture. Texts, times, Exif and private chunks go, and whatever stands behind the end.

use flate2::Crc;

use super::orientation::Orientation;
use super::{Stripped, part};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// What showing the picture needs: the critical chunks, colours, transparency, size of a point, animation.
const KEPT: [&[u8; 4]; 18] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI", b"sBIT",
    b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn strip(bytes: &[u8]) -> Option<Stripped> {
    if part(bytes, 0, SIGNATURE.len())? != SIGNATURE {
        return None;
    }
    let mut orientation = Orientation::default();
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut at = SIGNATURE.len();
    loop {
        let length = usize::try_from(u32::from_be_bytes(part(bytes, at, 4)?.try_into().ok()?)).ok()?;
        // Length, name, content, checksum.
        let chunk = part(bytes, at, length.checked_add(12)?)?;
        let name: [u8; 4] = part(chunk, 4, 4)?.try_into().ok()?;
        if name == *b"eXIf" {
            orientation = Orientation::read(part(chunk, 8, length)?);
        }
        if kept.is_empty() && name != *b"IHDR" {
            return None;
        }
        if KEPT.contains(&&name) {
            kept.push(chunk);
        }
        at += chunk.len();
        if name == *b"IEND" {
            break;
        }
    }
    let mut file = SIGNATURE.to_vec();
    for (number, chunk) in kept.into_iter().enumerate() {
        file.extend_from_slice(chunk);
        if number == 0 && !orientation.is_upright() {
            file.extend(chunk_of(*b"eXIf", &orientation.tiff())?);
        }
    }
    Some(Stripped { bytes: file, orientation })
}

fn chunk_of(name: [u8; 4], content: &[u8]) -> Option<Vec<u8>> {
    let mut chunk = u32::try_from(content.len()).ok()?.to_be_bytes().to_vec();
    chunk.extend(name);
    chunk.extend_from_slice(content);
    let mut checksum = Crc::new();
    checksum.update(chunk.get(4..)?);
    chunk.extend(checksum.sum().to_be_bytes());
    Some(chunk)
}

#[cfg(test)]
mod tests {
    use super::super::orientation::testing::{camera_tiff, orientation};
    use super::*;

    fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
        chunk_of(name, content).unwrap()
    }

    fn file(before: &[Vec<u8>], after: &[Vec<u8>], behind: &[u8]) -> Vec<u8> {
        [
            SIGNATURE,
            &chunk(*b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]),
            &before.concat(),
            &chunk(*b"IDAT", b"picture"),
            &after.concat(),
            &chunk(*b"IEND", b""),
            behind,
        ]
        .concat()
    }

    fn holds(bytes: &[u8], what: &[u8]) -> bool {
        bytes.windows(what.len()).any(|window| window == what)
    }

    #[test]
    fn texts_times_places_and_what_stands_behind_the_end_go() {
        let with = file(
            &[chunk(*b"gAMA", &[0, 0, 0xb1, 0x8f]), chunk(*b"tEXt", b"Author\0SECRET"), chunk(*b"tIME", b"SECRET!")],
            &[chunk(*b"iTXt", b"XML:com.adobe.xmp\0SECRET"), chunk(*b"zTXt", b"SECRET"), chunk(*b"prVt", b"SECRET")],
            b"SECRET behind",
        );
        let stripped = strip(&with).unwrap();
        assert_eq!(stripped.bytes, file(&[chunk(*b"gAMA", &[0, 0, 0xb1, 0x8f])], &[], b""));
    }

    #[test]
    fn a_picture_on_its_side_still_says_so_and_nothing_else() {
        let stripped = strip(&file(&[], &[chunk(*b"eXIf", &camera_tiff(6))], b"")).unwrap();
        assert_eq!(stripped.orientation, orientation(6));
        assert!(!holds(&stripped.bytes, b"GPS") && !holds(&stripped.bytes, b"SECRET"));
        assert_eq!(stripped.bytes, file(&[chunk(*b"eXIf", &orientation(6).tiff())], &[], b""));
        assert_eq!(strip(&stripped.bytes).unwrap(), stripped);
    }

    #[test]
    fn a_written_chunk_has_the_standards_checksum() {
        assert!(chunk(*b"IEND", b"").ends_with(&0xae42_6082_u32.to_be_bytes()));
    }

    #[test]
    fn a_picture_cut_anywhere_or_with_a_lying_length_is_refused() {
        let whole = file(&[], &[chunk(*b"eXIf", &camera_tiff(3))], b"");
        for end in 0..whole.len() {
            assert_eq!(strip(&whole[..end]), None, "{end}");
        }
        let mut lying = whole;
        lying[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(strip(&lying), None);
    }
}
