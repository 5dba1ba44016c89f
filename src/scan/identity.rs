//! What makes a finding the same one, wherever it moves.

use sha2::{Digest, Sha256};

use super::Finding;

/// A digest over rule, object, keys and value. It stays in memory: a weak value could be guessed from it.
pub(super) type Identity = [u8; 32];

/// The identity of a finding.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: a digest in memory, to tell whether a value has changed"
)]
pub(super) fn identity(finding: &Finding) -> Identity {
    let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut digest = Sha256::new();
    for part in [finding.rule.as_bytes(), object.as_bytes(), finding.way.as_bytes(), finding.value.expose()] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}
