//! All that came of a scan, before it is told.

use std::path::{Path, PathBuf};

use super::tell::{Origin, Tally};
use crate::scan::history::History;
use crate::scan::{Finding, Found, Looked, Standing};

/// What came of a scan.
pub(super) enum Haul {
    /// Of texts, each with where it comes from.
    Texts(Vec<(Looked, Origin)>),
    /// Of a history.
    History(History),
}

impl Haul {
    /// What was found, in its order, with paths from the top of the repository on.
    pub(super) fn found(&self, top: &Path) -> Vec<Found<'_>> {
        match self {
            Self::Texts(texts) => texts
                .iter()
                .flat_map(|(looked, origin)| {
                    let path = from_top(top, &looked.path, origin);
                    findings(looked).iter().map(move |finding| Found { path: path.clone(), finding })
                })
                .collect(),
            Self::History(history) => history
                .found
                .iter()
                .map(|past| Found { path: past.path.clone(), finding: &past.finding })
                .collect(),
        }
    }

    /// Takes out what is known, by what was said of each in the order of [`Haul::found`]; gives how many that are.
    pub(super) fn sift(&mut self, standings: &[Standing]) -> usize {
        let mut all = standings.iter();
        let mut stays = || all.next().is_none_or(|standing| *standing != Standing::Known);
        match self {
            Self::Texts(texts) => {
                for scanned in texts.iter_mut().filter_map(|(looked, _)| looked.result.as_mut().ok()) {
                    scanned.findings.retain(|_| stays());
                }
            }
            Self::History(history) => history.found.retain(|_| stays()),
        }
        standings.iter().filter(|standing| **standing == Standing::Known).count()
    }

    /// Tells it.
    pub(super) fn tell(&self, tally: &mut Tally) {
        match self {
            Self::Texts(texts) => texts.iter().for_each(|(looked, origin)| tally.take(looked, origin)),
            Self::History(history) => tally.take_history(history),
        }
    }
}

fn findings(looked: &Looked) -> &[Finding] {
    looked.result.as_ref().map_or(&[], |scanned| &scanned.findings)
}

/// A path from the top on; those of what is staged are so already.
fn from_top(top: &Path, path: &Path, origin: &Origin) -> PathBuf {
    if matches!(origin, Origin::Staged { .. }) {
        return path.to_owned();
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.strip_prefix(top).map_or_else(|_| path.to_owned(), Path::to_owned)
}
