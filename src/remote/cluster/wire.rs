//! One request to the API server and its reply, within one deadline.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use kube::client::Body;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};
use url::form_urlencoded::Serializer;
use zeroize::{Zeroize, Zeroizing};

use super::{Cluster, reach, refusal};
use crate::remote::{Cause, Error};

/// How often a request is repeated that the server puts off (429, 503, 504).
const RETRIES: u32 = 3;
/// The first pause before such a repetition, where the server names none.
const PAUSE: Duration = Duration::from_millis(50);

/// A request.
pub(super) struct Ask {
    method: Method,
    target: String,
    media: &'static str,
    accept: &'static str,
    body: Zeroizing<Vec<u8>>,
}

impl Ask {
    pub(super) fn new(method: Method, path: impl Into<String>) -> Self {
        let json = "application/json";
        Self { method, target: path.into(), media: json, accept: json, body: Zeroizing::default() }
    }

    pub(super) fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
        if !query.is_empty() {
            self.target = format!("{}?{query}", self.target);
        }
        self
    }

    pub(super) fn accept(mut self, media: &'static str) -> Self {
        self.accept = media;
        self
    }

    pub(super) fn body(mut self, media: &'static str, body: Zeroizing<Vec<u8>>) -> Self {
        (self.media, self.body) = (media, body);
        self
    }

    pub(super) fn json(self, media: &'static str, body: &serde_json::Value) -> Self {
        self.body(media, Zeroizing::new(body.to_string().into_bytes()))
    }

    fn request(&self) -> Result<http::Request<Body>, http::Error> {
        http::Request::builder()
            .method(&self.method)
            .uri(&self.target)
            .header("content-type", self.media)
            .header("accept", self.accept)
            .body(Body::from(self.body.to_vec()))
    }
}

/// What a request is for, as errors name it.
pub(super) struct Deed {
    /// To be read after "cannot".
    pub(super) action: String,
    pub(super) verb: &'static str,
    pub(super) resource: String,
    pub(super) namespace: Option<String>,
}

impl Deed {
    pub(super) fn new(
        action: impl Into<String>,
        verb: &'static str,
        resource: impl Into<String>,
        namespace: Option<&str>,
    ) -> Self {
        let namespace = namespace.map(str::to_owned);
        Self { action: action.into(), verb, resource: resource.into(), namespace }
    }

    pub(super) fn error(&self, cause: Cause) -> Error {
        Error::new(&self.action, cause)
    }

    pub(super) fn malformed(&self, what: &str) -> Error {
        self.error(Cause::Malformed(format!("the API server's answer cannot be understood: {what}")))
            .hint("check that the address in the kubeconfig is that of a Kubernetes API server")
    }
}

/// A reply of status 2xx, or one that says why not.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Zeroizing<Vec<u8>>,
    headers: HeaderMap,
}

impl Answer {
    /// The pause that the server asks for.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let named = self.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        named.map(Duration::from_secs)
    }
}

impl Cluster {
    /// Sends a request; repeats it for a while where the server puts it off. The reply may be a refusal.
    pub(super) async fn ask(&self, ask: &Ask, deed: &Deed) -> Result<Answer, Error> {
        let deadline = Instant::now() + self.timeout;
        let mut tries = 0;
        loop {
            let answer = timeout_at(deadline, self.send(ask, deed)).await.map_err(|_| self.late(deed))??;
            let pause = pause(&answer, tries);
            if !is_put_off(answer.status) || tries == RETRIES || Instant::now() + pause >= deadline {
                return Ok(answer);
            }
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    /// The same, with refusals as errors.
    pub(super) async fn accepted(&self, ask: Ask, deed: &Deed) -> Result<Answer, Error> {
        let answer = self.ask(&ask, deed).await?;
        if answer.status.is_success() { Ok(answer) } else { Err(refusal::error(&answer, deed)) }
    }

    /// The same, read as JSON.
    pub(super) async fn json<T: DeserializeOwned>(&self, ask: Ask, deed: &Deed) -> Result<T, Error> {
        let answer = self.accepted(ask, deed).await?;
        serde_json::from_slice(&answer.body)
            .map_err(|_| deed.malformed("it is not the JSON that was asked for"))
    }

    /// The same, and nothing where the server says 404.
    pub(super) async fn json_if_found<T: DeserializeOwned>(
        &self,
        ask: Ask,
        deed: &Deed,
    ) -> Result<Option<T>, Error> {
        match self.json(ask, deed).await {
            Err(Error { cause: Cause::NotFound(_), .. }) => Ok(None),
            other => other.map(Some),
        }
    }

    async fn send(&self, ask: &Ask, deed: &Deed) -> Result<Answer, Error> {
        let failed = |error: &(dyn std::error::Error + 'static)| reach::error(error, self, deed);
        let request = ask.request().map_err(|error| deed.error(Cause::Local(error.to_string())))?;
        let response = self.client.send(request).await.map_err(|error| failed(&error))?;
        let (parts, mut body) = response.into_parts();
        let mut bytes = Zeroizing::new(Vec::with_capacity(size_of_body(&parts.headers)));
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| failed(&error))?;
            if let Ok(chunk) = frame.into_data() {
                bytes.extend_from_slice(&chunk);
                wipe(chunk);
            }
        }
        Ok(Answer { status: parts.status, body: bytes, headers: parts.headers })
    }

    pub(super) fn late(&self, deed: &Deed) -> Error {
        let (address, seconds) = (self.address.clone(), self.timeout.as_secs());
        deed.error(Cause::TimedOut { address, seconds })
            .hint("check the network, or allow more time with `timeouts.request`")
    }
}

/// Room for the whole body, so that it does not move and leave copies behind.
fn size_of_body(headers: &HeaderMap) -> usize {
    let length = headers.get("content-length").and_then(|value| value.to_str().ok()?.parse().ok());
    length.unwrap_or(16 * 1024).min(8 * 1024 * 1024)
}

/// Overwrites a chunk that nobody else holds.
fn wipe(chunk: Bytes) {
    if let Ok(mut chunk) = chunk.try_into_mut() {
        chunk.as_mut().zeroize();
    }
}

fn is_put_off(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    )
}

fn pause(answer: &Answer, tries: u32) -> Duration {
    answer.retry_after().unwrap_or(PAUSE * 2_u32.pow(tries))
}
