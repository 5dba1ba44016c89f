//! Secrets become ExternalSecrets that say the same, and become Secrets again.

mod generate;
mod migrate;
mod reads;
mod store;

use std::path::Path;

use super::*;
use crate::plain::Plain;
use crate::seal::Manifest;
use crate::yaml;

#[expect(clippy::unnecessary_wraps, reason = "other layouts may have no path")]
fn by_name(namespace: &str, name: &str) -> Result<String, String> {
    Ok(format!("k8s/{namespace}/{name}"))
}

fn layout() -> Layout<'static> {
    let store = StoreRef { kind: StoreKind::ClusterSecretStore, name: "vault".into() };
    Layout::new(&by_name, store, "secret")
}

fn manifest(text: &str) -> Manifest {
    Manifest::read(Path::new("a.yaml"), &Plain::from(text.to_owned())).unwrap()
}

fn generated(text: &str, layout: &Layout) -> Generated {
    generate(&mut manifest(text), layout).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str, layout: &Layout) -> String {
    generate(&mut manifest(text), layout).unwrap_err().to_string()
}

fn document(text: &str) -> Document {
    yaml::each(Path::new("a.yaml"), text).unwrap().remove(0)
}

fn plain(text: &str) -> Plain {
    Plain::from(text.to_owned())
}

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\n";
