//! `sealstrap schema`: the JSON Schemas of our files and of the events.

use std::path::PathBuf;

use clap::Args;

use super::caller::Caller;
use crate::error::{Error, Exit};
use crate::report::Event;
use crate::schema;

/// Print the JSON Schemas of settings, tasks, runbooks and events
///
/// Editors with a YAML language server complete and check files with them. Without a name, the names are
/// listed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap schema                               # which there are
  sealstrap schema settings > sealstrap.schema.json
  sealstrap schema --write schemas")]
pub(super) struct Schema {
    /// Which one
    name: Option<String>,
    /// Write all into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "name")]
    write: Option<PathBuf>,
}

impl Schema {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        if let Some(folder) = &self.write {
            schema::write_all(folder)
                .map_err(Error::system(format!("write schemas into {}", folder.display())))?;
            caller.printer.event(&Event::Written { file: folder.display().to_string() });
            return Ok(Exit::Done);
        }
        let all = schema::all();
        let names = || all.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        let Some(wanted) = &self.name else {
            caller.printer.data(&format!("{}\n", names().join("\n")));
            return Ok(Exit::Done);
        };
        let Some((_, text)) = all.iter().find(|(name, _)| name == wanted) else {
            return Err(Error::Usage {
                complaint: format!("there is no schema `{wanted}`"),
                hint: format!("there is: {}", names().join(", ")),
            });
        };
        caller.printer.data(&format!("{}\n", text.trim_end()));
        Ok(Exit::Done)
    }
}
