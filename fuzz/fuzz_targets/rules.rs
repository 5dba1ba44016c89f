//! Any bytes, with examples and anchors of the rules among them: no panic; two texts with an empty line between hold what
//! each of them holds alone, and nothing else.

#![no_main]

use std::ops::Range;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sealstrap::scan::pattern::anchors;
use sealstrap::scan::rule::Form;
use sealstrap::scan::{Policy, rules, scan};

/// What the rules find, what they do not, and the words that they look for.
static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let catalogued = rules::all().flat_map(|rule| rule.examples.iter().chain(rule.others));
    let meant = catalogued.map(|text| text.replace('·', ""));
    meant.chain(rules::all().flat_map(|rule| anchors(&rule.form))).collect()
});

/// How blocks begin, in small letters: what follows may belong to them.
static BLOCKS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let block = |form| if let Form::Block { anchor, .. } = form { Some(anchor) } else { None };
    rules::all().filter_map(|rule| block(rule.form)).collect()
});

/// Before two bytes that are the number of a word.
const WORD: u8 = 1;

/// The text that is meant by an input.
fn meant(input: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(input.len());
    let mut rest = input;
    while let Some((first, behind)) = rest.split_first() {
        rest = match behind {
            [high, low, behind @ ..] if *first == WORD => {
                let number = usize::from(u16::from_be_bytes([*high, *low]));
                text.extend_from_slice(WORDS[number % WORDS.len()].as_bytes());
                behind
            }
            _ => {
                text.push(*first);
                behind
            }
        };
    }
    text
}

/// The rules that find something, and where; nothing where a text is not read as words.
fn found(text: &[u8]) -> Option<Vec<(String, Range<usize>)>> {
    let scanned = scan(&Policy::default(), "a.txt", text);
    let is_utf_16 = text.starts_with(&[0xFF, 0xFE]) || text.starts_with(&[0xFE, 0xFF]);
    if scanned.binary || is_utf_16 || scanned.tally.documents > 0 {
        return None;
    }
    let mut last = 0;
    let found = scanned.findings.into_iter().map(|finding| {
        assert!(last <= finding.range.start && finding.range.end <= text.len(), "{:?}", finding.range);
        last = finding.range.end;
        (finding.rule.into_owned(), finding.range)
    });
    Some(found.collect())
}

fn begins_block(text: &[u8]) -> bool {
    let small = String::from_utf8_lossy(text).to_ascii_lowercase();
    BLOCKS.iter().any(|anchor| small.contains(anchor))
}

fuzz_target!(|input: &[u8]| {
    let two = input.iter().position(|byte| *byte == 0);
    let (first, second) = two.map_or((input, &[][..]), |at| (&input[..at], &input[at + 1..]));
    let (first, second) = (meant(first), meant(second));
    let whole = [&first[..], b"\n\n", &second].concat();
    let (Some(alone), Some(behind), Some(together)) = (found(&first), found(&second), found(&whole)) else {
        return;
    };
    let by = first.len() + 2;
    let moved = behind.into_iter().map(|(rule, range)| (rule, range.start + by..range.end + by));
    if !begins_block(&first) {
        assert_eq!(alone.into_iter().chain(moved).collect::<Vec<_>>(), together);
    }
});
