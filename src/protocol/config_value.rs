//! Reads one value as Kafka reads it (`ConfigDef.java: parseType`, and the validators).

use crate::protocol::config_keys::{Allowed, KeyInfo, ValueType};
use crate::protocol::variant::Kafka;

/// A value, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfigValue {
    /// None.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Number(i64),
    /// A decimal number, in thousandths.
    Thousandths(i64),
    /// A text, a class or a secret.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

/// Why Kafka refuses a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ValueError {
    /// It is not of the key's type.
    Type {
        /// What is expected, for people.
        expected: String,
    },
    /// It is of the type, but not among the values that are taken.
    NotAllowed {
        /// What is expected, for people.
        expected: String,
        /// The words that are taken, if it is one of few.
        words: &'static [&'static str],
    },
}

impl ValueError {
    /// What is expected, for people.
    pub fn expected(&self) -> &str {
        match self {
            ValueError::Type { expected } | ValueError::NotAllowed { expected, .. } => expected,
        }
    }
}

impl KeyInfo {
    /// Reads a value of this key.
    ///
    /// # Errors
    /// What Kafka's `ConfigException` would say of it. Whether a class exists is not looked at.
    pub fn parse(&self, kafka: Kafka, text: &str) -> Result<ConfigValue, ValueError> {
        let text = text.trim_matches(|c: char| c <= ' ');
        let allowed = self.allowed_in(kafka);
        let wrong_type = || ValueError::Type { expected: self.value.describe().to_owned() };
        match self.value {
            ValueType::Boolean if text.eq_ignore_ascii_case("true") => {
                Ok(ConfigValue::Boolean(true))
            }
            ValueType::Boolean if text.eq_ignore_ascii_case("false") => {
                Ok(ConfigValue::Boolean(false))
            }
            ValueType::Boolean => Err(wrong_type()),
            ValueType::Short | ValueType::Int | ValueType::Long => {
                let number: i64 = text.parse().map_err(|_| wrong_type())?;
                if !fits(self.value, number) {
                    return Err(wrong_type());
                }
                check_number(allowed, number)?;
                Ok(ConfigValue::Number(number))
            }
            ValueType::Double => {
                let number: f64 = text.parse().map_err(|_| wrong_type())?;
                check_decimal(allowed, number)?;
                Ok(ConfigValue::Thousandths((number * 1000.0).round() as i64))
            }
            ValueType::Text | ValueType::Class | ValueType::Password => {
                check_word(allowed, text)?;
                Ok(ConfigValue::Text(text.to_owned()))
            }
            ValueType::List if text.is_empty() => Ok(ConfigValue::List(Vec::new())),
            ValueType::List => {
                let items: Vec<String> =
                    text.split(',').map(|item| item.trim().to_owned()).collect();
                items.iter().try_for_each(|item| check_word(allowed, item))?;
                Ok(ConfigValue::List(items))
            }
        }
    }

    /// The value if none is given.
    pub fn default_value(&self, kafka: Kafka) -> ConfigValue {
        match self.default_in(kafka) {
            Some(text) => self.parse(kafka, text).unwrap_or(ConfigValue::Null),
            None => ConfigValue::Null,
        }
    }
}

fn fits(value: ValueType, number: i64) -> bool {
    match value {
        ValueType::Short => i16::try_from(number).is_ok(),
        ValueType::Int => i32::try_from(number).is_ok(),
        _ => true,
    }
}

fn check_number(allowed: Allowed, number: i64) -> Result<(), ValueError> {
    match allowed {
        Allowed::Between(least, most) if !(least..=most).contains(&number) => {
            let expected = if most == i64::MAX {
                format!("a whole number of at least {least}")
            } else {
                format!("a whole number from {least} to {most}")
            };
            Err(ValueError::NotAllowed { expected, words: &[] })
        }
        _ => Ok(()),
    }
}

fn check_decimal(allowed: Allowed, number: f64) -> Result<(), ValueError> {
    match allowed {
        Allowed::Within(least, most) if !(least..=most).contains(&number) => {
            let expected = format!("a number from {least} to {most}");
            Err(ValueError::NotAllowed { expected, words: &[] })
        }
        _ => Ok(()),
    }
}

fn check_word(allowed: Allowed, word: &str) -> Result<(), ValueError> {
    let (fine, words) = match allowed {
        Allowed::OneOf(words) => (words.contains(&word), words),
        Allowed::OneOfOrDuration(words, prefix) => {
            (words.contains(&word) || word.strip_prefix(prefix).is_some_and(is_duration), words)
        }
        Allowed::AnyCase(words) => (words.iter().any(|w| w.eq_ignore_ascii_case(word)), words),
        Allowed::NonEmpty if word.is_empty() => {
            let expected = "a text that is not empty".to_owned();
            return Err(ValueError::NotAllowed { expected, words: &[] });
        }
        _ => return Ok(()),
    };
    if fine {
        return Ok(());
    }
    let mut expected = format!("one of {}", words.join(", "));
    if let Allowed::OneOfOrDuration(_, prefix) = allowed {
        expected = format!("{expected}, or {prefix}P1DT2H3M4S");
    }
    Err(ValueError::NotAllowed { expected, words })
}

/// Whether `java.time.Duration.parse` takes a text and the duration is not negative.
fn is_duration(text: &str) -> bool {
    let text = text.strip_prefix('+').unwrap_or(text).to_ascii_uppercase();
    let Some(rest) = text.strip_prefix('P') else { return false };
    let (days, time) = match rest.split_once('T') {
        Some((days, time)) => (days, Some(time)),
        None => (rest, None),
    };
    let whole = |part: &str| {
        let digits = part.strip_prefix('+').unwrap_or(part);
        !digits.is_empty() && digits.len() <= 12 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut any = false;
    if !days.is_empty() {
        let Some(number) = days.strip_suffix('D') else { return false };
        if !whole(number) {
            return false;
        }
        any = true;
    }
    let Some(mut rest) = time else { return any };
    if rest.is_empty() {
        return false;
    }
    for unit in ['H', 'M', 'S'] {
        let Some((number, after)) = rest.split_once(unit) else { continue };
        let (seconds, fraction) = match number.split_once('.') {
            Some((seconds, fraction)) if unit == 'S' => (seconds, fraction),
            _ => (number, ""),
        };
        if !whole(seconds) || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        rest = after;
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_duration;

    #[test]
    fn durations_as_java_reads_them() {
        for right in ["PT1H", "P1D", "p1dt2h3m4.5s", "PT0S", "+PT1M", "PT+5S", "PT1.S"] {
            assert!(is_duration(right), "{right}");
        }
        for wrong in
            ["", "P", "PT", "1h", "P1H", "PT1D", "-PT1H", "PT-1H", "PT1S2M", "PTS", "PT1.5M"]
        {
            assert!(!is_duration(wrong), "{wrong}");
        }
    }
}
