//! Layers of artifacts: gzipped or plain tars, read in memory and within limits.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path};

use flate2::read::GzDecoder;

/// The most bytes that a layer may unpack to.
const LIMIT: u64 = 64 << 20;

/// The most entries that a layer may have.
const ENTRIES: usize = 10_000;

/// Adds the YAML and JSON files of a layer to `files`, by path; a later layer wins.
///
/// # Errors
/// In words: it is no tar, it is too large, a path leads out of it.
pub(super) fn unpack(layer: &[u8], files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let gzipped = layer.starts_with(&[0x1f, 0x8b]);
    let reader: Box<dyn Read + '_> = if gzipped { Box::new(GzDecoder::new(layer)) } else { Box::new(layer) };
    let mut archive = tar::Archive::new(reader.take(LIMIT + 1));
    let broken = |_| "a layer is no tar that can be read".to_owned();
    let (mut left, mut count) = (LIMIT, 0);
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        count += 1;
        left = left.checked_sub(entry.size()).ok_or_else(too_large)?;
        if count > ENTRIES {
            return Err(format!("a layer has more than {ENTRIES} files"));
        }
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = inside(&entry.path().map_err(broken)?)?;
        if is_manifest(&path) {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(broken)?;
            files.insert(path, bytes);
        }
    }
    Ok(())
}

fn too_large() -> String {
    format!("a layer unpacks to more than {} MiB", LIMIT >> 20)
}

/// The path below the archive's root; refused where it leads out of it.
fn inside(path: &Path) -> Result<String, String> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_string_lossy()),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(format!("the path `{}` leads out of the artifact", path.display()));
            }
        }
    }
    Ok(parts.join("/"))
}

fn is_manifest(path: &str) -> bool {
    let ending = Path::new(path).extension().and_then(std::ffi::OsStr::to_str);
    matches!(ending, Some("yaml" | "yml" | "json"))
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;
    use std::io::Write;

    use super::unpack;

    /// A gzipped tar of these files.
    pub(in crate::remote::web) fn layer(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            // Set by hand: the builder itself refuses paths that lead out.
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            builder.append(&header, text.as_bytes()).unwrap();
        }
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&builder.into_inner().unwrap()).unwrap();
        gzip.finish().unwrap()
    }

    fn unpacked(layer: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, String> {
        let mut files = BTreeMap::new();
        unpack(layer, &mut files).map(|()| files)
    }

    #[test]
    fn manifests_are_taken_by_their_path_and_other_files_are_not() {
        let files =
            unpacked(&layer(&[("./b/x.yaml", "x"), ("a.yml", "y"), ("c.json", "{}"), ("README.md", "")]));
        assert_eq!(files.unwrap().into_keys().collect::<Vec<_>>(), ["a.yml", "b/x.yaml", "c.json"]);
    }

    #[test]
    fn a_later_layer_wins() {
        let mut files = BTreeMap::new();
        unpack(&layer(&[("a.yaml", "1")]), &mut files).unwrap();
        unpack(&layer(&[("a.yaml", "2")]), &mut files).unwrap();
        assert_eq!(files["a.yaml"], b"2");
    }

    #[test]
    fn paths_that_lead_out_are_refused() {
        for path in ["../a.yaml", "/etc/a.yaml", "a/../../b.yaml"] {
            assert!(
                unpacked(&layer(&[(path, "x")])).is_err_and(|reason| reason.contains("leads out")),
                "{path}"
            );
        }
    }

    #[test]
    fn what_is_no_tar_is_refused() {
        assert!(unpacked(&[7; 1024]).is_err());
        assert!(unpacked(&[0x1f, 0x8b, 0, 0]).is_err());
    }

    #[test]
    fn a_layer_that_claims_to_be_huge_is_refused() {
        let mut header = tar::Header::new_gnu();
        header.set_path("a.yaml").unwrap();
        header.set_size(1 << 40);
        header.set_cksum();
        assert!(unpacked(header.as_bytes()).is_err_and(|reason| reason.contains("more than 64 MiB")));
    }
}
