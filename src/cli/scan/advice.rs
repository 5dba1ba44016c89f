//! What to do about a secret in clear, by where it stands.

use std::path::Path;

use super::command_line::word;
use super::tell::Origin;
use crate::scan::Finding;
use crate::scan::history::Past;
use crate::scan::verdict::Verdict;
use crate::seal::verify::kustomization::way;

/// The next step, in one sentence; with the command that makes it, where there is one.
pub(super) fn advice(finding: &Finding, path: &Path, origin: &Origin) -> String {
    let way_on = WayOn::of(path, origin);
    match (finding.verdict, finding.rule.as_ref()) {
        (Verdict::Placeholder, _) => "put the real value into a sealed file, or leave the key out".into(),
        (Verdict::Name, _) => "where it is a password, keep it in the store too".into(),
        (_, "secret-data" | "secret-string-data") if matches!(origin, Origin::Stdin) => {
            way_on.and_rotate("seal it before it is stored")
        }
        (_, "secret-data" | "secret-string-data") => way_on.run("seal it", "sealstrap seal --in-place"),
        (_, "sops-unencrypted") => {
            way_on.run("encrypt it, with the key of SOPS at hand", "sealstrap scan --fix")
        }
        (_, "not-sealed") => way_on.set("seal the value", finding),
        (_, "sealed-secret-template") => way_on.set("remove it here, and seal it", finding),
        (_, "env-literal") => {
            way_on.and_rotate("keep it in a Secret and refer to it with `valueFrom.secretKeyRef`")
        }
        (_, "secret-generator") => {
            way_on.and_rotate("put a sealed Secret among the resources in place of the generator")
        }
        (_, "helm-values" | "helm-release-values" | "helm-parameter") => {
            way_on.and_rotate("refer to a Secret: `existingSecret`, `valuesFrom`")
        }
        (_, "external-secret-template") => "keep it in the store, and refer to it with `{{ .key }}`".into(),
        (_, "last-applied") => way_on.and_rotate("remove the annotation"),
        _ => way_on.and_rotate("keep it in a sealed Secret or in Vault"),
    }
}

/// How it goes on for a file.
struct WayOn {
    /// The file, as it is typed.
    file: String,
    is_staged: bool,
}

impl WayOn {
    fn of(path: &Path, origin: &Origin) -> Self {
        match origin {
            Origin::Staged { seen_from: folder } => Self { file: word(&way(folder, path)), is_staged: true },
            Origin::Stdin | Origin::Tree => Self { file: word(path), is_staged: false },
        }
    }

    /// What is new in a commit was not pushed yet.
    fn and_rotate(&self, what: &str) -> String {
        let rotate = if self.is_staged { "" } else { ", and change the secret if it was ever pushed" };
        format!("{what}{rotate}")
    }

    /// A command that takes the file.
    fn run(&self, what: &str, command: &str) -> String {
        self.told(what, &format!("{command} {}", self.file))
    }

    /// One value sealed into the file.
    fn set(&self, what: &str, finding: &Finding) -> String {
        let key = |start| finding.way.strip_prefix(start);
        let key = key("spec.encryptedData.").or_else(|| key("spec.template.data.")).unwrap_or(&finding.way);
        let Self { file, .. } = self;
        self.told(what, &format!("sealstrap set {file} {} --from prompt", word(Path::new(key))))
    }

    /// A command; what is committed is what is staged.
    fn told(&self, what: &str, command: &str) -> String {
        let Self { file, is_staged } = self;
        let add = if *is_staged { format!(" && git add {file}") } else { String::new() };
        self.and_rotate(&format!("{what}: `{command}{add}`"))
    }
}

/// The next step for a secret of a history: what was ever pushed has to be changed.
pub(super) fn of_history(past: &Past) -> String {
    match (&past.last, past.finding.verdict) {
        (_, Verdict::Placeholder | Verdict::Name) => "nothing, unless it was a real one".into(),
        (None, _) => {
            format!("change the secret, and seal or move the new one: it is still in {}", past.path.display())
        }
        (Some(_), _) => {
            "change the secret, unless that was done already: everybody who has a clone can read it".into()
        }
    }
}
