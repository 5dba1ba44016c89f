//! Patterns of a gitleaks configuration, compiled when a text first asks for them.
//!
//! When the configuration is read, each pattern is translated, which finds all that RE2 refuses, with its place, in
//! microseconds. Compiling costs a thousand times that and is left until a keyword was found. Only two things can
//! still go wrong then: a pattern that is too large, and a Unicode class that does not exist; both carry their place.

use std::fmt;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::error::{Error, Site};
use super::re2::{self, Fault, Reach};

/// Bytes that a compiled pattern takes at most. gitleaks has no such limit; its largest own pattern takes 20 MB.
const LARGEST: usize = 64 << 20;

/// Bytes of states that a pattern keeps while it searches, for each thread at most. With the crate's own 2 MB, patterns
/// such as gitleaks' generic one forget their states again and again.
const LARGEST_CACHE: usize = 32 << 20;

/// A pattern and where it stands. It is not shown: it may be a secret that it allows.
pub(super) struct Pattern {
    text: String,
    groups: usize,
    reach: Reach,
    site: Site,
    /// For texts in which a byte is a character.
    bytes: OnceLock<Result<Regex, Error>>,
    /// For other texts, in which `.` is one character of several bytes, as it is for gitleaks.
    characters: OnceLock<Result<Regex, Error>>,
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pattern").field("site", &self.site).finish_non_exhaustive()
    }
}

/// How the characters of a text are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Each byte is one: ASCII, and what is not UTF-8.
    Bytes,
    /// UTF-8 with characters of several bytes.
    Characters,
}

impl Reading {
    pub(super) fn of(text: &[u8]) -> Self {
        if text.is_ascii() || str::from_utf8(text).is_err() { Self::Bytes } else { Self::Characters }
    }
}

impl Pattern {
    /// Translates a pattern of RE2; `site` is the place of one of its bytes.
    ///
    /// # Errors
    /// What RE2 refuses.
    pub(super) fn new(pattern: &str, site: impl Fn(usize) -> Site) -> Result<Self, Error> {
        match re2::translate(pattern) {
            Ok(re2::Translation { text, groups, reach }) => Ok(Self::of(text, groups, reach, site(0))),
            Err(Fault { at, message }) => Err(site(at).error(format!("the pattern is not valid: {message}"))),
        }
    }

    fn of(text: String, groups: usize, reach: Reach, site: Site) -> Self {
        Self { text, groups, reach, site, bytes: OnceLock::new(), characters: OnceLock::new() }
    }

    /// One pattern that matches where one of several does; none if there are none. As with gitleaks, a flag such as
    /// `(?i)` holds for those after it too.
    pub(super) fn joined(patterns: Vec<Self>) -> Option<Self> {
        let reach = patterns.iter().map(|pattern| pattern.reach).max()?;
        let groups = patterns.iter().map(|pattern| pattern.groups).sum();
        let texts: Vec<_> = patterns.iter().map(|pattern| pattern.text.as_str()).collect();
        let text = format!("(?:{})", texts.join("|"));
        let first = patterns.into_iter().next()?;
        Some(Self::of(text, groups, reach, first.site))
    }

    /// How many capture groups it has.
    pub(super) fn groups(&self) -> usize {
        self.groups
    }

    /// Whether it matches somewhere in a text.
    ///
    /// # Errors
    /// See [`Pattern::regex`].
    pub(super) fn is_match(&self, text: &[u8]) -> Result<bool, Error> {
        Ok(self.regex(Reading::of(text))?.is_match(text))
    }

    /// The compiled pattern for a text that is read so.
    ///
    /// # Errors
    /// A pattern that is too large, or a Unicode class that does not exist.
    pub(super) fn regex(&self, reading: Reading) -> Result<&Regex, Error> {
        let by_characters = match self.reach {
            Reach::Ascii => false,
            Reach::Open => reading == Reading::Characters,
            Reach::Unicode => true,
        };
        let compiled = if by_characters { &self.characters } else { &self.bytes };
        compiled.get_or_init(|| self.compile(by_characters)).as_ref().map_err(Clone::clone)
    }

    fn compile(&self, by_characters: bool) -> Result<Regex, Error> {
        let mut builder = RegexBuilder::new(&self.text);
        builder.unicode(by_characters).size_limit(LARGEST).dfa_size_limit(LARGEST_CACHE);
        builder.build().map_err(|error| {
            // The crate's own message shows the pattern, which may hold what it allows.
            self.site.error(match error {
                regex::Error::CompiledTooBig(_) => "the pattern is too large: it needs more than 64 MB",
                _ => "the pattern is not valid: it names a Unicode class that does not exist",
            })
        })
    }
}
