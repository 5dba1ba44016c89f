//! `sealstrap man`: the manual pages, made of the same words as the help.

use std::path::PathBuf;

use clap::Args;

use super::Cli;
use super::caller::Caller;
use crate::error::{Error, Exit};
use crate::report::Event;

/// Print the manual page, or write those of all commands
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap man | man -l -
  sealstrap man --dir ~/.local/share/man/man1")]
pub(super) struct Man {
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Man {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let Some(folder) = &self.dir else {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command())
                .render(&mut page)
                .map_err(Error::system("make the manual page"))?;
            caller.printer.data(&String::from_utf8_lossy(&page));
            return Ok(Exit::Done);
        };
        std::fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
            .map_err(Error::system(format!("write manual pages into {}", folder.display())))?;
        caller.printer.event(&Event::Written { file: folder.display().to_string() });
        Ok(Exit::Done)
    }
}
