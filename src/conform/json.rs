//! JSON values that borrow from the line they were read from, and where in it something stands.
//!
//! Knows nothing of scripts. The parser keeps no positions, because only errors need them:
//! [`locate`] finds a place again by its path. Numbers are whole; others are kept as text and fit
//! nowhere.

use std::borrow::Cow;
use std::fmt;

/// How deep values may be nested; deeper ones are an error, not a stack overflow.
const MAX_DEPTH: usize = 64;

/// A JSON value. Objects keep their order; [`Value::same`] ignores it.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A number that is not whole or too large.
    Decimal(Cow<'a, str>),
    /// A text.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Value<'a>>),
    /// An object, without repeated keys.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl<'a> Value<'a> {
    /// The value of a key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        match self {
            Value::Object(fields) => field(fields, key),
            _ => None,
        }
    }

    /// A text that lives as long as the program.
    pub fn fixed(text: &'static str) -> Value<'a> {
        Value::Text(Cow::Borrowed(text))
    }

    /// Whether two values are equal; the order of keys does not count.
    pub fn same(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::Decimal(a), Value::Decimal(b)) | (Value::Text(a), Value::Text(b)) => a == b,
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b))
            }
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter().zip(0..).all(|((key, value), at)| {
                        field_near(b, key, at).is_some_and(|other| value.same(other))
                    })
            }
            _ => false,
        }
    }

    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::Decimal(_) => "a number that is not whole or too large",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

/// The value of a key.
pub fn field<'b, 'a>(fields: &'b [(Cow<'a, str>, Value<'a>)], key: &str) -> Option<&'b Value<'a>> {
    fields.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// The value of a key that probably stands at this place.
fn field_near<'b, 'a>(
    fields: &'b [(Cow<'a, str>, Value<'a>)],
    key: &str,
    at: usize,
) -> Option<&'b Value<'a>> {
    match fields.get(at) {
        Some((name, value)) if name == key => Some(value),
        _ => field(fields, key),
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Number(value) => write!(f, "{value}"),
            Value::Decimal(value) => f.write_str(value),
            Value::Text(value) => write_text(f, value),
            Value::List(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Value::Object(fields) => {
                f.write_str("{")?;
                for (index, (key, value)) in fields.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    write_text(f, key)?;
                    write!(f, ": {value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Writes a text as JSON does.
pub fn write_text(out: &mut impl fmt::Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            control if control < ' ' => write!(out, "\\u{:04x}", control as u32)?,
            other => out.write_char(other)?,
        }
    }
    out.write_char('"')
}

/// What is wrong with a text, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JsonError {
    /// Byte at which it shows.
    pub at: usize,
    /// What was expected and what was found.
    pub message: String,
}

/// Reads one value that fills the whole text.
///
/// # Errors
/// The first place that is not JSON, a repeated key, or values nested deeper than 64.
pub fn parse(text: &str) -> Result<Value<'_>, JsonError> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.expected("the end of the line"));
    }
    Ok(value)
}

/// One part of a path into a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part<'p> {
    /// The value of a key.
    Key(&'p str),
    /// An element of a list.
    Index(usize),
}

/// The byte at which the thing at the end of a path stands: the key, where the last part is one,
/// else the element. If the path leads nowhere: where it ends. The text must have been parsed
/// before.
pub fn locate(text: &str, path: &[Part<'_>]) -> usize {
    let mut reader = Reader { text, at: 0 };
    reader.space();
    let mut place = reader.at;
    for part in path {
        match reader.enter(*part) {
            Some(found) => place = found,
            None => break,
        }
    }
    place
}

/// The column of a byte, counted in characters from 1.
pub fn column(text: &str, at: usize) -> usize {
    text.char_indices().take_while(|(index, _)| *index < at).count() + 1
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn expected(&self, what: &str) -> JsonError {
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(character) => format!("`{character}`"),
            None => "the end of the line".to_owned(),
        };
        JsonError { at: self.at, message: format!("expected {what}, found {found}") }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, JsonError> {
        if depth > MAX_DEPTH {
            return Err(JsonError {
                at: self.at,
                message: format!("values are nested deeper than {MAX_DEPTH}"),
            });
        }
        self.space();
        match self.peek() {
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                for (word, value) in [
                    ("null", Value::Null),
                    ("true", Value::Bool(true)),
                    ("false", Value::Bool(false)),
                ] {
                    if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(self.expected("a value"))
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, JsonError> {
        self.at += 1;
        let mut fields: Vec<(Cow<'a, str>, Value<'a>)> = Vec::new();
        self.space();
        if self.eat(b'}') {
            return Ok(Value::Object(fields));
        }
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key in quotes"));
            }
            let key = self.string()?;
            if field(&fields, &key).is_some() {
                return Err(JsonError { at: start, message: format!("the key `{key}` repeats") });
            }
            self.space();
            if !self.eat(b':') {
                return Err(self.expected("`:`"));
            }
            let value = self.value(depth + 1)?;
            fields.push((key, value));
            self.space();
            if self.eat(b'}') {
                return Ok(Value::Object(fields));
            }
            if !self.eat(b',') {
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value<'a>, JsonError> {
        self.at += 1;
        let mut values = Vec::new();
        self.space();
        if self.eat(b']') {
            return Ok(Value::List(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            self.space();
            if self.eat(b']') {
                return Ok(Value::List(values));
            }
            if !self.eat(b',') {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.expected("a digit"));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Value<'a>, JsonError> {
        let start = self.at;
        self.eat(b'-');
        let leading = self.at;
        self.digits()?;
        if self.text.as_bytes()[leading] == b'0' && self.at > leading + 1 {
            self.at = leading + 1;
            return Err(self.expected("no digit after a leading zero"));
        }
        let mut whole = true;
        if self.eat(b'.') {
            whole = false;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = &self.text[start..self.at];
        match text.parse() {
            Ok(number) if whole => Ok(Value::Number(number)),
            _ => Ok(Value::Decimal(Cow::Borrowed(text))),
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut from = start;
        loop {
            match self.peek() {
                None => return Err(self.expected("the closing quote of a text")),
                Some(b'"') => {
                    let rest = &self.text[from..self.at];
                    self.at += 1;
                    return Ok(match owned {
                        None => Cow::Borrowed(rest),
                        Some(text) => Cow::Owned(text + rest),
                    });
                }
                Some(b'\\') => {
                    let text = owned.get_or_insert_with(String::new);
                    text.push_str(&self.text[from..self.at]);
                    let character = self.escape()?;
                    text.push(character);
                    from = self.at;
                }
                Some(0..=0x1f) => return Err(self.expected("no control character in a text")),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        self.at += 1;
        let character = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.expected("one of `\"\\/bfnrtu` after a backslash")),
        };
        self.at += 1;
        Ok(character)
    }

    /// `uXXXX` after a backslash; a pair of surrogates is one character.
    fn unicode(&mut self) -> Result<char, JsonError> {
        let start = self.at;
        let high = self.hexadecimal()?;
        let code = if (0xd800..0xdc00).contains(&high) {
            let mut low = 0;
            if self.eat(b'\\') && self.peek() == Some(b'u') {
                low = self.hexadecimal()?;
            }
            if !(0xdc00..0xe000).contains(&low) {
                return Err(JsonError { at: start, message: "half a surrogate pair".to_owned() });
            }
            0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
        } else {
            high
        };
        char::from_u32(code)
            .ok_or_else(|| JsonError { at: start, message: "half a surrogate pair".to_owned() })
    }

    fn hexadecimal(&mut self) -> Result<u32, JsonError> {
        self.at += 1;
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else { return Err(self.expected("four hexadecimal digits")) };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    /// Moves to the part of the value that begins here; returns where its key or element stands.
    fn enter(&mut self, part: Part<'_>) -> Option<usize> {
        self.space();
        match (part, self.peek()?) {
            (Part::Key(wanted), b'{') => {
                self.at += 1;
                loop {
                    self.space();
                    let place = self.at;
                    if self.peek()? != b'"' {
                        return None;
                    }
                    let key = self.string().ok()?;
                    self.space();
                    self.eat(b':');
                    self.space();
                    if key == wanted {
                        return Some(place);
                    }
                    self.value(0).ok()?;
                    self.space();
                    self.eat(b',');
                }
            }
            (Part::Index(wanted), b'[') => {
                self.at += 1;
                for _ in 0..wanted {
                    self.value(0).ok()?;
                    self.space();
                    self.eat(b',');
                }
                self.space();
                (self.peek()? != b']').then_some(self.at)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_written_and_read_is_the_same() {
        for text in [
            r#"{"a": [1, -2, null, true, false, "x"], "b": {}, "c": [], "d": {"e": 1.50}}"#,
            r#""\"\\\n\t\u0001 é 😀""#,
            "-9223372036854775808",
            "99999999999999999999",
        ] {
            let value = parse(text).unwrap();
            assert_eq!(value.to_string(), text);
            let other: serde_json::Value = serde_json::from_str(text).unwrap();
            let again: serde_json::Value = serde_json::from_str(&value.to_string()).unwrap();
            assert_eq!(other, again);
        }
        assert_eq!(parse(r#""\ud83d\ude00\/\u00e9""#).unwrap().to_string(), "\"😀/é\"");
    }

    #[test]
    fn what_is_no_json_is_placed() {
        for (text, at, message) in [
            ("", 0, "expected a value, found the end of the line"),
            ("[1,]", 3, "expected a value, found `]`"),
            ("[1 2]", 3, "expected `,` or `]`, found `2`"),
            ("{1: 2}", 1, "expected a key in quotes, found `1`"),
            ("{\"a\" 2}", 5, "expected `:`, found `2`"),
            ("01", 1, "expected no digit after a leading zero, found `1`"),
            ("-", 1, "expected a digit, found the end of the line"),
            ("1.", 2, "expected a digit, found the end of the line"),
            ("\"\\x\"", 2, "expected one of `\"\\/bfnrtu` after a backslash, found `x`"),
            ("\"\\ud800\"", 2, "half a surrogate pair"),
            ("\"a", 2, "expected the closing quote of a text, found the end of the line"),
            ("nul", 0, "expected a value, found `n`"),
            ("{} {}", 3, "expected the end of the line, found `{`"),
        ] {
            let message = message.to_owned();
            assert_eq!(parse(text).unwrap_err(), JsonError { at, message }, "{text}");
        }
    }

    #[test]
    fn a_path_leads_to_its_key_or_element() {
        let text = r#"{"a": {"\u0062": [7, "x", {"c": 1}]}}"#;
        let path = [Part::Key("a"), Part::Key("b"), Part::Index(2), Part::Key("c")];
        assert_eq!(&text[locate(text, &path)..][..3], "\"c\"");
        assert_eq!(&text[locate(text, &path[..3])..][..2], "{\"");
        // A path that ends early stands where it ended.
        assert_eq!(locate(text, &[Part::Key("a"), Part::Key("z")]), 1);
        assert_eq!(column("é\"", 2), 2);
    }
}
