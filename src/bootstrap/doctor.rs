//! `doctor`: what is missing before the first run. Everything that can be asked without writing.

use super::{Error, Finding, Task, World, preflight};
use crate::source::Source;

/// Asks every remote who it is and what we may, and every source whether it has its value.
pub async fn examine(world: &World, tasks: &[Task]) -> Vec<Finding> {
    let (cluster, vault, git_host, problems) =
        tokio::join!(cluster(world), vault(world, tasks), git_host(world), preflight::problems(world, tasks));
    let mut findings = vec![cluster];
    findings.extend(vault);
    findings.push(git_host);
    findings.extend(sources(world).await);
    let said: Vec<String> = findings.iter().map(|finding| finding.detail.clone()).collect();
    let new = |problem: &&Error| !said.contains(&problem.in_one_line());
    findings.extend(problems.iter().filter(new).map(|problem| Finding::unknown("rights", problem)));
    findings
}

async fn cluster(world: &World) -> Finding {
    let check = async {
        let cluster = world.cluster().await?;
        Ok::<_, Error>(format!("`{}` runs Kubernetes {}", cluster.address(), cluster.version().await?))
    };
    settled("cluster", check.await)
}

/// Nothing where no task uses Vault.
async fn vault(world: &World, tasks: &[Task]) -> Option<Finding> {
    if !world.uses_vault(tasks) {
        return None;
    }
    let check = async {
        let vault = world.vault().await?;
        let who = vault.whoami().await?;
        let version = vault.version().await?;
        Ok::<_, Error>(format!("`{}` runs {version}; logged in as `{}`", vault.address(), who.display_name))
    };
    Some(settled("vault", check.await))
}

async fn git_host(world: &World) -> Finding {
    let check = async {
        let host = world.git_host().await?;
        host.check_access().await?;
        Ok::<_, Error>(format!("`{}` at `{}` can be administered", host.repository(), host.address()))
    };
    settled("git host", check.await)
}

/// Whether the sources of the user's own values can be read, where Vault does not hold the values yet.
async fn sources(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, secret) in &world.settings.secrets {
        // Asking a person or running a program is no look.
        if matches!(
            secret.from,
            Source::Prompt(_) | Source::Stdin {} | Source::Command(_) | Source::Generate(_)
        ) {
            continue;
        }
        let check = format!("secret `{name}`");
        findings.push(match world.read(&secret.from).await {
            Ok(Some(_)) => Finding::sound(check, format!("{} has a value", secret.from.describe())),
            Ok(None) => Finding::unsound(check, format!("{} has no value", secret.from.describe())),
            Err(error) => Finding::unknown(check, &error),
        });
    }
    findings
}

fn settled(check: &str, result: Result<String, Error>) -> Finding {
    match result {
        Ok(detail) => Finding::sound(check, detail),
        Err(error) => Finding::unknown(check, &error),
    }
}
