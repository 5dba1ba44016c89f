//! Names that Kubernetes refuses.

use super::Rule;
use super::sheet::{ITEMS, Sheet, TEMPLATES};
use crate::seal::names;

/// Finds names, namespaces and keys that Kubernetes refuses.
pub(super) fn check(sheet: &mut Sheet) {
    let name = ["metadata", "name"];
    match sheet.at(&name) {
        None => sheet.find(Rule::BadName, &["metadata"], "it has no name", "name it in `metadata.name`"),
        Some(value) => {
            if let Some(text) = value.as_str().filter(|text| names::object(text).is_err()) {
                let what = format!("Kubernetes takes no name `{}`", short(text));
                let hint = "use lower-case letters, digits, `-` and `.`, 253 at most, a letter or digit at both ends";
                sheet.find(Rule::BadName, &name, what, hint);
            }
        }
    }
    let namespace = ["metadata", "namespace"];
    if let Some(text) =
        sheet.text(&namespace).filter(|text| !text.is_empty() && names::namespace(text).is_err())
    {
        let what = format!("Kubernetes takes no namespace `{}`", short(text));
        let hint = "use lower-case letters, digits and `-`, 63 at most, a letter or digit at both ends";
        sheet.find(Rule::BadNamespace, &namespace, what, hint);
    }
    for path in [&ITEMS[..], &TEMPLATES] {
        for (key, _) in sheet.entries(path).filter(|(key, _)| names::key(key).is_err()) {
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
