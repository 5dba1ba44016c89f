//! octocrab over the HTTP client that both kinds of Git host share: its login and base address, our
//! authorities, deadline and refusal of redirects.

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use serde::Serialize;
use tower::{BoxError, service_fn};

use crate::remote::git_host::wire::{self, Reply};
use crate::remote::{Cause, Error};

/// A client for the API at `address`.
pub(super) fn open(http: reqwest::Client, address: &str, auth: AuthState) -> Result<Octocrab, Error> {
    let base: http::Uri = address.parse().map_err(|_| {
        Error::new("use the setting `git.api`", Cause::Local(format!("`{address}` is not an address")))
    })?;
    let transport = service_fn(move |request: Request<OctoBody>| carry(http.clone(), request));
    let Ok(client) = OctocrabBuilder::new_empty()
        .with_service(transport)
        .with_layer(&BaseUriLayer::new(base))
        .with_auth(auth)
        .build();
    Ok(client)
}

/// One request by the shared client, its answer read to its end.
async fn carry(http: reqwest::Client, request: Request<OctoBody>) -> Result<Response<Full<Bytes>>, BoxError> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let request = reqwest::Request::try_from(Request::from_parts(parts, body))?;
    let Reply { status, headers, body } = wire::read(http.execute(request).await?).await?;
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// Sends a request and reads the answer, whatever its status.
pub(super) async fn send<B: Serialize + ?Sized>(
    client: &Octocrab,
    method: Method,
    path: &str,
    body: Option<&B>,
) -> Result<Reply, octocrab::Error> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(http::header::ACCEPT, "application/vnd.github+json");
    let response = client.execute(client.build_request(request, body)?).await?;
    let (parts, body) = response.into_parts();
    Ok(Reply { status: parts.status, headers: parts.headers, body: body.collect().await?.to_bytes() })
}
