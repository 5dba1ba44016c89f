//! Keys of what moves money.

use crate::scan::rule::{Check, Form, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "stripe-secret-key",
        issuer: "Stripe",
        what: "a secret or restricted key",
        source: "https://docs.stripe.com/keys",
        form: Form::Token {
            anchors: &["sk_live_", "rk_live_", "sk_test_", "rk_test_"],
            regex: r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{24,247}\b",
        },
        check: Check::Entropy(3.5),
        examples: &[
            "STRIPE_SECRET_KEY=sk_live_51IRzb·zp3qYAhhEbJUBAbRT9hZkYIMODXm4OodgacQ9ZfFL9wgnEHbWHj87kWvqcE2gYFNKURpk2Ks26fFFnMqFRgR5hx6nKxuS",
        ],
        others: &["pk_live_jW9K·jdj5Q7shtOyeVe0OdL46"],
    },
    Rule {
        id: "stripe-webhook-secret",
        issuer: "Stripe",
        what: "a signing secret of a webhook",
        source: "https://docs.stripe.com/webhooks",
        form: Form::Token {
            anchors: &["whsec_"],
            regex: r"\b(?<secret>whsec_[A-Za-z0-9+/]{32,64}={0,2})(?:[^\w+/=-]|$)",
        },
        check: Check::Entropy(3.5),
        examples: &["STRIPE_WEBHOOK_SECRET=whsec_TFSX·0HlOkEbYDYp9vUhhLdOZVwN1jyE0"],
        others: &["whsec_secret"],
    },
    Rule {
        id: "square-access-token",
        issuer: "Square",
        what: "an access token",
        source: "https://github.com/betterleaks/betterleaks/blob/main/cmd/generate/config/rules/square.go",
        form: Form::Token { anchors: &["eaaa"], regex: r"\b(?<secret>EAAA[\w-]{60})(?:[^\w-]|$)" },
        check: Check::Entropy(3.5),
        examples: &["SQUARE_ACCESS_TOKEN=EAAA7086·UX8dHX3qooNtWoHHX5EouNdQGiaVKKip51kzkJDSJ-5MV6FM3rPOeKZe"],
        others: &["EAAAtoken"],
    },
    Rule {
        id: "square-oauth-secret",
        issuer: "Square",
        what: "an application secret",
        source: "https://developer.squareup.com/docs/oauth-api/overview",
        form: Form::Token { anchors: &["sq0csp-"], regex: r"\b(?<secret>sq0csp-[\w-]{43})(?:[^\w-]|$)" },
        check: Check::Form,
        examples: &["SQUARE_APPLICATION_SECRET=sq0csp-KIM3·NdhBjhqfrJk68VSAkGsrq_idRbIXw5uCup9TfHs"],
        others: &["sq0csp-secret"],
    },
    Rule {
        id: "braintree-access-token",
        issuer: "PayPal",
        what: "an access token of Braintree",
        source: "https://developer.paypal.com/braintree/docs/guides/authorization/overview",
        form: Form::Token {
            anchors: &["access_token$production$", "access_token$sandbox$"],
            regex: r"\baccess_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}\b",
        },
        check: Check::Form,
        examples: &["access_token$production$f48xpkgakzkcp9fn$6634·b8b9d133aff1deeace826af16cf4"],
        others: &["access_token$production$"],
    },
    Rule {
        id: "shopify-token",
        issuer: "Shopify",
        what: "an access token or shared secret",
        source: "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
        form: Form::Token {
            anchors: &["shpat_", "shpca_", "shppa_", "shpss_", "shpua_"],
            regex: r"\bshp(?:at|ca|pa|ss|ua)_[a-fA-F0-9]{32}\b",
        },
        check: Check::Form,
        examples: &["SHOPIFY_ACCESS_TOKEN=shpat_21de·244a320e70d4c5e8cb0cf735ea96"],
        others: &["shpat_token"],
    },
    Rule {
        id: "paddle-api-key",
        issuer: "Paddle",
        what: "an API key",
        source: "https://developer.paddle.com/api-reference/about/api-keys",
        form: Form::Token {
            anchors: &["pdl_live_apikey_", "pdl_sdbx_apikey_"],
            regex: r"\bpdl_(?:live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}\b",
        },
        check: Check::Form,
        examples: &["PADDLE_API_KEY=pdl_live_apikey_01gis1qbe0wvk7ocj95y95092z_77eN·sHxxS7si2i1RkHp2kT_MhS"],
        others: &["pdl_live_apikey_"],
    },
    Rule {
        id: "mollie-api-key",
        issuer: "Mollie",
        what: "an API key",
        source: "https://docs.mollie.com/reference/authentication",
        form: Form::Named {
            names: &["mollie_api_key", "mollie_key"],
            value: "(?:live|test)_[A-Za-z0-9]{30,}",
        },
        check: Check::Form,
        examples: &["MOLLIE_API_KEY=live_OGTD·m2zG3RgElMoMSn525PglIm9FwS"],
        others: &["mollie_api_key: live_key"],
    },
    Rule {
        id: "flutterwave-secret-key",
        issuer: "Flutterwave",
        what: "a secret key",
        source: "https://developer.flutterwave.com/docs/authentication",
        form: Form::Token {
            anchors: &["flwseck-", "flwseck_test-"],
            regex: r"\bFLWSECK(?:_TEST)?-[a-f0-9]{32}(?:-[a-z0-9]{11}vt)?-X\b",
        },
        check: Check::Form,
        examples: &["FLW_SECRET_KEY=FLWSECK-3cc7·23c66941821d95d9324e4e4384ae-X"],
        others: &["FLWSECK-key-X"],
    },
];
