//! How a hand moved while it drew: time and pressure of each sample. Sensitive personal data: taken only with separate
//! consent, kept outside the bundle, and erasable; an act holds nothing but its salted digest.

use super::canon::{self, ReadError, Reader, Record, Writer};
use super::digest::{DYNAMICS_TAG, tagged};
use crate::environment::{Entropy, random};
use crate::id::Digest;

/// Most samples: half a minute of a pad that reports 240 times a second.
pub const SAMPLES_MAX: usize = 8_000;

/// One sample of the pen or finger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Milliseconds since the first sample.
    pub at_ms: u32,
    /// Pressure in thousandths of the pad's range; absent where there is none to measure (a finger), never 0 for that.
    pub pressure: Option<u16>,
}

/// The dynamics of one drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dynamics {
    salt: [u8; 32],
    samples: Vec<Sample>,
}

impl Dynamics {
    /// These samples under a fresh salt; those beyond [`SAMPLES_MAX`] are left out.
    pub fn new(mut samples: Vec<Sample>, entropy: &dyn Entropy) -> Self {
        samples.truncate(SAMPLES_MAX);
        Self { salt: random(entropy), samples }
    }

    /// The samples.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// What an act holds of them. Says nothing about them once the bytes with the salt are erased.
    pub fn digest(&self) -> Digest {
        tagged(DYNAMICS_TAG, &self.to_bytes())
    }

    /// Their bytes, salt included.
    pub fn to_bytes(&self) -> Vec<u8> {
        canon::write(self)
    }

    /// The dynamics in these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReadError> {
        canon::read_canonical(bytes)
    }
}

impl Record for Dynamics {
    fn put(&self, out: &mut Writer) {
        out.array(2);
        out.bytes(&self.salt);
        out.list(&self.samples, |out, sample| {
            out.array(2);
            out.uint(sample.at_ms.into());
            out.option(sample.pressure.as_ref(), |out, pressure| out.uint((*pressure).into()));
        });
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.array(2)?;
        let salt = input.exactly()?;
        let samples = input.list(SAMPLES_MAX, |input| {
            input.array(2)?;
            Ok(Sample { at_ms: input.narrow()?, pressure: input.option(Reader::narrow)? })
        })?;
        Ok(Self { salt, samples })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::specimen::Seeded;

    #[test]
    fn the_same_hand_movement_has_another_digest_each_time() {
        let entropy = Seeded::new(1);
        let samples = vec![Sample { at_ms: 0, pressure: None }, Sample { at_ms: 16, pressure: Some(0) }];
        let (one, two) = (Dynamics::new(samples.clone(), &entropy), Dynamics::new(samples, &entropy));
        assert_ne!(one.digest(), two.digest());
        assert_eq!(Dynamics::from_bytes(&one.to_bytes()), Ok(one), "no pressure stays no pressure");
    }
}
