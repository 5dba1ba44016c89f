//! What goes wrong under the name of kubeseal: one line after `error: `, in its words where others depend on them.

use std::io;
use std::path::Path;

use crate::{remote, seal, yaml};

/// Why kubeseal did not do what was asked.
#[derive(Debug)]
pub(super) struct Failure {
    text: String,
    hint: Option<String>,
}

impl Failure {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The failure behind another word for it: what went wrong becomes the hint.
    pub(super) fn under(self, text: &str) -> Self {
        Self { text: text.to_owned(), hint: Some(self.text) }
    }

    /// What the system refused, as Go says it: `open FILE: no such file or directory`.
    pub(super) fn of_system(action: &str, file: &Path, error: &io::Error) -> Self {
        let text = error.to_string();
        let word = text.split(" (os error").next().unwrap_or_default();
        Self::new(format!("{action} {}: {}", file.display(), word.to_lowercase()))
    }

    /// Neither kubeconfig nor pod.
    pub(super) fn no_configuration() -> Self {
        Self::new(
            "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment \
             variable",
        )
        .hint("name a kubeconfig in KUBECONFIG or with --kubeconfig; with --cert and --namespace none is needed")
    }

    /// Nothing in the input.
    pub(super) fn nothing_found() -> Self {
        Self::new("no secrets found. Ensure the input is valid and UTF-8 encoded")
    }

    /// The lines to tell.
    pub(super) fn lines(&self) -> String {
        let hint = self.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        format!("error: {}{hint}", self.text)
    }
}

impl From<seal::Error> for Failure {
    fn from(error: seal::Error) -> Self {
        Self { text: error.to_string(), hint: error.hint() }
    }
}

impl From<yaml::Error> for Failure {
    fn from(error: yaml::Error) -> Self {
        Self { text: error.to_string(), hint: error.hint }
    }
}

impl From<remote::Error> for Failure {
    fn from(error: remote::Error) -> Self {
        Self { text: format!("{error}: {}", error.cause), hint: error.way_on() }
    }
}
