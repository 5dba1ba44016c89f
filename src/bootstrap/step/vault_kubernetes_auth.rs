//! Vault lets a service account of this cluster log in.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Needs, VaultPath};
use crate::bootstrap::kubernetes_auth::{Api, Found, strings};
use crate::bootstrap::{Error, Look, World};
use crate::report::{Change, Verb};
use crate::settings::Period;

/// Vault lets a service account of this cluster log in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaultKubernetesAuth {
    /// The path of the auth method.
    pub mount: String,
    /// The role.
    pub role: String,
    /// The service account's name.
    pub service_account: String,
    /// The service account's namespace.
    pub namespace: String,
    /// The policies that a login gets.
    pub policies: Vec<String>,
    /// How long a login lasts.
    #[serde(default = "a_day")]
    pub ttl: Period,
}

fn a_day() -> Period {
    Period::hours(24)
}

/// The fields of the role that are lists, which may hold more than ours.
const LISTS: [&str; 3] =
    ["bound_service_account_names", "bound_service_account_namespaces", "token_policies"];

impl VaultKubernetesAuth {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let found = self.found(world).await?;
        let api = Api::of(world.cluster().await?);
        let mut changes = Vec::new();
        if found.kind.is_none() {
            changes.push(Change::new(
                Verb::Create,
                format!("auth method `kubernetes` at `{}` in Vault", self.mount),
            ));
        }
        changes.extend(self.config_change(&api, found.config.as_ref())?);
        changes.extend(self.role_change(found.role.as_ref()));
        Ok(Look::of(changes))
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        let found = self.found(world).await?;
        let (vault, api) = (world.vault().await?, Api::of(world.cluster().await?));
        let config = self.config_change(&api, found.config.as_ref())?;
        if found.kind.is_none() {
            vault.enable_auth(&self.mount, "kubernetes").await?;
        }
        if config.is_some() {
            vault.write_raw(&self.at("config"), &api.config()).await?;
        }
        if self.role_change(found.role.as_ref()).is_some() {
            vault
                .write_raw(&self.at(&format!("role/{}", self.role)), &self.with(found.role.as_ref()))
                .await?;
        }
        Ok(())
    }

    pub(super) fn needs(&self, _: &World) -> Needs {
        let paths = [
            ("sys/auth".to_owned(), BTreeSet::from(["read"])),
            (format!("sys/auth/{}", self.mount), BTreeSet::from(["update", "sudo"])),
            (self.at("config"), BTreeSet::from(["read", "update"])),
            (self.at(&format!("role/{}", self.role)), BTreeSet::from(["read", "create", "update"])),
        ];
        let vault = paths.map(|(path, may)| (VaultPath::Api(path), may)).into();
        Needs { vault, ..Needs::default() }
    }

    fn at(&self, rest: &str) -> String {
        format!("auth/{}/{rest}", self.mount)
    }

    async fn found(&self, world: &World) -> Result<Found, Error> {
        if self.policies.iter().any(|policy| policy == "root") {
            return Err(Error::Unfit {
                what: format!("the policy `root` for the role `{}`", self.role),
                reason: "it allows everything, and the cluster only reads".into(),
                hint: Some("name a policy that reads what External Secrets needs".into()),
            });
        }
        let found = Found::look(world.vault().await?, &self.mount, &self.role).await?;
        match &found.kind {
            Some(kind) if kind != "kubernetes" => Err(Error::Foreign {
                object: format!("the path `auth/{}` in Vault", self.mount),
                owner: format!("an auth method of type `{kind}`"),
                hint: "name another `mount` for the Kubernetes auth method".into(),
            }),
            _ => Ok(found),
        }
    }

    /// What differs in the configuration. A method serves one cluster: one that names another address as well as
    /// another authority is somebody else's.
    fn config_change(&self, api: &Api, found: Option<&Value>) -> Result<Option<Change>, Error> {
        let object = format!("configuration of `auth/{}` in Vault", self.mount);
        let Some(found) = found else { return Ok(Some(Change::new(Verb::Create, object))) };
        let differing = api.differing(found);
        if differing.contains(&"kubernetes_host") && differing.contains(&"kubernetes_ca_cert") {
            let host = found["kubernetes_host"].as_str().unwrap_or_default();
            return Err(Error::Foreign {
                object: format!("the auth method `auth/{}` in Vault", self.mount),
                owner: format!("the cluster at `{host}`"),
                hint: format!(
                    "name another `mount`; if `{host}` is gone, `vault delete auth/{}/config` frees this one",
                    self.mount
                ),
            });
        }
        let change =
            differing.iter().fold(Change::new(Verb::Update, object), |change, field| change.with(*field));
        Ok((!differing.is_empty()).then_some(change))
    }

    fn role_change(&self, found: Option<&Value>) -> Option<Change> {
        let object = format!("role `{}` of `auth/{}` in Vault", self.role, self.mount);
        let Some(found) = found else { return Some(Change::new(Verb::Create, object)) };
        let lacks = |field: &&str| {
            let held = strings(&found[*field]);
            !held.contains("*") && !self.wanted(field).is_subset(&held)
        };
        let mut differing: Vec<&str> = LISTS.into_iter().filter(lacks).collect();
        if found["token_ttl"].as_u64() != Some(self.ttl.get().as_secs()) {
            differing.push("token_ttl");
        }
        let change =
            differing.iter().fold(Change::new(Verb::Update, object), |change, field| change.with(*field));
        (!differing.is_empty()).then_some(change)
    }

    fn wanted(&self, field: &str) -> BTreeSet<String> {
        match field {
            "bound_service_account_names" => BTreeSet::from([self.service_account.clone()]),
            "bound_service_account_namespaces" => BTreeSet::from([self.namespace.clone()]),
            _ => self.policies.iter().cloned().collect(),
        }
    }

    /// The role to write: what others bound to it stays.
    fn with(&self, found: Option<&Value>) -> Value {
        let mut role = json!({ "token_ttl": self.ttl.get().as_secs() });
        for field in LISTS {
            let mut all = self.wanted(field);
            all.extend(found.map(|found| strings(&found[field])).unwrap_or_default());
            role[field] = json!(all);
        }
        role
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Api, VaultKubernetesAuth};
    use crate::bootstrap::Error;

    fn step() -> VaultKubernetesAuth {
        let step = json!({
            "mount": "home", "role": "external-secrets", "serviceAccount": "external-secrets",
            "namespace": "external-secrets", "policies": ["external-secrets"],
        });
        serde_json::from_value(step).unwrap()
    }

    fn api() -> Api {
        Api { host: "https://10.0.0.1:6443".into(), authority: "PEM\n".into() }
    }

    fn details(found: &Value) -> Vec<String> {
        step().config_change(&api(), Some(found)).unwrap().map(|change| change.details).unwrap_or_default()
    }

    #[test]
    fn what_was_written_holds_when_vault_gives_it_back() {
        let mut found = api().config();
        found["token_reviewer_jwt_set"] = json!(false);
        found["kubernetes_ca_cert"] = json!("PEM");
        assert!(details(&found).is_empty());
        assert!(step().role_change(Some(&step().with(None))).is_none());
    }

    #[test]
    fn one_moved_part_is_mended_and_two_make_it_another_cluster() {
        let mut found = api().config();
        found["kubernetes_ca_cert"] = json!("OTHER");
        found["token_reviewer_jwt_set"] = json!(true);
        assert_eq!(details(&found), ["kubernetes_ca_cert", "token_reviewer_jwt"]);
        found["kubernetes_host"] = json!("https://10.9.9.9:6443");
        let error = step().config_change(&api(), Some(&found)).unwrap_err();
        assert!(matches!(error, Error::Foreign { owner, .. } if owner.contains("10.9.9.9")));
    }

    #[test]
    fn what_others_bound_to_the_role_stays() {
        let found = json!({
            "bound_service_account_names": ["other"], "bound_service_account_namespaces": ["*"],
            "token_policies": ["external-secrets", "more"], "token_ttl": 3600,
        });
        let change = step().role_change(Some(&found)).unwrap();
        assert_eq!(change.details, ["bound_service_account_names", "token_ttl"]);
        let written = step().with(Some(&found));
        assert_eq!(written["bound_service_account_names"], json!(["external-secrets", "other"]));
        assert_eq!(written["token_policies"], json!(["external-secrets", "more"]));
        assert!(step().role_change(Some(&written)).is_none());
    }
}
