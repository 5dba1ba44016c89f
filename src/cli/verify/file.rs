//! One file: read, its SealedSecrets looked at, and with keys opened.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand_core::OsRng;

use crate::cli::input;
use crate::cli::kustomizations::Kustomizations;
use crate::cli::sealed_files::{self, WORD, documents, item_lines, near};
use crate::seal::diagnose::{self, Places, Verdict};
use crate::seal::verify::{self, Around, Finding, Pinned, Rule, Severity, Verified};
use crate::seal::{PrivateKeys, SealedSecret};
use crate::yaml::{self, Document};

/// What came of looking at a file.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) findings: Vec<Finding>,
    /// Whether it mentions SealedSecrets and could not be read.
    pub(super) unread: bool,
    pub(super) items: usize,
    /// How many SealedSecrets opened as a whole.
    pub(super) opened: usize,
    /// Namespace, name and line of each SealedSecret.
    pub(super) places: Vec<(String, String, usize)>,
}

/// Looks at files.
pub(super) struct Examiner {
    pinned: Arc<[Pinned]>,
    keys: PrivateKeys,
    /// Places that were typed, and those of all SealedSecrets.
    places: Places,
    others: Places,
    /// Files that were typed by name: what is wrong with one of them as a whole is worse than with one in a folder.
    named: HashSet<PathBuf>,
    kustomizations: Kustomizations,
}

impl Examiner {
    pub(super) fn new(pinned: Arc<[Pinned]>, keys: PrivateKeys, typed: &[PathBuf], places: Places) -> Self {
        let named = typed.iter().filter(|path| !path.is_dir()).cloned().collect();
        let (others, kustomizations) = Default::default();
        Self { pinned, keys, places, others, named, kustomizations }
    }

    pub(super) fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The same, knowing the places of all SealedSecrets in the files: an item may be sealed for one of them.
    pub(super) fn knowing(mut self, files: &[PathBuf]) -> Self {
        self.others = sealed_files::places(files);
        self
    }

    /// Looks at a file.
    pub(super) fn look(&self, file: &Path) -> Looked {
        let documents = match text_of(file) {
            Ok(None) => return Looked::default(),
            Ok(Some(text)) => documents(file, &text).map_err(|error| self.unreadable(file, &text, error)),
            Err(finding) => Err(finding),
        };
        let documents = match documents {
            Ok(documents) => documents,
            Err(finding) => return Looked { findings: vec![finding], unread: true, ..Looked::default() },
        };
        let (kustomizations, mut unlisted_in) = if documents.is_empty() || input::is_stdin(file) {
            Default::default()
        } else {
            self.kustomizations.of(file)
        };
        let mut looked = Looked::default();
        for document in documents {
            let around = Around {
                pinned: Arc::clone(&self.pinned),
                kustomizations: kustomizations.clone(),
                // It is said once a file.
                unlisted_in: unlisted_in.take(),
            };
            if let Some(verified) = verify::sealed_secret(&document, &around) {
                self.take(document, verified, &mut looked);
            }
        }
        looked
    }

    fn take(&self, document: Document, verified: Verified, looked: &mut Looked) {
        looked.items += verified.items;
        looked.places.push((verified.namespace.clone(), verified.name.clone(), document.line));
        let mut findings = verified.findings;
        if self.has_keys() {
            let bad = findings.iter().any(|finding| finding.severity == Severity::Error);
            let (opened, found) = self.open(document, &verified.namespace, &verified.name, bad);
            looked.opened += usize::from(opened);
            findings.extend(found);
        }
        looked.findings.append(&mut findings);
    }

    /// Opens all items; where the document is not formed so that it can be read, that has been found already.
    fn open(&self, document: Document, namespace: &str, name: &str, bad: bool) -> (bool, Vec<Finding>) {
        let (lines, near, first) = (item_lines(&document), near(&document), document.line);
        let mut sealed = match SealedSecret::read(document) {
            Ok(sealed) => sealed,
            Err(_) if bad => return (false, Vec::new()),
            Err(error) => {
                return (false, vec![unreadable(first, Severity::Error, error.to_string(), error.hint())]);
            }
        };
        sealed.set_place(namespace, name);
        let places = [&self.places, &near, &self.others];
        let verdicts = diagnose::items(&sealed, &self.keys, &places, &mut OsRng);
        let opened =
            !verdicts.is_empty() && verdicts.values().all(|verdict| matches!(verdict, Verdict::Opens(_)));
        let line_of = |item: &str| lines.get(item).copied().unwrap_or(first);
        (opened, diagnose::findings(&sealed, verdicts, &self.keys, &self.pinned, line_of))
    }

    /// A file that mentions SealedSecrets and is no YAML. In a folder, a template is nothing unusual.
    fn unreadable(&self, file: &Path, text: &str, error: yaml::Error) -> Finding {
        let line = error.place.map_or(1, |(line, _)| line);
        let named = self.named.contains(file);
        if text.contains("{{") {
            let severity = if named { Severity::Error } else { Severity::Note };
            let what = "this is a template and no YAML, so nothing in it was verified";
            let hint = "verify what it renders to: `helm template … | sealstrap verify -`";
            return unreadable(line, severity, what.into(), Some(hint.into()));
        }
        unreadable(line, Severity::Error, error.message, error.hint)
    }
}

fn unreadable(line: usize, severity: Severity, message: String, hint: Option<String>) -> Finding {
    Finding { rule: Rule::Unreadable, severity, line, object: String::new(), message, hint }
}

/// The text of a file, where it mentions SealedSecrets.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: the reader of manifests, whose errors show no line of them"
)]
pub(super) fn text_of(file: &Path) -> Result<Option<String>, Finding> {
    let refuse = |line, message, hint| unreadable(line, Severity::Error, message, hint);
    let bytes = input::read(file).map_err(|error| refuse(1, format!("it cannot be read: {error}"), None))?;
    match yaml::decode(file, bytes.expose().to_vec()) {
        Ok(text) => Ok(text.contains(WORD).then_some(text)),
        // UTF-16 has a zero byte in each letter.
        Err(error) => {
            let letters: Vec<u8> = bytes.expose().iter().copied().filter(|byte| *byte != 0).collect();
            if !String::from_utf8_lossy(&letters).contains(WORD) {
                return Ok(None);
            }
            Err(refuse(error.place.map_or(1, |(line, _)| line), error.message, error.hint))
        }
    }
}
