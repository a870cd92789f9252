//! The positional arguments of an event, read into a method's parameters.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Visitor};

use super::fault::Fault;
use crate::payload::{ArgError, Args, Rest};

/// A parameter that the client sends.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a payload argument",
    label = "cannot be read from JSON",
    note = "add `#[derive(serde::Deserialize)]` to it",
    note = "if greenroom should hand it in instead, implement `FromContext` and mark the argument with `#[cx]`"
)]
pub trait Payload<'de>: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// When the client sent something else.
    fn read(args: &mut Args<'de>) -> Result<Self, ArgError>;

    /// Reads it as the last one.
    ///
    /// # Errors
    /// When the client sent something else.
    fn read_last(args: &mut Args<'de>) -> Result<Self, ArgError>;
}

#[diagnostic::do_not_recommend]
impl<'de, T: Deserialize<'de>> Payload<'de> for T {
    fn read(args: &mut Args<'de>) -> Result<Self, ArgError> {
        args.next()
    }

    fn read_last(args: &mut Args<'de>) -> Result<Self, ArgError> {
        args.last()
    }
}

/// Text that is borrowed from the packet where it can be. serde's own `&str` fails on any text with an escape in it.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;
        impl<'de> Visitor<'de> for Borrowing {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowing)
    }
}

/// A cursor that knows the parameters' names.
#[derive(Debug)]
pub struct Arguments<'a> {
    args: Args<'a>,
    read: usize,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(args: Args<'a>) -> Self {
        Self { args, read: 0 }
    }

    fn next<T: Payload<'a>>(&mut self, name: &str) -> Result<T, Fault> {
        self.read += 1;
        T::read(&mut self.args).map_err(|error| explain(&error, name))
    }

    fn last<T: Payload<'a>>(&mut self, name: &str) -> Result<T, Fault> {
        self.read += 1;
        T::read_last(&mut self.args).map_err(|error| explain(&error, name))
    }

    /// # Errors
    /// When it is no text, or missing.
    pub fn last_text(&mut self, name: &str) -> Result<Cow<'a, str>, Fault> {
        self.last::<Text<'a>>(name).map(|text| text.0)
    }

    /// # Errors
    /// When it is no text, or missing.
    pub fn text(&mut self, name: &str) -> Result<Cow<'a, str>, Fault> {
        self.next::<Text<'a>>(name).map(|text| text.0)
    }

    /// # Errors
    /// When it is no text.
    pub fn optional_text(&mut self, name: &str) -> Result<Option<Cow<'a, str>>, Fault> {
        self.next::<Option<Text<'a>>>(name).map(|text| text.map(|text| text.0))
    }

    /// # Errors
    /// When one of them is of another type.
    pub fn rest<T: DeserializeOwned>(&mut self, name: &str) -> Result<Rest<T>, Fault> {
        self.args.rest().map_err(|error| explain(&error, name))
    }

    /// What is left, for handlers that read it themselves.
    pub fn cursor(&mut self) -> Args<'a> {
        self.args.clone()
    }

    /// The number of the argument that was read last.
    #[must_use]
    pub fn number(&self) -> usize {
        self.read
    }

    /// # Errors
    /// When the client sent more.
    pub fn end(&self) -> Result<(), Fault> {
        if self.args.is_empty() {
            return Ok(());
        }
        Err(Fault::new("too_many_arguments", format!("this event takes {} arguments", self.read)))
    }
}

/// Named by the macros, so that the compiler points at the parameter's type.
///
/// # Errors
/// When the client sent something else.
pub fn take<'a, T: Payload<'a>>(args: &mut Arguments<'a>, name: &str) -> Result<T, Fault> {
    args.next(name)
}

/// The same, for the last parameter that the client sends.
///
/// # Errors
/// When the client sent something else.
pub fn take_last<'a, T: Payload<'a>>(args: &mut Arguments<'a>, name: &str) -> Result<T, Fault> {
    args.last(name)
}

#[cold]
fn explain(error: &ArgError, name: &str) -> Fault {
    let number = error.number();
    match error {
        ArgError::Missing { .. } => {
            Fault::new("missing_argument", format!("argument {number} `{name}` is missing"))
                .at(format!("/{number}"))
        }
        ArgError::Mismatch { source, .. } => {
            Fault::new("bad_argument", problem(source)).of_argument(number, name)
        }
    }
}

/// What serde said, without line and column: of a value that was cut out, they mean nothing to the client.
pub(super) fn problem(error: &serde_json::Error) -> String {
    let mut problem = error.to_string();
    if let Some(at) = problem.rfind(" at line ") {
        problem.truncate(at);
    }
    problem
}
