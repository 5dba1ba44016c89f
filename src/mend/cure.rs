//! Which cure there is for a place.

use super::refusal::No;
use super::site::{self, Site};
use super::workload;
use crate::scan::Finding;
use crate::yaml::Segment;

/// A cure, and what it is applied to as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cure {
    /// The Secrets of a document become SealedSecrets.
    Secret { document: usize },
    /// An annotation is removed.
    Annotation { document: usize, path: Vec<Segment> },
    /// Values of a SealedSecret that are in clear are sealed in it.
    Sealed { document: usize, object: Vec<Segment> },
    /// Variables and arguments of a workload are taken from a Secret beside.
    Workload { document: usize, object: Vec<Segment> },
    /// An entry of a generator becomes a SealedSecret.
    Generator { document: usize, list: List, name: String },
    /// A ConfigMap becomes a SealedSecret, for all who use it.
    ConfigMap { document: usize },
    /// Variables that Flux puts into manifests are taken from a Secret beside.
    Substitute { document: usize, object: Vec<Segment> },
    /// Values of a file, of which a `HelmRelease` takes them, likewise.
    Values { document: usize },
    /// Values of a `HelmRelease` are taken from a Secret beside.
    Release { document: usize, object: Vec<Segment> },
    /// Values of a file of SOPS are encrypted in it.
    Sops { document: usize },
    /// Entries of the template of an ExternalSecret, likewise.
    Template { document: usize, object: Vec<Segment> },
}

/// A list of generators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    /// `secretGenerator`.
    Secrets,
    /// `configMapGenerator`.
    ConfigMaps,
}

impl List {
    /// Both.
    pub(super) const ALL: [Self; 2] = [Self::Secrets, Self::ConfigMaps];

    /// Its key in a kustomization.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Secrets => "secretGenerator",
            Self::ConfigMaps => "configMapGenerator",
        }
    }
}

impl Cure {
    /// The cure for a finding.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn of(finding: &Finding, site: Option<&Site>) -> Result<Self, No> {
        let none = || No::of_rule(&finding.rule);
        let site = site.ok_or_else(none)?;
        let (document, object) = (site.document, site.object.clone());
        if site.is_last_applied() {
            return Ok(Self::Annotation { document, path: site.path() });
        }
        // What was found by its form alone is known by its place, where it is all that stands there.
        let is_alone = finding.document > 0 || site.is_whole;
        let keys = site::keys(&site.way);
        let rule = finding.rule.as_ref();
        match (site.kind.as_str(), keys.as_deref()) {
            _ if rule == "sops-unencrypted" => Ok(Self::Sops { document }),
            _ if SECRET.contains(&rule) && is_secret(site) => Ok(Self::Secret { document }),
            ("Secret", Some(["data" | "stringData", ..])) if is_secret(site) => Ok(Self::Secret { document }),
            ("ConfigMap", Some(["data" | "binaryData", ..])) if object.is_empty() => {
                Ok(Self::ConfigMap { document })
            }
            ("ConfigMap", Some(["data" | "binaryData", ..])) => Err(No::part("ConfigMap")),
            _ if site.is_aliased => Err(No::aliased()),
            ("ExternalSecret", Some(["spec", "target", "template", "data", _])) => Self::of_template(site),
            (
                "ClusterExternalSecret",
                Some(["spec", "externalSecretSpec", "target", "template", "data", _]),
            ) => Err(No::of_many_namespaces()),
            _ if !is_alone => Err(none()),
            ("SealedSecret", Some(["spec", "template", "data", _] | ["spec", "encryptedData", _])) => {
                Ok(Self::Sealed { document, object })
            }
            (kind, _) if workload::is_variable(kind, &site.way) => Ok(Self::Workload { document, object }),
            (kind, _) if workload::is_argument(kind, &site.way) && rule == "argument" => {
                Ok(Self::Workload { document, object })
            }
            ("HelmRelease", Some(["spec", "values", _, ..])) => Ok(Self::Release { document, object }),
            ("Kustomization", Some(["spec", "postBuild", "substitute", _])) => {
                Ok(Self::Substitute { document, object })
            }
            _ => Self::of_path(site, rule).ok_or_else(none),
        }
    }

    /// The cure for an entry of the template of an ExternalSecret, whatever else stands in its text.
    fn of_template(site: &Site) -> Result<Self, No> {
        let cure = || Self::Template { document: site.document, object: site.object.clone() };
        if is_own(site) { Ok(cure()) } else { Err(No::part("ExternalSecret")) }
    }

    /// The cure for what stands in a file that Kubernetes does not read.
    fn of_path(site: &Site, rule: &str) -> Option<Self> {
        let document = site.document;
        match &site.path()[..] {
            [Segment::Key(top), Segment::Index(_), Segment::Key(of), Segment::Index(_)]
                if of == "literals" =>
            {
                let list = List::ALL.into_iter().find(|list| list.key() == top)?;
                let name = Some(site.item.clone()).filter(|name| !name.is_empty())?;
                Some(Self::Generator { document, list, name })
            }
            path if rule == "helm-values" && site::keys(path).is_some() => Some(Self::Values { document }),
            _ => None,
        }
    }
}

/// The rules of values in Secrets.
const SECRET: [&str; 2] = ["secret-data", "secret-string-data"];

/// Whether a place is in an object that is a document of its own or an item of a List.
fn is_own(site: &Site) -> bool {
    match &site.object[..] {
        [] => true,
        [Segment::Key(items), Segment::Index(_)] => items == "items",
        _ => false,
    }
}

/// Whether a place is in such a Secret.
fn is_secret(site: &Site) -> bool {
    is_own(site) && (site.kind.eq_ignore_ascii_case("secret") || site.is_aliased)
}
