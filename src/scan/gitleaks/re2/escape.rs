//! Escapes: classes, boundaries, `\Q…\E`, and characters by number or name.

use super::{Fault, Reach, Translator};

const UNKNOWN: &str = "RE2 does not know this escape";

impl Translator<'_> {
    pub(super) fn escape(&mut self) -> Result<(), Fault> {
        match self.rest().chars().nth(1) {
            Some('A' | 'z') => self.atom(|t| t.copy(2)),
            // Boundaries between ASCII words, whether the rest is compiled for bytes or for characters.
            Some('b' | 'B') => self.atom(|t| {
                t.out.push_str("(?-u:");
                t.copy(2);
                t.out.push(')');
            }),
            Some('Q') => self.quoted(),
            Some(_) => {
                if !self.class_escape()? {
                    let literal = self.escaped_character()?;
                    self.push_literal(literal);
                }
                self.atom(|_| {});
            }
            None => return self.fault("a backslash ends the pattern"),
        }
        Ok(())
    }

    fn quoted(&mut self) {
        let rest = &self.rest()[2..];
        let (literals, length) = match rest.split_once(r"\E") {
            Some((literals, _)) => (literals, literals.len() + 2),
            None => (rest, rest.len()),
        };
        self.at += 2 + length;
        for literal in literals.chars() {
            self.atom(|t| t.push_literal(literal));
        }
    }

    /// `\d`, `\pL` and the like, within brackets or not.
    pub(super) fn class_escape(&mut self) -> Result<bool, Fault> {
        let mut ahead = self.rest().chars();
        if ahead.next() != Some('\\') {
            return Ok(false);
        }
        let class = match ahead.next() {
            Some('d') => "[0-9]",
            Some('D') => "[^0-9]",
            Some('w') => "[0-9A-Za-z_]",
            Some('W') => "[^0-9A-Za-z_]",
            Some('s') => r"[\t\n\f\r ]",
            Some('S') => r"[^\t\n\f\r ]",
            Some('p' | 'P') => return self.unicode_class().map(|()| true),
            _ => return Ok(false),
        };
        if class.starts_with("[^") {
            self.reach = self.reach.max(Reach::Open);
        }
        self.out.push_str(class);
        self.at += 2;
        Ok(true)
    }

    /// `\pL`, `\p{Greek}`, `\P{Greek}`, `\p{^Greek}`. Whether the name exists shows when the pattern is compiled.
    fn unicode_class(&mut self) -> Result<(), Fault> {
        let mut is_negated = self.rest().starts_with(r"\P");
        let rest = &self.rest()[2..];
        let (name, length) = match rest.strip_prefix('{') {
            Some(braced) => {
                let name = braced.split_once('}').map_or("", |(name, _)| name);
                (name, name.len() + 2)
            }
            None => (rest.get(..1).unwrap_or(""), 1),
        };
        let plain = name.strip_prefix('^').unwrap_or(name);
        is_negated ^= plain.len() < name.len();
        if plain.is_empty()
            || !plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_- ".contains(&byte))
        {
            return self.fault("a Unicode class has a name: `\\p{Greek}`");
        }
        self.reach = Reach::Unicode;
        self.out.extend([if is_negated { r"\P{" } else { r"\p{" }, plain, "}"]);
        self.at += 2 + length;
        Ok(())
    }

    /// The character that an escape stands for.
    pub(super) fn escaped_character(&mut self) -> Result<char, Fault> {
        let start = self.at;
        let unknown = Fault { at: start, message: UNKNOWN };
        self.at += 1;
        let Some(letter) = self.next() else {
            return Err(Fault { at: start, message: "a backslash ends the pattern" });
        };
        match letter {
            'a' => Ok('\x07'),
            'f' => Ok('\x0C'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\x0B'),
            'x' => self.hexadecimal().ok_or(unknown),
            '1'..='7' if !self.peek().is_some_and(|next| next.is_digit(8)) => {
                Err(Fault { at: start, message: "RE2 has no references back to groups" })
            }
            '0'..='7' => self.octal(letter).ok_or(unknown),
            other if other.is_ascii() && !other.is_ascii_alphanumeric() => Ok(other),
            _ => Err(unknown),
        }
    }

    /// Up to three digits, of which the first is read already.
    fn octal(&mut self, first: char) -> Option<char> {
        let mut value = first.to_digit(8)?;
        for _ in 0..2 {
            if let Some(digit) = self.peek().and_then(|next| next.to_digit(8)) {
                value = value * 8 + digit;
                self.at += 1;
            }
        }
        char::from_u32(value)
    }

    /// `41` or `{1F600}`.
    fn hexadecimal(&mut self) -> Option<char> {
        let rest = self.rest();
        let (digits, length) = match rest.strip_prefix('{') {
            Some(braced) => {
                let (digits, _) = braced.split_once('}')?;
                (digits, digits.len() + 2)
            }
            None => (rest.get(..2)?, 2),
        };
        // `from_str_radix` takes a sign.
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let literal = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)?;
        self.at += length;
        Some(literal)
    }
}
