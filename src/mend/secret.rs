//! Secrets become SealedSecrets, in their documents.

use super::comments;
use super::refusal::No;
use super::work::Work;
use crate::plain::Plain;
use crate::scan::verdict::{Expect, Verdict, judge};
use crate::seal::{Allow, KEY_LABEL, Manifest, Scope, Sealed, SealedSecret, Secret};

/// Seals the Secrets of a document, those of a List too.
pub(super) fn mend(work: &mut Work, document: usize) -> Result<(), No> {
    let text = work.draft.document(document)?;
    let mut manifest = Manifest::read(work.path, &Plain::from(text.clone()))?;
    if manifest.secrets.is_empty() {
        return Err(No::new("Kubernetes does not take it for a Secret with values", "write `kind: Secret`"));
    }
    let mut all = Vec::new();
    for found in &mut manifest.secrets {
        let secret = &mut found.secret;
        let scope = scope(secret, work.means.scope);
        secret.namespace = work.namespace(&secret.namespace, scope)?;
        sealable(secret)?;
        secret.check(scope, Allow::default(), &found.place)?;
        let object = SealedSecret::seal(secret, scope, work.means.recipient, &mut work.means.rng)?;
        all.push(Sealed { object, text: None });
    }
    work.draft.replace(document, &comments::carried(&text, &manifest.with(&all)?))
}

/// The scope of a Secret: what it says itself, else the one that is asked for.
pub(super) fn scope(secret: &Secret, asked: Scope) -> Scope {
    match secret.scope() {
        Scope::Strict => asked,
        said => said,
    }
}

/// Refuses a Secret with a value that something fills in or decrypts, and the key that would be needed to unseal it.
fn sealable(secret: &Secret) -> Result<(), No> {
    if secret.labels.contains_key(KEY_LABEL) {
        let hint = "keep it out of Git: `sealstrap keys backup` encrypts it";
        return Err(No::new("this is a key of the controller, which could not unseal it without it", hint));
    }
    for (key, value) in &secret.items {
        if is_filled_in(key, value) {
            let No { reason, hint } = No::expression();
            return Err(No::new(format!("`{key}`: {reason}"), hint));
        }
    }
    Ok(())
}

/// Whether something fills a value in, or decrypts it, before it is used.
#[expect(clippy::disallowed_methods, reason = "sink: the verdict on a value, of which nothing is kept")]
pub(super) fn is_filled_in(key: &str, value: &Plain) -> bool {
    let Some(text) = value.expose_text() else { return false };
    let verdict = judge(Expect::Secrets, key, &text);
    text.contains("${")
        || text.contains("{{")
        || matches!(
            verdict,
            Verdict::Encrypted | Verdict::Reference | Verdict::Substitution | Verdict::Template
        )
}
