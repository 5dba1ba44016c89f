//! Keys of what knows who somebody is.

use crate::scan::rule::{Check, Form, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "auth0-client-secret",
        issuer: "Auth0",
        what: "a client secret",
        source: "https://github.com/mongodb/kingfisher/blob/main/data/rules/auth0.yml",
        form: Form::Named { names: &["auth0_client_secret", "auth0_secret"], value: "[A-Za-z0-9_-]{64}" },
        check: Check::Form,
        examples: &["AUTH0_CLIENT_SECRET=AovO·ZouYRxfal-D3Jg0Nq7B9VdgGaKh2uw9KSPhBkWtlnSf6FJhkO9tSF0OKO2Hy"],
        others: &["AUTH0_CLIENT_ID=dkyI·jWlOAm3SKdptRtSxBSGwvUEgb9up"],
    },
    Rule {
        id: "authentik-key",
        issuer: "authentik",
        what: "a token or its secret key",
        source: "https://docs.goauthentik.io/docs/install-config/configuration/",
        form: Form::Named {
            names: &[
                "authentik_token",
                "authentik_secret_key",
                "authentik_bootstrap_token",
                "authentik_api_token",
            ],
            value: "[A-Za-z0-9+/]{50,100}={0,2}",
        },
        check: Check::Form,
        examples: &[
            "AUTHENTIK_SECRET_KEY=MJ55·rnwZdcD9fcS6UJw1vWSr02VlEdK8Y2hQuoYk1w9oMX3d3dzcAqOwebHJ",
            "AUTHENTIK_TOKEN: Q2hx·2RjgpB5PJBZLaLJxJhTD2bKLsLHpe3vL9iswpxT81smIHd0lyNYvXFqE",
        ],
        others: &["AUTHENTIK_TOKEN: authentik-outpost"],
    },
    Rule {
        id: "oauth2-proxy-cookie-secret",
        issuer: "OAuth2 Proxy",
        what: "a cookie secret",
        source: "https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview#generating-a-cookie-secret",
        form: Form::Named {
            names: &["oauth2_proxy_cookie_secret", "oauth_proxy_cookie_secret"],
            value: "[A-Za-z0-9_+/-]{22}==|[A-Za-z0-9_+/-]{43}=|[A-Za-z0-9]{32}",
        },
        check: Check::Form,
        examples: &["OAUTH2_PROXY_COOKIE_SECRET=LTp-YF·7IjGUEqkQUFW5f8QxxIt1Tl4yZciXGH4xxZ5I="],
        others: &["oauth2_proxy_cookie_secret: oauth2-proxy"],
    },
    Rule {
        id: "okta-api-token",
        issuer: "Okta",
        what: "an API token",
        source: "https://github.com/betterleaks/betterleaks/blob/main/cmd/generate/config/rules/okta.go",
        form: Form::Named {
            names: &["okta_api_token", "okta_token", "okta_api_key"],
            value: "00[A-Za-z0-9_-]{40}",
        },
        check: Check::Form,
        examples: &["OKTA_API_TOKEN=003KMv·HOzHmGvXT9lImVMIwdWOs2QNOFpme4yCdXMa"],
        others: &["okta_api_token: okta"],
    },
];
