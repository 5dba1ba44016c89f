//! A statement about a remote, how it is asked of both sides, and the table of what they answered.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::Value;

use crate::json::differences;

/// How long a statement may take; one that waits for ever has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a side was seen to answer, to be compared with the other.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Vec<Value>>);

impl Seen {
    pub(crate) fn note(&self, value: Value) {
        self.0.lock().unwrap().push(value);
    }

    fn take(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The sandbox's server, or the real one.
pub(crate) trait Side: Send + Sync + 'static {
    fn seen(&self) -> &Seen;
    /// Its version, for the table's heading.
    fn version(&self) -> String;
}

/// Where a statement can be asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Both,
    /// Of one side only, and why.
    Sandbox(&'static str),
    Rig(&'static str),
}

/// A sentence about a remote.
pub(crate) struct Statement<S> {
    pub(crate) says: &'static str,
    pub(crate) asked: Asked,
    pub(crate) test: fn(Arc<S>) -> BoxFuture<'static, ()>,
}

/// Sentences and the functions that ask them; `Sandbox` or `Rig` with a reason where only one side can answer.
macro_rules! sentences {
    ($($says:literal => $test:path $([$place:ident: $why:literal])?),+ $(,)?) => {
        vec![$($crate::statement::Statement {
            says: $says,
            asked: sentences!(@asked $($place $why)?),
            test: |side| Box::pin($test(side)),
        }),+]
    };
    (@asked) => { $crate::statement::Asked::Both };
    (@asked $place:ident $why:literal) => { $crate::statement::Asked::$place($why) };
}
pub(crate) use sentences;

/// What one side answered: everything that was seen, or why the statement does not hold.
type Answer = Result<Vec<Value>, String>;

async fn ask<S: Side>(statement: &Statement<S>, side: &Arc<S>) -> Answer {
    side.seen().take();
    let test = (statement.test)(Arc::clone(side));
    match tokio::spawn(tokio::time::timeout(PATIENCE, test)).await {
        Ok(Ok(())) => Ok(side.seen().take()),
        Ok(Err(_)) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        Err(error) => {
            let panic = error.into_panic();
            let words = panic.downcast_ref::<String>().cloned();
            Err(words.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.into())).unwrap_or_default())
        }
    }
}

/// Asks the sandbox everything that it can be asked.
pub(crate) async fn hold<S: Side>(statements: &[Statement<S>], side: S) {
    let side = Arc::new(side);
    let mut failed = Vec::new();
    for statement in statements.iter().filter(|one| !matches!(one.asked, Asked::Rig(_))) {
        if let Err(why) = ask(statement, &side).await {
            failed.push(format!("{}: {why}", statement.says));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

struct Row {
    says: &'static str,
    cells: [String; 2],
    differences: Vec<String>,
}

/// The statements with the answers of both sides.
#[derive(Default)]
pub(crate) struct Table(Vec<(String, Vec<Row>)>);

impl Table {
    /// Asks both sides, one statement after the other.
    pub(crate) async fn compare<S: Side>(&mut self, remote: &str, all: &[Statement<S>], sandbox: S, rig: S) {
        let title = format!("{remote} ({} | {})", sandbox.version(), rig.version());
        let (sandbox, rig) = (Arc::new(sandbox), Arc::new(rig));
        let mut rows = Vec::new();
        for one in all {
            rows.push(match one.asked {
                Asked::Both => both(one, &ask(one, &sandbox).await, &ask(one, &rig).await),
                Asked::Sandbox(why) => alone(one, 0, why, ask(one, &sandbox).await),
                Asked::Rig(why) => alone(one, 1, why, ask(one, &rig).await),
            });
        }
        self.0.push((title, rows));
    }

    /// Every statement that does not hold, or is answered differently.
    pub(crate) fn differences(&self) -> Vec<String> {
        let rows = self.0.iter().flat_map(|(_, rows)| rows);
        let told = |row: &Row| format!("{}\n    {}", row.says, row.differences.join("\n    "));
        rows.filter(|row| !row.differences.is_empty()).map(told).collect()
    }
}

fn both<S>(statement: &Statement<S>, sandbox: &Answer, rig: &Answer) -> Row {
    let cell = |answer: &Answer| answer.as_ref().map_or("no".to_owned(), |seen| yes(seen.len()));
    let mut cells = [cell(sandbox), cell(rig)];
    let mut found = Vec::new();
    for (name, answer) in [("sandbox", sandbox), ("rig", rig)] {
        found.extend(answer.as_ref().err().map(|why| format!("{name}: {why}")));
    }
    if let (Ok(one), Ok(other)) = (sandbox, rig) {
        found = differences(&Value::from(one.clone()), &Value::from(other.clone()));
        if !found.is_empty() {
            "differs".clone_into(&mut cells[0]);
            let asked =
                |found: &String| found.split('/').nth(1).and_then(|number| number.parse::<usize>().ok());
            let first = found.first().and_then(asked).and_then(|number| other.get(number));
            found.insert(0, first.map_or_else(String::new, |seen| seen["asked"].to_string()));
        }
    }
    Row { says: statement.says, cells, differences: found }
}

fn alone<S>(statement: &Statement<S>, place: usize, why: &str, answer: Answer) -> Row {
    let mut cells = [format!("– ({why})"), format!("– ({why})")];
    cells[place] = answer.as_ref().map_or("no".to_owned(), |seen| yes(seen.len()));
    Row { says: statement.says, cells, differences: answer.err().into_iter().collect() }
}

/// With how many answers were compared word by word, beside what the statement itself asserts.
fn yes(compared: usize) -> String {
    if compared == 0 { "yes".into() } else { format!("yes ({compared})") }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (title, rows) in &self.0 {
            writeln!(f, "\n{title}\n\n| statement | sandbox | rig |\n| --- | --- | --- |")?;
            for Row { says, cells: [sandbox, rig], .. } in rows {
                writeln!(f, "| {says} | {sandbox} | {rig} |")?;
            }
        }
        let rows = self.0.iter().map(|(_, rows)| rows.len()).sum::<usize>();
        write!(f, "\n{rows} statements, {} differences", self.differences().len())
    }
}
