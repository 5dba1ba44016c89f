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
    Generator { document: usize, entry: usize },
    /// Values of a file, of which a `HelmRelease` takes them, likewise.
    Values { document: usize },
    /// Values of a `HelmRelease` are taken from a Secret beside.
    Release { document: usize, object: Vec<Segment> },
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
        let kind = site.kind.as_str();
        let keys = site::keys(&site.way);
        match finding.rule.as_ref() {
            "secret-data" | "secret-string-data" if is_secret(site) => Ok(Self::Secret { document }),
            _ if site.is_aliased => Err(No::aliased()),
            "sealed-secret-template" if matches!(keys.as_deref(), Some(["spec", "template", "data", _])) => {
                Ok(Self::Sealed { document, object })
            }
            "not-sealed" if matches!(keys.as_deref(), Some(["spec", "encryptedData", _])) => {
                Ok(Self::Sealed { document, object })
            }
            "env-literal" if workload::is_variable(kind, &site.way) => {
                Ok(Self::Workload { document, object })
            }
            "argument" if workload::is_argument(kind, &site.way) => Ok(Self::Workload { document, object }),
            "secret-generator" => match &site.path()[..] {
                [Segment::Key(top), Segment::Index(entry), Segment::Key(of), Segment::Index(_)]
                    if top == "secretGenerator" && of == "literals" =>
                {
                    Ok(Self::Generator { document, entry: *entry })
                }
                _ => Err(none()),
            },
            "helm-release-values" if matches!(keys.as_deref(), Some(["spec", "values", _, ..])) => {
                Ok(Self::Release { document, object })
            }
            "helm-values" if site::keys(&site.path()).is_some() => Ok(Self::Values { document }),
            _ => Err(none()),
        }
    }
}

/// Whether a place is in a Secret that is a document of its own or an item of a List.
fn is_secret(site: &Site) -> bool {
    let is_own = match &site.object[..] {
        [] => true,
        [Segment::Key(items), Segment::Index(_)] => items == "items",
        _ => false,
    };
    is_own && (site.kind.eq_ignore_ascii_case("secret") || site.is_aliased)
}
