//! Secrets from where they are: files of manifests, `.env` files, standard input, a cluster.

use std::path::{Path, PathBuf};

use clap::Args;

use super::live;
use crate::cli::caller::{Caller, in_runtime};
use crate::cli::kustomizations::Kustomizations;
use crate::cli::{files, input};
use crate::error::Error;
use crate::external;
use crate::plain::Plain;
use crate::seal::{Form, Manifest, Secret};

/// Which Secrets.
#[derive(Debug, Args)]
pub(super) struct Secrets {
    /// Files and folders of manifests; `.env` files; `-` for standard input; `cluster:NAMESPACE/NAME` for a Secret in the
    /// cluster
    #[arg(value_name = "SECRET", required = true)]
    paths: Vec<String>,
    /// The namespace of Secrets that name none
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<String>,
    /// The name of the Secret that an `.env` file becomes; the name of the file without its ending when absent
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// A file with Secrets, or a Secret from elsewhere as such a file.
pub(super) struct Input {
    /// Its name for messages.
    pub(super) shown: String,
    /// Its path below the folder that was named; a name for a file where it is none.
    pub(super) below: PathBuf,
    pub(super) manifest: Manifest,
}

impl Secrets {
    /// Reads them all. Of a folder, files without Secrets are passed over.
    pub(super) fn read(&self, caller: &Caller) -> Result<Vec<Input>, Error> {
        let (mut all, mut errors) = (Vec::new(), Vec::new());
        let kustomizations = Kustomizations::default();
        for path in &self.paths {
            match self.one(path, caller, &kustomizations) {
                Ok(inputs) => all.extend(inputs),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(Error::several(format!("{} inputs cannot be read", errors.len()), errors));
        }
        if all.is_empty() { Err(self.nothing()) } else { Ok(all) }
    }

    /// Why there is nothing to do.
    fn nothing(&self) -> Error {
        let is_empty = |path: &&String| {
            let file = Path::new(path);
            file.is_file() && input::read(file).is_ok_and(|bytes| Manifest::may_hold_secrets(&bytes))
        };
        if let Some(file) = self.paths.iter().find(is_empty) {
            return Error::Usage {
                complaint: format!("no Secret in {file} has values"),
                hint: "there is nothing to keep in Vault: write them under `data` or `stringData`, or leave it out".into(),
            };
        }
        Error::Usage {
            complaint: format!("there is no Secret in {}", self.paths.join(", ")),
            hint: "a Secret begins with `apiVersion: v1` and `kind: Secret`, and has `data` or `stringData`"
                .into(),
        }
    }

    fn one(&self, path: &str, caller: &Caller, kustomizations: &Kustomizations) -> Result<Vec<Input>, Error> {
        if let Some(place) = path.strip_prefix("cluster:") {
            return Ok(vec![of_cluster(place, caller)?]);
        }
        let file = Path::new(path);
        if is_env(file) {
            return Ok(vec![self.env(file)?]);
        }
        if input::is_stdin(file) {
            let read = self.manifest(file, Path::new("stdin.yaml"), true, kustomizations)?;
            return Ok(read.into_iter().collect());
        }
        let mut all = Vec::new();
        for (file, below, named) in files::found(&[file.to_owned()])? {
            all.extend(self.manifest(&file, &below, named, kustomizations)?);
        }
        Ok(all)
    }

    /// A file of manifests; nothing where no Secret is in it. A kustomization decides on their namespace, where it gives one.
    fn manifest(
        &self,
        file: &Path,
        below: &Path,
        named: bool,
        kustomizations: &Kustomizations,
    ) -> Result<Option<Input>, Error> {
        let bytes = read(file)?;
        if !named && Manifest::is_clear_of_secrets(&bytes) {
            return Ok(None);
        }
        let mut manifest = match Manifest::read(file, &bytes) {
            Err(_) if !named && !Manifest::may_hold_secrets(&bytes) => return Ok(None),
            read => read?,
        };
        if manifest.secrets.is_empty() {
            return Ok(None);
        }
        place(&mut manifest, kustomizations.namespace(file).as_deref(), self.namespace.as_deref());
        Ok(Some(Input { shown: file.display().to_string(), below: below.to_owned(), manifest }))
    }

    fn env(&self, file: &Path) -> Result<Input, Error> {
        let stem = file.file_name().unwrap_or_default().to_string_lossy();
        let stem = stem.strip_suffix(".env").unwrap_or(stem.trim_start_matches(".env")).trim_matches('.');
        let name = self.name.clone().unwrap_or_else(|| stem.to_owned());
        if name.is_empty() {
            return Err(Error::Usage {
                complaint: format!("the Secret that {} becomes has no name", file.display()),
                hint: "name it with `--name`".into(),
            });
        }
        let mut secret = external::from_env(file, &read(file)?, &name, "")?;
        if let Some(namespace) = &self.namespace {
            secret.namespace.clone_from(namespace);
        }
        of_secret(&secret, file.display().to_string())
    }
}

/// Puts Secrets into the namespace that a kustomization gives, or where they name none into the one that was typed.
pub(super) fn place(manifest: &mut Manifest, given: Option<&str>, typed: Option<&str>) {
    for found in &mut manifest.secrets {
        let typed = typed.filter(|_| found.secret.namespace.is_empty());
        if let Some(namespace) = given.or(typed) {
            namespace.clone_into(&mut found.secret.namespace);
        }
    }
}

/// Whether a path is that of a file of variables.
fn is_env(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".env") || name == ".env" || name.starts_with(".env.")
}

fn read(file: &Path) -> Result<Plain, Error> {
    input::read(file).map_err(Error::system(format!("read {}", file.display())))
}

/// A Secret alone, as a file.
fn of_secret(secret: &Secret, shown: String) -> Result<Input, Error> {
    if secret.items.is_empty() {
        return Err(Error::Usage {
            complaint: format!("{shown} holds no value"),
            hint: "there is nothing to keep in Vault: leave it out".into(),
        });
    }
    let text = Plain::from(secret.write(Form::Yaml).to_string());
    let below = PathBuf::from(format!("{}.yaml", secret.name));
    let mut manifest = Manifest::read(Path::new(&shown), &text)?;
    for found in &mut manifest.secrets {
        // The lines are those of a text that nobody has seen.
        found.place.clone_from(&shown);
    }
    Ok(Input { shown, below, manifest })
}

/// A Secret of the cluster, without what only the cluster says of it.
fn of_cluster(place: &str, caller: &Caller) -> Result<Input, Error> {
    let (namespace, name) = place.split_once('/').ok_or_else(|| Error::Usage {
        complaint: format!("`cluster:{place}` names no Secret"),
        hint: "write `cluster:NAMESPACE/NAME`".into(),
    })?;
    let found = in_runtime(async {
        let cluster = live::connect(caller).await?;
        live::secret(&cluster, namespace, name).await
    })?;
    let found = found.ok_or_else(|| Error::Usage {
        complaint: format!("there is no Secret `{namespace}/{name}` in the cluster"),
        hint: "see `kubectl get secrets --all-namespaces`".into(),
    })?;
    of_secret(&found.secret, format!("cluster:{namespace}/{name}"))
}
