//! Why something is not mended, and the way on.

use crate::{external, seal, yaml};

/// Rules for which there is no cure at all, or none at every place: why, and the way on.
const WITHOUT_CURE: &[(&str, &str, &str)] = &[
    (
        "helm-values",
        "no HelmRelease is known that takes it from here, and what a chart takes in its place only the chart knows",
        "refer to a Secret as the chart says: `existingSecret`, `valuesFrom`",
    ),
    (
        "helm-release-values",
        "only values that are texts under plain keys can be moved to `valuesFrom`",
        "move it to a sealed Secret and name that under `spec.valuesFrom`, or as the chart says",
    ),
    (
        "helm-parameter",
        "an Application of Argo CD cannot take a parameter from a Secret",
        "refer to a Secret as the chart says: `existingSecret`",
    ),
    (
        "config-text",
        "it is a part of a text that a program reads as a whole, and what that could be told to read in its place only \
         the program knows",
        "move the whole text to a sealed Secret, or have the program read the value from the environment",
    ),
    (
        "external-secret-template",
        "only entries of `spec.target.template.data` can be moved to a Secret that the template reads",
        "keep it in the store, and refer to it with `{{ .key }}`",
    ),
    (
        "sops-unencrypted",
        "its file belongs to SOPS, which has the key to encrypt it and a code over all of the file",
        "take it out, and set it again: `sops set --ignore-mac --value-stdin`",
    ),
    (
        "variable",
        "a program reads this file as it is, and the file may be needed wherever the repository is",
        "have the program read the value from the environment, and keep that in a sealed Secret or in Vault",
    ),
    (
        "env-literal",
        "only variables of containers in workloads can be taken from a Secret",
        "keep it in a Secret and refer to it as this kind says",
    ),
    (
        "argument",
        "only words in the `command` and `args` of a container in a workload can be taken from a Secret",
        "have the program read it from a file or a variable",
    ),
    (
        "field",
        "it is not known whether this field can be taken from a Secret",
        "see whether the kind has a field for a reference, such as `passwordSecretRef`",
    ),
    (
        "secret-data",
        "this Secret is a part of another object or text",
        "put it into a document of its own, and seal that",
    ),
    (
        "secret-string-data",
        "this Secret is a part of another object or text",
        "put it into a document of its own, and seal that",
    ),
    (
        "sealed-secret-template",
        "only values of `spec.template.data` can be sealed in place",
        "remove it, and seal the value: `sealstrap set`",
    ),
];

/// A refusal, before it is known of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct No {
    /// Why, in a sentence.
    pub(super) reason: String,
    /// The way on.
    pub(super) hint: String,
    /// Whether a flag would have it mended, which the way on names.
    pub(super) awaits_flag: bool,
}

impl No {
    pub(super) fn new(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { reason: reason.into(), hint: hint.into(), awaits_flag: false }
    }

    /// The same, where a flag would have it mended.
    pub(super) fn but_for_a_flag(self) -> Self {
        Self { awaits_flag: true, ..self }
    }

    /// For what stands at a place for which there is no cure.
    pub(super) fn of_rule(rule: &str) -> Self {
        let known = WITHOUT_CURE.iter().find(|(known, ..)| *known == rule);
        let (reason, hint) = known.map_or(
            (
                "what reads it here is not known",
                "keep it in a sealed Secret or in Vault, and change it if it was ever pushed",
            ),
            |(_, reason, hint)| (*reason, *hint),
        );
        Self::new(reason, hint)
    }

    /// An object that is no document of its own.
    pub(super) fn part(kind: &str) -> Self {
        Self::new(
            format!("this {kind} is a part of another object or text"),
            "put it into a document of its own, and mend that",
        )
    }

    /// An ExternalSecret that is made in several namespaces.
    pub(super) fn of_many_namespaces() -> Self {
        Self::new(
            "each namespace that a ClusterExternalSecret goes to would need the Secret that its template reads",
            Self::of_rule("external-secret-template").hint,
        )
    }

    /// A value that has to be kept elsewhere, and nobody has said where.
    pub(super) fn nowhere() -> Self {
        Self::new("it is not known whom to seal it for", "name a certificate: `--cert`")
    }

    /// What an alias names is used in several places.
    pub(super) fn aliased() -> Self {
        Self::new("it is written elsewhere in the file and used here by an alias", "write it out here first")
    }

    /// A value that is not all there is.
    pub(super) fn expression() -> Self {
        Self::new(
            "it holds an expression that something fills in before it is used, which would be sealed as it stands",
            "seal the value that comes of it, or leave the secret part of it to a Secret of its own",
        )
    }

    /// An edit of which it is not sure what comes.
    pub(super) fn unsafe_place() -> Self {
        Self::new(
            "this place cannot be edited safely",
            "edit it by hand, or write it in a plainer form first",
        )
    }
}

impl From<yaml::Error> for No {
    fn from(error: yaml::Error) -> Self {
        let hint =
            error.hint.unwrap_or_else(|| "edit it by hand, or write it in a plainer form first".into());
        Self::new(format!("it cannot be edited safely where it stands ({})", error.message), hint)
    }
}

impl From<external::Error> for No {
    fn from(error: external::Error) -> Self {
        match error {
            external::Error::Secret(error) => error.into(),
            external::Error::Refused { complaint, hint, .. } => Self::new(
                complaint,
                hint.unwrap_or_else(|| "see `sealstrap external generate`, which says more".into()),
            ),
            external::Error::Several(errors) => {
                errors.into_iter().next().map_or_else(Self::unsafe_place, Self::from)
            }
            other => Self::new(other.to_string(), "see `sealstrap external generate`, which says more"),
        }
    }
}

impl From<seal::Error> for No {
    fn from(error: seal::Error) -> Self {
        let hint = error.hint().unwrap_or_else(|| "see `sealstrap seal`, which says more".into());
        let reason = match error {
            seal::Error::Document { complaint, .. } => complaint,
            seal::Error::Several(errors) => {
                return errors.into_iter().next().map_or_else(Self::unsafe_place, Self::from);
            }
            other => other.to_string(),
        };
        Self::new(reason, hint)
    }
}
