//! Events: what happened, in data that can be serialized and therefore cannot hold a secret value.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Change, Coverage, Leak, Problem};

/// How a step or a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It was already so.
    Held,
    /// It was changed.
    Changed,
    /// It would be changed (a plan).
    Differs,
    /// It failed.
    Failed,
    /// It was not reached.
    NotReached,
}

/// What can be run by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A task.
    Task,
    /// A runbook.
    Runbook,
}

/// How bad something is that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Good to know.
    Note,
    /// It may not be as meant.
    Warning,
    /// It will not work, or it gives a secret away.
    Error,
}

/// One thing that happened.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// A run begins.
    RunStarted {
        /// The runbook, or `run` for single tasks.
        runbook: String,
        /// The cluster's name in the settings.
        cluster: String,
        /// How many tasks there are.
        tasks: usize,
        /// Whether nothing will be written.
        plan_only: bool,
    },
    /// A task has been looked at.
    TaskPlanned {
        /// Its full name.
        task: String,
        /// Its summary.
        summary: String,
        /// What would be written; empty when everything holds.
        changes: Vec<Change>,
        /// What must run first, where a change's input does not exist yet.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        after: Vec<String>,
    },
    /// A task begins to be made so.
    TaskStarted {
        /// Its full name.
        task: String,
    },
    /// One change of a task has been made.
    Changed {
        /// The task.
        task: String,
        /// What was written.
        change: Change,
    },
    /// A state is waited for; sent again whenever the reason changes.
    Waiting {
        /// The task; empty before any task.
        task: String,
        /// What is waited for.
        object: String,
        /// The remote's own reason and message.
        reason: String,
        /// Seconds since the wait began.
        seconds: u64,
    },
    /// A task ended.
    TaskFinished {
        /// Its full name.
        task: String,
        /// How.
        outcome: Outcome,
        /// Milliseconds it took.
        millis: u64,
    },
    /// Something worth knowing that stops nothing.
    Warning {
        /// The sentence.
        message: String,
    },
    /// A check of `status` or `doctor`.
    Checked {
        /// What was checked.
        check: String,
        /// Whether it is sound.
        sound: bool,
        /// What was found.
        detail: String,
        /// What to do about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<String>,
    },
    /// Something was found in a file.
    Found {
        /// The word of the rule that found it.
        rule: String,
        /// How bad it is.
        severity: Severity,
        /// The file, as it was named.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The object that it is about, for example `shop/db`.
        #[serde(skip_serializing_if = "Option::is_none")]
        object: Option<String>,
        /// What was found; never a value.
        message: String,
        /// What to do about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<String>,
    },
    /// Sealed files have been looked at: how much was seen, and how much was found.
    Verified {
        /// Files that were looked at.
        files: usize,
        /// Files among them that mention SealedSecrets and could not be read.
        unread: usize,
        /// SealedSecrets in them.
        sealed_secrets: usize,
        /// Items in those.
        items: usize,
        /// SealedSecrets of which all items were opened, by keys or by the controller; absent where nobody tried.
        #[serde(skip_serializing_if = "Option::is_none")]
        opened: Option<usize>,
        /// Findings that are errors.
        errors: usize,
        /// Findings that are warnings.
        warnings: usize,
        /// Findings that are notes.
        notes: usize,
    },
    /// A secret was found in a text; all is told but the secret.
    Leak(Box<Leak>),
    /// How a file would be mended, or is going to be.
    Mend {
        /// The file.
        file: String,
        /// The lines that change, with dots in place of secrets.
        diff: String,
    },
    /// Texts were scanned for secrets: how much was seen, and how much was found.
    Scanned(Coverage),
    /// A part of a rehearsal begins.
    Section {
        /// Its title.
        title: String,
    },
    /// Something exists in the sandbox now.
    Exists {
        /// Its kind and name.
        object: String,
    },
    /// A rehearsal has counted the requests of its second run that would change a remote.
    Counted {
        /// How many there were.
        writes: usize,
    },
    /// A task or runbook that can be run.
    Listed {
        /// Which of both.
        kind: Kind,
        /// Its full name.
        name: String,
        /// One line on it.
        summary: String,
        /// Whether it stands in the user's repository.
        own: bool,
    },
    /// A file has been written.
    Written {
        /// The file.
        file: String,
    },
    /// A file has gone, since what it held is sealed elsewhere; or Git has forgotten it, and it stays on the disk.
    Gone {
        /// The file.
        file: String,
        /// Of one that stays: what in it has to be changed, if it was ever pushed.
        #[serde(skip_serializing_if = "Option::is_none")]
        change: Option<Vec<String>>,
    },
    /// A file of a new application, or a list that files are added to.
    AppFile {
        /// The file, from the root of the repository on.
        file: String,
        /// Whether it was not there.
        is_new: bool,
        /// Whether it was written, would be, or was so already.
        outcome: Outcome,
        /// In a plan, the lines that change, with dots in place of secrets.
        #[serde(skip_serializing_if = "Option::is_none")]
        diff: Option<String>,
    },
    /// Secrets of a file have been sealed, or would be.
    Sealed {
        /// What was read.
        from: String,
        /// The file that was written, or would be.
        file: String,
        /// The cluster that it is sealed for; empty where that does not matter or nobody named it.
        cluster: String,
        /// Whether it was changed, would be, or held it already.
        outcome: Outcome,
        /// Values that were sealed anew.
        sealed: usize,
        /// Values that kept their ciphertext.
        kept: usize,
    },
    /// Secrets have become ExternalSecrets, or would.
    Generated {
        /// What was read.
        from: String,
        /// The file that was written, or would be.
        file: String,
        /// Whether it was changed, would be, or held it already.
        outcome: Outcome,
        /// The Secrets that it holds as ExternalSecrets.
        secrets: usize,
        /// Their values.
        values: usize,
    },
    /// Objects of External Secrets are of the version that operators serve now, or would be.
    Upgraded {
        /// The file.
        file: String,
        /// Whether it was changed, or would be.
        outcome: Outcome,
        /// Those of its objects that were of an older version.
        objects: usize,
    },
    /// Values of a Secret have been written to Vault, or would be.
    Pushed {
        /// Where they come from.
        from: String,
        /// The path in Vault, with its mount.
        path: String,
        /// Whether they were written, would be, were there already, or could not be.
        outcome: Outcome,
        /// The keys that were written or would be; never their values.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        keys: Vec<String>,
    },
    /// Objects of External Secrets have been looked at: how much was seen, and how much was found.
    Examined {
        /// Files that were looked at.
        files: usize,
        /// Files among them that mention External Secrets and could not be read.
        unread: usize,
        /// ExternalSecrets, stores and the like in them.
        objects: usize,
        /// Paths in Vault that were asked for; absent where nothing was asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        paths: Option<usize>,
        /// Secrets in the cluster that hold what lies in Vault; absent where nothing was asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        equal: Option<usize>,
        /// Findings that are errors.
        errors: usize,
        /// Findings that are warnings.
        warnings: usize,
        /// Findings that are notes.
        notes: usize,
    },
    /// A certificate to seal with.
    Certificate {
        /// The cluster; empty where nobody named it.
        cluster: String,
        /// The file, the address, or what its controller serves.
        from: String,
        /// SHA-256 of the certificate, in hexadecimal digits.
        sha256: String,
        /// The fingerprint of its key, as OpenSSH and the controller's log write it.
        key: String,
        /// The size of its key.
        bits: usize,
        /// From when it may be used, in UTC; nothing for a bare key.
        #[serde(skip_serializing_if = "Option::is_none")]
        not_before: Option<String>,
        /// Until when it may be used, in UTC; nothing for a bare key.
        #[serde(skip_serializing_if = "Option::is_none")]
        not_after: Option<String>,
        /// Whole days since it may be used.
        #[serde(skip_serializing_if = "Option::is_none")]
        age_days: Option<i64>,
    },
    /// A certificate is pinned in the repository.
    Pinned {
        /// The file.
        file: String,
        /// The cluster; empty where nobody named it.
        cluster: String,
        /// The setting in which its fingerprint belongs.
        setting: String,
        /// SHA-256 of the certificate, in hexadecimal digits.
        sha256: String,
    },
    /// The sandbox serves.
    Serving {
        /// The environment to use it with.
        environment: BTreeMap<String, String>,
    },
    /// The command could not do what was asked; the last line.
    Failed {
        /// Why.
        problem: Problem,
        /// The exit code of the process.
        exit_code: u8,
    },
    /// A run ended.
    RunFinished {
        /// Tasks that already held.
        held: usize,
        /// Tasks that were, or in a plan would be, changed.
        changed: usize,
        /// Single changes made, or in a plan to be made.
        changes: usize,
        /// Milliseconds from start to end.
        millis: u64,
        /// Whether nothing was to be written.
        plan_only: bool,
    },
}
