//! Files of which a generator made Secrets: by themselves they do not look like any.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::Range;
use super::log::Log;
use crate::scan::git::{Error, Object, Objects};
use crate::scan::place::Source;
use crate::scan::staged::plain;
use crate::scan::worktree::LARGEST;
use crate::scan::{Generators, Policy, Scanned, scan_source};

/// Scans the contents that such files ever had, whichever version of a kustomization named them; what came of them by
/// themselves gives way to that. Of a range those count too that the kustomizations of the working tree name.
pub(super) fn scan_generated(
    policy: &Policy,
    folder: &Path,
    range: &Range,
    log: &Log,
    scanned: &mut Vec<(Vec<u32>, Scanned)>,
) -> Result<(), Error> {
    let mut named = named(log, scanned);
    if matches!(range, Range::Revisions(_)) {
        let mut generators = Generators::new(policy.root().to_owned());
        named.extend(log.paths().filter_map(|(number, path)| Some((number, generators.source(&path)?))));
    }
    if named.is_empty() {
        return Ok(());
    }
    let mut contents: Vec<(u32, u32)> = log.held().filter(|(path, _)| named.contains_key(path)).collect();
    let how = |path: &u32| named.get(path).map(|source| source.is_variables);
    contents.sort_by_key(|(path, content)| (log.newest(*content), *content, how(path)));
    contents.dedup_by_key(|(path, content)| (*content, how(path)));
    let generated: HashSet<u32> = contents.iter().map(|(_, content)| *content).collect();
    for (numbers, _) in scanned.iter_mut() {
        numbers.retain(|number| !generated.contains(number));
    }
    scanned.retain(|(numbers, _)| !numbers.is_empty());
    let mut objects = Objects::open(folder)?;
    for (path, content) in contents {
        let object = objects.object(&log.name(content), LARGEST)?;
        let (Object::Whole(bytes), Some(source)) = (object, named.get(&path)) else { continue };
        let file = policy.root().join(log.path(path));
        let result = scan_source(policy, &file.to_string_lossy(), &bytes, source);
        if !result.is_empty() {
            scanned.push((vec![content], result));
        }
    }
    scanned.sort_by_key(|(numbers, _)| log.newest(numbers[0]));
    Ok(())
}

/// The files that kustomizations name, by the numbers of their paths.
fn named(log: &Log, scanned: &[(Vec<u32>, Scanned)]) -> HashMap<u32, Source> {
    let naming: Vec<(&[u32], &[Source])> = scanned
        .iter()
        .filter(|(_, scanned)| !scanned.sources.is_empty())
        .map(|(numbers, scanned)| (&numbers[..], &scanned.sources[..]))
        .collect();
    if naming.is_empty() {
        return HashMap::new();
    }
    let numbers: HashMap<PathBuf, u32> = log.paths().map(|(number, path)| (path, number)).collect();
    let mut of_content: HashMap<u32, BTreeSet<u32>> = HashMap::new();
    for (path, content) in log.held() {
        of_content.entry(content).or_default().insert(path);
    }
    let mut named = HashMap::new();
    for (contents, sources) in naming {
        for path in contents.iter().filter_map(|content| of_content.get(content)).flatten() {
            let file = log.path(*path);
            let folder = file.parent().unwrap_or(Path::new(""));
            let found = sources.iter().filter_map(|source| {
                Some((*numbers.get(&plain(&folder.join(&source.path)))?, source.clone()))
            });
            named.extend(found);
        }
    }
    named
}
