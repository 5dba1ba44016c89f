//! The rules, one file for each field. Rules of one issuer stand before those that many issuers share, so that of two
//! that find the same text the first says more.

mod ai;
mod aws;
mod azure;
mod cdn_dns;
mod chat;
mod ci;
mod cloud;
mod database;
mod generic;
mod git_host;
mod google;
mod homelab;
mod identity;
mod kubernetes;
mod mail;
mod observability;
mod package;
mod password_hash;
mod payment;
mod pem;
mod private_key;
mod registry;
#[cfg(test)]
mod tests;
mod vault;

use super::rule::Rule;

const FIELDS: &[&[Rule]] = &[
    kubernetes::RULES,
    vault::RULES,
    pem::RULES,
    private_key::RULES,
    git_host::RULES,
    registry::RULES,
    aws::RULES,
    google::RULES,
    azure::RULES,
    cloud::RULES,
    cdn_dns::RULES,
    homelab::RULES,
    identity::RULES,
    ci::RULES,
    package::RULES,
    chat::RULES,
    observability::RULES,
    database::RULES,
    mail::RULES,
    payment::RULES,
    ai::RULES,
    password_hash::RULES,
    generic::RULES,
];

/// All rules, always in the same order.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    FIELDS.iter().flat_map(|field| field.iter())
}
