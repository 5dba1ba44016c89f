//! All places in one list.

/// Where a value stands. Its name is the rule that a finding there is told under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// `data` of a Secret.
    SecretData,
    /// `stringData` of a Secret.
    SecretStringData,
    /// A container's environment, or anything else that is a `name` with a `value`.
    EnvLiteral,
    /// What a command is given: `--password=…`.
    Argument,
    /// `secretGenerator` of a kustomization: `literals`, and what the files hold that `files` and `envs` name.
    SecretGenerator,
    /// `spec.values` of a HelmRelease, or of whatever else takes a chart's values.
    HelmReleaseValues,
    /// A file of values for a chart.
    HelmValues,
    /// `data` of a ConfigMap, and texts of settings within a value.
    ConfigText,
    /// `helm.parameters` and the like of an Argo CD Application.
    HelmParameter,
    /// The object that `kubectl apply` keeps in an annotation.
    LastApplied,
    /// A key that its file's own SOPS rules want encrypted.
    SopsUnencrypted,
    /// `target.template` of an ExternalSecret.
    ExternalSecretTemplate,
    /// What stands in a SealedSecret's `encryptedData` and cannot be sealed.
    NotSealed,
    /// `template` of a SealedSecret.
    SealedSecretTemplate,
    /// A variable in a file of variables: `.env`, properties, INI, TOML.
    Variable,
    /// Any other field whose name says that it is a secret.
    Field,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::SecretData,
        Self::SecretStringData,
        Self::EnvLiteral,
        Self::Argument,
        Self::SecretGenerator,
        Self::HelmReleaseValues,
        Self::HelmValues,
        Self::ConfigText,
        Self::HelmParameter,
        Self::LastApplied,
        Self::SopsUnencrypted,
        Self::ExternalSecretTemplate,
        Self::NotSealed,
        Self::SealedSecretTemplate,
        Self::Variable,
        Self::Field,
    ];

    /// The name of the rule.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::SecretData => "secret-data",
            Self::SecretStringData => "secret-string-data",
            Self::EnvLiteral => "env-literal",
            Self::Argument => "argument",
            Self::SecretGenerator => "secret-generator",
            Self::HelmReleaseValues => "helm-release-values",
            Self::HelmValues => "helm-values",
            Self::ConfigText => "config-text",
            Self::HelmParameter => "helm-parameter",
            Self::LastApplied => "last-applied",
            Self::SopsUnencrypted => "sops-unencrypted",
            Self::ExternalSecretTemplate => "external-secret-template",
            Self::NotSealed => "not-sealed",
            Self::SealedSecretTemplate => "sealed-secret-template",
            Self::Variable => "variable",
            Self::Field => "field",
        }
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Self::SecretData => "`data` of a Secret",
            Self::SecretStringData => "`stringData` of a Secret",
            Self::EnvLiteral => "a variable or parameter with its value beside it",
            Self::Argument => "a word of a command",
            Self::SecretGenerator => "`secretGenerator` of a kustomization",
            Self::HelmReleaseValues => "values of a HelmRelease",
            Self::HelmValues => "a file of values for a chart",
            Self::ConfigText => "a text of settings within a value",
            Self::HelmParameter => "a parameter of an Argo CD Application",
            Self::LastApplied => "the object that `kubectl apply` keeps in an annotation",
            Self::SopsUnencrypted => "a value that the file's own SOPS rules want encrypted",
            Self::ExternalSecretTemplate => "the template of an ExternalSecret",
            Self::NotSealed => "what stands among sealed values and is not one",
            Self::SealedSecretTemplate => "the template of a SealedSecret",
            Self::Variable => "a variable in a file of variables",
            Self::Field => "a field whose name says that it is a secret",
        }
    }

    /// Whether all that stands there is meant to be secret.
    #[must_use]
    pub fn is_for_secrets(self) -> bool {
        matches!(self, Self::SecretData | Self::SecretStringData | Self::SecretGenerator | Self::NotSealed)
    }
}
