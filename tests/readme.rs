//! The commands of the README give what it shows: `...` on a line of its own stands for any lines.

mod support;

use std::fs;

use support::{root, run};

/// A command with what it is said to print.
struct Shown {
    arguments: Vec<String>,
    output: Vec<String>,
}

fn shown(text: &str) -> Vec<Shown> {
    let mut all = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line != "```console" {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        for line in block {
            match line.strip_prefix("$ brokerproof ") {
                Some(command) => all.push(Shown {
                    arguments: command.split_whitespace().map(str::to_owned).collect(),
                    output: Vec::new(),
                }),
                None => {
                    let last = all.last_mut().expect("a block begins with a command");
                    last.output.push(line.to_owned());
                }
            }
        }
    }
    all
}

/// Whether lines are as shown.
fn fits(wanted: &[String], found: &[&str]) -> bool {
    match wanted.split_first() {
        None => found.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=found.len()).any(|skipped| fits(rest, &found[skipped..]))
        }
        Some((first, rest)) => {
            found.split_first().is_some_and(|(line, others)| line == first && fits(rest, others))
        }
    }
}

#[test]
fn the_commands_of_the_readme_give_what_it_shows() {
    let text = fs::read_to_string(root().join("README.md")).expect("text");
    let all = shown(&text);
    assert!(all.len() >= 2, "no commands");
    for shown in all {
        let arguments: Vec<&str> = shown.arguments.iter().map(String::as_str).collect();
        let run = run(&arguments);
        assert_eq!(run.code, Some(0), "{}", run.all());
        let found: Vec<&str> = run.out.lines().collect();
        let wanted = shown.output.join("\n");
        assert!(fits(&shown.output, &found), "{arguments:?} gives\n{}\nnot\n{wanted}", run.out);
    }
}

#[test]
fn elisions() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(fits(&lines("a\n...\nd"), &["a", "b", "c", "d"]));
    assert!(fits(&lines("...\nd\n..."), &["d"]));
    assert!(!fits(&lines("a\nd"), &["a", "b", "d"]));
    assert!(!fits(&lines("a\n..."), &["b"]));
}
