//! An entry of a generator of a kustomization becomes a SealedSecret or ExternalSecret of the same name; the files that it
//! names go.

use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value};

use super::cure::List;
use super::keep::Keep;
use super::kustomization::{changing, naming, selecting};
use super::mention::{code_naming, naming_path, pipeline_naming};
use super::refusal::No;
use super::secret::is_filled_in;
use super::store::Store;
use super::work::Work;
use super::{config_map, uses};
use crate::plain::Plain;
use crate::scan::place::unquoted;
use crate::scan::plain;
use crate::yaml::Segment;

/// The fields of an entry that are understood.
const FIELDS: [&str; 8] = ["name", "namespace", "type", "literals", "envs", "env", "files", "options"];

const BY_HAND: &str = "seal it by hand: `kustomize build` shows what the entry makes";

/// Seals what an entry makes, takes the entry out, and has its files go. One that is gone already went with its files.
pub(super) fn mend(work: &mut Work, document: usize, list: List, name: &str) -> Result<(), No> {
    let path: Vec<Segment> = vec![list.key().into()];
    let all = work.draft.value(document, &path).and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(at) = all.iter().position(|entry| entry["name"] == *name) else { return Ok(()) };
    let entry = all[at].as_object().cloned().ok_or_else(No::unsafe_place)?;
    let options = options(work, document, list, &entry)?;
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    let namespace = work.namespace(text("namespace"), work.means.keep.scope())?;
    let beside = work.path.with_file_name(format!("{name}.{}.yaml", work.means.keep.ending()));
    let mut store = Store::of(work, (&namespace, name), "", &beside)?;
    let files = fill(work, &mut store, &entry)?;
    let entry_path = [path.clone(), vec![at.into()]].concat();
    if list == List::ConfigMaps {
        let map = uses::Map { namespace: &namespace, name, document, path: entry_path.clone() };
        uses::rewrite(work, &map)?;
    }
    let kind = Some(text("type").to_owned()).filter(|kind| !kind.is_empty());
    store.keep(work, |secret| {
        secret.kind = kind;
        for (key, map) in [("labels", &mut secret.labels), ("annotations", &mut secret.annotations)] {
            let texts = options.iter().filter_map(|options| options.get(key)?.as_object()).flatten();
            map.extend(texts.filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned()))));
        }
    })?;
    work.draft.remove(document, if all.len() == 1 { &path } else { &entry_path })?;
    files.iter().try_for_each(|file| take_away(work, file))
}

/// Puts all that an entry makes into a new SealedSecret; gives the files that it comes from.
fn fill(work: &Work, store: &mut Store, entry: &Map<String, Value>) -> Result<Vec<PathBuf>, No> {
    if store.is_old() {
        let kind = match work.means.keep {
            Keep::Sealed { .. } | Keep::Nowhere => "a SealedSecret",
            Keep::Vault(_) => "an ExternalSecret",
        };
        let reason = format!("there is {kind} `{}` already", store.name());
        return Err(No::new(reason, "remove one of the two"));
    }
    if let Some(other) = changing(store.name(), &work.tree, work.means).first() {
        let reason = format!("{} changes what the entry makes", other.file.display());
        return Err(No::new(reason, BY_HAND));
    }
    if let Some(other) = selecting(store.name(), &work.chain, &work.tree, work.means) {
        let reason = format!("{} patches or reads what the entry makes, as a Secret", other.display());
        return Err(No::new(reason, BY_HAND));
    }
    let (items, files) = items(work, entry)?;
    for (key, value) in items {
        let twice = || No::new(format!("the key `{key}` stands twice"), "remove one of the two");
        let key = store.key(&value, [key.clone()]).ok_or_else(twice)?;
        store.take(key, value);
    }
    Ok(files)
}

/// The options that hold for an entry: those of all, and its own.
///
/// # Errors
/// The entry says more than can be sealed.
fn options(work: &Work, document: usize, list: List, entry: &Map<String, Value>) -> Result<Vec<Value>, No> {
    if let Some(other) = entry.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(No::new(format!("the entry has `{other}`, which cannot be sealed along"), BY_HAND));
    }
    let of_all = work.draft.value(document, &["generatorOptions".into()]);
    let options: Vec<Value> = of_all.into_iter().chain(entry.get("options")).cloned().collect();
    let is_immutable =
        |options: &Value| options.get("immutable").is_some_and(|flag| *flag != Value::Bool(false));
    if options.iter().any(is_immutable) {
        return Err(No::new("the Secret is to be immutable, and would keep its name", BY_HAND));
    }
    let keys = |key: &'static str| options.iter().filter_map(move |all| all.get(key)?.as_object());
    let keys = keys("labels").chain(keys("annotations")).flat_map(|map| map.keys());
    if list == List::ConfigMaps {
        config_map::is_found_by_name(keys)?;
    }
    Ok(options)
}

/// Values by their keys, and the files that they come from.
type Items = (Vec<(String, Plain)>, Vec<PathBuf>);

/// What an entry makes, as kustomize reads it.
fn items(work: &Work, entry: &Map<String, Value>) -> Result<Items, No> {
    let list = |key: &str| {
        let all = entry.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        all.into_iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(No::unsafe_place))
    };
    let (mut items, mut files) = (Vec::new(), Vec::new());
    for literal in list("literals") {
        let literal = literal?;
        let (key, value) = literal.split_once('=').ok_or_else(No::unsafe_place)?;
        items.push((key.to_owned(), unquoted(value).to_owned()));
    }
    let env = entry.get("env").and_then(Value::as_str).map(|path| Ok(path.to_owned()));
    for path in list("envs").chain(env) {
        let (file, text) = file(work, &path?)?;
        items.extend(variables(&text)?);
        files.push(file);
    }
    for named in list("files") {
        let named = named?;
        let (key, path) = named.split_once('=').map_or((None, &*named), |(key, path)| (Some(key), path));
        let (file, text) = file(work, path)?;
        let own = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        items.push((key.map_or(own, str::to_owned), text));
        files.push(file);
    }
    let sealable = |(key, text): (String, String)| {
        let value = Plain::from(text);
        let No { reason, hint, .. } = No::expression();
        let no = || No::new(format!("`{key}`: {reason}"), hint);
        if is_filled_in(&key, &value) { Err(no()) } else { Ok((key, value)) }
    };
    Ok((items.into_iter().map(sealable).collect::<Result<_, _>>()?, files))
}

/// A file of the repository that an entry names.
fn file(work: &Work, path: &str) -> Result<(PathBuf, String), No> {
    let folder = work.path.parent().unwrap_or(Path::new(""));
    if !is_within(folder, path) {
        let reason = format!("the entry names {path}, which is outside of the repository");
        return Err(No::new(reason, BY_HAND));
    }
    let file = plain(&folder.join(path));
    let text = work
        .tree
        .text(&file, work.means.read)
        .ok_or_else(|| No::new(format!("{} is no text that can be read", file.display()), BY_HAND))?;
    Ok((file, text))
}

/// Whether a path from a folder on never leaves the top of the repository.
fn is_within(folder: &Path, path: &str) -> bool {
    let step = |depth: usize, part: Component| match part {
        Component::Normal(_) => Some(depth + 1),
        Component::ParentDir => depth.checked_sub(1),
        Component::CurDir => Some(depth),
        Component::RootDir | Component::Prefix(_) => None,
    };
    folder.join(path).components().try_fold(0, step).is_some()
}

/// The variables of a file: what stands behind the first `=` of a line is the value, to the last space.
fn variables(text: &str) -> Result<Vec<(String, String)>, No> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let from_outside =
                || No::new("a variable has its value from the environment of kustomize", BY_HAND);
            let (key, value) = line.split_once('=').ok_or_else(from_outside)?;
            Ok((key.to_owned(), value.to_owned()))
        })
        .collect()
}

/// Has a file go that only this entry names. One that Git does not keep stays where it is.
///
/// # Errors
/// Something else may read it.
fn take_away(work: &mut Work, file: &Path) -> Result<(), No> {
    if !(work.means.files)().iter().any(|known| known == file) {
        return Ok(());
    }
    work.tree.put(work.path, work.draft.text().to_owned(), work.means.read);
    let named = naming(file, &work.tree, work.means).into_iter().map(|named| named.file).next();
    let read = || naming_path(&work.tree, work.means, file).into_iter().next();
    let code = || code_naming(&work.tree, work.means, file);
    let pipeline = || pipeline_naming(&work.tree, work.means, file);
    if let Some(reader) = named.or_else(read).or_else(code).or_else(pipeline) {
        let reason = format!("{} names {} too, which would have to go", reader.display(), file.display());
        return Err(No::new(reason, "have only one of both read it"));
    }
    work.tree.remove(file, work.means.read);
    Ok(())
}
