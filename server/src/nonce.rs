//! Nonces: proof that a signature is fresh, without a table of those given out.
//!
//! A nonce is the server's time, 16 random bytes and a MAC over both, under a key that lives as long as the process.
//! Only nonces that were used for a valid signature are remembered, until they would have expired anyway. After a
//! restart every nonce is unknown; each answer carries a fresh one, so that costs a phone one round trip.
//! Knows nothing of HTTP, devices or storage.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use doorstep_core::environment::{Entropy, random};
use doorstep_core::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How long a nonce may wait for its signature, milliseconds: a phone that composes a batch on a slow link.
pub const NONCE_MS: i64 = 15 * 60_000;
/// Most used nonces remembered. Only requests with a valid signature of an enrolled device add one, so 1,000 phones would
/// have to send one a second for a quarter of an hour; beyond it signed requests are turned away rather than unprotected.
const USED_MAX: usize = 1_000_000;
/// Bytes of the MAC that travel: 128 bits, far beyond guessing within a quarter of an hour.
const MAC_BYTES: usize = 16;
const RANDOM_BYTES: usize = 16;
const NONCE_BYTES: usize = 8 + RANDOM_BYTES + MAC_BYTES;

/// Why a nonce is not accepted. All but `Full` look the same from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NonceError {
    /// Not one of this process's.
    #[error("the nonce is not one of this server's")]
    Unknown,
    /// Its time is over.
    #[error("the nonce is too old")]
    Expired,
    /// It signed a request before.
    #[error("the nonce was used before")]
    Used,
    /// Too many are remembered already.
    #[error("too many nonces are in use")]
    Full,
}

/// A nonce that is this server's and fresh, but perhaps used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fresh {
    at: i64,
    random: [u8; RANDOM_BYTES],
}

/// Gives out nonces and remembers the used ones.
pub struct Nonces {
    key: Hmac<Sha256>,
    seen: Mutex<Seen>,
}

struct Seen {
    /// The latest time ever seen: a clock that is set back must not revive used nonces.
    latest: i64,
    used: BTreeSet<Fresh>,
}

impl std::fmt::Debug for Nonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Nonces")
    }
}

impl Nonces {
    /// With a key of its own.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let key = Hmac::<Sha256>::new(&random::<64>(entropy).into());
        Self { key, seen: Mutex::new(Seen { latest: i64::MIN, used: BTreeSet::new() }) }
    }

    /// A fresh nonce, as text for a header.
    pub fn give(&self, entropy: &dyn Entropy, now: Timestamp) -> String {
        let fresh = Fresh { at: self.time(now), random: random(entropy) };
        let mut bytes = Vec::with_capacity(NONCE_BYTES);
        bytes.extend(fresh.at.to_be_bytes());
        bytes.extend(fresh.random);
        let mac = self.key.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend(mac.iter().take(MAC_BYTES));
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Whether `text` is one of this process's nonces and fresh. Says nothing yet about its having been used.
    pub fn check(&self, text: &str, now: Timestamp) -> Result<Fresh, NonceError> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| NonceError::Unknown)?;
        let bytes: [u8; NONCE_BYTES] = bytes.try_into().map_err(|_| NonceError::Unknown)?;
        let (signed, mac) = bytes.split_at(8 + RANDOM_BYTES);
        self.key.clone().chain_update(signed).verify_truncated_left(mac).map_err(|_| NonceError::Unknown)?;
        let (at, random) = signed.split_at(8);
        let fresh = Fresh {
            at: i64::from_be_bytes(at.try_into().map_err(|_| NonceError::Unknown)?),
            random: random.try_into().map_err(|_| NonceError::Unknown)?,
        };
        if self.time(now).saturating_sub(fresh.at) > NONCE_MS { Err(NonceError::Expired) } else { Ok(fresh) }
    }

    /// Uses up a nonce that [`Self::check`] found fresh. Called once the signature over it has been verified, so that
    /// strangers can't fill the memory of used ones.
    pub fn spend(&self, fresh: Fresh, now: Timestamp) -> Result<(), NonceError> {
        let oldest = self.time(now).saturating_sub(NONCE_MS);
        let mut seen = self.lock();
        seen.used = seen.used.split_off(&Fresh { at: oldest, random: [0; RANDOM_BYTES] });
        if seen.used.len() >= USED_MAX {
            return Err(NonceError::Full);
        }
        if fresh.at < oldest {
            return Err(NonceError::Expired);
        }
        if seen.used.insert(fresh) { Ok(()) } else { Err(NonceError::Used) }
    }

    fn time(&self, now: Timestamp) -> i64 {
        let mut seen = self.lock();
        seen.latest = seen.latest.max(now.0);
        seen.latest
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServerEntropy;

    const NOW: Timestamp = Timestamp(1_778_000_000_000);

    #[test]
    fn a_nonce_is_good_once() {
        let nonces = Nonces::new(&ServerEntropy);
        let text = nonces.give(&ServerEntropy, NOW);
        let fresh = nonces.check(&text, NOW).unwrap();
        assert_eq!(nonces.spend(fresh, NOW), Ok(()));
        assert_eq!(nonces.spend(nonces.check(&text, NOW).unwrap(), NOW), Err(NonceError::Used));
    }

    #[test]
    fn a_nonce_expires_and_a_clock_set_back_does_not_revive_it() {
        let nonces = Nonces::new(&ServerEntropy);
        let text = nonces.give(&ServerEntropy, NOW);
        assert!(nonces.check(&text, NOW.plus_ms(NONCE_MS)).is_ok());
        assert_eq!(nonces.check(&text, NOW.plus_ms(NONCE_MS + 1)), Err(NonceError::Expired));
        assert_eq!(nonces.check(&text, NOW), Err(NonceError::Expired));
    }

    #[test]
    fn nonces_of_others_or_with_one_bit_changed_are_unknown() {
        let nonces = Nonces::new(&ServerEntropy);
        let other = Nonces::new(&ServerEntropy).give(&ServerEntropy, NOW);
        assert_eq!(nonces.check(&other, NOW), Err(NonceError::Unknown));
        let good = BASE64URL_NOPAD.decode(nonces.give(&ServerEntropy, NOW).as_bytes()).unwrap();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(nonces.check(&BASE64URL_NOPAD.encode(&bad), NOW), Err(NonceError::Unknown), "bit {bit}");
        }
        for text in ["", "x", "王敏", &"A".repeat(10_000)] {
            assert_eq!(nonces.check(text, NOW), Err(NonceError::Unknown));
        }
    }

    #[test]
    fn used_nonces_are_forgotten_once_they_could_not_be_used_again() {
        let nonces = Nonces::new(&ServerEntropy);
        let fresh = nonces.check(&nonces.give(&ServerEntropy, NOW), NOW).unwrap();
        nonces.spend(fresh, NOW).unwrap();
        let later = NOW.plus_ms(NONCE_MS + 1);
        let next = nonces.check(&nonces.give(&ServerEntropy, later), later).unwrap();
        nonces.spend(next, later).unwrap();
        assert_eq!(nonces.lock().used.len(), 1);
    }
}
