//! Lines, each looked at once: whether a content with it may hold a leak.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use super::Seen;
use crate::scan::engine;
use crate::scan::name::{Promise, promise};
use crate::scan::text::{Content, content};
use crate::scan::verdict::{Expect, judge};

/// Which lines are known, and which contents may hold a leak.
#[derive(Default)]
pub(super) struct Suspects {
    hasher: foldhash::fast::RandomState,
    /// What each line may be, by its hash. The hash is random each time: nobody can make two lines meet.
    lines: HashMap<u64, Doubt, Hashed>,
    found: Vec<Suspect>,
    seen: Seen,
    /// Whether each content may hold a leak: the repository has rules of its own.
    all: bool,
}

/// What a line may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Doubt {
    /// No part of a leak.
    None,
    /// A leak by itself.
    Leak,
    /// The beginning of one, which goes on in other lines.
    Begins,
}

/// A content that may hold a leak.
#[derive(Debug)]
pub(super) struct Suspect {
    pub(super) id: String,
    /// The same for contents whose doubtful lines are the same and hold leaks by themselves: of those that one file had,
    /// one is scanned for all.
    pub(super) mark: Option<u64>,
}

/// Keys that are hashes already.
#[derive(Default, Clone, Copy)]
struct Hashed(u64);

impl BuildHasher for Hashed {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Suspects {
    /// Nothing is known yet. With `all`, each content that is a text may hold a leak.
    pub(super) fn new(all: bool) -> Self {
        Self { all, ..Self::default() }
    }

    /// What was looked at.
    pub(super) fn seen(&self) -> Seen {
        Seen { lines: self.lines.len(), ..self.seen }
    }

    /// The contents that may hold a leak.
    pub(super) fn found(&self) -> &[Suspect] {
        &self.found
    }

    /// Looks at a content; at none where it is missing.
    pub(super) fn look(&mut self, id: &str, bytes: Option<&[u8]>) {
        let Some(bytes) = bytes else {
            self.seen.missing += 1;
            return;
        };
        self.seen.contents += 1;
        self.seen.bytes += bytes.len() as u64;
        match content(bytes) {
            Content::Binary => self.seen.binary += 1,
            Content::Text(text) => {
                let mark = self.text(text.as_bytes());
                if self.all || mark.is_some() {
                    let mark = mark.filter(|_| !self.all).and_then(|mark| mark.known());
                    self.found.push(Suspect { id: id.to_owned(), mark });
                }
            }
        }
    }

    fn text(&mut self, text: &[u8]) -> Option<Mark> {
        let mut mark = Mark::default();
        // Lines that are new stand together: they are searched for credentials in one go.
        let mut new = Vec::new();
        let mut hashes: Vec<(u64, Range<usize>)> = Vec::new();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', text).chain([text.len()]) {
            let line = &text[start..end];
            start = end + 1;
            if line.is_empty() {
                continue;
            }
            let hash = self.hasher.hash_one(line);
            match self.lines.entry(hash) {
                Entry::Occupied(known) => mark.add(hash, *known.get()),
                Entry::Vacant(free) => {
                    free.insert(Doubt::None);
                    let begins = new.len();
                    new.extend_from_slice(line);
                    hashes.push((hash, begins..new.len()));
                    new.push(b'\n');
                }
            }
        }
        self.learn(&new, &hashes, &mut mark);
        (mark.doubt > Doubt::None).then_some(mark)
    }

    /// Looks at lines that are new.
    fn learn(&mut self, new: &[u8], hashes: &[(u64, Range<usize>)], mark: &mut Mark) {
        let mut doubts: Vec<Doubt> = hashes.iter().map(|(_, range)| doubt(&new[range.clone()])).collect();
        for (place, is_whole) in engine::places(new) {
            let index = hashes.partition_point(|(_, range)| range.end < place);
            if let Some(doubt) = doubts.get_mut(index) {
                *doubt = (*doubt).max(if is_whole { Doubt::Leak } else { Doubt::Begins });
            }
        }
        for ((hash, _), doubt) in hashes.iter().zip(doubts).filter(|(_, doubt)| *doubt > Doubt::None) {
            self.lines.insert(*hash, doubt);
            mark.add(*hash, doubt);
        }
    }
}

/// The doubtful lines of a content.
struct Mark {
    doubt: Doubt,
    sum: u64,
}

impl Default for Mark {
    fn default() -> Self {
        Self { doubt: Doubt::None, sum: 0 }
    }
}

impl Mark {
    fn add(&mut self, hash: u64, doubt: Doubt) {
        self.doubt = self.doubt.max(doubt);
        if doubt > Doubt::None {
            // Lines that are met first stand in no order, so the sum must not depend on one.
            self.sum = self.sum.wrapping_add(hash);
        }
    }

    fn known(&self) -> Option<u64> {
        (self.doubt == Doubt::Leak).then_some(self.sum)
    }
}

/// Words of documents whose values are secrets whatever they are called.
const WORDS: [&[u8]; 6] =
    [b"stringdata", b"encrypteddata", b"secretgenerator", b"last-applied", b"mac: enc[", b"\"mac\": \"enc["];

/// What a line may be by what documents mean.
fn doubt(line: &[u8]) -> Doubt {
    let text = line.trim_ascii_start();
    if text.starts_with(b"#") || text.starts_with(b"//") {
        return Doubt::None;
    }
    let mark = memchr::memchr3(b':', b'=', b'$', line);
    if is_flag(line) || mark.is_some() && begins_secrets(line) {
        return Doubt::Begins;
    }
    let assigned = mark.map_or(Doubt::None, |mark| assigned(line, mark));
    if assigned == Doubt::None && mark.is_some() && has_default(line) { Doubt::Leak } else { assigned }
}

fn begins_secrets(line: &[u8]) -> bool {
    let small = line.get(..line.len().min(4096)).unwrap_or(line).to_ascii_lowercase();
    let kind = memchr::memmem::find(&small, b"kind").is_some_and(|at| {
        let rest = small[at + 4..].iter().copied().filter(|byte| !b"\"' \\\t:".contains(byte));
        rest.take(6).eq(*b"secret")
    });
    kind || WORDS.iter().any(|word| memchr::memmem::find(&small, word).is_some())
}

/// Whether a variable has a default that is written out.
fn has_default(line: &[u8]) -> bool {
    memchr::memmem::find_iter(line, b"${").any(|at| {
        let rest = &line[at..];
        let end = rest.iter().position(|byte| *byte == b'}').unwrap_or(rest.len());
        rest[..end].iter().any(|byte| matches!(byte, b'-' | b'='))
    })
}

/// Whether the line is one word of a command that names a secret, whose value follows.
fn is_flag(line: &[u8]) -> bool {
    let word = line.trim_ascii().strip_prefix(b"- ").unwrap_or(line).trim_ascii();
    let word = word.strip_prefix(b"\"").or_else(|| word.strip_prefix(b"'")).unwrap_or(word);
    word.starts_with(b"-")
        && word.len() < 80
        && std::str::from_utf8(word).is_ok_and(|word| promise(word) != Promise::Anything)
}

/// What a line is in which a name that promises a secret stands before one of the marks.
fn assigned(line: &[u8], first: usize) -> Doubt {
    /// Longer names are none.
    const LONGEST: usize = 80;
    let (mut mark, mut worst) = (first, Doubt::None);
    loop {
        if matches!(line[mark], b':' | b'=') {
            let before = line[mark.saturating_sub(LONGEST)..mark].trim_ascii_end();
            let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
            let before = before.strip_suffix(b"\\").unwrap_or(before);
            let start = before.iter().rposition(|byte| !is_letter(*byte)).map_or(0, |at| at + 1);
            let name = std::str::from_utf8(&before[start..]).unwrap_or_default();
            worst = worst.max(of_value(name, &line[mark + 1..]));
        }
        let Some(next) = memchr::memchr2(b':', b'=', &line[mark + 1..]) else { return worst };
        mark += 1 + next;
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)
}

/// What follows a name: a value, a block that stands in the next lines, or the name of a variable whose value does.
fn of_value(name: &str, rest: &[u8]) -> Doubt {
    /// What may stand around a value, and is no part of it.
    const AROUND: &[char] = &[' ', '\t', '\r', '=', ':', '>', ',', '"', '\'', '\\', '[', ']', ';'];
    if name == "name" && names_secret(rest) {
        return Doubt::Begins;
    }
    if promise(name) == Promise::Anything {
        return Doubt::None;
    }
    let rest = String::from_utf8_lossy(rest);
    if rest.trim().starts_with(['|', '>']) {
        return Doubt::Begins;
    }
    let value = rest.trim_matches(AROUND);
    let value = if value.contains("{{") { value } else { value.trim_matches(['{', '}', ' ', '"', '\'']) };
    if !value.is_empty() && judge(Expect::ByName, name, value).is_told() { Doubt::Leak } else { Doubt::None }
}

/// Whether a variable or parameter is named like a secret; its value stands in another line.
fn names_secret(rest: &[u8]) -> bool {
    let rest = String::from_utf8_lossy(rest);
    let name =
        rest.split([',', '}']).next().unwrap_or_default().trim_matches([' ', '\t', '\r', '"', '\'', '\\']);
    match promise(name) {
        Promise::Secret => true,
        Promise::SecretOrName => !name.bytes().any(|byte| byte.is_ascii_lowercase()) || name.contains('.'),
        Promise::Anything => false,
    }
}
