//! The version of the operator: what its API server writes into objects that do not say it.

use std::fmt;
use std::str::FromStr;

use super::Error;

/// A version of External Secrets, to the minor.
///
/// ```
/// use sealstrap::external::Operator;
///
/// let operator: Operator = "v2.6.1".parse()?;
/// assert!(operator.fills_strategies() && operator.fills_null_bytes());
/// assert!(!Operator::NEWEST.fills_strategies());
/// # Ok::<(), sealstrap::external::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operator {
    /// The first number of the version.
    pub major: u32,
    /// The second.
    pub minor: u32,
}

impl Operator {
    /// The first that serves `external-secrets.io/v1`.
    pub const OLDEST: Self = Self { major: 0, minor: 16 };
    /// The newest whose kinds were read.
    pub const NEWEST: Self = Self { major: 2, minor: 9 };

    /// Whether a remote reference without strategies gets them from its API server: up to 2.8.
    #[must_use]
    pub fn fills_strategies(self) -> bool {
        self < Self { major: 2, minor: 9 }
    }

    /// Whether a remote reference without `nullBytePolicy` gets one: 2.3 to 2.6. From 2.7 on the field is there, and
    /// nothing is filled in.
    #[must_use]
    pub fn fills_null_bytes(self) -> bool {
        (Self { major: 2, minor: 3 }..=Self { major: 2, minor: 6 }).contains(&self)
    }

    /// What its API server writes into a remote reference that does not say it.
    pub fn reference_defaults(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let strategies = ["conversionStrategy", "decodingStrategy", "metadataPolicy"];
        let strategies = strategies.into_iter().zip(["Default", "None", "None"]);
        let strategies = strategies.filter(move |_| self.fills_strategies());
        strategies.chain(self.fills_null_bytes().then_some(("nullBytePolicy", "Ignore")))
    }

    /// Whether a field that came with a version is known to this one.
    #[must_use]
    pub fn knows(self, since: (u32, u32)) -> bool {
        (self.major, self.minor) >= since
    }
}

impl Default for Operator {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Operator {
    type Err = Error;

    /// Reads `2.9`, `v2.9.0` and the like.
    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || Error::Operator(text.to_owned());
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let mut number = || parts.next().and_then(|part| part.parse().ok()).ok_or_else(refuse);
        let operator = Self { major: number()?, minor: number()? };
        if operator < Self::OLDEST { Err(refuse()) } else { Ok(operator) }
    }
}

#[cfg(test)]
mod tests {
    use super::Operator;

    #[test]
    fn what_is_filled_in_depends_on_the_version() {
        let rows = [
            ("0.16.0", true, false),
            ("v1.3.2", true, false),
            ("2.2", true, false),
            ("2.3", true, true),
            ("2.6.4", true, true),
            ("2.7", true, false),
            ("2.8.0", true, false),
            ("2.9", false, false),
            ("3.0", false, false),
        ];
        for (text, strategies, null_bytes) in rows {
            let operator: Operator = text.parse().unwrap();
            assert_eq!(
                (operator.fills_strategies(), operator.fills_null_bytes()),
                (strategies, null_bytes),
                "{text}"
            );
        }
        for text in ["", "2", "x.y", "0.15.1", "2.x"] {
            assert!(text.parse::<Operator>().is_err(), "{text}");
        }
    }
}
