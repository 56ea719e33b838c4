//! No text makes the reader of configuration files panic. Reads only, on one side and for one shape of
//! application: for many inputs in little time.
#![no_main]

use brokerproof::scenario::{Named, Options, Texts, from_texts};
use brokerproof::world::setting::CommitOrder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let named = Some(Named { path: "fuzz.properties", text });
    let texts = match text.len() % 4 {
        0 => Texts { producer: named, ..Texts::default() },
        1 => Texts { consumer: named, ..Texts::default() },
        2 => Texts { topic: named, ..Texts::default() },
        _ => Texts { server: named, ..Texts::default() },
    };
    let options = Options { shape: Some(CommitOrder::AfterProcessing), ..Options::default() };
    let _ = std::hint::black_box(from_texts(&texts, &options));
});
