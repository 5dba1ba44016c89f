//! The runner: order, concurrency, plan, apply, plan again, the lock, the stop.

use std::collections::BTreeSet;
use std::time::Instant;

use futures::stream::{self, FuturesUnordered, StreamExt};

use super::current;
use super::lock::Lock;
use super::step::Step;
use super::{Error, Look, Task, World, preflight};
use crate::report::{Change, Event, Outcome};

/// How many steps look at once: reads, bounded by what a remote of one's own bears.
const LOOKS_AT_ONCE: usize = 32;
/// How many tasks change at once.
const TASKS_AT_ONCE: usize = 4;

/// A run of tasks in a world.
pub struct Run<'a> {
    /// The runbook's name, or `run`.
    pub name: &'a str,
    /// The tasks in an order that their needs allow.
    pub tasks: &'a [Task],
    /// The world.
    pub world: &'a World,
}

/// What a run did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Tasks that held.
    pub held: usize,
    /// Tasks with changes.
    pub changed: usize,
    /// Changes.
    pub changes: usize,
}

/// What one task sees.
#[derive(Default)]
struct Seen {
    changes: Vec<Change>,
    /// What is missing, for the changes that need an input which is not there yet.
    awaited: Vec<(Change, String)>,
}

impl Run<'_> {
    /// Looks at all tasks side by side, and tells the plan as events; nothing is written.
    ///
    /// # Errors
    /// Every problem of reach, rights and input at once.
    pub async fn plan(&self) -> Result<Summary, Error> {
        let started = Instant::now();
        self.started(true);
        let (problems, looks) = tokio::join!(preflight::problems(self.world, self.tasks), self.look_at_all());
        let seen = verdict(problems, looks)?;
        let mut summary = Summary::default();
        let mut differing = BTreeSet::new();
        for (task, seen) in self.tasks.iter().zip(seen) {
            let after = self.makers(task, &seen, &differing)?;
            let changes: Vec<Change> =
                seen.changes.into_iter().chain(seen.awaited.into_iter().map(|(change, _)| change)).collect();
            if changes.is_empty() {
                summary.held += 1;
            } else {
                summary.changed += 1;
                summary.changes += changes.len();
                differing.insert(task.name.as_str());
            }
            let (task, summary) = (task.name.clone(), task.summary.clone());
            self.world.events.send(Event::TaskPlanned { task, summary, changes, after });
        }
        self.finished(&summary, started, true);
        Ok(summary)
    }

    /// Makes the tasks so, in order of needs: looks, changes what differs, looks again. Takes the lock first
    /// and gives it back in the end.
    ///
    /// # Errors
    /// The first failure (running tasks end first), a stop, or a lock that somebody else holds.
    pub async fn apply(&self) -> Result<Summary, Error> {
        let started = Instant::now();
        self.started(false);
        let summary = if preflight::touches_cluster(self.world, self.tasks) {
            let lock = Lock::take(self.world).await?;
            let result = tokio::select! {
                result = self.in_order() => result,
                lost = lock.keep() => Err(lost),
            };
            lock.release(self.world).await;
            result?
        } else {
            self.in_order().await?
        };
        self.finished(&summary, started, false);
        Ok(summary)
    }

    async fn look_at_all(&self) -> Vec<Result<Seen, Error>> {
        let look = async |(index, step): (usize, &Step)| (index, step.look(self.world).await);
        let steps = self
            .tasks
            .iter()
            .enumerate()
            .flat_map(|(index, task)| task.steps.iter().map(move |s| (index, s)));
        let looks: Vec<_> = stream::iter(steps.map(look)).buffered(LOOKS_AT_ONCE).collect().await;
        let mut seen: Vec<Result<Seen, Error>> = self.tasks.iter().map(|_| Ok(Seen::default())).collect();
        for (index, look) in looks {
            match (look, &mut seen[index]) {
                (Ok(look), Ok(seen)) => seen.add(look),
                (Err(error), slot @ Ok(_)) => *slot = Err(in_task(&self.tasks[index], error)),
                (_, Err(_)) => {}
            }
        }
        seen
    }

    /// The tasks that a task's awaited inputs come from: those it names itself, else those they need.
    fn makers(&self, task: &Task, seen: &Seen, differing: &BTreeSet<&str>) -> Result<Vec<String>, Error> {
        let Some((change, input)) = seen.awaited.first() else { return Ok(Vec::new()) };
        let differ = |need: &String| differing.contains(need.as_str());
        let named: Vec<String> = task.needs.iter().filter(|need| differ(need)).cloned().collect();
        if !named.is_empty() {
            return Ok(named);
        }
        let makers: Vec<String> = self.needed(task).into_iter().filter(differ).collect();
        if makers.is_empty() { Err(in_task(task, missing(task, change, input))) } else { Ok(makers) }
    }

    /// The tasks of this run that a task needs, directly or through others, in the run's order.
    fn needed(&self, task: &Task) -> Vec<String> {
        let mut needed: BTreeSet<&String> = task.needs.iter().collect();
        for earlier in self.tasks.iter().rev() {
            if needed.contains(&earlier.name) {
                needed.extend(&earlier.needs);
            }
        }
        self.tasks.iter().map(|task| &task.name).filter(|name| needed.contains(name)).cloned().collect()
    }

    async fn in_order(&self) -> Result<Summary, Error> {
        let mut summary = Summary::default();
        let mut done: BTreeSet<&str> = BTreeSet::new();
        let mut waiting: Vec<&Task> = self.tasks.iter().collect();
        let mut running = FuturesUnordered::new();
        let mut errors = Vec::new();
        loop {
            while errors.is_empty() && !self.world.stop.is_cancelled() && running.len() < TASKS_AT_ONCE {
                let ready = |task: &&Task| self.needed(task).iter().all(|need| done.contains(need.as_str()));
                let Some(next) = waiting.iter().position(ready) else { break };
                let task = waiting.remove(next);
                running.push(async move { (task, self.make_so(task).await) });
            }
            match running.next().await {
                None => break,
                Some((task, Ok(changes))) => {
                    done.insert(&task.name);
                    summary.held += usize::from(changes == 0);
                    summary.changed += usize::from(changes > 0);
                    summary.changes += changes;
                }
                Some((task, Err(error))) => {
                    waiting.push(task);
                    errors.push(in_task(task, error));
                }
            }
        }
        self.ended(errors, done.len(), &waiting)?;
        Ok(summary)
    }

    fn ended(&self, mut errors: Vec<Error>, done: usize, waiting: &[&Task]) -> Result<(), Error> {
        let stopped = |error: &Error| matches!(error, Error::InTask { source, .. } if matches!(**source, Error::Stopped { .. }));
        errors.retain(|error| !stopped(error));
        match errors.len() {
            0 if waiting.is_empty() => Ok(()),
            0 => {
                let next = self.tasks.iter().find(|task| waiting.iter().any(|left| left.name == task.name));
                let next = next.map(|task| task.short_name().to_owned());
                Err(Error::Stopped { why: "on request".into(), done, next })
            }
            1 => Err(errors.remove(0)),
            _ => Err(Error::Several(errors)),
        }
    }

    /// Makes one task so; says how many changes that took.
    async fn make_so(&self, task: &Task) -> Result<usize, Error> {
        let started = Instant::now();
        let events = &self.world.events;
        events.send(Event::TaskStarted { task: task.name.clone() });
        let result = current::named(&task.name, self.make_steps_so(task)).await;
        let outcome = match result {
            Ok(0) => Outcome::Held,
            Ok(_) => Outcome::Changed,
            Err(_) => Outcome::Failed,
        };
        events.send(Event::TaskFinished { task: task.name.clone(), outcome, millis: millis(started) });
        result
    }

    async fn make_steps_so(&self, task: &Task) -> Result<usize, Error> {
        let mut made = 0;
        for step in &task.steps {
            if self.world.stop.is_cancelled() {
                return Err(World::stopped());
            }
            let changes = match step.look(self.world).await? {
                Look::Holds => continue,
                Look::Differs(changes) => changes,
                Look::Awaits { change, input } => return Err(missing(task, &change, &input)),
            };
            step.change(self.world).await?;
            if let Look::Differs(left) = step.look(self.world).await? {
                let left = left.iter().map(|change| change.object.clone()).collect::<Vec<_>>().join(", ");
                return Err(Error::NotConverged { task: task.name.clone(), left });
            }
            made += changes.len();
            for change in changes {
                self.world.events.send(Event::Changed { task: task.name.clone(), change });
            }
        }
        Ok(made)
    }

    fn started(&self, plan_only: bool) {
        self.world.events.send(Event::RunStarted {
            runbook: self.name.to_owned(),
            cluster: self.world.settings.cluster.name.clone(),
            tasks: self.tasks.len(),
            plan_only,
        });
    }

    fn finished(&self, summary: &Summary, started: Instant, plan_only: bool) {
        let Summary { held, changed, changes } = *summary;
        let millis = millis(started);
        self.world.events.send(Event::RunFinished { held, changed, changes, millis, plan_only });
    }
}

impl Seen {
    fn add(&mut self, look: Look) {
        match look {
            Look::Holds => {}
            Look::Differs(changes) => self.changes.extend(changes),
            Look::Awaits { change, input } => self.awaited.push((change, input)),
        }
    }
}

/// What was seen, or everything that is in the way. Once the preflight names a remote's problems, the same
/// remote's refusals of single looks say nothing new.
fn verdict(mut problems: Vec<Error>, looks: Vec<Result<Seen, Error>>) -> Result<Vec<Seen>, Error> {
    let remote_is_off = !problems.is_empty();
    let mut seen = Vec::new();
    for look in looks {
        match look {
            Ok(look) => seen.push(look),
            Err(Error::InTask { source, .. }) if remote_is_off && matches!(*source, Error::Remote(_)) => {}
            Err(error) => problems.push(error),
        }
    }
    // Logins fail once per remote, but each look of that remote says so.
    let mut said = BTreeSet::new();
    problems.retain(|problem| said.insert(innermost(problem)));
    match problems.len() {
        0 => Ok(seen),
        _ => Err(Error::Preflight(problems)),
    }
}

fn innermost(error: &Error) -> String {
    match error {
        Error::InTask { source, .. } => source.in_one_line(),
        other => other.in_one_line(),
    }
}

fn missing(task: &Task, change: &Change, input: &str) -> Error {
    Error::InputMissing {
        action: format!("{} {}", change.verb.infinitive(), change.object),
        input: input.to_owned(),
        makers: task.needs.iter().map(|need| need.rsplit(':').next().unwrap_or(need).to_owned()).collect(),
    }
}

fn in_task(task: &Task, error: Error) -> Error {
    Error::InTask { task: task.short_name().to_owned(), source: Box::new(error) }
}

fn millis(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
