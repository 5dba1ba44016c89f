//! What Terraform writes: only texts in quotes are values, all else are references, and some have their names elsewhere.

use super::assigned::{LONGEST, Value, line_end};
use crate::scan::reading;

/// The blocks that a line is in.
#[derive(Default)]
pub(super) struct Blocks<'t> {
    /// What `default` is the value of.
    variable: Option<&'t str>,
    /// Whether that ends with the line in which it begins.
    ends: bool,
    /// What `value` is the value of.
    entry: Option<&'t str>,
}

impl<'t> Blocks<'t> {
    /// Notes which blocks begin and end in a line.
    pub(super) fn line(&mut self, line: &'t str) {
        let is_next = line.starts_with(|letter: char| letter.is_alphabetic()) && line.contains('{');
        if let Some(name) = variable(line) {
            self.variable = Some(name);
            self.ends = line.trim_end().ends_with('}');
        } else if line.starts_with('}') || self.ends || is_next {
            self.variable = None;
        }
        if line.trim_start().starts_with(['}', '{']) || line.trim_end().ends_with('{') {
            self.entry = None;
        }
    }

    /// Notes a value that names the next one.
    pub(super) fn name(&mut self, name: &str, value: &'t str) {
        if name == "name" {
            self.entry = Some(value);
        }
    }

    /// What a value is called that stands behind a name.
    pub(super) fn called(&self, name: &'t str) -> &'t str {
        let other = match name {
            "default" => self.variable,
            "value" => self.entry,
            _ => None,
        };
        other.unwrap_or(name)
    }
}

/// Whether Terraform, or what has its language, reads a file.
pub(super) fn is_read(path: &str) -> bool {
    reading::ends_with(path, &[".tf", ".tfvars", ".hcl"])
}

/// Whether a variable is declared here.
pub(super) fn is_variable(line: &str) -> bool {
    variable(line).is_some()
}

/// The name of the variable that is declared here.
pub(in crate::scan) fn variable(line: &str) -> Option<&str> {
    let name = line.trim_start().strip_prefix("variable")?.trim_start().strip_prefix('"')?;
    name.split('"').next()
}

/// The word up to which lines are a value that begins here, if they are.
pub(super) fn mark(text: &str, at: usize) -> Option<&str> {
    text[at..line_end(text, at)].strip_prefix("<<").map(|mark| mark.trim_start_matches('-').trim())
}

/// A value that is written out: in quotes, as a number, or in the lines up to a word. All else is a reference.
pub(super) fn literal<'t>(text: &'t str, at: usize, value: Value<'t>) -> Option<Value<'t>> {
    if let Some(mark) = mark(text, at) {
        return lines(text, line_end(text, at), mark);
    }
    let is_number = value.text.bytes().all(|byte| byte.is_ascii_digit());
    (value.is_quoted || is_number).then_some(value)
}

/// The lines from here up to one with nothing but a word.
fn lines<'t>(text: &'t str, at: usize, mark: &str) -> Option<Value<'t>> {
    let (start, mut end) = (at + 1, at + 1);
    while end < text.len().min(at + LONGEST) {
        let line = line_end(text, end);
        if text[end..line].trim() == mark {
            let range = start..end.saturating_sub(1).max(start);
            return Some(Value { text: text[range.clone()].into(), range, end: line, is_quoted: true });
        }
        end = line + 1;
    }
    None
}
