//! Compares two answers field by field.

use crate::conform::json::{Value, field};

/// One field in which two answers differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldDifference {
    /// Where it stands, as `batches.0.epoch`; empty for the whole answer.
    pub field: String,
    /// Kafka's value; `None` if it has none.
    pub kafka: Option<String>,
    /// The model's value; `None` if it has none.
    pub model: Option<String>,
}

/// Every place at which two answers differ, in the order of Kafka's answer. Fields named in
/// `ignored` are passed over at any depth.
pub fn differences(kafka: &Value<'_>, model: &Value<'_>, ignored: &[&str]) -> Vec<FieldDifference> {
    // Nearly all answers agree, and this allocates nothing.
    if kafka.same(model) {
        return Vec::new();
    }
    let mut found = Vec::new();
    walk(kafka, model, ignored, &mut String::new(), &mut found);
    found
}

fn walk(
    kafka: &Value<'_>,
    model: &Value<'_>,
    ignored: &[&str],
    path: &mut String,
    found: &mut Vec<FieldDifference>,
) {
    let mut note = |path: &str, kafka: Option<&Value<'_>>, model: Option<&Value<'_>>| {
        found.push(FieldDifference {
            field: path.to_owned(),
            kafka: kafka.map(ToString::to_string),
            model: model.map(ToString::to_string),
        });
    };
    let length = path.len();
    match (kafka, model) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.iter().chain(b.iter().filter(|(key, _)| field(a, key).is_none()));
            for (key, _) in keys.filter(|(key, _)| !ignored.contains(&&**key)) {
                extend(path, key);
                match (field(a, key), field(b, key)) {
                    (Some(kafka), Some(model)) => walk(kafka, model, ignored, path, found),
                    (kafka, model) => {
                        let text = |value: Option<&Value<'_>>| value.map(ToString::to_string);
                        let (kafka, model) = (text(kafka), text(model));
                        found.push(FieldDifference { field: path.clone(), kafka, model });
                    }
                }
                path.truncate(length);
            }
        }
        (Value::List(a), Value::List(b)) => {
            for index in 0..a.len().max(b.len()) {
                extend(path, &index.to_string());
                match (a.get(index), b.get(index)) {
                    (Some(kafka), Some(model)) => walk(kafka, model, ignored, path, found),
                    (kafka, model) => {
                        let text = |value: Option<&Value<'_>>| value.map(ToString::to_string);
                        let (kafka, model) = (text(kafka), text(model));
                        found.push(FieldDifference { field: path.clone(), kafka, model });
                    }
                }
                path.truncate(length);
            }
        }
        _ if kafka.same(model) => {}
        _ => note(path, Some(kafka), Some(model)),
    }
}

fn extend(path: &mut String, part: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(part);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conform::json::parse;

    fn fields(kafka: &str, model: &str, ignored: &[&str]) -> Vec<String> {
        let found = differences(&parse(kafka).unwrap(), &parse(model).unwrap(), ignored);
        found.into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn every_differing_field_is_named() {
        assert!(fields(r#"{"a": 1, "b": [1]}"#, r#"{"b": [1], "a": 1}"#, &[]).is_empty());
        assert_eq!(fields(r#"{"a": 1, "b": 2}"#, r#"{"a": 1, "c": 2}"#, &[]), ["b", "c"]);
        assert_eq!(fields(r#"[{"a": 1}, 2]"#, r#"[{"a": 2}]"#, &[]), ["0.a", "1"]);
        assert_eq!(fields("null", "0", &[]), [""]);
        assert_eq!(fields(r#"{"a": [], "b": 1}"#, r#"{"a": {}, "b": "1"}"#, &["b"]), ["a"]);
    }
}
