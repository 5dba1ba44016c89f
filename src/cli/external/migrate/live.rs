//! The values of SealedSecrets, out of the Secrets that the controller made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value};

use crate::cli::caller::{Caller, in_runtime};
use crate::cli::external::live::{self, Live};
use crate::cli::input;
use crate::cli::kustomizations::Kustomizations;
use crate::cli::sealed_files::{WORD, documents};
use crate::cli::unseal::text::Opened;
use crate::error::Error;
use crate::remote::cluster::{Cluster, ObjectRef};
use crate::seal::SealedSecret;
use crate::yaml::{self, Document};

/// Requests at once.
const AT_ONCE: usize = 8;

/// Namespace and name.
type Place = (String, String);

/// Secrets of the cluster, by their places.
#[derive(Default)]
pub(super) struct Secrets {
    found: BTreeMap<Place, Found>,
    taken: BTreeSet<Place>,
    /// The namespace of SealedSecrets that name none.
    typed: Option<String>,
}

/// What the cluster has of a SealedSecret.
struct Found {
    live: Option<Live>,
    /// The SealedSecret.
    sealed: Option<Value>,
}

impl Secrets {
    /// Reads the Secrets of all SealedSecrets in files, side by side.
    pub(super) fn read(
        caller: &Caller,
        files: &[PathBuf],
        kustomizations: &Kustomizations,
        typed: Option<&str>,
    ) -> Result<Self, Error> {
        let places = places(files, kustomizations, typed)?;
        if places.is_empty() {
            return Ok(Self::default());
        }
        caller.printer.busy();
        let found = in_runtime(async {
            let cluster = &live::connect(caller).await?;
            let one = |(namespace, name): Place| async move {
                // In this order: a Secret that is read first may be older than what is synced by then.
                let sealed = sealed(cluster, &namespace, &name).await?;
                let found = Found { live: live::secret(cluster, &namespace, &name).await?, sealed };
                Ok::<_, Error>(((namespace, name), found))
            };
            stream::iter(places).map(one).buffered(AT_ONCE).try_collect().await
        });
        caller.printer.idle();
        Ok(Self { found: found?, taken: BTreeSet::new(), typed: typed.map(str::to_owned) })
    }

    /// The Secret that the controller made of a SealedSecret: it must be owned by that, hold just its keys, and the cluster
    /// must have the same SealedSecret as the file.
    pub(super) fn open(&mut self, document: Document, namespace: Option<&str>) -> Result<Opened, Error> {
        let place = document.place(&[]);
        let refuse = |complaint: String, hint: &str| {
            Err(Error::Usage { complaint: format!("{place}: {complaint}"), hint: hint.into() })
        };
        let rendered = rendered(&document.value);
        let sealed = SealedSecret::read(document)?;
        let own = Some(sealed.namespace()).filter(|own| !own.is_empty());
        let namespace = namespace.or(own).or(self.typed.as_deref()).unwrap_or_default().to_owned();
        let (object, name) = (format!("{namespace}/{}", sealed.name()), sealed.name().to_owned());
        let at = (namespace, name.clone());
        if !self.taken.insert(at.clone()) {
            return refuse(format!("`{object}` stands twice in these files"), "remove one of the two");
        }
        let Some(Found { live: Some(live), sealed: of_cluster }) = self.found.remove(&at) else {
            let hint = "wait until the controller has made it, or name private keys";
            return refuse(format!("there is no Secret `{object}` in the cluster"), hint);
        };
        if live.owner.as_deref() != Some(&format!("SealedSecret/{name}")) {
            let owner = live.owner.as_deref().unwrap_or("nobody");
            let complaint = format!("the Secret `{object}` belongs to {owner}, not to this SealedSecret");
            return refuse(complaint, "name private keys, which open the file itself");
        }
        if !of_cluster.as_ref().is_some_and(|found| is_same(&sealed, &rendered, found)) {
            let complaint = format!("the cluster has another version of `{object}`");
            return refuse(complaint, "let it be applied first, or name private keys");
        }
        if !of_cluster.as_ref().is_some_and(is_synced) {
            let complaint = format!("the controller does not say that it has unsealed this `{object}`");
            return refuse(complaint, "see its status in the cluster, wait for it, or name private keys");
        }
        let wanted: BTreeSet<&str> = sealed.keys().chain(rendered.keys().map(String::as_str)).collect();
        let held: BTreeSet<&str> = live.secret.items.keys().map(String::as_str).collect();
        if wanted != held {
            let others: Vec<String> =
                wanted.symmetric_difference(&held).map(|key| format!("`{key}`")).collect();
            let complaint = format!("the Secret `{object}` has not just its keys: {}", others.join(", "));
            return refuse(complaint, "name private keys, which open the file itself");
        }
        Ok(Opened::Secret(Box::new(live.secret)))
    }
}

/// Whether the SealedSecret of the cluster has the same items and templates of values.
fn is_same(sealed: &SealedSecret, templates: &Map<String, Value>, of_cluster: &Value) -> bool {
    let items = of_cluster.pointer("/spec/encryptedData").and_then(Value::as_object);
    let same = items.is_some_and(|items| {
        items.len() == sealed.keys().count()
            && items
                .iter()
                .all(|(key, item)| item.as_str().is_some_and(|item| sealed.item(key) == Some(item)))
    });
    same && rendered(of_cluster) == *templates
}

/// Whether the controller says of just this version that it has unsealed it.
fn is_synced(of_cluster: &Value) -> bool {
    let generation = of_cluster.pointer("/metadata/generation").and_then(Value::as_i64);
    let seen = of_cluster.pointer("/status/observedGeneration").and_then(Value::as_i64);
    let mut conditions =
        of_cluster.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    generation.is_some()
        && generation == seen
        && conditions.any(|one| one["type"] == "Synced" && one["status"] == "True")
}

/// The values that the controller makes of templates.
fn rendered(value: &Value) -> Map<String, Value> {
    value.pointer("/spec/template/data").and_then(Value::as_object).cloned().unwrap_or_default()
}

async fn sealed(cluster: &Cluster, namespace: &str, name: &str) -> Result<Option<Value>, Error> {
    let object = ObjectRef {
        api_version: "bitnami.com/v1alpha1".into(),
        kind: "SealedSecret".into(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    };
    Ok(cluster.get(&object).await?)
}

/// The places of all SealedSecrets in files, where kustomizations put them, or what was typed.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: the reader of manifests, whose errors show no line of them"
)]
fn places(
    files: &[PathBuf],
    kustomizations: &Kustomizations,
    typed: Option<&str>,
) -> Result<BTreeSet<Place>, Error> {
    let mut places = BTreeSet::new();
    for file in files {
        let bytes = input::read(file).map_err(Error::system(format!("read {}", file.display())))?;
        let text = yaml::decode(file, bytes.expose().to_vec())?;
        if !text.contains(WORD) {
            continue;
        }
        let given = kustomizations.namespace(file);
        for document in documents(file, &text)? {
            let text =
                |field: &str| document.value["metadata"][field].as_str().unwrap_or_default().to_owned();
            let own = Some(text("namespace")).filter(|own| !own.is_empty());
            let namespace = given.clone().or(own).or_else(|| typed.map(str::to_owned));
            places.insert((namespace.unwrap_or_default(), text("name")));
        }
    }
    places.retain(|(namespace, name)| !namespace.is_empty() && !name.is_empty());
    Ok(places)
}
