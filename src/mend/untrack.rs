//! Files that a program reads on the machine of its user: Git forgets them, and they stay where they are.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::mention::{code_naming, has_word, is_of_a_pipeline, pipeline_naming};
use super::refusal::No;
use super::tree::Tree;
use super::{Means, Wound};
use crate::yaml;

/// Names of such files.
const NAMES: [&str; 18] = [
    ".env",
    ".envrc",
    ".netrc",
    ".pgpass",
    ".my.cnf",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".vault-token",
    ".dockercfg",
    ".dockerconfigjson",
    "credentials",
    "kubeconfig",
    "talosconfig",
    "id_rsa",
    "id_ecdsa",
    "id_ed25519",
    "keys.txt",
];

/// What the names of others end with, and what those of variants begin with.
const ENDS: [&str; 9] =
    [".env", ".tfvars", ".key", ".pem", ".agekey", ".kubeconfig", ".ppk", ".tfstate", ".ovpn"];
const HEAD: &str = ".env.";

/// Words in the names of files that others copy and fill in.
const MODELS: [&str; 6] = ["example", "sample", "template", "dist", "default", "defaults"];

/// Folders of files that tests need wherever the repository is.
const OF_TESTS: [&str; 8] =
    ["test", "tests", "testdata", "fixtures", "__fixtures__", "spec", "example", "examples"];

/// Has Git forget a file; nothing where it is none of those.
pub(super) fn mend(wound: &Wound, tree: &mut Tree, means: &Means) -> Option<Result<(), No>> {
    let name = wound.path.file_name()?.to_str()?;
    (is_of_a_machine(name) || is_kubeconfig(wound)).then(|| forget(wound.path, name, tree, means))
}

fn is_of_a_machine(name: &str) -> bool {
    NAMES.contains(&name) || ENDS.iter().any(|end| name.ends_with(end)) || name.starts_with(HEAD)
}

/// Whether a file is the configuration of `kubectl`.
fn is_kubeconfig(wound: &Wound) -> bool {
    let is = |document: &yaml::Document| {
        let has = |key: &str| document.value.get(key).is_some_and(Value::is_array);
        document.value.get("kind").and_then(Value::as_str) == Some("Config")
            && has("users")
            && has("clusters")
    };
    wound.text.contains("users") && yaml::each(wound.path, wound.text).is_ok_and(|all| all.iter().any(is))
}

fn forget(path: &Path, name: &str, tree: &mut Tree, means: &Means) -> Result<(), No> {
    if name.split(['.', '-', '_']).any(|word| MODELS.contains(&word)) {
        return Err(No::new(
            "others copy this file and fill it in, so it has to stay",
            "write `<password>` or the like in the place of the value",
        ));
    }
    if let Some(reader) = reader(path, name, tree, means) {
        return Err(No::new(
            format!("{} names it or what reads it, and runs on other machines too", reader.display()),
            "have that read a sealed Secret, or what its own platform keeps as a secret",
        ));
    }
    let folders = path.parent().into_iter().flat_map(Path::components);
    if folders.into_iter().any(|folder| OF_TESTS.iter().any(|known| folder.as_os_str() == *known)) {
        return Err(No::new(
            "tests may need it wherever the repository is",
            "where it is no secret, allow it for its folder: `scan.areas` in the settings",
        ));
    }
    if !means.untrack {
        return Err(No::new(
            "a program reads this file as it is",
            "`--untrack` has Git forget it and ignore it from now on: it stays on this disk, and others lose it with \
             their next pull",
        )
        .but_for_a_flag());
    }
    ignore(path, tree, means);
    tree.untrack(path);
    Ok(())
}

/// Who needs the file on another machine: a pipeline, an image, a chart, a test.
fn reader(path: &Path, name: &str, tree: &Tree, means: &Means) -> Option<PathBuf> {
    let mut chart = path.ancestors().skip(1).map(|folder| folder.join("Chart.yaml"));
    let chart = chart.find(|file| tree.text(file, means.read).is_some());
    // Every program that reads an `.env` names it, and is made to go on without.
    let is_env = name.split('.').skip(1).any(|part| part == "env" || part == "envrc");
    let code = || if is_env { None } else { code_naming(tree, means, path) };
    chart.or_else(|| pipeline_naming(tree, means, path)).or_else(|| running(name, tree, means)).or_else(code)
}

/// A pipeline with a program that reads files of a name without being told.
fn running(name: &str, tree: &Tree, means: &Means) -> Option<PathBuf> {
    let programs: &[&str] = match name {
        ".npmrc" => &["npm", "npx", "pnpm", "yarn"],
        ".pypirc" => &["twine", "poetry"],
        ".env" => &["compose", "docker-compose"],
        name if name.ends_with(".tfvars") => &["terraform", "tofu", "terragrunt"],
        _ => return None,
    };
    let runs_one = |path: &PathBuf| {
        let text = || tree.text(path, means.read).unwrap_or_default();
        is_of_a_pipeline(path) && programs.iter().any(|program| has_word(&text(), program))
    };
    (means.files)().into_iter().find(runs_one)
}

/// Puts a file into the nearest `.gitignore` above it, or into a new one at the top.
fn ignore(path: &Path, tree: &mut Tree, means: &Means) {
    let folders = path.ancestors().skip(1);
    let near = folders.map(|folder| folder.join(".gitignore")).find_map(|file| {
        let text = tree.text(&file, means.read)?;
        Some((file, text))
    });
    let (file, mut text) = near.unwrap_or_else(|| (".gitignore".into(), String::new()));
    let way = path.strip_prefix(file.parent().unwrap_or(Path::new(""))).unwrap_or(path);
    let line = format!("/{}", escaped(&way.to_string_lossy()));
    // A line below that begins with `!` may take it back.
    let rest = text.lines().skip_while(|known| *known != line);
    if rest.clone().next().is_some() && !rest.clone().any(|line| line.starts_with('!')) {
        return;
    }
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(line_break);
    }
    text.push_str(&line);
    text.push_str(line_break);
    tree.put(&file, text, means.read);
}

/// A path whose signs are not read as a pattern.
fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 1);
    for letter in path.chars() {
        if "\\*?[".contains(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    if out.ends_with(' ') {
        out.insert(out.len() - 1, '\\');
    }
    out
}
