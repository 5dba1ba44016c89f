//! Tokens and webhooks of chats and messengers.

use crate::scan::rule::{Check, Checksum, Form, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "slack-bot-token",
        issuer: "Slack",
        what: "a bot token",
        source: "https://docs.slack.dev/authentication/tokens/",
        form: Form::Token {
            anchors: &["xoxb-"],
            regex: r"\b(?<secret>xoxb-\d{8,14}-(?:\d{8,14}-)?[A-Za-z0-9]{18,34})(?:[^\w-]|$)",
        },
        check: Check::Form,
        examples: &["SLACK_BOT_TOKEN=xoxb-541084730418-2309901078002-AD0N·lV4fWdkFnnmx65NN2SZ6"],
        others: &["xoxb-123-456-abc"],
    },
    Rule {
        id: "slack-user-token",
        issuer: "Slack",
        what: "a user token",
        source: "https://docs.slack.dev/authentication/tokens/",
        form: Form::Token {
            anchors: &["xoxp-"],
            regex: r"\b(?<secret>xoxp-\d{10,14}-\d{10,14}-(?:\d{10,14}-)?[a-f0-9]{28,34})(?:[^\w-]|$)",
        },
        check: Check::Form,
        examples: &["token: xoxp-507574611485-748762682662-3665876725172-34ce·dad8663ab40ebd2fda2289d5a2bc"],
        others: &["xoxp-token"],
    },
    Rule {
        id: "slack-app-token",
        issuer: "Slack",
        what: "an app-level token",
        source: "https://docs.slack.dev/authentication/tokens/",
        form: Form::Token {
            anchors: &["xapp-"],
            regex: r"\bxapp-\d-[A-Z0-9]{9,13}-\d{10,14}-[a-f0-9]{64}\b",
        },
        check: Check::Form,
        examples: &[
            "SLACK_APP_TOKEN=xapp-1-A4T3FMQNDLF-1831527434593-af4f·62c942c7468e33a6a7adc3365da40bfa1e6e72bd2f815f55ef2a384654e1",
        ],
        others: &["xapp-1-token"],
    },
    Rule {
        id: "slack-configuration-token",
        issuer: "Slack",
        what: "a token that configures apps, or refreshes tokens",
        source: "https://docs.slack.dev/authentication/tokens/",
        form: Form::Token {
            anchors: &["xoxe-", "xoxe."],
            regex: r"\bxoxe(?:\.xox[bp])?-\d-[A-Za-z0-9]{140,170}\b",
        },
        check: Check::Form,
        examples: &[
            "xoxe.xoxp-1-pnud·lbba20lN6ekHqXgMEvTtZb959fSErq1KPAXuwi4TZtsfTaUFCj5tx5H5ieeRLCiz07ULSYxvguPelcRTjaKCdoDVNKtYiQMzadIZPzri9HEqaTPCTEjxI5wxcD54CYt81y5RjG2KA44pj5soPFTO95dao24tbvYnn2",
        ],
        others: &["xoxe-1-token"],
    },
    Rule {
        id: "slack-webhook",
        issuer: "Slack",
        what: "a webhook",
        source: "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/",
        form: Form::Token {
            anchors: &["hooks.slack.com/", "hooks.slack-gov.com/"],
            regex: r"hooks\.slack(?:-gov)?\.com/(?:services/T[A-Z0-9]{7,12}/B[A-Z0-9]{7,12}|(?:workflows|triggers)/[A-Z0-9]{8,13}/[A-Z0-9]{8,20}(?:/\d{10,20})?)/(?<secret>[A-Za-z0-9]{20,40})",
        },
        check: Check::Form,
        examples: &[
            "url: https://hooks.slack.com/services/T316HGDUE30/BES6EQF64XS/Snip·MCYF3257jV7UBvUxNzSR",
        ],
        others: &["https://hooks.slack.com/services/"],
    },
    Rule {
        id: "discord-token",
        issuer: "Discord",
        what: "a token of a bot",
        source: "https://github.com/betterleaks/betterleaks/blob/main/cmd/generate/config/rules/discord.go",
        form: Form::Named {
            names: &["discord_token", "discord_bot_token"],
            value: r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}",
        },
        check: Check::Form,
        examples: &[
            "DISCORD_BOT_TOKEN=M2PYLMpQDe5lQnNk6E1Gvn4ID2.QZLNIE.NHst·W0Ax-eUdIzUF1zm0isQn4EaHN_JX1xCE0P",
        ],
        others: &["discord_token: discord"],
    },
    Rule {
        id: "discord-webhook",
        issuer: "Discord",
        what: "a webhook",
        source: "https://discord.com/developers/docs/resources/webhook",
        form: Form::Token {
            anchors: &["/api/webhooks/"],
            regex: r"discord(?:app)?\.com/api(?:/v\d+)?/webhooks/\d{17,20}/(?<secret>[\w-]{60,80})",
        },
        check: Check::Form,
        examples: &[
            "https://discord.com/api/webhooks/9359559931471107113/AHYN·KqQVts5vtnfAWk7dP7B8e3aPaqAwazYXZXRPTmBtV84Gs6xluoQ200MkgQ5vgrVF",
        ],
        others: &["https://discord.com/api/webhooks/id/token"],
    },
    Rule {
        id: "telegram-bot-token",
        issuer: "Telegram",
        what: "a token of a bot",
        source: "https://core.telegram.org/bots/features#botfather",
        form: Form::Token { anchors: &[":aa"], regex: r"\b(?<secret>\d{8,10}:AA[\w-]{33})(?:[^\w-]|$)" },
        check: Check::Form,
        examples: &["TELEGRAM_BOT_TOKEN=7457657412:AAHZay·8IVOb9kfDRrb7cGNLQ7OLiVO1yS82"],
        others: &["mac: 00:aa:bb:cc:dd:ee"],
    },
    Rule {
        id: "matrix-access-token",
        issuer: "Matrix",
        what: "an access or refresh token of Synapse",
        source: "https://github.com/element-hq/synapse/blob/develop/synapse/handlers/auth.py",
        form: Form::Token {
            anchors: &["syt_", "syr_"],
            regex: r"\bsy[tr]_[A-Za-z0-9+/_-]{2,200}_[A-Za-z]{20}_[A-Za-z0-9]{6}\b",
        },
        check: Check::Checksum(Checksum::Crc32Base62OfAll),
        examples: &["access_token: syt_YW·xlcnRib3Q_ilkPaSmxVMNHhlbuhsqT_0rqsnL"],
        others: &["syt_YWxlcnRib3Q_oWby·hYauvGUHGhTyHTzI_000000"],
    },
    Rule {
        id: "microsoft-teams-webhook",
        issuer: "Microsoft Teams",
        what: "a webhook",
        source: "https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook",
        form: Form::Token {
            anchors: &[".webhook.office.com/"],
            regex: r"\.webhook\.office\.com/webhookb2/[0-9a-f-]{36}@[0-9a-f-]{36}/IncomingWebhook/(?<secret>[0-9a-f]{32}/[0-9a-f-]{36})",
        },
        check: Check::Form,
        examples: &[
            "https://example.webhook.office.com/webhookb2/054973a9-8cf6-4fff-b657-9589956dce75@2cbf61b7-8550-4046-913d-699df1816137/IncomingWebhook/c4a9·cd30bbe3bb95e231001339cf7aec/cbaf8812-893a-4042-9197-7c11efcd596b",
        ],
        others: &["https://example.webhook.office.com/webhookb2/"],
    },
    Rule {
        id: "microsoft-workflow-webhook",
        issuer: "Microsoft Power Automate",
        what: "a URL that starts a workflow",
        source: "https://learn.microsoft.com/en-us/azure/logic-apps/logic-apps-securing-a-logic-app#generate-shared-access-signatures-sas",
        form: Form::Token {
            anchors: &[".logic.azure.com", ".api.powerplatform.com"],
            regex: r#"\.(?:logic\.azure|api\.powerplatform)\.com(?::443)?/[^\s"'<>]{1,400}[?&;]sig=(?<secret>[\w-]{43})(?:[^\w-]|$)"#,
        },
        check: Check::Form,
        examples: &[
            "https://prod-12.westeurope.logic.azure.com:443/workflows/e7e3fb985348bfd5d9b1db92dec6230b/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers&sv=1.0&sig=k-rR·LACKnVMQmExNkw1NHBWjMg6d2f_g-UWQfy26pzU",
        ],
        others: &["https://prod-12.westeurope.logic.azure.com/"],
    },
    Rule {
        id: "google-chat-webhook",
        issuer: "Google",
        what: "a webhook of Google Chat",
        source: "https://developers.google.com/workspace/chat/quickstart/webhooks",
        form: Form::Token {
            anchors: &["chat.googleapis.com/v1/spaces/"],
            regex: r#"chat\.googleapis\.com/v1/spaces/[\w-]{5,20}/messages\?[^\s"'<>]{0,120}\btoken=(?<secret>[\w%-]{40,60})"#,
        },
        check: Check::Form,
        examples: &[
            "https://chat.googleapis.com/v1/spaces/AAAAJS1d7Ut/messages?key=AIzarhNO·QBWBSnQyn9UFdVi9mvi3lJnT7ibc9Ri&token=uH3w·YRwyKuqS-loXSfjzrC0yWQxNusIBr6rj7UeUv49",
        ],
        others: &["https://chat.googleapis.com/v1/spaces/AAAA/messages"],
    },
    Rule {
        id: "dingtalk-webhook",
        issuer: "DingTalk",
        what: "a webhook of a robot",
        source: "https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages",
        form: Form::Token {
            anchors: &["oapi.dingtalk.com/robot/send"],
            regex: r"oapi\.dingtalk\.com/robot/send\?access_token=(?<secret>[a-f0-9]{64})\b",
        },
        check: Check::Form,
        examples: &[
            "https://oapi.dingtalk.com/robot/send?access_token=7424·7551e752029ecd30223ba6bd43af4fbf42651c725e822a5e1ff537056054",
        ],
        others: &["https://oapi.dingtalk.com/robot/send?access_token=XXXXXX"],
    },
    Rule {
        id: "wecom-webhook",
        issuer: "WeCom",
        what: "a webhook of a robot",
        source: "https://developer.work.weixin.qq.com/document/path/91770",
        form: Form::Token {
            anchors: &["/cgi-bin/webhook/send?key="],
            regex: r"qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=(?<secret>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
        },
        check: Check::Form,
        examples: &[
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1e0613·7f-a159-422a-a584-cf06a73464d5",
        ],
        others: &["https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY"],
    },
    Rule {
        id: "feishu-webhook",
        issuer: "Feishu",
        what: "a webhook of a robot, also of Lark",
        source: "https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot",
        form: Form::Token {
            anchors: &["/open-apis/bot/v2/hook/"],
            regex: r"\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/(?<secret>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
        },
        check: Check::Form,
        examples: &["https://open.feishu.cn/open-apis/bot/v2/hook/d8640a·f5-401b-4bdd-b8b5-740894016561"],
        others: &["https://open.feishu.cn/open-apis/bot/v2/hook/xxx"],
    },
    Rule {
        id: "mattermost-token",
        issuer: "Mattermost",
        what: "a personal access token",
        source: "https://github.com/betterleaks/betterleaks/blob/main/cmd/generate/config/rules/mattermost.go",
        form: Form::Named {
            names: &["mattermost_token", "mattermost_access_token", "mattermost_bot_token"],
            value: "[a-z0-9]{26}",
        },
        check: Check::Entropy(3.5),
        examples: &["MATTERMOST_TOKEN=h6jq·alo3xm3lp4o9hmv939cj9o"],
        others: &["mattermost_token: mattermost"],
    },
    Rule {
        id: "zulip-api-key",
        issuer: "Zulip",
        what: "an API key",
        source: "https://zulip.com/api/api-keys",
        form: Form::Named { names: &["zulip_api_key"], value: "[A-Za-z0-9]{32}" },
        check: Check::Form,
        examples: &["ZULIP_API_KEY=A9yG·6BUR6dWOdh66gaPBTzhDOAoDBRJ9"],
        others: &["zulip_api_key: zulip"],
    },
    Rule {
        id: "twilio-auth-token",
        issuer: "Twilio",
        what: "an auth token or API secret",
        source: "https://www.twilio.com/docs/iam/api-keys",
        form: Form::Named {
            names: &["twilio_auth_token", "twilio_token", "twilio_api_secret", "twilio_secret"],
            value: "[a-f0-9]{32}|[A-Za-z0-9]{32}",
        },
        check: Check::Form,
        examples: &["TWILIO_AUTH_TOKEN=cb54·5414263f60307942af9458553544"],
        others: &["TWILIO_ACCOUNT_SID=ACaa51·4a6065dd827931d5816c673f3f7e"],
    },
];
