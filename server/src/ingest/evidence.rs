//! A sealed agreement that came with a push: whether its bundle proves what the case's log says of it.

use std::collections::HashSet;

use doorstep_core::agreement::{CheckNumber, verify};
use doorstep_core::case::AgreementSealed;
use doorstep_core::id::{Digest, DocId};

/// The code of a bundle that does not verify.
pub(super) const ALTERED: &str = "bundle_altered";
/// The code of one that verifies, but is another case's, another draft's, or sealed by a key the person never enrolled.
pub(super) const FOREIGN: &str = "bundle_foreign";
/// The code of one that did not come.
pub(super) const MISSING: &str = "bundle_missing";

/// Holds a bundle against the event that names it. `keys`: fingerprints of the person's enrolled keys, revoked ones too:
/// who seals, loses the phone and gets a new one still has a valid agreement. The bytes' digest is the caller's to check.
pub(super) fn check(doc: DocId, sealed: &AgreementSealed, bytes: &[u8], keys: &HashSet<Digest>) -> Result<(), &'static str> {
    let report = verify(bytes);
    let facts = match &report.facts {
        Some(facts) if report.holds() => facts,
        _ => return Err(ALTERED),
    };
    let number = sealed.check_number.parse::<CheckNumber>();
    let named = facts.bundle == sealed.bundle && facts.case == doc && facts.draft == sealed.draft;
    if named && number == Ok(facts.check_number) && keys.contains(&facts.device_key) { Ok(()) } else { Err(FOREIGN) }
}
