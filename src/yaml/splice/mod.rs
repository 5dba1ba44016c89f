//! Edits of YAML and JSON files that keep every other byte: comments, blank lines, order, quotes, markers, line ends.
//!
//! The parser tells where each key and value stands. An edit is a few patches of the original text. The result is
//! read again and compared with what was meant: every value that was not edited must be the same down to its
//! style, every comment still there. Else the edit is refused and the text stays as it was.
//!
//! ```
//! use std::path::Path;
//! use sealstrap::yaml::splice::Edit;
//!
//! let text = "kind: SealedSecret\nspec:\n  encryptedData:\n    # of the old account\n    user: AgA=\n";
//! let mut edit = Edit::open(Path::new("wifi.yaml"), text)?;
//! let mut document = edit.document(0)?;
//! document.set(&["spec".into(), "encryptedData".into(), "user".into()], "AgB=")?;
//! document.set(&["spec".into(), "encryptedData".into(), "password".into()], "AgC=")?;
//! assert_eq!(
//!     edit.text(),
//!     "kind: SealedSecret\nspec:\n  encryptedData:\n    password: AgC=\n    # of the old account\n    user: AgB=\n"
//! );
//! # Ok::<(), sealstrap::yaml::Error>(())
//! ```

mod batch;
mod comments;
mod document;
mod edit;
mod find;
mod ink;
mod insert;
mod layout;
mod patch;
mod remove;
mod replace;
mod text;
mod tree;
mod write;

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::{Error, Fault, Spot};
use super::scalar::Dialect;
use super::{read, without_mark};
use patch::Plan;
use tree::Stream;

pub use batch::Text;
pub use edit::Document;

/// A text under edit: one or more YAML documents, or a JSON document, which YAML's flow style contains.
///
/// Each edit is made at once or refused as a whole. No error shows a line of the text: it may hold secrets.
#[derive(Debug, Clone)]
pub struct Edit {
    file: PathBuf,
    /// The byte order mark, if there is one, is kept apart.
    mark: &'static str,
    text: String,
    stream: Stream,
}

impl Edit {
    /// Takes a text. `file` is its name for messages; it is neither read nor written.
    ///
    /// # Errors
    /// Text that is not YAML, such as a template; zero bytes; carriage returns that end lines alone.
    pub fn open(file: &Path, text: &str) -> Result<Self, Error> {
        let bare = without_mark(text);
        let mark = if bare.len() < text.len() { "\u{feff}" } else { "" };
        let stream = readable(bare).map_err(|fault| fault.unshown(file))?;
        Ok(Self { file: file.to_owned(), mark, text: bare.to_owned(), stream })
    }

    /// The text as it is now, with its byte order mark if it had one.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.mark, self.text)
    }

    /// How many documents there are, empty ones counted.
    #[must_use]
    pub fn count(&self) -> usize {
        self.stream.documents.len()
    }

    /// What the documents hold to `kubectl`, an empty one being null. Their order is that of the indices here.
    ///
    /// # Errors
    /// A key that stands twice, an unknown tag.
    pub fn values(&self) -> Result<Vec<Value>, Error> {
        let nodes =
            read::documents(&self.text, Dialect::Kubectl).map_err(|fault| fault.unshown(&self.file))?;
        Ok(nodes.iter().map(read::Node::value).collect())
    }

    /// One document, to edit in it. Indices begin at 0 and count empty documents.
    ///
    /// # Errors
    /// There is no such document.
    pub fn document(&mut self, index: usize) -> Result<Document<'_>, Error> {
        self.at(index).map_err(|fault| fault.unshown(&self.file))?;
        Ok(Document { edit: self, index })
    }

    /// Writes another document in the place of one: from the first byte of its content to the end of its last line.
    /// Comments above its first line and below its last one stay, so do its markers. `text` may begin with `---`
    /// and takes on the line ends of the file.
    ///
    /// # Errors
    /// There is no such document; `text` is not exactly one; the two together would mean something else.
    pub fn replace_document(&mut self, index: usize, text: &str) -> Result<(), Error> {
        self.planned(|edit| document::replace(&edit.text, &edit.stream, edit.at(index)?, index, text))
    }

    /// Adds a document behind another one, with a `---` before it.
    ///
    /// ```
    /// # use sealstrap::yaml::splice::Edit;
    /// let mut edit = Edit::open("a.yaml".as_ref(), "a: 1 # one\n---\nc: 3\n")?;
    /// edit.insert_document(0, "b: 2\n")?;
    /// assert_eq!(edit.text(), "a: 1 # one\n---\nb: 2\n---\nc: 3\n");
    /// # Ok::<(), sealstrap::yaml::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Self::replace_document`].
    pub fn insert_document(&mut self, after: usize, text: &str) -> Result<(), Error> {
        self.planned(|edit| document::insert(&edit.text, &edit.stream, edit.at(after)?, after, text))
    }

    fn at(&self, index: usize) -> Result<&tree::Document, Fault> {
        self.stream.documents.get(index).ok_or_else(|| {
            let all = self.stream.documents.len();
            let number = index + 1;
            Fault::new(Spot::START, format!("there is no document {number}: the file holds {all}"))
        })
    }

    /// Makes a plan and carries it out. No plan: nothing is to be done.
    fn planned(&mut self, plan: impl FnOnce(&Self) -> Result<Option<Plan>, Fault>) -> Result<(), Error> {
        let made = plan(self)
            .and_then(|plan| plan.map(|plan| patch::make(&self.text, &self.stream, plan)).transpose());
        if let Some((text, stream)) = made.map_err(|fault| fault.unshown(&self.file))? {
            (self.text, self.stream) = (text, stream);
        }
        Ok(())
    }
}

/// Reads a text that is to be edited.
fn readable(text: &str) -> Result<Stream, Fault> {
    let at_line = |at: usize| Spot { line: 1 + text[..at].matches('\n').count(), ..Spot::START };
    if let Some(at) = text.find('\0') {
        return Err(Fault::new(at_line(at), "the file holds zero bytes").with_hint("save it as UTF-8"));
    }
    let alone = |(at, _): &(usize, &str)| !text[at + 1..].starts_with('\n');
    if let Some((at, _)) = text.match_indices('\r').find(alone) {
        return Err(Fault::new(at_line(at), "a carriage return stands here without a line feed")
            .with_hint("save the file with Unix or Windows line ends"));
    }
    tree::stream(text).map_err(|fault| {
        if text.contains("{{") {
            fault.with_hint("this may be a template: edit what it is rendered to, or the values behind it")
        } else {
            fault.with_hint("only files that are valid YAML can be edited")
        }
    })
}

#[cfg(test)]
mod tests;
