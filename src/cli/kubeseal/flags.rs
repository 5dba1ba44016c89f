//! kubeseal's flags as typed, with its environment laid under them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser};
use secrecy::SecretString;

use crate::remote::cluster::Overrides;
use crate::settings::environment;

/// Seals Secrets for the sealed-secrets controller of a cluster
#[derive(Debug, Parser)]
#[command(
    name = "kubeseal",
    override_usage = "kubeseal [flags]",
    disable_help_flag = true,
    disable_version_flag = true,
    disable_colored_help = true,
    args_override_self = true,
    max_term_width = 100,
    after_help = "\
Each flag may stand in the environment: SEALED_SECRETS_CONTROLLER_NAME for --controller-name. What is typed wins.

Examples:
  kubeseal --cert pub-cert.pem -o yaml < secret.yaml > sealed.yaml
  kubeseal --fetch-cert > pub-cert.pem
  kubeseal --raw --namespace shop --name db --from-file password.txt
  kubeseal --merge-into sealed.yaml < more.yaml
  kubeseal --recovery-unseal --recovery-private-key keys.yaml < sealed.yaml"
)]
pub(super) struct Flags {
    /// Certificate to seal for: a file, or an http(s) or file address; the controller's when absent
    #[arg(long, value_name = "FILE|URL", allow_hyphen_values = true)]
    pub(super) cert: Option<String>,
    /// Namespace of the controller [default: kube-system]
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub(super) controller_namespace: Option<String>,
    /// Name of the controller's Service [default: sealed-secrets-controller]
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub(super) controller_name: Option<String>,
    /// Output: json or yaml [default: json]
    #[arg(short = 'o', long, value_name = "FORM", allow_hyphen_values = true)]
    pub(super) format: Option<String>,
    /// Input file, instead of standard input
    #[arg(short = 'f', long, value_name = "FILE", allow_hyphen_values = true, value_parser = file())]
    pub(super) secret_file: Option<PathBuf>,
    /// Output file; `.yaml` and `.yml` mean YAML
    #[arg(short = 'w', long, value_name = "FILE", allow_hyphen_values = true, value_parser = file())]
    pub(super) sealed_secret_file: Option<PathBuf>,
    /// Write the certificate out, and nothing else
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    pub(super) fetch_cert: Option<bool>,
    /// Seal a Secret without any keys
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    pub(super) allow_empty_data: Option<bool>,
    /// Ask the controller whether it can unseal the input
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    pub(super) validate: Option<bool>,
    /// Put the input's items into this SealedSecret
    #[arg(long, value_name = "FILE", allow_hyphen_values = true, value_parser = file())]
    pub(super) merge_into: Option<PathBuf>,
    /// Seal one value as it is, and print only that
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    pub(super) raw: Option<bool>,
    /// Name of the Secret, over the input's
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub(super) name: Option<String>,
    /// With --raw: the file with the value
    #[arg(long, value_name = "[KEY=]FILE", allow_hyphen_values = true, action = clap::ArgAction::Append)]
    pub(super) from_file: Vec<String>,
    /// strict, namespace-wide or cluster-wide; the input's annotations when absent
    #[arg(long, value_name = "SCOPE", allow_hyphen_values = true, value_parser = scope)]
    pub(super) scope: Option<Scope>,
    /// Have the controller seal the input anew with its newest key
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    pub(super) re_encrypt: Option<bool>,
    /// The old name of --re-encrypt
    #[arg(long, hide = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    pub(super) rotate: Option<bool>,
    /// Unseal the input with private keys, without a cluster
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    pub(super) recovery_unseal: Option<bool>,
    /// Files with private keys: PEM, Secrets or Lists of Secrets
    #[arg(long, value_name = "FILE,…", allow_hyphen_values = true, action = clap::ArgAction::Append)]
    pub(super) recovery_private_key: Vec<String>,
    /// The kubeconfig file
    #[arg(long, value_name = "FILE", allow_hyphen_values = true, value_parser = file())]
    pub(super) kubeconfig: Option<PathBuf>,
    /// Print the version of kubeseal that this behaves as
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    pub(super) version: Option<bool>,
    /// Print this
    #[arg(short = 'h', long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    pub(super) help: Option<bool>,
    #[command(flatten)]
    pub(super) cluster: ClusterFlags,
    #[command(flatten)]
    log: LogFlags,
    /// Words that are no flags
    #[arg(hide = true)]
    pub(super) words: Vec<OsString>,
}

/// A file as typed. An empty one is none, as it is to kubeseal.
fn file() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// A scope as typed: an empty one is the default.
pub(super) type Scope = Option<crate::seal::Scope>;

#[derive(Debug, Args)]
#[command(next_help_heading = "Cluster, as kubectl has it")]
pub(super) struct ClusterFlags {
    /// The context of the kubeconfig
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub(super) context: Option<String>,
    /// The namespace
    #[arg(short, long, value_name = "NAME", allow_hyphen_values = true)]
    namespace: Option<String>,
    /// The cluster of the kubeconfig
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    cluster: Option<String>,
    /// The user of the kubeconfig
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    user: Option<String>,
    /// The address of the API server
    #[arg(long, value_name = "URL", allow_hyphen_values = true)]
    server: Option<String>,
    /// A bearer token
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true, value_parser = secret)]
    token: Option<SecretString>,
    /// The user to impersonate
    #[arg(long = "as", value_name = "USER", allow_hyphen_values = true)]
    impersonate: Option<String>,
    /// A group to impersonate; may be repeated
    #[arg(long = "as-group", value_name = "GROUP", allow_hyphen_values = true, action = clap::ArgAction::Append)]
    impersonate_group: Vec<String>,
    /// The uid to impersonate
    #[arg(long = "as-uid", value_name = "UID", allow_hyphen_values = true)]
    impersonate_uid: Option<String>,
    /// The authority of the API server
    #[arg(long, value_name = "FILE", allow_hyphen_values = true, value_parser = file())]
    certificate_authority: Option<PathBuf>,
    /// The client's certificate
    #[arg(long, value_name = "FILE", allow_hyphen_values = true, value_parser = file())]
    client_certificate: Option<PathBuf>,
    /// The client's key
    #[arg(long, value_name = "FILE", allow_hyphen_values = true, value_parser = file())]
    client_key: Option<PathBuf>,
    /// Trust any certificate
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    insecure_skip_tls_verify: Option<bool>,
    /// The name in the server's certificate
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    tls_server_name: Option<String>,
    /// The proxy
    #[arg(long, value_name = "URL", allow_hyphen_values = true)]
    proxy_url: Option<String>,
    /// Ask for answers that are not compressed; they never are
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    disable_compression: Option<bool>,
    /// The deadline of one request, such as 30s; 0 is two minutes
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) request_timeout: Option<String>,
    /// The user name of basic authentication
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    username: Option<String>,
    /// The password of basic authentication
    #[arg(long, value_name = "PASSWORD", allow_hyphen_values = true, value_parser = secret)]
    password: Option<SecretString>,
}

/// Flags of kubeseal's own log, which there is none of here.
#[derive(Debug, Args)]
struct LogFlags {
    /// How much to log
    #[arg(short, long = "v", hide = true, allow_hyphen_values = true, value_parser = clap::value_parser!(i32))]
    v: Option<i32>,
    /// Which files log how much
    #[arg(long, hide = true, allow_hyphen_values = true)]
    vmodule: Option<String>,
    /// Where to log stacks
    #[arg(long = "log_backtrace_at", hide = true, allow_hyphen_values = true)]
    log_backtrace_at: Option<String>,
    /// The folder of logs
    #[arg(long = "log_dir", hide = true, allow_hyphen_values = true)]
    log_dir: Option<String>,
    /// The file of the log
    #[arg(long = "log_file", hide = true, allow_hyphen_values = true)]
    log_file: Option<String>,
    /// How large it may be
    #[arg(long = "log_file_max_size", hide = true, allow_hyphen_values = true, value_parser = clap::value_parser!(u64))]
    log_file_max_size: Option<u64>,
    /// Which severities go to standard error
    #[arg(long, hide = true, allow_hyphen_values = true)]
    stderrthreshold: Option<String>,
    /// Log to standard error
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    logtostderr: Option<bool>,
    /// Log to standard error too
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    alsologtostderr: Option<bool>,
    /// Log each line once
    #[arg(long = "one_output", hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    one_output: Option<bool>,
    /// Log the folder of the source
    #[arg(long = "add_dir_header", hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    add_dir_header: Option<bool>,
    /// Log without headers
    #[arg(long = "skip_headers", hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    skip_headers: Option<bool>,
    /// Open logs without headers
    #[arg(long = "skip_log_headers", hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = boolean)]
    skip_log_headers: Option<bool>,
}

impl Flags {
    /// Lays the environment under what was typed. Values that a flag would not take are passed over.
    pub(super) fn over_environment(mut self) -> Self {
        let flags = &mut self;
        text(&mut flags.cert, "cert");
        text(&mut flags.controller_namespace, "controller-namespace");
        text(&mut flags.controller_name, "controller-name");
        text(&mut flags.format, "format");
        path(&mut flags.secret_file, "secret-file");
        path(&mut flags.sealed_secret_file, "sealed-secret-file");
        path(&mut flags.merge_into, "merge-into");
        path(&mut flags.kubeconfig, "kubeconfig");
        text(&mut flags.name, "name");
        list(&mut flags.from_file, "from-file");
        list(&mut flags.recovery_private_key, "recovery-private-key");
        under(&mut flags.scope, "scope", |text| scope(text).ok());
        flag(&mut flags.fetch_cert, "fetch-cert");
        flag(&mut flags.allow_empty_data, "allow-empty-data");
        flag(&mut flags.validate, "validate");
        flag(&mut flags.raw, "raw");
        flag(&mut flags.re_encrypt, "re-encrypt");
        flag(&mut flags.rotate, "rotate");
        flag(&mut flags.recovery_unseal, "recovery-unseal");
        flag(&mut flags.version, "version");
        flag(&mut flags.help, "help");
        flags.cluster.over_environment();
        self
    }
}

impl ClusterFlags {
    fn over_environment(&mut self) {
        text(&mut self.context, "context");
        text(&mut self.namespace, "namespace");
        text(&mut self.cluster, "cluster");
        text(&mut self.user, "user");
        text(&mut self.server, "server");
        under(&mut self.token, "token", |text| Some(text.into()));
        text(&mut self.impersonate, "as");
        if self.impersonate_group.is_empty() {
            self.impersonate_group.extend(environment::of_kubeseal("as-group"));
        }
        text(&mut self.impersonate_uid, "as-uid");
        path(&mut self.certificate_authority, "certificate-authority");
        path(&mut self.client_certificate, "client-certificate");
        path(&mut self.client_key, "client-key");
        flag(&mut self.insecure_skip_tls_verify, "insecure-skip-tls-verify");
        text(&mut self.tls_server_name, "tls-server-name");
        text(&mut self.proxy_url, "proxy-url");
        text(&mut self.request_timeout, "request-timeout");
        text(&mut self.username, "username");
        under(&mut self.password, "password", |text| Some(text.into()));
    }

    /// What lies over the kubeconfig. Empty texts are nothing.
    pub(super) fn overrides(&self) -> Overrides {
        let text = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        let path = |value: &Option<PathBuf>| value.clone().filter(|path| !path.as_os_str().is_empty());
        Overrides {
            namespace: text(&self.namespace),
            cluster: text(&self.cluster),
            user: text(&self.user),
            server: text(&self.server),
            authority: path(&self.certificate_authority),
            insecure: self.insecure_skip_tls_verify,
            tls_server_name: text(&self.tls_server_name),
            proxy: text(&self.proxy_url),
            token: self.token.clone(),
            username: text(&self.username),
            password: self.password.clone(),
            client_certificate: path(&self.client_certificate),
            client_key: path(&self.client_key),
            impersonate: text(&self.impersonate),
            impersonate_uid: text(&self.impersonate_uid),
            impersonate_groups: self.impersonate_group.clone(),
        }
    }
}

fn under<T>(typed: &mut Option<T>, flag: &str, read: impl FnOnce(&str) -> Option<T>) {
    if typed.is_none() {
        *typed = environment::of_kubeseal(flag).and_then(|text| read(&text));
    }
}

fn text(typed: &mut Option<String>, flag: &str) {
    under(typed, flag, |text| Some(text.to_owned()));
}

fn path(typed: &mut Option<PathBuf>, flag: &str) {
    under(typed, flag, |text| Some(text.into()));
}

fn flag(typed: &mut Option<bool>, flag: &str) {
    under(typed, flag, |text| boolean(text).ok());
}

/// Lists are split at commas; a part in double quotes may hold some.
fn list(typed: &mut Vec<String>, flag: &str) {
    if typed.is_empty() {
        typed.extend(environment::of_kubeseal(flag));
    }
    *typed = typed.iter().flat_map(|text| split(text)).collect();
}

fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => parts.push(String::new()),
            _ => parts.last_mut().into_iter().for_each(|part| part.push(letter)),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// As Go reads booleans.
fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(format!("strconv.ParseBool: parsing {text:?}: invalid syntax")),
    }
}

fn scope(text: &str) -> Result<Scope, crate::seal::Error> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some) }
}

#[expect(clippy::unnecessary_wraps, reason = "clap wants a parser")]
fn secret(text: &str) -> Result<SecretString, String> {
    Ok(text.into())
}

#[cfg(test)]
mod tests;
