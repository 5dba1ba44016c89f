//! The name of a repository: an owner and a name that need no escaping in a path.

use std::fmt;

use crate::remote::{Cause, Error};

/// `owner/name`, checked.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    text: String,
    slash: usize,
}

impl Repository {
    /// Takes `owner/name`; addresses and deeper paths are refused, because they would be another API path.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let fine = |part: &str| {
            !matches!(part, "" | "." | "..")
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        match text.split_once('/') {
            Some((owner, name)) if fine(owner) && fine(name) => {
                Ok(Self { text: text.to_owned(), slash: owner.len() })
            }
            _ => Err(Error::new(
                "use the setting `git.repository`",
                Cause::Local(format!("`{text}` is not of the form `owner/name`")),
            )
            .hint("write only owner and name, without `https://`, the host or `.git`")),
        }
    }

    /// The part after the slash.
    pub(super) fn name(&self) -> &str {
        &self.text[self.slash + 1..]
    }

    /// The whole.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Repository;

    #[test]
    fn only_owner_and_name_are_a_repository() {
        assert_eq!(Repository::parse("ops/git.ops_1").unwrap().name(), "git.ops_1");
        for wrong in ["", "ops", "ops/", "/x", "a/b/c", "https://github.com/a/b", "a/b?c", "../x", "a/.."] {
            assert!(Repository::parse(wrong).is_err(), "{wrong}");
        }
    }
}
