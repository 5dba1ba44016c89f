//! What the machine shows beside the repository: the kubeconfig's current context and the variables of the
//! vault CLI. Of a kubeconfig only names are read.

use std::path::Path;

use super::folder::Folder;
use super::{Found, Seen};
use crate::settings::environment::{Environment, VAULT_ADDR, VAULT_CACERT};
use crate::settings::nearest_label;
use crate::yaml;

pub(super) fn look(root: &Path, folder: &Folder, environment: &Environment, found: &mut Found) {
    found.context = environment.kubeconfig.as_deref().and_then(current_context);
    found.cluster = cluster_name(root, folder, found.context.as_ref());
    if let Some(address) = &environment.vault_address {
        let here =
            found.vault.address.get_or_insert_with(|| Seen::new(address.clone(), format!("`{VAULT_ADDR}`")));
        if here.value != *address {
            found.notes.push(format!(
                "`{VAULT_ADDR}` is set to another address here, and stands over `vault.address`."
            ));
        }
    }
    if let Some(ca) = &environment.vault_ca {
        match ca.strip_prefix(root) {
            Ok(inside) => found.vault.ca = Some(Seen::new(inside.to_owned(), format!("`{VAULT_CACERT}`"))),
            Err(_) => found.notes.push(format!(
                "`{VAULT_CACERT}` names a file outside this repository: copy it here and name it as `vault.ca`."
            )),
        }
    }
}

fn current_context(file: &Path) -> Option<Seen<String>> {
    let text = std::fs::read_to_string(file).ok()?;
    let config = yaml::documents(file, &text).ok()?.into_iter().next()?;
    let context = config["current-context"].as_str().filter(|context| !context.is_empty())?;
    Some(Seen::new(context.to_owned(), "the current context of the kubeconfig"))
}

/// The name in the Talos configuration, that of the context, or that of the repository's folder.
fn cluster_name(root: &Path, folder: &Folder, context: Option<&Seen<String>>) -> Option<Seen<String>> {
    let talos = folder.named(&["talconfig.yaml", "talconfig.yml"]).find_map(|document| {
        let name = document.text("/clusterName").filter(|name| !name.contains('$'))?;
        Some(Seen::in_file(name.to_owned(), &document.file))
    });
    let of_context = || {
        let context = context?;
        let name = context.value.rsplit('@').next().unwrap_or(&context.value);
        Some(Seen::new(name.to_owned(), context.place.clone()))
    };
    let of_folder = || {
        let name = std::path::absolute(root).ok()?.file_name()?.to_string_lossy().into_owned();
        Some(Seen::new(name, "the name of this folder"))
    };
    let seen = talos.or_else(of_context).or_else(of_folder)?;
    Some(Seen::new(nearest_label(&seen.value), seen.place))
}
