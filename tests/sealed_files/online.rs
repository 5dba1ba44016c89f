//! What asks the controller, against one of a few lines that does as the real one does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand_core::OsRng;
use sealstrap::plain::Plain;
use sealstrap::seal::{PrivateKeys, Scope, SealedSecret, backup};
use sealstrap::yaml;

use crate::scene::{CERTIFICATE, KEY, LARGE_CERTIFICATE, Scene, key_secret, sealed};

const SERVICE: &str = "/api/v1/namespaces/kube-system/services/sealed-secrets-controller";
const PROXY: &str = "/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:http/proxy";

/// A controller behind an API server: how often it says that it is asked too much, and what it says instead of 200.
struct Controller {
    busy: AtomicUsize,
    failing: Mutex<Option<u16>>,
}

/// Serves until the process ends; gives a kubeconfig for it.
fn serve(busy: usize, failing: Option<u16>) -> String {
    let controller = Controller { busy: AtomicUsize::new(busy), failing: Mutex::new(failing) };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(&controller, stream);
        }
    });
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{{name: c, cluster: {{server: 'http://{address}'}}}}]\n\
         users: [{{name: c, user: {{}}}}]\ncontexts: [{{name: c, context: {{cluster: c, user: c}}}}]\n"
    )
}

fn answer(controller: &Controller, mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line).unwrap();
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).unwrap_or(0) < 3 {
            break;
        }
        if let Some(value) = header.to_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let path = line.split(' ').nth(1).unwrap_or_default();
    let (status, text) = if path == SERVICE {
        (200, "{\"spec\": {\"ports\": [{\"name\": \"http\"}]}}")
    } else if path == format!("{PROXY}/v1/cert.pem") {
        (200, CERTIFICATE)
    } else {
        (controller.verdict(&body), "")
    };
    let head = format!(
        "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nRetry-After: 0\r\nConnection: close\r\n\r\n",
        text.len()
    );
    drop(stream.write_all(format!("{head}{text}").as_bytes()));
}

impl Controller {
    fn verdict(&self, body: &[u8]) -> u16 {
        let ask_less = |busy: usize| busy.checked_sub(1);
        if self.busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, ask_less).is_ok() {
            return 429;
        }
        if let Some(status) = *self.failing.lock().unwrap() {
            return status;
        }
        let mut keys = PrivateKeys::new();
        keys.add(Path::new("key"), &Plain::from(KEY.to_owned())).unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        let document = yaml::each(Path::new("body"), &text).unwrap().remove(0);
        let opened = SealedSecret::read(document).unwrap().unseal(&keys, &mut OsRng);
        if opened.is_ok() { 200 } else { 409 }
    }
}

#[test]
fn the_controller_is_asked_about_each_and_waited_for_where_it_is_busy() {
    let scene = Scene::new();
    scene.put("kubeconfig", &serve(9, None));
    scene.put("apps/a.yaml", &sealed(Scope::Strict, "shop", "db"));
    scene.put(
        "apps/b.yaml",
        &format!("{}{}", sealed(Scope::Strict, "shop", "a"), sealed(Scope::Strict, "shop", "b")),
    );
    let online = ["verify", "apps", "--online", "--kubeconfig", "kubeconfig"];
    let ended = scene.run(&online).with_code(0);
    assert!(ended.stderr.contains("3 SealedSecrets, 3 items, 3 opened: nothing found"), "{ended:?}");
    scene.put("apps/c.yaml", &sealed(Scope::Strict, "shop", "db").replace("name: db", "name: cache"));
    let ended = scene.run(&online).with_code(1);
    assert!(
        ended.stdout.contains("error: shop/cache: the controller cannot unseal it [cannot-unseal]"),
        "{ended:?}"
    );
    assert!(ended.stderr.contains("3 opened: 1 error"), "{ended:?}");
}

#[test]
fn a_controller_that_does_not_answer_well_is_an_error() {
    for (status, said) in
        [(403, "grant `get` and `create` on `services/proxy`"), (503, "it has no ready pod")]
    {
        let scene = Scene::new();
        scene.put("kubeconfig", &serve(0, Some(status)));
        scene.put("a.yaml", &sealed(Scope::Strict, "shop", "db"));
        let ended = scene.run(&["verify", "a.yaml", "--online", "--kubeconfig", "kubeconfig"]).with_code(2);
        assert!(
            ended.stderr.contains("cannot ask the controller about `shop/db`") && ended.stderr.contains(said),
            "{ended:?}"
        );
    }
    let scene = Scene::new();
    scene.put("a.yaml", &sealed(Scope::Strict, "shop", "db"));
    let ended = scene.run(&["verify", "a.yaml", "--online", "--kubeconfig", "gone"]).with_code(2);
    assert!(ended.stderr.contains("hint: "), "{ended:?}");
    let ended = scene.run_with(&["verify", "-", "--online"], "").with_code(2);
    assert!(ended.stderr.contains("`--online` cannot ask about standard input"), "{ended:?}");
}

/// A backup of a key with its register, as `keys backup` writes them.
fn put_backup(scene: &Scene, certificate: &str, key: &str) {
    let lock = backup::Lock::Holders(backup::holders(&scene.identity("me.txt")).unwrap());
    let text = Plain::from(key_secret("k", certificate, key, "active"));
    let text = backup::encrypt(&text, &lock).unwrap();
    let held = Plain::from(certificate.to_owned());
    let register =
        backup::Register::write("keys.age", text.as_bytes(), std::iter::once(("k", &held))).unwrap();
    scene.put("keys.age", &text);
    scene.put("keys.age.certs.pem", &register);
}

#[test]
fn a_backup_is_compared_with_what_the_controller_serves() {
    let scene = Scene::new();
    scene.put("kubeconfig", &serve(0, None));
    let check = ["keys", "backup", "--check", "keys.age", "--kubeconfig", "kubeconfig"];
    let looking = [&check[..], &["--identity", "me.txt"]].concat();
    put_backup(&scene, CERTIFICATE, KEY);
    for arguments in [&check[..], &looking] {
        let ended = scene.run(arguments).with_code(0);
        assert!(
            ended.stdout.contains("keys.age holds the key that the controller seals with now, SHA256:"),
            "{ended:?}"
        );
    }
    scene.put("keys.age", &format!("{}\n", scene.read("keys.age")));
    let ended = scene.run(&check).with_code(1);
    assert!(
        ended.stdout.contains("keys.age.certs.pem is the register of another backup than keys.age"),
        "{ended:?}"
    );
    put_backup(&scene, LARGE_CERTIFICATE, crate::scene::LARGE_KEY);
    for arguments in [&check[..], &looking] {
        let ended = scene.run(arguments).with_code(1);
        assert!(
            ended.stdout.contains("keys.age lacks the key that the controller seals with since 20"),
            "{ended:?}"
        );
    }
    std::fs::remove_file(scene.path("keys.age.certs.pem")).unwrap();
    let ended = scene.run(&check).with_code(2);
    assert!(ended.stderr.contains("keys.age.certs.pem"), "{ended:?}");
}
