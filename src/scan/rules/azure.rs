//! Keys of Microsoft Azure.

use crate::scan::rule::{Check, Form, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "azure-entra-client-secret",
        issuer: "Microsoft Azure",
        what: "a client secret of Entra ID",
        source: "https://github.com/microsoft/security-utilities/blob/main/GeneratedRegexPatterns/HighConfidenceSecurityModels.json",
        form: Form::Token {
            anchors: &["7q~", "8q~"],
            regex: r"(?:^|[^\w~.+/-])(?<secret>[\w~.-]{3}[78]Q~[\w~.-]{31,34})(?:[^\w~.+/-]|$)",
        },
        check: Check::Form,
        examples: &["AZURE_CLIENT_SECRET=aB38Q~ihEb·HATtgiforZw25brlquTDZVVIIyMi~q"],
        others: &["aB39Q~VLeQ·6JN25VZTkY1OwE2Ig63Zv3tHkFuRKI"],
    },
    Rule {
        id: "azure-account-key",
        issuer: "Microsoft Azure",
        what: "the key of a storage or Cosmos DB account",
        source: "https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string",
        form: Form::Token {
            anchors: &["accountkey="],
            regex: "(?i:AccountKey)=(?<secret>[A-Za-z0-9+/]{86}==)",
        },
        check: Check::Form,
        examples: &[
            "DefaultEndpointsProtocol=https;AccountName=backups;AccountKey=YI0i·fjrk1SQ4nmyxWtAZ4Brr7vGl6yJesNxNzel4O/t2s9nc8Bqqqi5wwLNAmwC3q2hq6irTo6sLZR4ILqFWUA==;EndpointSuffix=core.windows.net",
        ],
        others: &["AccountName=backups;AccountKey=..."],
    },
    Rule {
        id: "azure-storage-account-key",
        issuer: "Microsoft Azure",
        what: "the key of a storage account",
        source: "https://github.com/microsoft/security-utilities/blob/main/GeneratedRegexPatterns/HighConfidenceSecurityModels.json",
        form: Form::Token {
            anchors: &["+ast"],
            regex: r"(?:^|[^A-Za-z0-9+/_-])(?<secret>[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{5}[AQgw]==)",
        },
        check: Check::Form,
        examples: &[
            "azurestorageaccountkey: EF9B·fyqctx73GemNNj7IsFJdW7WTJzjxqNw7l1IyOeTmIBBsEIy/1A/piNq2oSCdXaTifrvxZCJr+AStL8EQlg==",
        ],
        others: &["Yc1G·mpmA1r2GGzFe5DpV9FJnkTzhONyc3qAnHKfFzNoeN0rfNkrFB9Yp8HAoy+y5QZbl5JWtd3o+ASt/cULqg=="],
    },
    Rule {
        id: "azure-identifiable-key-64",
        issuer: "Microsoft Azure",
        what: "a key of Batch, Cosmos DB, Machine Learning or API Management",
        source: "https://github.com/microsoft/security-utilities/blob/main/GeneratedRegexPatterns/HighConfidenceSecurityModels.json",
        form: Form::Token {
            anchors: &["acdb", "+aba", "+amc", "apim"],
            regex: r"(?:^|[^A-Za-z0-9+/_-])(?<secret>[A-Za-z0-9+/]{76}(?:ACDb|\+ABa|\+AMC|APIM)[A-Za-z0-9+/]{5}[AQgw]==)",
        },
        check: Check::Form,
        examples: &[
            r#""primaryKey": "4TdJ·YJTfpDnufb2nBhgWQyv0mc7ZNiNpmw1tGrSJ1EsSTZDToOSlmZ0saz28M1JdTy/FLVh98bqNACDbnLwL7Q==""#,
            "subscription-key: knXy·TkrvLrbFhGDyX1j+QJbeASEN/AzE2nEXPagGdT8YM4RjibUZU/GgYcC271vw/XOt/NtCz2YyAPIM3f5lbw==",
        ],
        others: &["image: registry.example.com/apim-gateway"],
    },
    Rule {
        id: "azure-identifiable-key-32",
        issuer: "Microsoft Azure",
        what: "a key of Service Bus, Event Hubs, Event Grid, Relay, IoT Hub or Cache for Redis",
        source: "https://github.com/microsoft/security-utilities/blob/main/GeneratedRegexPatterns/HighConfidenceSecurityModels.json",
        form: Form::Token {
            anchors: &["+asb", "+aeh", "+arm", "aiot", "azca", "azeg"],
            regex: r"(?:^|[^A-Za-z0-9+/_-])(?<secret>[A-Za-z0-9+/]{33}(?:\+ASb|\+AEh|\+ARm|AIoT|AzCa|AZEG)[A-P][A-Za-z0-9+/]{5}=)(?:[^\w+/=-]|$)",
        },
        check: Check::Form,
        examples: &[
            "redis-key: vJnt·WaskThiFyhU7b8n7YNxuW1zFG2WmEAzCaBwvJIr=",
            "SharedAccessKey=y/Vl·kuRiSvQX87K78b8y0T423XbBmeIhA+ASbKqeiEp=",
        ],
        others: &["X4WJ·G7XLXrcGhWIFMsWwk/IL5E0Wp59gIAzCazZZAnx="],
    },
    Rule {
        id: "azure-shared-access-key",
        issuer: "Microsoft Azure",
        what: "a shared access key for messaging",
        source: "https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-sas",
        form: Form::Token {
            anchors: &["sharedaccesskey="],
            regex: r"(?i:SharedAccessKey)=(?<secret>[A-Za-z0-9+/]{43}=)(?:[^\w+/=-]|$)",
        },
        check: Check::Form,
        examples: &[
            "Endpoint=sb://orders.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=xEHm·ktl2t3jO/X7UC6xNqjWNeVNLQfetqKCYo8mrYHT=",
        ],
        others: &["SharedAccessKey=xxx="],
    },
    Rule {
        id: "azure-shared-access-signature",
        issuer: "Microsoft Azure",
        what: "a shared access signature",
        source: "https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas",
        form: Form::Token {
            anchors: &["&sig=", "?sig=", "&amp;sig="],
            regex: "(?:&amp;|[?&])sig=(?<secret>[A-Za-z0-9+/%-]{43,80}(?:%3[Dd]|=))",
        },
        check: Check::Form,
        examples: &[
            "https://backups.blob.core.windows.net/etcd?sv=2024-11-04&sp=r&sig=uZW4·2jE1dCU7f2RAsi7QVlx4nwEt2ayzoD2Z07566fS%3D",
        ],
        others: &["https://example.com/?sig=short"],
    },
    Rule {
        id: "azure-container-registry-key",
        issuer: "Microsoft Azure",
        what: "a key of Container Registry",
        source: "https://github.com/microsoft/security-utilities/blob/main/GeneratedRegexPatterns/HighConfidenceSecurityModels.json",
        form: Form::Token {
            anchors: &["+acr"],
            regex: r"(?:^|[^A-Za-z0-9+/_-])(?<secret>[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9+/]{5})(?:[^\w+/=-]|$)",
        },
        check: Check::Form,
        examples: &["password: Q3CA·lk5z+o9eKVKRtPNb+EWDjfUMMAr+bsBivArR7M+ACRB8dAiT"],
        others: &["registry+acr"],
    },
    Rule {
        id: "azure-function-key",
        issuer: "Microsoft Azure",
        what: "a key of Functions",
        source: "https://github.com/microsoft/security-utilities/blob/main/GeneratedRegexPatterns/HighConfidenceSecurityModels.json",
        form: Form::Token {
            anchors: &["azfu"],
            regex: r"(?:^|[^\w-])(?<secret>[\w-]{44}AzFu[\w-]{5}[AQgw]==)",
        },
        check: Check::Form,
        examples: &["x-functions-key: Pemb·gsjZi40m6VsxwIYGlo1OpYJ8i6hNzhUyyUG7qzYIAzFurz0hgA=="],
        others: &["azfunction: true"],
    },
    Rule {
        id: "azure-search-key",
        issuer: "Microsoft Azure",
        what: "a key of AI Search",
        source: "https://github.com/microsoft/security-utilities/blob/main/GeneratedRegexPatterns/HighConfidenceSecurityModels.json",
        form: Form::Token { anchors: &["azse"], regex: r"\b[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}\b" },
        check: Check::Form,
        examples: &["api-key: 2eS1·xCeenn2fuO8DSUzs69JpFsULYL9Gd2LB9aHUqKAzSeCmK5f2"],
        others: &["name: azsearch"],
    },
    Rule {
        id: "azure-common-annotated-key",
        issuer: "Microsoft Azure",
        what: "a common annotated security key: of Azure OpenAI, AI services, Azure DevOps and others",
        source: "https://github.com/microsoft/security-utilities/blob/main/GeneratedRegexPatterns/HighConfidenceSecurityModels.json",
        form: Form::Token {
            anchors: &["jqqj9"],
            regex: r"\b(?<secret>[A-Za-z0-9]{52}JQQJ9[9DH][A-Za-z0-9][A-L][A-Za-z0-9]{16}[A-Za-z][A-Za-z0-9]{7}(?:[A-Za-z0-9]{2}==)?)(?:[^\w+/=-]|$)",
        },
        check: Check::Form,
        examples: &[
            "AZURE_OPENAI_API_KEY=e6XL·15WfxsBBBAIsCw5HkSb7SkeFvFfHZMHd7tPLwNWb33bEy15QJQQJ99BFAC8d6AnvigDfAAAAACOG7ndm",
        ],
        others: &["JQQJ99"],
    },
    Rule {
        id: "azure-app-configuration-secret",
        issuer: "Microsoft Azure",
        what: "an access key of App Configuration",
        source: "https://learn.microsoft.com/en-us/azure/azure-app-configuration/howto-disable-access-key-authentication",
        form: Form::Token {
            anchors: &[".azconfig.io;id="],
            regex: r"\.azconfig\.io;Id=[^;\s]{4,80};Secret=(?<secret>[A-Za-z0-9+/]{36,100}={0,2})",
        },
        check: Check::Form,
        examples: &[
            "Endpoint=https://shop.azconfig.io;Id=a1b2-l0-s0:Qm;Secret=mIML·9tRaJM8fy8uBbcab0vE3XqYuReFV317wgOrgZaf=",
        ],
        others: &["Endpoint=https://contoso.azconfig.io;Id=xxx;Secret=xxx"],
    },
];
