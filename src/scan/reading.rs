//! How a text is read.

use crate::yaml::outline::{Shape, outlines};

/// How a text is read. What is read more thoroughly is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reading {
    /// For credentials alone.
    Words,
    /// As variables, one a line.
    Variables,
    /// As YAML or JSON.
    Documents,
}

/// Whether the name of a file ends so, or what a template makes of it would.
pub(super) fn ends_with(path: &str, ends: &[&str]) -> bool {
    const TEMPLATES: [&str; 4] = [".tmpl", ".j2", ".gotmpl", ".tpl"];
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let stem = TEMPLATES.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    ends.iter().any(|end| stem.ends_with(end) || name.ends_with(end))
}

impl Reading {
    /// By the path alone.
    pub(super) fn of_path(path: &str) -> Self {
        const DOCUMENTS: [&str; 6] = [".yaml", ".yml", ".json", ".jsonc", ".json5", ".tpl"];
        const VARIABLES: [&str; 10] =
            [".env", ".properties", ".ini", ".toml", ".conf", ".cfg", ".tf", ".tfvars", ".hcl", ".envrc"];
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        if ends_with(path, &DOCUMENTS) {
            Self::Documents
        } else if name.starts_with(".env") || ends_with(path, &VARIABLES) {
            Self::Variables
        } else {
            Self::Words
        }
    }

    /// By the path, and by the text where the path says nothing: manifests have many names, and standard input has none.
    pub(super) fn of_text(path: &str, text: &str) -> Self {
        let by_path = Self::of_path(path);
        let is_manifest = || text.contains("apiVersion") && text.contains("kind");
        let is_documents =
            || outlines(text).any(|outline| matches!(outline.shape(0), Shape::Map | Shape::List));
        match (by_path, path) {
            (Self::Words, "-") if is_documents() => Self::Documents,
            (Self::Words, "-") => Self::Variables,
            (Self::Words, _) if is_manifest() => Self::Documents,
            _ => by_path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_how_a_file_is_read() {
        for path in ["a.yaml", "A.YAML", "a/b.json", "a.yml.j2", "x.yaml.gotmpl", "_helpers.tpl", "a.jsonc"] {
            assert_eq!(Reading::of_path(path), Reading::Documents, "{path}");
        }
        for path in [".env", ".env.local", "a.env", "a.properties", "a.ini.j2", "a.tf", "a.hcl"] {
            assert_eq!(Reading::of_path(path), Reading::Variables, "{path}");
        }
        assert_eq!(Reading::of_path("yaml/README.md"), Reading::Words);
        assert!(ends_with("a.tf.tmpl", &[".tf"]) && !ends_with("x.tf.d/app.env", &[".tf"]));
    }

    #[test]
    fn standard_input_and_manifests_by_other_names_are_told_by_their_text() {
        assert_eq!(Reading::of_text("-", "{\"kind\": \"Secret\"}"), Reading::Documents);
        assert_eq!(Reading::of_text("-", "db:\n  password: x\n"), Reading::Documents);
        assert_eq!(Reading::of_text("-", "A=b\n"), Reading::Variables);
        assert_eq!(
            Reading::of_text("secret.bak", "{\"apiVersion\":\"v1\",\"kind\":\"Secret\"}"),
            Reading::Documents
        );
        assert_eq!(Reading::of_text("notes.txt", "db: x\n"), Reading::Words);
    }
}
