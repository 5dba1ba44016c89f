//! A secret value in memory, and the few harmless things that may be said of it.

use std::fmt;

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A secret value. It can be moved to a sink or dropped (and wiped); it cannot be shown, cloned,
/// compared with `==` or serialized.
///
/// ```compile_fail
/// let value = sealstrap::plain::Plain::from("x".to_owned());
/// println!("{value}");
/// ```
/// ```compile_fail
/// let value = sealstrap::plain::Plain::from("x".to_owned());
/// let copy = value.clone();
/// ```
/// ```compile_fail
/// let value = sealstrap::plain::Plain::from("x".to_owned());
/// serde_json::to_string(&value);
/// ```
/// ```compile_fail
/// let value = sealstrap::plain::Plain::from("x".to_owned());
/// assert!(value == sealstrap::plain::Plain::from("x".to_owned()));
/// ```
pub struct Plain(SecretSlice<u8>);

impl Plain {
    /// Takes the bytes over; the caller keeps no copy.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(SecretSlice::from(bytes))
    }

    /// Whether there are no bytes at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.expose_secret().is_empty()
    }

    /// Whether the value ends in a line feed, which no token may: it would change signatures made with it.
    #[must_use]
    pub fn ends_with_newline(&self) -> bool {
        self.0.expose_secret().ends_with(b"\n")
    }

    /// Whether the value is one line with a line end behind it, as `echo` makes it and hardly anybody means it. Texts
    /// of several lines, such as keys in PEM, do end so.
    #[must_use]
    pub fn is_line_with_end(&self) -> bool {
        let bytes = self.0.expose_secret();
        bytes.len() > 1 && bytes.iter().position(|byte| *byte == b'\n') == Some(bytes.len() - 1)
    }

    /// How many bytes there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.expose_secret().len()
    }

    /// Whether the value is UTF-8 text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        std::str::from_utf8(self.0.expose_secret()).is_ok()
    }

    /// Whether both hold the same bytes, in time that depends on the lengths only.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.0.expose_secret().ct_eq(other.0.expose_secret()).into()
    }

    /// HMAC-SHA-256 over `context` with this value as key, as lower-case hex: a mark that shows a change
    /// of the value. Only for values of high entropy; a weak one could be guessed from it.
    #[must_use]
    pub fn mark(&self, context: &str) -> String {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(self.0.expose_secret())
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(context.as_bytes());
        base16ct::lower::encode_string(&mac.finalize().into_bytes())
    }

    /// HMAC-SHA-256 under a key that is no part of the value, over `context` and the value. Without the key nothing can
    /// be guessed from it, whatever the value's entropy.
    #[must_use]
    pub fn mac(&self, key: &[u8; 32], context: &[u8]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(context);
        mac.update(self.0.expose_secret());
        mac.finalize().into_bytes().into()
    }

    /// SHA-256 over the value followed by `rest`, as lower-case hex: the path of a Flux Receiver is made so
    /// (notification-controller, `Receiver.status.webhookPath`).
    #[must_use]
    pub fn sha256_with(&self, rest: &[&str]) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0.expose_secret());
        for part in rest {
            hash.update(part.as_bytes());
        }
        base16ct::lower::encode_string(&hash.finalize())
    }

    /// The value without the line ends that an editor or `echo` leaves behind.
    #[must_use]
    pub fn without_line_end(self) -> Self {
        let bytes = self.0.expose_secret();
        let end = bytes.iter().rposition(|b| !matches!(b, b'\n' | b'\r')).map_or(0, |last| last + 1);
        if end == bytes.len() { self } else { Self::new(bytes[..end].to_vec()) }
    }

    /// A second handle, for the one place that keeps values which can be read only once.
    pub(crate) fn duplicate(&self) -> Self {
        Self::new(self.0.expose_secret().to_vec())
    }

    /// The bytes themselves. A disallowed method: each sink that calls it says why.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// The bytes as text, wiped when dropped; `None` where they are not UTF-8. A disallowed method like
    /// [`Plain::expose`].
    #[must_use]
    pub fn expose_text(&self) -> Option<Zeroizing<String>> {
        std::str::from_utf8(self.0.expose_secret()).ok().map(|text| Zeroizing::new(text.to_owned()))
    }
}

impl From<String> for Plain {
    fn from(text: String) -> Self {
        Self::new(text.into_bytes())
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Plain;

    #[test]
    fn the_path_of_a_receiver_is_the_known_one() {
        // Golden vector of flux2: token, name and namespace joined without a separator.
        let token = Plain::from("test-token".to_owned());
        let path = token.sha256_with(&["receiver-secret", "my-namespace"]);
        assert_eq!(path, "106120121d366c2f67e93200f6c1dbe938235eb588daa5e8c0516d3a77ac1dee");
    }

    #[test]
    fn debug_says_nothing() {
        assert_eq!(format!("{:?}", Plain::from("canary".to_owned())), "Plain(…)");
    }

    #[test]
    fn line_ends_go_and_nothing_else() {
        let trimmed = Plain::from(" a\n\n\r\n".to_owned()).without_line_end();
        assert!(trimmed.same_as(&Plain::from(" a".to_owned())));
        assert!(Plain::from("\n".to_owned()).without_line_end().is_empty());
    }
}
