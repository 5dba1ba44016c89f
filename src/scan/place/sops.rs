//! Files of SOPS: which values their own rules want encrypted, and whether they are.

use regex::Regex;

use super::Place;
use super::look::{Look, Scope};
use crate::scan::verdict::{Verdict, is_sops};
use crate::yaml::outline::{Id, Outline, Shape};

/// Which keys are encrypted: those with all below them (SOPS, `encrypted_regex` and its relatives).
pub(super) enum Rules {
    /// All but those with this ending.
    AllBut(String),
    /// Those with this ending.
    Only(String),
    /// Those that match.
    Matching(Regex),
    /// Those that do not.
    NotMatching(Regex),
}

/// Whether this is what SOPS keeps about a file: a code over all of it, and whom it is encrypted for.
pub(super) fn is_metadata(outline: &Outline, id: Id) -> bool {
    outline.get(id, "mac").is_some() || outline.get(id, "lastmodified").is_some()
}

impl Rules {
    /// The rules of a document that SOPS has encrypted.
    pub(super) fn of(outline: &Outline) -> Option<Self> {
        let sops = outline.get(0, "sops").filter(|sops| is_metadata(outline, *sops))?;
        let text = |key: &str| {
            outline.text_at(sops, &[key]).filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned)
        };
        // By a pattern that only Go understands nothing can be said.
        if let Some(pattern) = text("encrypted_regex") {
            return Regex::new(&pattern).ok().map(Self::Matching);
        }
        if let Some(pattern) = text("unencrypted_regex") {
            return Regex::new(&pattern).ok().map(Self::NotMatching);
        }
        let only = text("encrypted_suffix").map(Self::Only);
        let but = || Self::AllBut(text("unencrypted_suffix").unwrap_or_else(|| "_unencrypted".into()));
        Some(only.unwrap_or_else(but))
    }

    /// Whether the values below a key are encrypted, given whether those around it are.
    fn below(&self, key: &str, around: bool) -> bool {
        match self {
            Self::AllBut(ending) => around && !key.ends_with(ending.as_str()),
            Self::NotMatching(regex) => around && !regex.is_match(key),
            Self::Only(ending) => around || key.ends_with(ending.as_str()),
            Self::Matching(regex) => around || regex.is_match(key),
        }
    }

    /// Whether values are encrypted of which no key says anything.
    fn at_first(&self) -> bool {
        matches!(self, Self::AllBut(_) | Self::NotMatching(_))
    }
}

/// Finds the values that should be encrypted and are not.
pub(super) fn check(look: &mut Look, outline: &Outline, rules: &Rules, scope: &Scope) {
    let scope = scope.at(Place::SopsUnencrypted);
    for child in outline.children(0) {
        if outline.key(child).as_deref() != Some("sops") {
            values(look, outline, child, rules, rules.at_first(), &scope);
        }
    }
}

fn values(look: &mut Look, outline: &Outline, id: Id, rules: &Rules, around: bool, scope: &Scope) {
    let encrypted = outline.key(id).map_or(around, |key| rules.below(&key, around));
    match outline.shape(id) {
        Shape::Map | Shape::List => {
            for child in outline.children(id) {
                values(look, outline, child, rules, encrypted, scope);
            }
        }
        Shape::Scalar(_) if encrypted => {
            let text = outline.scalar(id).unwrap_or_default();
            // SOPS leaves nothing and empty texts as they are.
            if !text.is_empty() && !matches!(text.as_ref(), "null" | "~") && !is_sops(&text) {
                look.tell(outline, id, scope, Verdict::ShouldBeEncrypted, text.as_bytes());
            }
        }
        Shape::Scalar(_) | Shape::Alias => {}
    }
}
