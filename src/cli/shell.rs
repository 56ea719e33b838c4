//! Hidden verbs for whoever packages the program: completions for shells, and manual pages.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::cli::check::write_new;
use crate::cli::console::Console;
use crate::cli::exit::Exit;

/// The name under which the program is installed.
const NAME: &str = "brokerproof";

/// Arguments of `completions`.
#[derive(Args, Clone, Debug)]
pub struct Completions {
    /// For which shell.
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Arguments of `manual`.
#[derive(Args, Clone, Debug)]
pub struct Manual {
    /// Writes a page for each verb into this folder instead; never over a file that says something else.
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

/// Prints completions.
pub fn completions(arguments: &Completions, console: &mut Console) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), NAME, &mut script);
    console.print(&String::from_utf8_lossy(&script));
    Exit::AsExpected
}

/// Prints the manual page, or writes one for each verb.
pub fn manual(arguments: &Manual, console: &mut Console) -> Exit {
    let Some(folder) = &arguments.folder else {
        console.print(&page(&Cli::command()));
        return Exit::AsExpected;
    };
    let whole = Cli::command();
    let mut pages = vec![(NAME.to_owned(), page(&whole))];
    for verb in whole.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        let name = format!("{NAME}-{}", verb.get_name());
        let named = verb.clone().display_name(name.clone());
        pages.push((name, page(&named)));
    }
    for (name, text) in pages {
        if let Err(problem) = write_new(&folder.join(format!("{name}.1")), &text, console) {
            console.error(&problem);
            return Exit::BadInput;
        }
    }
    Exit::AsExpected
}

fn page(command: &clap::Command) -> String {
    let mut page = Vec::new();
    // Writing into memory does not fail.
    let _ = clap_mangen::Man::new(command.clone()).render(&mut page);
    String::from_utf8_lossy(&page).into_owned()
}
