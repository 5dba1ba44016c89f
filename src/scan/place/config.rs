//! Texts of settings within a value: documents, properties, environment files, INI, TOML.

use super::look::{Look, Scope};
use crate::scan::verdict::{Expect, judge};
use crate::yaml::outline::{Shape, outlines};

/// Looks through a text, as documents where it is some and by its lines otherwise.
pub(super) fn text(look: &mut Look, text: &str, scope: &Scope) {
    let is_documents = text.contains(": ") || text.contains(":\n") || text.starts_with(['{', '[']);
    let first = outlines(text).find(|outline| outline.size() > 1);
    let is_map = first
        .is_some_and(|first| matches!(first.shape(0), Shape::Map | Shape::List) && first.doubts().is_empty());
    if is_documents && is_map {
        look.documents(text, scope);
    } else {
        lines(look, text, scope, Expect::ByName);
    }
}

/// Looks through lines `name = value`, `name: value` and `export NAME=value`.
pub(super) fn lines(look: &mut Look, text: &str, scope: &Scope, expect: Expect) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begins = at;
        at += line.len();
        let Some((name, value)) = assignment(line) else { continue };
        let start = begins + (value.as_ptr() as usize - line.as_ptr() as usize);
        look.tally.values += 1;
        let verdict = judge(expect, name, value);
        // In a script a `$` begins a variable; what `${…}` has for a default is judged.
        let is_variable = value.starts_with('$') && !value.starts_with("${");
        if verdict.is_told() && !is_variable {
            let range = (scope.origin)(start..start + value.len());
            look.leak(scope, verdict, range, name.to_owned(), value.as_bytes());
        }
    }
}

/// The name and the value of a line that assigns one.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.starts_with(['#', ';']) || line.starts_with("//") {
        return None;
    }
    let line =
        ["export ", "set ", "ENV ", "- "].iter().find_map(|head| line.strip_prefix(head)).unwrap_or(line);
    let mark = line.find(['=', ':'])?;
    let name = line[..mark].trim_end_matches([':', '?', '+', ' ', '\t']).trim_matches(['"', '\'', ' ']);
    let is_name = !name.is_empty()
        && name.len() <= 80
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-[]".contains(&byte));
    let value = line[mark..].trim_start_matches(['=', ':', '>']).trim();
    let value = value.strip_suffix([',', ';']).unwrap_or(value).trim_end();
    let bare = ['"', '\''].iter().find_map(|quote| {
        let rest = value.strip_prefix(*quote)?;
        rest.find(*quote).map(|end| &rest[..end])
    });
    let value = bare.unwrap_or_else(|| value.split(" #").next().unwrap_or(value).trim_end());
    (is_name && !value.is_empty()).then_some((name, value))
}
