//! Paths as a person types them in a shell.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The path as a word of a shell: quoted where that takes it for something else.
pub(super) fn word(path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes();
    let text = path.to_str().filter(|text| !text.chars().any(char::is_control));
    let is_bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./+:@%,".contains(byte);
    match text {
        Some(text) if !bytes.is_empty() && bytes.iter().all(is_bare) && !text.starts_with('-') => {
            text.to_owned()
        }
        Some(text) if text.starts_with('-') => format!("'./{}'", text.replace('\'', r"'\''")),
        Some(text) => format!("'{}'", text.replace('\'', r"'\''")),
        None => escaped(bytes),
    }
}

/// `$'…'`, in which any byte can be written.
fn escaped(bytes: &[u8]) -> String {
    let mut word = "$'".to_owned();
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => word.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => word.push(char::from(*byte)),
            // To a string nothing fails to be written.
            _ => drop(write!(word, "\\{byte:03o}")),
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn a_path_that_a_shell_takes_for_something_else_is_quoted() {
        let words = ["k8s/db.yaml", "my db.yaml", "it's.yaml", "$HOME", "-f", "a\nb", "ä.yaml"];
        assert_eq!(
            words.map(|path| word(Path::new(path))),
            ["k8s/db.yaml", "'my db.yaml'", r"'it'\''s.yaml'", "'$HOME'", "'./-f'", r"$'a\012b'", "'ä.yaml'"]
        );
        assert_eq!(word(Path::new(OsStr::from_bytes(b"\xff'"))), r"$'\377\''");
    }
}
