//! The house rules, as a test: who may import whom, how long files and functions may be, which words and
//! hidden files have no place here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may import whom (ARCHITECTURE.md has the reasons). `*` is everything.
const IMPORTS: &[(&str, &[&str])] = &[
    ("memory", &[]),
    ("system", &[]),
    ("check", &["system", "memory"]),
    ("record", &[]),
    ("history", &["record"]),
    ("protocol", &["record", "history"]),
    ("dedup", &["record", "memory"]),
    ("app", &["protocol", "dedup", "history", "record"]),
    ("guarantee", &["history", "record", "protocol"]),
    ("cluster", &["protocol", "app", "history", "record"]),
    ("fault", &["cluster", "protocol", "system", "app", "history", "record"]),
    ("invariant", &["cluster", "protocol", "system", "record"]),
    (
        "world",
        &[
            "system",
            "cluster",
            "fault",
            "invariant",
            "guarantee",
            "history",
            "app",
            "protocol",
            "record",
        ],
    ),
    (
        "simulate",
        &[
            "system",
            "world",
            "cluster",
            "fault",
            "guarantee",
            "history",
            "app",
            "protocol",
            "record",
        ],
    ),
    (
        "scenario",
        &["world", "fault", "guarantee", "protocol", "record", "app", "cluster", "system", "dedup"],
    ),
    (
        "decide",
        &[
            "check",
            "cluster",
            "scenario",
            "world",
            "guarantee",
            "system",
            "history",
            "protocol",
            "record",
        ],
    ),
    ("conform", &["protocol", "record", "system", "report"]),
    (
        "report",
        &[
            "decide",
            "world",
            "cluster",
            "app",
            "guarantee",
            "history",
            "protocol",
            "record",
            "scenario",
            "system",
            "check",
            "fault",
            "invariant",
            "conform",
            "dedup",
            "simulate",
            "cli",
        ],
    ),
    ("testing", &["*"]),
    ("cli", &["*"]),
];

/// Lines of a file, at most.
const FILE_LINES: usize = 700;
/// Lines of a function, at most.
const FUNCTION_LINES: usize = 70;
/// Columns of a line, at most; long strings and links excepted.
const COLUMNS: usize = 120;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn sources(folders: &[&str]) -> BTreeMap<String, String> {
    let mut files = Vec::new();
    for folder in folders {
        rust_files(&root().join(folder), &mut files);
    }
    let name = |path: &Path| path.strip_prefix(root()).expect("below").display().to_string();
    files.into_iter().map(|path| (name(&path), fs::read_to_string(&path).expect("text"))).collect()
}

/// The module of a file below `src/`: its folder, or its own name.
fn module(file: &str) -> &str {
    let rest = file.strip_prefix("src/").unwrap_or(file);
    rest.split_once('/').map_or_else(|| rest.trim_end_matches(".rs"), |(module, _)| module)
}

/// The modules named after `crate::` in a line of code, with braces opened.
fn imported(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or("");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let list = rest.strip_prefix('{').map_or(rest, |inside| inside);
        let many = rest.starts_with('{');
        for part in list.split(if many { ',' } else { ';' }) {
            let word: String = part
                .trim()
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect();
            if !word.is_empty() {
                found.push(word);
            }
            if !many {
                break;
            }
        }
    }
    found
}

#[test]
fn imports_follow_the_table() {
    let mut wrong = Vec::new();
    for (file, text) in sources(&["src"]) {
        let own = module(&file);
        if own == "lib" || own == "main" {
            continue;
        }
        let Some((_, allowed)) = IMPORTS.iter().find(|(module, _)| *module == own) else {
            wrong.push(format!("{file}: module `{own}` is not in the table"));
            continue;
        };
        for (number, line) in (1..).zip(text.lines()) {
            for other in imported(line) {
                let known = IMPORTS.iter().any(|(module, _)| *module == other);
                let free = allowed.contains(&"*") || allowed.contains(&other.as_str());
                if known && other != own && !free {
                    wrong.push(format!("{file}:{number}: `{own}` may not import `{other}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_and_functions_are_short() {
    let mut wrong = Vec::new();
    for (file, text) in sources(&["src", "tests", "benches", "examples"]) {
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() > FILE_LINES {
            wrong.push(format!("{file}: {} lines", lines.len()));
        }
        for (number, line) in (1..).zip(&lines) {
            if line.chars().count() > COLUMNS && !line.contains("http") && !line.contains('"') {
                wrong.push(format!("{file}:{number}: {} columns", line.chars().count()));
            }
        }
        wrong.extend(
            long_functions(&lines)
                .map(|(line, length)| format!("{file}:{line}: a function of {length} lines")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Functions that are too long: where they begin, and how long they are. Formatted code is assumed: a
/// function ends with a brace as far in as it begins.
fn long_functions<'a>(lines: &'a [&'a str]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let begins = lines.iter().enumerate().filter(|(_, line)| {
        let code = line.trim_start();
        !code.starts_with("//")
            && (code.starts_with("fn ") || code.contains(" fn "))
            && !code.contains('"')
            && !code.ends_with(';')
    });
    begins.filter_map(|(begin, line)| {
        let indent = line.len() - line.trim_start().len();
        let closing = format!("{}}}", " ".repeat(indent));
        let body = lines[begin..].iter().position(|line| *line == closing)?;
        (body + 1 > FUNCTION_LINES).then_some((begin + 1, body + 1))
    })
}

#[test]
fn nothing_is_unfinished_or_switched_off() {
    let banned = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[", "ignore")];
    let mut wrong = Vec::new();
    for (file, text) in sources(&["src", "tests", "benches", "examples"]) {
        for (number, line) in (1..).zip(text.lines()) {
            for word in banned.iter().filter(|word| line.contains(**word)) {
                wrong.push(format!("{file}:{number}: {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    let without = sources(&["src"]).into_iter().filter(|(_, text)| !text.starts_with("//! "));
    let without: Vec<String> = without.map(|(file, _)| file).collect();
    assert!(without.is_empty(), "no module documentation: {}", without.join(", "));
}
