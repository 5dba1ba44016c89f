//! What has to lie in Vault before the operator reads it.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use crate::plain::Plain;

/// Bytes that one path may hold at most, as JSON. A version of a KV v2 secret has to fit into one entry of the storage:
/// 512 KiB for Consul, 1 MiB for integrated storage.
pub const LIMIT: usize = 512 * 1024;

/// Values of one path.
#[derive(Debug)]
pub struct Push {
    /// The path below the mount, without `data/`.
    pub path: String,
    /// The values by their properties; base64 where [`Push::encoded`] says so.
    pub values: BTreeMap<String, Plain>,
    /// Properties whose values are base64 of what is meant.
    pub encoded: BTreeSet<String>,
    /// The Secret, as `namespace/name`.
    pub object: String,
    /// Where the Secret stands.
    pub place: String,
}

/// Refuses paths that more than one Secret would be written to: the later would replace the earlier.
///
/// # Errors
/// Each path that is given twice, with both places.
pub fn one_path_each<'p>(pushes: impl IntoIterator<Item = &'p Push>) -> Result<(), Error> {
    let mut owners: BTreeMap<&str, &Push> = BTreeMap::new();
    let mut errors = Vec::new();
    for push in pushes {
        match owners.get(push.path.as_str()) {
            Some(first) => errors.push(clash(first, push)),
            None => drop(owners.insert(&push.path, push)),
        }
    }
    Error::all(errors)
}

/// One for each path: several Secrets of one name are made in parts, from several files.
#[must_use]
pub fn joined(pushes: Vec<Push>) -> Vec<Push> {
    let mut all: Vec<Push> = Vec::new();
    for push in pushes {
        match all.iter_mut().find(|known| known.path == push.path) {
            Some(known) => {
                known.values.extend(push.values);
                known.encoded.extend(push.encoded);
            }
            None => all.push(push),
        }
    }
    all
}

fn clash(first: &Push, second: &Push) -> Error {
    let complaint = format!(
        "the Secret `{}` would be kept at `{}`, where `{}` of {} is kept",
        second.object, second.path, first.object, first.place
    );
    Error::refused(&second.place, complaint, "give them different paths: `{namespace}/{name}` in the pattern")
}
