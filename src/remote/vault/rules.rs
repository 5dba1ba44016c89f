//! The rules of an ACL policy: paths and their capabilities, written as HCL and read back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Paths (with `*` at the end, or `+` for a segment) and what may be done there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules(pub BTreeMap<String, BTreeSet<String>>);

impl Rules {
    /// Adds capabilities to a path.
    pub fn allow(&mut self, path: impl Into<String>, capabilities: &[&str]) {
        self.0.entry(path.into()).or_default().extend(capabilities.iter().map(|&one| one.to_owned()));
    }

    /// Reads a policy's text; nothing where it holds more than paths with capabilities.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut tokens = tokens(text)?.into_iter().peekable();
        let mut rules = Self::default();
        while let Some(token) = tokens.next() {
            (token == "path").then_some(())?;
            let path = tokens.next()?.strip_prefix('"')?.to_owned();
            for wanted in ["{", "capabilities", "=", "["] {
                (tokens.next()? == wanted).then_some(())?;
            }
            let capabilities = rules.0.entry(path).or_default();
            loop {
                match tokens.next()?.as_str() {
                    "]" => break,
                    "," => {}
                    capability => _ = capabilities.insert(capability.strip_prefix('"')?.to_owned()),
                }
            }
            (tokens.next()? == "}").then_some(())?;
        }
        Some(rules)
    }

    /// What may be done at a path: by the rule that matches it most closely. An exact rule comes first, then the
    /// longest one up to its first wildcard. `deny` outdoes all others.
    #[must_use]
    pub fn capabilities(&self, path: &str) -> BTreeSet<String> {
        let closeness = |rule: &str| {
            (!rule.contains(['*', '+']), rule.find(['+', '*']).unwrap_or(rule.len()), rule.len())
        };
        let best =
            self.0.iter().filter(|(rule, _)| matches(rule, path)).max_by_key(|(rule, _)| closeness(rule));
        match best {
            Some((_, all)) if !all.contains("deny") => all.clone(),
            _ => BTreeSet::new(),
        }
    }
}

fn matches(rule: &str, path: &str) -> bool {
    let (rule, open) = rule.strip_suffix('*').map_or((rule, false), |rule| (rule, true));
    let (mut rules, mut segments) = (rule.split('/').peekable(), path.split('/'));
    while let Some(wanted) = rules.next() {
        let Some(segment) = segments.next() else { return false };
        let last = rules.peek().is_none();
        let fits =
            if last && open { segment.starts_with(wanted) } else { wanted == "+" || wanted == segment };
        if !fits {
            return false;
        }
    }
    open || segments.next().is_none()
}

/// Words and signs; strings keep their opening quote, comments go.
fn tokens(text: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '#' => (None, line(rest)),
            '/' if rest.starts_with("//") => (None, line(rest)),
            '/' if rest.starts_with("/*") => (None, rest.split_once("*/")?.1),
            '"' => {
                let end = rest[1..].find(['"', '\\']).filter(|end| rest[1 + end..].starts_with('"'))?;
                (Some(&rest[..=end]), &rest[end + 2..])
            }
            '{' | '}' | '[' | ']' | '=' | ',' => (Some(&rest[..1]), &rest[1..]),
            _ => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').filter(|end| *end > 0);
                rest.split_at_checked(end?).map(|(word, after)| (Some(word), after))?
            }
        };
        all.extend(token.map(str::to_owned));
        rest = after.trim_start();
    }
    Some(all)
}

fn line(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, after)| after)
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, capabilities) in &self.0 {
            let quoted: Vec<_> = capabilities.iter().map(|one| format!("\"{one}\"")).collect();
            writeln!(f, "path \"{path}\" {{\n  capabilities = [{}]\n}}", quoted.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Rules;

    #[test]
    fn what_is_written_is_read_back() {
        let mut rules = Rules::default();
        rules.allow("secret/data/k8s/*", &["read"]);
        rules.allow("secret/metadata/k8s/*", &["read", "list"]);
        assert_eq!(Rules::read(&rules.to_string()), Some(rules));
    }

    #[test]
    fn layout_and_comments_do_not_matter_and_anything_else_does() {
        let text = "# ours\npath \"a/*\" { capabilities=[\"list\",\"read\",] } // end\n/* b */";
        let mut rules = Rules::default();
        rules.allow("a/*", &["read", "list"]);
        assert_eq!(Rules::read(text), Some(rules));
        assert_eq!(Rules::read("path \"a\" { policy = \"read\" }"), None);
        assert_eq!(Rules::read("path \"a\" { capabilities = [\"read\"] max_ttl = \"1h\" }"), None);
        assert_eq!(Rules::read("path \"a"), None);
    }

    #[test]
    fn the_closest_rule_decides() {
        let mut rules = Rules::default();
        rules.allow("secret/*", &["read"]);
        rules.allow("secret/data/k8s/*", &["update"]);
        rules.allow("secret/data/k8s/own", &["deny"]);
        rules.allow("auth/+/login", &["create"]);
        let may = |path| rules.capabilities(path).into_iter().collect::<Vec<_>>();
        assert_eq!(may("secret/x"), ["read"]);
        assert_eq!(may("secret/data/k8s/a/b"), ["update"]);
        assert!(may("secret/data/k8s/own").is_empty());
        assert_eq!(may("auth/k/login"), ["create"]);
        assert!(may("auth/k/l/login").is_empty());
        assert!(may("other").is_empty());
    }
}
