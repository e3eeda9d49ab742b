//! When to try again: exponential backoff with jitter, and which failures are worth it.
//!
//! Pure: randomness is an argument and a delay is a number; nothing here waits. A phone that was refused for a reason
//! of its own (a bad signature, a revoked key) gains nothing by repeating itself, so those never come here.

use crate::environment::{Entropy, TransportError, random};

/// First delay, milliseconds: about one round trip on a poor mobile link.
pub const BASE_MS: u64 = 500;
/// Longest delay of the phone's own choosing, milliseconds. Beyond it a later session serves the worker better.
pub const CAP_MS: u64 = 30_000;
/// Failures in a row, with no progress between them, after which a session gives up for now.
pub const FAILURES_MAX: u32 = 4;
/// Longest `Retry-After` taken at its word, seconds: a day. A larger one is a mistake of the server's.
pub const RETRY_AFTER_MAX_S: u64 = 86_400;

/// How long to wait after how many failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// First delay, milliseconds.
    pub base_ms: u64,
    /// Longest delay, milliseconds, unless the server asks for more.
    pub cap_ms: u64,
    /// Failures in a row that are followed by another try.
    pub failures_max: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base_ms: BASE_MS, cap_ms: CAP_MS, failures_max: FAILURES_MAX }
    }
}

impl Backoff {
    /// Milliseconds to wait after the `failures`-th failure in a row (from 1): a random point in the upper half of
    /// `base * 2^(failures - 1)`, capped. Where the server said how long (`asked_ms`), at least that, plus up to a
    /// quarter of it or the base, whichever is more, so that phones sent away together don't return together.
    pub fn delay_ms(&self, failures: u32, asked_ms: Option<u64>, entropy: &dyn Entropy) -> u64 {
        let doublings = failures.saturating_sub(1).min(20); // 2^20 half seconds is past every cap
        let full = self.base_ms.saturating_mul(1 << doublings).min(self.cap_ms);
        let own = full / 2 + below(full.div_ceil(2), entropy);
        match asked_ms {
            None => own,
            Some(asked) => own.max(asked.saturating_add(below((asked / 4).max(self.base_ms), entropy))),
        }
    }
}

/// A number in `0..=limit`. The bias of the remainder is far below what a delay could show.
fn below(limit: u64, entropy: &dyn Entropy) -> u64 {
    u64::from_be_bytes(random(entropy)) % limit.saturating_add(1)
}

/// Milliseconds a `Retry-After` header asks for. Only its form in seconds is read: the other one, a date, would need
/// a clock that can be trusted.
pub fn retry_after_ms(value: &str) -> Option<u64> {
    let seconds: u64 = value.trim().parse().ok()?;
    Some(seconds.min(RETRY_AFTER_MAX_S) * 1_000)
}

/// Whether the same request may fare better later: the server or something before it was busy, slow or broken.
pub const fn status_passes(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// Whether a failure to get any answer may pass by itself. A certificate that is not trusted does not.
pub const fn transport_passes(error: &TransportError) -> bool {
    match error {
        TransportError::Unreachable | TransportError::Timeout => true,
        TransportError::Untrusted => false,
    }
}

/// The stable code of a transport's failure.
pub const fn transport_code(error: &TransportError) -> &'static str {
    match error {
        TransportError::Unreachable => "unreachable",
        TransportError::Timeout => "timeout",
        TransportError::Untrusted => "untrusted",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Fixed(u64);
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            for (to, from) in bytes.iter_mut().zip(self.0.to_be_bytes().iter().cycle()) {
                *to = *from;
            }
        }
    }

    proptest! {
        #[test]
        fn a_delay_lies_in_the_upper_half_of_its_step(failures in 1u32..200, seed: u64) {
            let backoff = Backoff::default();
            let full = (BASE_MS << (failures - 1).min(20)).min(CAP_MS);
            let delay = backoff.delay_ms(failures, None, &Fixed(seed));
            prop_assert!(delay >= full / 2 && delay <= full + 1, "{delay} of {full}");
        }

        #[test]
        fn a_server_that_says_when_is_never_asked_sooner(failures in 1u32..9, asked in 0u64..86_400_000, seed: u64) {
            let delay = Backoff::default().delay_ms(failures, Some(asked), &Fixed(seed));
            prop_assert!(delay >= asked);
            prop_assert!(delay <= (asked + (asked / 4).max(BASE_MS)).max(CAP_MS + 1));
        }
    }

    #[test]
    fn phones_with_different_entropy_come_back_at_different_times() {
        let backoff = Backoff::default();
        assert_ne!(backoff.delay_ms(3, Some(10_000), &Fixed(1)), backoff.delay_ms(3, Some(10_000), &Fixed(977)));
    }

    #[test]
    fn retry_after_is_read_in_seconds_only() {
        assert_eq!(retry_after_ms(" 7 "), Some(7_000));
        assert_eq!(retry_after_ms("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(retry_after_ms("99999999999"), Some(86_400_000));
        assert_eq!(retry_after_ms("-1"), None);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(status_passes(status), "{status}");
        }
        for status in [200, 301, 400, 401, 403, 404, 409, 413, 415, 422, 501] {
            assert!(!status_passes(status), "{status}");
        }
        assert!(!transport_passes(&TransportError::Untrusted));
    }
}
