//! The providers that a store can have (`spec.provider`), and the versions that they came and went with.

use serde_json::Value;

use super::sheet::{Sheet, Trail};
use super::{Operator, Rule};
use crate::yaml::nearest;

/// Of all versions that serve v1.
const ALWAYS: &[&str] = &[
    "akeyless",
    "aws",
    "azurekv",
    "beyondtrust",
    "bitwardensecretsmanager",
    "chef",
    "cloudrusm",
    "conjur",
    "delinea",
    "doppler",
    "fake",
    "fortanix",
    "gcpsm",
    "github",
    "gitlab",
    "ibm",
    "infisical",
    "keepersecurity",
    "kubernetes",
    "onboardbase",
    "onepassword",
    "oracle",
    "passbolt",
    "passworddepot",
    "previder",
    "pulumi",
    "scaleway",
    "secretserver",
    "senhasegura",
    "vault",
    "webhook",
    "yandexcertificatemanager",
    "yandexlockbox",
];

/// With the version that they came with.
const SINCE: &[(&str, (u32, u32))] = &[
    ("onepasswordSDK", (0, 17)),
    ("volcengine", (0, 20)),
    ("ngrok", (1, 0)),
    ("barbican", (1, 2)),
    ("dvls", (1, 3)),
    ("nebiusmysterybox", (2, 1)),
    ("ovh", (2, 3)),
    ("beyondtrustworkloadcredentials", (2, 7)),
    ("openBao", (2, 7)),
    ("crd", (2, 8)),
];

/// Gone with 2.0.
const GONE: &[&str] = &["alibaba", "device42"];

/// Finds a provider that the operator does not have, by the name of its field.
pub(super) fn check(sheet: &mut Sheet, at: &Trail, name: &str, operator: Operator) {
    if ALWAYS.contains(&name) {
        return;
    }
    if let Some((_, (major, minor))) = SINCE.iter().find(|(known, _)| *known == name) {
        if !operator.knows((*major, *minor)) {
            let what = format!("`{name}` came with {major}.{minor}; the operator is {operator}");
            let hint = match name {
                "openBao" => "write `vault`, which speaks to OpenBao as well",
                _ => "renew the operator",
            };
            sheet.find(Rule::TooNew, at, what, hint);
        }
        return;
    }
    if GONE.contains(&name) {
        if operator.knows((2, 0)) {
            let what = format!("`{name}` is gone with 2.0; the operator is {operator}");
            sheet.find(Rule::UnknownField, at, what, "keep the values with another provider");
        }
        return;
    }
    let all = ALWAYS.iter().copied().chain(SINCE.iter().map(|(name, _)| *name));
    let hint =
        nearest(name, all).map_or_else(|| "name another one".to_owned(), |near| format!("write `{near}`"));
    sheet.find(Rule::UnknownField, at, format!("there is no provider `{name}`"), hint);
}

/// The providers that are named, those that are null left out.
pub(super) fn named(spec: &Value) -> impl Iterator<Item = &str> {
    let all = spec.get("provider").and_then(Value::as_object).into_iter().flatten();
    all.filter(|(_, provider)| !provider.is_null()).map(|(name, _)| name.as_str())
}
