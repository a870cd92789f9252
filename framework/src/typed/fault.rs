//! What a client is told when its event fails.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::error::Refuse;

/// A failure as a client sees it: `{"ok":false,"error":{"code","message"}}`, with `"at"` when one argument is to blame.
///
/// Any `std::error::Error` turns into one with `?`: the client is then told `internal`, and the error's text stays in the log. To
/// tell more, derive [`Fault`](derive@crate::Fault) on your own error enum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Box<serde_json::Value>>,
    #[serde(skip)]
    hidden: Option<Box<str>>,
}

impl Fault {
    /// A failure with a code for programs and a message for people.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), message: message.into(), at: None, data: None, hidden: None }
    }

    /// A failure whose text goes to the log only; the client is told the code.
    pub fn hidden(code: impl Into<Cow<'static, str>>, text: impl fmt::Display) -> Self {
        Self { hidden: Some(text.to_string().into()), ..Self::new(code, "internal error") }
    }

    /// Names the place that is wrong, as a JSON pointer into the arguments: `/2/cents` is `cents` of the second argument.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.at = Some(place.into().into());
        self
    }

    /// More for programs, as the member `data` of the error.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<serde_json::Value>) -> Self {
        self.data = Some(Box::new(data.into()));
        self
    }

    /// What [`with_data`](Self::with_data) was given.
    #[must_use]
    pub fn data(&self) -> Option<&serde_json::Value> {
        self.data.as_deref()
    }

    /// For programs.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// For people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The place that is wrong, if one is.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.at.as_deref()
    }

    /// Whether the client is told less than the log.
    pub(super) fn is_hidden(&self) -> bool {
        self.hidden.is_some()
    }

    /// The same failure, of the argument with this number and name.
    pub(super) fn of_argument(self, number: usize, name: &str) -> Self {
        let at = format!("/{number}{}", self.at.as_deref().unwrap_or_default());
        let message = format!("argument {number} `{name}`: {}", self.message);
        Self { message: message.into(), at: Some(at.into()), ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.hidden.as_deref().unwrap_or(&self.message))
    }
}

impl<E: std::error::Error> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::hidden("internal", error)
    }
}

impl From<Fault> for Refuse {
    fn from(fault: Fault) -> Self {
        let refuse = Self::new(fault.code, fault.message);
        match fault.hidden {
            Some(text) => refuse.hiding(text.into()),
            None => refuse,
        }
    }
}

/// What a handler returns when any error will do: `?` on a `std::error::Error` tells the client `internal`.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// The codes of an error type, by the type's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codes {
    /// What the catalogue calls them.
    pub name: &'static str,
    /// All of them, besides those that the server itself has.
    pub codes: &'static [&'static str],
}

/// An error that a client may see. Derive it with [`Fault`](derive@crate::Fault).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to a client as an error",
    label = "not a fault",
    note = "put `#[derive(greenroom::Fault)]` on your error enum to give every variant a code",
    note = "or return `greenroom::Result<T>`: any `std::error::Error` becomes code `internal` and its text stays on the server"
)]
pub trait IntoFault {
    /// The codes that it can have, for the catalogue; `None` when they are not known before.
    const CODES: Option<Codes> = None;

    /// What the client is told.
    fn into_fault(self) -> Fault;

    /// What the client is told when this error keeps it from connecting.
    fn into_refuse(self) -> Refuse
    where
        Self: Sized,
    {
        self.into_fault().into()
    }
}

impl IntoFault for Fault {
    fn into_fault(self) -> Fault {
        self
    }
}

impl IntoFault for Refuse {
    fn into_fault(self) -> Fault {
        let code = self.data().and_then(|data| data.get("code")?.as_str()).unwrap_or("refused").to_owned();
        match self.hidden() {
            Some(text) => Fault::hidden(code, text),
            None => {
                let fault = Fault::new(code, self.message().to_owned());
                // The code has its own place.
                let more = self.data().filter(|data| data.as_object().is_none_or(|data| data.len() > 1));
                match more {
                    Some(data) => fault.with_data(data.clone()),
                    None => fault,
                }
            }
        }
    }

    fn into_refuse(self) -> Refuse {
        self
    }
}

/// Named by the macros, so that the compiler points at the error's type.
pub fn fault_of<E: IntoFault>(error: E) -> Fault {
    error.into_fault()
}

/// What `#[derive(Fault)]` needs: a sentence for people.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no message for people",
    label = "does not implement `Display`",
    note = "derive `thiserror::Error` and give every variant `#[error(\"…\")]`, or implement `std::fmt::Display`"
)]
pub trait Message {
    /// The sentence.
    fn message(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: fmt::Display + ?Sized> Message for T {
    fn message(&self) -> String {
        self.to_string()
    }
}

/// Named by the macros, so that the compiler points at the enum.
pub fn message_of<T: Message + ?Sized>(error: &T) -> String {
    error.message()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_hidden_in_a_refusal_is_told_to_the_log_and_not_to_the_client() {
        let fault = Refuse::from(std::io::Error::other("disk 7 is full")).into_fault();
        assert!(fault.is_hidden());
        assert_eq!(fault.to_string(), "internal: disk 7 is full");
        assert_eq!((fault.code(), fault.message()), ("internal", "internal error"));
    }
}
