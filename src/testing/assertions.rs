//! Assertions about trials.

/// No record is lost: panics with the story of one that is.
///
/// Takes a [`Trial`](crate::testing::Trial) and returns the
/// [`Evidence`](crate::testing::Evidence).
#[macro_export]
macro_rules! assert_at_least_once {
    ($trial:expr $(,)?) => {
        $crate::assert_guarantees!($trial, $crate::testing::Guarantee::AtLeast)
    };
}

/// No record takes effect twice: panics with the story of one that does.
#[macro_export]
macro_rules! assert_at_most_once {
    ($trial:expr $(,)?) => {
        $crate::assert_guarantees!($trial, $crate::testing::Guarantee::AtMost)
    };
}

/// Every record takes effect exactly once: panics with the story of one that does not.
#[macro_export]
macro_rules! assert_effectively_once {
    ($trial:expr $(,)?) => {
        $crate::assert_guarantees!(
            $trial,
            $crate::testing::Guarantee::AtMost,
            $crate::testing::Guarantee::AtLeast,
        )
    };
}

/// The first effects of a key's records happen in source order: panics with the story of one that does not.
#[macro_export]
macro_rules! assert_in_order {
    ($trial:expr $(,)?) => {
        $crate::assert_guarantees!($trial, $crate::testing::Guarantee::Order)
    };
}

/// All of these guarantees hold: panics with the story of the first that does not.
#[macro_export]
macro_rules! assert_guarantees {
    ($trial:expr, $($guarantee:expr),+ $(,)?) => {
        match $crate::testing::Trial::check(&$trial, &[$($guarantee),+]) {
            Ok(evidence) => evidence,
            Err(broken) => panic!("{broken}"),
        }
    };
}
