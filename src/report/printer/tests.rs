//! Recorded events, and the exact text that tells them.

use snapbox::{IntoData, assert_data_eq, str};

use super::recorded::texts;
use super::{Manner, Printer};
use crate::report::{Change, Event, Kind, Outcome, Problem, Verb};

fn planned(task: &str, changes: Vec<Change>, after: &[&str]) -> Event {
    Event::TaskPlanned {
        task: format!("k8s:bootstrap:{task}"),
        summary: String::new(),
        changes,
        after: after.iter().map(|name| format!("k8s:bootstrap:{name}")).collect(),
    }
}

fn started(plan_only: bool) -> Event {
    Event::RunStarted { runbook: "flux-vault".into(), cluster: "home".into(), tasks: 4, plan_only }
}

fn finished(task: &str, outcome: Outcome) -> Event {
    Event::TaskFinished { task: format!("k8s:bootstrap:{task}"), outcome, millis: 310 }
}

fn waiting(reason: &str, seconds: u64) -> Event {
    let task = "k8s:bootstrap:helmfile".into();
    Event::Waiting { task, object: "Deployment `flux-system/flux`".into(), reason: reason.into(), seconds }
}

fn a_plan(printer: &Printer) {
    let secret = Change::new(Verb::Update, "Secret `kube-system/vault-token`").with("token").with("labels");
    let events = [
        started(true),
        planned("create-namespaces", Vec::new(), &[]),
        planned("create-vault-token-secret", vec![secret], &[]),
        planned(
            "add-github-deploy-key",
            vec![Change::new(Verb::Replace, "deploy key `sealstrap home` at GitHub")],
            &["generate-deploy-key"],
        ),
        planned(
            "helmfile",
            vec![Change::new(Verb::Run, "helmfile"), Change::new(Verb::Wait, "Deployment `flux`")],
            &[],
        ),
        Event::RunFinished { held: 1, changed: 3, changes: 4, millis: 420, plan_only: true },
    ];
    for event in &events {
        printer.event(event);
    }
}

fn a_run(printer: &Printer) {
    let changed = |task: &str, change| Event::Changed { task: format!("k8s:bootstrap:{task}"), change };
    let namespace = |name: &str| Change::new(Verb::Create, format!("Namespace `{name}`"));
    let events = [
        started(false),
        Event::TaskStarted { task: "k8s:bootstrap:create-namespaces".into() },
        changed("create-namespaces", namespace("flux-system")),
        changed("create-namespaces", namespace("network")),
        finished("create-namespaces", Outcome::Changed),
        finished("store-cf-api-token", Outcome::Held),
        waiting("0 of 1 ready", 2),
        waiting("0 of 1 ready", 4),
        waiting("ImagePullBackOff: no such image", 6),
        finished("helmfile", Outcome::Failed),
        finished("apply-external-secrets-config", Outcome::NotReached),
        Event::RunFinished { held: 9, changed: 3, changes: 5, millis: 2140, plan_only: false },
    ];
    for event in &events {
        printer.event(event);
    }
}

#[test]
fn a_plan_is_data_and_its_frame_is_talk() {
    let (out, talk) = texts(Manner::default(), a_plan);
    assert_data_eq!(
        out,
        str![[r#"
✔ create-namespaces              already so
► create-vault-token-secret      1 change
    ~ update Secret `kube-system/vault-token` (token, labels)
► add-github-deploy-key          1 change
    ± will replace deploy key `sealstrap home` at GitHub, once generate-deploy-key has run
► helmfile                       2 changes
    ▶ run helmfile
    … wait for Deployment `flux`

"#]]
    );
    assert_data_eq!(
        talk,
        str![[r#"
► flux-vault on home: looking at 4 tasks
4 tasks: 1 already so, 3 to change (4 changes) in 0.4 s

"#]]
    );
}

#[test]
fn a_run_is_one_line_a_task() {
    let (out, talk) = texts(Manner::default(), a_run);
    assert_eq!(out, "");
    assert_data_eq!(
        talk,
        str![[r#"
► flux-vault on home: changing what differs
✔ create-namespaces              created Namespace `flux-system`, `network` in 0.3 s
✔ store-cf-api-token             already so
◎ waiting for Deployment `flux-system/flux`: 0 of 1 ready
◎ waiting for Deployment `flux-system/flux`: ImagePullBackOff: no such image
✗ helmfile                       failed
- apply-external-secrets-config  not reached
12 tasks: 9 already so, 3 changed (5 changes) in 2.1 s

"#]]
    );
}

#[test]
fn quiet_keeps_warnings_and_data() {
    let (out, talk) = texts(Manner { quiet: true, ..Manner::default() }, |printer| {
        a_run(printer);
        printer.event(&Event::Warning { message: "the token is a root token".into() });
        printer.event(&planned("create-namespaces", Vec::new(), &[]));
    });
    assert_data_eq!(
        out,
        str![[r#"
✔ create-namespaces              already so

"#]]
    );
    assert_data_eq!(
        talk,
        str![[r#"
warning: the token is a root token

"#]]
    );
}

#[test]
fn verbose_tells_beginnings() {
    let (_, talk) = texts(Manner { verbose: true, ..Manner::default() }, |printer| {
        printer.event(&Event::TaskStarted { task: "k8s:bootstrap:helmfile".into() });
    });
    assert_eq!(talk, "► helmfile\n");
}

#[test]
fn nothing_to_change_is_said() {
    let (_, talk) = texts(Manner::default(), |printer| {
        printer.event(&Event::RunFinished { held: 1, changed: 0, changes: 0, millis: 50, plan_only: true });
    });
    assert_eq!(talk, "1 task: all already so, nothing to change, in 0.0 s\n");
}

#[test]
fn json_is_one_event_a_line_and_no_talk() {
    let (out, talk) = texts(Manner { json: true, ..Manner::default() }, |printer| {
        a_plan(printer);
        printer.talk("not said");
    });
    assert_eq!(talk, "");
    assert_data_eq!(
        out,
        str![[r#"
{"event":"runStarted","runbook":"flux-vault","cluster":"home","tasks":4,"planOnly":true}
{"event":"taskPlanned","task":"k8s:bootstrap:create-namespaces","summary":"","changes":[]}
{"event":"taskPlanned","task":"k8s:bootstrap:create-vault-token-secret","summary":"","changes":[{"verb":"update","object":"Secret `kube-system/vault-token`","details":["token","labels"]}]}
{"event":"taskPlanned","task":"k8s:bootstrap:add-github-deploy-key","summary":"","changes":[{"verb":"replace","object":"deploy key `sealstrap home` at GitHub"}],"after":["k8s:bootstrap:generate-deploy-key"]}
{"event":"taskPlanned","task":"k8s:bootstrap:helmfile","summary":"","changes":[{"verb":"run","object":"helmfile"},{"verb":"wait","object":"Deployment `flux`"}]}
{"event":"runFinished","held":1,"changed":3,"changes":4,"millis":420,"planOnly":true}

"#]].raw()
    );
}

#[test]
fn checks_show_what_is_not_sound_and_what_helps() {
    let check = |check: &str, sound, detail: &str, hint: Option<&str>| Event::Checked {
        check: check.into(),
        sound,
        detail: detail.into(),
        hint: hint.map(Into::into),
    };
    let (out, _) = texts(Manner::default(), |printer| {
        printer.event(&check("deploy key", true, "the same in Vault, cluster and GitHub", None));
        printer.event(&check("vault token", false, "expires in 3 h", Some("run create-vault-token-secret")));
    });
    assert_data_eq!(
        out,
        str![[r#"
✔ deploy key                     the same in Vault, cluster and GitHub
✗ vault token                    not sound: expires in 3 h
                                 hint: run create-vault-token-secret

"#]]
    );
}

#[test]
fn a_rehearsal_has_headings_names_and_a_count() {
    let (out, talk) = texts(Manner::default(), |printer| {
        printer.event(&Event::Section { title: "What exists now".into() });
        printer.event(&Event::Exists { object: "Namespace `network`".into() });
        printer.event(&Event::Counted { writes: 0 });
        printer.event(&Event::Written { file: "sealstrap.yaml".into() });
    });
    assert_eq!(out, "  Namespace `network`\n");
    assert_data_eq!(
        talk,
        str![[r#"

== What exists now
✔ the second run made 0 writes
✔ wrote sealstrap.yaml

"#]]
    );
}

#[test]
fn a_list_marks_what_is_the_users_own() {
    let (out, _) = texts(Manner::default(), |printer| {
        for (kind, name, own) in [(Kind::Runbook, "flux-vault", false), (Kind::Task, "net:up", true)] {
            printer.event(&Event::Listed { kind, name: name.into(), summary: "One line".into(), own });
        }
    });
    assert_data_eq!(
        out,
        str![[r#"
runbook flux-vault                                   One line
task    net:up                                       One line (yours)

"#]]
    );
}

#[test]
fn the_environment_survives_a_shell() {
    let (out, _) = texts(Manner::default(), |printer| {
        let environment = [("KUBECONFIG".to_owned(), "/tmp/it's here".to_owned())].into();
        printer.event(&Event::Serving { environment });
    });
    assert_eq!(out, "export KUBECONFIG='/tmp/it'\\''s here'\n");
}

fn two_problems() -> Problem {
    let first = Problem {
        error: "cannot read `sys/mounts` in Vault".into(),
        causes: vec!["403 permission denied".into()],
        hint: Some("the token needs \"read\" on this path".into()),
        ..Problem::default()
    };
    let second = Problem { error: "the cluster cannot be reached".into(), ..Problem::default() };
    Problem {
        error: "2 problems before the first write".into(),
        parts: vec![first, second],
        ..Problem::default()
    }
}

#[test]
fn several_problems_are_a_numbered_list() {
    let (out, talk) = texts(Manner::default(), |printer| printer.failed(two_problems(), 2));
    assert_eq!(out, "");
    assert_data_eq!(
        talk,
        str![[r#"
error: 2 problems before the first write
  1. cannot read `sys/mounts` in Vault
     cause: 403 permission denied
     hint: the token needs "read" on this path
  2. the cluster cannot be reached

"#]]
    );
}

#[test]
fn in_json_the_error_is_also_the_last_event() {
    let (out, talk) =
        texts(Manner { json: true, ..Manner::default() }, |printer| printer.failed(two_problems(), 2));
    assert!(talk.starts_with("error: 2 problems before the first write\n"));
    assert_data_eq!(
        out,
        str![[r#"
{"event":"failed","problem":{"error":"2 problems before the first write","parts":[{"error":"cannot read `sys/mounts` in Vault","causes":["403 permission denied"],"hint":"the token needs \"read\" on this path"},{"error":"the cluster cannot be reached"}]},"exitCode":2}

"#]].raw()
    );
}

#[test]
fn an_error_shows_the_place_then_the_cause_then_the_cure() {
    let problem = Problem {
        error: "sealstrap.yaml:2:3: unknown field `nmae`".into(),
        snippet: Some("2 |   nmae: home\n  |   ^^^^\n".into()),
        causes: vec!["allowed are:\ncontext, name".into()],
        hint: Some("did you mean `name`?".into()),
        parts: Vec::new(),
    };
    let (_, talk) = texts(Manner::default(), |printer| printer.failed(problem, 2));
    assert_data_eq!(
        talk,
        str![[r#"
error: sealstrap.yaml:2:3: unknown field `nmae`
2 |   nmae: home
  |   ^^^^
cause: allowed are:
       context, name
hint: did you mean `name`?

"#]]
    );
}

#[test]
fn a_full_disk_is_a_failure_and_a_reader_gone_is_none() {
    use crate::report::progress::Progress;
    use std::io::{self, ErrorKind, Write};

    struct Broken(ErrorKind);
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let after = |kind| {
        let printer = Printer::onto(
            Manner::default(),
            Box::new(Broken(kind)),
            Box::new(io::sink()),
            Progress::new(false),
        );
        printer.data("text");
        printer.close().map_err(|error| error.kind())
    };
    assert_eq!(after(ErrorKind::StorageFull), Err(ErrorKind::StorageFull));
    assert_eq!(after(ErrorKind::BrokenPipe), Ok(()));
}
