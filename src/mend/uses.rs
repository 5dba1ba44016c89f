//! Who uses a ConfigMap, and how each comes to use the Secret that takes its place.

use std::path::Path;

use serde_json::Value;

use super::cure::List;
use super::draft::Draft;
use super::kustomization::Chain;
use super::landing;
use super::mention::{has_word, may_become, mentioning, mentioning_part, speaks_of};
use super::refusal::No;
use super::site;
use super::tree::Tree;
use super::work::Work;
use super::{Means, workload};
use crate::seal::Scope;
use crate::yaml::Segment;

/// A ConfigMap that becomes a Secret.
pub(super) struct Map<'m> {
    pub(super) namespace: &'m str,
    pub(super) name: &'m str,
    /// What makes it: a document, or an entry of a generator in one.
    pub(super) document: usize,
    pub(super) path: Vec<Segment>,
}

/// How something is used: what of the place changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A volume: `configMap.name` becomes `secret.secretName`.
    Volume,
    /// A reference, whose key becomes this one.
    Key(&'static str),
    /// A reference with a `kind` beside its name.
    Kind,
}

/// A way to a name, and how that is used.
type Use = (usize, Vec<Segment>, Form);

/// Has all who use a ConfigMap of the file under work use a Secret of its name.
///
/// # Errors
/// Nobody is known to use it; something may use it in a way that is not known; there is a Secret of the name.
pub(super) fn rewrite(work: &mut Work, map: &Map) -> Result<(), No> {
    work.tree.put(work.path, work.draft.text().to_owned(), work.means.read);
    let mut many = 0;
    for file in mentioning(&work.tree, work.means, map.name) {
        many += of_file(work, map, &file)?;
    }
    for mark in ["{{", "${"] {
        let all = mentioning_part(&work.tree, work.means, mark);
        all.iter().try_for_each(|file| not_by_expression(work, map, file))?;
    }
    if many > 0 {
        return Ok(());
    }
    Err(No::new(
        format!(
            "no file says what reads the ConfigMap `{}`, which would have to read a Secret instead",
            map.name
        ),
        "move the secret to a sealed Secret by hand, and have what reads it refer to that",
    ))
}

/// The same in one file; how many uses there were.
fn of_file(work: &mut Work, map: &Map, file: &Path) -> Result<usize, No> {
    let is_own = file == work.path;
    let text = work.tree.text(file, work.means.read).unwrap_or_default();
    let mut draft = match Draft::open(file, &text) {
        Ok(_) if is_own => work.draft.clone(),
        Ok(draft) => draft,
        Err(_) if speaks_of(&text.replace(map.name, ""), "configmap") => {
            return Err(unknown(map, file, "a text that is no YAML"));
        }
        Err(_) => return Ok(0),
    };
    let chain = if is_own { work.chain.clone() } else { Chain::of(file, work.means.read) };
    let search = Search { map, file, is_own, chain: &chain, tree: &work.tree, means: work.means };
    let uses = search.all(&draft)?;
    for (document, path, form) in &uses {
        change(&mut draft, *document, path, *form)?;
    }
    if is_own {
        work.draft = draft;
    } else if !uses.is_empty() {
        work.tree.put(file, draft.text().to_owned(), work.means.read);
    }
    Ok(uses.len())
}

/// Refuses a file in which the name may come of an expression. What is no YAML is the template of a chart, which brings
/// ConfigMaps of its own.
fn not_by_expression(work: &Work, map: &Map, file: &Path) -> Result<(), No> {
    let text = work.tree.text(file, work.means.read).unwrap_or_default();
    if !speaks_of(&text, "configmap") {
        return Ok(());
    }
    let chain = Chain::of(file, work.means.read);
    let is_own = file == work.path;
    let search = Search { map, file, is_own, chain: &chain, tree: &work.tree, means: work.means };
    match Draft::open(file, &text) {
        Ok(draft) => {
            let mut objects = draft.values().iter().flat_map(objects);
            objects.try_for_each(|(_, object)| search.has_no_expression(object))
        }
        Err(_) => Ok(()),
    }
}

/// Changes what stands around a name.
fn change(draft: &mut Draft, document: usize, path: &[Segment], form: Form) -> Result<(), No> {
    let above = &path[..path.len() - 1];
    match form {
        Form::Volume => {
            draft.rename(document, path, "secretName")?;
            draft.rename(document, above, "secret")
        }
        Form::Key(key) => draft.rename(document, above, key),
        Form::Kind => draft.set(document, &[above, &["kind".into()]].concat(), "Secret"),
    }
}

fn unknown(map: &Map, file: &Path, way: &str) -> No {
    No::new(
        format!(
            "{} may use the ConfigMap `{}` in a way that cannot be changed for sure ({way})",
            file.display(),
            map.name
        ),
        "move the secret to a sealed Secret by hand, and have what reads it refer to that",
    )
}

/// What is looked for in a file.
struct Search<'s, 'm> {
    map: &'s Map<'s>,
    file: &'s Path,
    is_own: bool,
    chain: &'s Chain,
    tree: &'s Tree,
    means: &'s Means<'m>,
}

impl Search<'_, '_> {
    /// All uses in a file.
    fn all(&self, draft: &Draft) -> Result<Vec<Use>, No> {
        let mut uses = Vec::new();
        for (document, value) in draft.values().iter().enumerate() {
            for (path, object) in objects(value) {
                let is_map = self.is_own && document == self.map.document && self.map.path == path;
                if !is_map {
                    let found = self.of_object(document, object)?;
                    let whole =
                        |(way, form): (Vec<Segment>, Form)| (document, [path.clone(), way].concat(), form);
                    uses.extend(found.into_iter().map(whole));
                }
            }
        }
        Ok(uses)
    }

    fn of_object(&self, document: usize, object: &Value) -> Result<Vec<(Vec<Segment>, Form)>, No> {
        let own = object.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default();
        let namespace =
            landing::namespace(self.file, self.chain, own, Scope::Strict, self.tree, self.means).ok();
        if namespace.as_ref().is_some_and(|namespace| namespace != self.map.namespace) {
            return self.names_it_elsewhere(object).map(|()| Vec::new());
        }
        self.is_another(object)?;
        let mut uses = Vec::new();
        for (way, text) in site::texts(object) {
            let is_entry = self.is_own && document == self.map.document && way.starts_with(&self.map.path);
            if is_entry && !self.map.path.is_empty() || !has_word(text, self.map.name) {
                continue;
            }
            let form = (text == self.map.name).then(|| form(object, &way)).flatten();
            match form {
                Some(_) if namespace.is_none() => {
                    return Err(No::new(
                        format!("{} uses the ConfigMap, and its namespace is not known", self.file.display()),
                        "write `metadata.namespace`, or name it with `--namespace`",
                    ));
                }
                Some(_) if self.chain.has_patch(self.file) => {
                    return Err(unknown(self.map, self.file, "a patch"));
                }
                Some(form) => uses.push((way, form)),
                None => self.is_harmless(object, &way, text)?,
            }
        }
        Ok(uses)
    }

    /// Refuses an object of another namespace that names the ConfigMap with its own: a mirror, a program that is told to
    /// read it.
    fn names_it_elsewhere(&self, object: &Value) -> Result<(), No> {
        let whole = format!("{}/{}", self.map.namespace, self.map.name);
        let is_named = |(way, text): &(Vec<Segment>, &str)| {
            let beside = || above(object, way)?.get("namespace")?.as_str();
            has_word(text, &whole) || *text == self.map.name && beside() == Some(self.map.namespace)
        };
        let is_own = |way: &[Segment]| way == site::path(&["metadata", "name"]);
        match site::texts(object).iter().find(|named| is_named(named) && !is_own(&named.0)) {
            None => Ok(()),
            Some((way, _)) => Err(unknown(self.map, self.file, &format!("`{}`", site::dotted(way)))),
        }
    }

    /// Refuses an object with an expression where the name of a ConfigMap stands, which may come out as this one.
    fn has_no_expression(&self, object: &Value) -> Result<(), No> {
        let own = object.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default();
        let namespace =
            landing::namespace(self.file, self.chain, own, Scope::Strict, self.tree, self.means).ok();
        let is_here = namespace.is_none_or(|namespace| namespace == self.map.namespace);
        let may_be_it = |(way, text): &(Vec<Segment>, &str)| {
            may_become(text, self.map.name) && speaks(object, way, "configmap")
        };
        match site::texts(object).iter().find(|found| is_here && may_be_it(found)) {
            None => Ok(()),
            Some((way, _)) => Err(unknown(self.map, self.file, &format!("`{}`", site::dotted(way)))),
        }
    }

    /// Refuses an object that is another part of the ConfigMap, or a Secret of its name.
    fn is_another(&self, object: &Value) -> Result<(), No> {
        let text = |way: &str| object.pointer(way).and_then(Value::as_str).unwrap_or_default();
        let kind = text("/kind");
        let makes = text("/metadata/name") == self.map.name || text("/spec/target/name") == self.map.name;
        if !makes || !(kind == "ConfigMap" || kind.contains("Secret")) {
            return Ok(());
        }
        let reason = format!("{} has a {kind} `{}` too", self.file.display(), self.map.name);
        Err(No::new(reason, "put all of it into one, or give one of both another name"))
    }

    /// Refuses a text that names the ConfigMap, or a Secret of its name, where nobody knows what reads it.
    fn is_harmless(&self, object: &Value, way: &[Segment], text: &str) -> Result<(), No> {
        let rest = text.replace(self.map.name, "");
        let speaks = |kind: &str| speaks(object, way, kind) || speaks_of(&rest, kind);
        // A key of a ConfigMap, or a path in a volume, is no name of one.
        let is_key = matches!(way.last(), Some(Segment::Key(key)) if key == "key" || key == "path");
        let grants = object.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("Role"));
        let is_rule = grants && way.first() == Some(&"rules".into());
        if is_rule || !is_key && (speaks("configmap") || speaks("secret") || has_word(&rest, "cm")) {
            let place =
                if way.is_empty() { "in a text".to_owned() } else { format!("`{}`", site::dotted(way)) };
            return Err(unknown(self.map, self.file, &place));
        }
        Ok(())
    }
}

/// In how many texts a document speaks of a ConfigMap of a name, but for the generator that makes it.
pub(super) fn speaking(document: &Value, name: &str) -> usize {
    let is_it = |(way, text): &(Vec<Segment>, &str)| {
        let is_made = way.first() == Some(&List::ConfigMaps.key().into());
        let speaks = || speaks(document, way, "configmap") || speaks_of(&text.replace(name, ""), "configmap");
        !is_made && has_word(text, name) && speaks()
    };
    site::texts(document).iter().filter(|found| is_it(found)).count()
}

/// Whether what stands around a text speaks of objects of a kind: a key above it, or what is said beside it.
fn speaks(object: &Value, way: &[Segment], kind: &str) -> bool {
    let own = way.last();
    let beside = |key: &&str| {
        let is_own = matches!(own, Some(Segment::Key(own)) if own == key);
        above(object, way)?.get(*key)?.as_str().filter(|_| !is_own)
    };
    let in_keys = way.iter().any(|part| matches!(part, Segment::Key(key) if speaks_of(key, kind)));
    in_keys
        || ["kind", "type", "resource", "name"].iter().filter_map(beside).any(|text| speaks_of(text, kind))
}

/// How a name at the end of a way is used, where that is known.
fn form(object: &Value, way: &[Segment]) -> Option<Form> {
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let (kind, version) = (text("kind"), text("apiVersion"));
    let is_of = |list: &str, group: &str| {
        let beside = above(object, way).and_then(|above| above.get("kind")?.as_str());
        beside == Some("ConfigMap") && version.starts_with(group) && pattern(way) == format!("{list}.*.name")
    };
    match kind {
        "HelmRelease" if is_of("spec.valuesFrom", "helm.toolkit.fluxcd.io/") => Some(Form::Kind),
        "Kustomization" if is_of("spec.postBuild.substituteFrom", "kustomize.toolkit.fluxcd.io/") => {
            Some(Form::Kind)
        }
        _ => of_pod(way.strip_prefix(&site::path(workload::pod(kind)?)[..])?),
    }
}

/// The same from a pod's specification on.
fn of_pod(way: &[Segment]) -> Option<Form> {
    let pattern = pattern(way);
    let in_container = ["containers.*.", "initContainers.*.", "ephemeralContainers.*."];
    let in_container = in_container.iter().find_map(|head| pattern.strip_prefix(head));
    match (pattern.as_str(), in_container) {
        ("volumes.*.configMap.name", _) => Some(Form::Volume),
        ("volumes.*.projected.sources.*.configMap.name", _) => Some(Form::Key("secret")),
        (_, Some("envFrom.*.configMapRef.name")) => Some(Form::Key("secretRef")),
        (_, Some("env.*.valueFrom.configMapKeyRef.name")) => Some(Form::Key("secretKeyRef")),
        _ => None,
    }
}

/// A way in one word, without the numbers of items.
fn pattern(way: &[Segment]) -> String {
    let part = |segment: &Segment| match segment {
        Segment::Key(key) => key.clone(),
        Segment::Index(_) => "*".to_owned(),
    };
    way.iter().map(part).collect::<Vec<_>>().join(".")
}

/// The objects of a document, each with the way to it: those of a List are its own.
fn objects(document: &Value) -> Vec<(Vec<Segment>, &Value)> {
    let is_list = document.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
    match document.get("items").and_then(Value::as_array).filter(|_| is_list) {
        Some(items) => {
            items.iter().enumerate().map(|(index, item)| (vec!["items".into(), index.into()], item)).collect()
        }
        None => vec![(Vec::new(), document)],
    }
}

/// The map or list around the value at the end of a way.
fn above<'v>(object: &'v Value, way: &[Segment]) -> Option<&'v Value> {
    way[..way.len().checked_sub(1)?].iter().try_fold(object, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.get(index),
    })
}
