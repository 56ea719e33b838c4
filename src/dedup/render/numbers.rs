//! Numbers as people read them.

/// With commas between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Messages a second.
pub(super) fn rate(per_second: f64) -> String {
    match per_second {
        rate if rate >= 1e6 => format!("{:.1} M", rate / 1e6),
        rate if rate >= 1e3 => format!("{:.1} k", rate / 1e3),
        rate => format!("{rate:.0}"),
    }
}

/// A small count that need not be whole.
pub(super) fn about(number: f64) -> String {
    match number {
        0.0 => "0".to_string(),
        number if number < 0.01 => format!("{number:.0e}"),
        number if number < 10.0 => format!("{number:.2}"),
        number => grouped(number.round() as u64),
    }
}

/// Rounded to so many decimals, so that the last bits of a logarithm do not show.
pub(super) fn rounded(number: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (number * scale).round() / scale
}

/// Columns of the widest line.
pub(super) fn widest(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

/// A text with its long lines broken at blanks, each going on a little to the right of its beginning.
pub(super) fn fitted(text: &str, width: usize) -> String {
    text.lines().map(|line| fitted_line(line, width)).collect()
}

fn fitted_line(line: &str, width: usize) -> String {
    let indent = line.len() - line.trim_start().len();
    let mut text = " ".repeat(indent);
    let mut column = indent;
    for word in line.split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > width {
            text += &format!("\n{}", " ".repeat(indent + 2));
            column = indent + 2;
        } else if column > indent {
            text.push(' ');
            column += 1;
        }
        text += word;
        column += length;
    }
    text + "\n"
}

/// Lays out rows of cells; the first `left` columns to the left, the others to the right.
pub(super) fn columns(rows: &[Vec<String>], left: usize) -> String {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..width)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
        })
        .map(|widest| widest.unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            let room = widths[column];
            line += gap;
            line +=
                &if column < left { format!("{cell:<room$}") } else { format!("{cell:>room$}") };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"].map(String::from)
        );
        assert_eq!([12.0, 1_500.0, 42.45e6].map(rate).join(" "), "12 1.5 k 42.5 M");
        assert_eq!([0.0, 5e-6, 1.239, 1_234.4].map(about).join(" "), "0 5e-6 1.24 1,234");
        assert_eq!(rounded(1.23456, 3), 1.235);
    }

    #[test]
    fn long_lines_are_broken() {
        assert_eq!(fitted("  one two three\n\nfour", 9), "  one two\n    three\n\nfour\n");
        assert_eq!(fitted("unbreakable word", 4), "unbreakable\n  word\n");
    }

    #[test]
    fn columns_line_up() {
        let rows = [vec!["a".into(), "1".into()], vec!["long".into(), "100".into()]];
        assert_eq!(columns(&rows, 1), "a       1\nlong  100\n");
    }
}
