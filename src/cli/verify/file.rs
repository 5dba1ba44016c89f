//! One file: read, its SealedSecrets looked at, and with keys opened.

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rand_core::OsRng;
use serde_json::Value;

use super::kustomizations::Kustomizations;
use crate::cli::files::side_by_side;
use crate::cli::input;
use crate::seal::diagnose::{self, Places, Verdict};
use crate::seal::verify::{self, Around, Finding, Pinned, Rule, Severity, Verified};
use crate::seal::{PrivateKeys, SealedSecret};
use crate::yaml::{self, Document};

/// The word without which a file holds no SealedSecret.
const WORD: &str = "SealedSecret";

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
    places: Places,
    /// Files that were typed by name: what is wrong with one of them as a whole is worse than with one in a folder.
    named: HashSet<PathBuf>,
    kustomizations: Kustomizations,
}

impl Examiner {
    pub(super) fn new(pinned: Arc<[Pinned]>, keys: PrivateKeys, typed: &[PathBuf], places: Places) -> Self {
        let named = typed.iter().filter(|path| !path.is_dir()).cloned().collect();
        Self { pinned, keys, places, named, kustomizations: Kustomizations::default() }
    }

    pub(super) fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The same, knowing the places of all SealedSecrets in the files: an item may be sealed for one of them.
    pub(super) fn knowing(mut self, files: &[PathBuf]) -> Self {
        let mut places = std::mem::take(&mut self.places);
        side_by_side(
            files,
            |file| self.places_in(file),
            |_, found| {
                for (namespace, name) in found {
                    places.namespaces.insert(namespace);
                    places.names.insert(name);
                }
                std::ops::ControlFlow::Continue(())
            },
        );
        self.places = places;
        self
    }

    fn places_in(&self, file: &Path) -> Vec<(String, String)> {
        // Standard input can be read once only.
        if input::is_stdin(file) {
            return Vec::new();
        }
        let text = |document: &Document, key: &str| {
            let metadata = document.value.get("metadata");
            metadata.and_then(|metadata| metadata.get(key)?.as_str()).unwrap_or_default().to_owned()
        };
        let documents = text_of(file).ok().flatten().and_then(|text| documents(file, &text).ok());
        let place = |document: &Document| (text(document, "namespace"), text(document, "name"));
        documents.unwrap_or_default().iter().map(place).collect()
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
        let (kustomizations, mut unlisted_in) = match documents.is_empty() || input::is_stdin(file) {
            true => Default::default(),
            false => self.kustomizations.of(file),
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
                self.take(file, document, verified, &mut looked);
            }
        }
        looked
    }

    fn take(&self, file: &Path, document: Document, verified: Verified, looked: &mut Looked) {
        looked.items += verified.items;
        looked.places.push((verified.namespace.clone(), verified.name.clone(), document.line));
        let mut findings = verified.findings;
        if self.has_keys() {
            let bad = findings.iter().any(|finding| finding.severity == Severity::Error);
            let (opened, found) = self.open(file, document, verified.namespace, bad);
            looked.opened += usize::from(opened);
            findings.extend(found);
        }
        looked.findings.append(&mut findings);
    }

    /// Opens all items; where the document is not formed so that it can be read, that has been found already.
    fn open(&self, file: &Path, document: Document, namespace: String, bad: bool) -> (bool, Vec<Finding>) {
        let line = |key: &str| document.line_of(&["spec".into(), "encryptedData".into(), key.into()]);
        let keys = document.value.pointer("/spec/encryptedData").and_then(Value::as_object);
        let lines: BTreeMap<String, usize> =
            keys.into_iter().flatten().map(|(key, _)| (key.clone(), line(key))).collect();
        let (name, first) = (document.file.clone(), document.line);
        let sealed = match SealedSecret::read(document) {
            Ok(sealed) => sealed,
            Err(_) if bad => return (false, Vec::new()),
            Err(error) => {
                return (false, vec![unreadable(first, Severity::Error, error.to_string(), error.hint())]);
            }
        };
        let mut places = self.places.clone();
        places.namespaces.insert(namespace);
        places.names.extend(name.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        let folders = file.parent().into_iter().flat_map(Path::components);
        places.namespaces.extend(folders.filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            _ => None,
        }));
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

/// The SealedSecrets of a text, those of Lists among them.
pub(super) fn documents(file: &Path, text: &str) -> Result<Vec<Document>, yaml::Error> {
    let all = yaml::each(file, text)?.into_iter().flat_map(Document::taken_apart);
    Ok(all.filter(verify::is_sealed_secret).collect())
}
