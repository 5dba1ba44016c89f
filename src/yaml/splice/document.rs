//! Whole documents in a file of several.

use super::patch::{Patch, Plan};
use super::text::{begins_line, ends_line, line_break, line_end};
use super::tree::{self, Document, Stream, Style};
use crate::yaml::error::Fault;

/// Another document in the place of one.
pub(super) fn replace(
    text: &str,
    stream: &Stream,
    document: &Document,
    index: usize,
    new: &str,
) -> Result<Option<Plan>, Fault> {
    let new = Prepared::of(new, document, line_break(text, document.root.start))?;
    let root = &document.root;
    let patch = if matches!(root.data, tree::Data::Scalar(_, Style::Nothing)) {
        let Some(marker) = &document.marker else {
            return Err(Fault::new(root.spot, "there is no document to replace here"));
        };
        Patch::insert(line_end(text, marker.end), format!("{}{}", new.line_break, new.text))
    } else {
        if !ends_line(text, root.end()) {
            return Err(Fault::new(root.spot, "something stands behind this document on its last line"));
        }
        let lead = if begins_line(text, root.start) { "" } else { new.line_break };
        Patch::replace(root.start..line_end(text, root.end()), format!("{lead}{}", new.text))
    };
    Ok(Some(new.plan(stream, document, patch, |intended, node| intended[index] = node)))
}

/// A document more.
pub(super) fn insert(
    text: &str,
    stream: &Stream,
    document: &Document,
    after: usize,
    new: &str,
) -> Result<Option<Plan>, Fault> {
    let new = Prepared::of(new, document, line_break(text, document.root.start))?;
    let next = stream.documents.get(after + 1);
    let line_break = new.line_break;
    let patch = match (next, &document.end_marker) {
        (_, Some(marker)) => {
            Patch::insert(line_end(text, marker.end), format!("{line_break}---{line_break}{}", new.text))
        }
        (Some(Document { marker: Some(marker), .. }), None) => {
            Patch::insert(marker.start, format!("---{line_break}{}{line_break}", new.text))
        }
        (Some(_), None) => return Err(Fault::new(document.root.spot, "the next document has no `---`")),
        (None, None) if text.ends_with('\n') => {
            Patch::insert(text.len(), format!("---{line_break}{}{line_break}", new.text))
        }
        (None, None) => Patch::insert(text.len(), format!("{line_break}---{line_break}{}", new.text)),
    };
    Ok(Some(new.plan(stream, document, patch, |intended, node| intended.insert(after + 1, node))))
}

/// A document that is to come in.
struct Prepared {
    text: String,
    root: tree::Node,
    comments: usize,
    line_break: &'static str,
}

impl Prepared {
    /// Without marks around it and without its last line break; with the line breaks of the file.
    fn of(text: &str, at: &Document, line_break: &'static str) -> Result<Self, Fault> {
        let unix = crate::yaml::without_mark(text).replace("\r\n", "\n");
        if unix.contains(['\r', '\0']) {
            let message = "the new document holds a carriage return without a line feed, or a zero byte";
            return Err(Fault::new(at.root.spot, message));
        }
        let body = unix.strip_prefix("---\n").unwrap_or(&unix);
        // Read before it is trimmed: a block at its end may mean its last line breaks.
        let read =
            tree::stream(body).map_err(|_| Fault::new(at.root.spot, "the new document is not valid YAML"))?;
        let [document] = &read.documents[..] else {
            let message = format!("the new text holds {} documents, not one", read.documents.len());
            return Err(Fault::new(at.root.spot, message));
        };
        if document.end_marker.is_some() {
            return Err(Fault::new(
                at.root.spot,
                "the new document ends in `...`, which would stay in the file",
            ));
        }
        let (root, comments) = (document.root.clone(), read.comments.len());
        let body = body.trim_end_matches('\n');
        Ok(Self { text: body.replace('\n', line_break), root, comments, line_break })
    }

    fn plan(
        self,
        stream: &Stream,
        at: &Document,
        patch: Patch,
        intend: impl FnOnce(&mut Vec<tree::Node>, tree::Node),
    ) -> Plan {
        let mut intended = stream.documents.iter().map(|document| document.root.clone()).collect();
        intend(&mut intended, self.root);
        Plan { patches: vec![patch], intended, new_comments: self.comments, spot: at.root.spot }
    }
}
