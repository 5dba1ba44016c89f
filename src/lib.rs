//! Takes a Kubernetes cluster from empty to GitOps with no plaintext secret anywhere, in one command.
//!
//! The house, from the street inwards; arrows of use point down this list only:
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`cli`] | what was typed, and which verb it starts |
//! | [`settings`] | `sealstrap.yaml`, the environment and the flags, with nothing left to guess |
//! | [`init`] | a first `sealstrap.yaml`, from what a repository and its machine show |
//! | [`new`] | a new application in a repository: its files, and its place in what is synced |
//! | [`schema`] | the JSON Schemas of files and events, from their types |
//! | [`bootstrap`] | runbooks, tasks, steps, and the runner that looks before it changes |
//! | [`seal`] | Secrets in the format of sealed-secrets, sealed and unsealed without a cluster |
//! | [`external`] | Secrets as ExternalSecrets with their values in Vault; stores, checks and policies for them |
//! | [`hook`] | the hook of Git that looks for secrets before a commit |
//! | [`mend`] | secrets that a scan has found, sealed where they stand |
//! | [`scan`] | plaintext secrets, found by what documents mean and by what credentials look like |
//! | [`sandbox`] | stand-ins for the remotes, in this process |
//! | [`remote`] | the cluster, Vault, the Git host, registries: the only code that speaks to them |
//! | [`yaml`] | the only code that knows YAML syntax |
//! | [`source`], [`plain`] | where secret values come from, and what holds them |
//! | [`ledger`] | what was sealed on this machine, so that unchanged values keep their ciphertext |
//! | [`file`] | files that are written whole or not at all |
//! | [`error`] | all that can go wrong, and the exit codes |
//! | [`report`] | what happened, in words, JSON lines or progress; knows nobody |

pub mod bootstrap;
pub mod cli;
pub mod error;
pub mod external;
pub mod file;
pub mod hook;
pub mod init;
pub mod ledger;
pub mod mend;
pub mod new;
pub mod plain;
pub mod remote;
pub mod report;
pub mod sandbox;
pub mod scan;
pub mod schema;
pub mod seal;
pub mod settings;
pub mod source;
pub mod yaml;
