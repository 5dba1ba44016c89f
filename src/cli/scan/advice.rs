//! What to do about a secret in clear, by where it stands.

use crate::scan::Finding;
use crate::scan::history::Past;
use crate::scan::verdict::Verdict;

/// The next step, in one sentence.
pub(super) fn advice(finding: &Finding, file: &str) -> String {
    let rotate = "and change the secret if it was ever pushed";
    let is_secret = matches!(finding.rule.as_ref(), "secret-data" | "secret-string-data");
    match (finding.verdict, finding.rule.as_ref()) {
        (Verdict::Placeholder, _) => "put the real value into a sealed file, or leave the key out".into(),
        (Verdict::Name, _) => "where it is a password, keep it in the store too".into(),
        (_, "secret-data" | "secret-string-data") if file == "-" => {
            format!("seal it before it is stored, {rotate}")
        }
        (_, "sops-unencrypted") => {
            format!("encrypt the file again: `sops --encrypt --in-place {file}`, {rotate}")
        }
        (_, "not-sealed") => {
            format!("seal the value: `sealstrap set {file} {} --from -`", last(&finding.way))
        }
        (_, "sealed-secret-template") => {
            format!("seal it: `sealstrap set {file} {} --from -`, and remove it here", last(&finding.way))
        }
        (_, "env-literal") => {
            format!("keep it in a Secret and refer to it with `valueFrom.secretKeyRef`, {rotate}")
        }
        (_, "secret-generator") => {
            format!("put a sealed Secret among the resources in place of the generator, {rotate}")
        }
        (_, "helm-values" | "helm-release-values" | "helm-parameter") => {
            format!("refer to a Secret: `existingSecret`, `valuesFrom`, {rotate}")
        }
        (_, "external-secret-template") => "keep it in the store, and refer to it with `{{ .key }}`".into(),
        (_, "last-applied") => format!("remove the annotation, {rotate}"),
        _ if is_secret => format!("seal it: `sealstrap seal --in-place {file}`, {rotate}"),
        _ => format!("keep it in a sealed Secret or in Vault, {rotate}"),
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

fn last(way: &str) -> &str {
    way.strip_prefix("spec.encryptedData.").or_else(|| way.strip_prefix("spec.template.data.")).unwrap_or(way)
}
