//! One walk through a document: each value is judged at the place where it stands.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::terraform::{self, Blocks};
use super::{
    Object, Place, annotation, config, environment, external, kustomize, object, sealed, secret, sops,
};
use crate::plain::Plain;
use crate::scan::verdict::{Expect, Verdict, judge};
use crate::yaml::LAST_APPLIED;
use crate::yaml::outline::{Id, Outline, Shape, outlines};

/// Texts within texts: a manifest in a ConfigMap in an annotation. Deeper ones are not looked into.
const DEEPEST: u8 = 4;

/// A value that is to be told.
#[derive(Debug)]
pub struct Leak {
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub verdict: Verdict,
    /// Its bytes in the file.
    pub range: Range<usize>,
    /// The number of its document in the file, from 1.
    pub document: usize,
    /// The object that it is in.
    pub object: Option<Arc<Object>>,
    /// The keys on the way to it, with dots between; within the object if there is one.
    pub way: String,
    /// The value, decoded.
    pub value: Plain,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Documents with anything in them.
    pub documents: usize,
    /// Values that were judged.
    pub values: usize,
    /// Lines that were not understood.
    pub doubts: usize,
}

/// What was seen in a text.
#[derive(Debug, Default)]
pub struct Seen {
    /// Values to be told, in the order of the text.
    pub leaks: Vec<Leak>,
    /// Bytes that are known to be no secret, whatever they look like, in their order: ciphertext, references.
    pub silent: Vec<Range<usize>>,
    /// What was looked at.
    pub tally: Tally,
    /// Other files of which generators make Secrets.
    pub sources: Vec<Source>,
}

/// A file of which a generator makes a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its path from the folder of the kustomization on.
    pub path: String,
    /// Whether it holds variables, one a line; otherwise it is one value as a whole.
    pub is_variables: bool,
}

/// Looks at a file of which a generator makes a Secret: all of its variables are secret, or it is one as a whole.
#[must_use]
pub fn look_at_source(text: &str, source: &Source) -> Seen {
    let mut look = Look { tally: Tally { documents: 1, ..Tally::default() }, ..Look::default() };
    let scope = Scope { place: Place::SecretGenerator, object: None, origin: &|range| range, depth: 0 };
    let name = source.path.rsplit('/').next().unwrap_or_default();
    if source.is_variables {
        config::lines(&mut look, text, &scope, Expect::Secrets, None);
    } else {
        look.tally.values += 1;
        let verdict = judge(Expect::Secrets, name, text);
        if verdict.is_told() {
            look.leak(&scope, verdict, 0..text.trim_end().len(), name.to_owned(), text.trim_end().as_bytes());
        }
    }
    look.end()
}

/// Looks at all documents of a text. `path` tells files of Helm values from others.
#[must_use]
pub fn look(path: &str, text: &str) -> Seen {
    let mut look = Look::default();
    for outline in outlines(text) {
        look.document += 1;
        if outline.size() > 1 || !outline.range(0).is_empty() {
            look.tally.documents += 1;
            look.tally.doubts += outline.doubts().len();
            let place = if is_values_file(path) { Place::HelmValues } else { Place::Field };
            look.text(&outline, &Scope { place, object: None, origin: &|range| range, depth: 0 });
        }
    }
    look.end()
}

/// Looks at a text of variables, one a line. `path` tells what Terraform reads from others.
#[must_use]
pub fn look_at_lines(path: &str, text: &str) -> Seen {
    let mut look = Look { tally: Tally { documents: 1, ..Tally::default() }, ..Look::default() };
    let scope = Scope { place: Place::Variable, object: None, origin: &|range| range, depth: 0 };
    let blocks = terraform::is_read(path).then(Blocks::default);
    config::lines(&mut look, text, &scope, Expect::ByName, blocks);
    look.end()
}

/// Whether a path is that of a file with values for a chart.
fn is_values_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
    stem.is_some_and(|stem| {
        stem.starts_with("values") || stem.ends_with("values") || path.contains("/values/")
    })
}

#[derive(Default)]
pub(super) struct Look {
    leaks: Vec<Leak>,
    /// The bytes of those: a value is told once, by what was first asked of it.
    told: HashSet<(usize, usize)>,
    silent: Vec<Range<usize>>,
    pub(super) tally: Tally,
    pub(super) sources: Vec<Source>,
    document: usize,
}

/// Where a walk is.
#[derive(Clone)]
pub(super) struct Scope<'s> {
    /// What a value is called whose name says that it is secret.
    pub(super) place: Place,
    pub(super) object: Option<Arc<Object>>,
    /// From bytes of the text that is walked through to bytes of the file.
    pub(super) origin: &'s dyn Fn(Range<usize>) -> Range<usize>,
    pub(super) depth: u8,
}

impl Scope<'_> {
    pub(super) fn at(&self, place: Place) -> Self {
        Self { place, ..self.clone() }
    }
}

impl Look {
    fn end(self) -> Seen {
        let Self { mut leaks, mut silent, tally, sources, .. } = self;
        leaks.sort_by_key(|leak| (leak.range.start, leak.range.end));
        silent.sort_by_key(|range| range.start);
        Seen { leaks, silent, tally, sources }
    }

    /// Walks through a document.
    fn text(&mut self, outline: &Outline, scope: &Scope) {
        if let Some(rules) = sops::Rules::of(outline) {
            sops::check(self, outline, &rules, scope);
        }
        self.node(outline, 0, scope);
    }

    /// Walks through a value and what is below it.
    pub(super) fn node(&mut self, outline: &Outline, id: Id, scope: &Scope) {
        match outline.shape(id) {
            Shape::Map => match object::of(outline, id) {
                Some(object) => {
                    self.object(outline, id, &Scope { object: Some(Arc::new(object)), ..scope.clone() });
                }
                None => self.map(outline, id, scope),
            },
            Shape::List => {
                environment::arguments(self, outline, id, scope);
                environment::variables(self, outline, id, scope);
                for item in outline.children(id) {
                    self.node(outline, item, scope);
                }
            }
            // What an alias names is judged where that stands, but for the names of secrets that it is given here.
            Shape::Alias | Shape::Scalar(_) => self.scalar(outline, id, scope),
        }
    }

    fn object(&mut self, outline: &Outline, id: Id, scope: &Scope) {
        let kind = scope.object.as_ref().map(|object| object.kind.clone()).unwrap_or_default();
        match kind.as_str() {
            "Secret" => secret::check(self, outline, id, scope),
            "SealedSecret" => sealed::check(self, outline, id, scope),
            "ExternalSecret" | "ClusterExternalSecret" | "PushSecret" | "ClusterPushSecret" => {
                external::check(self, outline, id, scope);
            }
            // A schema names fields and holds no values.
            "CustomResourceDefinition" => {}
            "ConfigMap" => self.map(outline, id, &scope.at(Place::ConfigText)),
            "HelmRelease" => self.map(outline, id, &scope.at(Place::HelmReleaseValues)),
            "Application" | "ApplicationSet" => self.map(outline, id, &scope.at(Place::HelmParameter)),
            _ => self.map(outline, id, scope),
        }
    }

    /// Walks through the pairs of a map.
    pub(super) fn map(&mut self, outline: &Outline, id: Id, scope: &Scope) {
        let told = environment::entry(self, outline, id, scope);
        // Beside a reference into a store, a key of it is a name.
        let is_reference = outline.get(id, "remoteRef").is_some();
        for child in outline.children(id) {
            let is_name = is_reference && outline.key(child).as_deref() == Some("secretKey");
            if told != Some(child) && !is_name {
                self.pair(outline, child, scope);
            }
        }
    }

    /// Walks through one pair of a map.
    pub(super) fn pair(&mut self, outline: &Outline, id: Id, scope: &Scope) {
        let key = outline.key(id).unwrap_or_default();
        match key.as_ref() {
            // What SOPS keeps about a file.
            "sops" if sops::is_metadata(outline, id) => {}
            _ if annotation::is_reference(&key) => {}
            "secretGenerator" => kustomize::generators(self, outline, id, scope),
            "configMapGenerator" => kustomize::plain_generators(self, outline, id, scope),
            key if LAST_APPLIED.contains(&key) => annotation::last_applied(self, outline, id, scope),
            _ => self.node(outline, id, scope),
        }
    }

    /// A value under a key whose name says whether it is secret.
    fn scalar(&mut self, outline: &Outline, id: Id, scope: &Scope) {
        self.named(outline, id, &outline.key(id).unwrap_or_default(), scope);
    }

    /// A value, by a name that says whether it is secret.
    pub(super) fn named(&mut self, outline: &Outline, id: Id, name: &str, scope: &Scope) {
        let text = outline.scalar(id).unwrap_or_default();
        if text.is_empty() || outline.tag(id).is_some_and(is_lookup) {
            return;
        }
        let verdict = judge(Expect::ByName, name, &text);
        self.tell(outline, id, scope, verdict, text.as_bytes());
        // What is within the value of an alias is judged where that stands.
        if !verdict.is_leak() && outline.shape(id) != Shape::Alias {
            self.inner(outline, id, &text, scope);
        }
    }

    /// Looks into a text of several lines, or one that is a document of its own.
    pub(super) fn inner(&mut self, outline: &Outline, id: Id, text: &str, scope: &Scope) {
        if scope.depth >= DEEPEST || !text.contains('\n') && !text.starts_with(['{', '[']) {
            return;
        }
        let origin = within(outline, id, scope);
        let place = if scope.place == Place::Field { Place::ConfigText } else { scope.place };
        let inside = Scope { place, object: scope.object.clone(), origin: &origin, depth: scope.depth + 1 };
        config::text(self, text, &inside);
    }

    /// Walks through a text that is made of documents.
    pub(super) fn documents(&mut self, text: &str, scope: &Scope) {
        for outline in outlines(text) {
            self.text(&outline, scope);
        }
    }

    /// Notes a value of a document.
    pub(super) fn tell(&mut self, outline: &Outline, id: Id, scope: &Scope, verdict: Verdict, value: &[u8]) {
        self.tally.values += 1;
        let range = || (scope.origin)(outline.range(outline.resolved(id)));
        let verdict = match scope.place {
            Place::ExternalSecretTemplate | Place::SealedSecretTemplate => {
                verdict.beside_references(std::str::from_utf8(value).unwrap_or_default())
            }
            _ => verdict,
        };
        let is_told = verdict.is_told() && (verdict != Verdict::Placeholder || scope.place.is_for_secrets());
        if is_told {
            let way = way(outline, id, scope);
            self.leak(scope, verdict, range(), way, value);
        } else if matches!(
            verdict,
            Verdict::Sealed | Verdict::Encrypted | Verdict::Reference | Verdict::Public
        ) {
            self.silent.push(range());
        }
    }

    /// Judges the value of a word `NAME=value`, of which so many bytes stand before the value, and notes it where it is secret.
    pub(super) fn word(
        &mut self,
        (outline, id): (&Outline, Id),
        (name, value, before): (&str, &str, usize),
        way: String,
        scope: &Scope,
        expect: Expect,
    ) -> Verdict {
        let verdict = judge(expect, name, value);
        if verdict.is_leak() {
            let range = within(outline, id, scope)(before..before + value.len());
            self.tally.values += 1;
            self.leak(scope, verdict, range, way, value.as_bytes());
        }
        verdict
    }

    pub(super) fn leak(
        &mut self,
        scope: &Scope,
        verdict: Verdict,
        range: Range<usize>,
        way: String,
        value: &[u8],
    ) {
        if !self.told.insert((range.start, range.end)) {
            return;
        }
        self.leaks.push(Leak {
            place: scope.place,
            verdict,
            range,
            document: self.document,
            object: scope.object.clone(),
            way,
            value: Plain::new(value.to_vec()),
        });
    }
}

/// Whether a tag has a program put the value there: Home Assistant, `pyaml_env`, `CloudFormation`, `mkdocs`.
fn is_lookup(tag: &str) -> bool {
    const TAGS: [&str; 10] = [
        "secret",
        "env",
        "env_var",
        "include",
        "file",
        "lookup",
        "reference",
        "ref",
        "getatt",
        "importvalue",
    ];
    let name = tag.trim_start_matches('!').to_ascii_lowercase();
    TAGS.iter()
        .any(|known| name == *known || name.strip_prefix(known).is_some_and(|rest| rest.starts_with('_')))
}

/// From bytes of a value's text to bytes of the file.
pub(super) fn within<'s>(
    outline: &Outline,
    id: Id,
    scope: &'s Scope,
) -> impl Fn(Range<usize>) -> Range<usize> + 's {
    let places = outline.places(id);
    move |range| (scope.origin)(places.range(range))
}

/// The keys on the way to a value, from its object on.
pub(super) fn way(outline: &Outline, id: Id, scope: &Scope) -> String {
    let mut parts: Vec<Cow<str>> = Vec::new();
    let mut at = Some(id);
    while let Some(node) = at {
        let is_object = node != id && scope.object.is_some() && object::of(outline, node).is_some();
        if is_object {
            break;
        }
        let parent = outline.parent(node);
        match (outline.key(node), parent) {
            (Some(key), _) => parts.push(key),
            (None, Some(_)) => parts.push(Cow::Owned(outline.number(node).to_string())),
            (None, None) => {}
        }
        at = parent;
    }
    parts.reverse();
    parts.join(".")
}
