//! What the three stand-ins share: an HTTP server on loopback, a log of what was asked, and faults on demand.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Which remote a server stands in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remote {
    /// The Kubernetes API.
    Kubernetes,
    /// Vault.
    Vault,
    /// The Git host.
    GitHost,
}

/// A request, read to its end.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, percent-decoded segment by segment: `/api/v1/namespaces`.
    pub path: String,
    /// The query.
    pub query: BTreeMap<String, String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The segments of the path without empty ones.
    #[must_use]
    pub fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }
}

/// A reply.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Headers beside the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
}

/// The body of a reply.
pub enum Body {
    /// JSON.
    Json(Value),
    /// Nothing.
    Empty,
    /// Words, as servers have them where nothing is served at all.
    Text(Cow<'static, str>),
    /// JSON lines as they come; the stream ends when the sender is dropped.
    Lines(mpsc::UnboundedReceiver<Value>),
}

impl Reply {
    /// A JSON reply. Unknown status numbers become 500.
    #[must_use]
    pub fn json(status: u16, body: Value) -> Self {
        Self { status: status_of(status), headers: Vec::new(), body: Body::Json(body) }
    }

    /// A reply without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status: status_of(status), headers: Vec::new(), body: Body::Empty }
    }
}

fn status_of(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// One request that was answered, or refused by a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Of whom.
    pub remote: Remote,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// Whether it would change the remote: dry runs, access reviews, logins and look-ups are none.
    pub write: bool,
    /// The status of the reply; 0 where none was given.
    pub status: u16,
}

/// When a request was being answered.
#[derive(Debug, Clone)]
pub struct Span {
    /// The method and the path.
    pub what: String,
    /// When it had been read.
    pub began: Instant,
    /// When its answer was ready.
    pub ended: Instant,
}

/// What to do to a request instead of answering it.
#[derive(Debug, Clone)]
pub enum Harm {
    /// Answer so; null is an answer without a body.
    Answer(u16, Value),
    /// Answer with this status and a body that repeats the request's, as careless servers do.
    Echo(u16),
    /// Never answer.
    Stall,
    /// Close the connection without a reply, before doing what was asked.
    Close,
}

/// A fault: which requests it meets, how often, and what it does.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Of which remote.
    pub remote: Remote,
    /// The method; any when absent.
    pub method: Option<Method>,
    /// A part of the path.
    pub path: String,
    /// How many requests it meets; `usize::MAX` for all.
    pub times: usize,
    /// What it does.
    pub harm: Harm,
}

type OnWrite = Box<dyn Fn(usize) + Send + Sync>;

/// What was asked of all servers of a sandbox, and the faults they are to show.
#[derive(Default)]
pub struct Ledger {
    asked: Mutex<Vec<Asked>>,
    spans: Mutex<Vec<Span>>,
    delay: Mutex<Duration>,
    faults: Mutex<Vec<Fault>>,
    writes: AtomicUsize,
    on_write: Mutex<Option<OnWrite>>,
}

impl Ledger {
    /// All requests so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The requests so far that wrote.
    #[must_use]
    pub fn writes(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.write).collect()
    }

    /// When each request so far was being answered; those that a fault met are left out.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers each request only after this time, as a remote that is far away does.
    pub fn delay(&self, length: Duration) {
        *self.delay.lock().unwrap_or_else(PoisonError::into_inner) = length;
    }

    /// Forgets what was asked.
    pub fn clear(&self) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.writes.store(0, Ordering::SeqCst);
    }

    /// Adds a fault.
    pub fn harm(&self, fault: Fault) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// Removes all faults.
    pub fn heal(&self) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Calls `then` after each write has been done and before it is answered, with its number from 1.
    pub fn on_write(&self, then: impl Fn(usize) + Send + Sync + 'static) {
        *self.on_write.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(then));
    }

    fn harm_for(&self, remote: Remote, request: &Request) -> Option<Harm> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = faults.iter_mut().find(|fault| {
            fault.times > 0
                && fault.remote == remote
                && fault.method.as_ref().is_none_or(|method| *method == request.method)
                && request.path.contains(&fault.path)
        })?;
        fault.times = fault.times.saturating_sub(1);
        Some(fault.harm.clone())
    }

    /// Answers after the delay, and notes how long that took.
    async fn answered(&self, request: Request, handler: &Handler) -> Reply {
        let (began, what) = (Instant::now(), format!("{} {}", request.method, request.path));
        let delay = *self.delay.lock().unwrap_or_else(PoisonError::into_inner);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let reply = handler(request).await;
        let span = Span { what, began, ended: Instant::now() };
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).push(span);
        reply
    }

    fn record(&self, asked: Asked) {
        let wrote = asked.write && (200..300).contains(&asked.status);
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        if wrote {
            let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
            if let Some(then) = &*self.on_write.lock().unwrap_or_else(PoisonError::into_inner) {
                then(number);
            }
        }
    }
}

/// Whether a request would change the remote.
fn is_write(remote: Remote, request: &Request) -> bool {
    if matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS)
        || request.method.as_str() == "LIST"
    {
        return false;
    }
    match remote {
        Remote::Kubernetes => {
            let is_of_account =
                request.path.contains("/serviceaccounts/") && request.path.ends_with("/token");
            !(request.query.contains_key("dryRun") || request.path.contains("accessreviews") || is_of_account)
        }
        Remote::Vault => {
            !["/login", "/lookup", "/lookup-self", "/lookup-accessor", "/capabilities-self", "/revoke-self"]
                .iter()
                .any(|end| request.path.ends_with(end))
        }
        Remote::GitHost => !request.path.ends_with("/access_tokens"),
    }
}

/// Answers a request.
pub type Handler = Arc<dyn Fn(Request) -> BoxFuture<'static, Reply> + Send + Sync>;

/// Serves on a free loopback port until the runtime ends.
///
/// # Errors
/// No port can be had.
pub async fn serve(remote: Remote, ledger: Arc<Ledger>, handler: Handler) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (ledger, handler) = (Arc::clone(&ledger), Arc::clone(&handler));
            tokio::spawn(async move {
                let service = service_fn(|request| answer(remote, &ledger, &handler, request));
                let connection = hyper::server::conn::http1::Builder::new();
                // A connection that ends early is the client's affair, or a fault that was asked for.
                drop(connection.serve_connection(TokioIo::new(stream), service).await);
            });
        }
    });
    Ok(address)
}

async fn answer(
    remote: Remote,
    ledger: &Ledger,
    handler: &Handler,
    request: hyper::Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, Closed> {
    let request = read(request).await?;
    let mut asked = Asked {
        remote,
        method: request.method.to_string(),
        path: request.path.clone(),
        write: is_write(remote, &request),
        status: 0,
    };
    let reply = match ledger.harm_for(remote, &request) {
        Some(Harm::Answer(status, body)) => {
            asked.write = false;
            if body.is_null() { Reply::empty(status) } else { Reply::json(status, body) }
        }
        Some(Harm::Echo(status)) => {
            asked.write = false;
            Reply::json(status, echo(&request))
        }
        Some(Harm::Stall) => std::future::pending().await,
        Some(Harm::Close) => return Err(Closed),
        None => ledger.answered(request, handler).await,
    };
    asked.status = reply.status.as_u16();
    ledger.record(asked);
    Ok(response(reply))
}

/// The request's own header and body, in every place where remotes put their complaints.
fn echo(request: &Request) -> Value {
    let headers =
        request.headers.values().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(" ");
    let text = format!("cannot accept {} with {headers}", String::from_utf8_lossy(&request.body));
    serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Invalid", "message": text,
        "errors": [text], "documentation_url": text, "details": {"causes": [{"message": text}]},
    })
}

/// A connection that is closed instead of answered.
#[derive(Debug, thiserror::Error)]
#[error("closed on demand")]
struct Closed;

async fn read(request: hyper::Request<Incoming>) -> Result<Request, Closed> {
    let (parts, body) = request.into_parts();
    let decode = |text: &str| {
        url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
            .next()
            .map_or_else(String::new, |(_, value)| value.into_owned())
    };
    let path = parts.uri.path().split('/').map(decode).collect::<Vec<_>>().join("/");
    let query =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
    Ok(Request { method: parts.method, path, query, headers: parts.headers, body })
}

fn response(reply: Reply) -> Response<BoxBody<Bytes, Infallible>> {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    let body = match reply.body {
        Body::Empty => Full::new(Bytes::new()).boxed(),
        Body::Text(text) => {
            response = response.header("content-type", "text/plain; charset=utf-8");
            Full::new(Bytes::from(text.into_owned())).boxed()
        }
        Body::Json(value) => {
            response = response.header("content-type", "application/json");
            Full::new(Bytes::from(value.to_string())).boxed()
        }
        Body::Lines(lines) => {
            response = response.header("content-type", "application/json");
            let lines = futures::stream::unfold(lines, |mut lines| async {
                let line = lines.recv().await?;
                Some((Ok(Frame::data(Bytes::from(format!("{line}\n")))), lines))
            });
            StreamBody::new(lines).boxed()
        }
    };
    response.body(body).unwrap_or_else(|_| Response::new(Full::new(Bytes::new()).boxed()))
}
