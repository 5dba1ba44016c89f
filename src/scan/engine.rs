//! Credentials in any text, by the rules: first words that stand in them, then the form, then what must hold besides.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::bytes::{Regex, RegexBuilder};

use super::encoded;
use super::lanes::Lanes;
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
const MANY: usize = 1024 * 1024;

/// The rules, ready to be used. Each is compiled when one of its anchors is met first.
struct Engine {
    rules: Vec<(&'static Rule, OnceLock<Option<Regex>>)>,
    /// Anchors in small letters, and the rule of each.
    anchors: Vec<(String, usize)>,
    compact: OnceLock<Option<AhoCorasick>>,
    fast: OnceLock<Option<Lanes>>,
    /// Bytes that were searched.
    searched: AtomicUsize,
}

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::new);

/// Makes ready what is needed first, while something else is waited for.
pub(super) fn make_ready() {
    LazyLock::force(&ENGINE);
}

/// The credentials in a text outside of what is known to be none, in the order of their places; of several at one place
/// the longest.
#[must_use]
pub(super) fn hits(text: &[u8], silent: &[Range<usize>]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for part in gaps(text.len(), silent) {
        let moved =
            |hit: Hit| Hit { secret: hit.secret.start + part.start..hit.secret.end + part.start, ..hit };
        let search = ENGINE.searched(&text[part.clone()]);
        hits.extend(search.encoded().into_iter().map(moved));
        hits.extend(search.hits.into_iter().map(moved));
    }
    hits.sort_by_key(|hit| (hit.secret.start, std::cmp::Reverse(hit.secret.end), hit.order));
    hits.dedup_by(|next, first| next.secret.start < first.secret.end);
    hits
}

/// What is left of a text between ranges. Those are told in their order.
fn gaps(size: usize, silent: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut gaps = Vec::with_capacity(silent.len() + 1);
    let mut at = 0;
    for range in silent.iter().chain([&(size..size)]) {
        if range.start > at {
            gaps.push(at..range.start.min(size));
        }
        at = at.max(range.end);
    }
    gaps
}

/// How a credential stands in lines that are taken out of their text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Whole.
    Whole,
    /// It begins; the lines that follow may be missing.
    Begins,
    /// A word stands there that begins one, and mostly none.
    Word,
}

/// Where credentials stand in lines that are taken out of their text. In a text without such lines [`hits`] finds none.
pub(super) fn places(lines: &[u8]) -> Vec<(usize, Standing)> {
    let search = ENGINE.searched(lines);
    let encoded = search.encoded();
    let hits = encoded.into_iter().chain(search.hits).map(|hit| (hit.secret.start, Standing::Whole));
    hits.chain(search.blocks).collect()
}

impl Engine {
    fn new() -> Self {
        let rules: Vec<_> = rules::all().map(|rule| (rule, OnceLock::new())).collect();
        let anchors = rules.iter().enumerate().flat_map(|(index, (rule, _))| {
            anchors(&rule.form).into_iter().map(move |anchor| (anchor, index))
        });
        Self {
            anchors: anchors.chain(encoded::heads().map(|head| (head, ENCODED))).collect(),
            rules,
            compact: OnceLock::new(),
            fast: OnceLock::new(),
            searched: AtomicUsize::new(0),
        }
    }

    fn searched<'t>(&self, text: &'t [u8]) -> Search<'_, 't> {
        let mut search = Search::new(self, text);
        let searched = self.searched.fetch_add(text.len(), Ordering::Relaxed) + text.len();
        if searched <= FEW {
            for (at, anchor) in self.few(text) {
                search.anchor(anchor, at);
            }
        } else if searched < MANY {
            for found in self.compact().iter().flat_map(|compact| compact.find_overlapping_iter(text)) {
                search.anchor(found.pattern().as_usize(), found.start());
            }
        } else {
            for (anchor, at) in self.fast().iter().flat_map(|fast| fast.words(text)) {
                search.anchor(anchor, at);
            }
        }
        search
    }

    /// The anchors in a small text, in the order of their places.
    fn few(&self, text: &[u8]) -> Vec<(usize, usize)> {
        let small = text.to_ascii_lowercase();
        let places = self.anchors.iter().enumerate().flat_map(|(number, (anchor, _))| {
            memchr::memmem::find_iter(&small, anchor.to_ascii_lowercase().as_bytes())
                .map(|at| (at, number))
                .collect::<Vec<_>>()
        });
        let mut places: Vec<_> = places.collect();
        places.sort_unstable();
        places
    }

    fn compact(&self) -> Option<&AhoCorasick> {
        let build = || {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::Standard)
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .build(self.anchors.iter().map(|(anchor, _)| anchor))
                .ok()
        };
        self.compact.get_or_init(build).as_ref()
    }

    fn fast(&self) -> Option<&Lanes> {
        self.fast.get_or_init(|| Lanes::new(self.anchors.iter().map(|(anchor, _)| anchor))).as_ref()
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
    /// Where anchors of blocks stand, and how.
    blocks: Vec<(usize, Standing)>,
    /// Where words may begin that are a credential in base64.
    words: Vec<usize>,
}

/// In place of the number of a rule: words in base64.
const ENCODED: usize = usize::MAX;

impl<'e, 't> Search<'e, 't> {
    fn new(engine: &'e Engine, text: &'t [u8]) -> Self {
        let (hits, blocks, words) = (Vec::new(), Vec::new(), Vec::new());
        Self { engine, text, done: vec![0; engine.rules.len()], hits, blocks, words }
    }

    /// The credentials in base64: each stands where its word does.
    fn encoded(&self) -> Vec<Hit> {
        let words = self.words.iter().filter_map(|at| encoded::word(self.text, *at));
        let hit = |(word, decoded): (Range<usize>, Vec<u8>)| {
            let found = self.engine.searched(&decoded).hits.into_iter().next()?;
            Some(Hit { secret: word, ..found })
        };
        words.filter_map(hit).collect()
    }

    /// Looks for the rule of an anchor around a place of it. Most addresses hold no login, and need no rule.
    fn anchor(&mut self, number: usize, at: usize) {
        let (anchor, rule) = &self.engine.anchors[number];
        let is_bare = || memchr::memchr(b'@', &self.text[at..self.line_end(at)]).is_none();
        if !(anchor.ends_with("://") && is_bare()) {
            self.at(*rule, at);
        }
    }

    /// Looks for a rule around one of its anchors.
    fn at(&mut self, index: usize, anchor: usize) {
        if index == ENCODED {
            return self.words.push(anchor);
        }
        if anchor < self.done[index] {
            return;
        }
        let (rule, _) = &self.engine.rules[index];
        if let Form::Block { anchor: text, .. } = rule.form {
            let is_word = text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == ' ');
            self.blocks.push((anchor, if is_word { Standing::Word } else { Standing::Begins }));
        }
        if let Form::Named { names, .. } = rule.form
            && !(self.assigns(anchor) && self.is_named(anchor, names))
        {
            return;
        }
        let window = match rule.form {
            Form::Block { .. } => self.line_start(anchor)..self.text.len().min(anchor + BLOCK),
            Form::Token { .. } => self.line_start(anchor)..self.line_end(anchor),
            // The anchor begins the name; what stands before it only has to be no letter.
            Form::Named { .. } => anchor.saturating_sub(1)..self.line_end(anchor),
        };
        let window = window.start.max(self.done[index].min(anchor))..window.end;
        let Some(regex) = self.engine.regex(index) else { return };
        let is_line = |end: usize| end == self.text.len() || self.text[end] == b'\n';
        self.done[index] = match rule.form {
            Form::Token { .. } if is_line(window.end) => window.end,
            // In a line that goes on, a token may begin here and end behind the window.
            Form::Token { .. } => anchor + 1,
            // Blocks begin every few bytes only where somebody wants to waste time.
            Form::Block { .. } => (anchor + 1).max(window.end.saturating_sub(BLOCK / 2)),
            // The longer of two names may begin before the shorter one, which is found first.
            Form::Named { .. } => self.done[index],
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

    /// Whether one of the names begins here, whatever stands between its words: then the rule is worth compiling.
    fn is_named(&self, at: usize, names: &[&str]) -> bool {
        let begins = |name: &&str| {
            let mut rest = &self.text[at..];
            name.split('_').enumerate().all(|(number, word)| {
                let between = if number == 0 {
                    0
                } else {
                    rest.iter().take(2).take_while(|byte| b"-_.".contains(byte)).count()
                };
                rest = &rest[between..];
                let fits =
                    rest.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()));
                rest = rest.get(word.len()..).unwrap_or_default();
                fits
            })
        };
        names.iter().any(begins)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rules_in(text: &str) -> Vec<&'static str> {
        hits(text.as_bytes(), &[]).iter().map(|hit| hit.rule.id).collect()
    }

    #[test]
    fn examples_are_found_in_whatever_order_they_stand() {
        for rule in rules::all() {
            let examples: Vec<String> =
                rule.examples.iter().map(|example| example.replace('·', "")).collect();
            let alone: usize = examples.iter().map(|example| rules_in(example).len()).sum();
            let forth = examples.join("\n\n");
            let back = examples.iter().rev().cloned().collect::<Vec<_>>().join("\n\n");
            for text in [forth, back] {
                assert!(rules_in(&text).len() >= alone, "{}: {:?}", rule.id, rules_in(&text));
            }
        }
    }

    #[test]
    fn behind_an_anchor_that_begins_an_address_a_login_follows() {
        let is_address = |anchor: &String| anchor.ends_with("://");
        for rule in rules::all().filter(|rule| anchors(&rule.form).iter().any(is_address)) {
            let pattern = pattern(&rule.form);
            let (_, behind) = pattern.split_once("://").unwrap();
            assert!(behind.contains(")@"), "{}", rule.id);
        }
    }

    #[test]
    fn tokens_of_a_line_without_end_are_found_wherever_they_stand() {
        let token = format!("glpat-{}", "Zx93kdQpW0x1y2Lm4Rt7");
        for gap in [10, 4000, 4070, 4085, 4096, 5000] {
            let text = format!("{token} {} {token} {}", "x ".repeat(gap / 2), "y ".repeat(4000));
            assert_eq!(rules_in(&text).len(), 2, "{gap}");
        }
    }
}
