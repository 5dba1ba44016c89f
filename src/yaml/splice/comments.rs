//! Comments, taken out.

use std::ops::Range;

use super::Edit;
use super::patch::{Patch, Plan};
use super::text::{begins_line, line_start};
use crate::yaml::error::{Error, Spot};

impl Edit {
    /// Takes out the comments that are meant, with their lines where nothing else stands on them. Gives how many those were.
    ///
    /// ```
    /// # use sealstrap::yaml::splice::Edit;
    /// let mut edit = Edit::open("a.yaml".as_ref(), "# of May\na: 1 # old\nb: '# old'\n")?;
    /// assert_eq!(edit.remove_comments(|comment| comment.contains("old"))?, 1);
    /// assert_eq!(edit.text(), "# of May\na: 1\nb: '# old'\n");
    /// # Ok::<(), sealstrap::yaml::Error>(())
    /// ```
    ///
    /// # Errors
    /// The text would mean something else without them.
    pub fn remove_comments(&mut self, is_meant: impl Fn(&str) -> bool) -> Result<usize, Error> {
        let is_meant = |text: &str, comment: &Range<usize>| is_meant(&text[comment.clone()]);
        let count = self.stream.comments.iter().filter(|comment| is_meant(&self.text, comment)).count();
        if count > 0 {
            self.planned(|edit| {
                let meant = edit.stream.comments.iter().filter(|comment| is_meant(&edit.text, comment));
                let patches = meant.map(|comment| Patch::delete(with_line(&edit.text, comment))).collect();
                let intended = edit.stream.documents.iter().map(|document| document.root.clone()).collect();
                Ok(Some(Plan { patches, intended, new_comments: 0, spot: Spot::START }))
            })?;
        }
        Ok(count)
    }
}

/// A comment with the white space before it, or with its line.
fn with_line(text: &str, comment: &Range<usize>) -> Range<usize> {
    if !begins_line(text, comment.start) {
        let before = text[..comment.start].trim_end_matches([' ', '\t']).len();
        return before..comment.end;
    }
    let end = text[comment.end..].find('\n').map_or(text.len(), |found| comment.end + found + 1);
    line_start(text, comment.start)..end
}
