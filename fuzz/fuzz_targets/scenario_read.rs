//! No text makes the reader of scenario files panic. Reads only: for many inputs in little time.
#![no_main]

use brokerproof::scenario::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = std::hint::black_box(parse(text, "fuzz.toml"));
});
