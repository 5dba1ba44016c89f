//! What a text without structure looks like: a word of an example, a switch, a path, something that can be guessed,
//! something random.

/// Texts that stand for one to be put in, whole.
const WHOLE: &[&str] = &[
    "foo",
    "bar",
    "baz",
    "qux",
    "todo",
    "tbd",
    "fixme",
    "none",
    "n/a",
    "na",
    "nil",
    "undefined",
    "empty",
    "unset",
    "dummy",
    "placeholder",
    "redacted",
    "removed",
    "masked",
    "hidden",
    "secret-value",
    "value",
    "my-value",
    "string",
    "...",
    "…",
    "xxx",
    "to-be-defined",
    "tobedefined",
    "not-set",
    "notset",
    "unused",
    "fake",
    "mock",
    "sample",
    "example",
    "omitted",
    "encrypted",
];

/// Parts of texts that say so.
const PARTS: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "changethis",
    "change-this",
    "change this",
    "replaceme",
    "replace-me",
    "replace_me",
    "replace-with",
    "replace with",
    "replace this",
    "placeholder",
    "your-",
    "your_",
    "yourpassword",
    "yoursecret",
    "yourtoken",
    "<your",
    "insert-",
    "insert_",
    "insert your",
    "example.com",
    "put-your",
    "goes-here",
    "goes_here",
    "-here>",
    "enter-your",
    "redacted",
    "to-be-replaced",
    "fill-me",
    "fillme",
    "fill_me",
    "not-a-real",
    "notreal",
    "not-used",
    "dummy-",
    "example-",
    "some-token",
    "my-password-here",
    "set-me",
    "setme",
    "set_me",
    "please-change",
    "pleasechange",
];

/// Whether a text stands where a secret is to be put.
pub(in crate::scan) fn is_placeholder(text: &str) -> bool {
    /// Longer texts say more than one word.
    const LONGEST: usize = 80;
    if text.len() > LONGEST + 4 {
        return false;
    }
    let lower = text.trim_matches(['"', '\'', '<', '>', '[', ']', ' ']).to_ascii_lowercase();
    let one_letter = lower.len() > 2 && lower.bytes().all(|byte| lower.as_bytes()[0] == byte);
    let mostly_x = lower.len() >= 8
        && lower.bytes().filter(|byte| b"x*.#".contains(byte)).count() * 10 >= lower.len() * 7;
    let example = lower.ends_with("example") && lower.len() >= 16;
    let named = text.starts_with('<') && text.ends_with('>');
    lower.len() <= LONGEST
        && (WHOLE.contains(&lower.as_str())
            || one_letter
            || mostly_x
            || example
            || named
            || PARTS.iter().any(|part| lower.contains(part)))
}

/// Whether it switches something, or says how many.
pub(super) fn is_switch(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "true"
            | "false"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "enabled"
            | "disabled"
            | "auto"
            | "required"
            | "optional"
            | "always"
            | "never"
    )
}

/// Whether something is said under a name that promises a secret, and none given: a switch, a path, the name again, a
/// sentence for people.
pub(super) fn is_said(name: &str, text: &str) -> bool {
    let letters =
        |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).collect::<String>().to_lowercase();
    let is_name = text.len() <= name.len() + 8 && letters(text) == letters(name);
    let is_sentence = text.contains(' ')
        && !text.bytes().any(|byte| byte.is_ascii_digit())
        && (text.starts_with(char::is_uppercase) || text.ends_with(['.', '?', '!', ':', '…']));
    is_switch(text) || is_path(text) || is_name && text.starts_with(char::is_uppercase) || is_sentence
}

/// Whether it is a place in a file system or a plain address.
pub(super) fn is_path(text: &str) -> bool {
    /// A part of a path that is as long as this and random is base64.
    const LONG: usize = 16;
    let has_blank = text.contains(char::is_whitespace);
    let is_base64 = text.split('/').any(|part| part.len() >= LONG && is_random(part));
    let is_file = ["/", "./", "../", "~/", "file://"].iter().any(|head| text.starts_with(head))
        && text.matches('/').count() >= 2
        && !is_base64;
    let is_address =
        text.split_once("://").is_some_and(|(_, rest)| !rest.contains('@') && !rest.contains('?'));
    !has_blank && text.len() < 200 && (is_file || is_address)
}

/// Whether a human could guess it: one word, few letters, a number.
pub(super) fn is_guessable(text: &str) -> bool {
    !is_random(text) && text.len() < 16
}

/// Whether it looks made by a machine: long enough, of mixed letters, without the pairs of words.
pub(in crate::scan) fn is_random(text: &str) -> bool {
    /// Shorter ones say nothing.
    const LEAST: usize = 8;
    /// Words and digits that are put together by hand have less.
    const BITS: f32 = 3.0;
    let text = text.trim();
    let is_word = !text.contains(char::is_whitespace);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let has_letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let capitals = text.bytes().filter(u8::is_ascii_uppercase).count();
    let small = text.bytes().filter(u8::is_ascii_lowercase).count();
    let mixed = digits > 0 && has_letters || capitals > 0 && small > 0 && text.len() >= 16;
    text.len() >= LEAST && is_word && mixed && entropy(text.as_bytes()) >= BITS && !is_readable(text)
}

/// Whether its parts are words, as in `my-app-v2.prod.svc`: names of objects, hosts and images.
fn is_readable(text: &str) -> bool {
    let parts = text.split(['-', '.', '_', '/', ':', '@', ',']).filter(|part| !part.is_empty());
    let (mut words, mut all) = (0, 0);
    for part in parts {
        all += 1;
        let letters = part.trim_matches(|letter: char| letter.is_ascii_digit());
        let is_word = part.len() <= 4
            || letters.len() >= 3
                && letters.bytes().all(|byte| byte.is_ascii_lowercase())
                && has_vowels(letters)
            || part.bytes().all(|byte| byte.is_ascii_digit());
        words += usize::from(is_word);
    }
    all >= 2 && words == all
}

fn has_vowels(word: &str) -> bool {
    let vowels = word.bytes().filter(|byte| b"aeiouy".contains(byte)).count();
    vowels * 5 >= word.len()
}

/// Shannon entropy of the bytes in bits.
#[expect(clippy::cast_precision_loss, reason = "lengths of words")]
pub(super) fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let all = bytes.len() as f32;
    let bits = |count: &u32| -(*count as f32 / all) * (*count as f32 / all).log2();
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}
