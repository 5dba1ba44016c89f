//! Who calls: the flags that every verb takes, and what verbs need of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{ArgAction, Args, ValueEnum};
use tokio::runtime::Runtime;

use crate::bootstrap::{Finding, Library, Task, World};
use crate::error::{Error, Exit};
use crate::report::{self, Event, Manner, Printer};
use crate::settings::{ExternalSettings, Overrides, SealingSettings, Settings};

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct Flags {
    /// The settings file, instead of the `sealstrap.yaml` found by walking up
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The kubeconfig context
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) context: Option<String>,
    /// The kubeconfig file
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) kubeconfig: Option<PathBuf>,
    /// Tell what happens as JSON, one event a line, on standard output
    #[arg(long, global = true)]
    json: bool,
    /// Tell more: beginnings of tasks and our own log; twice for debug, three times for trace
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Tell less: only warnings, errors, and what was asked for
    #[arg(short, long, global = true)]
    quiet: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: When,
    /// Targets of the log, as `RUST_LOG` names them
    #[arg(long, global = true, env = "SEALSTRAP_LOG", hide = true, value_name = "TARGETS")]
    log: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum When {
    #[default]
    Auto,
    Always,
    Never,
}

impl From<When> for report::Colour {
    fn from(when: When) -> Self {
        match when {
            When::Auto => Self::Auto,
            When::Always => Self::Always,
            When::Never => Self::Never,
        }
    }
}

/// Who calls.
pub(super) struct Caller {
    pub(super) flags: Flags,
    pub(super) printer: Printer,
}

impl Caller {
    pub(super) fn new(flags: Flags) -> Self {
        let manner = Manner {
            json: flags.json,
            quiet: flags.quiet,
            verbose: flags.verbose > 0,
            colour: flags.color.into(),
        };
        Self { flags, printer: Printer::new(manner) }
    }

    pub(super) fn start_log(&self) -> Result<(), Error> {
        let Flags { verbose, log, .. } = &self.flags;
        report::start_log(&self.printer, *verbose, log.as_deref()).map_err(|error| Error::Usage {
            complaint: format!("cannot read the targets of the log: {error}"),
            hint: "write for example SEALSTRAP_LOG=sealstrap::remote=debug".into(),
        })
    }

    /// Tells an error, and gives its exit code.
    pub(super) fn tell(&self, error: &Error) -> Exit {
        let exit = error.exit_code();
        self.printer.failed(error.problem(), exit as u8);
        exit
    }

    /// The folder in which the command was typed.
    pub(super) fn folder() -> Result<PathBuf, Error> {
        std::env::current_dir().map_err(Error::system("find the current folder"))
    }

    /// The settings with the flags over them. Paths that were typed are relative to the current folder,
    /// those of the file to the file's.
    pub(super) fn settings(&self, runbook: Option<&str>) -> Result<Settings, Error> {
        Ok(Settings::load(&Self::folder()?, &self.overrides(runbook)?)?)
    }

    /// The flags that lie over the settings.
    pub(super) fn overrides(&self, runbook: Option<&str>) -> Result<Overrides, Error> {
        let folder = Self::folder()?;
        let from_here = |path: &Option<PathBuf>| path.as_ref().map(|path| folder.join(path));
        Ok(Overrides {
            file: from_here(&self.flags.config),
            context: self.flags.context.clone(),
            kubeconfig: from_here(&self.flags.kubeconfig),
            runbook: runbook.map(str::to_owned),
        })
    }

    /// The part of the settings about sealing, with the flags over it.
    pub(super) fn sealing(&self) -> Result<SealingSettings, Error> {
        Ok(SealingSettings::load(&Self::folder()?, &self.overrides(None)?)?)
    }

    /// The part of the settings about ExternalSecrets, with the flags over it.
    pub(super) fn external(&self) -> Result<ExternalSettings, Error> {
        Ok(ExternalSettings::load(&Self::folder()?, &self.overrides(None)?)?)
    }

    /// Whether events are told as JSON on standard output.
    pub(super) fn tells_json(&self) -> bool {
        self.flags.json
    }

    /// Says what to beware of.
    pub(super) fn warn(&self, message: &str) {
        self.printer.event(&Event::Warning { message: message.to_owned() });
    }

    /// The folder of the settings file, or the current one where there is none: for verbs that need no
    /// more of the settings.
    pub(super) fn root(&self) -> Result<PathBuf, Error> {
        let folder = Self::folder()?;
        if let Some(file) = &self.flags.config {
            return Ok(folder.join(file).parent().map_or(folder, Path::to_owned));
        }
        let root = folder.ancestors().find(|folder| folder.join("sealstrap.yaml").is_file());
        Ok(root.unwrap_or(&folder).to_owned())
    }

    /// All tasks and runbooks.
    pub(super) fn library(&self) -> Result<Library, Error> {
        Ok(Library::open(&self.root()?)?)
    }

    /// The settings, and the tasks of their runbook.
    pub(super) fn runbook(&self, name: Option<&str>) -> Result<(Settings, Vec<Task>), Error> {
        let settings = self.settings(name)?;
        let tasks = Library::open(&settings.root)?.of_runbook(&settings.runbook, &settings)?;
        Ok((settings, tasks))
    }

    /// A world for these tasks, whose events are told here. Settings that the tasks need must be there.
    pub(super) fn world(&self, settings: &Arc<Settings>, tasks: &[Task]) -> Result<World, Error> {
        let world = World::new(Arc::clone(settings), self.printer.events());
        if world.uses_vault(tasks) {
            settings.check_vault()?;
        }
        Ok(world)
    }

    /// Tells what checks have found; the answer is no where one is not sound.
    pub(super) fn found(&self, findings: Vec<Finding>) -> Exit {
        self.printer.idle();
        let unsound = findings.iter().filter(|finding| !finding.sound).count();
        let checks = findings.len();
        for Finding { check, sound, detail, hint } in findings {
            self.printer.event(&Event::Checked { check, sound, detail, hint });
        }
        let checks = format!("{checks} check{}", if checks == 1 { "" } else { "s" });
        if unsound == 0 {
            self.printer.talk(&format!("{checks}: all sound"));
            return Exit::Done;
        }
        self.printer.talk(&format!("{checks}: {unsound} not sound"));
        Exit::No
    }
}

/// Performs work that speaks to remotes. What still blocks a thread when it ends, such as a question
/// nobody answers, is left behind.
pub(super) fn in_runtime<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = Runtime::new().map_err(Error::system("start the asynchronous runtime"))?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}
