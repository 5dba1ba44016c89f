//! The committed schemas are those of the types. `SNAPSHOTS=overwrite cargo test --test schema` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test fails where something is missing")]

use std::path::Path;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test: asks whether files are to be written anew")]
fn the_committed_schemas_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    if std::env::var("SNAPSHOTS").is_ok_and(|word| word == "overwrite") {
        sealstrap::schema::write_all(&folder).unwrap();
    }
    for (name, text) in sealstrap::schema::all() {
        let file = sealstrap::schema::file_name(name);
        let committed = std::fs::read_to_string(folder.join(&file)).unwrap_or_default();
        // Compared as one, so that a failure does not print both files.
        assert!(
            committed == text,
            "schema/{file} is not what the types say; write it anew with SNAPSHOTS=overwrite"
        );
    }
}
