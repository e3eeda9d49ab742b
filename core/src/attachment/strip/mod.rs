//! Taking out of a picture what a camera or a program put in beside the picture: where it was taken, when, with which
//! device, by whom, and small copies of it as it once was.
//!
//! The picture itself is not touched, byte for byte; only the parts of the file that carry it are kept, by a list of what is
//! needed to show it. What is not on the list goes, whatever it is. The one thing that is read before it goes is which way
//! up the picture is: that is written back, alone. Colour profiles stay, for without them colours are wrong. Sounds,
//! films and PDFs are not pictures: nothing here changes them.

mod jpeg;
mod orientation;
mod png;
mod webp;

use super::media::Media;
use super::refusal::AttachmentRefusal;

pub use orientation::Orientation;

/// A file without what was beside the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stripped {
    /// The file.
    pub bytes: Vec<u8>,
    /// Which way up it is to be shown; it still says so itself.
    pub orientation: Orientation,
}

/// The picture alone. What is no picture comes back as it is; a file whose parts can't be told apart is refused, for nobody
/// could say what is in it.
pub fn strip(media: Media, bytes: Vec<u8>) -> Result<Stripped, AttachmentRefusal> {
    let stripped = match media {
        Media::Jpeg => jpeg::strip(&bytes),
        Media::Png => png::strip(&bytes),
        Media::Webp => webp::strip(&bytes),
        _ => return Ok(Stripped { bytes, orientation: Orientation::default() }),
    };
    stripped.ok_or(AttachmentRefusal::Damaged)
}

/// The bytes from `from` on, so many of them, if they are there.
fn part(bytes: &[u8], from: usize, length: usize) -> Option<&[u8]> {
    bytes.get(from..from.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_comes_back_as_it_is() {
        let pdf = b"%PDF-1.7 anything".to_vec();
        assert_eq!(strip(Media::Pdf, pdf.clone()).unwrap().bytes, pdf);
    }

    #[test]
    fn no_bytes_however_hostile_are_a_panic() {
        let mut seed = 0x9e37_79b9_u32;
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            seed.to_le_bytes()[0]
        };
        for (media, start) in [
            (Media::Jpeg, &b"\xff\xd8\xff\xe1"[..]),
            (Media::Png, b"\x89PNG\r\n\x1a\n\0\0\0\x04eXIf"),
            (Media::Webp, b"RIFF\xff\xff\xff\xffWEBPVP8X\x0a\0\0\0"),
        ] {
            for length in 0..400 {
                let mut bytes = start.to_vec();
                bytes.extend((0..length).map(|_| next()));
                let _ = strip(media, bytes.clone());
                bytes.truncate(length % (start.len() + 1));
                let _ = strip(media, bytes);
            }
        }
    }
}
