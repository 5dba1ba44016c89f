//! The controller of a cluster, through the API server: what it serves, what keys it has, what its refusals mean.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::remote::cluster::{Access, Cluster, Overrides, Secret, Service, ServiceAnswer};
use crate::remote::{self, Cause};
use crate::seal::{ACTIVE, Certificate, KEY_LABEL, UNLABELLED};
use crate::settings::{SealingController, SealingSettings};

/// The deadline of one request.
const DEADLINE: Duration = Duration::from_secs(30);
/// How often a request is made again that the controller puts off, and the longest pause before it.
const TRIES: u32 = 30;
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Which controller.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct ControllerFlags {
    /// The controller's Service, instead of the one of the settings
    #[arg(long, value_name = "NAMESPACE/NAME")]
    controller: Option<String>,
}

impl ControllerFlags {
    /// How to reach the controller that is named, or that of the settings.
    fn way(&self, settings: &SealingSettings) -> Result<Way, Error> {
        let controller = match self.controller.as_deref().map(|typed| typed.split_once('/')) {
            None => settings.sealing.controller.clone(),
            Some(Some((namespace, name))) if !namespace.is_empty() && !name.is_empty() => {
                SealingController { namespace: namespace.to_owned(), name: name.to_owned() }
            }
            Some(_) => {
                return Err(Error::Usage {
                    complaint: "`--controller` takes a namespace and a name".into(),
                    hint: "write for example `--controller kube-system/sealed-secrets-controller`".into(),
                });
            }
        };
        Ok(Way { kubeconfig: settings.kubeconfig.clone(), context: settings.context.clone(), controller })
    }
}

/// How to reach a controller.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Way {
    /// The kubeconfig file and context.
    pub(in crate::cli) kubeconfig: Option<PathBuf>,
    pub(in crate::cli) context: Option<String>,
    /// Its Service.
    pub(in crate::cli) controller: SealingController,
}

impl Way {
    /// Reads the kubeconfig; no request is made.
    pub(in crate::cli) async fn connect(&self) -> Result<Controller, Error> {
        let access = Access {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            timeout: DEADLINE,
            overrides: Overrides::default(),
        };
        let SealingController { namespace, name } = self.controller.clone();
        Ok(Controller { cluster: Cluster::connect(&access).await?, namespace, name })
    }
}

/// The controller of a cluster that has been connected to.
pub(in crate::cli) struct Controller {
    pub(in crate::cli) cluster: Cluster,
    pub(in crate::cli) namespace: String,
    pub(in crate::cli) name: String,
}

impl Controller {
    /// Reads the kubeconfig; no request is made.
    pub(in crate::cli) async fn connect(
        settings: &SealingSettings,
        flags: &ControllerFlags,
    ) -> Result<Self, Error> {
        flags.way(settings)?.connect().await
    }

    /// Its Service.
    pub(in crate::cli) async fn service(&self) -> Result<Service, Error> {
        let found = self.cluster.service(&self.namespace, &self.name).await;
        Ok(found.map_err(|error| match error.cause {
            Cause::NotFound(_) => error.hint(
                "name the controller's Service with `--controller NAMESPACE/NAME` or in `sealing.controller`; the Helm \
                 chart calls it `sealed-secrets`",
            ),
            _ => error,
        })?)
    }

    /// The certificate that it serves, as bytes.
    pub(in crate::cli) async fn served(&self) -> Result<Vec<u8>, Error> {
        let service = self.service().await?;
        let answer = self.cluster.sealing_certificate(&service).await?;
        if answer.status == 200 {
            return Ok(answer.body.to_vec());
        }
        let action = format!("fetch the certificate of Service `{}/{}`", service.namespace, service.name);
        Err(refusal(action, answer.status, &service))
    }

    /// The certificate that it serves.
    pub(in crate::cli) async fn certificate(&self) -> Result<Certificate, Error> {
        Ok(Certificate::from_pem(&self.served().await?)?)
    }

    /// Its keys that are in use, by the names of their Secrets; and how many there are that are switched off.
    pub(in crate::cli) async fn keys(&self) -> Result<(Vec<(String, Secret)>, usize), Error> {
        let all = self.cluster.secrets(&self.namespace, KEY_LABEL).await?;
        let is_active = |secret: &Secret| secret.labels.get(KEY_LABEL).is_some_and(|value| value == ACTIVE);
        let (mut active, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(_, secret)| is_active(secret));
        let others = others.into_iter().filter(|(_, secret)| secret.labels.contains_key(KEY_LABEL)).count();
        if let Some(old) = self.cluster.secret(&self.namespace, UNLABELLED).await?
            && !old.labels.contains_key(KEY_LABEL)
            && old.data.contains_key("tls.key")
        {
            active.push((UNLABELLED.to_owned(), old));
        }
        if active.is_empty() {
            let why = format!("no Secret in `{}` has the label `{KEY_LABEL}={ACTIVE}`", self.namespace);
            let error = remote::Error::new("find the controller's sealing keys", Cause::NotFound(why));
            return Err(error
                .hint("name the controller's namespace with `--controller NAMESPACE/NAME`")
                .into());
        }
        Ok((active, others))
    }

    /// Posts a SealedSecret to it, again and again where it asks for fewer requests.
    pub(in crate::cli) async fn post(
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
pub(in crate::cli) fn refusal(action: impl Into<String>, status: u16, service: &Service) -> Error {
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
