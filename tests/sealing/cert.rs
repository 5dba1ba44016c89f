//! Certificates: fetched, shown, compared, pinned.

use crate::controller::serve;
use crate::scene::{CLOUD, HOME, Scene};

fn sha256(pem: &str) -> String {
    sealstrap::seal::Certificate::from_pem(pem.as_bytes()).unwrap().sha256
}

#[test]
fn what_the_controller_serves_is_fetched_and_pinned_and_then_holds() {
    let scene = Scene::set();
    std::fs::remove_dir_all(scene.path("keys")).unwrap();
    serve(&scene, HOME, 0);
    assert_eq!(scene.run(&["cert", "fetch"]).with(0).stdout, HOME);
    scene.run(&["cert", "fetch", "--out", "a.pem"]).with(0).says(&["wrote a.pem"]);
    let pinned = scene.run(&["cert", "pin"]).with(0).says(&["keys/sealing.pem is pinned"]);
    assert_eq!(pinned.stdout, format!("sealing.fingerprint: {}\n", sha256(HOME)));
    assert_eq!((scene.read("keys/sealing.pem"), scene.read("a.pem")), (HOME.into(), HOME.into()));
    scene.run(&["cert", "pin"]).with(0).says(&["holds it already"]);
    let checked = scene.run(&["cert", "check"]).with(0).stdout;
    assert!(checked.contains("it is the one that the controller serves"), "{checked}");
}

#[test]
fn another_pin_is_never_replaced_without_a_word() {
    let scene = Scene::set();
    serve(&scene, CLOUD, 0);
    scene.run(&["cert", "pin"]).with(2).says(&[
        "pins another certificate",
        &sha256(HOME),
        &sha256(CLOUD),
        "--replace",
    ]);
    assert_eq!(scene.read("keys/sealing.pem"), HOME);
    scene.run(&["cert", "pin", "--replace"]).with(0);
    assert_eq!(scene.read("keys/sealing.pem"), CLOUD);
    scene.put("keys/sealing.pem", "mine\n");
    scene.run(&["cert", "pin"]).with(2).says(&["holds no certificate"]);
}

#[test]
fn a_check_says_in_one_sentence_what_is_wrong() {
    let scene = Scene::set();
    serve(&scene, CLOUD, 0);
    let check = |words: &str| {
        let ended = scene.run(&["cert", "check"]).with(1);
        assert!(ended.stdout.contains(words), "{}", ended.stdout);
    };
    check("keys/sealing.pem of 2000-01-01 was superseded: the controller serves one of 2000-01-02");
    scene.put("keys/sealing.pem", include_str!("certificates/expired.pem"));
    check("expired certificate on");
    let other = Scene::set();
    serve(&other, HOME, 0);
    other.put("keys/sealing.pem", CLOUD);
    let ended = other.run(&["cert", "check"]).with(1);
    assert!(ended.stdout.contains("is another cluster's"), "{}", ended.stdout);
}

#[test]
fn a_certificate_is_shown_with_its_fingerprints_and_days() {
    let scene = Scene::set();
    let shown = scene.run(&["cert", "show"]).with(0).stdout;
    for words in [
        "home",
        "keys/sealing.pem",
        &sha256(HOME),
        "SHA256:",
        "(RSA 2048)",
        "2000-01-01 to 2126-01-01",
        " days",
    ] {
        assert!(shown.contains(words), "{shown}");
    }
    scene.put("public.pem", include_str!("../seal/public.pem"));
    let bare = scene.run(&["cert", "show", "public.pem"]).with(0).stdout;
    assert!(bare.contains("without end"), "{bare}");
    let json = scene.run(&["cert", "show", "--cluster", "cloud", "--json"]).with(0).stdout;
    let event: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&event["event"], &event["sha256"], &event["bits"]),
        (&"certificate".into(), &sha256(CLOUD).into(), &3072.into())
    );
}

#[test]
fn a_cluster_without_a_way_to_it_is_refused() {
    let scene = Scene::set();
    scene
        .run(&["cert", "fetch", "--cluster", "cloud"])
        .with(2)
        .says(&["not known how to reach cluster `cloud`", "context"]);
    scene.run(&["cert", "fetch"]).with(2);
}

#[test]
fn sealing_takes_what_is_served_where_nothing_is_pinned() {
    let scene = Scene::set();
    std::fs::remove_dir_all(scene.path("keys")).unwrap();
    serve(&scene, HOME, 0);
    let sealed = scene.run_with(&["seal"], crate::scene::DB.as_bytes()).with(0).stdout;
    crate::scene::assert_holds(&sealed, &[("user", "admin"), ("password", "s3cret")]);
}
