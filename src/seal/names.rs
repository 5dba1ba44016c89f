//! What Kubernetes takes for names: nobody learns of it at sealing otherwise, but at the next sync.

/// The longest name of an object, and of an item.
const LONGEST: usize = 253;
/// The longest name of a namespace.
const LONGEST_LABEL: usize = 63;

/// Refuses what cannot be the name of a Secret (RFC 1123 subdomain).
///
/// # Errors
/// What is wrong with it, to be read after "the name `x`".
pub fn object(name: &str) -> Result<(), &'static str> {
    if name.len() > LONGEST {
        return Err("is longer than 253 characters");
    }
    if name.split('.').all(is_label) {
        Ok(())
    } else {
        Err("is not one: a-z, 0-9, `-` and `.` can stand in it")
    }
}

/// Refuses what cannot be the name of a namespace (RFC 1123 label).
///
/// # Errors
/// As [`object`].
pub fn namespace(name: &str) -> Result<(), &'static str> {
    if name.len() > LONGEST_LABEL {
        return Err("is longer than 63 characters");
    }
    if is_label(name) { Ok(()) } else { Err("is not one: a-z, 0-9 and `-` can stand in it") }
}

/// Refuses what cannot be the key of an item.
///
/// # Errors
/// As [`object`].
pub fn key(name: &str) -> Result<(), &'static str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match name {
        "" => Err("is empty"),
        _ if name.len() > LONGEST => Err("is longer than 253 characters"),
        "." | ".." => Err("means a folder once it is mounted"),
        _ if name.starts_with("..") => Err("begins with two dots, which a mount keeps for itself"),
        _ if !name.chars().all(fits) => Err("is not one: letters, digits, `-`, `_` and `.` can stand in it"),
        _ => Ok(()),
    }
}

fn is_label(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let (Some(first), Some(last)) = (text.bytes().next(), text.bytes().next_back()) else { return false };
    fits(first) && fits(last) && text.bytes().all(|byte| fits(byte) || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_kubernetes_takes() {
        for good in ["a", "a-b", "a.b-c.0", &"a".repeat(253)] {
            assert_eq!(object(good), Ok(()), "{good}");
        }
        for bad in ["", "A", "-a", "a-", "a..b", "a_b", ".a", "a b", "ä", &"a".repeat(254)] {
            assert!(object(bad).is_err(), "{bad}");
        }
        assert!(namespace("a.b").is_err() && namespace(&"a".repeat(64)).is_err() && namespace("a-b").is_ok());
        for good in ["a", "A_b-c.d", ".dockerconfigjson", "0"] {
            assert_eq!(key(good), Ok(()), "{good}");
        }
        for bad in ["", ".", "..", "..a", "a b", "a/b", "ä", &"a".repeat(254)] {
            assert!(key(bad).is_err(), "{bad}");
        }
    }
}
