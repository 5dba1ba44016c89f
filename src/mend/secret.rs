//! Secrets become SealedSecrets or ExternalSecrets, in their documents.

use super::comments;
use super::keep::{Keep, in_vault};
use super::refusal::No;
use super::work::Work;
use crate::external::Layout;
use crate::plain::Plain;
use crate::scan::verdict::{Expect, Verdict, judge};
use crate::seal::{Allow, KEY_LABEL, Manifest, Recipient, Scope, Sealed, SealedSecret, Secret};

/// Writes something better in the place of the Secrets of a document, those of a List too.
pub(super) fn mend(work: &mut Work, document: usize) -> Result<(), No> {
    let text = work.draft.document(document)?;
    let mut manifest = Manifest::read(work.path, &Plain::from(text.clone()))?;
    if manifest.secrets.is_empty() {
        return Err(No::new("Kubernetes does not take it for a Secret with values", "write `kind: Secret`"));
    }
    let made = match work.means.keep {
        Keep::Sealed { recipient, scope } => sealed(work, &mut manifest, recipient, scope)?,
        Keep::Vault(layout) => external(work, &mut manifest, layout)?,
        Keep::Nowhere => return Err(No::nowhere()),
    };
    work.draft.replace(document, &comments::carried(&text, &made))
}

fn sealed(
    work: &mut Work,
    manifest: &mut Manifest,
    recipient: &Recipient,
    asked: Scope,
) -> Result<String, No> {
    let mut all = Vec::new();
    for found in &mut manifest.secrets {
        let secret = &mut found.secret;
        let scope = scope(secret, asked);
        secret.namespace = work.namespace(&secret.namespace, scope)?;
        movable(secret)?;
        secret.check(scope, Allow::default(), &found.place)?;
        let object = SealedSecret::seal(secret, scope, recipient, &mut work.means.rng)?;
        all.push(Sealed { object, text: None });
    }
    Ok(manifest.with(&all)?)
}

fn external(work: &mut Work, manifest: &mut Manifest, layout: &Layout) -> Result<String, No> {
    let mut all = Vec::new();
    for found in &mut manifest.secrets {
        let mut secret = std::mem::take(&mut found.secret);
        secret.namespace = work.namespace(&secret.namespace, Scope::Strict)?;
        movable(&secret)?;
        all.push(in_vault(work, secret, &found.place, layout)?);
    }
    Ok(manifest.with_objects(&all)?)
}

/// The scope of a Secret: what it says itself, else the one that is asked for.
pub(super) fn scope(secret: &Secret, asked: Scope) -> Scope {
    match secret.scope() {
        Scope::Strict => asked,
        said => said,
    }
}

/// Refuses a Secret with a value that something fills in or decrypts, and the key that would be needed to unseal it.
fn movable(secret: &Secret) -> Result<(), No> {
    if secret.labels.contains_key(KEY_LABEL) {
        let hint = "keep it out of Git: `sealstrap keys backup` encrypts it";
        return Err(No::new("this is a key of the controller, which could not unseal it without it", hint));
    }
    for (key, value) in &secret.items {
        if is_filled_in(key, value) {
            let No { reason, hint, .. } = No::expression();
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
