//! A line of a baseline.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use super::{Found, Words};
use crate::scan::FingerprintKey;

/// A finding that is known. Entries are in the order of their fingerprints.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) fingerprint: String,
    pub(super) path: String,
    pub(super) rule: String,
    /// Whether it is known of the history, where its file need not be any more.
    pub(super) history: bool,
    /// The last day on which it holds.
    pub(super) until: Option<Date>,
    /// Why it does.
    pub(super) reason: Option<String>,
}

/// Digits of a fingerprint.
const DIGITS: usize = 32;
const HISTORY: &str = "history";
const UNTIL: &str = "until";
const REASON: &str = " # ";

impl Entry {
    pub(super) fn new(key: &FingerprintKey, found: &Found, words: &Words) -> Self {
        Self {
            fingerprint: key.fingerprint(found.finding),
            path: one_line(&found.path.to_string_lossy()),
            rule: found.finding.rule.to_string(),
            history: words.history,
            until: words.until,
            reason: words.reason.as_deref().map(one_line),
        }
    }

    /// Without its fingerprint, which tells people nothing.
    pub(super) fn told(&self) -> String {
        let reason = self.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        format!("`{}` in {}{reason}", self.rule, self.path)
    }
}

/// A text that takes no more than one line.
fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ").trim().to_owned()
}

impl FromStr for Entry {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let (line, reason) = match line.split_once(REASON) {
            Some((line, reason)) => (line, Some(reason.trim().to_owned())),
            None => (line, None),
        };
        let word = |rest: &mut &str| {
            let (word, more) = rest.split_once(' ').unwrap_or((*rest, ""));
            *rest = more.trim_start();
            word.to_owned()
        };
        let mut rest = line.trim();
        let fingerprint = word(&mut rest);
        if fingerprint.len() != DIGITS || !fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("an entry begins with the {DIGITS} hexadecimal digits of a fingerprint"));
        }
        let rule = word(&mut rest);
        let after = |rest: &str, mark: &str| rest.strip_prefix(mark)?.strip_prefix(' ').map(str::to_owned);
        let without = after(rest, HISTORY);
        let history = without.is_some();
        let mut rest = without.unwrap_or_else(|| rest.to_owned());
        let mut until = None;
        if let Some(dated) = after(&rest, UNTIL) {
            let mut dated = dated.as_str();
            let date = word(&mut dated);
            let wrong = || format!("`{date}` is no day: write it as `2027-01-31`");
            until = Some(date.parse().map_err(|_| wrong())?);
            dated.clone_into(&mut rest);
        }
        if rest.is_empty() {
            return Err("an entry is `FINGERPRINT RULE [history] [until DATE] PATH [# REASON]`".into());
        }
        Ok(Self { fingerprint, path: rest, rule, history, until, reason })
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fingerprint, path, rule, history, until, reason } = self;
        write!(out, "{fingerprint} {rule} ")?;
        if *history {
            write!(out, "{HISTORY} ")?;
        }
        if let Some(until) = until {
            write!(out, "{UNTIL} {until} ")?;
        }
        out.write_str(path)?;
        reason.as_ref().map_or(Ok(()), |reason| write!(out, "{REASON}{reason}"))
    }
}
