//! Which rules a text can have matches of: those with one of their keywords in it, and those without keywords.

use super::rule::Rule;
use super::words::Words;

/// The keywords of all rules.
#[derive(Debug)]
pub(super) struct Keywords {
    words: Words,
    /// For each word the rules that have it, by their index.
    rules: Vec<Vec<usize>>,
    /// Whether a rule has no keywords.
    always: Vec<bool>,
}

impl Keywords {
    pub(super) fn new(list: &[Rule]) -> Self {
        let words = Words::new(list.iter().flat_map(|rule| rule.keywords.iter().cloned()));
        let mut rules = vec![Vec::new(); words.len()];
        for (index, rule) in list.iter().enumerate() {
            for word in rule.keywords.iter().filter_map(|word| words.index(word)) {
                rules[word].push(index);
            }
        }
        Self { words, rules, always: list.iter().map(|rule| rule.keywords.is_empty()).collect() }
    }

    /// For each rule whether it is to be asked.
    pub(super) fn rules_for(&self, text: &[u8]) -> Vec<bool> {
        let mut asked = self.always.clone();
        for word in self.words.all_in(text) {
            for rule in &self.rules[word] {
                asked[*rule] = true;
            }
        }
        asked
    }
}
