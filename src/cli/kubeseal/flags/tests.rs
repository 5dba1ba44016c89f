use super::*;

fn typed(line: &str) -> Flags {
    Flags::try_parse_from(line.split(' ')).unwrap()
}

#[test]
fn the_flags_are_consistent() {
    <Flags as clap::CommandFactory>::command().debug_assert();
}

#[test]
fn flags_are_read_as_pflag_reads_them() {
    let flags =
        typed("kubeseal -oyaml x --raw --name=a --name b -n=c --scope cluster-wide --fetch-cert=F y -v 3");
    assert_eq!(flags.format.as_deref(), Some("yaml"));
    assert_eq!((flags.raw, flags.fetch_cert), (Some(true), Some(false)));
    assert_eq!(flags.name.as_deref(), Some("b"), "the last one counts");
    assert_eq!(flags.cluster.namespace.as_deref(), Some("c"));
    assert_eq!(flags.scope, Some(Some(crate::seal::Scope::ClusterWide)));
    assert_eq!(flags.words.len(), 2);
    assert_eq!(typed("kubeseal --cert --raw").cert.as_deref(), Some("--raw"));
    assert_eq!(typed("kubeseal --from-file a --from-file b").from_file, ["a", "b"]);
}

#[test]
fn what_no_flag_takes_is_refused() {
    for line in [
        "kubeseal --bogus",
        "kubeseal -Z",
        "kubeseal --raw=maybe",
        "kubeseal --scope wide",
        "kubeseal --cert",
        "kubeseal --v=x",
    ] {
        assert!(Flags::try_parse_from(line.split(' ')).is_err(), "{line}");
    }
}

#[test]
fn lists_are_split_at_commas_outside_quotes() {
    assert_eq!(split("a,b"), ["a", "b"]);
    assert_eq!(split("\"a,b\",c"), ["a,b", "c"]);
    assert!(split("").is_empty());
}
