//! Many texts at once: the file is read again once, not once for each of them.

use super::edit::At;
use super::patch::Plan;
use super::tree::{Data, Style};
use super::{Edit, find};
use crate::yaml::error::{Error, Fault, Spot};
use crate::yaml::{Segment, splice::tree};

/// A text that is to stand at a path of a document, whose indices begin at 0.
pub type Text = (usize, Vec<Segment>, String);

impl Edit {
    /// Writes other texts in the place of scalars, all of them or none.
    ///
    /// ```
    /// # use sealstrap::yaml::splice::Edit;
    /// let mut edit = Edit::open("a.yaml".as_ref(), "a: 1 # one\n---\nb: '2'\n")?;
    /// edit.set_all(&[(0, vec!["a".into()], "x".into()), (1, vec!["b".into()], "y".into())])?;
    /// assert_eq!(edit.text(), "a: x # one\n---\nb: 'y'\n");
    /// # Ok::<(), sealstrap::yaml::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`super::Document::set`]; further a path that is not there.
    pub fn set_all(&mut self, texts: &[Text]) -> Result<(), Error> {
        self.planned(|edit| edit.together(texts))
    }

    fn together(&self, texts: &[Text]) -> Result<Option<Plan>, Fault> {
        let (mut patches, mut changed) = (Vec::new(), Vec::new());
        for (index, path, text) in texts {
            let at = At { edit: self, document: self.at(*index)?, index: *index };
            let found = find::find(at.document, path)?;
            if !found.rest.is_empty() {
                return Err(Fault::new(found.node().spot, "there is no such key here"));
            }
            if let Some(more) = at.scalar(&found, text)? {
                patches.extend(more);
                changed.push((*index, found.trail.clone(), text));
            }
        }
        if patches.is_empty() {
            return Ok(None);
        }
        let mut intended: Vec<tree::Node> =
            self.stream.documents.iter().map(|document| document.root.clone()).collect();
        for (index, trail, text) in changed {
            let node = trail.iter().try_fold(intended.get_mut(index), |node, at| Some(node?.child_mut(*at)));
            if let Some(Some(node)) = node {
                node.data = Data::Scalar(text.clone(), Style::AnyText);
            }
        }
        Ok(Some(Plan { patches, intended, new_comments: 0, spot: Spot::START }))
    }

    /// The text of a document: from the first byte of its content to the end of its last line.
    #[must_use]
    pub fn document_text(&self, index: usize) -> Option<&str> {
        let root = &self.stream.documents.get(index)?.root;
        self.text.get(root.start..super::text::line_end(&self.text, root.end()))
    }
}
