//! A periodic orphan token with these policies is kept in a cluster Secret, and lives long enough.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Needs, VaultPath};
use crate::bootstrap::{Error, Look, World};
use crate::plain::Plain;
use crate::remote::Cause;
use crate::remote::cluster::{Apply, Right, Secret, SecretWrite};
use crate::remote::vault::{TokenInfo, TokenWish};
use crate::report::{Change, Verb};
use crate::settings::{Period, SecretPlace};

/// A periodic orphan token with these policies is kept in a cluster Secret, and lives long enough.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaultToken {
    /// Its policies; `root` is refused.
    pub policies: Vec<String>,
    /// Its period.
    pub period: Period,
    /// It is renewed when less than this is left of its life.
    #[serde(default = "a_week")]
    pub renew_below: Period,
    /// The Secret that keeps it.
    pub keep: SecretPlace,
}

fn a_week() -> Period {
    Period::hours(7 * 24)
}

/// What has to be done about the token.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing.
    Sound,
    /// It lives, but not for long.
    Renew(String),
    /// The Secret keeps it also in an annotation.
    Clean,
    /// A new one is made: for these reasons, or because there is none.
    Make(Vec<String>),
}

impl VaultToken {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let secret = self.secret(world).await?;
        let exists = secret.as_ref().is_some_and(|secret| secret.data.contains_key(&self.keep.key));
        let object = format!("Secret `{}/{}`", self.keep.namespace, self.keep.name);
        Ok(match self.verdict(world, secret).await? {
            Verdict::Sound => Look::Holds,
            Verdict::Renew(why) => Change::new(Verb::Update, "the cluster's token in Vault").with(why).into(),
            Verdict::Clean => {
                Change::new(Verb::Update, object).with("its last-applied annotation repeats the token").into()
            }
            Verdict::Make(reasons) => {
                let verb = if exists { Verb::Replace } else { Verb::Create };
                let change = Change::new(verb, object).with(format!("`{}`", self.keep.key));
                reasons.into_iter().fold(change, Change::with).into()
            }
        })
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        let secret = self.secret(world).await?;
        let kind = secret.as_ref().map_or_else(|| "Opaque".to_owned(), |secret| secret.kind.clone());
        match self.verdict(world, secret).await? {
            Verdict::Sound => Ok(()),
            Verdict::Renew(_) => match self.token(world).await? {
                Some(token) => Ok(world.vault().await?.renew(token).await?),
                None => Err(self.vanished()),
            },
            Verdict::Clean => match self.token(world).await? {
                Some(token) => self.keep(world, kind, token).await,
                None => Err(self.vanished()),
            },
            Verdict::Make(_) => {
                self.revoke_strays(world).await?;
                let token = world.vault().await?.create_token(&self.wish(world)).await?;
                self.keep(world, kind, token).await
            }
        }
    }

    pub(super) fn needs(&self, _: &World) -> Needs {
        let right = |verb: &str| Right {
            verb: verb.into(),
            group: String::new(),
            resource: "secrets".into(),
            namespace: Some(self.keep.namespace.clone()),
        };
        let create = VaultPath::Api("auth/token/create-orphan".into());
        Needs {
            cluster: ["get", "create", "patch"].map(right).into(),
            vault: [(create, BTreeSet::from(["update", "sudo"]))].into(),
            ..Needs::default()
        }
    }

    /// The Secret as it is; refused where a controller owns it.
    async fn secret(&self, world: &World) -> Result<Option<Secret>, Error> {
        if self.policies.iter().any(|policy| policy == "root") {
            return Err(Error::Unfit {
                what: "the policy `root` for the cluster's token".into(),
                reason: "it allows everything, and the cluster only reads".into(),
                hint: Some("name a policy that reads what External Secrets needs".into()),
            });
        }
        let SecretPlace { namespace, name, .. } = &self.keep;
        let secret = world.cluster().await?.secret(namespace, name).await?;
        match secret.as_ref().and_then(|secret| secret.owner.clone()) {
            None => Ok(secret),
            Some(owner) => Err(Error::Foreign {
                object: format!("Secret `{namespace}/{name}`"),
                owner,
                hint: "name another Secret as `vault.tokenSecret`, or stop its owner from writing it".into(),
            }),
        }
    }

    async fn verdict(&self, world: &World, secret: Option<Secret>) -> Result<Verdict, Error> {
        let Some(mut secret) = secret else { return Ok(Verdict::Make(Vec::new())) };
        let Some(token) = secret.data.remove(&self.keep.key).filter(|token| !token.is_empty()) else {
            return Ok(Verdict::Make(Vec::new()));
        };
        if token.ends_with_newline() {
            return Ok(Verdict::Make(vec!["it ends in a line feed".into()]));
        }
        let verdict = match world.vault().await?.look_up(token).await? {
            None => Verdict::Make(vec!["Vault does not know it, or it has expired".into()]),
            Some(info) => self.judge(&info),
        };
        Ok(if verdict == Verdict::Sound && secret.has_last_applied { Verdict::Clean } else { verdict })
    }

    fn judge(&self, info: &TokenInfo) -> Verdict {
        let mut faults = Vec::new();
        if info.policies.contains("root") {
            faults.push("it is a root token; revoke it once the cluster has the new one".to_owned());
        }
        let missing = self.policies.iter().filter(|policy| !info.policies.contains(*policy));
        faults.extend(missing.map(|policy| format!("it lacks the policy `{policy}`")));
        if !info.orphan {
            faults.push("it ends with the token that made it".into());
        }
        if info.period.is_none() {
            faults.push("it cannot be renewed for ever".into());
        }
        if !faults.is_empty() {
            return Verdict::Make(faults);
        }
        match info.ttl {
            Some(left) if left < self.least(info) => {
                let left = Period::seconds(left.as_secs().max(1));
                if info.renewable {
                    Verdict::Renew(format!("{left} of its life are left"))
                } else {
                    Verdict::Make(vec![format!("{left} of its life are left, and it is not renewable")])
                }
            }
            _ => Verdict::Sound,
        }
    }

    /// Below this it is renewed: never more than half of what a renewal gives, or it would be renewed for ever.
    fn least(&self, info: &TokenInfo) -> Duration {
        let gives =
            info.period.unwrap_or(info.creation_ttl).min(info.creation_ttl.max(Duration::from_secs(1)));
        self.renew_below.get().min(gives / 2)
    }

    fn wish(&self, world: &World) -> TokenWish {
        TokenWish {
            display_name: format!("sealstrap-{}", world.settings.cluster.name),
            policies: self.policies.clone(),
            period: self.period.get(),
            meta: self.marks(world),
        }
    }

    /// The marks of tokens that were made for this Secret of this cluster.
    fn marks(&self, world: &World) -> BTreeMap<String, String> {
        let mut marks = world.marks();
        marks.insert("secret".into(), format!("{}/{}", self.keep.namespace, self.keep.name));
        marks
    }

    /// A run that died between making a token and keeping it left one that nobody holds.
    async fn revoke_strays(&self, world: &World) -> Result<(), Error> {
        let vault = world.vault().await?;
        let held = match self.token(world).await? {
            Some(token) => vault.look_up(token).await?.map(|info| info.accessor),
            None => None,
        };
        match vault.revoke_marked(&self.marks(world), &held.into_iter().collect()).await {
            Err(error) if matches!(error.cause, Cause::Forbidden(_)) => {
                world.warn(format!("{error}: {}; any such token ends by itself", error.cause));
                Ok(())
            }
            answer => Ok(answer.map(drop)?),
        }
    }

    async fn token(&self, world: &World) -> Result<Option<Plain>, Error> {
        let secret = world.cluster().await?.secret(&self.keep.namespace, &self.keep.name).await?;
        Ok(secret.and_then(|mut secret| secret.data.remove(&self.keep.key)))
    }

    async fn keep(&self, world: &World, kind: String, token: Plain) -> Result<(), Error> {
        let secret = SecretWrite {
            namespace: self.keep.namespace.clone(),
            name: self.keep.name.clone(),
            kind,
            labels: BTreeMap::from([("app.kubernetes.io/managed-by".into(), "sealstrap".into())]),
            annotations: BTreeMap::new(),
            data: BTreeMap::from([(self.keep.key.clone(), token)]),
        };
        let how = Apply { manager: "sealstrap", force: true, dry_run: false };
        Ok(world.cluster().await?.apply_secret(secret, how).await?)
    }

    fn vanished(&self) -> Error {
        Error::InputMissing {
            action: "renew the cluster's token".into(),
            input: format!("Secret `{}/{}`", self.keep.namespace, self.keep.name),
            makers: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::time::Duration;

    use super::{VaultToken, Verdict};
    use crate::remote::vault::TokenInfo;

    const HOUR: Duration = Duration::from_secs(3600);

    fn step() -> VaultToken {
        let step = serde_json::json!({
            "policies": ["external-secrets"],
            "period": "768h",
            "keep": {"namespace": "kube-system", "name": "vault-token", "key": "token"},
        });
        serde_json::from_value(step).unwrap()
    }

    fn info() -> TokenInfo {
        TokenInfo {
            accessor: "a".into(),
            display_name: "d".into(),
            policies: BTreeSet::from(["default".into(), "external-secrets".into()]),
            ttl: Some(700 * HOUR),
            creation_ttl: 768 * HOUR,
            period: Some(768 * HOUR),
            orphan: true,
            renewable: true,
            meta: BTreeMap::new(),
        }
    }

    #[test]
    fn a_periodic_orphan_with_the_policies_is_sound() {
        assert_eq!(step().judge(&info()), Verdict::Sound);
    }

    #[test]
    fn every_fault_is_named() {
        let policies = BTreeSet::from(["root".into()]);
        let found = TokenInfo { policies, orphan: false, period: None, ..info() };
        let Verdict::Make(faults) = step().judge(&found) else { panic!("it is no sound token") };
        assert_eq!(faults.len(), 4);
        assert!(faults[0].starts_with("it is a root token"));
    }

    #[test]
    fn a_short_life_is_renewed_and_ends_the_token_that_cannot_be() {
        let short = TokenInfo { ttl: Some(100 * HOUR), ..info() };
        assert_eq!(step().judge(&short), Verdict::Renew("100h of its life are left".into()));
        let fixed = TokenInfo { renewable: false, ..short };
        assert!(matches!(step().judge(&fixed), Verdict::Make(_)));
    }

    #[test]
    fn a_server_that_shortens_lives_does_not_make_renewal_endless() {
        let capped = TokenInfo { ttl: Some(HOUR), creation_ttl: HOUR, ..info() };
        assert_eq!(step().judge(&capped), Verdict::Sound);
        let brief = TokenInfo { ttl: Some(20 * HOUR), period: Some(24 * HOUR), ..info() };
        assert_eq!(step().judge(&brief), Verdict::Sound);
    }
}
