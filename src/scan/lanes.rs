//! Many words looked for in several parts of a text at once: each step of an automaton waits for memory, and those of
//! other parts need not wait with it.

use std::ops::Range;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, MatchKind};

/// How many parts are walked at once.
const LANES: usize = 4;
/// Shorter texts are walked in one go.
const LEAST: usize = 512;

/// An automaton for words in capitals and small letters alike.
pub(super) struct Lanes {
    automaton: DFA,
    start: StateID,
    /// The length of the longest word.
    longest: usize,
}

impl Lanes {
    /// For some words; nothing where they are too many.
    pub(super) fn new<W: AsRef<[u8]>>(words: impl IntoIterator<Item = W>) -> Option<Self> {
        let mut builder = DFA::builder();
        builder.ascii_case_insensitive(true).match_kind(MatchKind::Standard);
        let automaton = builder.build(words).ok()?;
        let start = automaton.start_state(Anchored::No).ok()?;
        Some(Self { start, longest: automaton.max_pattern_len(), automaton })
    }

    /// All words in a text, also those within others: the number of each, and where it begins.
    pub(super) fn words(&self, text: &[u8]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        if text.len() < LEAST.max(LANES * self.longest) {
            self.walk(text, 0..text.len(), self.start, |word, at| found.push((word, at)));
            return found;
        }
        // A word that begins in a part may end in the next one.
        let size = text.len().div_ceil(LANES);
        let starts: [usize; LANES] = std::array::from_fn(|lane| lane * size);
        let together = text.len() - starts[LANES - 1];
        let mut states = [self.start; LANES];
        let mut lanes = [const { Vec::new() }; LANES];
        let [one, two, three, four] = starts.map(|start| text[start..start + together].iter());
        for (index, (((one, two), three), four)) in one.zip(two).zip(three).zip(four).enumerate() {
            for (state, byte) in states.iter_mut().zip([one, two, three, four]) {
                *state = self.automaton.next_state(Anchored::No, *state, *byte);
            }
            if states.iter().any(|state| self.automaton.is_special(*state)) {
                for ((state, start), found) in states.iter().zip(starts).zip(&mut lanes) {
                    self.take(*state, start + index + 1, &mut |word, at| found.push((word, at)));
                }
            }
        }
        for ((state, start), mut lane) in states.into_iter().zip(starts).zip(lanes) {
            let end = start + size;
            let most = text.len().min(end + self.longest);
            self.walk(&text[..most], start + together..most, state, |word, at| lane.push((word, at)));
            found.extend(lane.into_iter().filter(|(_, at)| *at < end));
        }
        found
    }

    /// Walks a part of a text from a state on.
    fn walk(&self, text: &[u8], part: Range<usize>, mut state: StateID, mut found: impl FnMut(usize, usize)) {
        for at in part {
            state = self.automaton.next_state(Anchored::No, state, text[at]);
            if self.automaton.is_special(state) {
                self.take(state, at + 1, &mut found);
            }
        }
    }

    /// The words that end in a state.
    fn take(&self, state: StateID, end: usize, found: &mut impl FnMut(usize, usize)) {
        if !self.automaton.is_match(state) {
            return;
        }
        for index in 0..self.automaton.match_len(state) {
            let word = self.automaton.match_pattern(state, index);
            found(word.as_usize(), end - self.automaton.pattern_len(word));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 5] = ["a", "aba", "bab", "token: ", "secret"];

    fn by_hand(text: &str) -> Vec<(usize, usize)> {
        let small = text.to_ascii_lowercase();
        let at = |word: &'static str| (0..small.len()).filter(move |at| text[*at..].len() >= word.len());
        let all = WORDS.iter().enumerate().flat_map(|(number, word)| {
            at(word).filter(|at| small[*at..].starts_with(word)).map(|at| (number, at)).collect::<Vec<_>>()
        });
        all.collect()
    }

    #[test]
    fn all_words_are_found_wherever_a_text_is_cut() {
        let lanes = Lanes::new(WORDS).unwrap();
        for length in (0..40).chain(500..540).chain([2000, 2001, 2002, 2003]) {
            for filling in ["ababab Secret ", "toKen: x", "aab", "-"] {
                let text: String = filling.chars().cycle().take(length).collect();
                let (mut found, mut all) = (lanes.words(text.as_bytes()), by_hand(&text));
                found.sort_unstable();
                all.sort_unstable();
                assert_eq!(found, all, "{length} {filling}");
            }
        }
    }

    #[test]
    fn they_come_in_the_order_of_the_parts() {
        let text = "secret ".repeat(100);
        let found: Vec<usize> =
            Lanes::new(["secret"]).unwrap().words(text.as_bytes()).into_iter().map(|(_, at)| at).collect();
        assert!(found.len() == 100 && found.is_sorted());
    }
}
