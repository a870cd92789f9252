//! Payloads that check themselves.

use super::fault::Fault;

/// A rule about a payload beyond its shape, checked on every event that takes one, without a word at the handler: as an
/// argument, and inside of `Rest`, `Option`, `Box`, `Vec`, slices and arrays. A struct checks its own fields.
///
/// The failure's code is what the client is told; its place is completed with the argument's number.
/// ```
/// # use greenroom::{Fault, Validate};
/// # #[derive(serde::Deserialize)]
/// struct Bid { cents: i64 }
///
/// impl Validate for Bid {
///     fn validate(&self) -> Result<(), Fault> {
///         if self.cents > 0 { Ok(()) } else { Err(Fault::new("invalid", "must be positive").at("/cents")) }
///     }
/// }
/// ```
pub trait Validate {
    /// # Errors
    /// When a rule is broken.
    fn validate(&self) -> Result<(), Fault>;
}

impl<T: Validate> Validate for Option<T> {
    fn validate(&self) -> Result<(), Fault> {
        self.as_ref().map_or(Ok(()), T::validate)
    }
}

impl<T: Validate + ?Sized> Validate for Box<T> {
    fn validate(&self) -> Result<(), Fault> {
        T::validate(self)
    }
}

impl<T: Validate> Validate for Vec<T> {
    fn validate(&self) -> Result<(), Fault> {
        self.as_slice().validate()
    }
}

impl<T: Validate, const N: usize> Validate for [T; N] {
    fn validate(&self) -> Result<(), Fault> {
        self.as_slice().validate()
    }
}

impl<T: Validate> Validate for [T] {
    fn validate(&self) -> Result<(), Fault> {
        for (i, item) in self.iter().enumerate() {
            item.validate().map_err(|fault| {
                let place = format!("/{i}{}", fault.place().unwrap_or_default());
                fault.at(place)
            })?;
        }
        Ok(())
    }
}

/// Finds out by auto-referencing whether a type has rules: `(&&Check(&value)).check(…)` prefers [`Checked`].
#[derive(Debug)]
pub struct Check<'a, T>(pub &'a T);

/// Types with rules.
pub trait Checked {
    /// # Errors
    /// When a rule is broken.
    fn check(&self, number: usize, name: &str) -> Result<(), Fault>;
}

/// Types without.
pub trait Unchecked {
    /// # Errors
    /// Never.
    fn check(&self, _number: usize, _name: &str) -> Result<(), Fault> {
        Ok(())
    }
}

impl<T: Validate> Checked for &Check<'_, T> {
    fn check(&self, number: usize, name: &str) -> Result<(), Fault> {
        self.0.validate().map_err(|fault| fault.of_argument(number, name))
    }
}

impl<T> Unchecked for Check<'_, T> {}
