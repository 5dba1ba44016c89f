//! Keys of Kubernetes, its distributions and its kin.

use crate::scan::rule::{Check, Checksum, Form, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "kubernetes-service-account-token",
        issuer: "Kubernetes",
        what: "a long-lived token of a service account",
        source: "https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/",
        form: Form::Token {
            anchors: &["eyjpc3mioijrdwjlcm5ldgvzl3nlcnzpy2vhy2nvdw50i"],
            regex: r"\b(?<secret>eyJhbGciOi[\w-]+\.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2VhY2NvdW50I[\w-]+\.[\w-]{80,})(?:[^\w-]|$)",
        },
        check: Check::Checksum(Checksum::JsonWebToken),
        examples: &[
            "token: eyJhbG·ciOiJSUzI1NiIsImtpZCI6Imx0bWhpNkhmWGd6cFJTLXVLVmo4In0.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2VhY2NvdW50Iiwia3ViZXJuZXRlcy5pby9zZXJ2aWNlYWNjb3VudC9uYW1lc3BhY2UiOiJjaSIsInN1YiI6InN5c3RlbTpzZXJ2aWNlYWNjb3VudDpjaTpkZXBsb3kifQ.DmRU3X58HVEDWxunnJd5ekpmwgoVmsY1SaF_EGBBIE806Di17_Q3hL-M1abS0b9a2F_mrJtrZxJuhJLg-VSG2-",
        ],
        others: &["iss: kubernetes/serviceaccount"],
    },
    Rule {
        id: "kubernetes-bootstrap-token",
        issuer: "Kubernetes",
        what: "a bootstrap token",
        source: "https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#token-format",
        form: Form::Named { names: &["token", "kubeadm_token"], value: r"[a-z0-9]{6}\.[a-z0-9]{16}" },
        check: Check::Entropy(3.3),
        examples: &[
            "token: ramgsu.xf5r·kpze0yo1gdov",
            "kubeadm join 10.0.0.1:6443 --token=x9026p.1c47·g3qd5yabu7aq",
        ],
        others: &["token: docker.registryexample.org", "tokenReviewer: system"],
    },
    Rule {
        id: "kubernetes-encryption-key",
        issuer: "Kubernetes",
        what: "a key for encryption at rest",
        source: "https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/",
        form: Form::Block {
            anchor: "kind: encryptionconfig",
            regex: r#"(?i)kind: EncryptionConfig(?:uration)?\s[\s\S]*?\bsecret:[ \t]*["']?(?<secret>[A-Za-z0-9+/]{22,43}={1,2})"#,
        },
        check: Check::Form,
        examples: &[
            "kind: EncryptionConfiguration\nresources:\n  - resources: [secrets]\n    providers:\n      - aescbc:\n          keys:\n            - name: key1\n              secret: ej81kV·H8DqUw/GZJYt7AxpljibhWjhP08OJUqNlPIHE=",
        ],
        others: &["kind: EncryptionConfiguration\n  secret: <BASE 64 ENCODED SECRET>"],
    },
    Rule {
        id: "kubeconfig-client-key",
        issuer: "Kubernetes",
        what: "a client key of a kubeconfig",
        source: "https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo",
        form: Form::Token {
            anchors: &["client-key-data"],
            regex: r#"client-key-data["']?:[ \t]*["']?(?<secret>[A-Za-z0-9+/]{100,}={0,2})"#,
        },
        check: Check::Form,
        examples: &[
            "    client-key-data: LS0tLS1CRUdJTiEgTv·vcTPi1kAn+76gjWqyemf8Vn/UdcdbPwp8yqeY2rLma9Vax+FLcR4ISaxsYajY1DemO+95Qd369Pj1ZEhH23hPshHrNPtQNAx==",
        ],
        others: &["client-key-data: REDACTED", "client-key-data: DATA+OMITTED"],
    },
    Rule {
        id: "openshift-user-token",
        issuer: "OpenShift",
        what: "a user token",
        source: "https://docs.redhat.com/en/documentation/openshift_container_platform/4.10/html-single/authentication_and_authorization/index#oauth-view-details-tokens_managing-oauth-access-tokens",
        form: Form::Token { anchors: &["sha256~"], regex: r"\b(?<secret>sha256~[\w-]{43})(?:[^\w-]|$)" },
        check: Check::Form,
        examples: &["oc login --token=sha256~59kh·y8RUGzbh-JTnySIqB-nyoR_taW807kWvOMW3ZAK"],
        others: &["sha256~token"],
    },
    Rule {
        id: "k3s-token",
        issuer: "K3s",
        what: "a token to join, also of RKE2",
        source: "https://docs.k3s.io/cli/token",
        form: Form::Token {
            anchors: &["k10"],
            regex: r"\b(?<secret>K10[a-f0-9]{64}::[a-z0-9]{1,20}[:.][A-Za-z0-9._-]{8,128})",
        },
        check: Check::Form,
        examples: &[
            "K3S_TOKEN=K10457f5b0a85576c361615981dc2994b63865638c721340632f0c32647009fa8db::server:9fd4·83669ff43e32472410f6b3ffb8fb",
        ],
        others: &["namespace: k10"],
    },
    Rule {
        id: "k0s-join-token",
        issuer: "k0s",
        what: "a token to join",
        source: "https://docs.k0sproject.io/stable/k0s-multi-node/",
        form: Form::Named {
            names: &["k0s_token", "k0s_join_token", "join_token"],
            value: "H4sI[A-Za-z0-9+/]{200,}={0,2}",
        },
        check: Check::Form,
        examples: &[
            "k0s_join_token: H4sIAAAAAAACTMSG·7+PiXcL4wqk7NkYTsOIenjzkzP/oyjcb/Vuyi57xQheX87B67sWnVg3QusLcMd3u+CAPbWxbxWWEYA7gAcmgpo2KklOV12U7zCyqrxbwl57Uor+rJnZwRCfZYXl5Mi3noq4kBBHUpUrJY3h2/NbO8K1XZghZw5k/p2O4oxOABmjXmAgoDSQ6i5EzKRWAVDG1T0qD=",
        ],
        others: &["join_token: H4sIAAAA"],
    },
    Rule {
        id: "rancher-api-token",
        issuer: "Rancher",
        what: "an API token",
        source: "https://ranchermanager.docs.rancher.com/api/api-tokens",
        form: Form::Token {
            anchors: &["token-", "kubeconfig-u"],
            regex: r"\b(?:token-[a-z0-9]{5}|kubeconfig-u(?:ser)?-[a-z0-9]{5,12}):(?<secret>[a-z0-9]{54})\b",
        },
        check: Check::Form,
        examples: &[
            "RANCHER_BEARER_TOKEN=token-x7k2p:pb99·vm2vee5pa0t7wpvjk3mvsrfletkie4haekd13jhqxds4buofbw",
        ],
        others: &["secretName: token-abcde"],
    },
    Rule {
        id: "talos-encryption-secret",
        issuer: "Talos",
        what: "a secret that encrypts the secrets of a cluster",
        source: "https://www.talos.dev/latest/reference/configuration/v1alpha1/config/",
        form: Form::Named {
            names: &["secretbox_encryption_secret", "aescbc_encryption_secret"],
            value: "[A-Za-z0-9+/]{43}=",
        },
        check: Check::Form,
        examples: &["secretboxEncryptionSecret: 7pL1kf·JYHcQ47xTMNHlXWHb4c7LV/k4L/wlSJ/PbnFI="],
        others: &["secretboxEncryptionSecret: ''"],
    },
    Rule {
        id: "cilium-ipsec-key",
        issuer: "Cilium",
        what: "an IPsec key",
        source: "https://docs.cilium.io/en/stable/security/network/encryption-ipsec/",
        form: Form::Token {
            anchors: &["rfc4106(gcm(aes))"],
            regex: r"rfc4106\(gcm\(aes\)\)[ \t]+(?<secret>(?:0x)?[a-f0-9]{40,72})[ \t]+128",
        },
        check: Check::Form,
        examples: &["keys: 3+ rfc4106(gcm(aes)) 03ea·09890a5daafa8979580396c7b53a0b943548 128"],
        others: &["keys: 3 rfc4106(gcm(aes)) $(PSK) 128"],
    },
    Rule {
        id: "docker-swarm-join-token",
        issuer: "Docker",
        what: "a token to join a swarm",
        source: "https://docs.docker.com/engine/swarm/join-nodes/",
        form: Form::Token { anchors: &["swmtkn-1-"], regex: r"\bSWMTKN-1-[a-z0-9]{50}-[a-z0-9]{25}\b" },
        check: Check::Form,
        examples: &[
            "docker swarm join --token SWMTKN-1-i211·1phvbvv2id57zfaby20d1bz9wv3eozuij4taig9chcjpnw-r76shfhdflmvkbsmpi1gjzjt0",
        ],
        others: &["SWMTKN-1-..."],
    },
    Rule {
        id: "docker-swarm-unlock-key",
        issuer: "Docker",
        what: "a key to unlock a swarm",
        source: "https://docs.docker.com/engine/swarm/swarm_manager_locking/",
        form: Form::Token {
            anchors: &["swmkey-1-"],
            regex: r"\b(?<secret>SWMKEY-1-[A-Za-z0-9+/]{43})(?:[^\w+/=-]|$)",
        },
        check: Check::Form,
        examples: &["SWMKEY-1-v07L·1RrkVT1bgsGNYuot2F9/oyldDdZoQBXJ3Vp7IkI"],
        others: &["SWMKEY-1-..."],
    },
];
