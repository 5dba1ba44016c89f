//! Files of SOPS, where there is no `sops`; with the real one, see `tests/scan/sops.rs`.

use super::*;

const BEFORE: &str = "word_secret: hunter·2hunter\nname: a\nsops:\n  lastmodified: \"2024-01-01T00:00:00Z\"\n  mac: ENC[AES256_GCM,data:p,iv:e,tag:d,type:str]\n  encrypted_suffix: _secret\n";

/// A machine without it.
pub(super) struct Missing;

impl Sops for Missing {
    fn open(&self, _: &Path, text: &str, _: bool) -> Result<Plain, Unopened> {
        assert!(!text.contains("hunter2hunter"), "it is given nothing that is in clear: {text}");
        Err(Unopened { reason: "there is none".to_owned(), hint: "install it".to_owned() })
    }

    fn set(&self, _: &Path, _: &str, _: &[yaml::Segment], _: Plain) -> Result<String, Unopened> {
        unreachable!("what it did not open it is not asked to change")
    }
}

#[test]
fn without_sops_its_file_stays() {
    let ended = mend_all(&[("a.yaml", BEFORE)]);
    assert_eq!((ended.reasons(), ended.changed().len()), (vec!["there is none"], 0));
}

#[test]
fn sops_is_given_nothing_that_is_in_clear_and_secret() {
    let comment = BEFORE.replace("name: a", "# hunter·2hunter\nname: a");
    let ended = mend_all(&[("a.yaml", &comment)]);
    assert_eq!(ended.reasons(), ["a comment in a.yaml holds the value too, and would keep it in clear"]);
    let second = format!("{BEFORE}---\n{BEFORE}");
    let ended = mend_all(&[("a.yaml", &second)]);
    assert_eq!(
        ended.reasons(),
        [
            "others are in clear in its file too, which `sops` would be given to read",
            "`sops` sets values in the first document of a file only"
        ]
    );
}

#[test]
fn nothing_else_edits_its_files() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: wiki, namespace: web}\nspec:\n  values:\n    password: hunter·2hunter\n";
    let sops = "sops:\n  lastmodified: \"2024-01-01T00:00:00Z\"\n  mac: ENC[AES256_GCM,data:p,iv:e,tag:d,type:str]\n  encrypted_regex: ^data$\n";
    let ended = mend_all(&[("wiki.yaml", &format!("{release}{sops}"))]);
    assert_eq!(ended.reasons(), ["wiki.yaml belongs to SOPS, which has a code over all of it"]);
    assert!(ended.changed().is_empty());
    mend_all(&[("wiki.yaml", &format!("{release}{sops}  mac_only_encrypted: true\n"))]).clean();
}
