//! YAML: the only code that knows its syntax and its crate.
//!
//! Two kinds of files are read. Our own (settings, runbooks, tasks) become a [`Tree`] that remembers where
//! each value stands, so that a wrong field is shown with its line and a caret. Manifests become plain
//! values, read as `kubectl` reads them, and errors about them show no neighbouring lines: those may hold secrets.

mod error;

pub use error::Error;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A file of ours: its values and where each stands.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The file's name, for messages.
    pub file: PathBuf,
    /// Its text, for carets.
    pub text: String,
    /// Its values.
    pub value: Value,
}

/// The way to a value: keys and indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A key of a mapping.
    Key(String),
    /// An index of a list.
    Index(usize),
}

#[expect(unused_variables, clippy::todo, reason = "skeleton")]
impl Tree {
    /// Reads one document. An empty file is an empty mapping.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Error> {
        todo!()
    }

    /// Makes a `T` of a value that stands at `at` (or was rendered or laid over from what stands there);
    /// an error carries line, column, caret, the allowed names and the nearest one.
    pub fn typed<T: DeserializeOwned>(&self, value: &Value, at: &[Segment]) -> Result<T, Error> {
        todo!()
    }

    /// An error about the value at `at`, in our own words.
    #[must_use]
    pub fn error(&self, at: &[Segment], message: impl Into<String>) -> Error {
        todo!()
    }
}

/// The documents of a manifest file: multi-document, `kind: List` taken apart, empty ones dropped.
/// Scalars mean what they mean to `kubectl` (YAML 1.1 booleans and octals).
#[expect(unused_variables, clippy::todo, reason = "skeleton")]
pub fn manifests(file: &Path, text: &str) -> Result<Vec<Value>, Error> {
    todo!()
}

/// A value as YAML text.
#[expect(unused_variables, clippy::todo, reason = "skeleton")]
#[must_use]
pub fn to_string(value: &Value) -> String {
    todo!()
}
