//! The input: a file or standard input, opened in kubeseal's order and read as a secret.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use super::{Failure, Job};
use crate::cli::files::read_all;
use crate::plain::Plain;
use crate::yaml::{self, Document};

/// An input that is open and not yet read.
pub(super) struct Input {
    name: PathBuf,
    from: Box<dyn Read>,
}

impl Job<'_> {
    /// Opens the file that is named, or standard input.
    pub(super) fn open_input(&self) -> Result<Input, Failure> {
        if let Some(name) = self.flags.secret_file.clone().filter(|name| !name.as_os_str().is_empty()) {
            let file = File::open(&name)
                .map_err(|_| Failure::new("Could not read file specified with --secret-file"))?;
            return Ok(Input { name, from: Box::new(file) });
        }
        if self.flags.raw != Some(true) && self.flags.fetch_cert != Some(true) {
            self.tell_terminal("(tty detected: expecting json/yaml k8s resource in stdin)");
        }
        Ok(Input { name: "standard input".into(), from: Box::new(std::io::stdin()) })
    }

    /// Tells somebody at a terminal that input is awaited.
    pub(super) fn tell_terminal(&self, text: &str) {
        if std::io::stdin().is_terminal() {
            self.caller.printer.warn(text);
        }
    }
}

impl Input {
    /// All of its bytes.
    pub(super) fn read(self) -> Result<(PathBuf, Plain), Failure> {
        let Self { name, mut from } = self;
        let bytes = read_all(&mut *from).map_err(|error| Failure::of_system("read", &name, &error))?;
        Ok((name, bytes))
    }

    /// Its documents; empty ones are passed over.
    pub(super) fn documents(self) -> Result<Vec<Document>, Failure> {
        let (name, bytes) = self.read()?;
        documents(&name, &bytes)
    }
}

/// The documents of a text that may be secret. What holds no mapping at all is nothing to kubeseal.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: the reader of manifests, whose errors show no line of them"
)]
pub(super) fn documents(name: &Path, bytes: &Plain) -> Result<Vec<Document>, Failure> {
    let text = bytes.expose_text().ok_or_else(Failure::nothing_found)?;
    let documents = yaml::each(name, &text)?;
    if documents.iter().any(|document| document.value.is_object()) {
        return Ok(documents);
    }
    Ok(Vec::new())
}
