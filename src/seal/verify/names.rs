//! Names that Kubernetes refuses.

use super::Rule;
use super::sheet::{ITEMS, Sheet, TEMPLATES};

/// Characters of a name and of a key at most.
const LONGEST_NAME: usize = 253;
/// Characters of a namespace at most.
const LONGEST_LABEL: usize = 63;

/// Finds names, namespaces and keys that Kubernetes refuses.
pub(super) fn check(sheet: &mut Sheet) {
    let name = ["metadata", "name"];
    match sheet.at(&name) {
        None => sheet.find(Rule::BadName, &["metadata"], "it has no name", "name it in `metadata.name`"),
        Some(value) => {
            if let Some(text) = value.as_str().filter(|text| !is_name(text)) {
                let what = format!("Kubernetes takes no name `{}`", short(text));
                let hint = "use lower-case letters, digits, `-` and `.`, 253 at most, a letter or digit at both ends";
                sheet.find(Rule::BadName, &name, what, hint);
            }
        }
    }
    let namespace = ["metadata", "namespace"];
    if let Some(text) = sheet.text(&namespace).filter(|text| !text.is_empty() && !is_label(text)) {
        let what = format!("Kubernetes takes no namespace `{}`", short(text));
        let hint = "use lower-case letters, digits and `-`, 63 at most, a letter or digit at both ends";
        sheet.find(Rule::BadNamespace, &namespace, what, hint);
    }
    for path in [&ITEMS[..], &TEMPLATES] {
        for (key, _) in sheet.entries(path).filter(|(key, _)| !is_key(key)) {
            let at: Vec<&str> = path.iter().copied().chain([key]).collect();
            let what = format!("Kubernetes takes no item `{}`", short(key));
            sheet.find(Rule::BadKey, &at, what, "use letters, digits, `-`, `_` and `.`, 253 at most");
        }
    }
}

/// A name that can be shown in a line.
fn short(text: &str) -> String {
    text.chars().take(64).collect()
}

/// A subdomain (RFC 1123).
fn is_name(text: &str) -> bool {
    text.len() <= LONGEST_NAME && text.split('.').all(is_part)
}

/// A label (RFC 1123).
fn is_label(text: &str) -> bool {
    text.len() <= LONGEST_LABEL && is_part(text)
}

fn is_part(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !text.is_empty()
        && text.bytes().all(|byte| plain(byte) || byte == b'-')
        && text.bytes().next().is_some_and(plain)
        && text.bytes().next_back().is_some_and(plain)
}

/// The key of a Secret's item (`IsConfigMapKey` of the API server).
fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST_NAME
        && text != "."
        && !text.starts_with("..")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_kubernetes_takes() {
        for good in ["a", "a.b", "0-1", &"a".repeat(253)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "A", "-a", "a-", "a..b", "a_b", "a/b", &"a".repeat(254)] {
            assert!(!is_name(bad), "{bad}");
        }
        assert!(is_label("kube-system") && !is_label("a.b") && !is_label(&"a".repeat(64)));
        for good in ["a", "A_b.c-1", ".dockerconfigjson", "...".strip_prefix("..").unwrap_or("x.")] {
            assert_eq!(is_key(good), good != ".", "{good}");
        }
        for bad in ["", ".", "..", "..a", "a b", "ä", "a/b"] {
            assert!(!is_key(bad), "{bad}");
        }
    }
}
