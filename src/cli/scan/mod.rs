//! `sealstrap scan`: secrets in clear in files, or in what is about to be committed.

mod advice;
mod tell;

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use super::caller::Caller;
use crate::error::{Error, Exit};
use crate::scan::{self, LARGEST, Looked};
use tell::Tally;

/// Find secrets that lie in clear, by what documents mean and by what credentials look like
///
/// Knows Secrets, SealedSecrets, ExternalSecrets, files of SOPS, values of Helm, generators of Kustomize and texts of
/// settings within them; says nothing of ciphertext, references and templates. A folder is scanned with its hidden
/// files, without what Git ignores. `# sealstrap:allow[RULE] REASON` beside a value, or in a comment above it, allows it.
/// Files of more than 64 MB are not read, and told.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap scan                                     # all files below the current folder
  sealstrap scan --staged                            # what is about to be committed; for a pre-commit hook
  helm template chart | sealstrap scan -
  sealstrap scan --json | jq 'select(.event == \"leak\")'

Exit codes: 0 no secret in clear (placeholders aside); 1 at least one; 2 it could not look.")]
pub(super) struct Scan {
    /// Files and folders; `-` for standard input
    #[arg(value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// Scan what is staged in Git. Of a file that was committed before only what is new in it is told. With files: of
    /// those the staged content, and where nothing of one is staged the file itself, as pre-commit passes them
    #[arg(long)]
    staged: bool,
}

impl Scan {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let mut tally = Tally::new(caller);
        for looked in self.look()? {
            tally.take(&looked);
        }
        Ok(tally.end())
    }

    fn look(&self) -> Result<Vec<Looked>, Error> {
        if self.staged {
            return self.staged();
        }
        let (inputs, paths): (Vec<PathBuf>, Vec<PathBuf>) =
            self.paths.iter().cloned().partition(|path| is_stdin(path));
        let here = vec![PathBuf::from(".")];
        let paths = if self.paths.is_empty() { &here } else { &paths };
        let mut looked = files(paths)?;
        if !inputs.is_empty() {
            looked.push(stdin()?);
        }
        Ok(looked)
    }

    fn staged(&self) -> Result<Vec<Looked>, Error> {
        let folder = Caller::folder()?;
        let mut looked = scan::scan_staged(&folder)?;
        if !self.paths.is_empty() {
            let named: HashSet<&PathBuf> = self.paths.iter().collect();
            looked.retain(|looked| named.contains(&looked.path));
            let seen: HashSet<PathBuf> = looked.iter().map(|looked| looked.path.clone()).collect();
            let rest: Vec<PathBuf> =
                self.paths.iter().filter(|path| !seen.contains(*path)).cloned().collect();
            looked.extend(files(&rest)?);
        }
        Ok(looked)
    }
}

fn files(paths: &[PathBuf]) -> Result<Vec<Looked>, Error> {
    scan::scan_paths(paths).map_err(|(path, error)| Error::system(format!("read {}", path.display()))(error))
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Standard input, which has no path: it is read as documents where it looks like some.
fn stdin() -> Result<Looked, Error> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::system("read standard input"))?;
    let size = bytes.len() as u64;
    let result = if size > LARGEST { Err(scan::Skipped::TooLarge) } else { Ok(scan::scan("-", &bytes)) };
    Ok(Looked { path: "-".into(), bytes: size, result })
}
