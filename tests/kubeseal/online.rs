//! What goes through the API server, against a controller of a few lines that does as the real one does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use rand_core::OsRng;
use sealstrap::seal::{Certificate, SealedSecret, Secret};
use sealstrap::yaml;
use serde_json::json;

use crate::normal;
use crate::rows::Row;
use crate::scene::{Ended, Scene, ours};

const CERTIFICATE: &str = include_str!("../seal/certificate.pem");
const SERVICE: &str = "/api/v1/namespaces/kube-system/services/sealed-secrets-controller";
const PROXY: &str = "/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:http/proxy";

/// A request: its first line, its headers in lower case, its body.
struct Asked {
    line: String,
    headers: Vec<String>,
    body: String,
}

/// Serves on loopback until the process ends; tells what was asked.
fn serve(answer: impl Fn(&Asked) -> (u16, String) + Send + 'static) -> (String, Receiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            converse(&stream, &answer, &tell);
        }
    });
    (address, told)
}

fn converse(stream: &TcpStream, answer: &impl Fn(&Asked) -> (u16, String), tell: &Sender<Asked>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        match reader.read_line(&mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) if line.trim().is_empty() => break,
            Ok(_) => head.push(line.trim().to_owned()),
        }
    }
    let line = head.remove(0);
    let headers: Vec<String> = head.iter().map(|header| header.to_lowercase()).collect();
    let length = headers.iter().find_map(|header| header.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let asked = Asked { line, headers, body: String::from_utf8(body).unwrap() };
    let (status, text) = answer(&asked);
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", text.len());
    let mut stream = stream;
    drop(stream.write_all(format!("{head}{text}").as_bytes()));
    drop(tell.send(asked));
}

/// The API server with a controller behind it.
fn controller(asked: &Asked) -> (u16, String) {
    let mut words = asked.line.split(' ');
    match (words.next().unwrap(), words.next().unwrap()) {
        ("GET", SERVICE) => (200, json!({"spec": {"ports": [{"name": "http"}]}}).to_string()),
        ("GET", path) if path == format!("{PROXY}/v1/cert.pem") => (200, CERTIFICATE.into()),
        ("POST", path) if path == format!("{PROXY}/v1/verify") => match unsealed(&asked.body) {
            Some(_) => (200, String::new()),
            None => (409, "Unable to decrypt".into()),
        },
        ("POST", path) if path == format!("{PROXY}/v1/rotate") => match unsealed(&asked.body) {
            Some(mut secret) => {
                // The real one puts the metadata of the SealedSecret over that of the template.
                secret.labels.clear();
                secret.annotations.retain(|key, _| key.contains("-wide"));
                // It does not say what it answers with, either.
                let mut answer: serde_json::Value =
                    serde_json::from_str(&sealed(&secret).to_json()).unwrap();
                answer.as_object_mut().unwrap().retain(|key, _| key != "kind" && key != "apiVersion");
                (200, answer.to_string())
            }
            None => (500, String::new()),
        },
        _ => (404, json!({"kind": "Status", "reason": "NotFound", "code": 404, "details": {"name": "x", "kind": "services"}}).to_string()),
    }
}

fn unsealed(body: &str) -> Option<Secret> {
    let document = yaml::each(Path::new("body"), body).ok()?.pop()?;
    SealedSecret::read(document).ok()?.unseal(&normal::keys(), &mut OsRng).ok()
}

fn sealed(secret: &Secret) -> SealedSecret {
    let recipient = Certificate::from_pem(CERTIFICATE.as_bytes()).unwrap().recipient;
    SealedSecret::seal(secret, secret.scope(), &recipient, &mut OsRng).unwrap()
}

fn ask(address: &str, scene: &Scene, arguments: &[&str], input: &str) -> Ended {
    let all: Vec<String> =
        arguments.iter().map(|word| (*word).to_owned()).chain(["--server".into(), address.into()]).collect();
    let all: Vec<&'static str> = all.into_iter().map(|word| &*word.leak()).collect();
    scene.run(
        &ours(),
        &Row { args: all.leak(), input: input.to_owned().leak(), config: false, ..crate::rows::ROW },
    )
}

fn scene() -> Scene {
    Scene::set(&crate::rows::ROW)
}

#[test]
fn the_certificate_is_fetched_through_the_service_proxy() {
    let (address, told) = serve(controller);
    let ended = ask(
        &address,
        &scene(),
        &["--fetch-cert", "--token", "canary", "--as", "jane", "--as-group", "a", "--as-group", "b"],
        "",
    );
    assert_eq!((ended.code, ended.stdout.as_str()), (0, CERTIFICATE), "{}", ended.stderr);
    let all: Vec<Asked> = told.try_iter().collect();
    assert_eq!(all.len(), 2);
    assert!(all[1].headers.contains(&"accept: application/x-pem-file, */*".to_owned()));
    for header in [
        "authorization: bearer canary",
        "impersonate-user: jane",
        "impersonate-group: a",
        "impersonate-group: b",
    ] {
        assert!(all.iter().all(|asked| asked.headers.iter().any(|found| found == header)), "{header}");
    }
}

#[test]
fn a_secret_is_sealed_with_the_fetched_certificate() {
    let (address, _told) = serve(controller);
    let ended = ask(&address, &scene(), &[], crate::rows::SECRET);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(normal::text(&ended.stdout).contains("<\"two\" for \"ns/a\">"));
}

#[test]
fn a_controller_of_another_name_is_found_and_a_missing_one_named() {
    let (address, told) = serve(|asked| {
        let line = asked
            .line
            .replace("ops", "kube-system")
            .replace("sealed-secrets/", "sealed-secrets-controller/")
            .replace("sealed-secrets ", "sealed-secrets-controller ")
            .replace("sealed-secrets:", "sealed-secrets-controller:");
        controller(&Asked { line, headers: vec![], body: String::new() })
    });
    let named = ["--fetch-cert", "--controller-name", "sealed-secrets", "--controller-namespace", "ops"];
    assert_eq!(ask(&address, &scene(), &named, "").code, 0);
    assert!(told.try_iter().all(|asked| asked.line.contains("/namespaces/ops/services/")));
    let (address, _told) = serve(controller);
    let ended = ask(&address, &scene(), &["--fetch-cert", "--controller-name", "other"], "");
    assert_eq!(ended.code, 1);
    let wanted = "error: cannot get sealed secret service: services \"other\" not found.\nPlease, use the flag --controller-name and --controller-namespace";
    assert!(ended.stderr.starts_with(wanted), "{}", ended.stderr);
}

#[test]
fn what_the_controller_can_unseal_is_valid() {
    let (address, _told) = serve(controller);
    let scene = scene();
    assert_eq!(ask(&address, &scene, &["--validate"], &scene.read("strict.yaml")).code, 0);
    assert_eq!(ask(&address, &scene, &["--validate"], "").code, 0);
    let renamed = scene
        .read("strict.yaml")
        .replace("  name: a\n  namespace: ns\nspec", "  name: b\n  namespace: ns\nspec");
    let ended = ask(&address, &scene, &["--validate"], &renamed);
    assert_eq!(ended.stderr.lines().next(), Some("error: unable to decrypt sealed secret: b"));
    let ended = ask(&address, &scene, &["--validate"], "kind: Other\n");
    assert_eq!(
        (ended.code, ended.stderr.lines().next()),
        (1, Some("error: unable to decrypt sealed secret"))
    );
    let (busy, _told) =
        serve(
            |asked| if asked.line.starts_with("POST") { (400, "canary".into()) } else { controller(asked) },
        );
    let ended = ask(&busy, &scene, &["--validate"], &scene.read("strict.yaml"));
    assert!(ended.stderr.starts_with("error: cannot validate sealed secret: "), "{}", ended.stderr);
    assert!(!ended.stderr.contains("canary"));
}

#[test]
fn sealing_anew_keeps_what_the_controller_would_drop() {
    let (address, _told) = serve(controller);
    let scene = scene();
    let before = scene.read("strict.yaml");
    let ended = ask(&address, &scene, &["--re-encrypt", "-f", "strict.yaml"], "");
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.stderr);
    let after = scene.read("strict.yaml");
    assert_ne!(before, after);
    assert_eq!(normal::text(&before), normal::text(&after), "labels and annotations of the template stay");
    let to_stdout = ask(&address, &scene, &["--rotate"], &before);
    assert_eq!(normal::text(&to_stdout.stdout), normal::text(&scene.read("strict.json")));
    let broken = before.replace("old: A", "old: B");
    let ended = ask(&address, &scene, &["--re-encrypt"], &broken);
    assert!(ended.stderr.starts_with("error: cannot re-encrypt secret: "), "{}", ended.stderr);
}

#[test]
fn a_certificate_is_read_from_an_address() {
    let (address, _told) = serve(|asked| match asked.line.as_str() {
        "GET /cert.pem HTTP/1.1" => (200, CERTIFICATE.into()),
        _ => (404, "canary".into()),
    });
    let at = |path: &str| format!("{address}{path}").leak() as &'static str;
    let run = |place: &'static str| {
        scene().run(&ours(), &Row { args: vec!["--cert", place, "--fetch-cert"].leak(), ..crate::rows::ROW })
    };
    assert_eq!(run(at("/cert.pem")).stdout, CERTIFICATE);
    let missing = run(at("/other"));
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("404") && !missing.stderr.contains("canary"), "{}", missing.stderr);
}

#[test]
fn an_address_that_never_answers_is_given_up_after_the_deadline_that_was_named() {
    // It takes connections into its backlog and answers none.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("http://{}/cert.pem", silent.local_addr().unwrap()).leak() as &'static str;
    let args = vec!["--cert", place, "--fetch-cert", "--request-timeout", "1s"].leak();
    let ended = scene().run(&ours(), &Row { args, ..crate::rows::ROW });
    let said = format!("error: cannot fetch {place:?}: `{place}` did not answer within 1 s");
    assert_eq!((ended.code, ended.stderr.lines().next()), (1, Some(said.as_str())));
}

#[test]
fn what_somebody_else_changed_while_the_controller_was_asked_is_not_overwritten() {
    for named_twice in [false, true] {
        let scene = scene();
        let file = scene.path("strict.yaml");
        let (address, _told) = serve(move |asked| {
            if asked.line.starts_with("POST") {
                std::fs::write(&file, "theirs").unwrap();
            }
            controller(asked)
        });
        let mut arguments = vec!["--re-encrypt", "-f", "strict.yaml"];
        arguments.extend(named_twice.then_some(["-w", "./strict.yaml"]).into_iter().flatten());
        let names: Vec<_> = scene.files().into_keys().collect();
        let ended = ask(&address, &scene, &arguments, "");
        assert_eq!(ended.code, 1);
        assert!(ended.stderr.contains("somebody else changed the file meanwhile"), "{}", ended.stderr);
        assert_eq!(scene.read("strict.yaml"), "theirs");
        assert_eq!(scene.files().into_keys().collect::<Vec<_>>(), names, "nothing is left beside it");
    }
}
