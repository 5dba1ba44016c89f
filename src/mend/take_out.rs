//! What has no cure is taken out: the value is kept in a Secret, and a reference to that stands in its place.
//!
//! That breaks whatever reads the value here, until it is told to read the Secret: it is done only where it is asked for.
//! The reference is `sealstrap://NAMESPACE/NAME#KEY`: nothing follows it by itself, and a scan knows it for one.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use zeroize::Zeroizing;

use super::draft::Draft;
use super::keeper::{Keeper, keys};
use super::kustomization::Chain;
use super::mention::apart;
use super::refusal::No;
use super::site::Site;
use super::tree::Tree;
use super::work::{Done, Work};
use super::written::Written;
use super::{Means, Wound, proof};
use crate::external::Push;
use crate::plain::Plain;
use crate::scan::Finding;
use crate::yaml::Segment;

/// Where a Secret lands that nothing else gives a namespace, as with `kubectl apply`.
const DEFAULT: &str = "default";

/// What stands in a file in clear now, of what was refused.
struct Leak<'f> {
    /// The finding, and those within it.
    numbers: Vec<usize>,
    finding: &'f Finding,
    site: Option<Site>,
}

/// A finding by its number, and where its value is kept.
pub(super) struct Taken {
    pub(super) finding: usize,
    pub(super) reference: String,
    /// The file of the Secret.
    pub(super) file: PathBuf,
}

/// Takes what was refused out of a file, but for what a flag would have mended. What stays refused is given back.
pub(super) fn mend(
    wound: &Wound,
    refused: Vec<(usize, No)>,
    tree: &mut Tree,
    pushes: &mut Vec<Push>,
    means: &mut Means,
) -> (Done, Vec<Taken>) {
    let left = |refused| (Done { mended: Vec::new(), refused }, Vec::new());
    let (waiting, refused): (Vec<_>, Vec<_>) = refused.into_iter().partition(|(_, no)| no.awaits_flag);
    let text = tree.text(wound.path, means.read).map(Zeroizing::new);
    let Some(text) = text.filter(|_| !refused.is_empty()) else { return left([waiting, refused].concat()) };
    let found = if *text == wound.text { None } else { Some(proof::leaks(means, wound.path, &text)) };
    let (leaks, mut missed) = leaks(wound, refused, &text, found.as_deref());
    missed.extend(waiting);
    let namespace = means.namespace;
    means.namespace = namespace.or(Some(DEFAULT));
    let known = pushes.len();
    let mut work = Work {
        path: wound.path,
        draft: draft(wound.path, &text),
        tree: tree.clone(),
        chain: Chain::of(wound.path, means.read),
        pushes,
        means,
    };
    let made = take_all(&mut work, &leaks).map(|(mut done, taken)| {
        done.refused.extend(missed.iter().cloned());
        let done = work.end(wound, tree, known, done);
        let taken = taken.into_iter().filter(|taken| done.mended.contains(&taken.finding)).collect();
        (done, taken)
    });
    means.namespace = namespace;
    made.unwrap_or_else(|no| {
        pushes.truncate(known);
        let numbers = leaks.iter().flat_map(|leak| &leak.numbers);
        left(numbers.map(|number| (*number, no.clone())).chain(missed).collect())
    })
}

/// Documents are edited as such, and all else letter by letter.
fn draft(path: &Path, text: &str) -> Draft {
    let is_document =
        path.extension().is_some_and(|end| ["yaml", "yml", "json"].iter().any(|known| end == *known));
    let document = if is_document { Draft::open(path, text).ok() } else { None };
    document.unwrap_or_else(|| Draft::of_text(path, text))
}

/// Where what was refused stands now, from the last one on: what is taken out moves nothing before it. What stands within
/// another one goes with that. Beside them what is not found any more, or cuts into another one.
fn leaks<'f>(
    wound: &Wound<'f>,
    refused: Vec<(usize, No)>,
    text: &str,
    found: Option<&'f [Finding]>,
) -> (Vec<Leak<'f>>, Vec<(usize, No)>) {
    let mut free: Vec<&Finding> = found.into_iter().flatten().collect();
    let mut now = |finding: &'f Finding| {
        let is_it = |other: &&Finding| {
            other.rule == finding.rule && other.way == finding.way && other.value.same_as(&finding.value)
        };
        match found {
            None => Some(finding),
            Some(_) => free.iter().position(is_it).map(|at| free.remove(at)),
        }
    };
    let (mut standing, mut missed) = (Vec::new(), Vec::new());
    for (number, no) in refused {
        match wound.findings.get(number).and_then(&mut now) {
            Some(finding) => standing.push((number, finding, no)),
            None => missed.push((number, no)),
        }
    }
    standing.sort_by_key(|(_, finding, _)| (finding.range.start, std::cmp::Reverse(finding.range.end)));
    let mut leaks: Vec<Leak> = Vec::new();
    for (number, finding, no) in standing {
        match leaks.last_mut().filter(|last| finding.range.start < last.finding.range.end) {
            Some(outer) if finding.range.end <= outer.finding.range.end => outer.numbers.push(number),
            Some(_) => missed.push((number, no)),
            None => leaks.push(Leak { numbers: vec![number], finding, site: Site::of(text, finding) }),
        }
    }
    leaks.reverse();
    (leaks, missed)
}

/// Takes out what can be, and keeps it.
fn take_all(work: &mut Work, leaks: &[Leak]) -> Result<(Done, Vec<Taken>), No> {
    let (mut done, mut taken, mut keepers) = (Done::default(), Vec::new(), Vec::new());
    let mut copies = Vec::new();
    for leak in leaks {
        match take(work, leak, &mut keepers) {
            Ok((reference, file, value)) => {
                done.mended.extend(&leak.numbers);
                let of_it = |number: &usize| Taken {
                    finding: *number,
                    reference: reference.clone(),
                    file: file.clone(),
                };
                taken.extend(leak.numbers.iter().map(of_it));
                copies.push((value, reference));
            }
            Err(no) => done.refused.extend(leak.numbers.iter().map(|number| (*number, no.clone()))),
        }
    }
    for (value, reference) in &copies {
        overwrite_copies(&mut work.draft, value, reference);
    }
    for keeper in keepers {
        keeper.store.keep(work, |_| ())?;
    }
    Ok((done, taken))
}

/// Takes one out; gives the reference that stands in its place, the file that it leads to, and what went.
fn take(work: &mut Work, leak: &Leak, keepers: &mut Vec<Keeper>) -> Result<(String, PathBuf, Plain), No> {
    let keys = keys(work, leak.finding, leak.site.as_ref());
    let keeper = Keeper::of(work, leak.site.as_ref(), keepers)?;
    let is_document = !work.draft.values().is_empty();
    let whole = leak.site.as_ref().filter(|site| is_document && site.is_whole);
    let written = Written::of(work.path, work.draft.text(), leak.finding, whole.is_some())?;
    let value = leak.finding.value.duplicate();
    let key = keeper.store.key(&value, keys).ok_or_else(|| {
        let reason = format!("`{}` has other values under all keys of this name", keeper.store.name());
        No::new(reason, "take it out by hand")
    })?;
    let reference = keeper.reference(&key);
    let place = whole.map(|site| (site.document, site.path()));
    let went = match place {
        // It was added behind SOPS' back, which would miss a reference: without it the file is as SOPS has left it.
        Some((document, path)) if leak.finding.rule == "sops-unencrypted" => {
            remove(&mut work.draft, document, &path)?;
            value.duplicate()
        }
        place => {
            let new = written.with(&reference);
            match (work.draft.overwrite(written.range.clone(), &new), place) {
                (Ok(_), _) if written.is_encoded || written.is_known => value.duplicate(),
                (Ok(went), _) => plainer(went, &value),
                (Err(_), Some((document, path))) => {
                    work.draft.set(document, &path, &new)?;
                    value.duplicate()
                }
                (Err(no), None) => return Err(no),
            }
        }
    };
    let file = keeper.store.file().to_owned();
    keeper.store.take(key, went);
    Ok((reference, file, value))
}

/// Of what went and the value that was found the one without the indentation of where it stood, if that is all by which
/// they differ; else what went.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: a look at two forms of a value, of which nothing is kept"
)]
fn plainer(went: Plain, found: &Plain) -> Plain {
    let (Some(one), Some(other)) = (went.expose_text(), found.expose_text()) else { return went };
    let is_space = |letter: &char| letter.is_whitespace();
    let is_same = one.chars().filter(|l| !is_space(l)).eq(other.chars().filter(|l| !is_space(l)));
    if is_same && other.trim().len() < one.len() { found.duplicate() } else { went }
}

/// Takes a key out, with the maps and lists that it leaves empty.
fn remove(draft: &mut Draft, document: usize, path: &[Segment]) -> Result<(), No> {
    let mut path = path;
    while let Some((_, above)) = path.split_last().filter(|(_, above)| !above.is_empty()) {
        let is_last = draft.value(document, above).is_some_and(|value| match value {
            Value::Object(map) => map.len() == 1,
            Value::Array(items) => items.len() == 1,
            _ => false,
        });
        if !is_last {
            break;
        }
        path = above;
    }
    draft.remove(document, path)
}

/// Puts a reference over what else the text has of a value, as it is or in base64: in a comment, under a name that tells
/// nothing.
#[expect(clippy::disallowed_methods, reason = "sink: what is looked for in a text, and wiped")]
fn overwrite_copies(draft: &mut Draft, value: &Plain, reference: &str) {
    let Some(text) = value.expose_text() else { return };
    let text = text.trim();
    if !proof::is_telling(text) {
        return;
    }
    let encoded = Zeroizing::new(STANDARD.encode(text));
    for (letters, new) in [(text, reference.to_owned()), (&*encoded, STANDARD.encode(reference))] {
        let found: Vec<_> = apart(draft.text(), letters, char::is_alphanumeric).collect();
        for range in found.into_iter().rev() {
            // What cannot be written over is part of a key, and stays.
            drop(draft.overwrite(range, &new));
        }
    }
}
