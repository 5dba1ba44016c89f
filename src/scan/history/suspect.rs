//! Lines, each looked at once: whether a content with it may hold a leak.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use super::Seen;
use super::doubt::{Doubt, beginnings, doubt, is_comment};
use super::lines::{around, pieces, places};
use crate::scan::engine::{self, Standing};
use crate::scan::text::{Content, content};

/// Which lines are known, and which contents may hold a leak.
#[derive(Default)]
pub(super) struct Suspects {
    hasher: foldhash::fast::RandomState,
    /// What each line may be, by its hash. The hash is random each time: nobody can make two lines meet.
    lines: HashMap<u64, Known, Hashed>,
    /// What the lines of each piece may be, by its hash: versions of a file share most of their pieces.
    pieces: HashMap<u64, Known, Hashed>,
    /// The hashes of the pieces of a content, and where they stand.
    cuts: Vec<(u64, Range<usize>)>,
    new: New,
    found: Vec<Suspect>,
    /// The marks of those that were found.
    marks: HashSet<u64, Hashed>,
    /// How many bytes of contents are kept.
    kept: usize,
    /// The contents that are missing.
    missing: HashSet<String>,
    seen: Seen,
    /// Whether each content may hold a leak: the repository has rules of its own.
    all: bool,
}

/// A content that may hold a leak.
#[derive(Debug)]
pub(super) struct Suspect {
    pub(super) id: String,
    /// The same for contents whose doubtful lines are the same, with the lines that belong to them: of those that one
    /// file had, one is scanned for all.
    pub(super) mark: Option<u64>,
    /// Whether a credential may stand in one of its lines.
    pub(super) credential: bool,
    /// It itself, where it is the first one with its mark and there was room.
    pub(super) content: Option<Vec<u8>>,
}

/// What a line may be, or several.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Known {
    doubt: Doubt,
    credential: bool,
}

impl Known {
    fn and(self, other: Self) -> Self {
        Self { doubt: self.doubt.max(other.doubt), credential: self.credential || other.credential }
    }
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
        Seen { lines: self.lines.len(), missing: self.missing.len(), ..self.seen }
    }

    /// Whether a content is missing.
    pub(super) fn misses(&self, id: &[u8]) -> bool {
        !self.missing.is_empty() && self.missing.contains(&*String::from_utf8_lossy(id))
    }

    /// The contents that may hold a leak.
    pub(super) fn found(&self) -> &[Suspect] {
        &self.found
    }

    /// Looks at a content; at none where it is missing.
    pub(super) fn look(&mut self, id: &str, bytes: Option<&[u8]>) {
        let Some(bytes) = bytes else {
            self.missing.insert(id.to_owned());
            return;
        };
        self.seen.contents += 1;
        self.seen.bytes += bytes.len() as u64;
        match content(bytes) {
            Content::Binary => self.seen.binary += 1,
            Content::Text(text) => {
                let Known { doubt, credential } = self.text(text.as_bytes());
                if self.all || doubt > Doubt::None {
                    // What begins somewhere may go on anywhere.
                    let is_marked = !self.all && doubt < Doubt::Begins;
                    let mark = is_marked.then(|| self.sum(text.as_bytes()));
                    let content = self.kept(mark, bytes);
                    let credential = self.all || credential;
                    self.found.push(Suspect { id: id.to_owned(), mark, credential, content });
                }
            }
        }
    }

    /// The content itself, where it is likely to be scanned and there is room for it: then Git is not asked again.
    fn kept(&mut self, mark: Option<u64>, bytes: &[u8]) -> Option<Vec<u8>> {
        /// Bytes in all.
        const ROOM: usize = 32 * 1024 * 1024;
        let is_first = mark.is_none_or(|mark| self.marks.insert(mark));
        let is_kept = is_first && self.kept + bytes.len() <= ROOM;
        self.kept += if is_kept { bytes.len() } else { 0 };
        is_kept.then(|| bytes.to_vec())
    }

    /// What the lines of a text may be.
    fn text(&mut self, text: &[u8]) -> Known {
        let (mut all, mut new) = (Known::default(), std::mem::take(&mut self.new));
        let mut cuts = std::mem::take(&mut self.cuts);
        cuts.clear();
        cuts.extend(pieces(text).map(|piece| (self.hasher.hash_one(&text[piece.clone()]), piece)));
        for (hash, piece) in &cuts {
            match self.pieces.get(hash) {
                Some(known) => all = all.and(*known),
                None => self.take(*hash, &text[piece.clone()], &mut new),
            }
        }
        self.cuts = cuts;
        if !new.lines.is_empty() {
            self.learn(&new);
        }
        all = all.and(self.keep(&new));
        new.clear();
        self.new = new;
        all
    }

    /// Takes the lines of a piece that is new.
    fn take(&mut self, hash: u64, piece: &[u8], new: &mut New) {
        let New { text, lines, hashes, places: all, pieces } = new;
        let first = hashes.len();
        // All are hashed first: then no look-up waits for another one.
        all.clear();
        all.extend(places(piece, 0));
        hashes.extend(all.iter().map(|line| self.hasher.hash_one(&piece[line.clone()])));
        for (hash, line) in hashes[first..].iter().zip(all) {
            if let Entry::Vacant(free) = self.lines.entry(*hash) {
                free.insert(Known::default());
                let begins = text.len();
                text.extend_from_slice(&piece[line.clone()]);
                lines.push((*hash, begins..text.len()));
                text.push(b'\n');
            }
        }
        pieces.push((hash, first..hashes.len()));
    }

    /// Looks at lines that are new.
    fn learn(&mut self, new: &New) {
        let New { text, lines, .. } = new;
        let known = |(_, range): &(u64, Range<usize>)| Known {
            doubt: doubt(&text[range.clone()]),
            ..Known::default()
        };
        let mut all: Vec<Known> = lines.iter().map(known).collect();
        let at = |place: usize| lines.partition_point(|(_, range)| range.end < place);
        for (place, standing) in engine::places(text) {
            if let Some(known) = all.get_mut(at(place)) {
                let doubt = match standing {
                    Standing::Whole => Doubt::Leak,
                    Standing::Begins => Doubt::Begins,
                    Standing::Word => Doubt::None,
                };
                *known = known.and(Known { doubt, credential: true });
            }
        }
        for index in beginnings(text).map(at) {
            if lines.get(index).is_some_and(|(_, range)| !is_comment(&text[range.clone()])) {
                all[index].doubt = Doubt::Begins;
            }
        }
        let told = lines.iter().zip(all).filter(|(_, known)| *known != Known::default());
        self.lines.extend(told.map(|((hash, _), known)| (*hash, known)));
    }

    /// Keeps what pieces that are new may be, when their lines are known; gives what they may be together.
    fn keep(&mut self, new: &New) -> Known {
        let mut all = Known::default();
        for (hash, range) in &new.pieces {
            let known = new.hashes[range.clone()].iter().filter_map(|line| self.lines.get(line));
            let known = known.fold(Known::default(), |all, known| all.and(*known));
            self.pieces.insert(*hash, known);
            all = all.and(known);
        }
        all
    }

    /// The sum of the doubtful lines of the content that was looked at last, and of what may belong to them.
    fn sum(&self, text: &[u8]) -> u64 {
        let doubt = |known: Option<&Known>| known.map_or(Doubt::None, |known| known.doubt);
        let mut sum = 0_u64;
        for (hash, piece) in &self.cuts {
            if doubt(self.pieces.get(hash)) == Doubt::None {
                continue;
            }
            for line in places(&text[..piece.end], piece.start) {
                let hash = self.hasher.hash_one(&text[line.clone()]);
                let doubt = doubt(self.lines.get(&hash));
                if doubt > Doubt::None {
                    sum = sum.wrapping_add(hash);
                }
                if doubt == Doubt::Around {
                    let around = self.hasher.hash_one(&text[around(text, &line)]);
                    sum = sum.rotate_left(1).wrapping_add(around);
                }
            }
        }
        sum
    }
}

/// What is new in a content. Lines stand together: they are searched for credentials in one go.
#[derive(Default)]
struct New {
    /// The lines that are new, each once.
    text: Vec<u8>,
    /// Their hashes, and where they stand in the text.
    lines: Vec<(u64, Range<usize>)>,
    /// The hashes of all lines of the pieces that are new.
    hashes: Vec<u64>,
    /// Where the lines of the last of them stand in it.
    places: Vec<Range<usize>>,
    /// The hashes of these pieces, and where those of their lines stand.
    pieces: Vec<(u64, Range<usize>)>,
}

impl New {
    /// Forgets all, and keeps the room for the next content.
    fn clear(&mut self) {
        let Self { text, lines, hashes, pieces, .. } = self;
        text.clear();
        lines.clear();
        hashes.clear();
        pieces.clear();
    }
}
