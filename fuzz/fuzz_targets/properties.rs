//! No text makes the reader of configuration files panic, on whichever side it is read.
#![no_main]

use brokerproof::scenario::{Named, Options, Texts, changes, from_texts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let named = Some(Named { path: "fuzz.properties", text });
    let all = [
        Texts { producer: named, ..Texts::default() },
        Texts { consumer: named, ..Texts::default() },
        Texts { topic: named, ..Texts::default() },
        Texts { server: named, ..Texts::default() },
    ];
    let side = text.len() % all.len();
    match from_texts(&all[side], &Options::default()) {
        Ok(built) => {
            assert!(!built.rows.is_empty());
            let _ = changes(&all[side], &Options::default());
            assert!(built.notices.iter().all(|notice| !notice.to_string().is_empty()));
        }
        Err(failure) => assert!(!failure.to_string().is_empty()),
    }
});
