//! Whether a word is what it must be. Each answer is a fragment that reads after the file's place.

type Verdict = Result<(), String>;

fn verdict(sound: bool, complaint: impl FnOnce() -> String) -> Verdict {
    if sound { Ok(()) } else { Err(complaint()) }
}

/// A label of RFC 1123 §2.1: at most 63 of `a-z`, `0-9` and `-`, not at the ends.
pub(crate) fn label(text: &str) -> Verdict {
    verdict(is_label(text), || {
        format!(
            "`{text}` is not a DNS label: 1 to 63 of `a-z`, `0-9` and `-`, beginning and ending with none of `-`"
        )
    })
}

fn is_label(text: &str) -> bool {
    let body = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(body) && !text.starts_with('-') && !text.ends_with('-')
}

/// Labels joined by dots, at most 253 characters: the names of most objects in Kubernetes.
pub(crate) fn subdomain(text: &str) -> Verdict {
    verdict(text.len() <= 253 && text.split('.').all(is_label), || {
        format!("`{text}` is not a name that Kubernetes takes: DNS labels joined by dots")
    })
}

/// The nearest label to a text.
pub(crate) fn as_label(text: &str) -> String {
    let mapped: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(63)
        .collect();
    let trimmed = mapped.trim_matches('-');
    if trimmed.is_empty() { "home".into() } else { trimmed.into() }
}

/// A key in a Secret's `data`.
pub(crate) fn secret_key(text: &str) -> Verdict {
    let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    verdict((1..=253).contains(&text.len()) && text.chars().all(sound), || {
        format!("`{text}` cannot be a key of a Secret: letters, digits, `-`, `_` and `.`")
    })
}

/// A key of a KV secret.
pub(super) fn vault_key(text: &str) -> Verdict {
    verdict(!text.is_empty() && !text.contains(char::is_whitespace), || {
        format!("`{text}` cannot be a key in Vault")
    })
}

/// `owner/name`.
pub(super) fn repository(text: &str) -> Verdict {
    let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let part = |part: &str| !part.is_empty() && part.chars().all(sound) && !part.chars().all(|c| c == '.');
    let two = text.split_once('/').is_some_and(|(owner, name)| part(owner) && part(name));
    verdict(two && !text.to_ascii_lowercase().ends_with(".git"), || {
        format!("`{text}` is not a repository in the form `owner/name`")
    })
}

/// The name of a branch, without `refs/heads/`.
pub(super) fn branch(text: &str) -> Verdict {
    if let Some(name) = text.strip_prefix("refs/heads/") {
        return Err(format!("`{text}` is a ref; write the branch's name, `{name}`"));
    }
    let odd = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c);
    let sound =
        !text.is_empty() && !text.contains(odd) && !text.contains("..") && !text.starts_with(['-', '/']);
    verdict(sound, || format!("`{text}` cannot be the name of a branch"))
}

/// A folder of the repository.
pub(crate) fn folder(text: &str) -> Verdict {
    let inside = !text.is_empty() && !text.starts_with('/') && !text.split('/').any(|part| part == "..");
    verdict(inside, || format!("`{text}` is not a folder of the repository, relative to its root"))
}

/// A path in Vault as the settings name it: no slash at an end, no `data/` of the API.
pub(crate) fn vault_path(text: &str) -> Verdict {
    if text.is_empty() {
        return Err("a path in Vault is empty".into());
    }
    if text.starts_with('/') || text.ends_with('/') || text.contains("//") {
        return Err(format!("`{text}` has a slash too many"));
    }
    if text == "data" || text.starts_with("data/") {
        return Err(format!("`{text}` holds the `data/` of Vault's API, which sealstrap adds by itself"));
    }
    verdict(!text.contains(|c: char| c.is_whitespace() || c.is_control() || "*+?#%".contains(c)), || {
        format!("`{text}` cannot be a path in Vault")
    })
}

/// What was probably meant.
pub(super) fn as_vault_path(text: &str) -> String {
    let parts: Vec<_> = text.split('/').filter(|part| !part.is_empty()).collect();
    let parts = if parts.first() == Some(&"data") { &parts[1..] } else { &parts[..] };
    parts.join("/").replace(char::is_whitespace, "-")
}

/// An address of http or https, without a query.
pub(crate) fn address(text: &str) -> Verdict {
    parsed(text).map(|_| ())
}

/// The same, where plain http is for this machine only.
pub(crate) fn guarded_address(text: &str) -> Verdict {
    let url = parsed(text)?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    verdict(url.scheme() == "https" || loopback, || {
        format!("`{text}` is not https, and what is sent there must not be read on the way")
    })
}

fn parsed(text: &str) -> Result<url::Url, String> {
    let Ok(url) = url::Url::parse(text) else {
        return Err(format!("`{text}` is not an address, `https://…`"));
    };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("`{text}` is not an address of http or https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // Not shown: it may hold a password.
        return Err("the address holds a user name; logins are set elsewhere".into());
    }
    verdict(url.query().is_none() && url.fragment().is_none(), || {
        format!("`{text}` has a query or a fragment; only the address is wanted")
    })?;
    Ok(url)
}

/// `host` or `host:port`.
pub(super) fn host_and_port(text: &str) -> Verdict {
    let (host, port) = text.rsplit_once(':').unwrap_or((text, "22"));
    let sound =
        !host.is_empty() && !host.contains(['/', '@', ' ']) && port.parse::<u16>().is_ok_and(|port| port > 0);
    verdict(sound, || format!("`{text}` is not a host, or a host and its port as `host:port`"))
}

/// A variable's name, in the environment and in `${NAME}`.
pub(super) fn variable(text: &str) -> Verdict {
    let sound = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.bytes().next().is_some_and(|b| !b.is_ascii_digit());
    verdict(sound, || {
        format!("`{text}` cannot be the name of a variable: letters, digits and `_`, no digit first")
    })
}

/// An OCI artifact by digest.
pub(super) fn image(text: &str) -> Verdict {
    let digest = text.split_once("@sha256:").map(|(_, digest)| digest);
    verdict(digest.is_some_and(is_sha256), || {
        format!("`{text}` does not name an artifact by digest, `registry/repository@sha256:…`")
    })
}

/// 64 hexadecimal digits.
pub(super) fn sha256(text: &str) -> Verdict {
    verdict(is_sha256(text), || format!("`{text}` is not a SHA-256 in hexadecimal"))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A version of External Secrets, to the minor, of those that serve `external-secrets.io/v1`.
pub(super) fn operator(text: &str) -> Verdict {
    let mut parts = text.strip_prefix('v').unwrap_or(text).split('.').map(|part| part.parse::<u32>().ok());
    let version = parts.next().flatten().zip(parts.next().flatten());
    verdict(version.is_some_and(|version| version >= (0, 16)), || {
        format!("`{text}` is no version of External Secrets from 0.16 on")
    })
}
