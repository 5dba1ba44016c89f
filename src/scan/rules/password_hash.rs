//! Passwords as hashes: weak ones are guessed.

use crate::scan::rule::{Check, Form, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "bcrypt-hash",
        issuer: "bcrypt",
        what: "a hash of a password",
        source: "https://man.openbsd.org/crypt.3",
        form: Form::Token {
            anchors: &["$2a$", "$2b$", "$2x$", "$2y$"],
            regex: r"\$\$?2[abxy]\$\$?\d\d\$\$?[./A-Za-z0-9]{53}(?:[^./\w]|$)",
        },
        check: Check::Form,
        examples: &[
            "admin:$2y$10$86Wn·6g6RElYhLEa7bYTZd4WDPwQ8MW5sOH7boqpUh3V3u/wuyA.Bf",
            "admin.password: $2a$10$KQtc·voiFnbMAXl8AUwjmzLvSfPgMABxEANPl1NV3WI9JAQlUNhgmY",
        ],
        others: &["$2a$10$short"],
    },
    Rule {
        id: "sha-crypt-hash",
        issuer: "crypt",
        what: "a hash of a password",
        source: "https://www.akkadia.org/drepper/SHA-crypt.txt",
        form: Form::Token {
            anchors: &["$5$", "$6$"],
            regex: r"(?<secret>\$(?:5\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{43}|6\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}))(?:[^./\w]|$)",
        },
        check: Check::Form,
        examples: &[
            "passwd: $6$J3jHZkkYw8OVPcTI$jGpu·hUKUyw76nfuWpZkehmxT1RCf/BO15snSRMqqKumr.gRcTq0KS88NViCIHRsxmysnXPIexotK1PuudVWhVO",
            "hashed_passwd: $5$rounds=5000$Izdd0CFv$vIFt·n3VpyIhf7GEML2RxnojxN57ikJlbqvJ4HDly5Zr",
        ],
        others: &["$6$salt$hash"],
    },
    Rule {
        id: "md5-crypt-hash",
        issuer: "crypt",
        what: "a hash of a password, also of htpasswd",
        source: "https://httpd.apache.org/docs/2.4/misc/password_encryptions.html",
        form: Form::Token {
            anchors: &["$apr1$", "$1$"],
            regex: r"(?<secret>\$(?:apr1|1)\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22})(?:[^./\w]|$)",
        },
        check: Check::Form,
        examples: &["admin:$apr1$Agx3/8S9$4T8K·onLNqpGKFkTBTO8lYG"],
        others: &["$apr1$salt$hash"],
    },
    Rule {
        id: "yescrypt-hash",
        issuer: "crypt",
        what: "a hash of a password",
        source: "https://github.com/openwall/yescrypt",
        form: Form::Token {
            anchors: &["$y$j", "$gy$j"],
            regex: r"(?<secret>\$g?y\$j[./A-Za-z0-9]{1,4}\$[./A-Za-z0-9]{1,24}\$[./A-Za-z0-9]{43})(?:[^./\w]|$)",
        },
        check: Check::Form,
        examples: &[
            "root:$y$j9T$NIcD58PvXvy6s/5Mj1SiCp$Jy6M·57d9FV8yE0vejJuu3nck/Won6s08a00pkKEkIlj:19000:0",
        ],
        others: &["$y$j9T$salt$hash"],
    },
    Rule {
        id: "argon2-hash",
        issuer: "Argon2",
        what: "a hash of a password",
        source: "https://github.com/P-H-C/phc-winner-argon2",
        form: Form::Token {
            anchors: &["$argon2"],
            regex: r"\$\$?argon2(?:id|i|d)\$\$?(?:v=\d+\$\$?)?m=\d+,t=\d+,p=\d+\$\$?[A-Za-z0-9+/]{11,64}\$\$?[A-Za-z0-9+/]{20,128}",
        },
        check: Check::Form,
        examples: &[
            "ADMIN_TOKEN=$argon2id$v=19$m=65540,t=3,p=4$i/TObhRWO3N4gJsQpspk7EpUkTH1FG4Sjfz4aWj2Smn$WFfu·Nnje+1mZscHJhXyBWM1/9JCdLzgIIW2k5c7nI34",
        ],
        others: &["$argon2id$v=19$m=65540"],
    },
    Rule {
        id: "pbkdf2-hash",
        issuer: "PBKDF2",
        what: "a hash of a password, of Django, Authelia and others",
        source: "https://docs.djangoproject.com/en/5.2/topics/auth/passwords/",
        form: Form::Token {
            anchors: &["pbkdf2"],
            regex: r"\$?\bpbkdf2[_-]sha(?:1|256|512)\$\d{3,8}\$[./A-Za-z0-9]{8,64}\$[A-Za-z0-9+/.]{27,128}={0,2}",
        },
        check: Check::Form,
        examples: &[
            "password: pbkdf2_sha256$870000$Sz3wICPLrF3LIrIqf934z0$Pes8·tLGgJr4ftqo6QnMw1erHoWSgQQ7U8F39qOsL/en=",
            "password: '$pbkdf2-sha512$310000$jeIUtUvKUyGsynYRLEU4q9$jrc9·DdJ1La3H6cbFa8JsinpDc1dZ0cXgacS7PiP8wBilsTzNLcZcc7FjpjyE8K66fu7SIiqLXM3TaKcaEGoJBS'",
        ],
        others: &["pbkdf2_sha256$870000$salt"],
    },
    Rule {
        id: "ldap-password-hash",
        issuer: "LDAP",
        what: "a hash of a password, also of htpasswd",
        source: "https://www.openldap.org/doc/admin26/security.html#Password%20Storage",
        form: Form::Token {
            anchors: &["{ssha}", "{sha}", "{ssha256}", "{ssha512}"],
            regex: r"\{SS?HA(?:256|512)?\}[A-Za-z0-9+/]{27,128}={0,2}",
        },
        check: Check::Form,
        examples: &[
            "userPassword: {SSHA}CsgZ·Ezzemd8Q+6m8bimShRp8dPS3siaS/Qa5W6==",
            "admin:{SHA}7ZhH·2+XGaa1VWOvR4UJSATYMoHb=",
        ],
        others: &["{SHA}"],
    },
    Rule {
        id: "scram-verifier",
        issuer: "PostgreSQL",
        what: "a SCRAM verifier of a password",
        source: "https://www.postgresql.org/docs/current/catalog-pg-authid.html",
        form: Form::Token {
            anchors: &["scram-sha-256$"],
            regex: r"\bSCRAM-SHA-256\$\d{4,6}:[A-Za-z0-9+/]{20,32}={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=",
        },
        check: Check::Form,
        examples: &[
            r#""app" "SCRAM-SHA-256$4096:lxX9TKCZK76QHagSQf9FgQ==$Tzh1IO·l8hCBarM7A+wx/v0M1o5LT+by23zYk8VdVntY=:7yZRUwYXVqo6ifHIytA1aWU3hbiT/5EmkJ+K81BspT8=""#,
        ],
        others: &["password_encryption = scram-sha-256"],
    },
    Rule {
        id: "mosquitto-password-hash",
        issuer: "Mosquitto",
        what: "a hash of a password",
        source: "https://mosquitto.org/man/mosquitto_passwd-1.html",
        form: Form::Token {
            anchors: &["$7$"],
            regex: r"\$7\$\d{1,7}\$[A-Za-z0-9+/]{16,90}={0,2}\$[A-Za-z0-9+/]{86}==",
        },
        check: Check::Form,
        examples: &[
            "zigbee2mqtt:$7$101$j5+BgKilTMU2k/CG$4oVm·yiEwAYpfc/XzevCG7W2j4TLFtchhgu76HQXAgqv3IcjHAd6JMXK/l1P/QvKlF4qVT0BGtOfG6Ur+wAiYbN==",
        ],
        others: &["$7$101$salt"],
    },
];
