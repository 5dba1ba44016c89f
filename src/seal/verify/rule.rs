//! What is found in a SealedSecret.

use super::rules::rules;

rules! {
    Unreadable, "unreadable", Error, "A file that mentions SealedSecrets and cannot be read as YAML or JSON.";
    OtherVersion, "other-version", Error, "A SealedSecret of an API version that no controller serves.";
    NotText, "not-text", Error, "Something else than a text where Kubernetes takes a text only.";
    NotBase64, "not-base64", Error, "An item that is not base64.";
    TooShort, "too-short", Error, "An item that ends before its parts do.";
    KeySize, "key-size", Error, "An item whose encrypted key has the length of no RSA key from 2048 to 8192 bits.";
    OtherCertificate, "other-certificate", Error, "An item sealed for a key of another size than that of any pinned certificate.";
    TooLarge, "too-large", Error, "A Secret or SealedSecret larger than Kubernetes takes.";
    NoItems, "no-items", Warning, "A SealedSecret without items.";
    DeprecatedData, "deprecated-data", Warning, "Values in `spec.data`, the old form in one blob.";
    BothScopes, "both-scopes", Warning, "Annotations of both wider scopes; cluster-wide wins.";
    ScopeOnTemplate, "scope-on-template", Warning, "A scope annotation that stands on the template only, where it does not count.";
    ScopeNotTrue, "scope-not-true", Warning, "A scope annotation with another value than `true`, which does not count.";
    BadName, "bad-name", Error, "A name that is missing, or that Kubernetes refuses.";
    BadNamespace, "bad-namespace", Error, "A namespace that Kubernetes refuses.";
    BadKey, "bad-key", Error, "A name of an item that Kubernetes refuses.";
    TemplateName, "template-name", Warning, "A template with another name than the SealedSecret's.";
    TemplateNamespace, "template-namespace", Warning, "A template with another namespace than the SealedSecret's.";
    NoNamespace, "no-namespace", Warning, "No namespace, under a scope that binds to one.";
    KustomizeNamespace, "kustomize-namespace", Error, "A kustomization that moves a SealedSecret out of the namespace it is bound to.";
    KustomizeName, "kustomize-name", Warning, "A kustomization that renames a SealedSecret that is bound to its name.";
    NotListed, "not-listed", Note, "A file that the kustomization in its folder does not list.";
    ListedTwice, "listed-twice", Note, "A SealedSecret of the same namespace and name in several places.";
    LastApplied, "last-applied", Error, "An annotation that holds a whole Secret in clear, left by `kubectl apply`.";
    ManagedFields, "managed-fields", Note, "`managedFields`, which name the fields of the live Secret.";
    PlainData, "plain-data", Error, "`data` or `stringData` in clear within a SealedSecret.";
    PlainValue, "plain-value", Error, "A value in clear that looks like a secret, in a template or an annotation.";
    CannotUnseal, "cannot-unseal", Error, "Items that the keys at hand, or the controller, cannot unseal.";
    Damaged, "damaged", Error, "Items whose place and key are right and whose bytes are not.";
    OldKey, "old-key", Note, "Items sealed with another key than that of the pinned certificate.";
}
