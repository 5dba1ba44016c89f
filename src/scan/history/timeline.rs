//! What became of each secret: since which commit it is in clear, and until which.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::Range;
use super::log::Log;
use crate::scan::git::{Error, Running};
use crate::scan::identity::{Identity, identity};
use crate::scan::{Finding, Level, Policy, Scanned};

/// A secret in a history.
#[derive(Debug)]
pub struct Past {
    /// The file that held it last.
    pub path: PathBuf,
    /// It, as it stands in the newest content that holds it.
    pub finding: Finding,
    /// The commit that brought it.
    pub first: Commit,
    /// The commit that took it away; none where the current commit still holds it.
    pub last: Option<Commit>,
}

/// A commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// Its name in hexadecimal digits.
    pub id: String,
    /// Name and address of its author.
    pub author: String,
    /// When it was made, in ISO 8601.
    pub date: String,
}

/// One secret, and the contents that hold it.
struct Group {
    path: PathBuf,
    finding: Finding,
    contents: HashSet<u32>,
}

/// The secrets that were found in contents, each once; of a range those that its commits brought. The contents come
/// newest first. Beside them how many are allowed where they stood.
pub(super) fn of(
    policy: &Policy,
    folder: &Path,
    log: &Log,
    range: &Range,
    scanned: Vec<(Vec<u32>, Scanned)>,
) -> Result<(Vec<Past>, usize), Error> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<Identity, usize> = HashMap::new();
    for (contents, scanned) in scanned {
        for finding in scanned.findings {
            let index = *known.entry(identity(&finding)).or_insert(groups.len());
            if index == groups.len() {
                groups.push(Group { path: log.path_of(contents[0]), finding, contents: HashSet::new() });
            }
            groups[index].contents.extend(&contents);
        }
    }
    if let Range::Revisions(_) = range {
        groups.retain(|group| is_brought(group, log));
    }
    let all = groups.len();
    if policy.tells_files_apart() {
        groups = weighed(policy, log, groups);
    }
    let allowed = all - groups.len();
    if groups.is_empty() {
        return Ok((Vec::new(), allowed));
    }
    let current = current(folder, log)?;
    let spans = spans(&groups, log, &current);
    let mut commits =
        commits(folder, log, spans.iter().flat_map(|(first, last)| [Some(*first), *last]).flatten())?;
    let mut commit = |number: u32| commits.entry(number).or_insert_with(|| named(log, number)).clone();
    let past = |(Group { path, finding, .. }, (first, last)): (Group, (u32, Option<u32>))| Past {
        path,
        finding,
        first: commit(first),
        last: last.map(&mut commit),
    };
    Ok((groups.into_iter().zip(spans).map(past).collect(), allowed))
}

/// The secrets that are not allowed in one of the files at least in which they stood, as that file has them told.
fn weighed(policy: &Policy, log: &Log, groups: Vec<Group>) -> Vec<Group> {
    let mut files: Vec<BTreeSet<u32>> = groups.iter().map(|_| BTreeSet::new()).collect();
    for change in &log.changes {
        for (group, files) in groups.iter().zip(&mut files) {
            if [change.old, change.new].into_iter().flatten().any(|content| group.contents.contains(&content))
            {
                files.insert(change.path);
            }
        }
    }
    let weigh = |(mut group, files): (Group, BTreeSet<u32>)| {
        let told = files.into_iter().filter_map(|number| {
            let path = log.path(number);
            let shown = policy.root().join(&path).to_string_lossy().into_owned();
            match policy.level(&shown, &group.finding) {
                _ if policy.excludes(&shown) => None,
                Some(Level::Off) => None,
                Some(Level::Told(severity)) => Some((severity, path)),
                None => Some((group.finding.severity, path)),
            }
        });
        // Of several files that have it told alike the newest stays.
        let worst = told.max_by_key(|(severity, path)| (*severity, *path == group.path))?;
        (group.finding.severity, group.path) = worst;
        Some(group)
    };
    groups.into_iter().zip(files).filter_map(weigh).collect()
}

fn named(log: &Log, number: u32) -> Commit {
    Commit { id: log.commit(number).to_owned(), ..Commit::default() }
}

/// Whether a commit brought a secret: none of its parents held it, in this file or in one whose name was changed. Where
/// a merge does not differ from a parent in a file, that parent held what is there.
fn is_brought(group: &Group, log: &Log) -> bool {
    let holds = |content: Option<u32>| content.is_some_and(|content| group.contents.contains(&content));
    log.changes.chunk_by(|one, other| one.commit == other.commit).any(|changes| {
        let parents = log.parents(changes[0].commit).max(1);
        let told = |path: u32| changes.iter().filter(|change| change.path == path).count();
        let new = changes.iter().filter(|change| holds(change.new));
        !changes.iter().any(|change| holds(change.old)) && { new }.any(|change| told(change.path) >= parents)
    })
}

/// For each secret the commit that brought it, and the one that took it away.
fn spans(groups: &[Group], log: &Log, current: &HashSet<u32>) -> Vec<(u32, Option<u32>)> {
    let mut of_content: HashMap<u32, Vec<usize>, foldhash::fast::RandomState> = HashMap::default();
    for (number, group) in groups.iter().enumerate() {
        group.contents.iter().for_each(|content| of_content.entry(*content).or_default().push(number));
    }
    let holding = |content: Option<u32>| content.and_then(|content| of_content.get(&content));
    let none = Vec::new();
    let mut seen = vec![Seen::default(); groups.len()];
    // Changes come newest first: of those that brought a secret the last one counts, of those that took it the first.
    for change in &log.changes {
        let (old, new) = (holding(change.old), holding(change.new));
        let (old, new) = (old.unwrap_or(&none), new.unwrap_or(&none));
        for number in new {
            seen[*number].held = Some(change.commit);
            if !old.contains(number) {
                seen[*number].brought = Some(change.commit);
            }
        }
        for number in old.iter().filter(|number| !new.contains(number)) {
            seen[*number].taken.get_or_insert(change.commit);
        }
    }
    let span = |(group, seen): (&Group, Seen)| {
        let is_there = group.contents.iter().any(|content| current.contains(content));
        (seen.brought.or(seen.held).unwrap_or(0), seen.taken.filter(|_| !is_there))
    };
    groups.iter().zip(seen).map(span).collect()
}

/// What the changes of a history say of a secret: commits by their numbers.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// The oldest that brought it.
    brought: Option<u32>,
    /// The oldest after which it was there.
    held: Option<u32>,
    /// The newest that took it away.
    taken: Option<u32>,
}

/// The contents of the current commit.
fn current(folder: &Path, log: &Log) -> Result<HashSet<u32>, Error> {
    let listed = match Running::start(folder, &["ls-tree", "-r", "-z", "--full-tree", "HEAD"])?.end() {
        Ok(listed) => listed,
        // There is no commit yet on this branch.
        Err(Error::Refused { .. }) => return Ok(HashSet::new()),
        Err(error) => return Err(error),
    };
    let ids = listed.split(|byte| *byte == 0).filter_map(|line| {
        let head = line.split(|byte| *byte == b'\t').next()?;
        std::str::from_utf8(head.rsplit(|byte| *byte == b' ').next()?).ok()
    });
    Ok(ids.filter_map(|id| log.number(id)).collect())
}

/// Authors and dates of commits.
fn commits(
    folder: &Path,
    log: &Log,
    numbers: impl Iterator<Item = u32>,
) -> Result<HashMap<u32, Commit>, Error> {
    /// Names in one command line.
    const AT_ONCE: usize = 500;
    let numbers: Vec<u32> = numbers.collect::<HashSet<_>>().into_iter().collect();
    let mut all = HashMap::new();
    for part in numbers.chunks(AT_ONCE) {
        let mut words =
            vec!["show", "--no-patch", "--no-show-signature", "-z", "--format=%H%n%an <%ae>%n%aI"];
        words.extend(part.iter().map(|number| log.commit(*number)));
        let said = Running::start(folder, &words)?.end()?;
        let by_id: HashMap<String, Commit> = String::from_utf8_lossy(&said)
            .split('\0')
            .filter_map(|record| {
                let mut lines = record.trim_start().lines().map(str::to_owned);
                let (id, author, date) = (lines.next()?, lines.next()?, lines.next()?);
                Some((id.clone(), Commit { id, author, date }))
            })
            .collect();
        let found = part.iter().filter_map(|number| Some((*number, by_id.get(log.commit(*number))?.clone())));
        all.extend(found);
    }
    Ok(all)
}
