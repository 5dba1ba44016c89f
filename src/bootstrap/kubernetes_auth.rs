//! Vault's Kubernetes auth method: what is there of it in Vault, and what it has to know of a cluster.

use std::collections::BTreeSet;

use futures::future::try_join;
use serde_json::{Value, json};

use crate::remote;
use crate::remote::cluster::Cluster;
use crate::remote::vault::{Vault, fits};

/// What is there: nothing where the method, its configuration or the role is not.
pub(super) struct Found {
    /// The type of the method.
    pub(super) kind: Option<String>,
    pub(super) config: Option<Value>,
    pub(super) role: Option<Value>,
}

impl Found {
    /// Looks; at a method of another type no further.
    pub(super) async fn look(vault: &Vault, mount: &str, role: &str) -> Result<Self, remote::Error> {
        let kind = vault.auth_method(mount).await?;
        if kind.as_deref() != Some("kubernetes") {
            return Ok(Self { kind, config: None, role: None });
        }
        let (config, role) = (format!("auth/{mount}/config"), format!("auth/{mount}/role/{role}"));
        let (config, role) = try_join(vault.read_raw(&config), vault.read_raw(&role)).await?;
        Ok(Self { kind, config, role })
    }
}

/// Whether a role is bound to a name.
pub(super) fn is_bound(list: &Value, name: &str) -> bool {
    strings(list).iter().any(|one| fits(one, name))
}

/// The texts of a list.
pub(super) fn strings(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The API server as Vault is to know it.
pub(super) struct Api {
    pub(super) host: String,
    pub(super) authority: String,
}

impl Api {
    pub(super) fn of(cluster: &Cluster) -> Self {
        Self { host: cluster.address().to_owned(), authority: cluster.authority().unwrap_or_default() }
    }

    /// Without a reviewer's token, since stored ones end: the login's own token is used for its review.
    pub(super) fn config(&self) -> Value {
        json!({
            "kubernetes_host": self.host,
            "kubernetes_ca_cert": self.authority,
            "disable_local_ca_jwt": true,
        })
    }

    /// The names of the fields that differ; white space around the PEM and a slash behind the host do not.
    pub(super) fn differing(&self, found: &Value) -> Vec<&'static str> {
        let text =
            |field: &str| found[field].as_str().unwrap_or_default().trim().trim_end_matches('/').to_owned();
        let fields = [
            ("kubernetes_host", text("kubernetes_host") == self.host.trim_end_matches('/')),
            ("kubernetes_ca_cert", text("kubernetes_ca_cert") == self.authority.trim()),
            ("disable_local_ca_jwt", found["disable_local_ca_jwt"] == true),
            ("token_reviewer_jwt", found["token_reviewer_jwt_set"] != true),
        ];
        fields.into_iter().filter(|(_, same)| !same).map(|(field, _)| field).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_bound;

    #[test]
    fn a_star_stands_for_anything() {
        for (list, bound) in [
            (json!(["eso"]), true),
            (json!(["other", "es*"]), true),
            (json!(["*so"]), true),
            (json!(["e*o"]), true),
            (json!(["*"]), true),
            (json!(["es"]), false),
            (json!([]), false),
            (json!(null), false),
        ] {
            assert_eq!(is_bound(&list, "eso"), bound, "{list}");
        }
    }
}
