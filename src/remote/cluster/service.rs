//! Services behind the proxy of the API server: `/api/v1/namespaces/NS/services/http:NAME:PORT/proxy/…`.

use std::time::Duration;

use http::Method;
use serde_json::Value;
use zeroize::Zeroizing;

use super::object::check_names;
use super::wire::{Ask, Deed};
use super::{Cluster, Error};

/// A service that speaks HTTP.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The name of its port; empty where it has none.
    pub port: String,
}

impl Service {
    /// What it means that a controller behind this service was asked and the answer has this status.
    #[must_use]
    pub fn refusal(&self, status: u16) -> String {
        let Self { namespace, name, port } = self;
        match status {
            401 => "the API server does not accept the credentials (401)".into(),
            403 => format!(
                "the user may not reach it (403): grant `get` and `create` on `services/proxy` `http:{name}:{port}` in \
                 namespace {namespace:?}"
            ),
            404 => "the controller does not know this path (404)".into(),
            429 => "the controller asks for fewer requests (429): try again later".into(),
            503 => format!(
                "the API server does not reach service {name:?} (503): it has no ready pod, or a network policy is in the way"
            ),
            other => format!("an error on the server has prevented the request from succeeding ({other})"),
        }
    }
}

/// What a service answered, through the proxy. A refusal of the proxy itself looks the same.
pub struct ServiceAnswer {
    /// The status.
    pub status: u16,
    /// How long to wait before asking again, where the service says so.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Zeroizing<Vec<u8>>,
}

impl Cluster {
    /// A service with the name of its first port.
    ///
    /// # Errors
    /// A service that does not exist or has no port; a refusal; an API server that cannot be reached.
    pub async fn service(&self, namespace: &str, name: &str) -> Result<Service, Error> {
        let deed =
            Deed::new(format!("read Service `{namespace}/{name}`"), "get", "services", Some(namespace));
        check_names(Some(namespace), name, &deed)?;
        let ask = Ask::new(Method::GET, format!("/api/v1/namespaces/{namespace}/services/{name}"));
        let found: Value = self.json(ask, &deed).await?;
        let port = found.pointer("/spec/ports/0").ok_or_else(|| deed.malformed("the service has no port"))?;
        let port = port["name"].as_str().unwrap_or_default().to_owned();
        Ok(Service { namespace: namespace.to_owned(), name: name.to_owned(), port })
    }

    /// Asks the controller of sealed-secrets behind a service for the certificate that it wants to be used. Requests that
    /// are put off (429, 503) are repeated for a while.
    ///
    /// # Errors
    /// An API server that cannot be reached. Any answer is one, whatever its status.
    pub async fn sealing_certificate(&self, service: &Service) -> Result<ServiceAnswer, Error> {
        let ask =
            Ask::new(Method::GET, target(service, "/v1/cert.pem")).accept("application/x-pem-file, */*");
        self.through(service, ask, "get").await
    }

    /// Posts JSON to a service; otherwise as [`Cluster::sealing_certificate`].
    ///
    /// # Errors
    /// As [`Cluster::sealing_certificate`].
    pub async fn post_to(
        &self,
        service: &Service,
        path: &str,
        body: Zeroizing<Vec<u8>>,
    ) -> Result<ServiceAnswer, Error> {
        self.through(
            service,
            Ask::new(Method::POST, target(service, path)).body("application/json", body),
            "create",
        )
        .await
    }

    async fn through(&self, service: &Service, ask: Ask, verb: &'static str) -> Result<ServiceAnswer, Error> {
        let Service { namespace, name, .. } = service;
        let action = format!("ask Service `{namespace}/{name}` through the API server");
        let deed = Deed::new(action, verb, "services/proxy", Some(namespace));
        check_names(Some(namespace), name, &deed)?;
        let answer = self.ask(&ask, &deed).await?;
        Ok(ServiceAnswer {
            status: answer.status.as_u16(),
            retry_after: answer.retry_after(),
            body: answer.body,
        })
    }
}

fn target(service: &Service, path: &str) -> String {
    let Service { namespace, name, port } = service;
    format!("/api/v1/namespaces/{namespace}/services/http:{name}:{port}/proxy{path}")
}
