//! What is found and what stays silent, by example: the tests and the manual are made from this list.

mod leaks;
mod silent;

pub use leaks::LEAKS;
pub use silent::BENIGN;

/// A document, and what is to be said of it.
#[derive(Debug)]
pub struct Sample {
    /// What it shows.
    pub what: &'static str,
    /// The path of its file.
    pub file: &'static str,
    /// The document. `·` is left out before it is read: so no scanner takes this list for a leak.
    pub text: &'static str,
    /// The lines, counted from 1, of the leaks in it.
    pub lines: &'static [usize],
}

impl Sample {
    /// The document as it is read.
    #[must_use]
    pub fn document(&self) -> String {
        self.text.replace('·', "")
    }
}

const fn yaml(what: &'static str, text: &'static str, lines: &'static [usize]) -> Sample {
    Sample { what, file: "app.yaml", text, lines }
}

const fn file(what: &'static str, file: &'static str, text: &'static str, lines: &'static [usize]) -> Sample {
    Sample { what, file, text, lines }
}
