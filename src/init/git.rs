//! The remote and the branch, from the files of Git itself.

use std::path::{Path, PathBuf};

use super::Seen;
use crate::settings::{GitHostKind, RemoteUrl};

/// The Git host and the repository on it.
#[derive(Debug, Default)]
pub(super) struct Remote {
    /// The kind of host, where its name tells it.
    pub(super) host: Option<GitHostKind>,
    /// The address of its API, where that does not follow from the kind.
    pub(super) api: Option<String>,
    /// `host:port` of SSH, where the port is not 22.
    pub(super) ssh: Option<String>,
    /// The host's name.
    pub(super) name: String,
    pub(super) repository: Option<Seen<String>>,
    pub(super) branch: Option<Seen<String>>,
}

impl Remote {
    /// What an address of a remote says.
    pub(super) fn of(url: &RemoteUrl, place: impl Into<String>) -> Self {
        let name = url.host.to_ascii_lowercase();
        let (host, api) = kind_of(&name, url);
        let ssh = url.port.filter(|port| url.ssh && *port != 22).map(|port| format!("{name}:{port}"));
        Self {
            host,
            api,
            ssh,
            name,
            repository: Some(Seen::new(url.repository.clone(), place)),
            branch: None,
        }
    }
}

/// The kind of a host by its name, and its API.
fn kind_of(name: &str, url: &RemoteUrl) -> (Option<GitHostKind>, Option<String>) {
    if name == "github.com" || name == "ssh.github.com" {
        return (Some(GitHostKind::Github), None);
    }
    if name.contains("github") {
        return (Some(GitHostKind::Github), Some(format!("https://{name}/api/v3")));
    }
    let port = url.port.filter(|_| !url.ssh).map(|port| format!(":{port}")).unwrap_or_default();
    let known = ["codeberg", "gitea", "forgejo"].iter().any(|word| name.contains(word));
    (known.then_some(GitHostKind::Gitea), known.then(|| format!("https://{name}{port}")))
}

/// Reads the remote `origin` (or the only one) and the branch of the repository around `root`.
pub(super) fn look(root: &Path) -> Remote {
    let Some(folders) = root.ancestors().find_map(git_folders) else { return Remote::default() };
    let config = with_includes(&folders.common.join("config"));
    let mut remote = remote_of(&config).unwrap_or_default();
    remote.branch = branch(&folders);
    remote
}

/// The folder of the checkout and the one that all checkouts of a repository share.
struct Folders {
    own: PathBuf,
    common: PathBuf,
}

/// gitrepository-layout(5): `.git` is a folder, or in a worktree a file that names one, whose `commondir`
/// names the shared one.
fn git_folders(root: &Path) -> Option<Folders> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(Folders { own: git.clone(), common: git });
    }
    let text = std::fs::read_to_string(&git).ok()?;
    let own = root.join(text.strip_prefix("gitdir:")?.trim());
    let common =
        std::fs::read_to_string(own.join("commondir")).map_or_else(|_| own.clone(), |to| own.join(to.trim()));
    Some(Folders { own, common })
}

/// A config file with the files that it includes by path, one level deep.
fn with_includes(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let folder = file.parent().unwrap_or(file);
    let included: Vec<_> = entries(&text)
        .filter(|entry| entry.section == "include" && entry.key == "path")
        .filter_map(|entry| std::fs::read_to_string(folder.join(entry.value)).ok())
        .collect();
    std::iter::once(text).chain(included).collect::<Vec<_>>().join("\n")
}

struct Entry<'t> {
    section: String,
    key: String,
    value: &'t str,
}

/// The `key = value` lines of a git-config(1) file with their sections, `remote.origin` for `[remote "origin"]`.
fn entries(text: &str) -> impl Iterator<Item = Entry<'_>> {
    let mut section = String::new();
    text.lines().map(str::trim).filter_map(move |line| {
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            section = header.0.replace([' ', '\t'], ".").replace('"', "");
            return None;
        }
        let (key, value) = line.split_once('=')?;
        let value = value.trim().trim_matches('"');
        Some(Entry { section: section.clone(), key: key.trim().to_ascii_lowercase(), value })
    })
}

fn remote_of(config: &str) -> Option<Remote> {
    let remotes: Vec<_> =
        entries(config).filter(|entry| entry.key == "url" && entry.section.starts_with("remote.")).collect();
    let chosen = remotes.iter().find(|entry| entry.section == "remote.origin");
    let chosen = chosen.or_else(|| remotes.first().filter(|_| remotes.len() == 1))?;
    let name = chosen.section.trim_start_matches("remote.");
    Some(Remote::of(&RemoteUrl::parse(chosen.value)?, format!("the Git remote `{name}`")))
}

/// The host's default branch, or else the branch that is checked out.
fn branch(folders: &Folders) -> Option<Seen<String>> {
    let read = |file: PathBuf, start: &str| {
        let text = std::fs::read_to_string(file).ok()?;
        text.trim().strip_prefix("ref: ")?.strip_prefix(start).map(str::to_owned)
    };
    let of_host = read(folders.common.join("refs/remotes/origin/HEAD"), "refs/remotes/origin/")
        .map(|branch| Seen::new(branch, "the default branch of the Git remote `origin`"));
    of_host.or_else(|| {
        read(folders.own.join("HEAD"), "refs/heads/")
            .map(|branch| Seen::new(branch, "the branch that is checked out"))
    })
}
