//! What bytes are, told from the bytes: never from a file's name, never from what somebody says they are.

use std::fmt;

/// Bytes from the beginning that are enough to tell.
pub const SNIFF_BYTES: usize = 512;

/// The media types that can be told and carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Media {
    /// A photo.
    Jpeg,
    /// A drawing, a screenshot, a scan.
    Png,
    /// A photo, as newer phones and pages write it.
    Webp,
    /// A scan of several pages.
    Pdf,
    /// A recording: AAC in MP4.
    M4a,
    /// A recording: Opus or Vorbis.
    Ogg,
    /// A recording: MP3.
    Mp3,
    /// A recording: AMR, as many phones' recorders write it.
    Amr,
    /// A recording without compression.
    Wav,
    /// A film. Also sound alone, where its writer did not say so in the file's brand.
    Mp4,
    /// What was drawn on a pad, as JSON.
    Strokes,
}

impl Media {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Jpeg,
        Self::Png,
        Self::Webp,
        Self::Pdf,
        Self::M4a,
        Self::Ogg,
        Self::Mp3,
        Self::Amr,
        Self::Wav,
        Self::Mp4,
        Self::Strokes,
    ];

    /// Its permanent name: the media type in events, policies and requests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::M4a => "audio/mp4",
            Self::Ogg => "audio/ogg",
            Self::Mp3 => "audio/mpeg",
            Self::Amr => "audio/amr",
            Self::Wav => "audio/wav",
            Self::Mp4 => "video/mp4",
            Self::Strokes => "application/vnd.doorstep.strokes+json",
        }
    }

    /// The one of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|media| media.name() == name)
    }

    /// Whether it is a picture: those are stripped of what a camera adds, and have previews.
    pub const fn is_image(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Webp)
    }

    /// What these bytes begin as; nothing known, none. [`SNIFF_BYTES`] are enough.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        let at = |from: usize, what: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(what));
        Some(match bytes {
            _ if at(0, b"\xff\xd8\xff") => Self::Jpeg,
            _ if at(0, b"\x89PNG\r\n\x1a\n") => Self::Png,
            _ if at(0, b"RIFF") && at(8, b"WEBP") => Self::Webp,
            _ if at(0, b"RIFF") && at(8, b"WAVE") => Self::Wav,
            _ if at(0, b"%PDF-") => Self::Pdf,
            _ if at(0, b"OggS") => Self::Ogg,
            _ if at(0, b"#!AMR\n") || at(0, b"#!AMR-WB\n") => Self::Amr,
            _ if at(4, b"ftyp") => return Self::of_brand(bytes.get(8..12)?),
            _ if at(0, b"ID3") || is_mp3_frame(bytes) => Self::Mp3,
            _ if is_strokes(bytes) => Self::Strokes,
            _ => return None,
        })
    }

    /// The brand of an ISO base media file. Pictures in one (HEIC, AVIF) are not known: nothing here can take out of them
    /// what a camera puts in.
    fn of_brand(brand: &[u8]) -> Option<Self> {
        const SOUND: [&[u8]; 2] = [b"M4A ", b"M4B "];
        const FILM: [&[u8]; 9] = [b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "];
        if SOUND.contains(&brand) {
            Some(Self::M4a)
        } else if FILM.contains(&brand) || brand.starts_with(b"3gp") {
            Some(Self::Mp4)
        } else {
            None
        }
    }
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The header of an MPEG audio layer III frame: eleven set bits, a version and a bit rate that exist.
fn is_mp3_frame(bytes: &[u8]) -> bool {
    let &[0xff, second, third, ..] = bytes else { return false };
    let (sync, version, layer, rate) = (second & 0xe0 == 0xe0, (second >> 3) & 3, (second >> 1) & 3, third >> 4);
    sync && version != 1 && layer == 1 && !matches!(rate, 0 | 15)
}

/// A JSON object that names strokes near its beginning.
fn is_strokes(bytes: &[u8]) -> bool {
    let head = bytes.get(..SNIFF_BYTES).unwrap_or(bytes);
    let begins = head.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    begins && head.windows(9).any(|window| window == b"\"strokes\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_from_its_first_bytes() {
        let told: [(&[u8], Option<Media>); 18] = [
            (b"\xff\xd8\xff\xe0....JFIF", Some(Media::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some(Media::Png)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(Media::Webp)),
            (b"RIFF\x10\0\0\0WAVEfmt ", Some(Media::Wav)),
            (b"RIFF\x10\0\0\0AVI LIST", None),
            (b"%PDF-1.7\n", Some(Media::Pdf)),
            (b"OggS\0\x02", Some(Media::Ogg)),
            (b"#!AMR\n\x3c", Some(Media::Amr)),
            (b"\0\0\0\x18ftypM4A \0\0", Some(Media::M4a)),
            (b"\0\0\0\x18ftypmp42\0\0", Some(Media::Mp4)),
            (b"\0\0\0\x18ftyp3gp4\0\0", Some(Media::Mp4)),
            (b"\0\0\0\x18ftypheic\0\0", None),
            (b"ID3\x04\0\0", Some(Media::Mp3)),
            (b"\xff\xfb\x90\x00", Some(Media::Mp3)),
            (b"\xff\xff\xff\xff", None),
            (b" {\"width\":9,\"strokes\":[]}", Some(Media::Strokes)),
            (b"<html>", None),
            (b"MZ\x90\0", None),
        ];
        for (bytes, media) in told {
            assert_eq!(Media::sniff(bytes), media, "{bytes:?}");
        }
    }

    #[test]
    fn no_beginning_however_short_is_a_panic() {
        for end in 0..16 {
            for first in 0..=255u8 {
                let _ = Media::sniff(&[first; 16][..end]);
            }
            let _ = Media::sniff(&b"\0\0\0\x18ftyp"[..end.min(8)]);
        }
    }

    #[test]
    fn every_name_is_its_own() {
        for media in Media::ALL {
            assert_eq!(Media::from_name(media.name()), Some(media));
        }
        assert_eq!(Media::from_name("text/html"), None);
    }
}
