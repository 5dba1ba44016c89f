//! What a token lacks where Vault only says "permission denied": Vault is asked for the token's capabilities there.

use std::collections::BTreeSet;

use super::Vault;
use super::failure::{Asked, Failure};
use crate::remote::{Cause, Error};

impl Vault {
    /// As [`Failure::told`]; where the token was denied, with what it lacks in particular.
    pub(super) async fn told(&self, failure: Failure, action: String, asked: Asked<'_>) -> Error {
        if !failure.is_denied() {
            return failure.told(action, asked);
        }
        let needed: BTreeSet<String> = asked.capability.split(" and ").map(str::to_owned).collect();
        let bare = bare(asked.path);
        let paths = bare.iter().map(String::as_str).chain([asked.path]);
        let wanted = paths.map(|path| (path.to_owned(), needed.clone())).collect();
        // A token may be denied even this question.
        let missing = self.missing_capabilities(&wanted).await.unwrap_or(wanted);
        let Some(lacks) = missing.get(asked.path) else { return restricted(action, &asked) };
        let capability = lacks.iter().map(String::as_str).collect::<Vec<_>>().join(" and ");
        let error = failure.told(action, Asked { capability: &capability, ..asked });
        match bare {
            Some(bare) if !missing.contains_key(&bare) => misplaced(error, &bare, asked.path),
            _ => error,
        }
    }
}

/// The path without the part that KV version 2 puts behind the mount.
fn bare(path: &str) -> Option<String> {
    path.contains("/data/").then(|| path.replacen("/data/", "/", 1))
}

/// A policy was written for KV version 1.
fn misplaced(error: Error, bare: &str, path: &str) -> Error {
    let hint = error.hint.clone().unwrap_or_default();
    error.hint(format!("a policy gives it on `{bare}`, and KV version 2 asks for it on `{path}`: {hint}"))
}

/// It has the capability, and a policy looks at more than that.
fn restricted(action: String, asked: &Asked<'_>) -> Error {
    let why = format!("the token has the capability on `{}`, and is denied all the same (403)", asked.path);
    Error::new(action, Cause::Forbidden(why)).hint(if matches!(asked.capability, "read" | "list") {
        "look in its policies for what else they ask for there: `min_wrapping_ttl`, a control group, MFA"
    } else {
        "look in its policies for what may be written there: `allowed_parameters`, `denied_parameters`, \
         `required_parameters`"
    })
}
