//! Where a scenario comes from: a file, or a model that is part of the program.

use std::path::Path;

use crate::cli::bundled;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::report::json;
use crate::scenario::{self, Errors, Failure, Scenario};

/// Reads a scenario: the file, or else the bundled model of this name or path.
///
/// # Errors
/// What is wrong with it, or what of it is not modelled yet.
pub fn load(path: &Path) -> Result<Scenario, Failure> {
    if !path.exists()
        && let Some(model) = path.to_str().and_then(bundled::named)
    {
        return scenario::parse(model.text, model.path);
    }
    if is_properties(path) {
        return Err(scenario::not_a_scenario(path));
    }
    let near = path.to_str().filter(|_| !path.exists()).and_then(bundled::nearest_name);
    scenario::load(path).map_err(|failure| match (failure, near) {
        (Failure::Invalid(Errors(mut problems)), Some(name)) => {
            for problem in &mut problems {
                problem.hint = Some(format!("there is a bundled model `{name}`"));
            }
            Failure::Invalid(Errors(problems))
        }
        (failure, _) => failure,
    })
}

/// Whether a file is called as Kafka's configuration files are.
fn is_properties(path: &Path) -> bool {
    let endings = ["properties", "config", "conf", "cfg"];
    path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known))
}

/// Says why there is no scenario; what is not modelled is a document, too, if documents are asked for.
pub fn fail(console: &mut Console, failure: &Failure, json: bool) -> Exit {
    match failure {
        Failure::Invalid(errors) => {
            console.error(&errors.to_string());
            Exit::BadInput
        }
        Failure::NotModelled(gaps) => {
            console.say(&gaps.to_string());
            if json {
                console.print(&json::not_modelled(gaps));
            }
            Exit::Undecided
        }
    }
}
