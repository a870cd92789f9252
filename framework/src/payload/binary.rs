//! Binary leaves. On the wire a placeholder stands in the JSON and the bytes follow as attachments.
//!
//! The attachments of the packet being read or written are in a thread-local for exactly the time that serde runs,
//! so any type may hold a [`Binary`] anywhere and needs no wrapper round serde.
//! Source: Socket.IO protocol v5, "Packet encoding", `_placeholder`.

use std::cell::{Cell, RefCell};
use std::fmt;

use bytes::Bytes;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

thread_local! {
    /// Attachments of the packet being written, if one is. Apart from the list, since mostly there are none, and this is looked at for each packet.
    static COUNT: Cell<Option<usize>> = const { Cell::new(None) };
    /// Those of a packet that another one is written within come first.
    static WRITTEN: RefCell<Vec<Bytes>> = const { RefCell::new(Vec::new()) };
    static READABLE: RefCell<Option<Vec<Bytes>>> = const { RefCell::new(None) };
}

/// Bytes that travel as a binary attachment: a `Buffer` in Node, an `ArrayBuffer` in browsers.
///
/// May sit anywhere in a payload. The bytes are reference counted. Outside of an event or acknowledgement it is neither
/// serializable nor deserializable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Binary(pub Bytes);

impl From<Vec<u8>> for Binary {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&[u8]> for Binary {
    fn from(bytes: &[u8]) -> Self {
        Self(Bytes::copy_from_slice(bytes))
    }
}

impl From<Bytes> for Binary {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl std::ops::Deref for Binary {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// A packet being written. Restores what was there before, also when serde or a user's impl panics.
struct Writing(Option<usize>);

impl Writing {
    fn begin() -> Self {
        Self(COUNT.replace(Some(0)))
    }

    /// The attachments so far.
    #[inline]
    fn take(&self) -> Vec<Bytes> {
        match COUNT.replace(Some(0)) {
            None | Some(0) => Vec::new(),
            Some(count) => Self::last(count),
        }
    }

    #[cold]
    fn last(count: usize) -> Vec<Bytes> {
        WRITTEN.with_borrow_mut(|list| list.split_off(list.len().saturating_sub(count)))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        drop(self.take());
        COUNT.set(self.0);
    }
}

/// The attachments at hand before, to be restored likewise.
struct Reading(Option<Vec<Bytes>>);

impl Drop for Reading {
    fn drop(&mut self) {
        READABLE.set(self.0.take());
    }
}

/// Runs `write` and returns the attachments that it met.
pub(super) fn collecting<T, E>(write: impl FnOnce() -> Result<T, E>) -> Result<(T, Vec<Bytes>), E> {
    let writing = Writing::begin();
    let value = write()?;
    Ok((value, writing.take()))
}

/// Runs `read` with a packet's attachments at hand.
pub(crate) fn providing<T>(attachments: &[Bytes], read: impl FnOnce() -> T) -> T {
    let _before = Reading(READABLE.replace(Some(attachments.to_vec())));
    read()
}

/// Adds one attachment to the packet being written and gives its number.
pub(super) fn attach(bytes: &Bytes) -> Option<usize> {
    let number = COUNT.get()?;
    WRITTEN.with_borrow_mut(|list| list.push(bytes.clone()));
    COUNT.set(Some(number + 1));
    Some(number)
}

/// The attachment with this number of the packet being read.
pub(super) fn attached(num: usize) -> Option<Bytes> {
    READABLE.with_borrow(|list| list.as_ref()?.get(num).cloned())
}

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // First, for who only asks for the shape: nothing is attached then.
        let mut map = serializer.serialize_map(Some(2))?;
        let Some(num) = attach(&self.0) else {
            return Err(S::Error::custom("binary can only be sent inside an event or acknowledgement"));
        };
        map.serialize_entry("_placeholder", &true)?;
        map.serialize_entry("num", &num)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier)]
        enum Key {
            #[serde(rename = "_placeholder")]
            Mark,
            #[serde(rename = "num")]
            Num,
            #[serde(other)]
            Other,
        }

        struct Placeholder;
        impl<'de> Visitor<'de> for Placeholder {
            type Value = Binary;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("binary")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Binary, A::Error> {
                let (mut marked, mut num) = (false, None);
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Mark => marked = map.next_value()?,
                        Key::Num => num = Some(map.next_value::<usize>()?),
                        Key::Other => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                let num = num
                    .filter(|_| marked)
                    .ok_or_else(|| A::Error::custom("expected binary, found an object"))?;
                attached(num).map(Binary).ok_or_else(|| A::Error::custom("binary attachment is missing"))
            }
        }
        deserializer.deserialize_map(Placeholder)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Args;
    use super::*;

    fn read(text: &str) -> Option<Binary> {
        Args::new(text, &[Bytes::from_static(b"a"), Bytes::from_static(b"b")]).next().ok()
    }

    #[test]
    fn of_a_packet_that_failed_no_attachment_is_kept() {
        let write = || {
            assert_eq!(attach(&Bytes::from_static(b"one")), Some(0));
            Err::<(), _>("no")
        };
        assert_eq!(collecting(write), Err("no"));
        assert!(WRITTEN.with_borrow(Vec::is_empty));
        assert_eq!(attach(&Bytes::new()), None, "no packet is being written");
    }

    #[test]
    fn a_placeholder_is_known_by_its_two_keys_whatever_their_order_and_spelling() {
        for text in [
            r#"{"_placeholder":true,"num":1}"#,
            r#"{"num":1,"_placeholder":true}"#,
            r#"{"n\u0075m":1,"more":[{"num":0}],"_placeholder":true}"#,
        ] {
            assert_eq!(read(text), Some(Binary::from(&b"b"[..])), "{text}");
        }
        for text in [
            r#"{"num":1}"#,
            r#"{"_placeholder":false,"num":1}"#,
            r#"{"_placeholder":true}"#,
            r#"{"_placeholder":true,"num":2}"#,
            r#"{"_placeholder":true,"num":-1}"#,
            "[0]",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
