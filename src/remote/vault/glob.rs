//! Vault's patterns of names.

/// Whether a pattern fits a name: each `*` in it stands for anything, and for nothing too.
#[must_use]
pub fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_anything_wherever_it_is() {
        for (pattern, name, fitting) in [
            ("eso", "eso", true),
            ("es", "eso", false),
            ("es*", "eso", true),
            ("*so", "eso", true),
            ("*s*", "eso", true),
            ("*", "", true),
            ("e*o", "eso", true),
            ("e*s*o", "eso", true),
            ("eso*eso", "eso", false),
            ("e**o", "eso", true),
            ("a*c*b", "acab", true),
            ("a*c*b", "aab", false),
            ("", "eso", false),
        ] {
            assert_eq!(fits(pattern, name), fitting, "{pattern} for {name}");
        }
    }
}
