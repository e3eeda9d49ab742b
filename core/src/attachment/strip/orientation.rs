//! Which way up a picture is: the one field of Exif that showing it needs. Read from an Exif block, written as the smallest.

use super::part;

/// Tag of the orientation in a TIFF directory.
const TAG: u16 = 0x0112;
/// Type of a 16-bit number.
const SHORT: u16 = 3;
/// Entries of a directory that are looked at: a camera writes a few dozen.
const ENTRIES_MAX: u16 = 512;

/// As Exif numbers it: 1 is upright, 3 upside down, 6 and 8 on its side, the even ones among the others mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orientation(u8);

impl Default for Orientation {
    fn default() -> Self {
        Self(1)
    }
}

impl Orientation {
    /// Exif's number, 1 to 8.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Whether nothing need be said of it.
    pub(super) fn is_upright(self) -> bool {
        self == Self::default()
    }

    /// What a TIFF block says (Exif without its `Exif\0\0`); upright if it can't be read.
    pub(super) fn read(tiff: &[u8]) -> Self {
        Self::find(tiff).unwrap_or_default()
    }

    fn find(tiff: &[u8]) -> Option<Self> {
        let little = match part(tiff, 0, 4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let short = |at: usize| {
            let bytes: [u8; 2] = part(tiff, at, 2)?.try_into().ok()?;
            Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
        };
        let long = |at: usize| {
            let bytes: [u8; 4] = part(tiff, at, 4)?.try_into().ok()?;
            Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
        };
        let directory = usize::try_from(long(4)?).ok()?;
        for entry in 0..short(directory)?.min(ENTRIES_MAX) {
            let at = directory.checked_add(2 + 12 * usize::from(entry))?;
            if short(at)? == TAG && short(at.checked_add(2)?)? == SHORT && long(at.checked_add(4)?)? == 1 {
                let number = u8::try_from(short(at.checked_add(8)?)?).ok()?;
                return (1..=8).contains(&number).then_some(Self(number));
            }
        }
        None
    }

    /// A TIFF block that says this and nothing else.
    pub(super) fn tiff(self) -> [u8; 26] {
        let mut tiff = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
        if let Some(value) = tiff.get_mut(19) {
            *value = self.0;
        }
        tiff
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::Orientation;

    /// What a camera writes: make, orientation, and a GPS directory with a place in it.
    pub(in super::super) fn camera_tiff(orientation: u8) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0\x03\0".to_vec();
        tiff.extend(b"\x0f\x01\x02\0\x08\0\0\0\x40\0\0\0"); // make
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
        tiff.extend(b"\x25\x88\x04\0\x01\0\0\0\x50\0\0\0"); // GPS directory
        tiff.extend(b"\0\0\0\0");
        tiff.resize(0x40, 0);
        tiff.extend(b"SECRETCAM\0\0\0\0\0\0\0\0GPS3027N12016E");
        tiff
    }

    pub(in super::super) fn orientation(number: u8) -> Orientation {
        Orientation(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_in_both_orders_of_bytes() {
        for number in 1..=8 {
            assert_eq!(Orientation::read(&Orientation(number).tiff()), Orientation(number));
            assert_eq!(Orientation::read(&testing::camera_tiff(number)), Orientation(number));
        }
    }

    #[test]
    fn what_can_not_be_read_counts_as_upright() {
        let upright = Orientation::default();
        for number in [0, 9, 255] {
            assert_eq!(Orientation::read(&testing::camera_tiff(number)), upright);
        }
        let whole = testing::camera_tiff(6);
        for end in 0..30 {
            assert_eq!(Orientation::read(&whole[..end]), upright, "{end}");
        }
        assert_eq!(Orientation::read(b"II*\0\xff\xff\xff\xff"), upright);
    }
}
