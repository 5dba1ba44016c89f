//! Paths within a KV mount: what may stand in one, and the pattern by which Secrets get theirs.

use super::Error;

/// The longest path that is let through; Vault's limit for keys in storage is 4096, that of etcd-like stores less.
const LONGEST: usize = 512;

/// Refuses a path that another part of the way would read as something else: Vault, the operator, or a policy.
///
/// # Errors
/// What is wrong with it, to be read after "the path `x`".
pub fn check(path: &str, mount: &str) -> Result<(), String> {
    let mount = mount.trim_matches('/');
    if path.is_empty() {
        return Err("is empty".into());
    }
    if path.len() > LONGEST {
        return Err(format!("is longer than {LONGEST} bytes"));
    }
    if path.starts_with('/') {
        return Err("begins with a slash, which the operator passes over and others do not".into());
    }
    if path.ends_with('/') {
        return Err("ends with a slash, which names a folder".into());
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err("has a part that is empty, `.` or `..`".into());
    }
    if !mount.is_empty() && under(path, mount) {
        return Err(format!("begins with the mount `{mount}`, which the operator cuts off"));
    }
    let odd = |c: char| !c.is_ascii_graphic() || "*+?#%\\{}\"'`<>|^[]&;$!".contains(c);
    match path.chars().find(|c| odd(*c)) {
        Some(c) => Err(format!("holds {c:?}, which means something else in an address or a policy")),
        None => Ok(()),
    }
}

/// Whether a path begins with the parts of another.
pub(super) fn under(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// How the path of a Secret is made of its namespace and name.
///
/// ```
/// use sealstrap::external::Pattern;
///
/// let pattern = Pattern::new("k8s/{namespace}/{name}")?;
/// assert_eq!(pattern.fill("shop", "db"), "k8s/shop/db");
/// assert!(Pattern::new("k8s/{cluster}").is_err());
/// # Ok::<(), sealstrap::external::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Namespace,
    Name,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Braces that do not close, or hold another word.
    pub fn new(text: &str) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Pattern { pattern: text.to_owned(), reason };
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (word, after) =
                after.split_once('}').ok_or_else(|| refuse("has a brace that is not closed".into()))?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(match word {
                "namespace" => Part::Namespace,
                "name" => Part::Name,
                _ => return Err(refuse(format!("has `{{{word}}}` in it, which stands for nothing"))),
            });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The path of a Secret.
    #[must_use]
    pub fn fill(&self, namespace: &str, name: &str) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Namespace => namespace.to_owned(),
            Part::Name => name.to_owned(),
        };
        self.0.iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_that_mean_one_thing() {
        for good in ["app", "k8s/shop/db", "a.b/c-d_e", "a/b@2", "secretive/x"] {
            assert_eq!(check(good, "secret"), Ok(()), "{good}");
        }
        for bad in [
            "", "/a", "a/", "a//b", "a/../b", "./a", "secret/a", "a b", "a*", "+/a", "a?b", "a%2f", "ä",
            "a{b}",
        ] {
            assert!(check(bad, "secret").is_err(), "{bad}");
        }
        assert!(check("team/kv/a", "/team/kv/").is_err());
        assert!(check(&"a".repeat(513), "secret").is_err());
    }

    #[test]
    fn patterns_know_two_words() {
        assert_eq!(Pattern::new("x").unwrap().fill("a", "b"), "x");
        assert_eq!(Pattern::new("{name}-{namespace}/{name}").unwrap().fill("a", "b"), "b-a/b");
        for bad in ["{", "a/{name", "{x}", "{}", "{ name }"] {
            assert!(Pattern::new(bad).is_err(), "{bad}");
        }
    }
}
