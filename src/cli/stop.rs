//! The end of a run from outside: Ctrl-C, SIGTERM, the deadline. The write under way is finished first;
//! a second signal does not wait for it.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::bootstrap::{self, Run, Summary};
use crate::error::Error;
use crate::report::Printer;
use crate::settings::Period;

/// The signals that ask for an end.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Listens from now on; the signals no longer kill the process.
    pub(super) fn listen() -> Result<Self, Error> {
        let listen = |kind| signal(kind).map_err(Error::system("listen for signals"));
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    /// The next one, in words.
    pub(super) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "by Ctrl-C",
            _ = self.terminate.recv() => "by SIGTERM",
        }
    }
}

/// Does the work, and cancels `stop` on a signal or at the deadline, so that the work ends by itself.
pub(super) async fn ending<T>(
    work: impl Future<Output = Result<T, bootstrap::Error>>,
    stop: &CancellationToken,
    deadline: Period,
    printer: &Printer,
) -> Result<T, Error> {
    let late = async {
        tokio::time::sleep(deadline.get()).await;
        format!("after {deadline}")
    };
    ending_at(late, work, stop, printer).await
}

/// As [`ending`], at whatever `late` waits for; it says what that was.
async fn ending_at<T>(
    late: impl Future<Output = String>,
    work: impl Future<Output = Result<T, bootstrap::Error>>,
    stop: &CancellationToken,
    printer: &Printer,
) -> Result<T, Error> {
    let mut signals = Signals::listen()?;
    tokio::pin!(work, late);
    let (mut why, mut pressed): (Option<String>, bool) = (None, false);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return Ok(done.map_err(|error| because(error, why.as_deref()))?),
            signal = signals.next() => {
                if pressed {
                    return Err(Error::Cut);
                }
                pressed = true;
                printer.talk("stopping once the write under way is done; again to stop at once");
                why.get_or_insert_with(|| signal.to_owned());
            }
            reason = &mut late, if why.is_none() => why = Some(reason),
        }
        stop.cancel();
    }
}

/// The same error, with what stopped the run where the work only saw that it was to stop.
fn because(error: bootstrap::Error, why: Option<&str>) -> bootstrap::Error {
    use bootstrap::Error as E;
    match (error, why) {
        (E::Stopped { done, next, .. }, Some(why)) => E::Stopped { why: why.to_owned(), done, next },
        (E::InTask { task, source }, why) => E::InTask { task, source: Box::new(because(*source, why)) },
        (E::Several(errors), why) => {
            E::Several(errors.into_iter().map(|error| because(error, why)).collect())
        }
        (error, _) => error,
    }
}

/// Looks, which nobody needs to wait for: a signal or the deadline ends it at once.
pub(super) async fn looking<T>(
    look: impl Future<Output = Result<T, bootstrap::Error>>,
    deadline: Period,
) -> Result<T, Error> {
    let mut signals = Signals::listen()?;
    let why = tokio::select! {
        biased;
        done = look => return Ok(done?),
        signal = signals.next() => signal.to_owned(),
        () = tokio::time::sleep(deadline.get()) => format!("after {deadline}"),
    };
    Err(bootstrap::Error::Stopped { why, done: 0, next: None }.into())
}

/// The plan of a run, given up as soon as the run is to stop: nothing is written yet.
pub(super) async fn plan(run: &Run<'_>) -> Result<Summary, bootstrap::Error> {
    tokio::select! {
        biased;
        planned = Box::pin(run.plan()) => planned,
        () = run.world.stop.cancelled() => Err(unwritten()),
    }
}

/// Stopped before the first write; [`ending`] says by what.
pub(super) fn unwritten() -> bootstrap::Error {
    bootstrap::Error::Stopped { why: "before the first write".into(), done: 0, next: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Manner;

    fn stopped(why: &str) -> bootstrap::Error {
        bootstrap::Error::Stopped { why: why.into(), done: 2, next: None }
    }

    #[test]
    fn the_work_learns_what_stopped_it() {
        let nested =
            bootstrap::Error::InTask { task: "a".into(), source: Box::new(stopped("while waiting")) };
        let told = because(bootstrap::Error::Several(vec![nested]), Some("by Ctrl-C"));
        let text = Error::from(told).problem().parts[0].causes.join("; ");
        assert_eq!(text, "stopped by Ctrl-C; 2 tasks are done");
    }

    fn quiet() -> Printer {
        Printer::new(Manner { quiet: true, ..Manner::default() })
    }

    #[tokio::test]
    async fn the_deadline_stops_the_work_and_is_named() {
        let stop = CancellationToken::new();
        let work = async {
            stop.cancelled().await;
            Err::<(), _>(stopped("while waiting"))
        };
        let late = async { "after 30m".to_owned() };
        let ended = ending_at(late, work, &stop, &quiet()).await;
        assert_eq!(ended.unwrap_err().to_string(), "stopped after 30m");
    }

    #[tokio::test]
    async fn work_that_ends_by_itself_is_left_alone() {
        let stop = CancellationToken::new();
        let done = ending(async { Ok(7) }, &stop, Period::minutes(30), &quiet()).await;
        assert_eq!(done.unwrap(), 7);
        assert!(!stop.is_cancelled());
    }
}
