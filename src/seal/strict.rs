//! What sealing refuses although it could be sealed: it would be of no use in the cluster, and nobody would see why.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Error, Scope, Secret, names};
use crate::plain::Plain;

/// The size from which on Kubernetes refuses a Secret, in bytes of all values together.
const LARGEST: usize = 1024 * 1024;
/// Below it, too many passwords happen to be base64 of something.
const SHORTEST: usize = 8;

/// What is let through that is refused otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allow {
    /// Values of `data` that are base64 of base64 of a text.
    pub double_base64: bool,
}

impl Secret {
    /// Refuses a Secret of which nobody could use what is sealed: `place` says where it stands.
    ///
    /// # Errors
    /// No namespace where the scope binds to one; names and keys that Kubernetes refuses; values that were encoded
    /// twice, or encrypted by SOPS. All of them at once.
    pub fn check(&self, scope: Scope, allow: Allow, place: &str) -> Result<(), Error> {
        let mut errors = self.of_names(scope, place);
        let twice = |(_, value): &(&String, &Plain)| !allow.double_base64 && is_encoded(value);
        for (key, _) in self.items.iter().filter(|(key, _)| self.encoded.contains(*key)).filter(twice) {
            let complaint = format!("`data.{key}` is base64 of base64: the Secret would hold base64");
            let hint =
                "encode it once, or write it under `stringData`; `--allow double-base64` where that is meant";
            errors.push(Error::document(place, complaint, Some(hint)));
        }
        for key in self.encrypted_by_sops() {
            let complaint = format!("the value of `{key}` is encrypted by SOPS");
            errors.push(Error::document(place, complaint, Some("decrypt it first: `sops decrypt`")));
        }
        Error::all(errors)
    }

    fn of_names(&self, scope: Scope, place: &str) -> Vec<Error> {
        let mut errors = Vec::new();
        let mut odd = |what: &str, name: &str, checked: Result<(), &'static str>| {
            if let Err(why) = checked {
                errors.push(Error::document(place, format!("the {what} `{name}` {why}"), None));
            }
        };
        if !self.name.is_empty() {
            odd("name", &self.name, names::object(&self.name));
        }
        if !self.namespace.is_empty() {
            odd("namespace", &self.namespace, names::namespace(&self.namespace));
        }
        for key in self.items.keys() {
            odd("key", key, names::key(key));
        }
        if self.name.is_empty() {
            let hint = "write `metadata.name`, or name it with `--name`";
            errors.push(Error::document(place, "this Secret has no name", Some(hint)));
        }
        if scope != Scope::ClusterWide && self.namespace.is_empty() {
            let complaint = format!("this Secret names no namespace, to which {scope} sealing binds it");
            let hint = "write `metadata.namespace`, or name it with `--namespace`";
            errors.push(Error::document(place, complaint, Some(hint)));
        }
        errors
    }

    /// What is sealed all the same, but hardly meant.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        let ends = self.items.iter().filter(|(_, value)| value.is_line_with_end());
        let mut doubts: Vec<String> = ends
            .map(|(key, _)| format!("`{key}` is one line with a line end behind it, which is sealed along"))
            .collect();
        if self.items.values().map(Plain::size).sum::<usize>() > LARGEST {
            doubts.push("its values are larger than 1 MiB together, which Kubernetes refuses".into());
        }
        doubts
    }
}

/// Whether a value is base64 of a printable text.
#[expect(clippy::disallowed_methods, reason = "sink: a look at the value, of which nothing is kept")]
fn is_encoded(value: &Plain) -> bool {
    let text = value.expose().trim_ascii_end();
    if text.len() < SHORTEST || !text.len().is_multiple_of(4) {
        return false;
    }
    let mut inner = Zeroizing::new(Vec::with_capacity(text.len()));
    let printable = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    STANDARD.decode_vec(text, &mut inner).is_ok() && inner.iter().all(printable)
}
