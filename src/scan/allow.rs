//! Comments that allow what stands beside them.

/// What a comment allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Allowed<'t> {
    /// The rules; empty for any.
    pub(super) rules: Vec<&'t str>,
    /// Why; empty where nobody said so.
    pub(super) reason: &'t str,
}

const OURS: &str = "sealstrap:allow";
const THEIRS: &str = "gitleaks:allow";

/// What a line allows: `# sealstrap:allow`, `# sealstrap:allow[env-literal] for tests only`, `# gitleaks:allow`.
#[must_use]
pub(super) fn allowed(line: &str) -> Option<Allowed<'_>> {
    if let Some((_, rest)) = line.split_once(OURS) {
        let (rules, reason) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((rules, reason)) => {
                (rules.split(',').map(str::trim).filter(|rule| !rule.is_empty()).collect(), reason)
            }
            None => (Vec::new(), rest),
        };
        return Some(Allowed { rules, reason: reason.trim_matches([' ', ':', '\t', '-', '>', '*', '/']) });
    }
    line.contains(THEIRS).then(|| Allowed { rules: Vec::new(), reason: "" })
}

/// Whether a line is nothing but a comment: then it speaks of the next one.
#[must_use]
pub(super) fn is_comment(line: &str) -> bool {
    ["#", "//", ";", "<!--", "{{/*", "{{- /*"].iter().any(|mark| line.trim_start().starts_with(mark))
}

impl Allowed<'_> {
    /// Whether a rule is allowed.
    #[must_use]
    pub(super) fn allows(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.contains(&rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_names_rules_and_a_reason() {
        let allowed = allowed("  password: x # sealstrap:allow[env-literal, field] a test's own").unwrap();
        assert!(allowed.allows("field") && !allowed.allows("secret-data"));
        assert_eq!(allowed.reason, "a test's own");
    }

    #[test]
    fn without_rules_it_is_for_any() {
        assert!(allowed("x # sealstrap:allow").unwrap().allows("field"));
        assert!(allowed("x # gitleaks:allow").unwrap().allows("field"));
        assert_eq!(allowed("x # allow"), None);
    }
}
