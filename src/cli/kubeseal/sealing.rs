//! Sealing: whole Secrets, one value, or more items into a SealedSecret that exists.

use std::fs::File;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::OsRng;

use super::input::{Input, documents};
use super::{Failure, Job, check_kubeconfig};
use crate::cli::input::read_all;
use crate::file::{self, Audience};
use crate::plain::Plain;
use crate::remote::cluster::{self, NamedBy, Namespace};
use crate::seal::{self, Form, Label, Recipient, Scope, SealedSecret, Secret, envelope};
use crate::yaml::Document;

impl Job<'_> {
    /// Seals all Secrets of the input; writes nothing where one of them cannot be sealed.
    pub(super) fn seal(&self, input: Input, recipient: &Recipient) -> Result<(), Failure> {
        let mut out = String::new();
        for document in secrets(input)? {
            let mut secret = self.secret(document)?;
            if secret.name.is_empty() {
                return Err(seal::Error::NoName.into());
            }
            let scope = self.scope_of(&secret);
            self.place(&mut secret, scope)?;
            out += &SealedSecret::seal(&secret, scope, recipient, &mut OsRng)?.write(self.form()?);
        }
        self.put_out(out.as_bytes(), Audience::Anybody)
    }

    /// A Secret of the input under the name that is typed.
    fn secret(&self, document: Document) -> Result<Secret, Failure> {
        let mut secret = self.filled(document)?;
        if let Some(name) = self.flags.name.clone().filter(|name| !name.is_empty()) {
            secret.name = name;
        }
        Ok(secret)
    }

    /// A Secret that has items, unless it need not have any.
    fn filled(&self, document: Document) -> Result<Secret, Failure> {
        let filled = ["data", "stringData"].iter().any(|key| {
            document
                .value
                .get(key)
                .is_some_and(|map| map.as_object().is_none_or(|map| !map.is_empty()) && !map.is_null())
        });
        if !filled && self.flags.allow_empty_data != Some(true) {
            return Err(seal::Error::Empty.into());
        }
        Ok(Secret::read(document)?)
    }

    /// A scope that is typed and not strict; else what the annotations say.
    fn scope_of(&self, secret: &Secret) -> Scope {
        match self.flags.scope.flatten() {
            None | Some(Scope::Strict) => secret.scope(),
            Some(typed) => typed,
        }
    }

    /// Puts a Secret into the namespace of the command line or the context, and refuses one that is elsewhere.
    fn place(&self, secret: &mut Secret, scope: Scope) -> Result<(), Failure> {
        if scope == Scope::ClusterWide {
            return Ok(());
        }
        // As with kubeseal, a kubeconfig that is no use matters only where nothing else names the namespace.
        let Ok(Some(Namespace { name, from })) = cluster::namespace(&self.access()) else { return Ok(()) };
        if secret.namespace.is_empty() {
            self.warn_of_default(from);
            secret.namespace = name;
        } else if from == NamedBy::CommandLine && secret.namespace != name {
            return Err(Failure::new(format!(
                "namespace mismatch: input secret is in namespace {:?} but {name:?} was specified",
                secret.namespace
            )));
        }
        Ok(())
    }

    fn warn_of_default(&self, from: NamedBy) {
        if from == NamedBy::Nobody {
            self.caller.printer.warn(
                "warning: sealed for the namespace `default`, since neither the input nor --namespace nor the context \
                 names one",
            );
        }
    }

    /// Seals one value as it is.
    pub(super) fn seal_raw(&self, recipient: &Recipient) -> Result<(), Failure> {
        let scope = self.flags.scope.flatten().unwrap_or_default();
        let namespace = if scope == Scope::ClusterWide { String::new() } else { self.raw_namespace(scope)? };
        let name = self.flags.name.as_deref().unwrap_or_default();
        if scope == Scope::Strict && name.is_empty() {
            return Err(Failure::new(format!("must provide the --name flag with --raw and --scope {scope}")));
        }
        let label = Label::new(scope, &namespace, name);
        let sealed = envelope::seal(recipient, &label, &self.raw_value()?, &mut OsRng)?;
        self.put_out(STANDARD.encode(sealed).as_bytes(), Audience::Anybody)
    }

    fn raw_namespace(&self, scope: Scope) -> Result<String, Failure> {
        let access = self.access();
        if access.overrides.namespace.is_none() {
            check_kubeconfig(&access)?;
        }
        let Namespace { name, from } = cluster::namespace(&access)?.ok_or_else(Failure::no_configuration)?;
        self.warn_of_default(from);
        if name.is_empty() {
            return Err(Failure::new(format!(
                "must provide the --namespace flag with --raw and --scope {scope}"
            )));
        }
        Ok(name)
    }

    fn raw_value(&self) -> Result<Plain, Failure> {
        match self.flags.from_file.as_slice() {
            [] => {
                self.tell_terminal("(tty detected: expecting a secret to encrypt in stdin)");
                read_all(&mut std::io::stdin())
                    .map_err(|error| Failure::of_system("read", Path::new("/dev/stdin"), &error))
            }
            [one] => {
                let file = Path::new(one.split_once('=').map_or(one.as_str(), |(_, file)| file));
                let opened = File::open(file).and_then(|mut file| read_all(&mut file));
                opened.map_err(|error| Failure::of_system("open", file, &error))
            }
            _ => Err(Failure::new(
                "must provide only one --from-file when encrypting a single item with --raw",
            )),
        }
    }

    /// Seals the items of the input into a file, under its name, namespace and scope.
    pub(super) fn merge_into(&self, file: &Path, input: Input, recipient: &Recipient) -> Result<(), Failure> {
        let text = std::fs::read(file).map_err(|error| Failure::of_system("open", file, &error))?;
        let was_json = text.trim_ascii_start().starts_with(b"{");
        let mut found = documents(file, &Plain::new(text.clone()))?;
        let document = match (found.pop(), found.is_empty()) {
            (Some(document), true) => document,
            (None, _) => return Err(Failure::new(format!("{} holds no SealedSecret", file.display()))),
            (Some(_), false) => return Err(several(file)),
        };
        let mut into = SealedSecret::read(document)?;
        into.check_scope(self.flags.scope.flatten(), file)?;
        let mut secrets = secrets(input)?;
        if secrets.len() > 1 {
            return Err(Failure::new("the input holds more than one Secret; only one can be merged"));
        }
        let mut secret = self.named_as(secrets.remove(0), &into)?;
        self.place(&mut secret, into.scope())?;
        into.merge(secret, recipient, &mut OsRng)?;
        let form = if self.flags.format.is_none() && !was_json { Form::Yaml } else { self.form()? };
        file::replace(file, &text, into.write(form).as_bytes())
            .map_err(|error| Failure::of_system("write", file, &error))
    }

    /// The Secret to merge, under the name and namespace of the SealedSecret.
    fn named_as(&self, document: Document, into: &SealedSecret) -> Result<Secret, Failure> {
        let mut secret = self.filled(document)?;
        into.name().clone_into(&mut secret.name);
        if !into.namespace().is_empty() {
            into.namespace().clone_into(&mut secret.namespace);
        }
        Ok(secret)
    }
}

/// The documents of the input; at least one.
fn secrets(input: Input) -> Result<Vec<Document>, Failure> {
    let documents = input.documents()?;
    if documents.is_empty() { Err(Failure::nothing_found()) } else { Ok(documents) }
}

fn several(file: &Path) -> Failure {
    Failure::new(format!("{} holds more than one document; kubeseal would drop the others", file.display()))
}
