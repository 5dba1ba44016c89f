//! The certificate to seal for: from a file, an address, or the controller through the API server.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::{Failure, Job};
use crate::cli::sealing::place::{self, Unread};
use crate::remote::cluster::{Cluster, Service};
use crate::remote::{Cause, web};
use crate::seal::Certificate;

impl Job<'_> {
    /// The certificate as bytes.
    pub(super) fn certificate(&self) -> Result<Vec<u8>, Failure> {
        match self.flags.cert.as_deref().filter(|cert| !cert.is_empty()) {
            Some(named) => from_place(named, || self.deadline()),
            None => self.online(|cluster| self.served_certificate(cluster)),
        }
    }

    async fn served_certificate(&self, cluster: Cluster) -> Result<Vec<u8>, Failure> {
        let service = self.controller(&cluster).await?;
        let answer = cluster.sealing_certificate(&service).await;
        let answer =
            answer.map_err(|error| Failure::new(format!("cannot fetch certificate: {}", error.cause)))?;
        if answer.status == 200 {
            return Ok(answer.body.to_vec());
        }
        Err(Failure::new(format!("cannot fetch certificate: {}", service.refusal(answer.status))))
    }

    /// The controller's Service.
    pub(super) async fn controller(&self, cluster: &Cluster) -> Result<Service, Failure> {
        let or = |typed: &Option<String>, default: &str| {
            typed.as_deref().filter(|name| !name.is_empty()).unwrap_or(default).to_owned()
        };
        let namespace = or(&self.flags.controller_namespace, "kube-system");
        let name = or(&self.flags.controller_name, "sealed-secrets-controller");
        cluster.service(&namespace, &name).await.map_err(|error| {
            let why = match &error.cause {
                Cause::NotFound(_) => format!("services {name:?} not found"),
                other => other.to_string(),
            };
            Failure::new(format!(
                "cannot get sealed secret service: {why}.\nPlease, use the flag --controller-name and \
                 --controller-namespace to set up the name and namespace of the sealed secrets controller"
            ))
            .hint("the Helm chart calls it `sealed-secrets` unless told otherwise")
        })
    }

    /// The certificate, if it may be used today.
    pub(super) fn checked(&self, pem: &[u8]) -> Result<Certificate, Failure> {
        let certificate = Certificate::from_pem(pem)?;
        certificate.check_end(Timestamp::now())?;
        if let Err(early) = certificate.check(Timestamp::now()) {
            self.caller.printer.warn(&format!("warning: {early}"));
        }
        Ok(certificate)
    }
}

fn from_place(named: &str, deadline: impl FnOnce() -> Result<Duration, Failure>) -> Result<Vec<u8>, Failure> {
    // A deadline matters only where somebody is asked.
    let deadline = if place::is_remote(named) { deadline()? } else { Duration::ZERO };
    place::read_within(named, Path::new(""), deadline).map_err(|unread| match unread {
        Unread::File(_, error) if place::is_address(named) && error.kind() == ErrorKind::NotFound => {
            Failure::new(format!("cannot fetch {named:?}: 404 Not Found"))
        }
        Unread::File(file, error) => Failure::of_system("open", &file, &error),
        Unread::Web(error) => Failure::new(format!("cannot fetch {:?}: {}", web::told(named), error.cause)),
        Unread::Other(error) => Failure::new(error.to_string()),
    })
}
