//! What has no cure is taken out: the value is kept in a Secret, and a reference to that stands in its place.
//!
//! That breaks whatever reads the value here, until it is told to read the Secret: it is done only where it is asked for.
//! The reference is `<secret:NAMESPACE/NAME#KEY>`: nothing follows it by itself, and a scan knows it for one.

use std::ops::Range;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::draft::Draft;
use super::kustomization::Chain;
use super::refusal::No;
use super::site::{self, Site};
use super::store::{Store, beside};
use super::tree::Tree;
use super::work::{Done, Work};
use super::{Means, Wound, proof, untrack};
use crate::external::Push;
use crate::plain::Plain;
use crate::scan::Finding;
use crate::yaml::Segment;

/// Where a Secret lands that nothing else gives a namespace, as with `kubectl apply`.
const DEFAULT: &str = "default";

/// The file at the top of the repository for what no kustomization applies, before its ending.
const FILE: &str = "taken-out";

/// What stands in a file in clear now, of what was refused.
struct Leak<'f> {
    number: usize,
    finding: &'f Finding,
    site: Option<Site>,
}

/// A finding by its number, and the reference that stands in its place.
pub(super) struct Taken {
    pub(super) finding: usize,
    pub(super) reference: String,
}

/// A Secret that takes values of a file in.
struct Keeper {
    namespace: String,
    store: Store,
}

/// Takes what was refused out of a file, unless Git could forget that file instead. What stays refused is given back.
pub(super) fn mend(
    wound: &Wound,
    refused: Vec<(usize, No)>,
    tree: &mut Tree,
    pushes: &mut Vec<Push>,
    means: &mut Means,
) -> (Done, Vec<Taken>) {
    let left = |refused| (Done { mended: Vec::new(), refused }, Vec::new());
    let Some(text) = tree.text(wound.path, means.read).map(Zeroizing::new) else { return left(refused) };
    if untrack::may_forget(wound) && !means.untrack {
        return left(refused);
    }
    let found = if *text == wound.text { None } else { Some(proof::leaks(means, wound.path, &text)) };
    let leaks = leaks(wound, &refused, &text, found.as_deref());
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
        let is_missed = |(number, _): &(usize, No)| leaks.iter().all(|leak| leak.number != *number);
        done.refused.extend(refused.iter().filter(|refused| is_missed(refused)).cloned());
        let done = work.end(wound, tree, known, done);
        let taken = taken.into_iter().filter(|taken| done.mended.contains(&taken.finding)).collect();
        (done, taken)
    });
    means.namespace = namespace;
    made.unwrap_or_else(|no| {
        pushes.truncate(known);
        left(refused.into_iter().map(|(number, _)| (number, no.clone())).collect())
    })
}

/// Documents are edited as such, and all else letter by letter.
fn draft(path: &Path, text: &str) -> Draft {
    let is_document =
        path.extension().is_some_and(|end| ["yaml", "yml", "json"].iter().any(|known| end == *known));
    let document = if is_document { Draft::open(path, text).ok() } else { None };
    document.unwrap_or_else(|| Draft::of_text(path, text))
}

/// Where what was refused stands now, from the last one on: what is taken out moves nothing before it.
fn leaks<'f>(
    wound: &Wound<'f>,
    refused: &[(usize, No)],
    text: &str,
    found: Option<&'f [Finding]>,
) -> Vec<Leak<'f>> {
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
    let leak = |(number, _): &(usize, No)| {
        let finding = now(wound.findings.get(*number)?)?;
        Some(Leak { number: *number, finding, site: Site::of(text, finding) })
    };
    let mut all: Vec<Leak> = refused.iter().filter_map(leak).collect();
    all.sort_by_key(|leak| std::cmp::Reverse(leak.finding.range.start));
    all
}

/// Takes out what can be, and keeps it.
fn take_all(work: &mut Work, leaks: &[Leak]) -> Result<(Done, Vec<Taken>), No> {
    let (mut done, mut taken, mut keepers) = (Done::default(), Vec::new(), Vec::new());
    for leak in leaks {
        match take(work, leak, &mut keepers) {
            Ok(reference) => {
                done.mended.push(leak.number);
                taken.push(Taken { finding: leak.number, reference });
            }
            Err(no) => done.refused.push((leak.number, no)),
        }
    }
    for keeper in keepers {
        keeper.store.keep(work, |_| ())?;
    }
    Ok((done, taken))
}

/// Takes one out; gives the reference that stands in its place.
fn take(work: &mut Work, leak: &Leak, keepers: &mut Vec<Keeper>) -> Result<String, No> {
    let keys = keys(work, leak);
    let keeper = keeper(work, leak, keepers)?;
    let written = Written::of(work.draft.text(), leak)?;
    let key = keeper.store.key(&written.value, &keys).ok_or_else(|| {
        let reason = format!("`{}` has other values under all keys of this name", keeper.store.name());
        No::new(reason, "take it out by hand")
    })?;
    let reference = format!("<secret:{}/{}#{key}>", keeper.namespace, keeper.store.name());
    let new = written.with(&reference);
    let place = leak.site.as_ref().filter(|site| site.is_whole).map(|site| (site.document, site.path()));
    match place {
        // It was added behind SOPS' back, which would miss a reference: without it the file is as SOPS has left it.
        Some((document, path)) if leak.finding.rule == "sops-unencrypted" => {
            work.draft.remove(document, &path)?;
        }
        Some((document, path)) => {
            let made = work.draft.overwrite(written.range, &new);
            made.or_else(|_| work.draft.set(document, &path, &new))?;
        }
        None => work.draft.overwrite(written.range, &new)?,
    }
    keeper.store.take(key, written.value);
    Ok(reference)
}

/// The Secret for a value: with the object that the value is in, where a kustomization applies that, and else in a file for
/// all that was taken out.
fn keeper<'k>(work: &mut Work, leak: &Leak, keepers: &'k mut Vec<Keeper>) -> Result<&'k mut Keeper, No> {
    let field = |key: &str| {
        let site = leak.site.as_ref().filter(|site| !site.kind.is_empty())?;
        let path = [&site.object[..], &site::path(&["metadata", key])].concat();
        work.draft.value(site.document, &path)?.as_str().map(str::to_owned)
    };
    let (name, own) = (field("name").unwrap_or_default(), field("namespace").unwrap_or_default());
    let is_applied = work.chain.first().is_some();
    let kind = leak.site.as_ref().map(|site| site.kind.clone()).filter(|_| is_applied).unwrap_or_default();
    let stem = Some(name).filter(|name| is_applied && !name.is_empty()).unwrap_or_else(|| slug(work.path));
    let name = format!("{stem}-taken-out");
    let namespace = work.namespace(&own, work.means.keep.scope())?;
    let at = keepers.iter().position(|known| known.namespace == namespace && known.store.name() == name);
    if let Some(at) = at {
        return Ok(&mut keepers[at]);
    }
    let file = if is_applied {
        beside(work, "-taken-out")
    } else {
        PathBuf::from(format!("{FILE}.{}.yaml", work.means.keep.ending()))
    };
    let store = Store::of(work, (&namespace, &name), &kind, &file)?;
    keepers.push(Keeper { namespace, store });
    keepers.last_mut().ok_or_else(No::unsafe_place)
}

/// A path as the name of an object.
fn slug(path: &Path) -> String {
    /// With the ending this is within the 253 letters of a name.
    const LONGEST: usize = 200;
    let letter =
        |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let name: String = path.to_string_lossy().chars().map(letter).collect();
    let name = name.get(name.len().saturating_sub(LONGEST)..).unwrap_or_default();
    let parts: Vec<&str> = name.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "file".to_owned() } else { parts.join("-") }
}

/// The keys under which a value may be kept: as it is called where it stands, else as its rule is.
fn keys(work: &Work, leak: &Leak) -> Vec<String> {
    /// Two values of one name in one file are already rare.
    const MOST: usize = 99;
    let letter = |letter: char| {
        if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '-' }
    };
    let of_way = || leak.finding.way.rsplit('.').next().map(str::to_owned);
    let name = called(work, leak).or_else(of_way).filter(|name| {
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        name.len() > 1 && !is_number && name != VALUE
    });
    let name = name.unwrap_or_else(|| leak.finding.rule.to_string());
    let name: String = name.chars().map(letter).collect();
    let numbered = (2..=MOST).map(|number| format!("{name}-{number}"));
    std::iter::once(name.clone()).chain(numbered).collect()
}

/// The key of a value that is all of a scalar; of `name: A`, `value: B` it is `A`.
fn called(work: &Work, leak: &Leak) -> Option<String> {
    let site = leak.site.as_ref().filter(|site| site.is_whole)?;
    match site.way.last()? {
        Segment::Key(key) if key == VALUE => {
            let name = [site.above(1), site::path(&["name"])].concat();
            work.draft.value(site.document, &name)?.as_str().map(str::to_owned)
        }
        Segment::Key(key) => Some(key.clone()),
        Segment::Index(_) => None,
    }
}

/// The key of values that are called by a key beside.
const VALUE: &str = "value";

/// What a value in a file of variables is told as.
const VARIABLE: &str = "variable";

/// How a value is written where it stands.
struct Written {
    /// The bytes that are another text afterwards.
    range: Range<usize>,
    /// What is kept: the value, or where that is written in a way that is not known, what is written.
    value: Plain,
    is_encoded: bool,
}

impl Written {
    #[expect(clippy::disallowed_methods, reason = "sink: a look at how a value is written, wiped")]
    fn of(text: &str, leak: &Leak) -> Result<Self, No> {
        let range = unquoted(text, leak.finding.range.clone());
        let written = text.get(range.clone()).filter(|text| !text.is_empty()).ok_or_else(No::unsafe_place)?;
        let value = leak.finding.value.expose_text().unwrap_or_default();
        let within = |letters: &str| {
            let at = written.find(letters).filter(|_| !letters.is_empty())?;
            Some(range.start + at..range.start + at + letters.len())
        };
        let duplicate = leak.finding.value.duplicate();
        // In a file of variables what is told is all of a value, and what that means.
        if leak.finding.rule == VARIABLE {
            return Ok(Self { range, value: duplicate, is_encoded: false });
        }
        if let Some(range) = within(&value) {
            return Ok(Self { range, value: duplicate, is_encoded: false });
        }
        if let Some(range) = within(&Zeroizing::new(STANDARD.encode(leak.finding.value.expose()))) {
            return Ok(Self { range, value: duplicate, is_encoded: true });
        }
        let is_whole = leak.site.as_ref().is_some_and(|site| site.is_whole);
        let value = if is_whole || squeezed(written) == squeezed(&value) {
            duplicate
        } else {
            Plain::from(written.to_owned())
        };
        Ok(Self { range, value, is_encoded: false })
    }

    /// What is written for a reference.
    fn with(&self, reference: &str) -> String {
        if self.is_encoded { STANDARD.encode(reference) } else { reference.to_owned() }
    }
}

/// A text without the white space that lines are indented and broken by.
fn squeezed(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(|letter| !letter.is_whitespace()).collect())
}

/// The range without quotes around it.
fn unquoted(text: &str, range: Range<usize>) -> Range<usize> {
    let is_quoted = |quote: char| {
        text.get(range.clone())
            .is_some_and(|text| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote))
    };
    if is_quoted('"') || is_quoted('\'') { range.start + 1..range.end - 1 } else { range }
}
