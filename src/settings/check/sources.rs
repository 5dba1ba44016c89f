//! Whether each source of a value can give one.

use super::{Checked, Path, at, below, words};
use crate::settings::{GitLogin, Settings, VaultLogin};
use crate::source::Source;
use crate::yaml::Tree;

/// Checks every source that the settings name.
pub(super) fn check(tree: &Tree, settings: &Settings) -> Checked {
    let mut stdin_taken = false;
    for (path, source) in all(settings) {
        if let Err((key, complaint)) = verdict(source) {
            return Err(tree.error(&below(&path, key), complaint));
        }
        if matches!(source, Source::Stdin {}) && std::mem::replace(&mut stdin_taken, true) {
            let hint = "give one of them another source";
            return Err(tree.error_with_hint(&path, "standard input is the source of a second value", hint));
        }
    }
    Ok(())
}

fn all(settings: &Settings) -> Vec<(Path, &Source)> {
    let mut all = Vec::new();
    match &settings.git.login {
        GitLogin::Token(source) => all.push((at(&["git", "login", "token"]), source)),
        GitLogin::App(app) => all.push((at(&["git", "login", "app", "privateKey"]), &app.private_key)),
    }
    match &settings.vault.login {
        VaultLogin::Environment => {}
        VaultLogin::Token(source) => all.push((at(&["vault", "login", "token"]), source)),
        VaultLogin::AppRole(role) => {
            all.push((at(&["vault", "login", "appRole", "roleId"]), &role.role_id));
            all.push((at(&["vault", "login", "appRole", "secretId"]), &role.secret_id));
        }
        VaultLogin::Kubernetes(login) => {
            all.extend(
                login.token.iter().map(|source| (at(&["vault", "login", "kubernetes", "token"]), source)),
            );
        }
    }
    all.extend(settings.vault.token.iter().map(|source| (at(&["vault", "token"]), source)));
    let webhook = settings.webhook.as_ref().and_then(|webhook| webhook.token.as_ref());
    all.extend(webhook.map(|source| (at(&["webhook", "token"]), source)));
    all.extend(settings.secrets.iter().map(|(name, secret)| (at(&["secrets", name, "from"]), &secret.from)));
    all
}

/// What is wrong with a source, and under which of its keys.
fn verdict(source: &Source) -> Result<(), (&'static str, String)> {
    match source {
        Source::Env(name) => words::variable(name).map_err(|complaint| ("env", complaint)),
        Source::File(path) if path.as_os_str().is_empty() => Err(("file", "the file has no name".into())),
        Source::Prompt(question) if question.trim().is_empty() => {
            Err(("prompt", "the question is empty".into()))
        }
        Source::Command(argv) if argv.first().is_none_or(String::is_empty) => {
            Err(("command", "the command has no program".into()))
        }
        Source::Vault(key) => words::vault_path(&key.path)
            .and_then(|()| words::vault_key(&key.key))
            .map_err(|complaint| ("vault", complaint)),
        Source::Secret(key) => words::label(&key.namespace)
            .and_then(|()| words::subdomain(&key.name))
            .and_then(|()| words::secret_key(&key.key))
            .map_err(|complaint| ("secret", complaint)),
        Source::Generate(generate) if !(16..=256).contains(&generate.bytes) => {
            Err(("generate", format!("{} bytes cannot be generated: 16 to 256 can", generate.bytes)))
        }
        Source::File(_) | Source::Prompt(_) | Source::Command(_) | Source::Stdin {} | Source::Generate(_) => {
            Ok(())
        }
    }
}
