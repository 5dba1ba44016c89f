use super::*;

fn line(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

#[test]
fn it_is_kubeseal_by_its_name_or_by_its_first_word() {
    assert_eq!(words_of(&line(&["/usr/bin/kubeseal", "--raw"])), Some(line(&["--raw"])));
    assert_eq!(words_of(&line(&["kubeseal.exe"])), Some(vec![]));
    assert_eq!(words_of(&line(&["sealstrap", "kubeseal", "--json"])), Some(line(&["--json"])));
    assert_eq!(words_of(&line(&["sealstrap", "status"])), None);
    assert_eq!(words_of(&line(&["kubeseal-next", "status"])), None);
    assert_eq!(words_of(&[]), None);
}

#[test]
fn mistakes_are_told_in_the_words_of_pflag() {
    for (typed, said) in [
        ("--bogus", "unknown flag: --bogus"),
        ("--bogus=1", "unknown flag: --bogus"),
        ("-Z", "unknown shorthand flag: 'Z' in -Z"),
        ("--format", "flag needs an argument: --format"),
        (
            "--scope=foo",
            "invalid argument \"foo\" for \"--scope\" flag: must be one of: strict, namespace-wide, cluster-wide",
        ),
        (
            "--raw=maybe",
            "invalid argument \"maybe\" for \"--raw\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax",
        ),
    ] {
        let error = Flags::try_parse_from(["kubeseal", typed]).unwrap_err();
        assert_eq!(usage(&error).lines().next(), Some(said), "{error:?}");
    }
}
