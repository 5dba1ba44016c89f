//! What is checked before the first write: that every remote answers, every right is there, every program is
//! installed. All problems are reported at once.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;

use super::step::{Needs, VaultPath};
use super::{Error, Task, World, lock, program};
use crate::remote::cluster::Right;
use crate::remote::vault::KvVersion;
use crate::remote::{self, Cause};
use crate::settings::KvEngine;

/// Everything that is missing for these tasks; empty when they may begin.
pub(super) async fn problems(world: &World, tasks: &[Task]) -> Vec<Error> {
    let needs = all_needs(world, tasks);
    let (programs, cluster, vault, git_host) = tokio::join!(
        programs(world, &needs),
        cluster(world, &needs),
        vault(world, &needs),
        git_host(world, &needs)
    );
    [programs, cluster, vault, git_host].into_iter().flatten().collect()
}

/// Whether any of the tasks touches the cluster, and a lock in it has a meaning.
pub(super) fn touches_cluster(world: &World, tasks: &[Task]) -> bool {
    tasks.iter().flat_map(|task| &task.steps).any(|step| !step.needs(world).cluster.is_empty())
}

/// What all steps of the tasks need, together.
pub(super) fn all_needs(world: &World, tasks: &[Task]) -> Needs {
    let mut all = Needs::default();
    for needs in tasks.iter().flat_map(|task| &task.steps).map(|step| step.needs(world)) {
        all.cluster.extend(needs.cluster);
        all.git_host |= needs.git_host;
        all.programs.extend(needs.programs);
        for (path, capabilities) in needs.vault {
            all.vault.entry(path).or_default().extend(capabilities);
        }
    }
    if !all.cluster.is_empty() {
        let lease = |verb: &str| Right {
            verb: verb.into(),
            group: "coordination.k8s.io".into(),
            resource: "leases".into(),
            namespace: Some(lock::NAMESPACE.into()),
        };
        all.cluster.extend(["get", "create", "update"].map(lease));
    }
    all.cluster.sort();
    all.cluster.dedup();
    all
}

/// Which programs are missing or too old.
async fn programs(world: &World, needs: &Needs) -> Vec<Error> {
    let checks = needs.programs.iter().map(|name| program::check(name, world));
    join_all(checks).await.into_iter().filter_map(Result::err).collect()
}

async fn cluster(world: &World, needs: &Needs) -> Vec<Error> {
    if needs.cluster.is_empty() {
        return Vec::new();
    }
    let missing = async { Ok::<_, Error>(world.cluster().await?.missing_rights(&needs.cluster).await?) };
    match missing.await {
        Ok(missing) => missing.iter().map(|right| missing_right(right).into()).collect(),
        Err(error) => vec![error],
    }
}

fn missing_right(right: &Right) -> remote::Error {
    let Right { verb, group, resource, namespace } = right;
    let place = namespace
        .as_ref()
        .map_or_else(|| "in the whole cluster".into(), |name| format!("in namespace `{name}`"));
    let kind = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
    remote::Error::new(
        format!("{verb} {kind} {place}"),
        Cause::Forbidden("the account of the kubeconfig may not".into()),
    )
    .hint(format!("give it the verb `{verb}` on `{kind}` by a Role or ClusterRole"))
}

async fn vault(world: &World, needs: &Needs) -> Vec<Error> {
    if needs.vault.is_empty() {
        return Vec::new();
    }
    let mut problems: Vec<Error> = match missing_capabilities(world, needs).await {
        Ok(missing) => {
            missing.iter().map(|(path, capabilities)| missing_on(path, capabilities).into()).collect()
        }
        Err(error) => return vec![error],
    };
    problems.extend(other_engine(world).await);
    problems
}

/// Whether the store that is made of the settings would be told of another engine than the mount has.
async fn other_engine(world: &World) -> Option<Error> {
    let settings = &world.settings.vault;
    if !world.settings.external_secrets.manifests.is_empty() {
        return None;
    }
    // A mount that cannot be asked is the business of whoever reads from it.
    let found = match world.vault().await.ok()?.kv_version(&settings.mount).await.ok()? {
        KvVersion::V1 => KvEngine::V1,
        KvVersion::V2 => KvEngine::V2,
    };
    let name = |engine| if engine == KvEngine::V1 { "v1" } else { "v2" };
    (found != settings.kv).then(|| Error::Unfit {
        what: format!("the mount `{}` of Vault", settings.mount),
        reason: format!("its engine is KV {}, and `vault.kv` says {}", name(found), name(settings.kv)),
        hint: Some(format!("set `vault.kv: {}`", name(found))),
    })
}

async fn missing_capabilities(
    world: &World,
    needs: &Needs,
) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
    let vault = world.vault().await?;
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, capabilities) in &needs.vault {
        let path = match path {
            VaultPath::Kv { mount, path } => vault.api_path(mount, path).await?,
            VaultPath::Api(path) => path.clone(),
        };
        wanted.entry(path).or_default().extend(capabilities.iter().map(|&name| name.to_owned()));
    }
    Ok(vault.missing_capabilities(&wanted).await?)
}

fn missing_on(path: &str, capabilities: &BTreeSet<String>) -> remote::Error {
    let list = capabilities.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    remote::Error::new(
        format!("use `{path}` in Vault"),
        Cause::Forbidden(format!("the token's policies do not give {list}")),
    )
    .hint(format!("add to a policy of the token: path \"{path}\" {{ capabilities = [{list}] }}"))
}

async fn git_host(world: &World, needs: &Needs) -> Vec<Error> {
    if !needs.git_host {
        return Vec::new();
    }
    let check = async { Ok::<_, Error>(world.git_host().await?.check_access().await?) };
    check.await.err().into_iter().collect()
}
