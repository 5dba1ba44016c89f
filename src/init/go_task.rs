//! The tasks of a go-task file that sealstrap knows by the same name, and the names that their commands use.

use std::path::{Path, PathBuf};

use super::folder::{Document, Folder};
use super::{Found, Seen};

/// The tasks of the reference flow, by their last word, and other words that mean the same.
const KNOWN: [(&str, &[&str]); 13] = [
    ("init", &["bootstrap"]),
    ("create-namespaces", &[]),
    ("generate-deploy-key", &[]),
    ("add-github-deploy-key", &[]),
    ("store-deploy-key", &["secret-github-deploy-key"]),
    ("generate-webhook-token", &["generate-github-webhook-token"]),
    ("store-webhook-token", &["secret-github-webhook-token"]),
    ("store-cf-api-token", &["secret-cloudflare"]),
    ("create-vault-token-secret", &["create-secret-vault-token"]),
    ("create-vault-ca-secret", &["create-secret-vault-ca"]),
    ("helmfile", &[]),
    ("apply-external-secrets-config", &["create-secret-github-deploy-key"]),
    ("add-github-webhook", &["add-webhook-to-github"]),
];
/// Task files in task files.
const DEEPEST: usize = 4;

pub(super) fn look(folder: &Folder, found: &mut Found) {
    let mut names = Vec::new();
    let root = ["Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml"]
        .into_iter()
        .find_map(|name| folder.documents.iter().find(|document| document.file == Path::new(name)));
    if let Some(root) = root {
        collect(folder, root, "", DEEPEST, &mut names);
    }
    for (name, commands, file) in &names {
        let last = name.rsplit(':').next().unwrap_or(name);
        let same = KNOWN.iter().find(|(own, others)| *own == last || others.contains(&last));
        // `init` and `bootstrap` are common words: only a task that does the whole of this is meant.
        if let Some((own, _)) =
            same.filter(|(own, _)| *own != "init" || commands.contains("create-namespaces"))
        {
            found.tasks.push((name.clone(), own));
        }
        names_in(commands, file, found);
    }
}

type Task = (String, String, PathBuf);

/// All tasks with their full names, through the files that are included.
fn collect(folder: &Folder, document: &Document, prefix: &str, levels: usize, tasks: &mut Vec<Task>) {
    for (name, task) in document.value["tasks"].as_object().into_iter().flatten() {
        let full = name
            .strip_prefix(':')
            .map_or_else(|| format!("{prefix}{name}"), |name| format!("{prefix}{name}"));
        tasks.push((full, task.to_string(), document.file.clone()));
    }
    let Some(levels) = levels.checked_sub(1) else { return };
    for (name, include) in document.value["includes"].as_object().into_iter().flatten() {
        let Some(path) = include.as_str().or_else(|| include["taskfile"].as_str()) else { continue };
        let parent = document.file.parent().unwrap_or(Path::new(""));
        let included = parent.join(path.trim_start_matches("./"));
        let file = [included.clone(), included.join("Taskfile.yml"), included.join("Taskfile.yaml")];
        if let Some(next) = folder.documents.iter().find(|other| file.contains(&other.file)) {
            collect(folder, next, &format!("{prefix}{name}:"), levels, tasks);
        }
    }
}

/// The title of the deploy key and the policy of the role, where a command of `gh` or `vault` names them.
fn names_in(commands: &str, file: &Path, found: &mut Found) {
    if let Some(title) =
        commands.split_once("deploy-key add").and_then(|(_, rest)| quoted_after(rest, "--title "))
    {
        found.deploy_key_title.get_or_insert_with(|| Seen::in_file(title, file));
    }
    let role =
        found.store.as_ref().and_then(|store| store.value.login.as_ref()).map(|login| login.role.clone());
    let names_role =
        role.and_then(|role| commands.split_once(&format!("role/{role} ")).map(|(_, rest)| rest));
    if let Some(policy) = names_role.and_then(|rest| quoted_after(rest, "policies=")) {
        found.vault.policy.get_or_insert_with(|| Seen::in_file(policy, file));
    }
}

/// The text in quotes right after a word. The commands are JSON here, so quotes in them are escaped.
fn quoted_after(text: &str, word: &str) -> Option<String> {
    let rest = text.split_once(word)?.1.trim_start_matches('\\');
    let inner = rest.strip_prefix('"')?;
    let end = inner.find(['\\', '"'])?;
    let inner = &inner[..end];
    (!inner.is_empty() && !inner.contains(['{', '$', ','])).then(|| inner.to_owned())
}
