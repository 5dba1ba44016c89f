//! Credentials in any text, by the rules: first words that stand in them, then the form, then what must hold besides.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::bytes::{Regex, RegexBuilder};

use super::encoded;
use super::pattern::{anchors, pattern};
use super::rule::{Form, Rule};
use super::rules;

/// A credential in a text.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    /// What it is.
    pub(super) rule: &'static Rule,
    /// Its own bytes.
    pub(super) secret: Range<usize>,
    /// The number of the rule: of two that find the same, the first says more.
    order: usize,
}

/// How far from its anchor a token in a line without end is looked for, in bytes.
const WINDOW: usize = 4096;
/// How long a block may be.
const BLOCK: usize = 64 * 1024;
/// So many bytes in all are searched for each anchor by itself: that is done before an automaton for all is built.
const FEW: usize = 8 * 1024;
/// From so many bytes on the faster automaton is worth building, which takes three times as long.
const MANY: usize = 4 * 1024 * 1024;

/// The rules, ready to be used. Each is compiled when one of its anchors is met first.
struct Engine {
    rules: Vec<(&'static Rule, OnceLock<Option<Regex>>)>,
    /// Anchors in small letters, and the rule of each.
    anchors: Vec<(String, usize)>,
    compact: OnceLock<Option<AhoCorasick>>,
    fast: OnceLock<Option<AhoCorasick>>,
    /// Bytes that were searched.
    searched: AtomicUsize,
}

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::new);

/// The credentials in a text, in the order of their places; of several at one place the longest.
#[must_use]
pub(super) fn hits(text: &[u8]) -> Vec<Hit> {
    let mut hits = ENGINE.search(text);
    for (word, decoded) in encoded::words(text) {
        hits.extend(ENGINE.search(&decoded).first().map(|hit| Hit { secret: word.clone(), ..hit.clone() }));
    }
    hits.sort_by_key(|hit| (hit.secret.start, std::cmp::Reverse(hit.secret.end), hit.order));
    hits.dedup_by(|next, first| next.secret.start < first.secret.end);
    hits
}

impl Engine {
    fn new() -> Self {
        let rules: Vec<_> = rules::all().map(|rule| (rule, OnceLock::new())).collect();
        let anchors = rules.iter().enumerate().flat_map(|(index, (rule, _))| {
            anchors(&rule.form).into_iter().map(move |anchor| (anchor, index))
        });
        Self {
            anchors: anchors.collect(),
            rules,
            compact: OnceLock::new(),
            fast: OnceLock::new(),
            searched: AtomicUsize::new(0),
        }
    }

    fn search(&self, text: &[u8]) -> Vec<Hit> {
        let mut search = Search { engine: self, text, done: vec![0; self.rules.len()], hits: Vec::new() };
        let searched = self.searched.fetch_add(text.len(), Ordering::Relaxed) + text.len();
        if searched <= FEW {
            let small = text.to_ascii_lowercase();
            for (anchor, rule) in &self.anchors {
                for at in memchr::memmem::find_iter(&small, anchor.as_bytes()) {
                    search.at(*rule, at);
                }
            }
        } else if let Some(automaton) = self.automaton(searched) {
            for found in automaton.find_overlapping_iter(text) {
                search.at(self.anchors[found.pattern().as_usize()].1, found.start());
            }
        }
        search.hits
    }

    fn automaton(&self, searched: usize) -> Option<&AhoCorasick> {
        let (place, kind) = if searched < MANY {
            (&self.compact, AhoCorasickKind::ContiguousNFA)
        } else {
            (&self.fast, AhoCorasickKind::DFA)
        };
        let build = || {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::Standard)
                .kind(Some(kind))
                .build(self.anchors.iter().map(|(anchor, _)| anchor))
                .ok()
        };
        place.get_or_init(build).as_ref()
    }

    fn regex(&self, rule: usize) -> Option<&Regex> {
        let (rule, regex) = &self.rules[rule];
        let compile =
            || RegexBuilder::new(&pattern(&rule.form)).unicode(false).size_limit(SIZE_LIMIT).build().ok();
        regex.get_or_init(compile).as_ref()
    }
}

/// Of one compiled rule, in bytes; a test compiles all of them.
const SIZE_LIMIT: usize = 1 << 26;

struct Search<'e, 't> {
    engine: &'e Engine,
    text: &'t [u8],
    /// Up to where each rule has looked already.
    done: Vec<usize>,
    hits: Vec<Hit>,
}

impl Search<'_, '_> {
    /// Looks for a rule around one of its anchors.
    fn at(&mut self, index: usize, anchor: usize) {
        if anchor < self.done[index] {
            return;
        }
        let (rule, _) = &self.engine.rules[index];
        let window = match rule.form {
            Form::Block { .. } => self.line_start(anchor)..self.text.len().min(anchor + BLOCK),
            Form::Token { .. } => self.line_start(anchor)..self.line_end(anchor),
            // The anchor begins the name; what stands before it only has to be no letter.
            Form::Named { .. } if self.assigns(anchor) => anchor.saturating_sub(1)..self.line_end(anchor),
            Form::Named { .. } => return,
        };
        let window = window.start.max(self.done[index].min(anchor))..window.end;
        let Some(regex) = self.engine.regex(index) else { return };
        self.done[index] = match rule.form {
            Form::Token { .. } => window.end,
            Form::Block { .. } | Form::Named { .. } => anchor + 1,
        };
        for captures in regex.captures_iter(&self.text[window.clone()]) {
            let Some(secret) = captures.name("secret").or_else(|| captures.get(0)) else { continue };
            let range = window.start + secret.start()..window.start + secret.end();
            self.done[index] = self.done[index].max(range.end);
            if rule.check.holds(secret.as_bytes()) {
                self.hits.push(Hit { rule, secret: range, order: index });
            }
        }
    }

    /// Whether a value is assigned to the name that begins here. Most words are no names.
    fn assigns(&self, name: usize) -> bool {
        /// Longer names are none.
        const LONGEST: usize = 80;
        let rest = &self.text[name..self.text.len().min(name + LONGEST)];
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
        let end = rest.iter().position(|byte| !is_name(byte)).unwrap_or(rest.len());
        let sign = rest[end..].iter().find(|byte| !b"\\\"'` \t".contains(byte));
        matches!(sign, Some(b':' | b'='))
    }

    fn line_start(&self, at: usize) -> usize {
        let least = at.saturating_sub(WINDOW);
        memchr::memrchr(b'\n', &self.text[least..at]).map_or(least, |found| least + found + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        let most = self.text.len().min(at + WINDOW);
        memchr::memchr(b'\n', &self.text[at..most]).map_or(most, |found| at + found)
    }
}
