//! `vault login-check`: can External Secrets log in by its service account, and read what it has to? What is wrong is said
//! of the part that is wrong: the method, its configuration, the role, the account, the review of its token, the policies.

use std::collections::BTreeMap;

use serde_json::Value;

use super::kubernetes_auth::{Api, Found, is_bound, strings};
use super::{Error, Finding, World};
use crate::external::Policy;
use crate::remote::Cause;
use crate::remote::cluster::Right;
use crate::remote::vault::{Login, Vault};

/// Who logs in, and what for.
#[derive(Debug, Clone)]
pub struct LoginCheck {
    /// The path of the auth method.
    pub mount: String,
    /// The role.
    pub role: String,
    /// The service account's namespace.
    pub namespace: String,
    /// The service account's name.
    pub account: String,
    /// What its tokens are for; the API server where there are none.
    pub audiences: Vec<String>,
    /// What has to be allowed then.
    pub policy: Policy,
}

impl LoginCheck {
    /// Tries it. The token of the login is revoked at the end.
    pub async fn examine(&self, world: &World) -> Vec<Finding> {
        let (behind, login) = tokio::join!(self.look(world), self.log_in(world));
        let mut findings = Vec::new();
        match &behind {
            Ok((found, api)) => findings.extend(self.behind(found, api, login.is_ok())),
            // What only an administrator sees is not needed where the login works.
            Err(error) if login.is_ok() => {
                world.warn(format!("what lies behind the login is not known: {}", error.in_one_line()));
            }
            Err(error) => findings.push(Finding::unknown("what lies behind the login", error)),
        }
        match login {
            Ok(vault) => {
                findings.push(Finding::sound("login", format!("Vault takes a token of {}", self.subject())));
                findings.extend(self.allowed(world, &vault).await);
                if let Err(error) = vault.log_out().await {
                    world.warn(format!("{error}: {}; it ends by itself", error.cause));
                }
            }
            Err(error) => {
                findings.extend(self.review(world, behind.ok().as_ref().map(|(found, _)| found)).await);
                findings.push(refused(&error));
            }
        }
        findings
    }

    fn subject(&self) -> String {
        format!("ServiceAccount `{}/{}` for the role `{}`", self.namespace, self.account, self.role)
    }

    async fn look(&self, world: &World) -> Result<(Found, Api), Error> {
        let found = Found::look(world.vault().await?, &self.mount, &self.role).await?;
        Ok((found, Api::of(world.cluster().await?)))
    }

    /// Logs in as External Secrets does: with a fresh token of the account.
    async fn log_in(&self, world: &World) -> Result<Vault, Error> {
        let cluster = world.cluster().await?;
        let token = cluster.account_token(&self.namespace, &self.account, &self.audiences).await?;
        let (mount, role) = (self.mount.clone(), self.role.clone());
        world.vault_as(Login::Kubernetes { mount, role, token }).await
    }

    /// What an administrator sees of method, configuration and role.
    fn behind(&self, found: &Found, api: &Api, works: bool) -> Vec<Finding> {
        let at = format!("`auth/{}`", self.mount);
        let method = "auth method";
        match found.kind.as_deref() {
            Some("kubernetes") => {}
            Some(other) => {
                let detail = format!("{at} is of type `{other}`, not `kubernetes`");
                return vec![Finding::unsound(method, detail).hint("name another one with `--mount`")];
            }
            None => {
                let hint = format!("vault auth enable -path={} kubernetes", self.mount);
                return vec![Finding::unsound(method, format!("nothing is mounted at {at}")).hint(hint)];
            }
        }
        let method = Finding::sound(method, format!("{at} is of type `kubernetes`"));
        vec![
            method,
            self.configuration(found.config.as_ref(), api, works),
            self.role(found.role.as_ref(), works),
        ]
    }

    /// An address may well be another one within the cluster: it is a defect only where the login does not work.
    fn configuration(&self, config: Option<&Value>, api: &Api, works: bool) -> Finding {
        let check = "configuration";
        let hint = "`sealstrap run create-vault-token-secret` writes it, with `externalSecrets.login` in the settings";
        let Some(config) = config else {
            let detail = format!("`auth/{}` does not know any cluster yet", self.mount);
            return Finding::unsound(check, detail).hint(hint);
        };
        let host = config["kubernetes_host"].as_str().unwrap_or_default();
        let differing: Vec<String> = api
            .differing(config)
            .into_iter()
            .map(|field| match field {
                "kubernetes_host" => format!("Vault asks `{host}`, and the kubeconfig names `{}`", api.host),
                "kubernetes_ca_cert" => "Vault trusts another authority than the kubeconfig".to_owned(),
                "token_reviewer_jwt" => "a reviewer's token is stored, which ends one day".to_owned(),
                _ => "Vault may review with the account of its own pod".to_owned(),
            })
            .collect();
        match (works, differing.is_empty()) {
            (_, true) => Finding::sound(check, format!("Vault asks `{host}` about tokens")),
            (true, false) => Finding::sound(check, format!("it works; {}", differing.join("; "))),
            (false, false) => Finding::unsound(check, differing.join("; ")).hint(hint),
        }
    }

    /// Where the login works the role is for it, whatever its lists seem to say: an audience may be the API server's own.
    fn role(&self, role: Option<&Value>, works: bool) -> Finding {
        let check = "role";
        let at = format!("auth/{}/role/{}", self.mount, self.role);
        let Some(role) = role else {
            return Finding::unsound(check, format!("there is no role `{}`: `{at}`", self.role))
                .hint("name another one with `--role`, or write it");
        };
        let mut defects = if works { Vec::new() } else { self.not_for_it(role) };
        let policies = lists(role, "token_policies");
        if policies.is_empty() {
            defects.push("it gives no policy".into());
        }
        if defects.is_empty() {
            let of = format!("it is for `{}/{}`", self.namespace, self.account);
            return Finding::sound(check, format!("{of}, with the policies {policies}"));
        }
        Finding::unsound(check, defects.join("; ")).hint(format!("vault write {at} …, or correct the store"))
    }

    /// Why a role is not for this account and its token.
    fn not_for_it(&self, role: &Value) -> Vec<String> {
        let mut defects = Vec::new();
        if !is_bound(&role["bound_service_account_names"], &self.account) {
            let names = lists(role, "bound_service_account_names");
            defects.push(format!("it is for service accounts called {names}, not `{}`", self.account));
        }
        let selector = role["bound_service_account_namespace_selector"].as_str().unwrap_or_default();
        if selector.is_empty() && !is_bound(&role["bound_service_account_namespaces"], &self.namespace) {
            let names = lists(role, "bound_service_account_namespaces");
            defects.push(format!("it is for the namespaces {names}, not `{}`", self.namespace));
        }
        let audience = role["audience"].as_str().unwrap_or_default();
        if !audience.is_empty() && !self.audiences.iter().any(|one| one == audience) {
            let asked = if self.audiences.is_empty() { "none".into() } else { self.audiences.join(", ") };
            defects.push(format!(
                "it wants the audience `{audience}`, and the store asks for {asked} (`serviceAccountRef.audiences`)"
            ));
        }
        defects
    }

    /// Whether Vault can have the token reviewed by the token itself, where no other reviewer is stored.
    async fn review(&self, world: &World, found: Option<&Found>) -> Option<Finding> {
        let config = found?.config.as_ref()?;
        // Else Vault may review with the account of its own pod.
        if config["token_reviewer_jwt_set"] == true || config["disable_local_ca_jwt"] != true {
            return None;
        }
        let right = Right {
            verb: "create".into(),
            group: "authentication.k8s.io".into(),
            resource: "tokenreviews".into(),
            namespace: None,
        };
        let may = async {
            Ok::<_, Error>(world.cluster().await?.account_may(&self.namespace, &self.account, &right).await?)
        };
        let (check, who) = ("review", format!("`{}/{}`", self.namespace, self.account));
        Some(match may.await {
            Ok(true) if !self.audiences.is_empty() => {
                let of = self.audiences.join(", ");
                let detail =
                    format!("a token for {of} is reviewed by itself, which takes one for the API server too");
                Finding::unsound(check, detail)
                    .hint("add the API server's own audience in `serviceAccountRef.audiences`, or have a reviewer's token stored")
            }
            Ok(true) => Finding::sound(check, format!("{who} may have its own token reviewed")),
            Ok(false) => Finding::unsound(check, format!("{who} may not have its own token reviewed"))
                .hint("bind it to the ClusterRole `system:auth-delegator`"),
            Err(error) => Finding::unknown(check, &error),
        })
    }

    /// What the login may do.
    async fn allowed(&self, world: &World, vault: &Vault) -> Vec<Finding> {
        let mut findings = vec![self.policies(world, vault).await];
        let wanted: BTreeMap<_, _> =
            self.policy.paths().map(|(path, may)| (path.to_owned(), may.clone())).collect();
        let check = "paths";
        match vault.missing_capabilities(&wanted).await {
            Ok(missing) if missing.is_empty() && wanted.is_empty() => {}
            Ok(missing) if missing.is_empty() => {
                findings.push(Finding::sound(check, format!("all {} may be read", wanted.len())));
            }
            Ok(missing) => findings.extend(missing.into_iter().map(|(path, may)| {
                let may: Vec<String> = may.iter().map(|one| format!("\"{one}\"")).collect();
                let may = may.join(", ");
                Finding::unsound(check, format!("the login lacks {may} on `{path}`"))
                    .hint(format!("add to one of its policies: path \"{path}\" {{ capabilities = [{may}] }}"))
            })),
            Err(error) => findings.push(Finding::unknown(check, &error.into())),
        }
        findings
    }

    /// The policies that the login got, and whether they are there.
    async fn policies(&self, world: &World, vault: &Vault) -> Finding {
        let check = "policies";
        let got = match vault.whoami().await {
            Ok(who) => who.policies,
            Err(error) => return Finding::unknown(check, &error.into()),
        };
        let mut absent = Vec::new();
        if let Ok(admin) = world.vault().await {
            for policy in got.iter().filter(|policy| !matches!(policy.as_str(), "root" | "default")) {
                // Who may not look at policies is not told of them.
                if matches!(admin.policy(policy).await, Ok(None)) {
                    absent.push(format!("`{policy}`"));
                }
            }
        }
        let all = got.iter().cloned().collect::<Vec<_>>().join(", ");
        if got.contains("root") {
            return Finding::unsound(check, "the login may do everything (`root`)")
                .hint("give the role a policy that only reads: `sealstrap vault policy`");
        }
        if absent.is_empty() {
            return Finding::sound(check, format!("the login has {all}"));
        }
        Finding::unsound(check, format!("the login has {}, which does not exist", absent.join(", ")))
            .hint("write it: `sealstrap vault policy FOLDER | vault policy write NAME -`")
    }
}

/// The texts of a list of a role.
fn lists(role: &Value, field: &str) -> String {
    strings(&role[field]).into_iter().collect::<Vec<_>>().join(", ")
}

/// A login that did not work.
fn refused(error: &Error) -> Finding {
    match error {
        Error::Remote(refused) if matches!(refused.cause, Cause::NotFound(_)) => {
            let hint = "name another one with `--account NAMESPACE/NAME`";
            Finding::unsound("service account", error.in_one_line()).hint(hint)
        }
        Error::Remote(refused) if matches!(refused.cause, Cause::Unauthenticated(_)) => {
            Finding::unsound("login", refused.cause.to_string())
                .hint("mend what is not sound above; Vault itself says no more than that")
        }
        other => Finding::unknown("login", other),
    }
}
