//! From a kubeconfig, or the account of a pod, to a client. No request is made here.

use std::error::Error as _;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue};
use kube::client::AuthError;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};

use super::{Cluster, Discovery, Overrides};
use crate::remote::{Cause, Error};

/// Where a pod finds the authority of its API server.
const POD_AUTHORITY: &str = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

/// How to reach a cluster.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The kubeconfig file, or a list of them as in `KUBECONFIG`; when absent `KUBECONFIG`, `~/.kube/config`,
    /// then the in-cluster account.
    pub kubeconfig: Option<PathBuf>,
    /// The context; the current one when absent.
    pub context: Option<String>,
    /// The deadline of one request.
    pub timeout: Duration,
    /// What lies over the kubeconfig.
    pub overrides: Overrides,
}

impl Cluster {
    /// Reads the kubeconfig; no request is made. A credential plugin that it names is run, as kubectl does.
    ///
    /// # Errors
    /// A kubeconfig that cannot be read, a context that is not in it (the error lists those that are), a
    /// plugin that fails.
    pub async fn connect(access: &Access) -> Result<Self, Error> {
        let (mut config, authority) = configure(access).await?;
        config.connect_timeout = Some(access.timeout);
        config.write_timeout = Some(access.timeout);
        // The deadline of a request is kept in `wire`, retries included; the library's own would outlast it.
        config.default_retry = false;
        if is_loopback(config.cluster_url.host()) {
            config.proxy_url = None;
        }
        let address = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let default_namespace = config.default_namespace.clone();
        // A credential plugin blocks until it is done.
        let client = tokio::task::spawn_blocking(move || Client::try_from(config))
            .await
            .map_err(|_| complaint("the client could not be made"))?
            .map_err(|error| login_error(&error))?;
        let discovery = Discovery::default();
        Ok(Self { client, address, default_namespace, authority, timeout: access.timeout, discovery })
    }
}

/// The namespace that objects without one belong to, and whether the command line names it.
///
/// Nothing where there is neither kubeconfig nor pod. No request is made and no credential plugin is run.
///
/// # Errors
/// A kubeconfig that cannot be read; a context that is not in it.
pub fn namespace(access: &Access) -> Result<Option<Namespace>, Error> {
    if let Some(name) = access.overrides.namespace.as_ref().filter(|name| !name.is_empty()) {
        return Ok(Some(Namespace { name: name.clone(), from: NamedBy::CommandLine }));
    }
    let of_pod = || Config::incluster().ok().map(|config| (config.default_namespace, NamedBy::Context));
    let found = match read(access.kubeconfig.as_deref())? {
        None => {
            of_pod().or_else(|| access.overrides.names_server().then(|| ("default".into(), NamedBy::Nobody)))
        }
        Some(kubeconfig) => {
            let context = choose(&kubeconfig, access.context.as_deref())?;
            let named = kubeconfig.contexts.into_iter().find(|named| named.name == context);
            let namespace = named.and_then(|named| named.context?.namespace).filter(|name| !name.is_empty());
            Some(
                namespace
                    .map_or_else(|| ("default".into(), NamedBy::Nobody), |name| (name, NamedBy::Context)),
            )
        }
    };
    Ok(found.map(|(name, from)| Namespace { name, from }))
}

/// A namespace, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// Who names it.
    pub from: NamedBy,
}

/// Who names a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// The command line.
    CommandLine,
    /// The context of the kubeconfig, or the pod.
    Context,
    /// Nobody: it is `default`.
    Nobody,
}

/// Whether there is anything to connect with: a kubeconfig, a pod, or a server that is named.
#[must_use]
pub fn is_configured(access: &Access) -> bool {
    access.overrides.names_server()
        || !matches!(read(access.kubeconfig.as_deref()), Ok(None))
        || Config::incluster().is_ok()
}

/// The client's configuration, and the authority in PEM.
async fn configure(access: &Access) -> Result<(Config, Option<String>), Error> {
    let overrides = &access.overrides;
    let found = read(access.kubeconfig.as_deref())?;
    let mut kubeconfig = match found {
        Some(kubeconfig) => kubeconfig,
        None if overrides.names_server() => Kubeconfig::default(),
        None => return in_cluster(access.context.as_deref()),
    };
    let mut options = KubeConfigOptions { context: access.context.clone(), ..Default::default() };
    overrides.lay_over(&mut kubeconfig, &mut options);
    let context = choose(&kubeconfig, options.context.as_deref())?;
    let authority = authority(&kubeconfig, &context);
    options.context = Some(context);
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
    let mut config = config.map_err(|error| file_error(&error))?;
    for (name, value) in overrides.headers() {
        let value = HeaderValue::from_str(value)
            .map_err(|_| complaint("a name to impersonate holds a letter that no header may"))?;
        config.headers.push((HeaderName::from_static(name), value));
    }
    Ok((config, authority))
}

/// The kubeconfig, or nothing where none is named and none lies in the usual place.
fn read(named: Option<&Path>) -> Result<Option<Kubeconfig>, Error> {
    let found = match named {
        Some(path) => read_list(path).map(Some),
        None => match Kubeconfig::read() {
            Err(KubeconfigError::FindPath) => Ok(None),
            Err(KubeconfigError::ReadConfig(error, _)) if error.kind() == ErrorKind::NotFound => Ok(None),
            other => other.map(Some),
        },
    };
    let found = found.map_err(|error| file_error(&error))?;
    // kubectl takes an empty file for no file.
    Ok(found.filter(|config| named.is_some() || !config.contexts.is_empty()))
}

fn read_list(path: &Path) -> Result<Kubeconfig, KubeconfigError> {
    if path.exists() {
        return Kubeconfig::read_from(path);
    }
    let mut files: Vec<PathBuf> = std::env::split_paths(path).collect();
    // kubectl leaves out what is missing from a list, but not a file that is named alone.
    if files.len() > 1 && files.iter().any(|file| file.exists()) {
        files.retain(|file| file.exists());
    }
    files.iter().try_fold(Kubeconfig::default(), |merged, file| merged.merge(Kubeconfig::read_from(file)?))
}

fn choose(kubeconfig: &Kubeconfig, wanted: Option<&str>) -> Result<String, Error> {
    let names: Vec<&str> = kubeconfig.contexts.iter().map(|context| context.name.as_str()).collect();
    let there_are = match names.as_slice() {
        [] => "the kubeconfig holds no context".to_owned(),
        names => format!("there is: {}", names.join(", ")),
    };
    let chosen = wanted.or(kubeconfig.current_context.as_deref()).filter(|name| !name.is_empty());
    match chosen {
        None => Err(complaint("no context is named, and the kubeconfig has no current one").hint(there_are)),
        Some(name) if names.contains(&name) => Ok(name.to_owned()),
        Some(name) => Err(complaint(format!("the kubeconfig has no context `{name}`")).hint(there_are)),
    }
}

fn authority(kubeconfig: &Kubeconfig, context: &str) -> Option<String> {
    let named = kubeconfig.contexts.iter().find(|named| named.name == context)?;
    let cluster = &named.context.as_ref()?.cluster;
    let named = kubeconfig.clusters.iter().find(|named| named.name == *cluster)?;
    let cluster = named.cluster.as_ref()?;
    let bytes = match (&cluster.certificate_authority_data, &cluster.certificate_authority) {
        (Some(data), _) => STANDARD.decode(data).ok()?,
        (None, Some(file)) => std::fs::read(file).ok()?,
        (None, None) => return None,
    };
    String::from_utf8(bytes).ok()
}

fn in_cluster(context: Option<&str>) -> Result<(Config, Option<String>), Error> {
    if let Some(context) = context {
        return Err(complaint(format!("there is no kubeconfig, so no context `{context}`")));
    }
    let config = Config::incluster().map_err(|_| {
        complaint(
            "there is no kubeconfig (in KUBECONFIG or `~/.kube/config`), and this process runs in no pod",
        )
        .hint("name one that exists in `cluster.kubeconfig` or KUBECONFIG")
    })?;
    Ok((config, std::fs::read_to_string(POD_AUTHORITY).ok()))
}

fn is_loopback(host: Option<&str>) -> bool {
    let host = host.unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn complaint(reason: impl Into<String>) -> Error {
    Error::new("connect to the cluster", Cause::Local(reason.into()))
}

/// What is wrong with a kubeconfig. Its text is never quoted: it may hold a token.
fn file_error(error: &KubeconfigError) -> Error {
    complaint(match error {
        KubeconfigError::ReadConfig(reason, file) => {
            format!("the kubeconfig `{}` cannot be read: {reason}", file.display())
        }
        KubeconfigError::Parse(_) => "the kubeconfig is not what kubectl would read as one".into(),
        KubeconfigError::LoadClusterOfContext(name) => {
            format!("the kubeconfig has no cluster `{name}`, which its context names")
        }
        KubeconfigError::MissingClusterUrl => "the kubeconfig names no server for the cluster".into(),
        KubeconfigError::ParseClusterUrl(_) => "the server in the kubeconfig is no address".into(),
        KubeconfigError::ParseProxyUrl(_) => "the proxy is no address".into(),
        KubeconfigError::LoadCertificateAuthority(_) | KubeconfigError::ParseCertificates(_) => {
            "the certificate authority of the kubeconfig cannot be read".into()
        }
        _ => "the kubeconfig cannot be used".to_owned(),
    })
    .hint("`kubectl config view` says what is wrong with it; another is named in `cluster.kubeconfig` or KUBECONFIG")
}

/// What is wrong with the credentials. A plugin's output is never quoted: it may hold a token.
fn login_error(error: &kube::Error) -> Error {
    match error {
        kube::Error::Auth(AuthError::AuthExecStart(reason)) => {
            complaint(format!("the credential plugin of the kubeconfig cannot be run: {reason}"))
                .hint("install the program that the kubeconfig names under `exec`")
        }
        kube::Error::Auth(AuthError::AuthExecRun { out, .. }) => {
            complaint(format!("the credential plugin of the kubeconfig ended with {}", out.status))
                .hint("log in as the plugin wants it, for example with the cloud's own tool")
        }
        kube::Error::Auth(AuthError::ReadTokenFile(reason, file)) => {
            complaint(format!("the token file `{}` cannot be read: {reason}", file.display()))
        }
        kube::Error::Auth(_) => complaint("the credentials of the kubeconfig cannot be used"),
        kube::Error::ProxyProtocolDisabled { .. } | kube::Error::ProxyProtocolUnsupported { .. } => {
            complaint("the proxy named by the kubeconfig or HTTPS_PROXY is of a kind that is not supported")
        }
        kube::Error::RustlsTls(reason) => complaint(format!(
            "the certificates of the kubeconfig cannot be used{}",
            reason.source().map(|source| format!(": {source}")).unwrap_or_default()
        )),
        _ => complaint("the kubeconfig cannot be used"),
    }
}
