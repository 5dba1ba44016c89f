//! What a line may be by what documents mean, seen alone.

use std::sync::LazyLock;

use crate::scan::lanes::Lanes;
use crate::scan::name::{Promise, promise};
use crate::scan::place::{self, Extent};
use crate::scan::verdict::{Expect, judge};

/// What a line may be.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// No part of a leak.
    #[default]
    None,
    /// A leak by itself.
    Leak,
    /// One with the lines around it: a name, of which the value stands there.
    Around,
    /// The beginning of one, which may go on anywhere.
    Begins,
}

/// Words of documents whose values are secrets whatever they are called; behind the first one it is another that tells.
const WORDS: [&[u8]; 6] =
    [b"kind", b"stringdata", b"encrypteddata", b"secretgenerator", b"last-applied", b"enc[aes256_gcm"];
/// The number of `kind` among them.
const KIND: usize = 0;

/// The places in a text at which something begins whose values are secrets whatever they are called.
pub(super) fn beginnings(text: &[u8]) -> impl Iterator<Item = usize> {
    static LANES: LazyLock<Option<Lanes>> = LazyLock::new(|| Lanes::new(WORDS));
    // Never so; but then all of a text may be something.
    let all = LANES.is_none().then_some(0..text.len());
    let found = LANES.as_ref().into_iter().flat_map(|lanes| lanes.words(text));
    let begins = |word: usize, at: usize| word != KIND || is_secret(&text[at + WORDS[word].len()..]);
    let found = found.filter(move |(word, at)| begins(*word, *at));
    all.into_iter().flatten().chain(found.map(|(_, at)| at))
}

/// Whether the value of `kind` begins with `Secret`, within quotes or a text of JSON as well.
fn is_secret(rest: &[u8]) -> bool {
    let letters = rest.iter().filter(|byte| !b"\"' \\\t:".contains(byte));
    letters.take(6).map(u8::to_ascii_lowercase).eq(*b"secret")
}

/// Whether a line is nothing but a comment.
pub(super) fn is_comment(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    text.starts_with(b"#") || text.starts_with(b"//")
}

/// What a line may be by the names in it. It is better to doubt a line in vain: then a content is scanned in vain.
pub(super) fn doubt(line: &[u8]) -> Doubt {
    let text = line.trim_ascii();
    if is_comment(text) {
        return Doubt::None;
    }
    let flag = if has_flag(text) { Doubt::Around } else { Doubt::None };
    let default = if has_default(text) { Doubt::Leak } else { Doubt::None };
    let variable = if declares(text) { Doubt::Begins } else { Doubt::None };
    assigned(text).max(flag).max(default).max(variable)
}

/// Whether a variable of Terraform is declared whose default would be a secret.
fn declares(line: &[u8]) -> bool {
    /// Longer names are none.
    const LONGEST: usize = 128;
    let is_variable = line.starts_with(b"variable");
    let line = String::from_utf8_lossy(&line[..if is_variable { line.len().min(LONGEST) } else { 0 }]);
    place::variable(&line).is_some_and(|name| promise(name) != Promise::Anything)
}

/// Whether a variable has a default that is written out.
fn has_default(line: &[u8]) -> bool {
    /// Longer names are none.
    const LONGEST: usize = 128;
    // `${{ … }}` is an expression of a workflow, without defaults.
    let is_variable = |at: &usize| line.get(at + 1) == Some(&b'{') && line.get(at + 2) != Some(&b'{');
    memchr::memchr_iter(b'$', line).filter(is_variable).any(|at| {
        let rest = &line[at..line.len().min(at + LONGEST)];
        let end = rest.iter().position(|byte| *byte == b'}').unwrap_or(rest.len());
        rest[..end].iter().any(|byte| matches!(byte, b'-' | b'='))
    })
}

/// Whether a word of a command stands there that names a secret, whose value follows: alone in the line, or in quotes.
fn has_flag(line: &[u8]) -> bool {
    /// Longer words are none.
    const LONGEST: usize = 80;
    memchr::memchr_iter(b'-', line).any(|at| {
        let is_first = at == 0 || b" \t\"',[".contains(&line[at - 1]);
        let rest = &line[at..line.len().min(at + LONGEST)];
        let length = rest.iter().take_while(|byte| is_letter(**byte)).count();
        let word = std::str::from_utf8(&rest[..length]).unwrap_or_default();
        let is_alone = rest.get(length).is_none_or(|byte| b" \t\"',]".contains(byte));
        is_first && is_alone && length > 1 && promise(word.trim_start_matches('-')) != Promise::Anything
    })
}

/// What a line is in which a name that promises a secret stands before a sign, or in which a variable is named so.
fn assigned(line: &[u8]) -> Doubt {
    /// Longer names are none.
    const LONGEST: usize = 80;
    let mut worst = Doubt::None;
    for mark in memchr::memchr2_iter(b':', b'=', line) {
        let before = line[mark.saturating_sub(LONGEST)..mark].trim_ascii_end();
        let quoted = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'"));
        let bare = quoted.unwrap_or(before);
        let bare = bare.strip_suffix(b"\\").unwrap_or(bare);
        // Within quotes a name may hold blanks.
        let is_inside = |byte: &u8| is_letter(*byte) || quoted.is_some() && *byte == b' ';
        let start = bare.iter().rposition(|byte| !is_inside(byte)).map_or(0, |at| at + 1);
        let name = std::str::from_utf8(&bare[start..]).unwrap_or_default().trim();
        worst = worst.max(of_value(name, &line[mark + 1..], line[mark] == b'='));
        if worst == Doubt::Begins {
            break;
        }
    }
    worst
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)
}

/// What follows a name: a value, one that stands in the next lines, or the name of a variable whose value does.
fn of_value(name: &str, rest: &[u8], is_sign: bool) -> Doubt {
    /// So much of a line is judged: enough for a value.
    const LONGEST: usize = 1024;
    let rest = &rest[..rest.len().min(LONGEST)];
    if name == "name" {
        return if names_secret(rest, is_sign) { Doubt::Around } else { Doubt::None };
    }
    // The lines up to a word, under a name that stands elsewhere.
    if matches!(name, "value" | "default") && rest.trim_ascii_start().starts_with(b"<<") {
        return Doubt::Begins;
    }
    if promise(name) == Promise::Anything {
        return Doubt::None;
    }
    let rest = String::from_utf8_lossy(rest);
    // `:=`, `=>`, `?=` and `+=` assign too; a `>` behind a blank begins a block.
    let rest = rest.trim_start_matches(['=', ':', '?', '+']);
    let rest = rest.strip_prefix('>').unwrap_or(rest).trim();
    let doubt = goes_on(rest);
    if doubt > Doubt::None {
        return doubt;
    }
    // Where the value ends depends on what the line is part of: in each way it could.
    let is_told = |value: &str| judge(Expect::ByName, name, value.trim()).is_told();
    let any = values(rest).into_iter().any(is_told) || is_told(&place::value(rest, 0, Extent::Line).text);
    if any { Doubt::Leak } else { Doubt::None }
}

/// Whether a value stands in the next lines: nothing is here, or a block begins. Or it may stand anywhere: there is an
/// anchor or an alias, quotes that do not close, or a backslash at the end.
fn goes_on(value: &str) -> Doubt {
    let bare = value.split(" #").next().unwrap_or(value).trim();
    let is_open = ["\"\"\"", "'''", "<<"].iter().any(|head| bare.starts_with(head))
        || bare.ends_with('\\')
        || bare.starts_with(['"', '\'']) && !place::value(bare, 0, Extent::Line).is_quoted;
    if is_open || bare.starts_with(['&', '*']) {
        Doubt::Begins
    } else if bare.is_empty()
        || bare.starts_with("//")
        || bare.starts_with("/*")
        || bare.starts_with(['|', '>', '#', '{', '[']) && !bare.ends_with(['}', ']'])
    {
        Doubt::Around
    } else {
        Doubt::None
    }
}

/// What the value at the beginning of a text may be: all of it, up to a comment, up to a comma or bracket, within quotes.
fn values(text: &str) -> Vec<&str> {
    let up_to = |mark: &str| text.split(mark).next().unwrap_or(text);
    let quoted = |quote: char| {
        text.trim_start_matches('\\').strip_prefix(quote).and_then(|rest| rest.split(quote).next())
    };
    let mut all = vec![text, up_to(" #"), in_flow(text), up_to(";"), text.trim_end_matches([',', ';'])];
    all.extend(['"', '\''].into_iter().filter_map(quoted).map(|value| value.trim_end_matches('\\')));
    all
}

/// The text up to a comma or bracket that does not close one within it, as those of an expression do.
fn in_flow(text: &str) -> &str {
    let mut open = 0_usize;
    let is_end = |byte: u8| {
        match byte {
            b'{' | b'[' => open += 1,
            b'}' | b']' | b',' if open == 0 => return true,
            b'}' | b']' => open -= 1,
            _ => {}
        }
        false
    };
    let end = text.bytes().position(is_end);
    &text[..end.unwrap_or(text.len())]
}

/// Whether a variable or parameter is named like a secret; its value stands in another line.
fn names_secret(rest: &[u8], is_sign: bool) -> bool {
    let rest = String::from_utf8_lossy(rest);
    let name = rest.split(" #").next().unwrap_or(&rest).split([',', '}']).next().unwrap_or_default();
    let name = name.trim_matches([' ', '\t', '\r', '"', '\'', '\\']);
    // Names of objects are small letters and dashes; behind `=` stand parameters.
    let is_variable =
        is_sign || name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte == b'.');
    match promise(name) {
        Promise::Secret => true,
        Promise::SecretOrName => is_variable,
        Promise::Anything => false,
    }
}
