//! All that came of a scan, before it is told.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::tell::{Origin, Tally};
use crate::scan::history::History;
use crate::scan::place::Source;
use crate::scan::{Finding, Found, Looked, Spot, Standing, plain};

/// What came of a scan.
pub(super) enum Haul {
    /// Of texts, each with where it comes from.
    Texts(Vec<Text>),
    /// Of a history.
    History(History),
}

/// What came of a text.
pub(super) struct Text {
    pub(super) looked: Looked,
    pub(super) origin: Origin,
    /// How many findings in it were mended.
    mended: usize,
    /// What is to be said of others instead of the advice for their kind.
    advice: HashMap<Spot, String>,
}

/// Where a finding stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The file, from the top of the repository on.
    pub(super) path: PathBuf,
    spot: Spot,
}

impl Place {
    pub(super) fn of(path: &Path, finding: &Finding) -> Self {
        Self { path: path.to_owned(), spot: finding.start }
    }
}

impl Text {
    /// What is to be said of a finding instead of the advice for its kind.
    pub(super) fn advice(&self, finding: &Finding) -> Option<&String> {
        self.advice.get(&finding.start)
    }

    /// How many findings in it were mended.
    pub(super) fn mended(&self) -> usize {
        self.mended
    }

    pub(super) fn new(looked: Looked, origin: Origin) -> Self {
        Self { looked, origin, mended: 0, advice: HashMap::new() }
    }

    fn findings(&self) -> &[Finding] {
        self.looked.result.as_ref().map_or(&[], |scanned| &scanned.findings)
    }

    /// Its path from the top on; those of what is staged are so already.
    fn path_below(&self, top: &Path) -> PathBuf {
        let path = &self.looked.path;
        if matches!(self.origin, Origin::Staged { .. }) {
            return path.clone();
        }
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        absolute.strip_prefix(top).map_or_else(|_| path.clone(), Path::to_owned)
    }
}

impl Haul {
    /// What was found, in its order, with paths from the top of the repository on.
    pub(super) fn found(&self, top: &Path) -> Vec<Found<'_>> {
        match self {
            Self::Texts(texts) => {
                let found = texts.iter().flat_map(|text| {
                    let path = text.path_below(top);
                    text.findings().iter().map(move |finding| Found { path: path.clone(), finding })
                });
                found.collect()
            }
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
                for scanned in texts.iter_mut().filter_map(|text| text.looked.result.as_mut().ok()) {
                    scanned.findings.retain(|_| stays());
                }
            }
            Self::History(history) => history.found.retain(|_| stays()),
        }
        standings.iter().filter(|standing| **standing == Standing::Known).count()
    }

    /// Where that which can be mended stands: in files, and not on standard input.
    pub(super) fn places(&self, top: &Path) -> BTreeSet<Place> {
        let Self::Texts(texts) = self else { return BTreeSet::new() };
        let files = texts.iter().filter(|text| !matches!(text.origin, Origin::Stdin));
        let places = files.flat_map(|text| {
            let path = text.path_below(top);
            text.findings().iter().map(move |finding| Place::of(&path, finding))
        });
        places.collect()
    }

    /// How a file is named by a generator that makes a Secret of it, if one does.
    pub(super) fn source(&self, top: &Path, path: &Path) -> Option<Source> {
        let Self::Texts(texts) = self else { return None };
        texts.iter().find_map(|text| {
            let folder = text.path_below(top).parent()?.to_owned();
            let sources = text.looked.result.as_ref().map_or(&[][..], |scanned| &scanned.sources);
            sources.iter().find(|source| plain(&folder.join(&source.path)) == path).cloned()
        })
    }

    /// Says why findings are not mended.
    pub(super) fn explain(&mut self, top: &Path, reasons: &BTreeMap<Place, String>) {
        let Self::Texts(texts) = self else { return };
        for text in texts {
            let path = text.path_below(top);
            let of_it = reasons.iter().filter(|(place, _)| place.path == path);
            text.advice.extend(of_it.map(|(place, reason)| (place.spot, reason.clone())));
        }
    }

    /// Takes out what is mended.
    pub(super) fn mend(&mut self, top: &Path, gone: &BTreeSet<Place>) {
        let Self::Texts(texts) = self else { return };
        for text in texts {
            let path = text.path_below(top);
            let Ok(scanned) = &mut text.looked.result else { continue };
            let before = scanned.findings.len();
            scanned.findings.retain(|finding| !gone.contains(&Place::of(&path, finding)));
            text.mended = before - scanned.findings.len();
        }
    }

    /// Tells it.
    pub(super) fn tell(&self, tally: &mut Tally) {
        match self {
            Self::Texts(texts) => texts.iter().for_each(|text| tally.take_text(text)),
            Self::History(history) => tally.take_history(history),
        }
    }
}
