//! What a command line lays over a kubeconfig, as kubectl's flags do.

use std::path::PathBuf;

use kube::config::{
    AuthInfo, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext,
};
use secrecy::SecretString;

/// The name of a part that the kubeconfig has not and the command line makes.
const TYPED: &str = "typed";

/// Parts of a kubeconfig that are named on the command line.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// The namespace.
    pub namespace: Option<String>,
    /// The name of the kubeconfig's cluster, over the context's.
    pub cluster: Option<String>,
    /// The name of the kubeconfig's user, over the context's.
    pub user: Option<String>,
    /// The address of the API server.
    pub server: Option<String>,
    /// The file with the authority of the API server.
    pub authority: Option<PathBuf>,
    /// Whether to trust any certificate.
    pub insecure: Option<bool>,
    /// The name to expect in the server's certificate.
    pub tls_server_name: Option<String>,
    /// The proxy.
    pub proxy: Option<String>,
    /// A bearer token.
    pub token: Option<SecretString>,
    /// The user name of basic authentication.
    pub username: Option<String>,
    /// The password of basic authentication.
    pub password: Option<SecretString>,
    /// The file with the client's certificate.
    pub client_certificate: Option<PathBuf>,
    /// The file with the client's key.
    pub client_key: Option<PathBuf>,
    /// The user to impersonate.
    pub impersonate: Option<String>,
    /// The uid to impersonate.
    pub impersonate_uid: Option<String>,
    /// The groups to impersonate.
    pub impersonate_groups: Vec<String>,
}

impl Overrides {
    /// Whether a server is named, so that no kubeconfig is needed.
    pub(super) fn names_server(&self) -> bool {
        self.server.is_some()
    }

    /// The headers of impersonation.
    pub(super) fn headers(&self) -> Vec<(&'static str, &str)> {
        let groups = self.impersonate_groups.iter().map(|group| ("impersonate-group", group.as_str()));
        let user = self.impersonate.as_deref().map(|user| ("impersonate-user", user));
        let uid = self.impersonate_uid.as_deref().map(|uid| ("impersonate-uid", uid));
        user.into_iter().chain(uid).chain(groups).collect()
    }

    /// Lays them over the parts that a context names; makes a context where there is none.
    pub(super) fn lay_over(&self, kubeconfig: &mut Kubeconfig, options: &mut KubeConfigOptions) {
        if kubeconfig.contexts.is_empty() && self.names_server() {
            let context = Context { cluster: TYPED.into(), user: Some(TYPED.into()), ..Context::default() };
            kubeconfig.contexts.push(NamedContext {
                name: TYPED.into(),
                context: Some(context),
                ..Default::default()
            });
            kubeconfig.clusters.push(NamedCluster { name: TYPED.into(), ..Default::default() });
            kubeconfig.auth_infos.push(NamedAuthInfo { name: TYPED.into(), ..Default::default() });
            options.context = Some(TYPED.into());
        }
        options.cluster.clone_from(&self.cluster);
        options.user.clone_from(&self.user);
        kubeconfig.clusters.iter_mut().for_each(|named| self.over_cluster(named));
        kubeconfig
            .auth_infos
            .iter_mut()
            .for_each(|named| self.over_user(named.auth_info.get_or_insert_default()));
    }

    fn over_cluster(&self, named: &mut NamedCluster) {
        let cluster = named.cluster.get_or_insert_default();
        let path = |path: &PathBuf| path.display().to_string();
        over(&mut cluster.server, self.server.clone());
        over(&mut cluster.insecure_skip_tls_verify, self.insecure);
        over(&mut cluster.tls_server_name, self.tls_server_name.clone());
        over(&mut cluster.proxy_url, self.proxy.clone());
        if let Some(authority) = &self.authority {
            cluster.certificate_authority = Some(path(authority));
            cluster.certificate_authority_data = None;
        }
        // An authority has no say where any certificate will do.
        if self.insecure == Some(true) {
            (cluster.certificate_authority, cluster.certificate_authority_data) = (None, None);
        }
    }

    fn over_user(&self, user: &mut AuthInfo) {
        let path = |path: &PathBuf| path.display().to_string();
        if self.token.is_some() || self.username.is_some() {
            (user.exec, user.auth_provider, user.token_file) = (None, None, None);
        }
        over(&mut user.token, self.token.clone());
        over(&mut user.username, self.username.clone());
        over(&mut user.password, self.password.clone());
        if let Some(certificate) = &self.client_certificate {
            user.client_certificate = Some(path(certificate));
            user.client_certificate_data = None;
        }
        if let Some(key) = &self.client_key {
            user.client_key = Some(path(key));
            user.client_key_data = None;
        }
    }
}

fn over<T>(field: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *field = value;
    }
}
