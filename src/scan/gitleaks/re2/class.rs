//! Characters in brackets: `[^a-z\d[:alpha:]]`.

use super::{Fault, Reach, Translator};

/// Names of POSIX classes; both know them as ASCII.
const POSIX: &[&str] = &[
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

impl Translator<'_> {
    pub(super) fn brackets(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.copy(1);
        if self.peek() == Some('^') {
            self.copy(1);
            self.reach = self.reach.max(Reach::Open);
        }
        let first = self.at;
        loop {
            match self.peek() {
                None => return Err(Fault { at: start, message: "these brackets are not closed" }),
                Some(']') if self.at > first => break,
                Some(_) => self.member()?,
            }
        }
        self.atom(|t| t.copy(1));
        Ok(())
    }

    fn member(&mut self) -> Result<(), Fault> {
        if self.posix()? || self.class_escape()? {
            return Ok(());
        }
        let start = self.at;
        let from = self.class_character()?;
        self.push_literal(from);
        let mut ahead = self.rest().chars();
        if ahead.next() == Some('-') && ahead.next().is_some_and(|to| to != ']') {
            self.copy(1);
            let to = self.class_character()?;
            if to < from {
                return Err(Fault { at: start, message: "the range ends before it begins" });
            }
            self.push_literal(to);
        }
        Ok(())
    }

    fn class_character(&mut self) -> Result<char, Fault> {
        match self.peek() {
            Some('\\') => self.escaped_character(),
            Some(literal) => {
                self.at += literal.len_utf8();
                Ok(literal)
            }
            None => self.fault("a character is missing"),
        }
    }

    /// `[:alpha:]` or `[:^alpha:]`.
    fn posix(&mut self) -> Result<bool, Fault> {
        let Some((name, _)) = self.rest().strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else {
            return Ok(false);
        };
        let plain = name.strip_prefix('^').unwrap_or(name);
        if !POSIX.contains(&plain) {
            return self.fault("this is no POSIX class");
        }
        if plain.len() < name.len() {
            self.reach = self.reach.max(Reach::Open);
        }
        self.copy(name.len() + 4);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::translate;

    fn text(pattern: &str) -> String {
        translate(pattern).unwrap().text
    }

    #[test]
    fn what_the_regex_crate_takes_for_set_operations_are_literals() {
        assert_eq!(text(r"[a[b]"), r"[a\[b]");
        assert_eq!(text(r"[!&&x]"), r"[!\&\&x]");
        assert_eq!(text(r"[+--]"), r"[\+-\-]");
        assert_eq!(text(r"[~~]"), r"[\~\~]");
    }

    #[test]
    fn a_hyphen_after_a_class_is_a_literal() {
        assert_eq!(text(r"[\w-.]"), r"[[0-9A-Za-z_]\-\.]");
        assert_eq!(text(r"[a-c-e]"), r"[a-c\-e]");
        assert_eq!(text(r"[\w.-]"), r"[[0-9A-Za-z_]\.\-]");
    }

    #[test]
    fn a_bracket_that_comes_first_is_a_literal() {
        assert_eq!(text("[]a]"), r"[\]a]");
        assert_eq!(text("[^]a]"), r"[^\]a]");
    }
}
