//! `sealstrap scan`: secrets in clear in files, or in what is about to be committed.

mod advice;
mod command_line;
mod known;
mod refs;
mod tell;

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::caller::Caller;
use crate::error::{Error, Exit};
use crate::report::format::Format;
use crate::scan::history::{self, Range};
use crate::scan::{self, LARGEST, Looked, Policy};
use crate::settings::environment;
use tell::{Origin, Tally};

/// Find secrets that lie in clear, by what documents mean and by what credentials look like
///
/// Knows Secrets, SealedSecrets, ExternalSecrets, files of SOPS, values of Helm, generators of Kustomize and texts of
/// settings within them; says nothing of ciphertext, references and templates. A folder is scanned with its hidden
/// files, without what Git ignores. `# sealstrap:allow[RULE] REASON` beside a value, or in a comment above it, allows it.
/// Texts of more than 64 MB are not read, and told.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap scan                                     # all files below the current folder
  sealstrap scan --staged                            # what is about to be committed
  sealstrap scan --history                           # all that was ever committed
  sealstrap scan --since origin/main                 # what a pull request brings
  sealstrap scan --format sarif > scan.sarif         # for GitHub code scanning
  helm template chart | sealstrap scan -
  sealstrap scan --json | jq 'select(.event == \"leak\")'

Exit codes: 0 no secret in clear (placeholders aside); 1 at least one; 2 it could not look.")]
pub(super) struct Scan {
    /// Files and folders; `-` for standard input
    #[arg(value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// Scan what is staged in Git. Of a file that was committed before only what is new in it is told. With folders:
    /// what is staged in them. With files: the staged content of each, and where nothing of one is staged the file
    /// itself, as pre-commit passes them
    #[arg(long)]
    staged: bool,
    /// Scan the history: each content that any branch, tag or other reference holds or held, merges included. With a
    /// range (`main..feature`), what its commits brought
    #[arg(long, value_name = "RANGE", num_args = 0..=1, require_equals = true, default_missing_value = "", conflicts_with_all = ["staged", "paths"])]
    history: Option<String>,
    /// Scan what came since a revision: the commits of a pull request
    #[arg(long, value_name = "REVISION", conflicts_with_all = ["staged", "paths", "history"])]
    since: Option<String>,
    /// Scan what is about to be pushed: reads the lines that Git gives to a pre-push or pre-receive hook
    #[arg(long, conflicts_with_all = ["staged", "paths", "history", "since"])]
    stdin_refs: bool,
    /// Tell what was found in the format of another tool, on standard output
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "json")]
    format: Option<TypedFormat>,
    /// A gitleaks configuration, instead of the `.gitleaks.toml` at the top of the repository. Its rules find more, and
    /// its allowlists allow; so does `.gitleaksignore`
    #[arg(long, value_name = "FILE")]
    gitleaks: Option<PathBuf>,
}

/// Formats of other tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TypedFormat {
    /// SARIF 2.1.0, for GitHub code scanning and editors
    Sarif,
    /// `JUnit`'s XML, for CI servers
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// gitleaks' JSON report
    Gitleaks,
    /// One page for people
    Html,
}

impl From<TypedFormat> for Format {
    fn from(typed: TypedFormat) -> Self {
        match typed {
            TypedFormat::Sarif => Self::Sarif,
            TypedFormat::Junit => Self::Junit,
            TypedFormat::Github => Self::Github,
            TypedFormat::Gitleaks => Self::Gitleaks,
            TypedFormat::Html => Self::Html,
        }
    }
}

impl Scan {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let folder = Caller::folder()?;
        let policy = self.policy(caller, &folder)?;
        let mut tally = Tally::new(caller, self.format.map(Into::into));
        if let Some(range) = self.range()? {
            caller.printer.busy();
            let history = history::scan_history(&policy, &folder, &range);
            caller.printer.idle();
            tally.take_history(&history?);
        } else if self.staged {
            self.staged(&policy, &folder, &mut tally)?;
        } else {
            self.files(&policy, &mut tally)?;
        }
        Ok(tally.end())
    }

    fn files(&self, policy: &Policy, tally: &mut Tally) -> Result<(), Error> {
        let (inputs, paths): (Vec<PathBuf>, Vec<PathBuf>) =
            self.paths.iter().cloned().partition(|path| is_stdin(path));
        let here = vec![PathBuf::from(".")];
        let paths = if self.paths.is_empty() { &here } else { &paths };
        for looked in files(policy, paths)? {
            tally.take(&looked, &Origin::Tree);
        }
        if !inputs.is_empty() {
            tally.take(&stdin(policy)?, &Origin::Stdin);
        }
        Ok(())
    }

    /// What the repository says about findings, by the files in its top folder.
    fn policy(&self, caller: &Caller, folder: &Path) -> Result<Policy, Error> {
        let top = folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder);
        let policy = Policy::of(top, self.gitleaks.as_deref())?;
        for warning in &policy.warnings {
            caller.warn(warning);
        }
        Ok(policy)
    }

    /// The commits to scan, where a history is to be.
    fn range(&self) -> Result<Option<Range>, Error> {
        if self.stdin_refs {
            let mut lines = String::new();
            std::io::stdin()
                .lock()
                .read_to_string(&mut lines)
                .map_err(Error::system("read standard input"))?;
            return Ok(Some(refs::range(&lines)?));
        }
        Ok(match (&self.history, &self.since) {
            (Some(range), _) if range.is_empty() => Some(Range::All),
            (Some(range), _) => Some(Range::Revisions(vec![revision(range)?])),
            (None, Some(since)) => Some(Range::Revisions(vec![format!("{}..HEAD", revision(since)?)])),
            (None, None) => None,
        })
    }

    fn staged(&self, policy: &Policy, folder: &Path, tally: &mut Tally) -> Result<(), Error> {
        let staged = scan::scan_staged(policy, folder, &self.paths)?;
        // Git runs hooks at the top, and names the folder in which the commit was typed.
        let typed = environment::git_prefix().map_or_else(|| scan::prefix(folder), Ok)?;
        for looked in &staged.looked {
            tally.take(looked, &Origin::Staged { seen_from: &typed });
        }
        // Of a folder what is staged was asked for; the target of a link is not what is committed.
        let is_other = |path: &PathBuf| path.symlink_metadata().is_ok_and(|kind| !kind.is_file());
        let rest: Vec<PathBuf> = staged.rest.into_iter().filter(|path| !is_other(path)).collect();
        for looked in files(policy, &rest)? {
            tally.take(&looked, &Origin::Tree);
        }
        Ok(())
    }
}

fn files(policy: &Policy, paths: &[PathBuf]) -> Result<Vec<Looked>, Error> {
    scan::scan_paths(policy, paths)
        .map_err(|(path, error)| Error::system(format!("read {}", path.display()))(error))
}

/// A revision that was typed, and no option of Git.
fn revision(typed: &str) -> Result<String, Error> {
    if typed.starts_with('-') || typed.is_empty() {
        let complaint = format!("`{typed}` is no revision");
        return Err(Error::Usage { complaint, hint: "write for example `main..feature` or `v1.0`".into() });
    }
    Ok(typed.to_owned())
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Standard input, which has no path: it is read as documents where it looks like some.
fn stdin(policy: &Policy) -> Result<Looked, Error> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::system("read standard input"))?;
    let size = bytes.len() as u64;
    let result =
        if size > LARGEST { Err(scan::Skipped::TooLarge) } else { Ok(scan::scan(policy, "-", &bytes)) };
    Ok(Looked { path: "-".into(), bytes: size, result })
}
