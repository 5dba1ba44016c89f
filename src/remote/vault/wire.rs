//! One request to Vault, through vaultrs' client and its headers.
//!
//! The typed calls of vaultrs are not used: they log the server's error texts, which may repeat what was sent,
//! and drop the body of a 404, in which KV v2 tells a deleted secret from one that never was.

use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderValue};
use rustify::endpoint::{Endpoint, MiddleWare};
use rustify::enums::{RequestMethod, RequestType, ResponseType};
use rustify::errors::ClientError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Mutex;
use vaultrs::api::EndpointMiddleware;
use vaultrs::client::{VaultClient, VaultClientSettings};
use zeroize::{Zeroize, Zeroizing};

use super::failure::Failure;
use super::trust::{self, Led, Trust};
use crate::remote::{Cause, Error};

/// How often a request is made that Vault asks to make again.
const ATTEMPTS: u32 = 6;
/// The pause before the second attempt; each further one doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 100 });
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A request: the path is below `v1/`.
pub(super) struct Call {
    method: RequestMethod,
    path: String,
    query: Option<String>,
    body: Zeroizing<Vec<u8>>,
    content_type: &'static str,
}

impl Call {
    fn new(method: RequestMethod, path: &str) -> Self {
        Self {
            method,
            path: format!("v1/{path}"),
            query: None,
            body: Zeroizing::default(),
            content_type: "application/json",
        }
    }

    pub(super) fn get(path: &str) -> Self {
        Self::new(RequestMethod::GET, path)
    }

    /// As GET, since some proxies refuse the method LIST.
    pub(super) fn list(path: &str) -> Self {
        Self { query: Some("list=true".into()), ..Self::get(path) }
    }

    /// One version of a secret.
    pub(super) fn version(path: &str, version: &str) -> Self {
        let query =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("version", version).finish();
        Self { query: Some(query), ..Self::get(path) }
    }

    pub(super) fn post(path: &str, body: Zeroizing<Vec<u8>>) -> Self {
        Self { body, ..Self::new(RequestMethod::POST, path) }
    }

    /// A POST of what holds no secret.
    pub(super) fn post_json(path: &str, body: &impl Serialize) -> Self {
        Self::post(path, json(body))
    }

    /// A PATCH by JSON merge (RFC 7396).
    pub(super) fn merge(path: &str, body: &impl Serialize) -> Self {
        let content_type = "application/merge-patch+json";
        Self { body: json(body), content_type, ..Self::new(RequestMethod::PATCH, path) }
    }
}

fn json(body: &impl Serialize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(serde_json::to_vec(body).unwrap_or_default())
}

impl Endpoint for &Call {
    type Response = Value;
    const REQUEST_BODY_TYPE: RequestType = RequestType::JSON;
    const RESPONSE_BODY_TYPE: ResponseType = ResponseType::JSON;

    fn path(&self) -> String {
        self.path.clone()
    }

    fn method(&self) -> RequestMethod {
        self.method.clone()
    }

    fn query(&self) -> Result<Option<String>, ClientError> {
        Ok(self.query.clone())
    }

    fn body(&self) -> Result<Option<Vec<u8>>, ClientError> {
        Ok(Some(self.body.to_vec()))
    }
}

/// The headers of vaultrs, and the content type, which it leaves out.
struct Headers<'a> {
    vault: &'a EndpointMiddleware,
    content_type: &'static str,
}

impl MiddleWare for Headers<'_> {
    fn request<E: Endpoint>(
        &self,
        endpoint: &E,
        request: &mut http::Request<Vec<u8>>,
    ) -> Result<(), ClientError> {
        self.vault.request(endpoint, request)?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        Ok(())
    }

    fn response<E: Endpoint>(&self, _: &E, _: &mut http::Response<Vec<u8>>) -> Result<(), ClientError> {
        Ok(())
    }
}

/// The body of an answer, wiped when dropped.
pub(super) struct Answer(Zeroizing<Vec<u8>>);

impl Answer {
    /// The text, empty where there is none.
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The whole document.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        // The parser's own words may quote a value.
        serde_json::from_slice(&self.0).map_err(|_| Failure::Malformed)
    }

    /// What stands under `data`.
    pub(super) fn data<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        #[derive(serde::Deserialize)]
        struct Envelope<T> {
            data: T,
        }
        self.parse::<Envelope<T>>().map(|envelope| envelope.data)
    }
}

/// The connection to one Vault, with the token that it sends.
pub(super) struct Wire {
    client: VaultClient,
    pub(super) address: String,
    timeout: Duration,
    led: Led,
    /// Held by a request that a rate limit refuses: the others wait behind it, and do not overtake it. True once one has
    /// waited in vain; then nobody waits any more.
    limited: Mutex<bool>,
}

impl Wire {
    /// Reads the authority's file; no request is made.
    pub(super) fn new(
        address: &str,
        namespace: Option<String>,
        trust: &Trust,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let url = trust::address(address)?;
        let address = address.trim_end_matches('/').to_owned();
        if let Some(name) = namespace.as_deref().filter(|name| !is_header(name)) {
            return Err(trust::unfit(&address, format!("`{}` is no namespace", name.escape_debug())));
        }
        let led = Led::default();
        let http = trust.client(&url, timeout, &led)?;
        let settings = VaultClientSettings {
            address: url,
            ca_certs: Vec::new(),
            identity: None,
            timeout: Some(timeout),
            token: String::new(),
            verify: true,
            version: 1,
            wrapping: false,
            namespace: namespace.clone(),
            proxy: None,
        };
        // The version stands in the paths here, so that an address with a path of its own works.
        let middle =
            EndpointMiddleware { token: String::new(), version: String::new(), wrap: None, namespace };
        let http = rustify::clients::reqwest::Client::new(&address, http);
        Ok(Self {
            client: VaultClient { http, middle, settings },
            address,
            timeout,
            led,
            limited: Mutex::default(),
        })
    }

    /// Sends this token from now on; refuses what no header can hold.
    pub(super) fn log_in(&mut self, token: &str) -> Result<(), Cause> {
        if token.is_empty() {
            return Err(Cause::Local("the token is empty".into()));
        }
        if !is_header(token) {
            let why = "the token holds a line end or another character that no token has";
            return Err(Cause::Local(why.into()));
        }
        token.clone_into(&mut self.client.middle.token);
        Ok(())
    }

    /// Asks, and again where Vault says that it will be ready in a moment, or that a rate limit is reached.
    pub(super) async fn ask(&self, call: &Call) -> Result<Answer, Failure> {
        self.ask_by(call, &self.client.middle).await
    }

    /// Asks in the name of another token; nothing where no header can hold it.
    pub(super) async fn ask_as(&self, call: &Call, token: &str) -> Option<Result<Answer, Failure>> {
        if token.is_empty() || !is_header(token) {
            return None;
        }
        let mut middle = self.client.middle.clone();
        middle.token.zeroize();
        token.clone_into(&mut middle.token);
        let answer = self.ask_by(call, &middle).await;
        middle.token.zeroize();
        Some(answer)
    }

    /// Asks without token and namespace, as health wants it.
    pub(super) async fn ask_nameless(&self, call: &Call) -> Result<Answer, Failure> {
        let middle =
            EndpointMiddleware { token: String::new(), version: String::new(), wrap: None, namespace: None };
        self.once(call, &middle).await
    }

    async fn ask_by(&self, call: &Call, middle: &EndpointMiddleware) -> Result<Answer, Failure> {
        let (mut pause, mut waited, mut attempt) = (FIRST_PAUSE, Duration::ZERO, 1);
        let mut turn = None;
        drop(self.limited.lock().await);
        loop {
            match self.once(call, middle).await {
                Err(failure) if failure.is_limited() => {
                    let mut in_vain = match turn.take() {
                        Some(turn) => turn,
                        None => self.limited.lock().await,
                    };
                    *in_vain |= waited >= self.timeout;
                    if *in_vain {
                        return Err(failure);
                    }
                    turn = Some(in_vain);
                }
                Err(failure) if failure.wants_again() && attempt < ATTEMPTS => {}
                answer => return answer,
            }
            tokio::time::sleep(pause).await;
            (attempt, waited, pause) = (attempt + 1, waited + pause, LONGEST_PAUSE.min(pause * 2));
        }
    }

    /// Asks once; the server's words come back without the token, should it repeat what it was sent.
    async fn once(&self, call: &Call, middle: &EndpointMiddleware) -> Result<Answer, Failure> {
        let headers = Headers { vault: middle, content_type: call.content_type };
        match call.with_middleware(&headers).exec(&self.client.http).await {
            Ok(result) => Ok(Answer(Zeroizing::new(result.response.into_body()))),
            Err(ClientError::ServerResponseError { code, content }) => {
                Err(Failure::status(code, without(&middle.token, content.unwrap_or_default())))
            }
            Err(ClientError::RequestError { source, .. } | ClientError::ResponseError { source }) => {
                Err(Failure::Transport(self.unanswered(source.as_ref())))
            }
            Err(_) => Err(Failure::Malformed),
        }
    }
}

impl Wire {
    /// Why no answer came. A standby may have led to the active node, and either may be at fault.
    fn unanswered(&self, error: &(dyn std::error::Error + 'static)) -> Cause {
        let active = self.led.get().filter(|active| **active != self.address);
        let address = match active {
            Some(active) => format!("{}` or `{active}", self.address),
            None => self.address.clone(),
        };
        trust::cause(error, &address, self.timeout)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.client.middle.token.zeroize();
    }
}

/// Whether a header can hold the text; vaultrs panics where it cannot.
fn is_header(text: &str) -> bool {
    HeaderValue::from_str(text).is_ok()
}

/// The text without the token in it.
fn without(token: &str, text: String) -> String {
    if token.is_empty() { text } else { Zeroizing::new(text).replace(token, "…") }
}
