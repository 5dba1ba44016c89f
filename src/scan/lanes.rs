//! Many words looked for in several parts of a text at once: each step of an automaton waits for memory, and those of
//! other parts need not wait with it.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, MatchKind};

/// How many parts are walked at once.
const LANES: usize = 4;
/// The bytes of which the words are known at once.
const BLOCK: usize = 1 << 20;

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

    /// All words in a text, also those within others: the number of each, and where it begins. What is found waits for one
    /// block of the text at a time.
    pub(super) fn words<'l>(&'l self, text: &'l [u8]) -> impl Iterator<Item = (usize, usize)> + 'l {
        (0..text.len()).step_by(BLOCK).flat_map(move |start| {
            let end = text.len().min(start + BLOCK);
            let found = self.block(&text[start..text.len().min(end + self.longest)]);
            found.into_iter().map(move |(word, at)| (word, start + at)).filter(move |(_, at)| *at < end)
        })
    }

    fn block(&self, text: &[u8]) -> Vec<(usize, usize)> {
        if text.len() < LANES * self.longest {
            return self.walk(text);
        }
        // A word that begins in a part may end in the next one: parts are so much longer.
        let size = (text.len() - self.longest).div_ceil(LANES);
        let length = size + self.longest;
        let starts: [usize; LANES] = std::array::from_fn(|lane| (lane * size).min(text.len() - length));
        let [one, two, three, four] = starts.map(|start| text[start..start + length].iter());
        let mut states = [self.start; LANES];
        let mut lanes = [const { Vec::new() }; LANES];
        for (index, (((one, two), three), four)) in one.zip(two).zip(three).zip(four).enumerate() {
            for (state, byte) in states.iter_mut().zip([one, two, three, four]) {
                *state = self.automaton.next_state(Anchored::No, *state, *byte);
            }
            if states.iter().any(|state| self.automaton.is_special(*state)) {
                for ((state, start), lane) in states.iter().zip(starts).zip(&mut lanes) {
                    self.take(*state, start + index + 1, lane);
                }
            }
        }
        let ends = starts.into_iter().skip(1).chain([text.len()]);
        let own = |(lane, end): (Vec<_>, usize)| lane.into_iter().filter(move |(_, at)| *at < end);
        lanes.into_iter().zip(ends).flat_map(own).collect()
    }

    /// Walks a text in one go.
    fn walk(&self, text: &[u8]) -> Vec<(usize, usize)> {
        let (mut state, mut found) = (self.start, Vec::new());
        for (index, byte) in text.iter().enumerate() {
            state = self.automaton.next_state(Anchored::No, state, *byte);
            if self.automaton.is_special(state) {
                self.take(state, index + 1, &mut found);
            }
        }
        found
    }

    /// Takes the words that end in a state.
    fn take(&self, state: StateID, end: usize, found: &mut Vec<(usize, usize)>) {
        if !self.automaton.is_match(state) {
            return;
        }
        for index in 0..self.automaton.match_len(state) {
            let word = self.automaton.match_pattern(state, index);
            found.push((word.as_usize(), end - self.automaton.pattern_len(word)));
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
        for length in (0..80).chain(500..540).chain([2000, 2001, 2002, 2003]) {
            for filling in ["ababab Secret ", "toKen: x", "aab", "-"] {
                let text: String = filling.chars().cycle().take(length).collect();
                let (mut found, mut all): (Vec<_>, _) =
                    (lanes.words(text.as_bytes()).collect(), by_hand(&text));
                found.sort_unstable();
                all.sort_unstable();
                assert_eq!(found, all, "{length} {filling}");
            }
        }
    }

    #[test]
    fn they_come_in_the_order_of_the_parts() {
        // Words stand across blocks, too.
        let text = "secret ".repeat(2 * BLOCK / 7);
        let found: Vec<usize> =
            Lanes::new(["secret"]).unwrap().words(text.as_bytes()).map(|(_, at)| at).collect();
        assert!(found.len() == 2 * BLOCK / 7 && found.is_sorted());
    }
}
