//! What identifies a finding in files that are kept.

use zeroize::Zeroizing;

use super::Finding;
use super::identity::spelled;
use crate::plain::Plain;

/// The key that fingerprints are made with. Without it a weak value cannot be guessed from its fingerprint.
pub struct FingerprintKey(Zeroizing<[u8; 32]>);

/// Bytes of a fingerprint.
const LENGTH: usize = 16;

impl FingerprintKey {
    /// The key of a secret text, which is best a random one; nothing where it is too short to be that.
    #[must_use]
    pub fn of(secret: &Plain) -> Option<Self> {
        /// 128 bits in hexadecimal digits.
        const LEAST: usize = 32;
        let is_long = secret.size() >= LEAST;
        is_long.then(|| Self(Zeroizing::new(secret.mac(&[0; 32], b"sealstrap fingerprints 1"))))
    }

    /// The fingerprint of a finding: 32 hexadecimal digits over its rule, its object, its keys and its value. It is the
    /// same wherever the file moves, and another one for another value.
    #[must_use]
    pub fn fingerprint(&self, finding: &Finding) -> String {
        base16ct::lower::encode_string(&finding.value.mac(&self.0, &spelled(finding))[..LENGTH])
    }

    /// What shows which key it is, and nothing else.
    #[must_use]
    pub fn name(&self) -> String {
        base16ct::lower::encode_string(&Plain::new(Vec::new()).mac(&self.0, b"name")[..4])
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::scan::{Policy, scan};

    pub(in crate::scan) fn key() -> FingerprintKey {
        FingerprintKey::of(&Plain::from("0".repeat(32))).unwrap()
    }

    fn fingerprints(key: &FingerprintKey, path: &str, text: &str) -> Vec<String> {
        let scanned = scan(&Policy::default(), path, text.as_bytes());
        scanned.findings.iter().map(|finding| key.fingerprint(finding)).collect()
    }

    #[test]
    fn it_stays_where_lines_and_files_move_and_changes_with_the_value() {
        let text =
            "kind: Secret\napiVersion: v1\nmetadata: {name: db}\nstringData:\n  a: first1\n  b: second2\n";
        let of = |path, text: &str| fingerprints(&key(), path, text);
        let all = of("a.yaml", text);
        assert_eq!(all.len(), 2);
        assert!(all.iter().all(|one| one.len() == 2 * LENGTH) && all[0] != all[1]);
        assert_eq!(of("b/c.yaml", &format!("# moved\n{text}")), all);
        let edited = of("a.yaml", &text.replace("second2", "other22"));
        assert_eq!((&edited[0], edited[1] == all[1]), (&all[0], false));
    }

    #[test]
    fn another_key_makes_others_and_has_another_name() {
        let other = FingerprintKey::of(&Plain::from("1".repeat(32))).unwrap();
        let text = "DB_PASSWORD=postgres\n";
        assert_ne!(fingerprints(&key(), "a.env", text), fingerprints(&other, "a.env", text));
        assert_ne!(key().name(), other.name());
        assert!(FingerprintKey::of(&Plain::from("short".to_owned())).is_none());
    }
}
