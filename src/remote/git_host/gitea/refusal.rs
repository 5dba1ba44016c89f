//! What Gitea's refusals mean: each status is another sentence, and none repeats the answer's body.

use crate::remote::git_host::repository::Repository;
use crate::remote::git_host::wire::Reply;
use crate::remote::{Cause, Error};

/// What was asked, for the sentences about its refusal.
pub(super) struct Asked<'a> {
    pub(super) action: &'a str,
    pub(super) repository: &'a Repository,
    pub(super) address: &'a str,
}

impl Asked<'_> {
    fn error(&self, cause: Cause) -> Error {
        Error::new(self.action, cause)
    }

    /// The sentence for a refusal. Of its message only known sentences are recognised.
    pub(super) fn refused(&self, reply: &Reply) -> Error {
        let words = reply.json()["message"].as_str().unwrap_or_default().to_lowercase();
        let (address, repository) = (self.address, self.repository);
        match reply.status.as_u16() {
            401 => self
                .error(Cause::Unauthenticated("401: the token is not valid, or not any more".into()))
                .hint("check `git.login`; a new token needs the scope `write:repository`"),
            403 => self.forbidden(&words),
            404 => self
                .error(Cause::NotFound(format!(
                    "404: `{repository}` (or the entry in it) is not there, or the token may not see it"
                )))
                .hint("check `git.repository` and `git.api`"),
            422 | 409 | 400 => self.invalid(reply.status.as_u16(), &words),
            429 => self
                .error(Cause::RateLimited(format!("429: {address} takes no further requests for now")))
                .hint("run the same command again later"),
            status @ 300..=399 => self
                .error(Cause::Invalid(format!(
                    "{status}: `{repository}` has moved, and no token is sent after it"
                )))
                .hint("set `git.repository` (and `git.api`) to where it is now"),
            status @ 500.. => self
                .error(Cause::Unavailable(format!("{status}: {address} has a fault of its own")))
                .hint("its own log says more; run the same command again later"),
            status => self.error(Cause::Malformed(format!("{status}: Gitea documents no such answer"))),
        }
    }

    fn forbidden(&self, words: &str) -> Error {
        if words.contains("scope") {
            return self
                .error(Cause::Forbidden("403: the token lacks the scope `write:repository`".into()))
                .hint("make a new token with it; a token's scopes cannot be changed");
        }
        let text = format!("403: whoever owns the token does not administer `{}`", self.repository);
        self.error(Cause::Forbidden(text))
            .hint("deploy keys and webhooks need a collaborator with administrator access")
    }

    fn invalid(&self, status: u16, words: &str) -> Error {
        let says = |text: &str| words.contains(text);
        if says("already been added to this repository") {
            return self.error(Cause::Conflict(format!("{status}: the repository has this key already")));
        }
        if says("used as non-deploy key") {
            return self
                .error(Cause::Conflict(format!("{status}: the key is in use as a key of an account")));
        }
        if says("title has been used") || says("same name already exists") {
            return self
                .error(Cause::Invalid(format!("{status}: the repository has another key of this title")));
        }
        if says("ssh is disabled") {
            return self.error(Cause::Invalid(format!("{status}: SSH is switched off at {}", self.address)));
        }
        self.error(Cause::Invalid(format!("{status}: Gitea does not take what was sent")))
    }
}
