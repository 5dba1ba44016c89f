//! The padding of RSA-OAEP with SHA-256 for hash and mask (RFC 8017 §7.1.1, §B.2.1), for a message of one key.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of a hash.
pub(super) const HASH: usize = 32;

/// The padded block `00 ‖ masked seed ‖ masked (label hash ‖ 00… ‖ 01 ‖ message)` of `size` bytes. The message must
/// leave room for two hashes and two bytes, which a key of 32 bytes does in any modulus from 1040 bits up.
pub(super) fn pad(message: &[u8], label: &[u8; HASH], seed: &[u8; HASH], size: usize) -> Zeroizing<Vec<u8>> {
    let mut block = Zeroizing::new(vec![0; size]);
    let (head, data) = block.split_at_mut(1 + HASH);
    let masked_seed = &mut head[1..];
    data[..HASH].copy_from_slice(label);
    let start = data.len() - message.len();
    data[start - 1] = 1;
    data[start..].copy_from_slice(message);
    mask(data, seed);
    masked_seed.copy_from_slice(seed);
    mask(masked_seed, data);
    block
}

/// The hash of the label and the message of a padded block; nothing where the block is none. Steps depend on what is in
/// the block: this is for whoever holds the key, and answers nobody else.
pub(super) fn unpad(mut block: Zeroizing<Vec<u8>>) -> Option<([u8; HASH], Zeroizing<Vec<u8>>)> {
    let (head, data) = block.split_at_mut_checked(1 + HASH)?;
    let (first, seed) = head.split_first_mut()?;
    mask(seed, data);
    mask(data, seed);
    let (label, rest) = data.split_first_chunk::<HASH>()?;
    let start = rest.iter().position(|byte| *byte != 0)?;
    let is_padded = *first == 0 && rest[start] == 1;
    is_padded.then(|| (*label, Zeroizing::new(rest[start + 1..].to_vec())))
}

/// Adds `MGF1(seed)` to the bytes.
fn mask(bytes: &mut [u8], seed: &[u8]) {
    let seeded = Sha256::new_with_prefix(seed);
    for (counter, chunk) in (0_u32..).zip(bytes.chunks_mut(HASH)) {
        let digest =
            Zeroizing::new(<[u8; HASH]>::from(seeded.clone().chain_update(counter.to_be_bytes()).finalize()));
        chunk.iter_mut().zip(digest.iter()).for_each(|(byte, mask)| *byte ^= mask);
    }
}
