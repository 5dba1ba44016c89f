//! `docs/places.md`: what this binary says of each sample, and gitleaks and kingfisher of the same files.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;

use sealstrap::scan::place::{BENIGN, LEAKS, Place, Sample};
use serde_json::Value;
use tempfile::TempDir;

use crate::repository::{Repository, ended};
use crate::rig;

/// What makes the document anew.
const COMMAND: &str = "SNAPSHOTS=overwrite cargo test --test scan places -- --ignored";
const KINGFISHER: &str = "2.14.0";
/// The pin of gitleaks.
const PIN: &str = include_str!("../rig/peers/gitleaks/go.mod");
/// The rule of both peers that tells a Secret once, whatever it holds.
const WHOLE_SECRET: &str = "kubernetes-secret-yaml";

const ABOUT: &str = "\
# Places where secrets lie, by example

Every place where a secret may lie in clear, and every kind of value that looks like one and is none, each by a document
of the list in `src/scan/place`. Beside what sealstrap says of it stands what gitleaks GITLEAKS and kingfisher KINGFISHER
say of the same file: each ran once over all files, with the rules and defaults that it comes with; kingfisher asked no
issuer whether a credential is valid, and told each occurrence (`--no-validate --no-dedup`).

Made by `COMMAND`.
A test that needs no peer holds it to the list and to what the binary says.
";

const COUNTING: &str = "\
A secret is found where a finding has a line in common with it; a document may hold several, and in a Secret the name of
a user is one. The rule `WHOLE_SECRET`, which both peers have, tells a Secret once, from its `kind` to its
first key: it counts for all that the file holds. Findings beside the secrets of a document are not counted. Where there
is no secret, anything that is found is a false alarm. sealstrap's notes refuse nothing, and are no findings. Many values
are short words, as people write them: a program that goes by randomness passes over those, and finds more where values
are random.
";

/// All samples: those with secrets by their places, then the others.
fn samples() -> Vec<(Option<Place>, &'static Sample)> {
    let at = |place| LEAKS.iter().filter(move |(other, _)| *other == place);
    let leaks = Place::ALL.into_iter().flat_map(at).map(|(place, sample)| (Some(*place), sample));
    leaks.chain(BENIGN.iter().map(|sample| (None, sample))).collect()
}

/// Something that a program tells of a sample.
struct Finding {
    /// The number of the sample: its file lies in a folder of that name.
    sample: usize,
    rule: String,
    lines: RangeInclusive<usize>,
}

impl Finding {
    fn new(path: &Value, rule: &Value, first: &Value, last: &Value) -> Self {
        let line = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        let mut parts = path.as_str().unwrap().split('/');
        Self {
            sample: parts.find_map(|part| part.parse().ok()).unwrap(),
            rule: rule.as_str().unwrap().to_owned(),
            lines: line(first)..=line(last),
        }
    }

    fn is_of(&self, secret: &RangeInclusive<usize>) -> bool {
        let meets = self.lines.start() <= secret.end() && secret.start() <= self.lines.end();
        meets || self.rule.ends_with(WHOLE_SECRET)
    }
}

/// The files of all samples.
struct Files(Repository);

impl Files {
    fn write() -> Self {
        let folder = Repository::without_git();
        for (number, (_, sample)) in samples().into_iter().enumerate() {
            folder.write(Path::new(&number.to_string()).join(sample.file), sample.document());
        }
        Self(folder)
    }

    fn sealstrap(&self) -> Vec<Finding> {
        let leaks = self.0.sealstrap(&["scan", "--json"]).with_code(1).events("leak");
        let findings = leaks.iter().filter(|leak| leak["severity"] != "note").map(|leak| {
            // A text of whole lines ends where the next one begins.
            let last = leak["endLine"].as_u64().unwrap() - u64::from(leak["endColumn"] == 1);
            Finding::new(&leak["file"], &leak["rule"], &leak["line"], &Value::from(last))
        });
        findings.collect()
    }

    fn gitleaks(&self) -> Vec<Finding> {
        let mut gitleaks = self.0.command(rig::bin("gitleaks"), "");
        gitleaks.args(["dir", ".", "--no-banner", "--exit-code=0", "--report-format=json"]);
        let told: Vec<Value> =
            serde_json::from_str(&ended(gitleaks.arg("--report-path=-")).with_code(0).stdout).unwrap();
        let finding =
            |told: &Value| Finding::new(&told["File"], &told["RuleID"], &told["StartLine"], &told["EndLine"]);
        told.iter().map(finding).collect()
    }

    fn kingfisher(&self) -> Vec<Finding> {
        let mut kingfisher = self.0.command("python3", "");
        kingfisher.env("PYTHONPATH", install_kingfisher()).args(["-m", "kingfisher", "scan", "."]);
        kingfisher.args(["--format=json", "--no-dedup", "--no-validate", "--no-update-check"]);
        let ended = ended(kingfisher.arg("--no-rule-cache"));
        assert!(matches!(ended.code, 0 | 200), "{ended:?}");
        // Behind the findings it tells how many there are.
        let told = serde_json::Deserializer::from_str(&ended.stdout).into_iter::<Value>().next();
        let finding = |told: &Value| {
            let (rule, told) = (&told["rule"]["id"], &told["finding"]);
            Finding::new(&told["path"], rule, &told["line"], &told["line"])
        };
        told.unwrap().unwrap()["findings"].as_array().unwrap().iter().map(finding).collect()
    }
}

/// kingfisher from `PyPI`, in the rig's cache.
fn install_kingfisher() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("sealstrap-rig/pip");
    let folder = cache.join(format!("kingfisher-bin-{KINGFISHER}"));
    if !folder.exists() {
        std::fs::create_dir_all(&cache).unwrap();
        // An installation that is interrupted leaves nothing that looks like a whole one.
        let beside = TempDir::new_in(&cache).unwrap();
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
            .arg(beside.path().join("whole"));
        ended(pip.arg(format!("kingfisher-bin=={KINGFISHER}"))).with_code(0);
        std::fs::rename(beside.path().join("whole"), &folder).unwrap();
    }
    folder
}

/// A sample, and who finds what in it.
struct Row {
    place: Option<Place>,
    sample: &'static Sample,
    /// The lines that sealstrap tells.
    told: Vec<usize>,
    /// How many of the secrets gitleaks and kingfisher find; 1 where they find something in a sample without any.
    peers: [usize; 2],
}

impl Row {
    /// How many of the secrets sealstrap finds, and the peers.
    fn found(&self) -> [usize; 3] {
        let ours = match self.place {
            Some(_) => self.sample.lines.iter().filter(|line| self.told.contains(line)).count(),
            None => usize::from(!self.told.is_empty()),
        };
        [ours, self.peers[0], self.peers[1]]
    }

    fn ours(&self) -> String {
        let lines: Vec<String> = self.told.iter().map(ToString::to_string).collect();
        match (&lines[..], self.place) {
            ([], Some(_)) => "missed".into(),
            ([], None) => "silent".into(),
            ([line], _) => format!("line {line}"),
            (lines, _) => format!("lines {}", lines.join(", ")),
        }
    }

    fn peer(&self, found: usize) -> String {
        let all = self.sample.lines.len();
        match (self.place, found) {
            (None, 0) => "silent".into(),
            (None, _) => "false alarm".into(),
            (Some(_), 0) => "missed".into(),
            (Some(_), _) if found == all => "found".into(),
            (Some(_), _) => format!("{found} of {all}"),
        }
    }

    /// The row of the table. What it shows is at its beginning.
    fn text(&self) -> String {
        let [gitleaks, kingfisher] = self.peers.map(|found| self.peer(found));
        format!("| {} | {} | {gitleaks} | {kingfisher} |", self.sample.what, self.ours())
    }
}

fn rows(ours: &[Finding], peers: &[[usize; 2]]) -> Vec<Row> {
    let row = |(number, (place, sample))| {
        let own = ours.iter().filter(|finding| finding.sample == number);
        let told = own.map(|finding| *finding.lines.start()).collect();
        Row { place, sample, told, peers: peers.get(number).copied().unwrap_or_default() }
    };
    samples().into_iter().enumerate().map(row).collect()
}

/// How many of each sample's secrets a program finds. How long they are is known from ours.
fn found_by(theirs: &[Finding], ours: &[Finding]) -> Vec<usize> {
    let samples = samples();
    let found = |(number, (place, sample)): (usize, &(Option<Place>, &Sample))| {
        let theirs = || theirs.iter().filter(|finding| finding.sample == number);
        let is_found = |line: &&usize| {
            let whole = ours.iter().find(|ours| ours.sample == number && ours.lines.start() == *line);
            let secret = whole.map_or(**line..=**line, |finding| finding.lines.clone());
            theirs().any(|finding| finding.is_of(&secret))
        };
        match place {
            Some(_) => sample.lines.iter().filter(is_found).count(),
            None => usize::from(theirs().next().is_some()),
        }
    };
    samples.iter().enumerate().map(found).collect()
}

/// What the committed document says of the peers, row by row.
fn committed_peers(document: &str) -> Vec<[usize; 2]> {
    let (_, tables) = document.split_once("\n## ").unwrap_or_default();
    let rows = tables.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what |"));
    let rows = rows.filter(|line| !line.starts_with("| ---"));
    let peers = rows.zip(samples()).map(|(row, (_, sample))| {
        let found = |cell: &str| match cell {
            "found" => sample.lines.len(),
            "false alarm" => 1,
            some => some.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0),
        };
        let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").collect();
        [2, 3].map(|cell| cells.get(cell).map_or(0, |cell| found(cell)))
    });
    peers.collect()
}

/// The version that a line of the pins gives.
fn gitleaks_version() -> &'static str {
    let pin = PIN.lines().find_map(|line| line.split_once("gitleaks/v8 v"));
    pin.unwrap().1.split(' ').next().unwrap()
}

fn document(rows: &[Row]) -> String {
    let gitleaks = gitleaks_version();
    let fill = |text: &str| {
        let text = text.replace("GITLEAKS", gitleaks).replace("KINGFISHER", KINGFISHER);
        text.replace("COMMAND", COMMAND).replace("WHOLE_SECRET", WHOLE_SECRET)
    };
    let names = format!("sealstrap | gitleaks {gitleaks} | kingfisher {KINGFISHER}");
    let mut text = fill(ABOUT) + &totals(rows, &names) + "\n" + &fill(COUNTING);
    let groups: BTreeSet<Option<Place>> = rows.iter().map(|row| row.place).collect();
    let (silent, places): (Vec<_>, Vec<_>) = groups.into_iter().partition(Option::is_none);
    for place in places.into_iter().chain(silent) {
        let title = place.map_or("Silent".into(), |place| format!("`{}`: {}", place.rule(), place.summary()));
        write!(text, "\n## {title}\n\n| what | {names} |\n| --- | --- | --- | --- |\n").unwrap();
        for row in rows.iter().filter(|row| row.place == place) {
            writeln!(text, "{}", row.text()).unwrap();
        }
    }
    text
}

fn totals(rows: &[Row], names: &str) -> String {
    let (leaks, silent): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.place.is_some());
    let secrets: usize = leaks.iter().map(|row| row.sample.lines.len()).sum();
    let line = |what: String, rows: &[&Row], count: fn(usize) -> usize| {
        let all = [0, 1, 2].map(|who| rows.iter().map(|row| count(row.found()[who])).sum::<usize>());
        format!("| {what} | {} | {} | {} |\n", all[0], all[1], all[2])
    };
    let once = |found| usize::from(found > 0);
    format!("\n| | {names} |\n| --- | --- | --- | --- |\n")
        + &line(format!("secrets found, of {secrets}"), &leaks, |found| found)
        + &line(format!("documents in which one is found, of {}", leaks.len()), &leaks, once)
        + &line(format!("documents without one and with a false alarm, of {}", silent.len()), &silent, once)
}

/// Holds the committed document to one that was made.
#[track_caller]
fn hold(committed: &str, made: &str) {
    let mut lines = committed.lines().chain([""]).zip(made.lines().chain([""]));
    let other = lines.find(|(committed, made)| committed != made);
    assert!(committed == made, "docs/places.md is another: {other:?}; write it anew with `{COMMAND}`");
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/places.md")
}

#[test]
fn the_document_is_made_of_the_samples_and_of_what_the_binary_says_of_them() {
    let ours = Files::write().sealstrap();
    let committed = std::fs::read_to_string(path()).unwrap_or_default();
    hold(&committed, &document(&rows(&ours, &committed_peers(&committed))));
}

#[test]
fn the_binary_finds_each_secret_of_the_samples_and_nothing_else() {
    let wrong = rows(&Files::write().sealstrap(), &[]).into_iter().filter(|row| row.told != row.sample.lines);
    let wrong: Vec<String> = wrong.map(|row| row.text()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[ignore = "needs the rig: tests/rig/build, and pip"]
fn the_document_says_what_the_peers_say() {
    let files = Files::write();
    let ours = files.sealstrap();
    let [gitleaks, kingfisher] =
        [files.gitleaks(), files.kingfisher()].map(|theirs| found_by(&theirs, &ours));
    let peers: Vec<[usize; 2]> = gitleaks.into_iter().zip(kingfisher).map(<[usize; 2]>::from).collect();
    let made = document(&rows(&ours, &peers));
    if std::env::var("SNAPSHOTS").is_ok_and(|word| word == "overwrite") {
        std::fs::write(path(), &made).unwrap();
    }
    hold(&std::fs::read_to_string(path()).unwrap_or_default(), &made);
}
