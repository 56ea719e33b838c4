//! Reads a user's file, or says why not.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::problem::{Errors, Problem, ProblemKind};

/// The largest file that is read, in bytes. The largest configuration of a real project that was
/// looked at has 8 kB.
pub const LIMIT: u64 = 1_000_000;

/// The text of a file.
///
/// # Errors
/// One problem: no such file, a directory, no permission, too large, not text, empty. Of a file that
/// is too large no more than the limit is read.
pub fn read(path: &Path) -> Result<String, Errors> {
    text(&path.display().to_string(), bytes(path)?)
}

/// The text of a `.properties` file, which may be in ISO 8859-1, Java's encoding of them.
///
/// # Errors
/// As [`read`].
pub fn read_properties(path: &Path) -> Result<String, Errors> {
    let bytes = bytes(path)?;
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if std::str::from_utf8(&bytes).is_err() && !utf16 && !bytes.contains(&0) {
        return Ok(bytes.into_iter().map(char::from).collect());
    }
    text(&path.display().to_string(), bytes)
}

fn bytes(path: &Path) -> Result<Vec<u8>, Errors> {
    let shown = path.display().to_string();
    let fail = |kind| Errors(vec![Problem::whole(&shown, kind)]);
    let unreadable = |error: std::io::Error| {
        fail(match error.kind() {
            ErrorKind::NotFound => ProblemKind::NotFound,
            ErrorKind::PermissionDenied => ProblemKind::NoPermission,
            ErrorKind::IsADirectory => ProblemKind::Directory,
            _ => ProblemKind::Unreadable(error.to_string()),
        })
    };
    let file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if about.is_dir() {
        return Err(fail(ProblemKind::Directory));
    }
    if about.len() > LIMIT {
        return Err(fail(ProblemKind::TooLarge { limit: LIMIT }));
    }
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LIMIT {
        return Err(fail(ProblemKind::TooLarge { limit: LIMIT }));
    }
    Ok(bytes)
}

/// Bytes as a text without a byte order mark.
fn text(path: &str, bytes: Vec<u8>) -> Result<String, Errors> {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let text = match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text,
        Ok(_) | Err(_) => {
            let mut problem = Problem::whole(path, ProblemKind::Binary);
            if utf16 {
                problem = problem.hint("it begins like UTF-16: save it as UTF-8");
            }
            return Err(Errors(vec![problem]));
        }
    };
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}
