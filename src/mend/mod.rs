//! Secrets that a scan has found are mended: sealed where they stand, or moved to Vault, with edits that keep all else.
//!
//! From files and their findings to new texts. Nothing is read but by the caller's own reader, and nothing is written:
//! what comes out are texts before and after, and for each finding that it is mended, or why it is not.
//!
//! A file is mended as a whole or in parts, and never by guessing. Each edit is read back and compared with what was
//! meant; at the end the new text is scanned. What does not stand both proofs is refused, and the file stays.
//!
//! | module | what it knows |
//! | --- | --- |
//! | `site` | where a finding stands: document, object, the way of keys |
//! | `cure` | which cure there is for a place |
//! | `secret`, `sealed`, `workload`, `config_map`, `substitute`, `generator`, `helm_release`, `helm_values`, `chart_values`, `external_template`, `sops` | the cures |
//! | `whole`, `untrack` | the cures of files that are mended as a whole |
//! | `take_out`, `keeper`, `written` | what is done with the rest where that is asked for |
//! | `uses`, `mention` | who uses a ConfigMap that becomes a Secret, and which files speak of something |
//! | `draft`, `write`, `comments` | a text under edit, and what is written into it |
//! | [`untold`] | comments that would keep a value in clear |
//! | `store`, `home` | the file beside, in which values are kept that had no Secret of their own, and who shares it |
//! | `keep` | where values are kept: in Git, sealed, or in Vault |
//! | `kustomization`, `landing` | what a file goes through, and where its objects land |
//! | `tree` | the texts of all files so far |
//! | `proof` | that what was meant has come, and nothing else |
//! | [`diff()`] | what would change, with values masked |

mod chart_values;
mod comments;
mod config_map;
mod cure;
mod diff;
mod draft;
mod external_template;
mod generator;
mod helm_release;
mod helm_values;
mod home;
mod keep;
mod keeper;
mod kustomization;
mod landing;
mod mention;
mod proof;
mod refusal;
mod sealed;
mod secret;
mod site;
mod sops;
mod store;
mod substitute;
mod take_out;
#[cfg(test)]
mod tests;
mod tree;
mod untold;
mod untrack;
mod uses;
mod whole;
mod work;
mod workload;
mod write;
mod written;

use std::ops::Range;
use std::path::{Path, PathBuf};

use rand_core::CryptoRngCore;
use zeroize::{Zeroize, Zeroizing};

use crate::external::Push;
use crate::scan::{Finding, Policy};
use refusal::No;
use tree::Tree;
use work::Done;

pub use comments::carried;
pub use diff::diff;
pub use keep::Keep;
pub use sops::{Sops, Unopened};
pub use untold::untold;

/// A file to be mended.
#[derive(Clone, Copy)]
pub struct Wound<'f> {
    /// Its path from the root of the repository on.
    pub path: &'f Path,
    /// Its text.
    pub text: &'f str,
    /// What was found in it, as a scan of this text has told it.
    pub findings: &'f [Finding],
}

/// Where secrets are kept from now on, and how other files are read.
pub struct Means<'a> {
    /// Where they are kept.
    pub keep: Keep<'a>,
    /// The namespace of objects to which neither they themselves nor a kustomization give one.
    pub namespace: Option<&'a str>,
    /// What the repository says of findings: the new texts are scanned with it.
    pub policy: &'a Policy,
    /// The root of the repository, from which paths are told to the policy.
    pub root: &'a Path,
    /// Reads another file, by its path from the root on; nothing where there is none.
    pub read: &'a dyn Fn(&Path) -> Option<String>,
    /// The paths of all files, which may use what changes.
    pub files: &'a dyn Fn() -> Vec<PathBuf>,
    /// Whether Git is to forget files that a program reads on the machine of its user.
    pub untrack: bool,
    /// Whether values that cannot be mended are taken out of their files and kept, which breaks what reads them there.
    pub take_out: bool,
    /// Opens and encrypts files of SOPS.
    pub sops: &'a dyn Sops,
    /// Randomness.
    pub rng: &'a mut dyn CryptoRngCore,
}

/// What has come of it.
#[derive(Debug, Default)]
pub struct Mended {
    /// The files that change, in the order of their paths.
    pub files: Vec<Changed>,
    /// What has to lie in Vault before the files change; several may be for one path.
    pub pushes: Vec<Push>,
    /// The findings that are mended.
    pub mended: Vec<Which>,
    /// Those that are not.
    pub refused: Vec<Refusal>,
    /// The files that Git is to forget, and that stay where they are.
    pub untracked: Vec<PathBuf>,
    /// Of the mended ones those in whose places a reference stands to where the value is kept.
    pub taken_out: Vec<TakenOut>,
}

/// A finding, by the numbers of its wound and of itself in there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Which {
    /// The wound.
    pub wound: usize,
    /// The finding in its list.
    pub finding: usize,
}

/// A value that was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOut {
    /// The finding.
    pub which: Which,
    /// What leads to the value: `sealstrap://NAMESPACE/NAME#KEY`.
    pub reference: String,
    /// The file with that Secret, from the root of the repository on.
    pub file: PathBuf,
}

/// A file that changes.
#[derive(Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its path from the root of the repository on.
    pub path: PathBuf,
    /// Its text as it was; nothing for a new file.
    pub before: Option<String>,
    /// Its text as it is to be; nothing for a file that goes.
    pub after: Option<String>,
    /// The bytes of the text before that are secret.
    pub hidden: Vec<Range<usize>>,
    /// The bytes of the text after that are: what was refused.
    pub left: Vec<Range<usize>>,
}

/// A finding that is not mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The finding.
    pub which: Which,
    /// Why, in a sentence.
    pub reason: String,
    /// The way on.
    pub hint: String,
    /// Whether the way on is a flag.
    pub awaits_flag: bool,
}

/// Mends what can be mended for sure. Notes, such as placeholders, are neither mended nor refused.
#[must_use]
pub fn mend(wounds: &[Wound], means: &mut Means) -> Mended {
    let mut tree = Tree::of(wounds);
    let mut mended = Mended::default();
    let mut ends: Vec<Done> =
        wounds.iter().map(|wound| work::mend(wound, &mut tree, &mut mended.pushes, means)).collect();
    if means.take_out {
        mended.take_out(wounds, &mut ends, &mut tree, means);
    }
    for (number, file) in ends.into_iter().enumerate() {
        let which = |finding: usize| Which { wound: number, finding };
        mended.mended.extend(file.mended.into_iter().map(which));
        let refused = |(finding, no): (usize, No)| Refusal {
            which: which(finding),
            reason: no.reason,
            hint: no.hint,
            awaits_flag: no.awaits_flag,
        };
        mended.refused.extend(file.refused.into_iter().map(refused));
    }
    mended.take_removed(wounds, &tree);
    mended.untracked = tree.untracked().iter().cloned().collect();
    mended.files = tree.changed(means, values(wounds));
    mended
}

impl Mended {
    /// Takes out what was refused, when all that has a cure is mended.
    fn take_out(&mut self, wounds: &[Wound], ends: &mut [Done], tree: &mut Tree, means: &mut Means) {
        for (number, (wound, end)) in wounds.iter().zip(ends).enumerate() {
            let refused = std::mem::take(&mut end.refused);
            let (rest, taken) = take_out::mend(wound, refused, tree, &mut self.pushes, means);
            self.taken_out.extend(taken.into_iter().map(|taken| TakenOut {
                which: Which { wound: number, finding: taken.finding },
                reference: taken.reference,
                file: taken.file,
            }));
            end.mended.extend(rest.mended);
            end.refused = rest.refused;
        }
    }

    /// What was refused in a file that went later is mended with it.
    fn take_removed(&mut self, wounds: &[Wound], tree: &Tree) {
        let is_gone = |refusal: &Refusal| tree.is_removed(wounds[refusal.which.wound].path);
        let gone = self.refused.iter().filter(|refusal| is_gone(refusal)).map(|refusal| refusal.which);
        self.mended.extend(gone);
        self.refused.retain(|refusal| !is_gone(refusal));
    }
}

/// What is secret in the files, to be shown nowhere.
#[expect(clippy::disallowed_methods, reason = "sink: what is looked for in texts, to hide it, and wiped")]
fn values(wounds: &[Wound]) -> Vec<Zeroizing<String>> {
    let findings = wounds.iter().flat_map(|wound| wound.findings);
    findings.filter_map(|finding| finding.value.expose_text()).collect()
}

impl std::fmt::Debug for Means<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Means")
            .field("keep", &self.keep)
            .field("namespace", &self.namespace)
            .field("untrack", &self.untrack)
            .field("take_out", &self.take_out)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Wound<'_> {
    /// Its path; its text holds secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wound").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        self.before.zeroize();
        self.after.zeroize();
    }
}

impl std::fmt::Debug for Changed {
    /// Its path; its texts hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changed").field("path", &self.path).finish_non_exhaustive()
    }
}
