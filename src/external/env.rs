//! A Secret of an `.env` text. Its readers differ, so what they read differently is refused.

use std::collections::BTreeMap;
use std::path::Path;

use zeroize::Zeroizing;

use super::Error;
use crate::plain::Plain;
use crate::seal::{Secret, names};

/// Makes a Secret of `KEY=value` lines. Comments on lines of their own and behind quotes, `export`, quotes over several lines
/// and empty values are known.
///
/// ```
/// use sealstrap::external::from_env;
/// use sealstrap::plain::Plain;
///
/// let text = Plain::from("# of the shop\nexport USER=app\nPASSWORD='pa$$ #1'\nTOKEN=\n".to_owned());
/// let secret = from_env("shop.env".as_ref(), &text, "shop", "web")?;
/// assert_eq!(secret.items.keys().collect::<Vec<_>>(), ["PASSWORD", "TOKEN", "USER"]);
/// assert!(secret.items["TOKEN"].is_empty());
/// # Ok::<(), sealstrap::external::Error>(())
/// ```
///
/// # Errors
/// With file and line and never with a value: bytes that are no UTF-8, lines without `=`, keys that Kubernetes refuses or
/// that stand twice, quotes that do not close or have something behind them, `$NAME` outside of single quotes, which some
/// readers replace, and `#` outside of quotes, which some take for a comment. All of them at once.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: the reader of .env texts, whose errors show no line of them"
)]
pub fn from_env(file: &Path, text: &Plain, name: &str, namespace: &str) -> Result<Secret, Error> {
    let refuse = |line: usize, what: &str, hint: &str| {
        Error::refused(&format!("{}:{line}", file.display()), what.to_owned(), hint)
    };
    let text = text.expose_text().ok_or_else(|| refuse(1, "the file is not UTF-8", "save it as UTF-8"))?;
    let mut reader = Reader { rest: text.strip_prefix('\u{feff}').unwrap_or(&text), line: 1 };
    let (mut items, mut lines, mut errors) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    while let Some(found) = reader.next() {
        match found {
            Ok((line, key, value)) => match lines.insert(key.clone(), line) {
                Some(first) => {
                    let what = format!("the key `{key}` stands here a second time, after line {first}");
                    errors.push(refuse(line, &what, "keep one of them"));
                }
                None => drop(items.insert(key, value)),
            },
            Err(Fault { line, what, hint }) => errors.push(refuse(line, &what, hint)),
        }
    }
    Error::all(errors)?;
    let mut secret = Secret::default();
    name.clone_into(&mut secret.name);
    namespace.clone_into(&mut secret.namespace);
    secret.items = items;
    Ok(secret)
}

struct Fault {
    line: usize,
    what: String,
    hint: &'static str,
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
}

impl Reader<'_> {
    /// The next entry, with its line; nothing at the end.
    fn next(&mut self) -> Option<Result<(usize, String, Plain), Fault>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let line = self.rest.lines().next().unwrap_or_default();
            let bare = line.trim();
            if bare.is_empty() || bare.starts_with('#') {
                self.skip_line();
                continue;
            }
            let at = self.line;
            let read = self.entry(line).map(|(key, value)| (at, key, value));
            return Some(read.map_err(|(what, hint)| Fault { line: at, what, hint }));
        }
    }

    fn skip_line(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        self.line += 1;
    }

    fn entry(&mut self, line: &str) -> Result<(String, Plain), (String, &'static str)> {
        let read = entry_of(line);
        let (key, behind) = match read {
            Ok(read) => read,
            Err(fault) => {
                self.skip_line();
                return Err(fault);
            }
        };
        let Some(quote) = behind.chars().next().filter(|c| matches!(c, '\'' | '"' | '`')) else {
            self.skip_line();
            let value = behind.trim_end();
            no_comment(value)?;
            no_variable(value)?;
            return Ok((key, Plain::new(value.as_bytes().to_vec())));
        };
        let begin = line.len() - behind.len() + 1;
        let read = quoted(&self.rest[begin..], quote).and_then(|(value, used)| {
            let behind = self.rest[begin + used..].lines().next().unwrap_or_default().trim_start();
            if behind.is_empty() || behind.starts_with('#') {
                Ok((value, used))
            } else {
                Err((
                    format!("something stands behind the closing quote of `{key}`"),
                    "escape quotes within the value",
                ))
            }
        });
        let taken = read.as_ref().map_or(0, |(_, used)| self.rest[..begin + used].matches('\n').count());
        for _ in 0..=taken {
            self.skip_line();
        }
        read.map(|(value, _)| (key, value))
    }
}

/// The key of a line, and what is behind its `=` and spaces.
fn entry_of(line: &str) -> Result<(String, &str), (String, &'static str)> {
    let start = line.trim_start();
    let start = start.strip_prefix("export ").map_or(start, str::trim_start);
    let Some((key, value)) = start.split_once('=') else {
        return Err(("this line has no `=`".into(), "write `KEY=value`, or `#` before it"));
    };
    let key = key.trim_end();
    match names::key(key) {
        // A line without a key may well be the rest of a value.
        Err(_) => Err((
            "what stands before `=` can be no key of a Secret".into(),
            "letters, digits, `-`, `_` and `.`",
        )),
        Ok(()) => Ok((key.to_owned(), value.trim_start())),
    }
}

/// The value in quotes, and how many bytes of the text it takes with the closing quote.
fn quoted(text: &str, quote: char) -> Result<(Plain, usize), (String, &'static str)> {
    if quote == '`' {
        return Err(("backticks are quotes to some readers only".into(), "use single quotes"));
    }
    let mut value = Zeroizing::new(String::with_capacity(text.len()));
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            _ if c == quote => return Ok((Plain::new(value.as_bytes().to_vec()), at + 1)),
            '\\' if quote == '"' => value.push(match chars.next().map(|(_, c)| c) {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(c @ ('"' | '\\' | '$')) => c,
                _ => {
                    return Err((
                        "a backslash before this letter means different things".into(),
                        "write `\\\\`, or use single quotes",
                    ));
                }
            }),
            '$' if quote == '"' && is_variable(&text[at..]) => return Err(variable()),
            '\r' if text[at + 1..].starts_with('\n') => {}
            _ => value.push(c),
        }
    }
    Err(("a quote is not closed".into(), "close it"))
}

/// Refuses `#`, which begins a comment to some readers, to some of them only behind white space, and to others never.
fn no_comment(text: &str) -> Result<(), (String, &'static str)> {
    let hint = "put the value in single quotes, and comments on lines of their own";
    if text.contains('#') {
        Err(("some readers take `#` for the beginning of a comment".into(), hint))
    } else {
        Ok(())
    }
}

/// Refuses `$NAME` and `${NAME}`, which some readers replace and others keep.
fn no_variable(text: &str) -> Result<(), (String, &'static str)> {
    if text.match_indices('$').any(|(at, _)| is_variable(&text[at..])) { Err(variable()) } else { Ok(()) }
}

/// Whether what begins with `$` names a variable.
fn is_variable(text: &str) -> bool {
    text[1..].starts_with(|c: char| matches!(c, '{' | '(' | '_') || c.is_ascii_alphabetic())
}

fn variable() -> (String, &'static str) {
    ("some readers replace `$NAME`".into(), "use single quotes, which keep it")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "([A=' \"$\\\\#`\r\n]|\\PC){0,40}") {
            let _ = read(&text);
        }

        #[test]
        fn what_single_quotes_hold_is_read_as_it_is(value in "[^'\r]{0,40}", behind in "[ \t]{0,2}(#.*)?") {
            let secret = read(&format!("A='{value}'{behind}\nB=1")).unwrap();
            prop_assert!(secret.items["A"].same_as(&Plain::from(value)));
            prop_assert_eq!(secret.items.len(), 2);
        }
    }

    fn read(text: &str) -> Result<Secret, Error> {
        from_env("a.env".as_ref(), &Plain::from(text.to_owned()), "a", "b")
    }

    #[test]
    fn values_are_what_is_written() {
        let rows = [
            ("A=b", "b"),
            ("A = b ", "b"),
            ("  export A=b", "b"),
            ("A=", ""),
            ("A='b # c' # d", "b # c"),
            ("A=\"b\\n\\\"c\\\\\"", "b\n\"c\\"),
            ("A='b\\n'", "b\\n"),
            ("A='$B'", "$B"),
            ("A=\"\\$B\"", "$B"),
            ("A=5$", "5$"),
            ("A=a=b==", "a=b=="),
            ("A='b'  ", "b"),
            ("A= \"b\" \t# c", "b"),
            ("A='b\nc'\n", "b\nc"),
            ("A=\"b\r\nc\"\r\n", "b\nc"),
            ("\u{feff}A=b\r\n", "b"),
            ("#A=x\n\nA=b", "b"),
        ];
        for (text, value) in rows {
            let secret = read(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert!(secret.items["A"].same_as(&Plain::from(value.to_owned())), "{text:?}");
        }
        let many = read("A='x\ny'\nB=1\n# c\nC=\"2\"").unwrap();
        assert_eq!(many.items.len(), 3);
        assert_eq!((many.name.as_str(), many.namespace.as_str()), ("a", "b"));
    }

    #[test]
    fn what_readers_differ_on_is_refused_with_its_line_and_no_value() {
        let rows = [
            ("A=1\ncanary", 2),
            ("A=1\nA=canary", 2),
            ("A='canary", 1),
            ("A='canary' x", 1),
            ("A=`canary`", 1),
            ("A=canary$B", 1),
            ("A=\"canary${B}\"", 1),
            ("A=$$canary", 1),
            ("A=\"canary\\x\"", 1),
            ("canary b=1", 1),
            ("A='x\ny'\ncanary", 3),
            ("=canary", 1),
            ("A=canary #1x", 1),
            ("A=1\nA=#canary", 2),
            ("A=canary#x", 1),
            ("A=canary\t# x", 1),
            ("A= # canary", 1),
        ];
        for (text, line) in rows {
            let said = read(text).unwrap_err().to_string();
            assert!(
                said.starts_with(&format!("a.env:{line}: ")) && !said.contains("canary"),
                "{text:?}: {said}"
            );
        }
        let all = read("a\nb\nC=$D\n").unwrap_err();
        assert!(matches!(all, Error::Several(ref errors) if errors.len() == 3), "{all}");
    }
}
