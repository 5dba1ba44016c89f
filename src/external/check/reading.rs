//! What is taken by the API server and fails later: stores that are not there, keys that mean another path, paths that
//! the policy does not cover.

use serde_json::Value;

use super::known::KnownStore;
use super::sheet::{Sheet, Trail, child, list, text};
use super::{Around, Rule, re2};
use crate::external::policy::{self, Wanted};
use crate::external::{StoreRef, is_substituted};

/// Finds it, in the spec that stands at `at`.
pub(super) fn check(sheet: &mut Sheet, at: &Trail, spec: &Value, around: &Around) {
    let own = child(spec, "secretStoreRef").filter(|own| text(own, "name").is_some());
    let found = own.and_then(|own| store(sheet, &at.key("secretStoreRef"), own, around));
    let mut missing = false;
    for field in ["data", "dataFrom"] {
        let all = at.key(field);
        for (index, entry) in list(spec, field) {
            let at = all.index(index);
            rewrites(sheet, &at.key("rewrite"), entry);
            let source = child(entry, "sourceRef");
            if source.is_some_and(|source| child(source, "generatorRef").is_some()) {
                continue;
            }
            let other = source.and_then(|source| child(source, "storeRef"));
            missing |= other.is_none() && own.is_none();
            let at_source = at.key("sourceRef");
            let found = match other {
                Some(other) => store(sheet, &at_source.key("storeRef"), other, around),
                None => found,
            };
            entry_of(sheet, &at, entry, found, around);
        }
    }
    if missing {
        sheet.find(Rule::NoStore, at, "it names no store", "write `secretStoreRef` with kind and name");
    }
}

/// The store that is named, where it is at hand.
fn store<'a>(sheet: &mut Sheet, at: &Trail, named: &Value, around: &'a Around) -> Option<&'a KnownStore> {
    let stores = around.stores.as_ref()?;
    let StoreRef { kind, name } = StoreRef::read(named)?;
    if is_substituted(&name) {
        return None;
    }
    let namespace = sheet.metadata("namespace");
    let alike = || stores.iter().filter(|store| store.kind == kind && store.name == name);
    let found = alike().find(|store| store.is_seen_from(namespace));
    if let Some(store) = found.filter(|store| store.denies(namespace)) {
        let what = format!(
            "the conditions of the {} `{name}` leave the namespace `{namespace}` out",
            store.kind.word()
        );
        sheet.find(
            Rule::StoreDenies,
            at,
            what,
            "add it to `spec.conditions` of the store, or name another store",
        );
    }
    if found.is_none() {
        let other = alike().next();
        let what = match other {
            Some(other) => format!("the {} `{name}` is in namespace `{}`", kind.word(), other.namespace),
            None => format!("there is no {} `{name}`", kind.word()),
        };
        let other_kind = stores.iter().find(|store| store.name == name && store.kind != kind);
        let hint = other_kind.map_or("add it, or name another one".to_owned(), |store| {
            format!("there is a {} of that name", store.kind.word())
        });
        sheet.find(Rule::UnknownStore, at, what, hint);
    }
    found
}

/// Finds an expression that the operator cannot compile when it reads.
fn regex(sheet: &mut Sheet, at: &Trail, written: Option<&str>) {
    if written.is_some_and(|written| !re2::compiles(written)) {
        let what = "this is no regular expression of RE2";
        sheet.find(Rule::BadRegex, at, what, "it knows no back references and no look-around");
    }
}

fn rewrites(sheet: &mut Sheet, at: &Trail, entry: &Value) {
    for (index, rewrite) in list(entry, "rewrite") {
        let source = child(rewrite, "regexp").and_then(|regexp| text(regexp, "source"));
        regex(sheet, &at.index(index).key("regexp"), source);
    }
}

/// One entry of `data` or `dataFrom`.
fn entry_of(sheet: &mut Sheet, at: &Trail, entry: &Value, store: Option<&KnownStore>, around: &Around) {
    for field in ["remoteRef", "extract", "find"] {
        let Some(reference) = child(entry, field) else { continue };
        let at = at.key(field);
        if text(reference, "decodingStrategy") == Some("Auto") {
            let what = "`Auto` decodes what happens to be base64, such as `1234`";
            sheet.find(
                Rule::Guessing,
                &at.key("decodingStrategy"),
                what,
                "write `Base64` where it is meant, else `None`",
            );
        }
        let name = child(reference, "name").and_then(|name| text(name, "regexp"));
        regex(sheet, &at.key("name"), name);
        if store.is_some_and(|store| !store.is_kv) {
            continue;
        }
        let v1 = store.is_some_and(|store| store.v1);
        let mount = store.map_or(around.mount.as_deref(), |store| store.mount.as_deref());
        if let Some(key) = text(reference, "key") {
            key_of(sheet, &at.key("key"), key, mount, v1);
        }
        version_1(sheet, &at, reference, v1);
        let Some(policy) = &around.policy else { continue };
        for Wanted { path, capability } in policy::wanted(field, reference, mount, v1) {
            if !is_substituted(&path) && !policy.covers(&path, capability) {
                let what = format!("the policy does not give `{capability}` on `{path}`");
                let hint = format!("add `path \"{path}\" {{ capabilities = [\"{capability}\"] }}`");
                sheet.find(Rule::NotInPolicy, &at, what, hint);
            }
        }
    }
}

/// Finds what only a mount of version 2 has.
fn version_1(sheet: &mut Sheet, at: &Trail, reference: &Value, v1: bool) {
    if !v1 {
        return;
    }
    let hint = "read it through a store of `version: v2`";
    if text(reference, "metadataPolicy") == Some("Fetch") {
        let what = "a mount of version 1 has no metadata: the operator refuses to read it";
        sheet.find(Rule::NeedsVersion2, &at.key("metadataPolicy"), what, hint);
    }
    if child(reference, "tags").is_some() {
        let what = "a mount of version 1 has no tags: the operator refuses to look for them";
        sheet.find(Rule::NeedsVersion2, &at.key("tags"), what, hint);
    }
}

fn key_of(sheet: &mut Sheet, at: &Trail, key: &str, mount: Option<&str>, v1: bool) {
    if is_substituted(key) {
        return;
    }
    if key.starts_with('/') {
        let what = format!("the key `{key}` begins with a slash, which the operator passes over");
        return sheet.find(Rule::KeyWithSlash, at, what, format!("write `{}`", key.trim_start_matches('/')));
    }
    let Some((mount, rest)) = mount.and_then(|mount| Some((mount, policy::without_mount(key, mount, v1)?)))
    else {
        return;
    };
    // What begins with the mount once more would lose that too: no other key reads the same path.
    if policy::without_mount(rest, mount, v1).is_none() {
        let what = format!("the key `{key}` begins with the mount `{mount}`, which the operator cuts off");
        sheet.find(Rule::KeyWithMount, at, what, format!("write `{rest}`"));
    }
}
