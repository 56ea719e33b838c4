//! No text makes the reader of schedules panic, and what it accepts is written as it was read. The scenario is
//! not asked: for many inputs in little time.
#![no_main]

use brokerproof::report::schedule::read;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(lines) = read(text) {
        let again = read(&lines.to_string()).unwrap_or_else(|misfit| panic!("{misfit}"));
        assert_eq!(again, lines);
    }
});
