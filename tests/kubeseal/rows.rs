//! The table.

use std::fmt;

/// Whether both do the same.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Same {
    Yes,
    /// They differ, for a reason that `docs/kubeseal.md` lists.
    Differs(&'static str),
    /// The real one never ends, so only ours is run.
    Endless,
}

/// One run.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) args: &'static [&'static str],
    pub(crate) env: &'static [(&'static str, &'static str)],
    /// Standard input; `-` is a SealedSecret.
    pub(crate) input: &'static str,
    /// Files that lie there beside the usual ones.
    pub(crate) given: &'static [(&'static str, &'static str)],
    /// Whether there is a kubeconfig.
    pub(crate) config: bool,
    /// How ours ends.
    pub(crate) code: i32,
    /// The first line on standard error, where it matters.
    pub(crate) stderr: &'static str,
    /// Files to compare afterwards.
    pub(crate) files: &'static [&'static str],
    /// What stands in our standard output and those files, values opened. Needed where both succeed and differ.
    pub(crate) says: &'static [&'static str],
    pub(crate) same: Same,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "kubeseal {} {:?} < {:?}",
            self.args.join(" "),
            self.env,
            self.input.get(..200).unwrap_or(self.input)
        )
    }
}

/// A Secret with everything.
pub(crate) const SECRET: &str = r#"# a comment
apiVersion: v1
kind: Secret
metadata:
  name: a
  namespace: ns
  generateName: x-
  resourceVersion: "5"
  uid: u
  generation: 3
  creationTimestamp: "2020-01-01T00:00:00Z"
  selfLink: /x
  labels: {b: "1", a: <&>}
  annotations:
    long: aaaa bbbb cccc dddd
    x1: "yes"
    e: ""
    kubectl.kubernetes.io/last-applied-configuration: canary
  finalizers: [f/g, h/i]
  ownerReferences: [{apiVersion: v1, kind: X, name: own, uid: z}]
type: Opaque
immutable: false
data: {k: YmFy, both: b25l, empty: ""}
stringData: {z: zz, both: two, "on": "0123"}
"#;
const BARE: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {k: YmFy}\n";
const IN_NS: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\ndata: {k: YmFy}\n";
const NAMELESS: &str = "apiVersion: v1\nkind: Secret\nmetadata: {namespace: ns}\ndata: {k: YmFy}\n";
const NO_DATA: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\n";
const WIDE: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns, annotations: {sealedsecrets.bitnami.com/namespace-wide: \"true\"}}\ndata: {k: YmFy}\n";
const BOTH_SCOPES: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns, annotations: {sealedsecrets.bitnami.com/namespace-wide: \"true\", sealedsecrets.bitnami.com/cluster-wide: \"true\"}}\ndata: {k: YmFy}\n";
const LOUD_SCOPE: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns, annotations: {sealedsecrets.bitnami.com/cluster-wide: \"TRUE\"}}\ndata: {k: YmFy}\n";
const CERT: &str = "certificate.pem";
const ODD_TIME: &str = "error: Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)";
const NO_SECRETS: &str = "error: no secrets found. Ensure the input is valid and UTF-8 encoded";
const EMPTY: &str = "error: secret.data is empty in input Secret, assuming this is an error and aborting. To work with empty data, --allow-empty-data can be used";
const NO_CERT: &str = "error: data does not contain any valid RSA or ECDSA certificates";
const NO_CONFIG: &str = "error: invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable";

pub(crate) const ROW: Row = Row {
    args: &[],
    env: &[],
    input: "",
    given: &[],
    config: true,
    code: 0,
    stderr: "",
    files: &[],
    says: &[],
    same: Same::Yes,
};

const fn row(args: &'static [&'static str], input: &'static str) -> Row {
    Row { args, input, ..ROW }
}

impl Row {
    const fn fails(self, stderr: &'static str) -> Self {
        Self { code: 1, stderr, ..self }
    }
    const fn ends(self, code: i32) -> Self {
        Self { code, ..self }
    }
    const fn env(self, env: &'static [(&'static str, &'static str)]) -> Self {
        Self { env, ..self }
    }
    const fn files(self, files: &'static [&'static str]) -> Self {
        Self { files, ..self }
    }
    const fn says(self, says: &'static [&'static str]) -> Self {
        Self { says, ..self }
    }
    const fn warns(self, stderr: &'static str) -> Self {
        Self { stderr, ..self }
    }
    const fn endless(self) -> Self {
        Self { same: Same::Endless, ..self }
    }
    const fn given(self, given: &'static [(&'static str, &'static str)]) -> Self {
        Self { given, ..self }
    }
    const fn without_config(self) -> Self {
        Self { config: false, ..self }
    }
    const fn differs(self, why: &'static str) -> Self {
        Self { same: Same::Differs(why), ..self }
    }
}

/// All rows.
pub(crate) fn rows() -> Vec<Row> {
    [flags(), seal(), raw(), certificates(), merge(), recover(), environment(), better()].concat()
}

fn flags() -> Vec<Row> {
    vec![
        row(&["--version"], ""),
        row(&["--version", "words", "ignored"], ""),
        row(&["--version", "--from-file", "x"], ""),
        row(&["--version=false", "--cert", CERT], IN_NS),
        row(&["--cert", CERT, "-v", "9", "--logtostderr", "--log_dir=x"], IN_NS),
        row(&["--cert", CERT, "--format", "yaml", "-o", "json"], IN_NS),
        row(&["--cert", "nope", "--cert", CERT], IN_NS),
        row(&["--from-file", "a", "--cert", CERT], "").fails("error: --from-file requires --raw"),
        row(&["-f", "nope", "--cert", "nope"], "")
            .fails("error: Could not read file specified with --secret-file"),
        row(&["--help"], "").says(&["Usage of kubeseal:", "--merge-into"]).differs("another text"),
        row(&["-h"], "").says(&["Usage of kubeseal:", "--merge-into"]).differs("another text"),
        row(&["--bogus"], "")
            .ends(2)
            .differs("the mistake is told on standard error, and nothing on standard output"),
        row(&["-Z"], "").ends(2).differs("as above"),
        row(&["--raw=maybe"], "").ends(2).differs("as above"),
        row(&["--scope", "wide"], "").ends(2).differs("as above"),
        row(&["--format"], "").ends(2).differs("as above"),
        row(&["-s", "x"], "").ends(2).differs("as above"),
        row(&["--cert", CERT, "-f", "", "-w", ""], IN_NS),
        row(&["--cert", CERT, "--secret-file=", "--sealed-secret-file="], IN_NS),
        row(&["--cert", CERT, "--merge-into", "", "--kubeconfig", ""], BARE),
        row(
            &["--cert", CERT, "--certificate-authority", "", "--client-certificate", "", "--client-key", ""],
            BARE,
        ),
        row(&["--cert", CERT, "--request-timeout", "junk"], IN_NS),
        row(&["--cert", CERT, "--request-timeout", "junk"], BARE),
        row(&["--raw", "--cert", CERT, "--name", "a", "--request-timeout", "junk"], "v"),
        row(&["--fetch-cert", "--request-timeout", "junk"], "").fails(ODD_TIME),
        row(&["--fetch-cert", "--request-timeout", "-1"], "").fails(ODD_TIME),
        row(&["--fetch-cert", "--request-timeout", "1.5"], "").fails(ODD_TIME),
        row(&["--fetch-cert", "--request-timeout", ""], "").ends(1),
        row(&["--cert", CERT, "word", "-n", "typed"], BARE)
            .warns("warning: a word that is no flag is ignored: an input file is named with --secret-file")
            .says(&[r#"<"bar" for "typed/a">"#])
            .differs("words that are ignored are warned of"),
        row(&["--cert", CERT, "-n", "typed", "a", "b"], BARE)
            .warns(
                "warning: 2 words that are no flags are ignored: an input file is named with --secret-file",
            )
            .says(&[r#"<"bar" for "typed/a">"#])
            .differs("as above"),
    ]
}

fn seal() -> Vec<Row> {
    vec![
        row(&["--cert", CERT], SECRET),
        row(&["--cert", CERT, "-o", "yaml"], SECRET),
        row(&["--cert", CERT, "--format", "YAML"], SECRET),
        row(&["--cert", CERT], SPACED),
        row(&["--cert", CERT, "-o", "yaml"], SPACED)
            .says(&["s: \" a \"\n"])
            .differs("quotes of another kind in YAML"),
        row(&["--cert", CERT, "-o", "yaml"], LONG)
            .says(&[LONG_LINE])
            .differs("a long line is not folded"),
        row(&["--cert", CERT, "--context", "bare"], BARE)
            .warns("warning: sealed for the namespace `default`, since neither the input nor --namespace nor the context names one")
            .says(&[r#"<"bar" for "default/a">"#])
            .differs("a namespace that nobody names is warned of"),
        row(&["--cert", CERT, "--format="], IN_NS),
        row(&["--cert", CERT, "--format", "toml"], IN_NS).fails("error: unsupported output format: toml"),
        row(&["--cert", CERT, "-f", "secret.yaml"], "unread"),
        row(&["--cert", CERT, "-f", "secret.yaml", "-w", "out.yaml"], "").files(&["out.yaml"]),
        row(&["--cert", CERT, "-w", "out.yml", "-o", "json"], SECRET).files(&["out.yml"]),
        row(&["--cert", CERT, "-w", "out.json"], SECRET).files(&["out.json"]),
        row(&["--cert", CERT, "-w", "out", "-o", "yaml"], SECRET).files(&["out"]),
        row(&["--cert", CERT, "-w", "nowhere/out"], IN_NS).ends(1),
        row(&["--cert", CERT, "-w", "strict.yaml", "-n", "typed"], IN_NS)
            .fails(
                "error: namespace mismatch: input secret is in namespace \"ns\" but \"typed\" was specified",
            )
            .files(&["strict.yaml"]),
        row(&["--cert", CERT], BARE),
        row(&["--cert", CERT, "--context", "here"], BARE),
        row(&["--cert", CERT, "--context", "bare"], BARE),
        row(&["--cert", CERT, "-n", "typed"], BARE),
        row(&["--cert", CERT, "-n", "ns"], IN_NS),
        row(&["--cert", CERT, "-n", "typed", "--scope", "cluster-wide"], IN_NS),
        row(&["--cert", CERT, "-n", "typed", "--scope", "cluster-wide"], BARE),
        row(&["--cert", CERT, "--kubeconfig", "nope"], IN_NS),
        row(&["--cert", CERT, "--kubeconfig", "nope"], BARE).fails("error: secret must declare a namespace"),
        row(&["--cert", CERT, "--context", "nope"], BARE).fails("error: secret must declare a namespace"),
        row(&["--cert", CERT], BARE).without_config().fails("error: secret must declare a namespace"),
        row(&["--cert", CERT], IN_NS).without_config(),
        row(&["--cert", CERT, "-n", "typed"], BARE).without_config(),
        row(&["--cert", CERT, "--name", "renamed"], IN_NS),
        row(&["--cert", CERT, "--name", "renamed"], NAMELESS),
        row(&["--cert", CERT], NAMELESS).fails("error: missing metadata.name in input Secret"),
        row(&["--cert", CERT, "--scope", "strict"], WIDE),
        row(&["--cert", CERT, "--scope", "namespace-wide"], IN_NS),
        row(&["--cert", CERT, "--scope", "cluster-wide"], WIDE),
        row(&["--cert", CERT, "--scope="], WIDE),
        row(&["--cert", CERT], WIDE),
        row(&["--cert", CERT], BOTH_SCOPES),
        row(&["--cert", CERT], LOUD_SCOPE),
        row(&["--cert", CERT], NO_DATA).fails(EMPTY),
        row(&["--cert", CERT, "--allow-empty-data"], NO_DATA),
        row(&["--cert", CERT, "--allow-empty-data=false"], NO_DATA).fails(EMPTY),
        row(&["--cert", CERT], "").fails(NO_SECRETS),
        row(&["--cert", CERT], "# only a comment\n---\n---\n").fails(NO_SECRETS),
        row(&["--cert", CERT], "words").fails(NO_SECRETS),
        row(&["--cert", CERT], "[1]").fails(NO_SECRETS),
        row(&["--cert", CERT], "apiVersion: v1\nkind: List\nitems: []\n").fails(EMPTY),
        row(&["--cert", CERT], "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n").fails(EMPTY),
        row(
            &["--cert", CERT],
            "---\napiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\ndata: {k: YmFy}\n---\n# nothing\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: renamed, namespace: ns}\nstringData: {k: v}\n",
        ),
        row(
            &["--cert", CERT, "-o", "yaml"],
            "{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\",\"namespace\":\"ns\"},\"data\":{\"k\":\"YmFy\"}}\n{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"renamed\",\"namespace\":\"ns\"},\"stringData\":{\"k\":\"\\u003c\"}}",
        ),
        row(&["--cert", CERT], "metadata: {name: a, namespace: ns}\ndata: {k: YmFy}\n"),
        row(
            &["--cert", CERT],
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\nstringData: {port: 5432, t: true, n1: null}\n",
        ),
        row(
            &["--cert", CERT],
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\ndata: {k: \"Ym\\nFy\"}\n",
        ),
        row(
            &["--cert", CERT],
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\ndata: {k: \"!\"}\n",
        )
        .ends(1),
        row(
            &["--cert", CERT],
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\ndata: {k: 1234}\n",
        )
        .ends(1),
        row(
            &["--cert", CERT],
            "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"a\"},\"stringData\":{\"k\":1}}",
        ),
    ]
}

/// What differs in quotes only, when read as YAML is the same.
const SPACED: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns, annotations: {s: \" a \"}}\ndata: {k: YmFy}\n";

fn raw() -> Vec<Row> {
    vec![
        row(&["--raw", "--cert", CERT, "--name", "a"], "v\n"),
        row(&["--raw", "--cert", CERT, "--name", "a", "-n", "typed"], "v"),
        row(&["--raw", "--cert", CERT, "--name", "a", "-n", "typed"], "").without_config(),
        row(&["--raw", "--cert", CERT, "--scope", "namespace-wide"], "v"),
        row(&["--raw", "--cert", CERT, "--scope", "cluster-wide"], "v").without_config(),
        row(&["--raw", "--cert", CERT, "--name", "a", "--context", "bare"], "v"),
        row(&["--raw", "--cert", CERT, "--name", "a", "--from-file", "value"], "unread"),
        row(&["--raw", "--cert", CERT, "--name", "a", "--from-file", "key=value"], ""),
        row(&["--raw", "--cert", CERT, "--name", "a", "--from-file=nope"], "")
            .fails("error: open nope: no such file or directory"),
        row(&["--raw", "--cert", CERT, "--name", "a", "-f", "secret.yaml"], "v"),
        row(&["--raw", "--cert", CERT, "--name", "a", "-w", "out"], "v").files(&["out"]),
        row(&["--raw", "--cert", CERT], "v")
            .fails("error: must provide the --name flag with --raw and --scope strict"),
        row(&["--raw", "--cert", CERT], "v").without_config().fails(NO_CONFIG),
        row(&["--raw", "--cert", CERT, "--name", "a", "--kubeconfig", "nope"], "v")
            .fails("error: stat nope: no such file or directory"),
        row(&["--raw", "--cert", CERT, "--name", "a", "--from-file", "a", "--from-file", "b"], "")
            .fails("error: must provide only one --from-file when encrypting a single item with --raw"),
        row(&["--raw", "--cert", CERT, "--name", "a", "--from-file", "a,b"], "")
            .fails("error: must provide only one --from-file when encrypting a single item with --raw"),
    ]
}

fn certificates() -> Vec<Row> {
    vec![
        row(&["--cert", "nope.pem"], IN_NS).fails("error: open nope.pem: no such file or directory"),
        row(&["--cert", "C:/nope"], IN_NS).fails("error: open C:/nope: no such file or directory"),
        row(&["--cert", "certificate.key"], IN_NS).fails(NO_CERT),
        row(&["--cert", "public.pem"], IN_NS).fails(NO_CERT),
        row(&["--cert", "/dev/null"], IN_NS).fails(NO_CERT),
        row(&["--cert", "ec.pem"], IN_NS).ends(1),
        row(&["--cert", "expired.pem"], IN_NS)
            .fails("error: failed to encrypt using an expired certificate on November 20, 2026"),
        row(&["--cert", "expired.pem", "--fetch-cert"], ""),
        row(&["--cert", CERT, "--fetch-cert"], ""),
        row(&["--cert", CERT, "--fetch-cert", "--raw"], ""),
        row(&["--cert", CERT, "--fetch-cert", "-w", "out"], "").files(&["out"]),
        row(&["--cert", "file:///nope"], IN_NS).fails("error: cannot fetch \"file:///nope\": 404 Not Found"),
        row(&["--cert", "file:///nope%20"], IN_NS)
            .fails("error: cannot fetch \"file:///nope%20\": 404 Not Found"),
        row(&["--cert", "file://elsewhere/dev/null"], IN_NS)
            .fails("error: cannot fetch \"file://elsewhere/dev/null\": `file://elsewhere/dev/null` names a file on another machine")
            .differs("a file of another machine is not looked for on this one"),
        row(&["--cert", "http://user:canary@127.0.0.1:1/x?token=canary", "--request-timeout", "junk"], IN_NS)
            .fails(ODD_TIME)
            .differs("the deadline counts for addresses as well"),
        row(&["--cert", "http://127.0.0.1:1/x"], IN_NS).ends(1),
        row(&["--cert", "early.pem"], IN_NS)
            .warns("warning: the certificate is not valid before January 1, 2120")
            .says(&[r#"<"bar" for "ns/a">"#])
            .differs("a certificate that is not valid yet is warned of"),
        row(&["--fetch-cert"], "").ends(1),
        row(&["--fetch-cert"], "").without_config().fails(NO_CONFIG),
        row(&[], IN_NS).without_config().fails(NO_CONFIG),
        row(&["--validate"], "-").without_config().fails(NO_CONFIG),
        row(&["--re-encrypt"], "-").without_config().fails(NO_CONFIG),
        row(&["--re-encrypt", "-f", "strict.yaml"], "").ends(1).files(&["strict.yaml"]),
        row(&["--validate", "--kubeconfig", "nope"], "-")
            .fails("error: stat nope: no such file or directory"),
        row(&["--server", "http://127.0.0.1:1"], IN_NS).without_config().ends(1),
    ]
}

const LONG_LINE: &str = "long: aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj kkkk llll mmmm nnnn oooo pppp qqqq rrrr ssss tttt\n";
const LONG: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns, annotations: {long: aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj kkkk llll mmmm nnnn oooo pppp qqqq rrrr ssss tttt}}\ndata: {k: YmFy}\n";
const MORE: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: zz, labels: {l2: '2'}, annotations: {n2: yy}}\nstringData: {new: two}\n";

fn merge() -> Vec<Row> {
    vec![
        row(&["--cert", CERT, "--merge-into", "strict.json"], MORE).files(&["strict.json"]),
        row(&["--cert", CERT, "--merge-into", "strict.yaml", "-o", "json"], MORE).files(&["strict.yaml"]),
        row(&["--cert", CERT, "--merge-into", "strict.yaml", "-o", "yaml"], MORE).files(&["strict.yaml"]),
        row(&["--cert", CERT, "--merge-into", "wide.yaml", "-o", "yaml", "--scope", "namespace-wide"], MORE)
            .files(&["wide.yaml"]),
        row(&["--cert", CERT, "--merge-into", "cluster.yaml", "-o", "yaml", "--scope", "cluster-wide"], MORE)
            .files(&["cluster.yaml"]),
        row(&["--cert", CERT, "--merge-into", "nope.yaml"], MORE).fails("error: open nope.yaml: no such file or directory"),
        row(&["--cert", CERT, "--merge-into", "secret.yaml"], MORE).ends(1).files(&["secret.yaml"]),
        row(&["--cert", CERT, "--merge-into", "strict.yaml"], "").fails(NO_SECRETS).files(&["strict.yaml"]),
        row(&["--cert", CERT, "--merge-into", "strict.yaml"], NO_DATA).fails(EMPTY).files(&["strict.yaml"]),
        row(&["--cert", CERT, "--merge-into", "strict.yaml", "-n", "typed"], MORE)
            .fails("error: namespace mismatch: input secret is in namespace \"ns\" but \"typed\" was specified")
            .files(&["strict.yaml"]),
        row(&["--cert", CERT, "--merge-into", "strict.json"], "{\"kind\":\"Secret\",\"data\":{\"k\":\"YmFy\"}}{\"kind\":\"Secret\",\"data\":{\"k\":\"YmFy\"}}")
            .ends(1)
            .files(&["strict.json"]),
        row(&["--cert", CERT, "--merge-into", "strict.yaml"], MORE)
            .files(&["strict.yaml"])
            .says(&["kind: SealedSecret\n", r#"new: <"two" for "ns/a">"#, r#"old: <"one" for "ns/a">"#])
            .differs("YAML stays YAML unless --format says otherwise"),
        row(&["--cert", CERT, "--merge-into", "wide.yaml", "-o", "yaml"], MORE)
            .files(&["wide.yaml"])
            .says(&[r#"new: <"two" for "ns">"#, r#"old: <"one" for "ns">"#])
            .differs("items are sealed under the scope of the file"),
        row(&["--cert", CERT, "--merge-into", "strict.yaml", "-o", "yaml", "--scope", "cluster-wide"], MORE)
            .ends(1)
            .files(&["strict.yaml"])
            .differs("a scope that is not the file's is refused"),
        row(&["--cert", CERT, "--merge-into", "bare.yaml", "-o", "yaml"], MORE)
            .given(&[("bare.yaml", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a, namespace: ns}\nspec: {encryptedData: {}, template: {metadata: {name: a}}}\n")])
            .files(&["bare.yaml"])
            .says(&[r#"new: <"two" for "ns/a">"#, "l2: \"2\"", "n2: yy"])
            .differs("a template without labels does not end it"),
        row(&["--cert", CERT, "--merge-into", "two.yaml", "-o", "yaml"], MORE)
            .given(&[("two.yaml", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a, namespace: ns}\nspec: {encryptedData: {k: v}, template: {metadata: {labels: {a: b}, annotations: {a: b}}}}\n---\nkind: Other\n")])
            .ends(1)
            .files(&["two.yaml"])
            .differs("other documents are not dropped"),
    ]
}

fn recover() -> Vec<Row> {
    const BY_KEY: &[&str] = &["--recovery-unseal", "--recovery-private-key", "certificate.key"];
    vec![
        row(BY_KEY, "-").says(&[r#""old": "b25l""#, r#""l": "1""#]).differs("no ownerReference with an empty uid"),
        row(&["--recovery-unseal"], "-").fails("error: no key could decrypt secret (old)").without_config(),
        row(&["--recovery-unseal", "--recovery-private-key", "other.key"], "-")
            .fails("error: no key could decrypt secret (old)"),
        row(&["--recovery-unseal", "--recovery-private-key", "nope"], "-")
            .fails("error: open nope: no such file or directory"),
        row(&["--recovery-unseal", "--recovery-private-key", "secret.yaml"], "-").ends(1),
        row(&["--recovery-unseal", "--recovery-private-key", "keys.yaml"], SKIPPING).ends(1),
        row(&["--recovery-unseal", "--recovery-private-key", "other.key,key.yaml", "-o", "yaml", "--kubeconfig", "nope"], "-")
            .says(&["old: b25l\n", "kind: Secret\n"])
            .differs("no ownerReference with an empty uid"),
        row(BY_KEY, "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a, namespace: ns}\nspec: {data: AAAA}\n")
            .fails("error: using deprecated 'data' field, use 'encryptedData' or flip the feature flag"),
        row(&["--recovery-unseal", "--recovery-private-key", "certificate.key", "-o", "yaml", "-f", "two.yaml"], "")
            .given(&[("two.yaml", TWO_SEALED)])
            .says(&["name: first\n", "name: second\n"])
            .differs("all documents are unsealed, not the first one alone"),
        row(BY_KEY, IN_NS).ends(1),
        row(BY_KEY, "").fails(NO_SECRETS).differs("nothing is not made a Secret"),
        row(&["--recovery-unseal", "--recovery-private-key", CERT], "-").ends(1),
    ]
}

/// Without items: what is sealed differs from run to run, and the table is constant.
const TWO_SEALED: &str = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: first, namespace: ns}\nspec: {encryptedData: {}}\n---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: second, namespace: ns}\nspec: {encryptedData: {}}\n";
const SKIPPING: &str = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a, namespace: ns}\nspec: {encryptedData: {k: AAAA, l: '!'}}\n";

fn environment() -> Vec<Row> {
    const SEAL: &[&str] = &["--cert", CERT];
    vec![
        row(SEAL, SECRET).env(&[("SEALED_SECRETS_FORMAT", "yaml")]),
        row(&["--cert", CERT, "-o", "json"], SECRET).env(&[("SEALED_SECRETS_FORMAT", "yaml")]),
        row(&[], IN_NS).env(&[("SEALED_SECRETS_CERT", CERT)]),
        row(SEAL, IN_NS).env(&[("SEALED_SECRETS_SCOPE", "cluster-wide")]),
        row(SEAL, IN_NS).env(&[("SEALED_SECRETS_SCOPE", "wide")]),
        row(&["--cert", CERT, "--scope", "strict"], IN_NS).env(&[("SEALED_SECRETS_SCOPE", "cluster-wide")]),
        row(SEAL, BARE).env(&[("SEALED_SECRETS_NAMESPACE", "env")]),
        row(&["--cert", CERT, "-n", "typed"], BARE).env(&[("SEALED_SECRETS_NAMESPACE", "env")]),
        row(SEAL, IN_NS).env(&[("SEALED_SECRETS_NAMESPACE", "env")]).fails(
            "error: namespace mismatch: input secret is in namespace \"ns\" but \"env\" was specified",
        ),
        row(SEAL, IN_NS).env(&[("SEALED_SECRETS_RAW", "perhaps")]),
        row(&["--cert", CERT, "--name", "a"], "v").env(&[("SEALED_SECRETS_RAW", "1")]),
        row(&["--cert", CERT, "--raw=false"], IN_NS).env(&[("SEALED_SECRETS_RAW", "1")]),
        row(SEAL, NO_DATA).env(&[("SEALED_SECRETS_ALLOW_EMPTY_DATA", "t")]),
        row(SEAL, BARE).env(&[("SEALED_SECRETS_CONTEXT", "bare")]),
        row(SEAL, IN_NS).env(&[("SEALED_SECRETS_NAME", "renamed")]),
        row(SEAL, "")
            .env(&[
                ("SEALED_SECRETS_SECRET_FILE", "secret.yaml"),
                ("SEALED_SECRETS_SEALED_SECRET_FILE", "out.yaml"),
            ])
            .files(&["out.yaml"]),
        row(SEAL, "").env(&[("SEALED_SECRETS_FETCH_CERT", "TRUE")]),
        row(&[], "").env(&[("SEALED_SECRETS_VERSION", "true")]),
        row(&["--recovery-unseal"], "-")
            .env(&[("SEALED_SECRETS_RECOVERY_PRIVATE_KEY", "other.key")])
            .fails("error: no key could decrypt secret (old)"),
        row(&["--raw", "--cert", CERT, "--name", "a", "--from-file", "value"], "")
            .env(&[("SEALED_SECRETS_FROM_FILE", "other")])
            .says(&[r#"<"a value\n" for "ctxns/a">"#])
            .differs("what is typed replaces a list of the environment"),
        row(SEAL, BARE)
            .env(&[("SEALED_SECRETS_KUBECONFIG", "nope")])
            .fails("error: secret must declare a namespace"),
    ]
}

/// Two good objects, and one that ends amiss in line 4.
const BROKEN_JSON: &str = "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"a\",\"namespace\":\"ns\"},\"data\":{\"k\":\"YmFy\"}}\n{\"kind\":\"Secret\",\"metadata\":{\"name\":\"b\",\"namespace\":\"ns\"},\"data\":{\"k\":\"YmFy\"}}\n{\"kind\":\"Secret\",\n5}\n";

/// Where ours is better.
fn better() -> Vec<Row> {
    const SEAL: &[&str] = &["--cert", CERT];
    vec![
        row(SEAL, "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\ndata: {k: YmFy}\n---\na: [\n")
            .ends(1)
            .differs("a broken document is not skipped"),
        row(SEAL, "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\nstringData: {k: yes}\n")
            .fails("error: standard input:4: what is written as `stringData.k` is a boolean to YAML, not a text")
            .differs("a scalar that YAML changes is not sealed"),
        row(SEAL, "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\nstringData: {k: 0123}\n")
            .ends(1)
            .differs("as above"),
        row(SEAL, "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\nstringData:\n  yes: v\n")
            .fails("error: standard input:5: the key that is written `yes` in `stringData` is `true` to YAML")
            .differs("a key that YAML changes is not sealed"),
        row(SEAL, "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\ndata: {0123: YmFy}\n")
            .fails("error: standard input:4: the key that is written `0123` in `data` is `83` to YAML")
            .differs("as above"),
        row(SEAL, "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"a\",\"namespace\":\"ns\"},\n\"data\":{\"k\":\"YmFy\",\n\"k\":\"YmFy\"}}\n")
            .fails("error: standard input:3:1: the key `k` stands here a second time")
            .differs("a key that stands twice is not guessed"),
        row(SEAL, BROKEN_JSON)
            .fails("error: standard input:4:1: not valid JSON: key must be a string")
            .endless(),
        row(SEAL, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: ns}\ndata: {k: YmFy}\n")
            .fails("error: standard input:2: this is a ConfigMap of `v1`, not a Secret")
            .differs("another kind is not sealed as if it were a Secret"),
        row(&["--cert", CERT, "--allow-empty-data"], "apiVersion: v1\nkind: List\nitems: []\n")
            .ends(1)
            ,
        row(SEAL, "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\nstringdata: {k: v}\n")
            .ends(1)
            .differs("a field in another case is not guessed"),
        row(SEAL, "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns, managedFields: [{manager: m}]}\ndata: {k: YmFy}\n")
            .says(&[r#""k": "<"bar" for "ns/a">""#])
            .differs("managedFields are not copied"),
        row(SEAL, "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\ndata: {k: YmFy}\n---\napiVersion: v1\nkind: Secret\nmetadata: {namespace: ns}\ndata: {k: YmFy}\n")
            .fails("error: missing metadata.name in input Secret")
            .differs("nothing is written where a later document cannot be sealed"),
        row(SEAL, "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns}\ndata: {k: YmFy, k: YmFy}\n")
            .ends(1)
            .differs("a key that stands twice is not guessed"),
        row(&["--recovery-unseal", "--recovery-private-key", "certificate.key"], "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a, namespace: ns}\nspec: {encryptedData: {k: 5}}\n")
            .ends(1)
            ,
        row(&["--rotate"], "-")
            .without_config()
            .ends(1)
            .differs("the warning is on standard error"),
        row(&["--raw", "--cert", CERT, "--name", "a", "--kubeconfig", "nope", "-n", "typed"], "v")
            .says(&[r#"<"v" for "typed/a">"#])
            .differs("a kubeconfig that is not needed is not read"),
    ]
}
