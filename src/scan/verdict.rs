//! Whether a value is a secret in clear: decided by where it stands and what it is made of, and by randomness only where
//! neither says.

mod form;
mod word;

pub use form::{is_sealed, is_sops};
pub(super) use word::{is_placeholder, is_random};

use super::name::{Promise, promise};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A secret in clear.
    Plaintext,
    /// In clear where secrets stand, and hardly one itself, or one that can be guessed: `admin`, `8080`.
    WeakPlaintext,
    /// A plain word beside references: the name of a user or a bucket, or a password that anybody guesses.
    Name,
    /// It should be encrypted by SOPS, by the rules of its own file, and is not.
    ShouldBeEncrypted,
    /// It stands where sealed values stand and cannot be one.
    NotSealed,
    /// Sealed by sealed-secrets.
    Sealed,
    /// Encrypted by SOPS, Ansible Vault, age or PGP.
    Encrypted,
    /// The name of something in a store.
    Reference,
    /// A variable that a controller or a shell fills in.
    Substitution,
    /// An expression of a template.
    Template,
    /// Public: a certificate, a public key.
    Public,
    /// Nothing.
    Empty,
    /// A word that stands where a secret is to be put.
    Placeholder,
    /// Nothing that anybody keeps secret.
    Harmless,
}

/// What is expected of the values at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// All are secrets: the keys of a Secret.
    Secrets,
    /// Those are secrets whose names say so.
    ByName,
}

impl Verdict {
    /// Whether it has to be told as a leak.
    #[must_use]
    pub fn is_leak(self) -> bool {
        matches!(self, Self::Plaintext | Self::WeakPlaintext | Self::ShouldBeEncrypted | Self::NotSealed)
    }

    /// Whether it is told at all, be it as a note.
    #[must_use]
    pub fn is_told(self) -> bool {
        self.is_leak() || matches!(self, Self::Name | Self::Placeholder)
    }

    /// The same beside references, where a word is more often a name than a secret.
    #[must_use]
    pub fn beside_references(self, text: &str) -> Self {
        let is_word = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        if self == Self::WeakPlaintext && is_word { Self::Name } else { self }
    }
}

/// The verdict on a text under a name.
#[must_use]
pub fn judge(expect: Expect, name: &str, text: &str) -> Verdict {
    /// Defaults within defaults; deeper ones are not looked at.
    const DEEPEST: u8 = 4;
    judge_within(expect, name, text, DEEPEST)
}

fn judge_within(expect: Expect, name: &str, text: &str, depth: u8) -> Verdict {
    if expect == Expect::ByName && promise(name) == Promise::Anything && !text.contains("${") {
        return Verdict::Harmless;
    }
    let text = text.trim();
    if let Some(verdict) = form::of(text) {
        return verdict;
    }
    let rest = form::without_expressions(text);
    if let Some(kind) = rest.kind {
        // What stands between expressions is judged by patterns, not as the value.
        return match defaults(expect, name, &rest.defaults, depth) {
            Verdict::Harmless => kind,
            leak => leak,
        };
    }
    match (expect, promise(name)) {
        (Expect::Secrets, promise) => in_secret(promise, text),
        (Expect::ByName, Promise::Secret) if !word::is_said(name, text) => by_name(text),
        (Expect::ByName, Promise::SecretOrName) if !word::is_switch(text) && word::is_random(text) => {
            Verdict::Plaintext
        }
        (Expect::ByName, _) => Verdict::Harmless,
    }
}

/// Defaults within `${NAME:-…}` are values like others, under the name of the variable or of the place.
fn defaults(expect: Expect, name: &str, defaults: &[(&str, &str)], depth: u8) -> Verdict {
    let Some(depth) = depth.checked_sub(1) else { return Verdict::Harmless };
    let mut judged = defaults.iter().map(|(variable, default)| {
        let own = if promise(variable) > promise(name) { variable } else { name };
        match judge_within(Expect::ByName, own, default, depth) {
            // In a Secret a default is no more than a default: a host, a port.
            Verdict::WeakPlaintext if expect == Expect::Secrets && promise(own) != Promise::Secret => {
                Verdict::Harmless
            }
            verdict => verdict,
        }
    });
    judged.find(|verdict| verdict.is_leak()).unwrap_or(Verdict::Harmless)
}

fn in_secret(promise: Promise, text: &str) -> Verdict {
    if word::is_placeholder(text) {
        Verdict::Placeholder
    } else if word::is_random(text) || text.contains('\n') {
        Verdict::Plaintext
    } else if promise == Promise::Anything || word::is_switch(text) || word::is_path(text) {
        Verdict::WeakPlaintext
    } else {
        by_name(text)
    }
}

fn by_name(text: &str) -> Verdict {
    if word::is_placeholder(text) {
        Verdict::Placeholder
    } else if word::is_guessable(text) {
        Verdict::WeakPlaintext
    } else {
        Verdict::Plaintext
    }
}
