//! WebP: the chunks that make the picture. Exif, XMP and unknown chunks go, and whatever stands behind the end.

use super::orientation::Orientation;
use super::{Stripped, part};

/// What showing the picture needs.
const KEPT: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// Bits of the extended header that say: there is Exif, there is XMP.
const EXIF_BIT: u8 = 0x08;
const XMP_BIT: u8 = 0x04;
/// Some writers keep JPEG's mark before the block.
const JPEG_MARK: &[u8] = b"Exif\0\0";

pub(super) fn strip(bytes: &[u8]) -> Option<Stripped> {
    if part(bytes, 0, 4)? != b"RIFF" || part(bytes, 8, 4)? != b"WEBP" {
        return None;
    }
    let size = usize::try_from(u32::from_le_bytes(part(bytes, 4, 4)?.try_into().ok()?)).ok()?;
    let chunks = part(bytes, 12, size.checked_sub(4)?)?;
    let mut orientation = Orientation::default();
    let mut kept: Vec<([u8; 4], Vec<u8>)> = Vec::new();
    let mut at = 0;
    while at < chunks.len() {
        let name: [u8; 4] = part(chunks, at, 4)?.try_into().ok()?;
        let length = usize::try_from(u32::from_le_bytes(part(chunks, at + 4, 4)?.try_into().ok()?)).ok()?;
        let content = part(chunks, at + 8, length)?;
        // Chunks begin at even places. The last one's padding is sometimes forgotten.
        at = at.checked_add(8)?.checked_add(length)?.checked_add(length & 1)?;
        if name == *b"EXIF" {
            orientation = Orientation::read(content.strip_prefix(JPEG_MARK).unwrap_or(content));
        } else if KEPT.contains(&&name) {
            kept.push((name, content.to_vec()));
        }
    }
    let extended = kept.first().is_some_and(|(name, content)| name == b"VP8X" && content.len() == 10);
    if kept.first().is_none_or(|(name, _)| !matches!(name, b"VP8 " | b"VP8L") && !extended) {
        return None;
    }
    // Only an extended file can have Exif.
    let say = extended && !orientation.is_upright();
    if extended && let Some(flags) = kept.first_mut().and_then(|(_, content)| content.first_mut()) {
        *flags &= !(EXIF_BIT | XMP_BIT);
        *flags |= if say { EXIF_BIT } else { 0 };
    }
    if say {
        kept.push((*b"EXIF", orientation.tiff().to_vec()));
    }
    let mut body = b"WEBP".to_vec();
    for (name, content) in &kept {
        body.extend(name);
        body.extend(u32::try_from(content.len()).ok()?.to_le_bytes());
        body.extend(content);
        if content.len() % 2 == 1 {
            body.push(0);
        }
    }
    let mut file = b"RIFF".to_vec();
    file.extend(u32::try_from(body.len()).ok()?.to_le_bytes());
    file.extend(body);
    Some(Stripped { bytes: file, orientation: if say { orientation } else { Orientation::default() } })
}

#[cfg(test)]
mod tests {
    use super::super::orientation::testing::{camera_tiff, orientation};
    use super::*;

    fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_le_bytes();
        let padding: &[u8] = if content.len() % 2 == 1 { &[0] } else { &[] };
        [&name[..], &length[..], content, padding].concat()
    }

    fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
        let body = [b"WEBP".to_vec(), chunks.concat()].concat();
        [b"RIFF".to_vec(), u32::try_from(body.len()).unwrap().to_le_bytes().to_vec(), body].concat()
    }

    fn extended(flags: u8) -> Vec<u8> {
        chunk(*b"VP8X", &[flags, 0, 0, 0, 1, 0, 0, 1, 0, 0])
    }

    #[test]
    fn places_and_texts_go_and_the_picture_stays() {
        let with = file(&[
            extended(EXIF_BIT | XMP_BIT | 0x20),
            chunk(*b"ICCP", b"colours"),
            chunk(*b"VP8 ", b"the picture"),
            chunk(*b"EXIF", &camera_tiff(1)),
            chunk(*b"XMP ", b"<x:xmpmeta>SECRET"),
            chunk(*b"what", b"SECRET"),
        ]);
        let stripped = strip(&[with, b"SECRET behind".to_vec()].concat()).unwrap();
        assert_eq!(stripped.bytes, file(&[extended(0x20), chunk(*b"ICCP", b"colours"), chunk(*b"VP8 ", b"the picture")]));
    }

    #[test]
    fn a_picture_on_its_side_still_says_so_and_nothing_else() {
        for exif in [camera_tiff(8), [JPEG_MARK, &camera_tiff(8)].concat()] {
            let stripped = strip(&file(&[extended(EXIF_BIT), chunk(*b"VP8L", b"picture"), chunk(*b"EXIF", &exif)])).unwrap();
            assert_eq!(stripped.orientation, orientation(8));
            let alone = chunk(*b"EXIF", &orientation(8).tiff());
            assert_eq!(stripped.bytes, file(&[extended(EXIF_BIT), chunk(*b"VP8L", b"picture"), alone]));
            assert_eq!(strip(&stripped.bytes).unwrap(), stripped);
        }
    }

    #[test]
    fn a_simple_file_stays_as_it_is() {
        let simple = file(&[chunk(*b"VP8L", b"picture")]);
        assert_eq!(strip(&simple).unwrap().bytes, simple);
    }

    #[test]
    fn a_picture_cut_anywhere_or_with_a_lying_length_is_refused() {
        let whole = file(&[extended(EXIF_BIT), chunk(*b"VP8 ", b"pictures"), chunk(*b"EXIF", &camera_tiff(6))]);
        for end in 0..whole.len() {
            assert_eq!(strip(&whole[..end]), None, "{end}");
        }
        for at in [4, 16] {
            let mut lying = whole.clone();
            lying[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
            assert_eq!(strip(&lying), None, "{at}");
        }
        assert_eq!(strip(&file(&[])), None);
    }
}
