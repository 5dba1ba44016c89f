//! Files before and after.

use std::collections::BTreeMap;
use std::path::Path;

use rand_core::OsRng;

use super::*;
use crate::plain::Plain;
use crate::scan::{scan, scan_source};
use crate::seal::{Certificate, PrivateKeys, Scope, SealedFile};
use crate::yaml;

mod config_maps;
mod external_templates;
mod generators;
mod homes;
mod of_sops;
mod refused;
mod sealing;
mod substitutes;
mod taken_out;
mod untracked;
mod values;
mod vault;
mod whole;
mod workloads;

const CERTIFICATE: &str = include_str!("../../tests/seal/certificate.pem");
const KEY: &str = include_str!("../../tests/seal/certificate.key");

/// What has come of some files.
struct Ended {
    mended: Mended,
    files: BTreeMap<String, String>,
}

/// Mends files; `·` is left out of their texts first, so that no scanner takes these tests for leaks.
fn mend_all(files: &[(&str, &str)]) -> Ended {
    mend_with(files, Scope::Strict, None)
}

fn mend_with(files: &[(&str, &str)], scope: Scope, namespace: Option<&str>) -> Ended {
    mend_as(files, scope, namespace, false)
}

/// The same, and Git may forget files.
fn mend_untracking(files: &[(&str, &str)]) -> Ended {
    mend_as(files, Scope::Strict, None, true)
}

fn mend_as(files: &[(&str, &str)], scope: Scope, namespace: Option<&str>, untrack: bool) -> Ended {
    let recipient = Certificate::from_pem(CERTIFICATE.as_bytes()).unwrap().recipient;
    mend_kept(files, Keep::Sealed { recipient: &recipient, scope }, namespace, untrack)
}

/// The same, and Git ignores a file.
fn mend_ignoring(files: &[(&str, &str)], ignored: &str) -> Ended {
    let recipient = Certificate::from_pem(CERTIFICATE.as_bytes()).unwrap().recipient;
    mend_but(
        files,
        Keep::Sealed { recipient: &recipient, scope: Scope::Strict },
        None,
        Asked::default(),
        ignored,
    )
}

/// The same, and what cannot be mended is taken out.
fn take_out(files: &[(&str, &str)]) -> Ended {
    take_out_in(files, None)
}

fn take_out_in(files: &[(&str, &str)], namespace: Option<&str>) -> Ended {
    let recipient = Certificate::from_pem(CERTIFICATE.as_bytes()).unwrap().recipient;
    let asked = Asked { untrack: true, take_out: true };
    mend_but(files, Keep::Sealed { recipient: &recipient, scope: Scope::Strict }, namespace, asked, "")
}

/// What is done only where it is asked for.
#[derive(Default, Clone, Copy)]
struct Asked {
    untrack: bool,
    take_out: bool,
}

fn mend_kept(files: &[(&str, &str)], keep: Keep, namespace: Option<&str>, untrack: bool) -> Ended {
    mend_but(files, keep, namespace, Asked { untrack, take_out: false }, "")
}

fn mend_but(
    files: &[(&str, &str)],
    keep: Keep,
    namespace: Option<&str>,
    asked: Asked,
    ignored: &str,
) -> Ended {
    let texts: BTreeMap<String, String> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.replace('·', ""))).collect();
    let policy = Policy::default();
    let found: Vec<_> = texts.iter().map(|(path, text)| found(&texts, path, text)).collect();
    let wounds: Vec<Wound> = texts
        .iter()
        .zip(&found)
        .filter(|(_, found)| !found.is_empty())
        .map(|((path, text), findings)| Wound { path: Path::new(path), text, findings })
        .collect();
    let read = |path: &Path| texts.get(path.to_str()?).cloned();
    let mut means = Means {
        keep,
        namespace,
        policy: &policy,
        root: Path::new("/repository"),
        read: &read,
        files: &|| texts.keys().filter(|path| *path != ignored).map(PathBuf::from).collect(),
        untrack: asked.untrack,
        take_out: asked.take_out,
        sops: &of_sops::Missing,
        rng: &mut OsRng,
    };
    let mended = mend(&wounds, &mut means);
    let files = changed(&texts, &mended);
    let all: usize = wounds.iter().flat_map(|wound| wound.findings).filter(|f| f.verdict.is_leak()).count();
    assert_eq!(
        mended.mended.len() + mended.refused.len(),
        all,
        "each finding is mended or refused, and once"
    );
    Ended { mended, files }
}

/// The files as they are afterwards.
fn changed(texts: &BTreeMap<String, String>, mended: &Mended) -> BTreeMap<String, String> {
    let mut files = texts.clone();
    for changed in &mended.files {
        let path = changed.path.display().to_string();
        assert_eq!(changed.before.as_ref(), texts.get(&path));
        match &changed.after {
            Some(after) => drop(files.insert(path, after.clone())),
            None => drop(files.remove(&path)),
        }
    }
    files
}

/// What a scan of a tree finds in a file, by the kustomizations that name it too.
fn found(texts: &BTreeMap<String, String>, path: &str, text: &str) -> Vec<Finding> {
    let policy = Policy::default();
    let source = texts.iter().find_map(|(other, text)| {
        let folder = Path::new(other).parent().unwrap();
        let sources = scan(&policy, other, text.as_bytes()).sources;
        sources.into_iter().find(|source| folder.join(&source.path) == Path::new(path))
    });
    match source {
        Some(source) => scan_source(&policy, path, text.as_bytes(), &source).findings,
        None => scan(&policy, path, text.as_bytes()).findings,
    }
}

impl Ended {
    /// A file, with a word in the place of each sealed value.
    #[track_caller]
    fn file(&self, path: &str) -> String {
        let text = self.files.get(path).unwrap_or_else(|| panic!("no {path} in {:?}", self.files.keys()));
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "+/=".contains(letter);
        let (mut out, mut rest) = (String::new(), text.as_str());
        while let Some(start) = rest.find(is_letter) {
            let word = &rest[start..];
            let word = &word[..word.find(|letter| !is_letter(letter)).unwrap_or(word.len())];
            out.push_str(&rest[..start]);
            out.push_str(if word.len() > 300 { "SEALED" } else { word });
            rest = &rest[start + word.len()..];
        }
        out + rest
    }

    /// What the SealedSecrets of a file hold, as `NAMESPACE/NAME KEY=VALUE`.
    #[track_caller]
    #[expect(clippy::disallowed_methods, reason = "a test looks at what was sealed")]
    fn opened(&self, path: &str) -> Vec<String> {
        let mut keys = PrivateKeys::new();
        keys.add(Path::new("key"), &Plain::from(KEY.to_owned())).unwrap();
        let file = SealedFile::read(Path::new(path), &self.files[path]).unwrap();
        let mut all = Vec::new();
        for entry in file.entries() {
            let secret = entry.sealed.unseal(&keys, &mut OsRng).unwrap();
            all.extend(secret.items.iter().map(|(key, value)| {
                format!(
                    "{}/{} {key}={}",
                    secret.namespace,
                    secret.name,
                    value.expose_text().unwrap().as_str()
                )
            }));
        }
        all
    }

    fn changed(&self) -> Vec<String> {
        self.mended.files.iter().map(|changed| changed.path.display().to_string()).collect()
    }

    /// The reasons for which findings were refused.
    fn reasons(&self) -> Vec<&str> {
        self.mended.refused.iter().map(|refusal| refusal.reason.as_str()).collect()
    }

    /// All was mended, and nothing is left to be found.
    #[track_caller]
    fn clean(self) -> Self {
        assert_eq!(self.mended.refused, []);
        let tracked =
            self.files.iter().filter(|(path, _)| !self.mended.untracked.contains(&PathBuf::from(path)));
        for (path, text) in tracked {
            let left = scan(&Policy::default(), path, text.as_bytes()).findings;
            assert!(left.iter().all(|finding| !finding.verdict.is_leak()), "{path}: {left:?}\n{text}");
        }
        self
    }
}
