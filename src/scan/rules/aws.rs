//! Keys of Amazon Web Services.

use crate::scan::rule::{Check, Form, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "aws-access-key-id",
        issuer: "Amazon Web Services",
        what: "an access key ID",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
        form: Form::Token {
            anchors: &["akia", "asia", "abia"],
            regex: r"\b(?:AKIA|ASIA|ABIA)[A-Z2-7]{16}\b",
        },
        check: Check::Form,
        examples: &["aws_access_key_id = AKIATBGY·YUBFQ4P2VRRR"],
        others: &["AKIA0189018901890189", "timezone: Asia/Singapore"],
    },
    Rule {
        id: "aws-secret-access-key",
        issuer: "Amazon Web Services",
        what: "a secret access key",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        form: Form::Named { names: &["aws_secret", "secret_access_key"], value: "[A-Za-z0-9/+]{40}" },
        check: Check::Entropy(4.0),
        examples: &[
            "aws_secret_access_key = oYln·6t/WeRjh24EMK36VlNPVbWT5Kxc9WTJi+jW1",
            r#""secretAccessKey": "rETw·XvKy+3LoatjM5N/H3CcdnM0mINb6i0MMHtdK""#,
        ],
        others: &[
            "aws_secret_access_key: velero-credentials",
            "secretAccessKey: 3d8c0f9b1e2a4c5d6e7f8091a2b3c4d5e6f70819",
        ],
    },
    Rule {
        id: "aws-session-token",
        issuer: "Amazon Web Services",
        what: "a session token",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html",
        form: Form::Named {
            names: &["aws_session_token", "aws_security_token"],
            value: "[A-Za-z0-9/+]{100,}={0,2}",
        },
        check: Check::Form,
        examples: &[
            "export AWS_SESSION_TOKEN=IQoJb3JpZ2luX2Vj9HZd·kEjlvv/yYjcJdekwfFk+8A0dtQbnP9gUGBs0/qY6Wz5uVJfKrOb03NSlD1+W6C51tL373vmKm7y4hUYTFfPRYTVtkasyzHBW==",
        ],
        others: &["aws_session_token: short"],
    },
    Rule {
        id: "aws-bedrock-api-key",
        issuer: "Amazon Web Services",
        what: "an API key for Amazon Bedrock",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_bedrock.html",
        form: Form::Token {
            anchors: &["absk", "bedrock-api-key-"],
            regex: r"\b(?<secret>ABSK[A-Za-z0-9+/]{109,269}={0,2}|bedrock-api-key-[A-Za-z0-9+/_-]{100,}={0,2})(?:[^\w+/=-]|$)",
        },
        check: Check::Form,
        examples: &[
            "AWS_BEARER_TOKEN_BEDROCK=ABSKQmVkcm9ja0FQSUtleSznNG·YwsBsgx0AbvZVl22YfqW5fE+PcjthSFOIreGWcqx0Svg1CmhwgBQVikSd/xXKRCwjq0e7/KavYzblOfU9YZfup1ShOy4/4WCh43Jxb0TyR=",
            "key: bedrock-api-key-50Km·7EC6h+CU1034u7DkWtdtnS6+RGRYh4txSyCDyBly01UJaRn2zJgL71KjRO7D+zI4nK3ZmEcyOigV9vEIL9Zg4WTT0syZHqCb",
        ],
        others: &["ABSKQmVkcm9ja0FQSUtleS", "bedrock-api-key-secret"],
    },
];
