//! Names under which secrets stand, and names that only sound like it.

/// What a name promises of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Promise {
    /// Nothing.
    Anything,
    /// A secret, or the name of one: `secret`, `token`, `credentials`. `tlsSecret: web-tls` names an object.
    SecretOrName,
    /// A secret: `password`, `apiKey`, `client_secret`.
    Secret,
}

/// Last words of names whose values are secret, whatever they look like.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "passwort",
    "pwd",
    "pass",
    "passphrase",
    "passcode",
    "pw",
    "psk",
    "htpasswd",
    "api key",
    "apikey",
    "access key",
    "accesskey",
    "secret key",
    "secretkey",
    "private key",
    "privatekey",
    "encryption key",
    "signing key",
    "master key",
    "account key",
    "shared key",
    "license key",
    "auth key",
    "authkey",
    "application key",
    "app key",
    "deploy key",
    "hmac key",
    "secret access key",
    "client secret",
    "app secret",
    "jwt secret",
    "cookie secret",
    "session secret",
    "secret token",
    "access token",
    "auth token",
    "api token",
    "bot token",
    "refresh token",
    "bearer token",
    "root token",
    "rpc secret",
    "webhook secret",
    "secret id",
    "tls.key",
    "id rsa",
    "id ed25519",
    "dockerconfigjson",
];

/// Last words of names whose values are secret or name one.
const MAYBE: &[&str] = &["secret", "secrets", "token", "credential", "credentials", "creds", "auth", "dsn"];

/// What a name promises, by its last words: `adminPassword` a password, `passwordSecretName` a name.
#[must_use]
pub(super) fn promise(name: &str) -> Promise {
    if !may_promise(name) {
        return Promise::Anything;
    }
    let words = words(name);
    let ends = |list: &[&str]| {
        list.iter().any(|known| {
            words.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with(' '))
        })
    };
    if names_another(&words) {
        Promise::Anything
    } else if ends(SECRET) {
        Promise::Secret
    } else if ends(MAYBE) {
        Promise::SecretOrName
    } else {
        Promise::Anything
    }
}

/// Whether the value is the name of something that holds the secret, or says whether there is one: `existingSecret.key`,
/// `passwordSecretKey`, `use_auto_auth_token`.
fn names_another(words: &str) -> bool {
    const HELD: [&str; 7] = ["password", "passwd", "user", "username", "token", "credentials", "config"];
    let before = words.strip_suffix(" secret key").and_then(|before| before.rsplit(' ').next());
    words.starts_with("use ")
        || words.starts_with("existing ") && words.ends_with("key")
        || before.is_some_and(|before| HELD.contains(&before))
}

/// Whether a name ends in a word of the lists at all; most do not.
fn may_promise(name: &str) -> bool {
    const ENDS: &[&[u8]] = &[
        b"password",
        b"passwd",
        b"passwort",
        b"pwd",
        b"pass",
        b"passphrase",
        b"passcode",
        b"pw",
        b"psk",
        b"key",
        b"secret",
        b"secrets",
        b"token",
        b"id",
        b"rsa",
        b"25519",
        b"dockerconfigjson",
        b"credential",
        b"credentials",
        b"creds",
        b"auth",
        b"dsn",
    ];
    let end = name.trim_end_matches(|letter: char| !letter.is_alphabetic()).as_bytes();
    let ends =
        |word: &&[u8]| end.len() >= word.len() && end[end.len() - word.len()..].eq_ignore_ascii_case(word);
    name.ends_with("25519") || ENDS.iter().any(ends)
}

/// The words of a name in small letters, with blanks between: `dbPassword2`, `DB-PASSWORD_2` and `db.password` are
/// `db password`. Numbers at the end say which one and not what.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let next_is_small = letters.peek().is_some_and(|next| next.is_lowercase());
        let is_inner = before.is_lowercase() || before.is_numeric() || before.is_uppercase() && next_is_small;
        let begins = !letter.is_alphanumeric() || letter.is_uppercase() && is_inner;
        if begins && !words.ends_with(' ') && !words.is_empty() {
            words.push(' ');
        }
        if letter.is_alphanumeric() {
            words.extend(letter.to_lowercase());
        }
        before = letter;
    }
    let end = words.trim_end_matches(|letter: char| letter.is_numeric() || letter == ' ').len();
    // `ed25519` is a word; a name of nothing but digits is one too.
    if end > 0 && !words.ends_with("25519") {
        words.truncate(end);
    }
    words.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(names: &str, promised: Promise) {
        for name in names.split_whitespace() {
            assert_eq!(promise(name), promised, "{name}");
        }
    }

    #[test]
    fn the_last_words_say_what_a_value_is() {
        all(
            "password DB_PASSWORD adminPassword password2 rootPassword X_API_KEY apiKey api-key AWS_SECRET_ACCESS_KEY \
             client_secret clientSecret JWTSecret auth.password PGPASSWORD2_PASS rconPassword id_ed25519 tlsPrivateKey \
             CAMO_ACCESS_KEY MYSQL_PWD",
            Promise::Secret,
        );
        all("secret imagePullSecret GITHUB_TOKEN token tlsSecret credentials", Promise::SecretOrName);
    }

    #[test]
    fn words_before_the_last_one_say_nothing() {
        all(
            "secretName passwordSecretName passwordKey existingSecret.name passwordFile tokenUrl compass bypass tokenTTL \
             secretKeyRef existingPasswordSecretKey existingSecret.key passwordSecretKey passwordPolicy AWS_ACCESS_KEY_ID keyPrefix monkey publicKey secretStoreRef key 1234 \
             automountServiceAccountTokenAs use_auto_auth_token",
            Promise::Anything,
        );
    }
}
