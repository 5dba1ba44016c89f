//! Comments that hold a value which is kept elsewhere from now on: they would keep it in clear.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::proof::is_telling;
use crate::plain::Plain;
use crate::yaml::{self, splice::Edit};

/// Of a value of several lines the shortest that is looked for by itself.
const LINE: usize = 16;

/// A text without the comments that hold one of these values, as it is or in base64, and how many those were. Short values
/// and short words stand in comments by chance, and are not looked for.
///
/// # Errors
/// A text that cannot be edited, or would mean something else without them.
pub fn untold<'v>(
    file: &Path,
    text: &str,
    values: impl IntoIterator<Item = &'v Plain>,
) -> Result<(String, usize), yaml::Error> {
    let all = values.into_iter().flat_map(forms);
    let held: Vec<Zeroizing<String>> = all.filter(|form| text.contains(form.as_str())).collect();
    if held.is_empty() || !text.contains('#') {
        return Ok((text.to_owned(), 0));
    }
    let mut edit = Edit::open(file, text)?;
    let count = edit.remove_comments(|comment| held.iter().any(|form| comment.contains(form.as_str())))?;
    Ok((edit.text(), count))
}

/// How a value may stand in a comment.
#[expect(clippy::disallowed_methods, reason = "sink: what is looked for in comments, and wiped")]
fn forms(value: &Plain) -> Vec<Zeroizing<String>> {
    let encoded = |bytes: &[u8]| {
        let padded = Zeroizing::new(STANDARD.encode(bytes));
        Zeroizing::new(padded.trim_end_matches('=').to_owned())
    };
    let Some(text) = value.expose_text() else {
        return [encoded(value.expose())].into_iter().filter(|form| is_telling(form)).collect();
    };
    if !is_telling(text.trim()) {
        return Vec::new();
    }
    let whole = text.trim();
    let lines = whole.lines().map(str::trim).filter(|line| line.len() >= LINE && is_telling(line));
    let lines = lines.map(|line| Zeroizing::new(line.to_owned()));
    let forms = [Zeroizing::new(whole.to_owned()), encoded(whole.as_bytes()), encoded(text.as_bytes())];
    forms.into_iter().chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_comments_that_hold_a_value_go() {
        let before = "# old: hunter2-top\n# in May\na: hunter2-top # aHVudGVyMi10b3A=\n# x and db, port 5432\n# key line-of-several-lines\n---\nb: 1 # hunter2-topmost\n# the end\n";
        let values = ["hunter2-top\n", "x", "db", "5432", "first\nline-of-several-lines\n"];
        let values = values.map(|value| Plain::from(value.to_owned()));
        let (after, count) = untold("a.yaml".as_ref(), before, &values).unwrap();
        assert_eq!(after, "# in May\na: hunter2-top\n# x and db, port 5432\n---\nb: 1\n# the end\n");
        assert_eq!(count, 4);
    }

    #[test]
    fn bytes_are_looked_for_in_base64() {
        let store = Plain::new(vec![0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]);
        let (after, count) = untold("a.yaml".as_ref(), "# /u3+7QAAAAI=\na: 1\n", [&store]).unwrap();
        assert_eq!((after.as_str(), count), ("a: 1\n", 1));
    }
}
