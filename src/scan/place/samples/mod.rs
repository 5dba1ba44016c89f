//! What is found and what stays silent, by example: the tests and the manual are made from this list.

mod leaks;
mod settings;
mod silent;

pub use silent::BENIGN;

use super::Place;

/// Documents with leaks, and the place of the leaks.
pub const LEAKS: &[(Place, Sample)] = &ALL;

const ALL: [(Place, Sample); leaks::LEAKS.len() + settings::LEAKS.len()] = {
    let mut all = [leaks::LEAKS[0]; leaks::LEAKS.len() + settings::LEAKS.len()];
    let mut at = 0;
    while at < all.len() {
        let before = leaks::LEAKS.len();
        all[at] = if at < before { leaks::LEAKS[at] } else { settings::LEAKS[at - before] };
        at += 1;
    }
    all
};

/// A document, and what is to be said of it.
#[derive(Debug, Clone, Copy)]
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
