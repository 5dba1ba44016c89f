//! What is told of a secret that was found: all but the secret.

use std::borrow::Cow;
use std::sync::Arc;

use super::place::Object;
use super::text::Spot;
use super::verdict::Verdict;
use crate::plain::Plain;

/// How bad it is. What is worse is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth a look: a placeholder that nobody has filled in.
    Note,
    /// In clear, and hardly a secret or one that can be guessed.
    Warning,
    /// A secret in clear.
    Error,
}

/// A secret in a text.
#[derive(Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub verdict: Verdict,
    /// What it is known to be, with its issuer: `a personal access token (GitHub)`.
    pub what: Option<String>,
    /// Its first character.
    pub start: Spot,
    /// The character behind its last one.
    pub end: Spot,
    /// The line by which gitleaks names it, where a rule of the repository's own found it: that of its match, or 0 where
    /// that is the whole file.
    pub gitleaks_line: Option<usize>,
    /// Its bytes in the text.
    pub range: std::ops::Range<usize>,
    /// The number of its document in the file, from 1; 0 where the file has none.
    pub document: usize,
    /// The object that it is in.
    pub object: Option<Arc<Object>>,
    /// The keys on the way to it, with dots between; empty where there are none.
    pub way: String,
    /// The name that it is assigned to in its line, with dots in place of the secret.
    pub source: String,
    /// The secret itself, for its fingerprint and for mending.
    pub value: Plain,
}

impl Finding {
    /// What was found, in a sentence without the secret.
    #[must_use]
    pub fn message(&self) -> String {
        let what = self.what.as_deref();
        let subject = if self.way.is_empty() { "it".to_owned() } else { format!("`{}`", self.way) };
        match (self.verdict, what) {
            (Verdict::ShouldBeEncrypted, _) => {
                format!("{subject} should be encrypted by the rules of its own file, and is in clear")
            }
            (Verdict::NotSealed, _) => format!("{subject} stands among sealed values and is not one"),
            (Verdict::Name, _) => format!("{subject} holds a plain word beside references"),
            (Verdict::Placeholder, _) => format!("{subject} holds a placeholder"),
            (_, Some(what)) if self.way.is_empty() => format!("this is {what}"),
            (_, Some(what)) => format!("{subject} holds {what} in clear"),
            (Verdict::WeakPlaintext, None) => format!("{subject} is in clear, and can be guessed"),
            _ => format!("{subject} is in clear"),
        }
    }
}

impl Verdict {
    /// How bad a value is that is judged so; none where it is not told.
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Plaintext | Self::ShouldBeEncrypted | Self::NotSealed => Some(Severity::Error),
            Self::WeakPlaintext => Some(Severity::Warning),
            Self::Placeholder | Self::Name => Some(Severity::Note),
            _ => None,
        }
    }
}
