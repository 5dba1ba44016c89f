//! ACL policies and capabilities.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::json;

use super::Vault;
use super::failure::{Asked, Failure};
use super::wire::Call;
use crate::remote::Error;

impl Vault {
    /// The text of an ACL policy.
    ///
    /// # Errors
    /// A missing capability.
    pub async fn policy(&self, name: &str) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        struct Policy {
            policy: String,
        }
        let at = format!("sys/policies/acl/{name}");
        match self.wire.ask(&Call::get(&at)).await.and_then(|answer| answer.data::<Policy>()) {
            Ok(found) => Ok(Some(found.policy)),
            Err(failure) if failure.code() == Some(404) => Ok(None),
            Err(failure) => {
                Err(failure.told(format!("read the policy `{name}` in Vault"), Asked::open(&at, "read")))
            }
        }
    }

    /// Writes an ACL policy.
    ///
    /// # Errors
    /// A missing capability, a text that is no policy.
    pub async fn write_policy(&self, name: &str, text: &str) -> Result<(), Error> {
        let at = format!("sys/policies/acl/{name}");
        let call = Call::post_json(&at, &json!({ "policy": text }));
        self.wire.ask(&call).await.map(drop).map_err(|failure| {
            failure.told(format!("write the policy `{name}` in Vault"), Asked::open(&at, "update"))
        })
    }

    /// Missing capabilities, by path, of the wanted ones; paths as the API names them (`secret/data/k8s/x`).
    ///
    /// # Errors
    /// A token that may not even ask for its capabilities.
    pub async fn missing_capabilities(
        &self,
        wanted: &BTreeMap<String, BTreeSet<String>>,
    ) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let at = "sys/capabilities-self";
        let told =
            |failure: Failure| failure.told("ask Vault what the token may do", Asked::open(at, "update"));
        let paths: Vec<_> = wanted.keys().collect();
        let call = Call::post_json(at, &json!({ "paths": paths }));
        let answer = self.wire.ask(&call).await.map_err(told)?;
        // Beside the paths it may hold other keys, whose values are no lists.
        let given: BTreeMap<String, serde_json::Value> = answer.data().map_err(told)?;
        let has = |path: &str, capability: &str| {
            let all = given.get(path).and_then(|list| list.as_array());
            all.is_some_and(|all| all.iter().any(|one| *one == capability || *one == "root"))
        };
        let lacks = |(path, capabilities): (&String, &BTreeSet<String>)| {
            let missing: BTreeSet<_> = capabilities.iter().filter(|one| !has(path, one)).cloned().collect();
            (!missing.is_empty()).then(|| (path.clone(), missing))
        };
        Ok(wanted.iter().filter_map(lacks).collect())
    }
}
