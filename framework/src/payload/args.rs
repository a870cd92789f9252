//! The arguments of a packet, read one at a time straight from its text.
//!
//! No JSON tree, no limit on their number, and an error names the argument. An argument that is not there reads as
//! `null`, as in JavaScript.

use std::fmt;

use bytes::Bytes;
use serde::de::{Deserialize, DeserializeOwned};
use serde::ser::{Serialize, SerializeTupleStruct, Serializer};

use super::binary::providing;
use super::emit::SEVERAL;

/// Why an argument could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArgError {
    /// The client sent fewer arguments, and this one may not be left out.
    #[error("argument {number} is missing")]
    Missing {
        /// Its position, counted from 1.
        number: usize,
    },
    /// The argument is of another type.
    #[error("argument {number}: {source}")]
    Mismatch {
        /// Its position, counted from 1.
        number: usize,
        /// What serde said.
        source: serde_json::Error,
    },
}

impl ArgError {
    /// The argument's position, counted from 1.
    #[must_use]
    pub fn number(&self) -> usize {
        match self {
            Self::Missing { number } | Self::Mismatch { number, .. } => *number,
        }
    }
}

/// A cursor over the arguments of one packet.
#[derive(Clone, Debug)]
pub struct Args<'a> {
    rest: &'a str,
    attachments: &'a [Bytes],
    read: usize,
}

impl<'a> Args<'a> {
    /// `text`: JSON values separated by commas, without brackets.
    pub(crate) fn new(text: &'a str, attachments: &'a [Bytes]) -> Self {
        Self { rest: text.trim_ascii_start(), attachments, read: 0 }
    }

    /// Whether all arguments were read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next argument.
    ///
    /// # Errors
    /// When it is of another type, or missing where `T` does not take `null`.
    #[expect(
        clippy::should_implement_trait,
        reason = "each call names its own type, which an iterator cannot"
    )]
    pub fn next<T: Deserialize<'a>>(&mut self) -> Result<T, ArgError> {
        self.read += 1;
        let number = self.read;
        if self.rest.is_empty() {
            return serde_json::from_str("null").map_err(|_| ArgError::Missing { number });
        }
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<T>();
        let value = if self.attachments.is_empty() {
            values.next()
        } else {
            providing(self.attachments, || values.next())
        };
        let value = value.ok_or(ArgError::Missing { number })?;
        let value = value.map_err(|source| ArgError::Mismatch { number, source })?;
        let rest = self.rest.get(values.byte_offset()..).unwrap_or_default().trim_ascii_start();
        self.rest = rest.strip_prefix(',').unwrap_or(rest).trim_ascii_start();
        Ok(value)
    }

    /// The next argument, after which no other is read. Where it ends is then of no interest, which is a fifth of the cost.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub(crate) fn last<T: Deserialize<'a>>(&mut self) -> Result<T, ArgError> {
        if self.rest.is_empty() || !self.attachments.is_empty() {
            return self.next();
        }
        self.read += 1;
        let number = self.read;
        let mut json = serde_json::Deserializer::from_str(std::mem::take(&mut self.rest));
        T::deserialize(&mut json).map_err(|source| ArgError::Mismatch { number, source })
    }

    /// All remaining arguments.
    ///
    /// # Errors
    /// When one of them is of another type.
    pub fn rest<T: DeserializeOwned>(&mut self) -> Result<Rest<T>, ArgError> {
        let mut values = Vec::new();
        while !self.is_empty() {
            values.push(self.next()?);
        }
        Ok(Rest(values))
    }
}

/// All remaining arguments of an event. Sent, it is as many arguments as it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rest<T>(pub Vec<T>);

impl<T: Serialize> Serialize for Rest<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple_struct(SEVERAL, self.0.len())?;
        for value in &self.0 {
            tuple.serialize_field(value)?;
        }
        tuple.end()
    }
}

impl fmt::Display for Args<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{Binary, Value};

    #[test]
    fn arguments_are_read_in_order_whatever_white_space_is_between() {
        let mut args = Args::new(" 1 , \"a,b\"\n,[2,3],{\"x\":1} ", &[]);
        assert_eq!(args.next::<u8>().unwrap(), 1);
        assert_eq!(args.next::<&str>().unwrap(), "a,b");
        assert_eq!(args.next::<Vec<u8>>().unwrap(), [2, 3]);
        assert_eq!(args.next::<serde_json::Value>().unwrap(), serde_json::json!({"x": 1}));
        assert!(args.is_empty());
    }

    #[test]
    fn an_absent_argument_reads_as_null() {
        let mut args = Args::new("", &[]);
        assert_eq!(args.next::<Option<u8>>().unwrap(), None);
        assert!(matches!(args.next::<u8>(), Err(ArgError::Missing { number: 2 })));
    }

    #[test]
    fn an_error_names_the_argument() {
        let mut args = Args::new("1,\"x\"", &[]);
        args.next::<u8>().unwrap();
        assert!(args.next::<u8>().unwrap_err().to_string().starts_with("argument 2: invalid type: string"));
    }

    #[test]
    fn the_rest_takes_what_is_left() {
        let mut args = Args::new("1,2,3", &[]);
        args.next::<u8>().unwrap();
        assert_eq!(args.rest::<u8>().unwrap(), Rest(vec![2, 3]));
    }

    #[test]
    fn binary_is_found_by_its_placeholder_wherever_it_sits() {
        let attachments = [Bytes::from_static(b"a"), Bytes::from_static(b"b")];
        let text = r#"{"_placeholder":true,"num":1},{"in":[{"num":0,"_placeholder":true}]}"#;
        let mut args = Args::new(text, &attachments);
        assert_eq!(args.next::<Binary>().unwrap(), Binary::from(&b"b"[..]));
        let Value::Object(map) = args.next::<Value>().unwrap() else { panic!("an object") };
        assert_eq!(map["in"], Value::Array(vec![Value::Binary(Bytes::from_static(b"a"))]));
    }

    #[test]
    fn a_placeholder_without_its_attachment_is_an_error_not_a_panic() {
        let mut args = Args::new(r#"{"_placeholder":true,"num":0}"#, &[]);
        assert!(args.next::<Binary>().unwrap_err().to_string().contains("attachment is missing"));
    }
}
