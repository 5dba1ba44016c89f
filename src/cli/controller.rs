//! The controller of sealed-secrets, as the verbs on sealed files reach it.

use std::time::Duration;

use clap::Args;
use zeroize::Zeroizing;

use super::caller::Caller;
use crate::error::Error;
use crate::remote::cluster::{Access, Cluster, Secret, Service, ServiceAnswer};
use crate::remote::{self, Cause};
use crate::seal::Certificate;
use crate::settings::SealingSettings;

/// The label of sealing keys that the controller uses.
pub(super) const LABEL: &str = "sealedsecrets.bitnami.com/sealed-secrets-key";
/// Its value for keys that are in use; any other switches a key off.
pub(super) const ACTIVE: &str = "active";
/// The name of the key that old controllers made, which carries no label.
const UNLABELLED: &str = "sealed-secrets-key";
/// The deadline of one request.
const DEADLINE: Duration = Duration::from_secs(30);
/// How often a request is made again that the controller puts off, and the longest pause before it.
const TRIES: u32 = 30;
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Which controller.
#[derive(Debug, Default, Args)]
pub(super) struct ControllerFlags {
    /// The controller's Service, instead of the one of the settings
    #[arg(long, value_name = "NAMESPACE/NAME")]
    controller: Option<String>,
}

/// The controller of a cluster that has been connected to.
pub(super) struct Controller {
    pub(super) cluster: Cluster,
    pub(super) namespace: String,
    pub(super) name: String,
}

impl Controller {
    /// Reads the kubeconfig; no request is made.
    pub(super) async fn connect(settings: &SealingSettings, flags: &ControllerFlags) -> Result<Self, Error> {
        let named = &settings.sealing.controller;
        let (namespace, name) = match flags.controller.as_deref().map(|typed| typed.split_once('/')) {
            None => (named.namespace.clone(), named.name.clone()),
            Some(Some((namespace, name))) if !namespace.is_empty() && !name.is_empty() => {
                (namespace.to_owned(), name.to_owned())
            }
            Some(_) => {
                return Err(Error::Usage {
                    complaint: "`--controller` takes a namespace and a name".into(),
                    hint: "write for example `--controller kube-system/sealed-secrets-controller`".into(),
                });
            }
        };
        let access = Access {
            kubeconfig: settings.kubeconfig.clone(),
            context: settings.context.clone(),
            timeout: DEADLINE,
            ..Access::default()
        };
        Ok(Self { cluster: Cluster::connect(&access).await?, namespace, name })
    }

    /// Its Service.
    pub(super) async fn service(&self) -> Result<Service, Error> {
        let found = self.cluster.service(&self.namespace, &self.name).await;
        Ok(found.map_err(|error| match error.cause {
            Cause::NotFound(_) => error.hint(
                "name the controller's Service with `--controller NAMESPACE/NAME` or in `sealing.controller`; the Helm \
                 chart calls it `sealed-secrets`",
            ),
            _ => error,
        })?)
    }

    /// The certificate that it serves.
    pub(super) async fn certificate(&self) -> Result<Certificate, Error> {
        let service = self.service().await?;
        let answer = self.cluster.get_from(&service, "/v1/cert.pem", "application/x-pem-file, */*").await?;
        if answer.status != 200 {
            return Err(refusal("fetch the controller's certificate", answer.status, &service));
        }
        Ok(Certificate::from_pem(&answer.body)?)
    }

    /// Its keys that are in use, by the names of their Secrets; and how many there are that are switched off.
    pub(super) async fn keys(&self) -> Result<(Vec<(String, Secret)>, usize), Error> {
        let all = self.cluster.secrets(&self.namespace, LABEL).await?;
        let is_active = |secret: &Secret| secret.labels.get(LABEL).is_some_and(|value| value == ACTIVE);
        let (mut active, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(_, secret)| is_active(secret));
        let others = others.into_iter().filter(|(_, secret)| secret.labels.contains_key(LABEL)).count();
        if let Some(old) = self.cluster.secret(&self.namespace, UNLABELLED).await?
            && !old.labels.contains_key(LABEL)
            && old.data.contains_key("tls.key")
        {
            active.push((UNLABELLED.to_owned(), old));
        }
        if active.is_empty() {
            let why = format!("no Secret in `{}` has the label `{LABEL}={ACTIVE}`", self.namespace);
            let error = remote::Error::new("find the controller's sealing keys", Cause::NotFound(why));
            return Err(error
                .hint("name the controller's namespace with `--controller NAMESPACE/NAME`")
                .into());
        }
        Ok((active, others))
    }

    /// Posts a SealedSecret to it, again and again where it asks for fewer requests.
    pub(super) async fn post(
        &self,
        service: &Service,
        path: &str,
        body: &str,
    ) -> Result<ServiceAnswer, Error> {
        for tries in 0.. {
            let body = Zeroizing::new(body.as_bytes().to_vec());
            let answer = self.cluster.post_to(service, path, body).await?;
            if answer.status != 429 || tries == TRIES {
                return Ok(answer);
            }
            let pause = answer.retry_after.unwrap_or(Duration::from_millis(250) * 2_u32.pow(tries.min(6)));
            tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
        }
        unreachable!("the last try is an answer")
    }
}

/// An error for an answer through the proxy that is a refusal.
pub(super) fn refusal(action: &str, status: u16, service: &Service) -> Error {
    let text = service.refusal(status);
    let cause = match status {
        401 => Cause::Unauthenticated(text),
        403 => Cause::Forbidden(text),
        404 => Cause::NotFound(text),
        429 => Cause::RateLimited(text),
        _ => Cause::Unavailable(text),
    };
    remote::Error::new(action, cause).into()
}

impl Caller {
    /// The settings of sealing with the flags over them.
    pub(super) fn sealing(&self) -> Result<SealingSettings, Error> {
        Ok(SealingSettings::load(&Self::folder()?, &self.overrides(None)?)?)
    }
}
