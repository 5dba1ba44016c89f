//! Any text as SealedSecrets: no panic; what is read is written, and read again it is the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealstrap::seal::{Form, SealedSecret};
use sealstrap::yaml;

fn read(text: &str) -> Vec<SealedSecret> {
    let documents = yaml::each("fuzz.yaml".as_ref(), text).into_iter().flatten();
    documents.filter_map(|document| SealedSecret::read(document).ok()).collect()
}

fuzz_target!(|text: &str| {
    for sealed in read(text) {
        for form in [Form::Json, Form::Yaml] {
            let written = sealed.write(form);
            let again = read(&written);
            assert_eq!(again.len(), 1, "{written}");
            let again = &again[0];
            assert_eq!(again.write(form), written);
            assert_eq!(again.label(), sealed.label());
            assert_eq!(again.scope(), sealed.scope());
            assert!(again.keys().eq(sealed.keys()));
            assert!(sealed.keys().all(|key| again.item(key) == sealed.item(key)));
        }
    }
});
