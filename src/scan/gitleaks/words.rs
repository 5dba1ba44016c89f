//! Words that are looked for in any case: keywords and stop words.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

/// Words in small letters, looked for all at once. An empty word is in no text, as with gitleaks. They are not shown: a
/// stop word may be a secret that it allows.
pub(super) struct Words {
    list: Vec<String>,
    beyond_ascii: bool,
    automaton: OnceLock<AhoCorasick>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").field("len", &self.list.len()).finish_non_exhaustive()
    }
}

impl Words {
    pub(super) fn new(words: impl IntoIterator<Item = String>) -> Self {
        let mut list: Vec<_> = words.into_iter().map(|word| word.to_lowercase()).collect();
        list.retain(|word| !word.is_empty());
        list.sort_unstable();
        list.dedup();
        let beyond_ascii = !list.iter().all(|word| word.is_ascii());
        Self { list, beyond_ascii, automaton: OnceLock::new() }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The index of a word, in small letters.
    pub(super) fn index(&self, word: &str) -> Option<usize> {
        self.list.binary_search_by(|known| known.as_str().cmp(word)).ok()
    }

    /// Whether one of them is in a text.
    pub(super) fn any_in(&self, text: &[u8]) -> bool {
        !self.list.is_empty() && self.automaton().is_match(&*self.comparable(text))
    }

    /// The indices of those that are in a text.
    pub(super) fn all_in(&self, text: &[u8]) -> Vec<usize> {
        let mut found = Vec::new();
        if self.list.is_empty() {
            return found;
        }
        let mut is_found = vec![false; self.list.len()];
        for hit in self.automaton().find_overlapping_iter(&*self.comparable(text)) {
            let index = hit.pattern().as_usize();
            if !is_found[index] {
                is_found[index] = true;
                found.push(index);
                if found.len() == is_found.len() {
                    break;
                }
            }
        }
        found
    }

    fn automaton(&self) -> &AhoCorasick {
        self.automaton.get_or_init(|| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(&self.list)
                .unwrap_or_else(|_| unreachable!("the words of a file make fewer than 2^31 states"))
        })
    }

    /// The text, in small letters where the automaton would not see them so.
    fn comparable<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        if self.beyond_ascii && !text.is_ascii() {
            Cow::Owned(String::from_utf8_lossy(text).to_lowercase().into_bytes())
        } else {
            Cow::Borrowed(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    fn words(list: &[&str]) -> Words {
        Words::new(list.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn words_are_found_in_any_case_and_within_each_other() {
        let words = words(&["Token", "ken", "absent", "schlüssel", "token"]);
        let found = words.all_in("MY_TOKEN SCHLÜSSEL".as_bytes());
        let is_found = |word| found.contains(&words.index(word).unwrap());
        assert!(is_found("token") && is_found("ken") && is_found("schlüssel") && !is_found("absent"));
    }

    #[test]
    fn an_empty_word_is_in_no_text() {
        assert!(!words(&[""]).any_in(b"text"));
        assert!(words(&[""]).all_in(b"text").is_empty());
    }
}
