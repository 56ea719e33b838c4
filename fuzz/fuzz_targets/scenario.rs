//! No text makes the reader of scenario files panic, and what it accepts can be written and read back.
#![no_main]

use brokerproof::scenario::{Failure, parse, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match parse(text, "fuzz.toml") {
        Ok(scenario) => {
            let again = parse(&write(&scenario), "fuzz.toml");
            let again = again.unwrap_or_else(|failure| panic!("not read back: {failure}"));
            assert_eq!(again.setting, scenario.setting);
        }
        Err(Failure::Invalid(errors)) => assert!(!errors.to_string().is_empty()),
        Err(Failure::NotModelled(gaps)) => assert!(!gaps.to_string().is_empty()),
    }
});
