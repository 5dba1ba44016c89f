//! What Terraform writes: only texts in quotes are values, all else are references, and some have their names elsewhere.

use super::assigned::{Value, line_end};

/// The blocks that a line is in.
#[derive(Default)]
pub(super) struct Blocks<'t> {
    /// What `default` is the value of.
    variable: Option<&'t str>,
    /// What `value` is the value of.
    entry: Option<&'t str>,
}

impl<'t> Blocks<'t> {
    /// Notes which blocks begin and end in a line.
    pub(super) fn line(&mut self, line: &'t str) {
        if let Some(name) = variable(line) {
            self.variable = Some(name);
        } else if line.starts_with('}') {
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
    let path = path.to_ascii_lowercase();
    [".tf", ".tfvars", ".hcl"].iter().any(|end| path.ends_with(end) || path.contains(&format!("{end}.")))
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

/// A value that is written out: in quotes, as a number, or in the lines up to a word. All else is a reference.
pub(super) fn literal<'t>(text: &'t str, at: usize, value: Value<'t>) -> Option<Value<'t>> {
    let word = &text[at..line_end(text, at)];
    if let Some(mark) = word.strip_prefix("<<") {
        return lines(text, at + word.len(), mark.trim_start_matches('-').trim());
    }
    let is_number = value.text.bytes().all(|byte| byte.is_ascii_digit());
    (value.is_quoted || is_number).then_some(value)
}

/// The lines from here up to one with nothing but a word.
fn lines<'t>(text: &'t str, at: usize, mark: &str) -> Option<Value<'t>> {
    let (start, mut end) = (at + 1, at + 1);
    while end < text.len() {
        let line = line_end(text, end);
        if text[end..line].trim() == mark {
            let range = start..end.saturating_sub(1).max(start);
            return Some(Value { text: text[range.clone()].into(), range, end: line, is_quoted: true });
        }
        end = line + 1;
    }
    None
}
