//! What makes a finding the same one, wherever it moves.

use sha2::{Digest, Sha256};

use super::Finding;

/// A digest over rule, object, keys and value. Numbers of items are no part of it: they change when one is put in before
/// them. It stays in memory: a weak value could be guessed from it.
pub(super) type Identity = [u8; 32];

/// The identity of a finding.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: a digest in memory, to tell whether a value has changed"
)]
pub(super) fn identity(finding: &Finding) -> Identity {
    let mut digest = Sha256::new();
    digest.update(spelled(finding));
    digest.update(finding.value.expose());
    digest.finalize().into()
}

/// All of it but the value: rule, object and keys, each with its length.
pub(super) fn spelled(finding: &Finding) -> Vec<u8> {
    let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let way: String =
        finding.way.split('.').filter(|part| !is_number(part)).flat_map(|part| [part, "."]).collect();
    let parts = [finding.rule.as_bytes(), object.as_bytes(), way.as_bytes()];
    parts.into_iter().flat_map(|part| [&(part.len() as u64).to_le_bytes()[..], part].concat()).collect()
}
