//! Patterns of RE2, as Go's `regexp` reads them, in the syntax of the `regex` crate.
//!
//! Where both read the same text differently, it is rewritten:
//! - `{` that begins no repetition is a literal, and so are `[`, `&&`, `--` and `~~` within brackets, and `\<`;
//! - `\d`, `\s`, `\w` and `\b` know ASCII only, and `\s` leaves the vertical tab out;
//! - `-` after a class within brackets is a literal: `[\w-.]`;
//! - octal escapes and `\Q…\E` exist, and flags may be repeated.
//!
//! Source: the package documentation of `regexp/syntax`. What RE2 refuses is refused with its place.

mod class;
mod escape;
mod group;

/// A pattern in the syntax of the `regex` crate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translation {
    pub(super) text: String,
    /// How many capture groups it has.
    pub(super) groups: usize,
    pub(super) reach: Reach,
}

/// What a pattern can match, and so how it may be compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// ASCII only: a byte is a character.
    Ascii,
    /// By `.` or `[^…]` also characters beyond ASCII, and each of them counts as one.
    Open,
    /// Characters beyond ASCII, which it names.
    Unicode,
}

/// What RE2 refuses, and at which byte of the pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) message: &'static str,
}

/// Translates a pattern.
///
/// # Errors
/// What RE2 refuses.
pub(super) fn translate(pattern: &str) -> Result<Translation, Fault> {
    Translator::new(pattern).run()
}

/// Repetitions of RE2 are not longer.
const MOST: u32 = 1000;

/// What stands before a repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Atom,
    Repetition,
}

struct Translator<'p> {
    pattern: &'p str,
    at: usize,
    out: String,
    /// Where the groups begin that are open.
    open: Vec<usize>,
    groups: usize,
    reach: Reach,
    before: Before,
}

impl<'p> Translator<'p> {
    fn new(pattern: &'p str) -> Self {
        Self {
            pattern,
            at: 0,
            out: String::with_capacity(pattern.len() + 16),
            open: Vec::new(),
            groups: 0,
            reach: Reach::Ascii,
            before: Before::Nothing,
        }
    }

    fn run(mut self) -> Result<Translation, Fault> {
        while let Some(next) = self.peek() {
            match next {
                '(' => self.open_group()?,
                ')' => self.close_group()?,
                '|' => {
                    self.copy(1);
                    self.before = Before::Nothing;
                }
                '*' | '+' | '?' => self.repeat(1)?,
                '{' => self.brace()?,
                '[' => self.brackets()?,
                '\\' => self.escape()?,
                '^' | '$' => self.atom(|t| t.copy(1)),
                '.' => self.atom(|t| {
                    t.copy(1);
                    t.reach = t.reach.max(Reach::Open);
                }),
                literal => self.atom(|t| {
                    t.at += literal.len_utf8();
                    t.push_literal(literal);
                }),
            }
        }
        match self.open.pop() {
            Some(at) => Err(Fault { at, message: "this group is not closed" }),
            None => Ok(Translation { text: self.out, groups: self.groups, reach: self.reach }),
        }
    }

    fn rest(&self) -> &'p str {
        &self.pattern[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn fault<T>(&self, message: &'static str) -> Result<T, Fault> {
        Err(Fault { at: self.at, message })
    }

    /// Copies bytes that mean the same in both.
    fn copy(&mut self, length: usize) {
        self.out.push_str(&self.pattern[self.at..self.at + length]);
        self.at += length;
    }

    fn atom(&mut self, write: impl FnOnce(&mut Self)) {
        write(self);
        self.before = Before::Atom;
    }

    /// Writes a character that stands for itself, within brackets or not.
    fn push_literal(&mut self, literal: char) {
        if matches!(
            literal,
            '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$'
        ) || matches!(literal, '#' | '&' | '-' | '~')
        {
            self.out.push('\\');
        }
        if !literal.is_ascii() {
            self.reach = Reach::Unicode;
        }
        self.out.push(literal);
    }

    fn repeat(&mut self, length: usize) -> Result<(), Fault> {
        match self.before {
            Before::Nothing => return self.fault("there is nothing to repeat before this"),
            Before::Repetition => return self.fault("a repetition cannot be repeated"),
            Before::Atom => self.copy(length),
        }
        if self.peek() == Some('?') {
            self.copy(1);
        }
        self.before = Before::Repetition;
        Ok(())
    }

    fn brace(&mut self) -> Result<(), Fault> {
        let Some((least, most, length)) = counts(self.rest()) else {
            self.atom(|t| {
                t.at += 1;
                t.push_literal('{');
            });
            return Ok(());
        };
        if least > MOST || most.is_some_and(|most| most > MOST) {
            return self.fault("RE2 repeats at most 1000 times");
        }
        if most.is_some_and(|most| most < least) {
            return self.fault("the repetition ends before it begins");
        }
        self.repeat(length)
    }
}

/// The bounds and the length of `{2}`, `{2,}` or `{2,3}` at the beginning of a text.
fn counts(text: &str) -> Option<(u32, Option<u32>, usize)> {
    let inner = text.strip_prefix('{')?;
    let inner = &inner[..inner.find('}')?];
    let (least, most) = match inner.split_once(',') {
        None => {
            let count = count(inner)?;
            (count, Some(count))
        }
        Some((least, "")) => (count(least)?, None),
        Some((least, most)) => (count(least)?, Some(count(most)?)),
    };
    Some((least, most, inner.len() + 2))
}

/// A number without leading zeros; one that is too large for `u32` is as good as any that RE2 refuses.
fn count(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let is_padded = digits.len() > 1 && digits.starts_with('0');
    (is_number && !is_padded).then(|| digits.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Fault, Reach, translate};

    #[test]
    fn a_translation_means_the_same_to_the_other_crate() {
        for (pattern, text) in [
            (r"${A}{{x}}", r"$\{A\}\{\{x\}\}"),
            (r"a{2}b{2,}c{2,3}?d{,3}e{02}f{", r"a{2}b{2,}c{2,3}?d\{,3\}e\{02\}f\{"),
            (r"\<a\>\_\/", r"<a>_/"),
            (r"\ba\B", r"(?-u:\b)a(?-u:\B)"),
            (r"\d\S", r"[0-9][^\t\n\f\r ]"),
            (r"\x41\x{42}\103\0", "ABC\0"),
            (r"\Qa.b\E.\Q(", r"a\.b.\("),
            (r"\pL\p{^Greek}\P{^Lu}", r"\p{L}\P{Greek}\p{Lu}"),
            (r"(?P<1>a)(?<n>b)(?:c)", r"(a)(b)(?:c)"),
            (r"(?ii-s)a(?)(?i-i:b)", r"(?i-s)a(?-i:b)"),
        ] {
            assert_eq!(translate(pattern).unwrap().text, text, "{pattern}");
        }
    }

    #[test]
    fn what_re2_refuses_is_refused_at_its_place() {
        for (pattern, at) in [
            ("a(b(c)", 1),
            ("a)", 1),
            ("*a", 0),
            ("a|+", 2),
            ("a+*", 2),
            ("a{1001}", 1),
            ("a{3,2}", 1),
            ("a[b", 1),
            ("[z-a]", 1),
            ("[[:foo:]]", 1),
            (r"a\", 1),
            (r"a\Z", 1),
            (r"(a)\1", 3),
            (r"[a\q]", 2),
            (r"\xZZ", 0),
            (r"\x{110000}", 0),
            (r"a\p{", 1),
            ("a(?=b)", 1),
            ("a(?<!b)", 1),
            ("(?x)a", 0),
            ("(?i-)a", 0),
            ("(?P<a-b>c)", 0),
        ] {
            let fault = translate(pattern).unwrap_err();
            assert_eq!(fault, Fault { at, message: fault.message }, "{pattern}");
        }
    }

    #[test]
    fn groups_are_counted_and_characters_beyond_ascii_are_noticed() {
        let translation = translate(r"(a)(?:b)(?P<c>d(e))[(]\(").unwrap();
        assert_eq!((translation.groups, translation.reach), (3, Reach::Ascii));
        for open in [".", "[^a]", r"\W", r"[\D]", "[[:^alpha:]]"] {
            assert_eq!(translate(open).unwrap().reach, Reach::Open, "{open}");
        }
        for unicode in ["\u{e9}", r"\x{e9}", r"\xe9", r"\pL", "[a-\u{e9}]"] {
            assert_eq!(translate(unicode).unwrap().reach, Reach::Unicode, "{unicode}");
        }
    }
}
