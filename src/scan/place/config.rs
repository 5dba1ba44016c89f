//! Texts of settings, alone or within a value: documents, properties, environment files, INI, TOML.

use super::assigned::{self, Extent, line_end};
use super::look::{Look, Scope};
use super::terraform::Blocks;
use super::{Place, terraform};
use crate::scan::name::{Promise, promise};
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
        lines(look, text, scope, Expect::ByName, None);
    }
}

/// Looks through lines `name = value`, `name: value` and `export NAME=value`; in those of Terraform by its blocks too.
pub(super) fn lines(look: &mut Look, text: &str, scope: &Scope, expect: Expect, blocks: Option<Blocks>) {
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = Lines { look, text, scope, expect, blocks, until: None };
    while at < text.len() {
        let end = line_end(text, at);
        // What a value goes on with is no line by itself.
        at = lines.line(at, end).max(end) + 1;
    }
}

struct Lines<'l, 's, 't> {
    look: &'l mut Look,
    text: &'t str,
    scope: &'l Scope<'s>,
    expect: Expect,
    blocks: Option<Blocks<'t>>,
    /// The word alone in a line that ends lines of another language.
    until: Option<&'t str>,
}

impl<'t> Lines<'_, '_, 't> {
    /// Looks at a line; where it ends with the values in it.
    fn line(&mut self, at: usize, end: usize) -> usize {
        let line = self.text[at..end].trim();
        if line.starts_with(['#', ';']) || line.starts_with("//") {
            return end;
        }
        if self.until == Some(line) {
            self.until = None;
            return end;
        }
        let text = self.text;
        if let Some(blocks) = self.blocks() {
            blocks.line(&text[at..end]);
        }
        let line =
            ["export ", "set ", "ENV ", "- "].iter().find_map(|head| line.strip_prefix(head)).unwrap_or(line);
        let begins = line.as_ptr() as usize - self.text.as_ptr() as usize;
        if is_table(line) || self.blocks().is_some() && terraform::is_variable(line) {
            self.table(begins, end);
            return end;
        }
        let Some((name, value)) = assigned::name(line) else { return end };
        let is_told = is_table(&line[value..]) && self.table(begins + value, end);
        if is_told { end } else { self.value(name, begins + value) }
    }

    /// The blocks of Terraform, but for lines of another language.
    fn blocks(&mut self) -> Option<&mut Blocks<'t>> {
        self.blocks.as_mut().filter(|_| self.until.is_none())
    }

    /// Looks at the quoted values of tables in a line, as TOML, HCL and JSON have them; whether there are any.
    fn table(&mut self, at: usize, end: usize) -> bool {
        let (mut at, mut is_one) = (at, false);
        while let Some(found) = memchr::memchr2(b'{', b',', &self.text.as_bytes()[at..end]) {
            at += found + 1;
            let Some((name, value)) = assigned::name(&self.text[at..end]) else { continue };
            if self.text[at + value..end].starts_with(['"', '\'']) {
                is_one = true;
                at = self.value(name, at + value).min(end);
            }
        }
        is_one
    }

    /// Judges a value, if one stands here; where it ends.
    fn value(&mut self, name: &'t str, at: usize) -> usize {
        let text = self.text;
        let name = self.blocks().map_or(name, |blocks| blocks.called(name));
        let is_named = self.expect == Expect::ByName && promise(name) != Promise::Anything;
        let extent = match self.scope.place {
            _ if !is_named => Extent::Line,
            Place::Variable => Extent::File,
            _ => Extent::Lines,
        };
        let mut value = Some(assigned::value(text, at, extent));
        if self.blocks().is_some() {
            // Under another name stands a script, or settings.
            if let Some(mark) = terraform::mark(text, at).filter(|_| !is_named) {
                self.until = Some(mark);
                return at;
            }
            value = value.and_then(|value| terraform::literal(text, at, value));
        }
        let Some(value) = value.filter(|value| !value.range.is_empty()) else { return at };
        if let Some(blocks) = self.blocks() {
            blocks.name(name, &text[value.range.clone()]);
        }
        self.look.tally.values += 1;
        let verdict = judge(self.expect, name, &value.text);
        // In a script a `$` begins a variable; what `${…}` has for a default is judged.
        let is_variable = value.text.starts_with('$') && !value.text.starts_with("${");
        if verdict.is_told() && !is_variable {
            let range = (self.scope.origin)(value.range);
            self.look.leak(self.scope, verdict, range, name.to_owned(), value.text.as_bytes());
        }
        value.end
    }
}

/// Whether a text may begin a table or a list of tables, and not a template.
fn is_table(text: &str) -> bool {
    text.starts_with(['{', '[']) && !text.starts_with("{{") && !text.starts_with("{%")
}
