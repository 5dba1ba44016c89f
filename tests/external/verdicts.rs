//! What the operator makes of a manifest. Each file in `cases/` says in its first line whether it is taken, or which rules
//! refuse it; `external check` says the same, and so does the real API server with the operator's webhook behind it.
//!
//! A second line says where an operator of 0.19, which is the rig's, judges otherwise, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sealstrap::external::check::{self, Around, By, Rule};
use sealstrap::seal::verify::Severity;
use sealstrap::yaml;
use serde_json::Value;

use crate::on_the_rig::path;
use crate::rig;
use crate::rig::kubernetes::Kubernetes;
use crate::rig::webhook::Webhook;
use crate::support;

/// The operator of the rig.
const OPERATOR: &str = "0.19";

struct Case {
    name: String,
    text: String,
    /// The rules by which it is refused; none where it is taken.
    rules: BTreeSet<String>,
    /// What the rig's operator makes of it instead, and why.
    otherwise: Option<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/external/cases")
}

fn cases() -> Vec<Case> {
    let files = std::fs::read_dir(folder()).unwrap();
    let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| case(file)).collect()
}

fn case(file: &Path) -> Case {
    let (name, text) =
        (file.file_stem().unwrap().display().to_string(), std::fs::read_to_string(file).unwrap());
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let rules = match first.strip_prefix("# refused: ") {
        Some(rules) => rules.split(", ").map(str::to_owned).collect(),
        None if first == "# taken" => BTreeSet::new(),
        None => panic!("{name}: the first line is `# taken` or `# refused: RULE`, not `{first}`"),
    };
    let second = lines.next().and_then(|line| line.strip_prefix(&format!("# {OPERATOR} ")));
    let otherwise = second.map(str::to_owned);
    Case { name, text, rules, otherwise }
}

/// Whose refusal a rule is, if it is one.
fn refuser(word: &str) -> Option<By> {
    let rule = Rule::ALL.iter().find(|rule| rule.word() == word)?;
    (rule.severity() == Severity::Error && rule.by() != By::Nobody).then(|| rule.by())
}

#[test]
fn the_offline_check_says_of_each_case_what_its_first_line_says() {
    let all = cases();
    assert!(all.len() > 100, "{} cases", all.len());
    let mut wrong = Vec::new();
    for Case { name, text, rules, .. } in all {
        let document = yaml::each(Path::new("case.yaml"), &text).unwrap().remove(0);
        let findings = check::object(&document, &Around::default()).unwrap().findings;
        let found = findings.iter().map(|finding| finding.rule.word());
        let refused: BTreeSet<String> =
            found.filter(|word| refuser(word).is_some()).map(str::to_owned).collect();
        if refused != rules {
            wrong.push(format!("{name}: {refused:?} and not {rules:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A verdict: by whom it is refused, if it is.
type Verdict = Option<By>;

/// What `external check` says of each file, for the rig's operator. The API server judges first.
async fn checked() -> BTreeMap<String, Verdict> {
    let mut command = tokio::process::Command::new(support::binary());
    command.args(["external", "check", "--json", "--operator", OPERATOR]).arg(folder());
    let told = support::ended(command.output().await.unwrap());
    let mut verdicts: BTreeMap<String, Verdict> = BTreeMap::new();
    for event in told.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let Some(by) = event["rule"].as_str().and_then(refuser) else { continue };
        let name = Path::new(event["file"].as_str().unwrap()).file_stem().unwrap().display().to_string();
        let verdict = verdicts.entry(name).or_default();
        if *verdict != Some(By::Schema) {
            *verdict = Some(by);
        }
    }
    assert!(told.stdout.contains("\"examined\""), "{}", told.all());
    verdicts
}

async fn judged(kubernetes: &Kubernetes, case: &Case) -> (Verdict, String) {
    let object = yaml::documents(Path::new("case.yaml"), &case.text).unwrap().remove(0);
    match kubernetes.dry_run(&path(&object), &case.text).await {
        Ok(_) => (None, String::new()),
        Err(told) if told.contains("admission webhook") => (Some(By::Webhook), told),
        Err(told) => (Some(By::Schema), told),
    }
}

fn in_words(verdict: Verdict) -> &'static str {
    match verdict {
        None => "takes it",
        Some(By::Schema) => "refuses it by its schema",
        Some(By::Webhook | By::Nobody | By::Online) => "refuses it by its webhook",
    }
}

/// A real API server with the operator's kinds and the namespace `shop`, and the operator's webhook behind it.
pub(super) async fn behind_the_webhook(dir: &Path) -> (Kubernetes, Webhook) {
    rig::install_tls();
    let kubernetes = Kubernetes::start(dir.join("kubernetes")).await;
    let module = "github.com/external-secrets/external-secrets";
    kubernetes.install_crds("external-secrets", module, "config/crds/bases").await;
    kubernetes.namespace("shop").await;
    let webhook = Webhook::start(&kubernetes, dir).await;
    (kubernetes, webhook)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn the_operators_own_webhook_judges_each_case_as_the_offline_check_does() {
    let dir = tempfile::tempdir().unwrap();
    let (kubernetes, _webhook) = behind_the_webhook(dir.path()).await;
    let (checked, mut wrong, mut webhook) = (checked().await, Vec::new(), 0);
    for case in cases() {
        let (real, told) = judged(&kubernetes, &case).await;
        webhook += usize::from(real == Some(By::Webhook));
        let ours = checked.get(&case.name).copied().flatten();
        let otherwise =
            case.otherwise.as_deref().and_then(|line| line.split_once(": ")).map(|(words, _)| words);
        if otherwise != (real != ours).then(|| in_words(real)) {
            let (real, ours) = (in_words(real), in_words(ours));
            wrong.push(format!("{}: the operator {real}, `external check` {ours}. {told}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} cases, {webhook} of them refused by the webhook", cases().len());
}

#[test]
fn the_manual_lists_each_difference() {
    let manual = include_str!("../../docs/external.md");
    for Case { name, otherwise, .. } in cases() {
        let Some((words, why)) = otherwise.as_deref().and_then(|line| line.split_once(": ")) else {
            continue;
        };
        assert!(manual.contains(&format!("| {words}: {why} |")), "{name}: {words}: {why}");
    }
}
