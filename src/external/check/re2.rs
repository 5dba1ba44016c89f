//! Regular expressions, as far as the operator compiles them: in Go, with the syntax of RE2.

/// Whether RE2 compiles an expression, as far as another engine can tell: what the two read differently is let through.
pub(super) fn compiles(written: &str) -> bool {
    let differs = written.contains(['{', '[']) || written.contains("\\Q") || written.contains("\\C");
    differs || !matches!(regex::Regex::new(written), Err(regex::Error::Syntax(_)))
}

/// Whether an expression may match within a text: it does, or that cannot be told here.
pub(super) fn may_match(written: &str, text: &str) -> bool {
    let differs = ["[[", "&&", "--", "~~", "{,", "\\Q", "\\C"].iter().any(|mark| written.contains(mark));
    differs || regex::Regex::new(written).map_or(true, |regex| regex.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::{compiles, may_match};

    #[test]
    fn what_re2_refuses_is_refused() {
        for good in [
            ".*",
            "^team-.+$",
            "a|b",
            "(?i)x",
            "(?P<n>x)",
            "a{,2}",
            "a{",
            "\\Qx\\E",
            "[[:alpha:]]",
            "\\pL",
            "",
        ] {
            assert!(compiles(good), "{good}");
        }
        for bad in ["\\1", "(?=x)", "(", "*a", "\\y", "a**)"] {
            assert!(!compiles(bad), "{bad}");
        }
    }

    #[test]
    fn an_expression_matches_anywhere_as_in_go() {
        assert!(
            may_match("eb", "web") && may_match("^team-[a-z]+$", "team-a") && may_match("\\Qx\\E", "web")
        );
        assert!(!may_match("^eb", "web") && !may_match("^team-[a-z]+$", "web"));
    }
}
