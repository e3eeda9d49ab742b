//! JPEG: the tables, frames and scans of the picture, its colours' names, nothing else, and nothing behind its end.
//!
//! What goes: Exif, XMP and other programs' segments, IPTC, comments, thumbnails, further pictures (MPF) and whatever
//! cameras write behind the end, such as the film of a "motion photo".

use super::orientation::Orientation;
use super::{Stripped, part};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const EXIF: &[u8] = b"Exif\0\0";
/// A JFIF segment without its thumbnail: identifier, version, density, and the thumbnail's size.
const JFIF_BYTES: usize = 14;

/// A segment's marker and what is in it.
struct Segment<'a> {
    marker: u8,
    content: &'a [u8],
}

pub(super) fn strip(bytes: &[u8]) -> Option<Stripped> {
    if part(bytes, 0, 2)? != [0xff, SOI] {
        return None;
    }
    let mut orientation = Orientation::default();
    let mut seen_exif = false;
    let mut picture = Vec::with_capacity(bytes.len());
    let mut at = 2;
    loop {
        let marker = marker(bytes, &mut at)?;
        match marker {
            EOI => break,
            // Stand-alone markers have no length; between segments they mean nothing.
            0x01 | 0xd0..=0xd8 => continue,
            0x00 => return None,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(part(bytes, at, 2)?.try_into().ok()?));
        let content = part(bytes, at.checked_add(2)?, length.checked_sub(2)?)?;
        at = at.checked_add(length)?;
        let segment = Segment { marker, content };
        if let Some(tiff) = segment.exif()
            && !seen_exif
        {
            orientation = Orientation::read(tiff);
            seen_exif = true;
        }
        segment.keep(&mut picture)?;
        if marker == SOS {
            let end = scan_end(bytes, at);
            picture.extend_from_slice(bytes.get(at..end)?);
            at = end;
        }
    }
    let mut file = Vec::with_capacity(picture.len() + 64);
    file.extend([0xff, SOI]);
    let mut rest = picture.as_slice();
    if let Some(jfif) = jfif(rest) {
        // JFIF wants to be the first segment.
        file.extend_from_slice(jfif);
        rest = rest.get(jfif.len()..)?;
    }
    if !orientation.is_upright() {
        Segment { marker: APP1, content: &[EXIF, orientation.tiff().as_slice()].concat() }.write(&mut file)?;
    }
    file.extend_from_slice(rest);
    file.extend([0xff, EOI]);
    Some(Stripped { bytes: file, orientation })
}

/// The next marker; any number of fill bytes may stand before it.
fn marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    if *bytes.get(*at)? != 0xff {
        return None;
    }
    while *bytes.get(*at)? == 0xff {
        *at += 1;
    }
    let marker = *bytes.get(*at)?;
    *at += 1;
    Some(marker)
}

/// Where the entropy-coded data from `from` on end: at the next marker that is none of theirs.
fn scan_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == 0xff)) {
        at += found;
        match bytes.get(at + 1) {
            Some(0x00 | 0xd0..=0xd7) => at += 2,
            Some(0xff) => at += 1,
            Some(_) => return at,
            None => return bytes.len(),
        }
    }
    bytes.len()
}

/// The JFIF segment at the beginning of what was kept.
fn jfif(kept: &[u8]) -> Option<&[u8]> {
    kept.starts_with(&[0xff, APP0]).then(|| kept.get(..4 + JFIF_BYTES)).flatten()
}

impl Segment<'_> {
    fn exif(&self) -> Option<&[u8]> {
        (self.marker == APP1).then(|| self.content.strip_prefix(EXIF)).flatten()
    }

    /// Writes it if the picture needs it.
    fn keep(&self, picture: &mut Vec<u8>) -> Option<()> {
        match self.marker {
            APP0 => match self.content.strip_prefix(b"JFIF\0").and_then(|_| self.content.get(..JFIF_BYTES - 2)) {
                // Without its thumbnail: both sides are nought.
                Some(jfif) if !picture.starts_with(&[0xff, APP0]) && picture.is_empty() => {
                    Segment { marker: APP0, content: &[jfif, &[0, 0]].concat() }.write(picture)
                }
                _ => Some(()),
            },
            APP2 if self.content.starts_with(b"ICC_PROFILE\0") => self.write(picture),
            // How the three channels are to be read.
            APP14 if self.content.starts_with(b"Adobe") => self.write(picture),
            // Frames, tables, restart intervals, scans.
            0xc0..=0xcf | 0xda..=0xdf => self.write(picture),
            _ => Some(()),
        }
    }

    fn write(&self, file: &mut Vec<u8>) -> Option<()> {
        let length = u16::try_from(self.content.len() + 2).ok()?;
        file.extend([0xff, self.marker]);
        file.extend(length.to_be_bytes());
        file.extend_from_slice(self.content);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::orientation::testing::{camera_tiff, orientation};
    use super::*;

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        Segment { marker, content }.write(&mut bytes).unwrap();
        bytes
    }

    const JFIF: &[u8] = b"JFIF\0\x01\x02\x01\0\x48\0\x48\0\0";
    const SCAN: &[u8] = b"\x12\x34\xff\x00\x56\xff\xd0\x78";

    fn picture() -> Vec<u8> {
        [
            segment(0xdb, &[1; 65]),
            segment(0xc0, b"\x08\0\x10\0\x10\x01\x01\x11\0"),
            segment(0xc4, &[2; 20]),
            segment(SOS, b"\x01\x01\0\0\x3f\0"),
            SCAN.to_vec(),
        ]
        .concat()
    }

    fn file(segments: &[Vec<u8>], behind: &[u8]) -> Vec<u8> {
        [&[0xff, SOI][..], &segments.concat(), &picture(), &[0xff, EOI], behind].concat()
    }

    fn holds(bytes: &[u8], what: &[u8]) -> bool {
        bytes.windows(what.len()).any(|window| window == what)
    }

    #[test]
    fn place_time_device_texts_and_copies_go_and_the_picture_stays_byte_for_byte() {
        let with = file(
            &[
                segment(APP0, JFIF),
                segment(APP0, b"JFXX\0\x10SECRET thumbnail"),
                segment(APP1, &[EXIF, &camera_tiff(1)].concat()),
                segment(APP1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SECRET</x:xmpmeta>"),
                segment(0xed, b"Photoshop 3.0\0SECRET"),
                segment(0xfe, b"SECRET comment"),
                segment(APP2, b"MPF\0SECRET"),
                segment(0xe5, b"SECRET of some maker"),
                segment(APP2, b"ICC_PROFILE\0\x01\x01colours"),
                segment(APP14, b"Adobe\0\x64\0\0\0\0\x01"),
            ],
            b"ftypmp42 SECRET film GPS3027N12016E",
        );
        let stripped = strip(&with).unwrap();
        assert!(!holds(&stripped.bytes, b"SECRET") && !holds(&stripped.bytes, b"GPS"), "{:?}", stripped.bytes);
        let kept = [segment(APP0, JFIF), segment(APP2, b"ICC_PROFILE\0\x01\x01colours")];
        let kept = [kept.concat(), segment(APP14, b"Adobe\0\x64\0\0\0\0\x01")];
        assert_eq!(stripped.bytes, file(&kept, b""));
        assert_eq!(strip(&stripped.bytes).unwrap(), stripped, "nothing more to take out");
    }

    #[test]
    fn a_picture_on_its_side_still_says_so_and_nothing_else() {
        for number in 2..=8 {
            let with = file(&[segment(APP0, JFIF), segment(APP1, &[EXIF, &camera_tiff(number)].concat())], b"");
            let stripped = strip(&with).unwrap();
            assert_eq!(stripped.orientation, orientation(number));
            assert!(!holds(&stripped.bytes, b"SECRET") && !holds(&stripped.bytes, b"GPS"));
            assert!(stripped.bytes.get(2..).unwrap().starts_with(&segment(APP0, JFIF)));
            assert_eq!(strip(&stripped.bytes).unwrap(), stripped);
        }
    }

    #[test]
    fn a_thumbnail_inside_jfif_goes() {
        let thumbnail = [&JFIF[..12], &[1, 1], b"SECRET"].concat();
        let stripped = strip(&file(&[segment(APP0, &thumbnail)], b"")).unwrap();
        assert!(!holds(&stripped.bytes, b"SECRET"));
    }

    #[test]
    fn a_picture_cut_anywhere_is_refused() {
        let whole = file(&[segment(APP1, &[EXIF, &camera_tiff(6)].concat())], b"");
        for end in 0..whole.len() {
            assert_eq!(strip(&whole[..end]), None, "{end}");
        }
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        for length in [[0, 0], [0, 1], [0xff, 0xff]] {
            let bytes = [&[0xff, SOI, 0xff, APP1][..], &length, b"Exif\0\0II*\0", &[0xff, EOI]].concat();
            assert_eq!(strip(&bytes), None, "{length:?}");
        }
    }
}
