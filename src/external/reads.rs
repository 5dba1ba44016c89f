//! What an ExternalSecret asks Vault for, entry by entry, and in which lines.

use serde_json::Value;

use super::check::sheet::{child, list, text};
use super::needs::{self, Item};
use super::{StoreRef, is_substituted};
use crate::yaml::{Document, Segment};

/// What one entry of `data` or `dataFrom` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The line of the entry's reference, from 1.
    pub line: usize,
    /// The store that it is asked for through.
    pub store: StoreRef,
    /// The path, and what of it.
    pub item: Item,
    /// The key of the Secret that it becomes; none for all keys of a path.
    pub key: Option<String>,
}

/// What an ExternalSecret asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    /// What it asks for by path.
    pub all: Vec<Read>,
    /// The lines of what it asks for otherwise, and why that is not known beforehand.
    pub unknown: Vec<(usize, String)>,
}

/// What an ExternalSecret asks Vault for. Entries that name no store or no path are left to [`super::check`]; generators ask
/// for nothing.
#[must_use]
pub fn reads(document: &Document) -> Reads {
    let mut reads = Reads::default();
    let spec = document.value.get("spec").unwrap_or(&Value::Null);
    let own = child(spec, "secretStoreRef").and_then(StoreRef::read);
    for field in ["data", "dataFrom"] {
        for (index, entry) in list(spec, field) {
            let source = child(entry, "sourceRef");
            if source.is_some_and(|source| child(source, "generatorRef").is_some()) {
                continue;
            }
            let other = source.and_then(|source| child(source, "storeRef"));
            let Some(store) = other.map_or_else(|| own.clone(), StoreRef::read) else { continue };
            let way = |last: &str| -> Vec<Segment> {
                vec!["spec".into(), field.into(), index.into(), Segment::from(last)]
            };
            let line = |last: &str| document.line_of(&way(last));
            if child(entry, "find").is_some() {
                reads.unknown.push((line("find"), "what `find` finds is known to the operator only".into()));
            }
            for last in ["remoteRef", "extract"] {
                let Some(reference) = child(entry, last) else { continue };
                match needs::item(reference) {
                    Ok(item) if is_substituted(&item.path) => {
                        let why = "Flux substitutes a part of its key, so that its path is not known";
                        reads.unknown.push((line(last), why.into()));
                    }
                    Ok(item) => {
                        let key = text(entry, "secretKey").map(str::to_owned);
                        reads.all.push(Read { line: line(last), store: store.clone(), item, key });
                    }
                    Err(_) if text(reference, "key").is_none() => {}
                    Err(why) => reads.unknown.push((line(last), format!("this entry {why}"))),
                }
            }
        }
    }
    reads
}
