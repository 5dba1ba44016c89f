//! The one type that prints: data on standard output, talk on standard error.

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anstream::{AutoStream, ColorChoice};

use super::human::{Human, Line};
use super::progress::Progress;
use super::{Event, Events, Problem};

/// When colours are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to tell what happened.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// Events as JSON lines on standard output, instead of lines for people.
    pub json: bool,
    /// No talk but warnings and errors.
    pub quiet: bool,
    /// Beginnings as well as ends.
    pub verbose: bool,
    /// Colours.
    pub colour: Colour,
}

/// Prints. Cheap to clone; all clones share the streams.
#[derive(Clone)]
pub struct Printer(Arc<Mutex<Desk>>);

struct Desk {
    manner: Manner,
    out: Box<dyn Write + Send>,
    talk: Box<dyn Write + Send>,
    human: Human,
    progress: Progress,
    failure: Option<io::Error>,
}

impl Printer {
    /// Prints on the streams of the process.
    #[must_use]
    pub fn new(manner: Manner) -> Self {
        let spinner = !manner.json && !manner.quiet && io::stderr().is_terminal();
        let out = AutoStream::new(io::stdout(), manner.colour.on(&io::stdout()));
        let talk = AutoStream::new(io::stderr(), manner.colour.on(&io::stderr()));
        Self::onto(manner, Box::new(out), Box::new(talk), Progress::new(spinner))
    }

    fn onto(
        manner: Manner,
        out: Box<dyn Write + Send>,
        talk: Box<dyn Write + Send>,
        progress: Progress,
    ) -> Self {
        let human = Human::new(manner.verbose);
        Self(Arc::new(Mutex::new(Desk { manner, out, talk, human, progress, failure: None })))
    }

    /// Where events are to be sent to be told here.
    #[must_use]
    pub fn events(&self) -> Events {
        let printer = self.clone();
        Events::new(move |event| printer.event(&event))
    }

    /// Tells an event.
    pub fn event(&self, event: &Event) {
        self.desk().event(event);
    }

    /// Prints text that was asked for, as it is.
    pub fn data(&self, text: &str) {
        let mut desk = self.desk();
        desk.progress.end();
        desk.write_out(text);
    }

    /// Prints bytes that were asked for, as they are.
    pub fn bytes(&self, bytes: &[u8]) {
        let mut desk = self.desk();
        desk.progress.end();
        desk.write_bytes(bytes);
    }

    /// Says what to beware of, whatever was asked for.
    pub fn warn(&self, text: &str) {
        self.desk().line(&Line::Warning(text.to_owned()));
    }

    /// Says how it goes; not said in JSON, nor when it is to be quiet.
    pub fn talk(&self, text: &str) {
        self.desk().line(&Line::Talk(text.to_owned()));
    }

    /// Shows on a terminal that something is being looked at, until [`Printer::idle`].
    pub fn busy(&self) {
        self.desk().progress.start();
    }

    /// Shows on a terminal how many of all have been looked at, until [`Printer::idle`].
    pub fn counted(&self, done: usize, all: usize) {
        self.desk().progress.count(done, all);
    }

    /// Shows no longer that something is at work.
    pub fn idle(&self) {
        self.desk().progress.end();
    }

    /// Tells an error: in words on standard error, and in JSON as the last event.
    pub fn failed(&self, problem: Problem, exit_code: u8) {
        let mut desk = self.desk();
        desk.progress.end();
        let text = problem.lines().join("\n");
        desk.write_talk(&format!("{text}\n"));
        if desk.manner.json {
            desk.event(&Event::Failed { problem, exit_code });
        }
    }

    /// Whether somebody is there to answer a question.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a question, and waits for a line that says yes or anything else. Blocks its thread.
    #[must_use]
    pub fn ask(&self, question: &str) -> bool {
        {
            let mut desk = self.desk();
            desk.progress.end();
            desk.write_talk(&format!("{question} [y/N] "));
        }
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
    }

    /// Flushes, and says whether something that was asked for could not be written. A reader that went
    /// away, as `head` does, is no failure.
    ///
    /// # Errors
    /// The first failure of standard output.
    pub fn close(&self) -> io::Result<()> {
        let mut desk = self.desk();
        desk.progress.end();
        let flushed = desk.out.flush();
        match desk.failure.take().map_or(flushed, Err) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }

    /// A writer to standard error for the log.
    pub(super) fn log_writer(&self) -> LogWriter {
        LogWriter(self.clone())
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    fn event(&mut self, event: &Event) {
        if self.manner.json {
            let line = serde_json::to_string(event).unwrap_or_default();
            return self.write_out(&format!("{line}\n"));
        }
        self.progress.follow(event);
        for line in self.human.tell(event) {
            self.line(&line);
        }
    }

    fn line(&mut self, line: &Line) {
        let Manner { json, quiet, .. } = self.manner;
        match line {
            Line::Data(text) => self.write_out(&format!("{text}\n")),
            Line::Warning(text) => self.write_talk(&format!("{text}\n")),
            Line::Talk(text) if !quiet && !json => self.write_talk(&format!("{text}\n")),
            Line::Wait(text) if !quiet && !self.progress.shows() => self.write_talk(&format!("{text}\n")),
            Line::Talk(_) | Line::Wait(_) => {}
        }
    }

    fn write_out(&mut self, text: &str) {
        self.write_bytes(text.as_bytes());
    }

    fn write_bytes(&mut self, bytes: &[u8]) {
        let Self { out, progress, failure, .. } = self;
        progress.aside(|| {
            if let Err(error) = out.write_all(bytes).and_then(|()| out.flush()) {
                failure.get_or_insert(error);
            }
        });
    }

    fn write_talk(&mut self, text: &str) {
        let Self { talk, progress, .. } = self;
        // Where standard error is gone there is nobody to tell.
        progress.aside(|| drop(talk.write_all(text.as_bytes()).and_then(|()| talk.flush())));
    }
}

impl Colour {
    fn on(self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        match self {
            Self::Auto => AutoStream::choice(stream),
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }
}

/// Writes log lines between the other talk.
pub(super) struct LogWriter(Printer);

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.desk().write_talk(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod recorded {
    //! A printer whose streams are kept in memory.

    use super::*;

    /// Bytes that a test reads after they were written.
    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What `told` makes the printer write without colours: standard output, standard error.
    pub(crate) fn texts(manner: Manner, told: impl FnOnce(&Printer)) -> (String, String) {
        let (out, talk) = (Shared::default(), Shared::default());
        let printer = Printer::onto(
            manner,
            Box::new(anstream::StripStream::new(Box::new(out.clone()) as Box<dyn Write + Send>)),
            Box::new(anstream::StripStream::new(Box::new(talk.clone()) as Box<dyn Write + Send>)),
            Progress::new(false),
        );
        told(&printer);
        let text = |shared: &Shared| String::from_utf8(shared.0.lock().unwrap().clone()).unwrap();
        (text(&out), text(&talk))
    }
}

#[cfg(test)]
#[expect(clippy::needless_raw_string_hashes, reason = "snapbox writes them")]
mod tests;
