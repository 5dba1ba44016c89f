//! One scalar in the place of another.

use super::patch::Patch;
use super::text::{line_break, line_end};
use super::tree::{Node, Style};
use super::write::{self, Around};

/// The new text in the style of the old one, where that can hold it. `quotes` is the style of its neighbours, for
/// a value that was not there.
pub(super) fn scalar(
    text: &str,
    node: &Node,
    style: Style,
    new: &str,
    around: Around,
    quotes: Style,
) -> Vec<Patch> {
    match style {
        Style::Nothing => {
            let written = write::scalar(new, quotes, around);
            vec![Patch::insert(node.end(), format!(" {written}"))]
        }
        Style::Literal | Style::Folded => block(text, node, style, new),
        _ => vec![Patch::replace(node.content.clone(), write::scalar(new, style, around))],
    }
}

/// A block scalar stays one where it can. A comment behind its header stays in any case.
fn block(text: &str, node: &Node, style: Style, new: &str) -> Vec<Patch> {
    let start = node.content.start;
    let first_line = line_end(text, start);
    let body = first_line..node.content.end.max(first_line);
    let head = &text[start..first_line];
    let width = head.find(|c: char| !matches!(c, '|' | '>' | '+' | '-' | '0'..='9')).unwrap_or(head.len());
    let header = start..start + width;
    let indent =
        indent_of(&text[body.clone()]).filter(|_| !head[..width].contains(|c: char| c.is_ascii_digit()));
    let ended = text[body.end..].starts_with(['\n', '\r']);
    let kept = indent.and_then(|indent| write::block(new, style, indent, line_break(text, start), ended));
    if let Some((head, lines)) = kept {
        return vec![Patch::replace(header, head), Patch::replace(body, lines)];
    }
    let written = write::scalar(new, Style::AnyText, Around::Block);
    vec![Patch::replace(header, written), Patch::delete(body)]
}

/// The indentation of the first line with text.
fn indent_of(body: &str) -> Option<usize> {
    let line = body.lines().find(|line| !line.trim().is_empty())?;
    Some(line.len() - line.trim_start_matches(' ').len())
}
