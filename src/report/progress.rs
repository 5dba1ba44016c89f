//! The spinner: what is at work or waited for, on a terminal, for anything that takes over a second.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use super::Event;
use super::human::waiting;
use super::words::short;

const FRAMES: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", "⠏", "⠛"];
const PATIENCE: Duration = Duration::from_secs(1);
const LONGEST: usize = 100;
/// What goes on before the first task begins.
const LOOKING: &str = "looking";

/// What goes on now: by task, since when, and what is waited for; and how many files of all have been looked at.
#[derive(Debug, Default)]
struct Now(BTreeMap<String, (Instant, Option<String>)>, Option<(usize, usize)>);

/// A spinner that is there from the start of a run to its end.
#[derive(Debug)]
pub(super) struct Progress {
    wanted: bool,
    bar: Option<ProgressBar>,
    now: Arc<Mutex<Now>>,
}

impl Progress {
    /// A spinner, or none at all.
    pub(super) fn new(wanted: bool) -> Self {
        Self { wanted, bar: None, now: Arc::default() }
    }

    /// Whether waits are seen here and need no line.
    pub(super) fn shows(&self) -> bool {
        self.bar.is_some()
    }

    /// Follows the events.
    pub(super) fn follow(&mut self, event: &Event) {
        match event {
            Event::RunStarted { .. } => self.start(),
            Event::RunFinished { .. } | Event::Failed { .. } => self.end(),
            event => self.now.lock().unwrap_or_else(PoisonError::into_inner).follow(event),
        }
    }

    /// Prints while the spinner is out of the way.
    pub(super) fn aside(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Removes the spinner.
    pub(super) fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = Now::default();
    }

    /// Says how many of all have been looked at.
    pub(super) fn count(&self, done: usize, all: usize) {
        if self.bar.is_some() {
            self.now.lock().unwrap_or_else(PoisonError::into_inner).1 = Some((done, all));
        }
    }

    /// Shows that something is being looked at.
    pub(super) fn start(&mut self) {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).begin(LOOKING);
        if !self.wanted || self.bar.is_some() {
            return;
        }
        let now = Arc::clone(&self.now);
        let draw = move |_: &ProgressState, to: &mut dyn Write| {
            let now = now.lock().unwrap_or_else(PoisonError::into_inner);
            // A spinner that cannot be drawn is no reason to stop.
            let _ = to.write_str(&now.line(Instant::now()).unwrap_or_default());
        };
        let Ok(style) = ProgressStyle::with_template("{now}") else { return };
        let bar = ProgressBar::new_spinner().with_style(style.with_key("now", draw));
        bar.enable_steady_tick(Duration::from_millis(120));
        self.bar = Some(bar);
    }
}

impl Now {
    fn begin(&mut self, task: &str) {
        self.0.insert(task.to_owned(), (Instant::now(), None));
    }

    fn follow(&mut self, event: &Event) {
        match event {
            Event::TaskStarted { task } => {
                self.0.remove(LOOKING);
                self.begin(task);
            }
            Event::Waiting { task, object, reason, .. } => {
                self.0.remove(LOOKING);
                let entry = self.0.entry(task.clone()).or_insert_with(|| (Instant::now(), None));
                entry.1 = Some(waiting(object, reason));
            }
            Event::TaskFinished { task, .. } => {
                self.0.remove(task);
            }
            _ => {}
        }
    }

    /// The wait or else the task that takes longest, and how many others are at work; nothing before it has taken a second.
    fn line(&self, at: Instant) -> Option<String> {
        let (task, (since, wait)) =
            self.0.iter().min_by_key(|(_, (since, wait))| (wait.is_none(), *since))?;
        let age = at.saturating_duration_since(*since);
        if age < PATIENCE {
            return None;
        }
        let frame = FRAMES[usize::try_from(age.as_millis() / 120).unwrap_or(0) % FRAMES.len()];
        let what = wait.as_ref().map_or_else(String::new, |wait| format!(": {wait}"));
        let more = match self.0.len() {
            1 => String::new(),
            many => format!(", and {} more at work", many - 1),
        };
        let count = self.1.map_or_else(String::new, |(done, all)| format!(", {done} of {all} files"));
        let text: String = format!("{}{what}{count}", short(task)).chars().take(LONGEST).collect();
        Some(format!("{frame} {text} ({} s{more})", age.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(task: &str) -> Event {
        let (object, reason) = ("Deployment `flux`".to_owned(), "0 of 1 ready".to_owned());
        Event::Waiting { task: task.to_owned(), object, reason, seconds: 0 }
    }

    #[test]
    fn the_spinner_speaks_after_a_second_and_names_the_reason() {
        let mut now = Now::default();
        now.follow(&Event::TaskStarted { task: "k8s:bootstrap:helmfile".into() });
        now.follow(&wait("k8s:bootstrap:helmfile"));
        let start = now.0["k8s:bootstrap:helmfile"].0;
        assert_eq!(now.line(start + Duration::from_millis(999)), None);
        let line = now.line(start + Duration::from_millis(2880)).unwrap();
        assert_eq!(line, "⠋ helmfile: waiting for Deployment `flux`: 0 of 1 ready (2 s)");
    }

    #[test]
    fn a_finished_task_is_no_longer_at_work() {
        let mut now = Now::default();
        now.follow(&wait("a"));
        now.follow(&Event::TaskFinished {
            task: "a".into(),
            outcome: crate::report::Outcome::Changed,
            millis: 1,
        });
        assert_eq!(now.line(Instant::now() + PATIENCE), None);
    }

    #[test]
    fn without_a_terminal_there_is_no_spinner() {
        let mut progress = Progress::new(false);
        progress.follow(&Event::RunStarted {
            runbook: "flux-vault".into(),
            cluster: "home".into(),
            tasks: 1,
            plan_only: true,
        });
        assert!(!progress.shows());
    }
}
