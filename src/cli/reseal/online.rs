//! Sealing anew through the controller, which does it with its newest key.

use std::path::{Path, PathBuf};

use futures::{StreamExt, stream};

use super::{Opened, Reseal, Sum, open};
use crate::cli::caller::in_runtime;
use crate::cli::sealing::controller::{Controller, refusal};
use crate::cli::sealing::memory::Memory;
use crate::cli::sealing::recipient::{Sealing, Target};
use crate::error::Error;
use crate::remote;
use crate::remote::cluster::Service;
use crate::seal::{Certificate, SealedSecret};
use crate::yaml;

/// Requests under way at once. Those that are put off (429, 503) are repeated after what `Retry-After` says.
const AT_ONCE: usize = 4;

/// What asking takes.
struct Asker<'a> {
    controller: Controller,
    service: Service,
    target: Target,
    memory: &'a Memory,
}

/// Seals all files anew.
pub(super) fn all(
    typed: &Reseal,
    sealing: &Sealing<'_>,
    memory: &Memory,
    paths: &[(PathBuf, PathBuf, bool)],
) -> Result<Sum, Error> {
    let known = match typed.recipients.cluster.as_slice() {
        [] => sealing.own(),
        [name] => sealing.known(name)?,
        _ => {
            let complaint = "a controller is asked for one cluster at a time".into();
            return Err(Error::Usage { complaint, hint: "write `--cluster` once".into() });
        }
    };
    let Some(way) = &known.way else { return sealing.served(&known).map(|_| Sum::default()) };
    let from = "what its controller serves";
    let certificate = Certificate::from_pem(&sealing.served(&known)?)?;
    known.check_fingerprint(&certificate, from)?;
    let printer = &sealing.caller.printer;
    printer.busy();
    let sum = in_runtime(async {
        let controller = way.connect().await?;
        let service = controller.service().await?;
        let target = Target { cluster: known.cluster.clone(), certificate };
        let asker = Asker { controller, service, target, memory };
        let (mut sum, mut count) = (Sum::default(), 0);
        let mut answers =
            stream::iter(paths).map(|(path, _, named)| asker.one(typed, path, *named)).buffered(AT_ONCE);
        while let Some(done) = answers.next().await {
            count += 1;
            printer.counted(count, paths.len());
            sum.take(done);
        }
        Ok(sum)
    });
    printer.idle();
    sum
}

impl Asker<'_> {
    async fn one(&self, typed: &Reseal, path: &Path, named: bool) -> Result<Option<super::Done>, Vec<Error>> {
        let Some(mut opened) = open(path, named)? else { return Ok(None) };
        let (sealed, kept) = self.reseal(&mut opened).await.map_err(|error| vec![error])?;
        typed.lay(&opened, &self.target, sealed, kept).map(Some).map_err(|error| vec![error])
    }

    async fn reseal(&self, opened: &mut Opened) -> Result<(usize, usize), Error> {
        let recipient = &self.target.certificate.recipient;
        let (mut new, mut kept) = (Vec::new(), 0);
        for (index, entry) in opened.file.entries().iter().enumerate() {
            let (sealed, label) = (&entry.sealed, entry.sealed.label());
            let item = |key| sealed.item(key).unwrap_or_default();
            let mut keys = sealed.keys();
            if keys.all(|key| self.memory.is_for(recipient, &label, key, item(key))) {
                kept += sealed.keys().count();
                continue;
            }
            let mut renewed = sealed.clone();
            renewed.take_items(&self.rotated(sealed, &entry.place).await?)?;
            for (key, text) in renewed.keys().filter_map(|key| Some((key, renewed.item(key)?))) {
                self.memory.note_item(recipient, &label, key, text, None);
                new.push((index, key.to_owned(), text.to_owned()));
            }
        }
        opened.file.set_items(&new)?;
        Ok((new.len(), kept))
    }

    /// What the controller answers. A 500 means that it cannot unseal it, and is final.
    async fn rotated(&self, sealed: &SealedSecret, place: &str) -> Result<SealedSecret, Error> {
        let action = format!("have {place} sealed anew by the controller");
        let answer = self.controller.post(&self.service, "/v1/rotate", &sealed.to_json()).await?;
        let odd = |cause| Error::Remote(remote::Error::new(action.clone(), cause));
        if answer.status == 500 {
            let why = "it cannot unseal it, or not all of it (500); its log says more";
            return Err(odd(remote::Cause::Unavailable(why.into())));
        }
        if answer.status != 200 {
            return Err(refusal(action, answer.status, &self.service));
        }
        let malformed = || odd(remote::Cause::Malformed("the answer is no SealedSecret".into()));
        let text = std::str::from_utf8(&answer.body).map_err(|_| malformed())?;
        let documents = yaml::each(Path::new("the answer of the controller"), text);
        let document = documents.ok().and_then(|mut documents| documents.pop()).ok_or_else(malformed)?;
        SealedSecret::read_answer(document).map_err(|_| malformed())
    }
}
