//! The host keys of public Git hosts that came with this program; see `keys/README.md`.

const HOSTS: [(&str, &str); 3] = [
    ("github.com", include_str!("../../../keys/github.com")),
    ("gitlab.com", include_str!("../../../keys/gitlab.com")),
    ("codeberg.org", include_str!("../../../keys/codeberg.org")),
];

/// The keys, `type base64`, of a public host.
pub(super) fn keys(host: &str) -> Option<Vec<String>> {
    let (name, text) = HOSTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(host))?;
    Some(super::file::keys_for(text, name))
}

#[cfg(test)]
mod tests {
    use ssh_key::{HashAlg, PublicKey};

    use super::{HOSTS, keys};

    /// As the operators publish them, in the order ECDSA, Ed25519, RSA.
    const PUBLISHED: [(&str, [&str; 3]); 3] = [
        (
            "github.com",
            [
                "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM",
                "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
                "SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s",
            ],
        ),
        (
            "gitlab.com",
            [
                "SHA256:HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw",
                "SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8",
                "SHA256:ROQFvPThGrW4RuWLoL9tq9I9zJ42fK4XywyRtbOz/EQ",
            ],
        ),
        (
            "codeberg.org",
            [
                "SHA256:T9FYDEHELhVkulEKKwge5aVhVTbqCW0MIRwAfpARs/E",
                "SHA256:mIlxA9k46MmM6qdJOdMnAQpzGxF4WIVVL+fj+wZbw0g",
                "SHA256:6QQmYi4ppFS4/+zSZ5S4IU+4sa6rwvQ4PbhCtPEBekQ",
            ],
        ),
    ];

    #[test]
    fn every_key_has_the_published_fingerprint() {
        assert_eq!(HOSTS.map(|(name, _)| name), PUBLISHED.map(|(name, _)| name));
        for (host, published) in PUBLISHED {
            let print = |key: &String| PublicKey::from_openssh(key).unwrap().fingerprint(HashAlg::Sha256);
            let found: Vec<String> = keys(host).unwrap().iter().map(|key| print(key).to_string()).collect();
            assert_eq!(found, published, "{host}");
        }
    }

    #[test]
    fn an_unknown_host_has_no_keys() {
        assert_eq!(keys("git.example.com"), None);
    }
}
