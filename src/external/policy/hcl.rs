//! The language of policies, as far as it says paths and capabilities.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;
use std::vec::IntoIter;

use super::Error;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

type Tokens = Peekable<IntoIter<(usize, Token)>>;

fn fault<T>(line: usize, reason: &str) -> Result<T, Error> {
    Err(Error::Policy { line, reason: reason.to_owned() })
}

/// Paths with their capabilities.
type Paths = BTreeMap<String, BTreeSet<String>>;

/// The paths of a policy with their capabilities, and whether it says more. A path that stands twice has those of both.
pub(super) fn read(text: &str) -> Result<(Paths, bool), Error> {
    let mut tokens = tokens(text)?.into_iter().peekable();
    let (mut paths, mut more) = (Paths::new(), false);
    while let Some((line, token)) = tokens.next() {
        match token {
            Token::Word(word) if word == "path" => {
                let Some((_, Token::Text(path))) = tokens.next() else {
                    return fault(line, "`path` has no path behind it");
                };
                let capabilities = block(&mut tokens, line, &mut more)?;
                // Vault passes over a slash at its beginning.
                let path = path.strip_prefix('/').map(str::to_owned).unwrap_or(path);
                paths.entry(path).or_default().extend(capabilities);
            }
            // `name = "…"` was part of policies once.
            Token::Word(_) if tokens.next_if(|(_, token)| *token == Token::Sign('=')).is_some() => {
                tokens.next();
                more = true;
            }
            _ => return fault(line, "a policy is made of `path` blocks"),
        }
    }
    Ok((paths, more))
}

/// The capabilities of a block; whatever else it says is passed over, and noted.
fn block(tokens: &mut Tokens, line: usize, more: &mut bool) -> Result<BTreeSet<String>, Error> {
    if tokens.next().map(|(_, token)| token) != Some(Token::Sign('{')) {
        return fault(line, "`path` has no block behind it");
    }
    let (mut depth, mut capabilities) = (1, BTreeSet::new());
    while let Some((at, token)) = tokens.next() {
        match token {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => depth -= 1,
            Token::Word(word) if depth == 1 && word == "capabilities" => {
                capabilities.extend(list(tokens, at)?);
            }
            Token::Word(word) if depth == 1 && word == "policy" => {
                capabilities.extend(old(tokens));
                *more = true;
            }
            _ => *more = true,
        }
        if depth == 0 {
            return Ok(capabilities);
        }
    }
    fault(line, "the block of this `path` is not closed")
}

/// What the old way of saying it allows: `= "read"`.
fn old(tokens: &mut Tokens) -> impl Iterator<Item = String> + use<> {
    let said = tokens.next_if(|(_, token)| *token == Token::Sign('=')).and_then(|_| tokens.next());
    let all: &[&str] = match said {
        Some((_, Token::Text(word))) => match word.as_str() {
            "deny" => &["deny"],
            "read" => &["read", "list"],
            "write" => &["create", "read", "update", "delete", "list"],
            "sudo" => &["create", "read", "update", "delete", "list", "sudo"],
            _ => &[],
        },
        _ => &[],
    };
    all.iter().map(|one| (*one).to_owned())
}

/// `= ["a", "b"]`.
fn list(tokens: &mut Tokens, line: usize) -> Result<Vec<String>, Error> {
    let mut sign = |wanted| tokens.next().is_some_and(|(_, token)| token == Token::Sign(wanted));
    if !sign('=') || !sign('[') {
        return fault(line, "`capabilities` is no list");
    }
    let mut all = Vec::new();
    for (_, token) in tokens.by_ref() {
        match token {
            Token::Text(text) => all.push(text),
            Token::Sign(',') => {}
            Token::Sign(']') => return Ok(all),
            _ => return fault(line, "`capabilities` holds more than texts"),
        }
    }
    fault(line, "the list of `capabilities` is not closed")
}

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Error> {
    let (mut all, mut rest, mut line) = (Vec::new(), text, 1);
    while let Some(first) = rest.chars().next() {
        let used = match first {
            '#' => line_end(rest),
            '/' if rest.starts_with("//") => line_end(rest),
            '/' if rest.starts_with("/*") => match rest.find("*/") {
                Some(end) => end + 2,
                None => return fault(line, "a comment is not closed"),
            },
            '"' => {
                let (text, used) = quoted(rest, line)?;
                all.push((line, Token::Text(text)));
                used
            }
            c if c.is_whitespace() => c.len_utf8(),
            c if is_of_word(c) => {
                let used = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
                all.push((line, Token::Word(rest[..used].to_owned())));
                used
            }
            c => {
                all.push((line, Token::Sign(c)));
                c.len_utf8()
            }
        };
        line += rest[..used].matches('\n').count();
        rest = &rest[used..];
    }
    Ok(all)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn line_end(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// A text in quotes, and the bytes that it takes.
fn quoted(rest: &str, line: usize) -> Result<(String, usize), Error> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((text, at + 1)),
            '\n' => break,
            '\\' => text.extend(chars.next().map(|(_, c)| c)),
            _ => text.push(c),
        }
    }
    fault(line, "a text is not closed")
}
