//! The controller's own word on each SealedSecret. It answers two requests a second, so this takes its time.

use std::path::{Path, PathBuf};

use futures::{StreamExt, stream};

use super::file::text_of;
use super::tally::Tally;
use crate::cli::caller::in_runtime;
use crate::cli::input;
use crate::cli::sealed_files::documents;
use crate::cli::sealing::controller::{Controller, ControllerFlags, refusal};
use crate::error::Error;
use crate::remote::cluster::Service;
use crate::seal::SealedSecret;
use crate::seal::verify::{Finding, Rule};
use crate::settings::SealingSettings;

/// Requests at once.
const AT_ONCE: usize = 2;

/// A SealedSecret to ask about.
struct Question {
    file: PathBuf,
    line: usize,
    sealed: SealedSecret,
}

/// Asks about all SealedSecrets of the files; those that cannot be read have been told of already.
pub(super) fn ask(
    settings: &SealingSettings,
    flags: &ControllerFlags,
    files: &[PathBuf],
    tally: &mut Tally,
) -> Result<(), Error> {
    if files.iter().any(|file| input::is_stdin(file)) {
        return Err(Error::Usage {
            complaint: "`--online` cannot ask about standard input: it has been read already".into(),
            hint: "write it to a file and name that".into(),
        });
    }
    in_runtime(async {
        let controller = Controller::connect(settings, flags).await?;
        let service = controller.service().await?;
        let questions = stream::iter(files).flat_map(|file| stream::iter(questions(file)));
        let answers = questions.map(|question| answer(&controller, &service, question));
        let mut answers = Box::pin(answers.buffered(AT_ONCE));
        while let Some((file, found)) = answers.next().await.transpose()? {
            match found {
                None => tally.opened += 1,
                Some(finding) => tally.tell(&file, finding),
            }
        }
        Ok(())
    })
}

fn questions(file: &Path) -> Vec<Question> {
    let documents =
        text_of(file).ok().flatten().and_then(|text| documents(file, &text).ok()).unwrap_or_default();
    let question = |document: crate::yaml::Document| {
        let line = document.line;
        SealedSecret::read(document).ok().map(|sealed| Question { file: file.to_owned(), line, sealed })
    };
    documents.into_iter().filter_map(question).collect()
}

async fn answer(
    controller: &Controller,
    service: &Service,
    question: Question,
) -> Result<(PathBuf, Option<Finding>), Error> {
    let Question { file, line, sealed } = question;
    let answer = controller.post(service, "/v1/verify", &sealed.to_json()).await?;
    let message = match answer.status {
        200 => return Ok((file, None)),
        409 => "the controller cannot unseal it",
        500 => "the controller cannot read it (500)",
        other => {
            let action = format!("ask the controller about `{}/{}`", sealed.namespace(), sealed.name());
            return Err(refusal(&action, other, service));
        }
    };
    let finding = Finding {
        rule: Rule::CannotUnseal,
        severity: Rule::CannotUnseal.severity(),
        line,
        object: format!("{}/{}", sealed.namespace(), sealed.name()),
        message: message.into(),
        hint: Some("with keys at hand the reason is told: `--private-key FILE` or `--from-cluster`".into()),
    };
    Ok((file, Some(finding)))
}
