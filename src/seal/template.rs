//! Values of `spec.template.data`: Go templates over the unsealed items. Of that language only what needs no
//! functions is spoken here: text, `{{ .key }}` and `{{ index . "key" }}`. The rest is refused, never guessed.

use std::collections::BTreeMap;

use super::Error;
use crate::plain::Plain;

/// A template with the items put in.
#[expect(clippy::disallowed_methods, reason = "sink: unsealed values, put into another of the same Secret")]
pub(super) fn render(name: &str, template: &str, items: &BTreeMap<String, Plain>) -> Result<Plain, Error> {
    let refuse = |reason: String| Error::Template { key: name.to_owned(), reason };
    // Joined at once: a buffer that grows would leave copies of values behind.
    let mut pieces: Vec<&[u8]> = Vec::new();
    let (mut rest, mut trim) = (template, false);
    while let Some((text, after)) = rest.split_once("{{") {
        let (action, after) =
            after.split_once("}}").ok_or_else(|| refuse("an action is not closed".into()))?;
        let (action, trim_before) =
            action.strip_prefix("- ").map_or((action, false), |action| (action, true));
        let (action, trim_after) = action.strip_suffix(" -").map_or((action, false), |action| (action, true));
        let text = if trim { text.trim_start() } else { text };
        pieces.push(if trim_before { text.trim_end() } else { text }.as_bytes());
        let key = field(action.trim()).ok_or_else(|| refuse("it uses more than `{{ .key }}`".into()))?;
        let item = items.get(key).ok_or_else(|| refuse(format!("there is no item `{key}`")))?;
        pieces.push(item.expose());
        (rest, trim) = (after, trim_after);
    }
    pieces.push(if trim { rest.trim_start() } else { rest }.as_bytes());
    Ok(Plain::new(pieces.concat()))
}

/// The item that an action names.
fn field(action: &str) -> Option<&str> {
    let is_name = |text: &&str| {
        !text.is_empty()
            && text.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !text.starts_with(char::is_numeric)
    };
    if let Some(name) = action.strip_prefix('.').filter(is_name) {
        return Some(name);
    }
    let quoted = action.strip_prefix("index . ")?.trim();
    quoted.strip_prefix('"')?.strip_suffix('"').filter(|name| !name.contains(['"', '\\']))
}
