//! The texts of all files, as they were and as they are so far.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::Value;
use zeroize::Zeroizing;

use super::home::{Home, Homes};
use super::kustomization::{self, Placing};
use super::landing::{self, Sync};
use super::{Changed, Means, Wound, proof};

/// Texts by their paths. A copy shares them.
#[derive(Clone, Default)]
pub(super) struct Tree {
    texts: BTreeMap<PathBuf, Text>,
    /// Where Secrets were put, sealed or by reference.
    homes: Homes,
    /// The ExternalSecrets that were made: by their files, and there by their namespaces and names.
    made: BTreeMap<PathBuf, Made>,
    /// The files that stay on the disk, and that Git is to forget.
    untracked: BTreeSet<PathBuf>,
    seen: Rc<Seen>,
}

/// What was read and has not changed.
#[derive(Default)]
struct Seen {
    texts: RefCell<BTreeMap<PathBuf, Option<Shared>>>,
    placing: OnceCell<Vec<Placing>>,
    syncs: OnceCell<Vec<Sync>>,
}

type Shared = Rc<Zeroizing<String>>;

/// What was made in a file.
#[derive(Clone)]
struct Made {
    /// The text before it; nothing for a new file.
    before: Option<Shared>,
    objects: Objects,
}

/// Objects by their namespaces and names.
type Objects = BTreeMap<(String, String), Value>;

#[derive(Clone)]
struct Text {
    before: Option<Shared>,
    /// Nothing where the file is to go.
    now: Option<Shared>,
}

impl Tree {
    /// Of the files that are to be mended.
    pub(super) fn of(wounds: &[Wound]) -> Self {
        let text = |wound: &Wound| {
            let text = Some(shared(wound.text.to_owned()));
            (wound.path.to_owned(), Text { before: text.clone(), now: text })
        };
        Self { texts: wounds.iter().map(text).collect(), ..Self::default() }
    }

    /// The text of a file as it is so far.
    pub(super) fn text(&self, path: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Option<String> {
        self.shared(path, read).map(|text| text.to_string())
    }

    /// The text of a file without the ExternalSecrets that were made in it; empty for a new one.
    pub(super) fn without_made(&self, path: &Path, read: &dyn Fn(&Path) -> Option<String>) -> String {
        let now = || self.shared(path, read);
        let text = self.made.get(path).map_or_else(now, |made| made.before.clone());
        text.map(|text| text.to_string()).unwrap_or_default()
    }

    /// Whether these letters stand in a file.
    pub(super) fn holds(&self, path: &Path, letters: &str, read: &dyn Fn(&Path) -> Option<String>) -> bool {
        self.shared(path, read).is_some_and(|text| text.contains(letters))
    }

    fn shared(&self, path: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Option<Shared> {
        if let Some(text) = self.texts.get(path) {
            return text.now.clone();
        }
        if let Some(text) = self.seen.texts.borrow().get(path) {
            return text.clone();
        }
        let text = read(path).map(shared);
        self.seen.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }

    /// The kustomizations that take in what is not below them.
    pub(super) fn placing(&self, means: &Means) -> &[Placing] {
        self.seen.placing.get_or_init(|| kustomization::placing(self, means))
    }

    /// The Kustomizations of Flux that change where things land.
    pub(super) fn syncs(&self, means: &Means) -> &[Sync] {
        self.seen.syncs.get_or_init(|| landing::syncs(self, means))
    }

    /// The texts that are others than in an earlier copy.
    pub(super) fn since<'t>(&'t self, earlier: &'t Self) -> impl Iterator<Item = (&'t Path, &'t str)> {
        let old = |path: &Path| earlier.texts.get(path).and_then(|text| text.now.as_ref());
        self.texts.iter().filter_map(move |(path, text)| {
            let now = text.now.as_ref()?;
            let is_old = old(path).is_some_and(|old| Rc::ptr_eq(old, now));
            (!is_old).then_some((path.as_path(), now.as_str()))
        })
    }

    /// Puts a text in its place.
    pub(super) fn put(&mut self, path: &Path, now: String, read: &dyn Fn(&Path) -> Option<String>) {
        self.change(path, Some(now), read);
    }

    /// Has a file go.
    pub(super) fn remove(&mut self, path: &Path, read: &dyn Fn(&Path) -> Option<String>) {
        self.change(path, None, read);
    }

    fn change(&mut self, path: &Path, now: Option<String>, read: &dyn Fn(&Path) -> Option<String>) {
        let now = now.map(shared);
        match self.texts.get_mut(path) {
            Some(text) if text.now == now => {}
            Some(text) => text.now = now,
            None => {
                let before = self.shared(path, read);
                self.texts.insert(path.to_owned(), Text { before, now });
            }
        }
    }

    /// The ExternalSecrets that were made in a file, by their namespaces and names.
    pub(super) fn made(&self, file: &Path) -> Option<&Objects> {
        self.made.get(file).map(|made| &made.objects)
    }

    /// Notes that the ExternalSecret of a Secret was made in a file, before that is written there.
    pub(super) fn make(
        &mut self,
        file: &Path,
        secret: (String, String),
        object: Value,
        read: &dyn Fn(&Path) -> Option<String>,
    ) {
        let now = self.shared(file, read);
        let new = || Made { before: now, objects: Objects::new() };
        self.made.entry(file.to_owned()).or_insert_with(new).objects.insert(secret, object);
    }

    /// Whether a file is to go.
    pub(super) fn is_removed(&self, path: &Path) -> bool {
        self.texts.get(path).is_some_and(|text| text.now.is_none())
    }

    /// Has Git forget a file, which stays.
    pub(super) fn untrack(&mut self, path: &Path) {
        self.untracked.insert(path.to_owned());
    }

    /// The files that Git is to forget.
    pub(super) fn untracked(&self) -> &BTreeSet<PathBuf> {
        &self.untracked
    }

    /// Where Secrets were put.
    pub(super) fn homes(&self) -> &Homes {
        &self.homes
    }

    /// Notes where a Secret was put.
    pub(super) fn settle(&mut self, home: Home) {
        self.homes.note(home);
    }

    /// All files so far, but for those that are to go.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.texts.iter().filter_map(|(path, text)| Some((path.as_path(), text.now.as_ref()?.as_str())))
    }

    /// The files that have changed. `secrets` are known already.
    pub(super) fn changed(self, means: &Means, mut secrets: Vec<Zeroizing<String>>) -> Vec<Changed> {
        let texts = self.texts.into_iter().filter(|(_, text)| text.before != text.now);
        let mut hidden = |path: &Path, text: &str| {
            let (ranges, values) = proof::secrets(means, path, text);
            secrets.extend(values);
            ranges
        };
        let changed = |(path, text): (PathBuf, Text)| Changed {
            hidden: text.before.as_ref().map(|before| hidden(&path, before)).unwrap_or_default(),
            left: text.now.as_ref().map(|now| hidden(&path, now)).unwrap_or_default(),
            path,
            before: text.before.map(|text| text.to_string()),
            after: text.now.map(|text| text.to_string()),
        };
        let mut all: Vec<Changed> = texts.map(changed).collect();
        for changed in &mut all {
            hide(changed.before.as_deref().unwrap_or_default(), &mut changed.hidden, &secrets);
            hide(changed.after.as_deref().unwrap_or_default(), &mut changed.left, &secrets);
        }
        all
    }
}

fn shared(text: String) -> Shared {
    Rc::new(Zeroizing::new(text))
}

/// Hides what is secret in one place wherever else it stands: in a comment, in another file.
fn hide(text: &str, ranges: &mut Vec<Range<usize>>, secrets: &[Zeroizing<String>]) {
    /// Shorter ones stand everywhere by chance.
    const SHORTEST: usize = 6;
    for secret in secrets.iter().map(|secret| secret.trim()).filter(|secret| secret.len() >= SHORTEST) {
        ranges.extend(text.match_indices(secret).map(|(at, _)| at..at + secret.len()));
    }
    ranges.sort_by_key(|range| (range.start, range.end));
    ranges.dedup();
}
