//! The documents of files that mention External Secrets, in the namespaces that kustomizations put them into.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::files::side_by_side;
use crate::cli::input;
use crate::cli::kustomizations::Kustomizations;
use crate::error::Error;
use crate::external;
use crate::yaml::{self, Document};

/// Reads all files side by side, and hands on the documents of each in their order.
pub(in crate::cli) fn each(files: &[PathBuf], mut take: impl FnMut(&Path, Result<Vec<Document>, Error>)) {
    let kustomizations = Kustomizations::default();
    side_by_side(
        files,
        |file| read(file, &kustomizations),
        |file, read| {
            take(file, read);
            ControlFlow::Continue(())
        },
    );
}

/// The documents of a file; none where it does not mention External Secrets.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: the reader of manifests, whose errors show no line of them"
)]
fn read(file: &Path, kustomizations: &Kustomizations) -> Result<Vec<Document>, Error> {
    let bytes = input::read(file).map_err(Error::system(format!("read {}", file.display())))?;
    let Some(text) = bytes.expose_text().filter(|text| text.contains("external-secrets.io")) else {
        return Ok(Vec::new());
    };
    let mut documents: Vec<Document> =
        yaml::each(file, &text)?.into_iter().flat_map(Document::taken_apart).collect();
    if let Some(namespace) = kustomizations.namespace(file) {
        for document in &mut documents {
            place(document, &namespace);
        }
    }
    Ok(documents)
}

/// Puts an object into a namespace, unless it has none.
pub(in crate::cli) fn place(document: &mut Document, namespace: &str) {
    let has_one = external::kind_of(document).is_some_and(|kind| !kind.starts_with("Cluster"));
    let metadata = document.value.get_mut("metadata").and_then(Value::as_object_mut);
    if let Some(metadata) = metadata.filter(|_| has_one) {
        metadata.insert("namespace".into(), namespace.into());
    }
}
