//! A fault of the sandbox, as it is typed: `REMOTE:METHOD:PATH:HARM`.

use std::str::FromStr;

use http::Method;
use serde_json::json;

use crate::sandbox::server::{self, Harm, Remote};

/// A fault as the server takes it.
#[derive(Debug, Clone)]
pub(super) struct Fault(pub(super) server::Fault);

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || format!("`{text}` is not REMOTE:METHOD:PATH:HARM");
        let (remote, rest) = text.split_once(':').ok_or_else(form)?;
        let (method, rest) = rest.split_once(':').ok_or_else(form)?;
        let (path, harm) = rest.rsplit_once(':').ok_or_else(form)?;
        let (harm, times) = match harm.rsplit_once('x') {
            Some((harm, times)) => (harm, times.parse().map_err(|_| format!("`{times}` is not how often"))?),
            None => (harm, usize::MAX),
        };
        Ok(Self(server::Fault {
            remote: remote_of(remote)?,
            method: method_of(method)?,
            path: path.to_owned(),
            times,
            harm: harm_of(harm)?,
        }))
    }
}

fn remote_of(text: &str) -> Result<Remote, String> {
    match text {
        "kubernetes" => Ok(Remote::Kubernetes),
        "vault" => Ok(Remote::Vault),
        "git" => Ok(Remote::GitHost),
        other => Err(format!("`{other}` is not kubernetes, vault or git")),
    }
}

fn method_of(text: &str) -> Result<Option<Method>, String> {
    match text {
        "*" => Ok(None),
        name => name.parse().map(Some).map_err(|_| format!("`{name}` is not a method")),
    }
}

fn harm_of(text: &str) -> Result<Harm, String> {
    match text {
        "stall" => Ok(Harm::Stall),
        "close" => Ok(Harm::Close),
        status => match status.parse() {
            Ok(status @ 100..=599) => Ok(Harm::Answer(status, json!({"message": "refused on demand"}))),
            _ => Err(format!("`{status}` is not a status, `stall` or `close`")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_remote_method_path_harm_and_how_often() {
        let Fault(fault) = "vault:PUT:/v1/a:b:503x2".parse().unwrap();
        assert_eq!((fault.remote, fault.method, fault.times), (Remote::Vault, Some(Method::PUT), 2));
        assert_eq!(fault.path, "/v1/a:b");
        assert!(matches!(fault.harm, Harm::Answer(503, _)));
        let Fault(fault) = "git:*:/keys:close".parse().unwrap();
        assert_eq!((fault.method, fault.times), (None, usize::MAX));
        assert!(matches!(fault.harm, Harm::Close));
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["vault", "moon:*:/:500", "vault:*:/:9", "vault:*:/:500xmany", "vault:P T:/:500"] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }
}
