//! Any text, any edit: no panic; what is accepted is read back, and a second time nothing happens.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealstrap::yaml::Segment;
use sealstrap::yaml::splice::Edit;

fuzz_target!(|input: (&str, &str, &str, u8)| {
    let (text, dotted, value, choice) = input;
    let Ok(mut edit) = Edit::open("fuzz.yaml".as_ref(), text) else { return };
    assert_eq!(edit.text(), text);
    let index = usize::from(choice >> 3);
    let segment = |part: &str| part.parse().map_or_else(|_| part.into(), Segment::Index);
    let path: Vec<Segment> = dotted.split('.').filter(|part| !part.is_empty()).map(segment).collect();
    let change = |edit: &mut Edit| match choice & 7 {
        0 => edit.document(index)?.append(&path, value),
        1 => edit.document(index)?.remove(&path),
        2 => edit.document(index)?.rename(&path, value),
        3 => edit.replace_document(index, value),
        4 => edit.insert_document(index, value),
        _ => edit.document(index)?.set(&path, value),
    };
    if change(&mut edit).is_err() {
        assert_eq!(edit.text(), text);
        return;
    }
    let once = edit.text();
    let again = Edit::open("fuzz.yaml".as_ref(), &once);
    assert!(again.is_ok(), "what comes out can be edited again");
    // Setting and appending what is there already changes nothing.
    if matches!(choice & 7, 0 | 5..) {
        assert!(change(&mut edit).is_ok());
        assert_eq!(edit.text(), once);
    }
});
