//! Keys of Google and Google Cloud.

use crate::scan::rule::{Check, Form, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "google-api-key",
        issuer: "Google",
        what: "an API key",
        source: "https://cloud.google.com/docs/authentication/api-keys",
        form: Form::Token { anchors: &["aiza"], regex: r"\b(?<secret>AIza[\w-]{35})(?:[^\w-]|$)" },
        check: Check::Form,
        examples: &[r#"key: "AIza6hop·lcyq_jPuaXrPpWPQPnG-s35fdeh6dtz""#],
        others: &["AIzagKib·zO6aOqi3Q8rYE9JUtcFNnRW5XmuvQItG", "AIza-short"],
    },
    Rule {
        id: "google-oauth-client-secret",
        issuer: "Google",
        what: "an OAuth client secret",
        source: "https://developers.google.com/identity/protocols/oauth2",
        form: Form::Token { anchors: &["gocspx-"], regex: r"\b(?<secret>GOCSPX-[\w-]{28})(?:[^\w-]|$)" },
        check: Check::Form,
        examples: &["GOOGLE_CLIENT_SECRET=GOCSPX-ypie·i8sfV9E8Aw_U9zYz9WtpePug"],
        others: &["GOCSPX-secret"],
    },
    Rule {
        id: "google-oauth-access-token",
        issuer: "Google",
        what: "an OAuth access token",
        source: "https://cloud.google.com/docs/authentication/token-types#access",
        form: Form::Token { anchors: &["ya29."], regex: r"\bya29\.[\w-]{20,}" },
        check: Check::Form,
        examples: &[
            "token: ya29.a0eZKy·xXk9zRXcNihaf_CY1An8jHX5fkrhsKtBqGIj2c1noq3ELbe_glw2tfine27wiYeXSPHPJc9Jp4tcdmBBPjUjxsDlhTSee_n0MNO7T2lOfJQnmiJ6ggcp",
        ],
        others: &["ya29.token"],
    },
    Rule {
        id: "google-oauth-refresh-token",
        issuer: "Google",
        what: "an OAuth refresh token",
        source: "https://developers.google.com/identity/protocols/oauth2#expiration",
        form: Form::Token {
            anchors: &["1//0"],
            regex: r"(?:^|[^\w/])(?<secret>1//0[\w-]{38,100})(?:[^\w-]|$)",
        },
        check: Check::Form,
        examples: &[r#""refresh_token":"1//0XiHX·IUcL-Yzvz9NVeUlUc025CaV296N6Vp7Akxs9q5l3gaMDcqqXNNPuIK_4""#],
        others: &["https://example1//0/path"],
    },
    Rule {
        id: "google-service-account-key",
        issuer: "Google",
        what: "a service account key",
        source: "https://cloud.google.com/iam/docs/keys-create-delete",
        form: Form::Token {
            anchors: &[r#""private_key"#],
            regex: r#""private_key\\{0,3}"\s*:\s*\\{0,3}"(?<secret>-----BEGIN[ ]PRIVATE[ ]KEY-----(?:\\{1,4}[nr]|[A-Za-z0-9+/=])+-----END[ ]PRIVATE[ ]KEY-----)"#,
        },
        check: Check::Form,
        examples: &[
            r#"{"type": "service_account", "private_key": "-----BE·GIN PRIVATE KEY-----\nh+tx5EuA6qM0572qS7CbRfqZ5RcK4vimA8DV0pzvL/GN0CblRE6YIYPBGXb76ScA\nT/7wIpzqrL+vQxsEvddnaUYWnPWAhY5cNnzJJ7jIx5kE8WgcHBmAsbiC\n-----E·ND PRIVATE KEY-----\n"}"#,
        ],
        others: &[r#""private_key": "...""#],
    },
    Rule {
        id: "google-service-account-key-base64",
        issuer: "Google",
        what: "a service account key in base64",
        source: "https://cloud.google.com/iam/docs/keys-create-delete",
        form: Form::Token {
            anchors: &["ewogicj0exblijoginnlcnzpy2vfywnjb3vudcis"],
            regex: r"\bewogICJ0eXBlIjogInNlcnZpY2VfYWNjb3VudCIs[A-Za-z0-9+/]{200,}={0,2}",
        },
        check: Check::Form,
        examples: &[
            "credentials: ewogICJ0eXBlIjogInNlcnZpY2VfYWNjb3VudCIs7gRe·WSLmKQeKWxu5kzGHG3lnR1qceU/H9Hye6gtTpfmJZ0oiSMbj6yXUAus3ojC4PuTnXtkneWOY+jS7I3x/MYpg3PY51e4QOdfbpQL+WuAukSD4rUnocdy9Uw7dw59CqXRfssU/IZ/5NLnzYlzE1cid78fflf2VXOnShuGP8YeA47uNHS3fpW+tghmzHpvTFpHdFh94Pn0ASKXIPz=",
        ],
        others: &["ewogICJ0eXBlIjogInNlcnZpY2VfYWNjb3VudCIsCn0="],
    },
    Rule {
        id: "google-hmac-key-id",
        issuer: "Google",
        what: "the access ID of an HMAC key for Cloud Storage",
        source: "https://cloud.google.com/storage/docs/authentication/hmackeys",
        form: Form::Token { anchors: &["goog1e"], regex: r"\bGOOG1E[A-Z0-9]{55}\b" },
        check: Check::Form,
        examples: &["access_key: GOOG1EETAD·QWYJ72VPHVGM9CAZS7YN7RFH6DFKK5WCR4BJZ94EA82G8Q263ND"],
        others: &["GOOG1EXAMPLE"],
    },
    Rule {
        id: "google-recaptcha-secret-key",
        issuer: "Google",
        what: "a secret key for reCAPTCHA",
        source: "https://developers.google.com/recaptcha/docs/verify",
        form: Form::Named {
            names: &["recaptcha_secret", "recaptcha_private_key"],
            value: "6L[A-Za-z0-9_-]{38}",
        },
        check: Check::Form,
        examples: &["RECAPTCHA_SECRET_KEY=6L2RMr·smsVmMnd7RinW7J2CD_CwcnRMbgzTnoCkS"],
        others: &["recaptcha_site_key: 6LsIaH·oZ8ayi5IhmfWr-T3nIOtU8df_rpJWsayCd"],
    },
];
