//! What only the controller can do: unseal to see whether it can, and seal anew with its newest key.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use zeroize::Zeroizing;

use super::input::{Input, documents};
use super::{Failure, Job};
use crate::file::{self, Audience};
use crate::plain::Plain;
use crate::remote::cluster::{Cluster, Service};
use crate::seal::SealedSecret;

impl Job<'_> {
    /// Asks the controller about each SealedSecret of the input; the first that it cannot unseal ends it.
    pub(super) fn validate(&self, input: Input) -> Result<(), Failure> {
        self.online(|cluster| async move {
            let service = self.controller(&cluster).await?;
            for sealed in
                sealed_secrets(input).map_err(|failure| failure.under("unable to decrypt sealed secret"))?
            {
                let answer = cluster.post_to(&service, "/v1/verify", body(&sealed)).await;
                let answer = answer.map_err(|error| {
                    Failure::new(format!("cannot validate sealed secret: {}", error.cause))
                })?;
                match answer.status {
                    200 => {}
                    409 => {
                        return Err(Failure::new(format!(
                            "unable to decrypt sealed secret: {}",
                            sealed.name()
                        )));
                    }
                    other => {
                        let why = service.refusal(other);
                        return Err(Failure::new(format!("cannot validate sealed secret: {why}")));
                    }
                }
            }
            Ok(())
        })
    }

    /// Has the controller seal the items of each SealedSecret anew. All else stays as it is: what the controller
    /// answers lacks labels, annotations and templates.
    pub(super) fn re_encrypt(&self, input: Input) -> Result<(), Failure> {
        let (out, input) = self.online(|cluster| async move {
            let service = self.controller(&cluster).await?;
            let (name, read) = input.read()?;
            let mut out = String::new();
            for document in documents(&name, &read)? {
                let sealed = rotated(&cluster, &service, SealedSecret::read(document)?).await?;
                out += &sealed.write(self.form()?);
            }
            Ok((out, (name, read)))
        })?;
        match self.output_file() {
            Some(file) if is_same(&file, &input.0) => put_back(&file, &input.1, &out),
            _ => self.put_out(out.as_bytes(), Audience::Anybody),
        }
    }
}

/// Whether two paths lead to one file.
fn is_same(one: &Path, other: &Path) -> bool {
    let of = |path: &Path| std::fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    of(one).is_some_and(|file| of(other) == Some(file))
}

/// Writes a file over what was read of it, unless somebody else changed it while the controller was asked.
#[expect(clippy::disallowed_methods, reason = "sink: compared with what the file holds by now")]
fn put_back(file: &Path, read: &Plain, out: &str) -> Result<(), Failure> {
    file::replace(file, read.expose(), out.as_bytes())
        .map_err(|error| Failure::of_system("write", file, &error))
}

fn sealed_secrets(input: Input) -> Result<Vec<SealedSecret>, Failure> {
    Ok(input.documents()?.into_iter().map(SealedSecret::read).collect::<Result<_, _>>()?)
}

fn body(sealed: &SealedSecret) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(sealed.to_json().into_bytes())
}

/// A SealedSecret with its items sealed anew.
async fn rotated(
    cluster: &Cluster,
    service: &Service,
    mut sealed: SealedSecret,
) -> Result<SealedSecret, Failure> {
    let failed = |why: String| Failure::new(format!("cannot re-encrypt secret: {why}"));
    let answer = cluster.post_to(service, "/v1/rotate", body(&sealed)).await;
    let answer = answer.map_err(|error| failed(error.cause.to_string()))?;
    match answer.status {
        200 => {}
        409 => return Err(Failure::new("unable to rotate secret")),
        500 => {
            return Err(failed(
                "the controller cannot unseal it, or not all of it (500); its log says more".into(),
            ));
        }
        other => return Err(failed(service.refusal(other))),
    }
    let answer = Plain::new(answer.body.to_vec());
    let mut documents = documents(Path::new("the answer of the controller"), &answer)?;
    let new = documents.pop().ok_or_else(|| failed("the controller answers nothing".into()))?;
    sealed.take_items(&SealedSecret::read_answer(new)?)?;
    Ok(sealed)
}
