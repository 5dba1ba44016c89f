//! Stores that are written are those that are checked.

use super::*;
use crate::external::check::{self, Around};

fn a_store(kind: StoreKind, provider: Provider, auth: Auth) -> Store {
    let namespace = (kind == StoreKind::SecretStore).then(|| "shop".to_owned());
    let key = if kind == StoreKind::SecretStore { None } else { Some("eso".to_owned()) };
    let authority =
        Authority::Object { config_map: true, name: "ca".into(), key: "ca.crt".into(), namespace: key };
    let server = "https://vault.example.com:8200".to_owned();
    let vault_namespace = Some("team".to_owned());
    let (name, mount, version) = ("vault".to_owned(), "secret".to_owned(), KvVersion::V2);
    Store {
        kind,
        name,
        namespace,
        provider,
        server,
        mount,
        version,
        vault_namespace,
        authority: Some(authority),
        auth,
    }
}

fn auths(namespace: Option<&str>) -> [Auth; 8] {
    let secret = |name: &str| SecretRef {
        name: name.into(),
        key: "k".into(),
        namespace: namespace.map(str::to_owned),
    };
    let account = ServiceAccount {
        name: "eso".into(),
        namespace: namespace.map(str::to_owned),
        audiences: vec!["vault".into()],
    };
    let mount = || "m".to_owned();
    [
        Auth::Token(secret("token")),
        Auth::AppRole { mount: mount(), role: RoleId::Text("id".into()), secret: secret("s") },
        Auth::UserPass { mount: mount(), username: "u".into(), secret: secret("s") },
        Auth::AppRole { mount: mount(), role: RoleId::Secret(secret("r")), secret: secret("s") },
        Auth::Kubernetes { mount: mount(), role: "r".into(), account: Some(account.clone()) },
        Auth::Cert { mount: mount(), role: Some("r".into()), certificate: secret("c"), key: secret("k") },
        Auth::Jwt { mount: mount(), role: None, source: JwtSource::Secret(secret("s")) },
        Auth::Jwt { mount: mount(), role: None, source: JwtSource::ServiceAccount(account) },
    ]
}

#[test]
fn stores_of_every_method_have_no_findings() {
    for kind in [StoreKind::SecretStore, StoreKind::ClusterSecretStore] {
        let namespace = (kind == StoreKind::ClusterSecretStore).then_some("eso");
        for (index, auth) in auths(namespace).into_iter().enumerate() {
            for provider in [Provider::Vault, Provider::OpenBao] {
                let store = a_store(kind, provider, auth.clone());
                let Ok(object) = store.object() else {
                    assert!(provider == Provider::OpenBao && index > 3, "{auth:?}");
                    continue;
                };
                assert!(provider == Provider::Vault || index <= 3, "{auth:?}");
                let checked =
                    check::object(&document(&yaml::to_string(&object)), &Around::default()).unwrap();
                assert_eq!(checked.findings, vec![], "{object}");
                assert_eq!(Store::read(&object).unwrap(), store, "what is written is read back");
            }
        }
    }
}

#[test]
fn stores_that_would_be_refused_are() {
    let token = |namespace: Option<&str>| auths(namespace)[0].clone();
    let cluster = || a_store(StoreKind::ClusterSecretStore, Provider::Vault, token(None));
    let single = || a_store(StoreKind::SecretStore, Provider::Vault, token(None));
    assert!(cluster().object().is_ok() && single().object().is_ok());
    let object = |namespace: Option<&str>| {
        Some(Authority::Object {
            config_map: false,
            name: "a".into(),
            key: "b".into(),
            namespace: namespace.map(str::to_owned),
        })
    };
    let rows = [
        (Store { namespace: Some("a".into()), ..cluster() }, "has no namespace"),
        (Store { name: "A".into(), ..single() }, "the name"),
        (Store { server: "vault:8200".into(), ..single() }, "begins with neither"),
        (Store { mount: "/secret".into(), ..single() }, "the mount"),
        (Store { authority: object(None), ..cluster() }, "is missing"),
        (Store { authority: object(Some("x")), ..single() }, "namespace `x`"),
        (Store { auth: token(Some("x")), ..single() }, "namespace `x`"),
        (Store { authority: Some(Authority::Bundle("x".into())), ..single() }, "no certificate"),
        (
            Store { provider: Provider::OpenBao, auth: auths(None)[4].clone(), ..single() },
            "not with `kubernetes`",
        ),
    ];
    for (store, said) in rows {
        let error = store.object().unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    assert!(Store { auth: token(Some("shop")), ..single() }.object().is_ok());
}

#[test]
fn a_login_that_is_not_known_here_is_named() {
    let store = |provider: &str| {
        format!(
            "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {{name: s}}\nspec: {{provider: {provider}}}\n"
        )
    };
    for (provider, why) in [
        ("{aws: {}}", "neither Vault nor OpenBao"),
        ("{vault: {server: x, auth: {ldap: {username: u}}}}", "logs in by `ldap`"),
        ("{vault: {server: x, auth: {kubernetes: {role: r, secretRef: {name: s}}}}}", "a token of a Secret"),
        ("{vault: {server: x, auth: {appRole: {roleId: r}}}}", "its `appRole` has no `secretRef`"),
        ("{vault: {server: x}}", "does not say how to log in"),
        (
            "{vault: {server: x, auth: {namespace: other, tokenSecretRef: {name: t}}}}",
            "another namespace of Vault",
        ),
        ("{vault: {server: x, tls: {}, auth: {tokenSecretRef: {name: t}}}}", "a certificate of its own"),
        ("{vault: {server: x, caBundle: '!', auth: {tokenSecretRef: {name: t}}}}", "no PEM"),
    ] {
        let said = Store::read(&document(&store(provider)).value).unwrap_err().to_string();
        assert!(said.starts_with("ClusterSecretStore `s`: ") && said.contains(why), "{said}");
    }
    let open =
        Store::read(&document(&store("{vault: {server: x, auth: {tokenSecretRef: {name: t}}}}")).value);
    let open = open.unwrap();
    assert!(
        open.is_referent() && open.home(None, "shop") == "shop" && open.home(Some("eso"), "shop") == "eso"
    );
    assert_eq!(open.request_path("kv/app"), "kv/data/app", "without a mount the key begins with it");
}
