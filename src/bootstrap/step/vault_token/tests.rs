//! What is said of tokens that the cluster may hold.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{VaultToken, Verdict};
use crate::remote::vault::TokenInfo;

const HOUR: Duration = Duration::from_secs(3600);

fn step() -> VaultToken {
    let step = serde_json::json!({
        "policies": ["external-secrets"],
        "period": "768h",
        "keep": {"namespace": "kube-system", "name": "vault-token", "key": "token"},
    });
    serde_json::from_value(step).unwrap()
}

fn info() -> TokenInfo {
    TokenInfo {
        accessor: "a".into(),
        display_name: "d".into(),
        policies: BTreeSet::from(["default".into(), "external-secrets".into()]),
        ttl: Some(700 * HOUR),
        creation_ttl: 768 * HOUR,
        period: Some(768 * HOUR),
        orphan: true,
        renewable: true,
        meta: BTreeMap::new(),
    }
}

#[test]
fn a_periodic_orphan_with_the_policies_is_sound() {
    assert!(matches!(step().judge(&info()), Verdict::Sound));
}

#[test]
fn every_fault_is_named() {
    let policies = BTreeSet::from(["root".into()]);
    let found = TokenInfo { policies, orphan: false, period: None, ..info() };
    let Verdict::Make(faults) = step().judge(&found) else { panic!("it is no sound token") };
    assert_eq!(faults.len(), 4);
    assert!(faults[0].starts_with("it is a root token"));
}

#[test]
fn a_short_life_is_renewed_and_ends_the_token_that_cannot_be() {
    let short = TokenInfo { ttl: Some(100 * HOUR), ..info() };
    assert!(matches!(step().judge(&short), Verdict::Renew(why) if why == "100h of its life are left"));
    let fixed = TokenInfo { renewable: false, ..short };
    assert!(matches!(step().judge(&fixed), Verdict::Make(_)));
}

#[test]
fn a_server_that_shortens_lives_does_not_make_renewal_endless() {
    let capped = TokenInfo { ttl: Some(HOUR), creation_ttl: HOUR, ..info() };
    assert!(matches!(step().judge(&capped), Verdict::Sound));
    let brief = TokenInfo { ttl: Some(20 * HOUR), period: Some(24 * HOUR), ..info() };
    assert!(matches!(step().judge(&brief), Verdict::Sound));
}
