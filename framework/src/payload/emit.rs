//! Values into frames.
//!
//! `emit("name", value)` sends one argument; a tuple is several arguments, `()` is none. Anything else, arrays,
//! vectors and structs of tuples too, is one.

use std::fmt;

use serde::Serialize;
use serde::ser::{self, Impossible};

use super::{binary::collecting, json};
use crate::protocol::socket::{Kind, RESERVED_EVENTS};
use crate::worker::{BLANK_OFFSET, Frame, Space};

/// The name under which a value says that it is several arguments, as a std tuple is.
pub(crate) const SEVERAL: &str = "$greenroom::several";

/// Why something could not be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The event's name belongs to the protocol.
    #[error("`{0}` is a reserved event name: a client could not tell it from its own life cycle")]
    Reserved(String),
    /// A value refused to be serialized.
    #[error("the arguments of `{event}` cannot be sent as JSON")]
    Serialize {
        /// The event.
        event: String,
        /// What serde said.
        source: serde_json::Error,
    },
}

/// An EVENT packet. Without an `id` it has room for an offset where sessions can be recovered.
pub(crate) fn event_frame<T: Serialize + ?Sized>(
    space: &Space,
    id: Option<u64>,
    event: &str,
    args: &T,
) -> Result<Frame, EncodeError> {
    named_frame(&space.name, space.recovers && id.is_none(), id, event, args)
}

/// An EVENT packet as a client sends it.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn client_event_frame<T: Serialize + ?Sized>(
    namespace: &str,
    id: Option<u64>,
    event: &str,
    args: &T,
) -> Result<Frame, EncodeError> {
    named_frame(namespace, false, id, event, args)
}

fn named_frame<T: Serialize + ?Sized>(
    namespace: &str,
    numbered: bool,
    id: Option<u64>,
    event: &str,
    args: &T,
) -> Result<Frame, EncodeError> {
    if RESERVED_EVENTS.contains(&event) {
        return Err(EncodeError::Reserved(event.to_owned()));
    }
    let end = if numbered { BLANK_OFFSET } else { b"" };
    let frame = write_frame(Kind::Event, namespace, id, Some(event), args, end)?;
    Ok(if numbered { frame.with_offset() } else { frame })
}

/// An ACK packet.
pub(crate) fn ack_frame<T: Serialize + ?Sized>(
    namespace: &str,
    id: u64,
    args: &T,
) -> Result<Frame, EncodeError> {
    write_frame(Kind::Ack, namespace, Some(id), None, args, b"")
}

/// An EVENT or ACK packet; an ACK has no `event`. `end`: what follows the arguments.
fn write_frame<T: Serialize + ?Sized>(
    kind: Kind,
    namespace: &str,
    id: Option<u64>,
    event: Option<&str>,
    args: &T,
    end: &[u8],
) -> Result<Frame, EncodeError> {
    let write = |out: &mut Vec<u8>| {
        out.push(b'[');
        if let Some(event) = event {
            json::put_str(out, event)?;
        }
        let before = out.len();
        out.push(b',');
        let ((), attachments) = collecting(|| json::put(out, args))?;
        tidy_arguments(out, before, event.is_none(), shape_of(args));
        out.extend_from_slice(end);
        out.push(b']');
        Ok(attachments)
    };
    Frame::packet(kind, namespace, id, write).map_err(|source| EncodeError::Serialize {
        event: event.unwrap_or("(acknowledgement)").to_owned(),
        source,
    })
}

/// Arguments as [`Args`](super::Args) reads them: JSON values separated by commas, and their attachments.
pub(crate) fn args_text(args: &[super::Value]) -> Result<(String, Vec<bytes::Bytes>), serde_json::Error> {
    let (text, attachments) = collecting(|| serde_json::to_string(args))?;
    let inner = text.get(1..text.len() - 1).unwrap_or_default().to_owned();
    Ok((inner, attachments))
}

/// What was written at `before` is a comma and one JSON value. Tuples lose their brackets, and the first argument its comma.
fn tidy_arguments(out: &mut Vec<u8>, before: usize, first: bool, shape: Shape) {
    match shape {
        Shape::Nothing => out.truncate(before),
        Shape::Tuple | Shape::Several => {
            out.pop();
            out.drain(before..before + if first { 2 } else { 1 });
            if let (false, Some(bracket)) = (first, out.get_mut(before)) {
                *bracket = b',';
            }
        }
        Shape::One if first => drop(out.drain(before..=before)),
        Shape::One => {}
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Nothing,
    One,
    /// Several, if it is a tuple for its author, too.
    Tuple,
    Several,
}

/// Asks a value for its outermost shape: one call into its `Serialize`, which is stopped there.
fn shape_of<T: Serialize + ?Sized>(value: &T) -> Shape {
    match value.serialize(Probe) {
        Ok(()) => Shape::One,
        Err(Seen(Shape::Tuple)) if !is_tuple::<T>() => Shape::One,
        Err(Seen(shape)) => shape,
    }
}

/// serde reports `[T; N]`, and whatever is transparent about one, as it reports a tuple. These are one argument in every
/// Socket.IO client, so tuples are told by the type's own name. Were its form ever to change, a test would say so.
pub(crate) fn is_tuple<T: ?Sized>() -> bool {
    let name = std::any::type_name::<T>().trim_start_matches(['&', ' ']);
    name.strip_prefix("mut ").unwrap_or(name).starts_with('(')
}

struct Probe;

#[derive(Debug)]
struct Seen(Shape);

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("shape seen")
    }
}

impl std::error::Error for Seen {}

impl ser::Error for Seen {
    fn custom<T: fmt::Display>(_: T) -> Self {
        // A value that fails before it shows a shape fails again, with its message, when it is written.
        Self(Shape::One)
    }
}

macro_rules! one {
    ($($method:ident($($arg:ident: $ty:ty),*) -> $ok:ty),* $(,)?) => {
        $(fn $method(self, $($arg: $ty),*) -> Result<$ok, Seen> { Err(Seen(Shape::One)) })*
    };
}

type No = Impossible<(), Seen>;

#[expect(unused_variables, reason = "a probe looks at which method is called, not with what")]
impl ser::Serializer for Probe {
    type Ok = ();
    type Error = Seen;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    one!(
        serialize_bool(v: bool) -> (), serialize_i8(v: i8) -> (), serialize_i16(v: i16) -> (), serialize_i32(v: i32) -> (),
        serialize_i64(v: i64) -> (), serialize_i128(v: i128) -> (), serialize_u8(v: u8) -> (), serialize_u16(v: u16) -> (),
        serialize_u32(v: u32) -> (), serialize_u64(v: u64) -> (), serialize_u128(v: u128) -> (), serialize_f32(v: f32) -> (),
        serialize_f64(v: f64) -> (), serialize_char(v: char) -> (), serialize_str(v: &str) -> (), serialize_bytes(v: &[u8]) -> (),
        serialize_none() -> (), serialize_unit_struct(name: &'static str) -> (),
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str) -> (),
        serialize_seq(len: Option<usize>) -> No,
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, len: usize) -> No,
        serialize_map(len: Option<usize>) -> No,
        serialize_struct(name: &'static str, len: usize) -> No,
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, len: usize) -> No,
    );

    fn serialize_unit(self) -> Result<(), Seen> {
        Err(Seen(Shape::Nothing))
    }

    fn serialize_tuple(self, len: usize) -> Result<No, Seen> {
        Err(Seen(if len == 0 { Shape::Nothing } else { Shape::Tuple }))
    }

    fn serialize_tuple_struct(self, name: &'static str, len: usize) -> Result<No, Seen> {
        Err(Seen(match len {
            _ if name != SEVERAL => Shape::One,
            0 => Shape::Nothing,
            _ => Shape::Several,
        }))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Seen> {
        Err(Seen(Shape::One))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Seen> {
        Err(Seen(Shape::One))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Seen> {
        Err(Seen(Shape::One))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{Binary, Rest};
    use serde_json::json;

    fn text<T: Serialize + ?Sized>(args: &T) -> String {
        client_event_frame("/", None, "e", args).unwrap().parts().0
    }

    fn ack<T: Serialize + ?Sized>(args: &T) -> String {
        ack_frame("/", 3, args).unwrap().parts().0
    }

    #[test]
    fn a_tuple_is_several_arguments_and_anything_else_is_one() {
        assert_eq!(text(&()), r#"2["e"]"#);
        assert_eq!(text(&1), r#"2["e",1]"#);
        assert_eq!(text(&(1, "a")), r#"2["e",1,"a"]"#);
        assert_eq!(text(&(1,)), r#"2["e",1]"#);
        assert_eq!(text(&((1, 2), 3)), r#"2["e",[1,2],3]"#);
        assert_eq!(text(&vec![1, 2]), r#"2["e",[1,2]]"#);
        assert_eq!(text(&[1, 2]), r#"2["e",[1,2]]"#);
        assert_eq!(text(&&[1, 2]), r#"2["e",[1,2]]"#);
        assert_eq!(text(&&(1, 2)), r#"2["e",1,2]"#);
        assert_eq!(text(&&mut (1, 2)), r#"2["e",1,2]"#);
        #[derive(Serialize)]
        #[serde(transparent)]
        struct Point([u8; 2]);
        #[derive(Serialize)]
        struct Pair(u8, u8);
        assert_eq!(text(&Point([1, 2])), r#"2["e",[1,2]]"#);
        assert_eq!(text(&Box::new([1, 2])), r#"2["e",[1,2]]"#);
        assert_eq!(text(&Pair(1, 2)), r#"2["e",[1,2]]"#);
        assert_eq!(text(&json!({"a": null})), r#"2["e",{"a":null}]"#);
        assert_eq!(text(&Some(1)), r#"2["e",1]"#);
        assert_eq!(text("x\"y"), r#"2["e","x\"y"]"#);
        assert_eq!(text(&Rest(vec![1, 2])), r#"2["e",1,2]"#);
        assert_eq!(text(&Rest::<u8>(vec![])), r#"2["e"]"#);
    }

    #[test]
    fn an_acknowledgement_has_no_name_in_front() {
        assert_eq!(ack(&()), "33[]");
        assert_eq!(ack(&1), "33[1]");
        assert_eq!(ack(&(1, 2)), "33[1,2]");
        assert_eq!(ack(&[1, 2]), "33[[1,2]]");
    }

    #[test]
    fn binary_anywhere_becomes_attachments_in_order() {
        let frame =
            client_event_frame("/", None, "e", &(Binary::from(vec![1]), json!(1), [Binary::from(vec![2])]))
                .unwrap();
        let (text, attachments) = frame.parts();
        assert_eq!(text, r#"52-["e",{"_placeholder":true,"num":0},1,[{"_placeholder":true,"num":1}]]"#);
        assert_eq!(attachments, [&[1u8][..], &[2]]);
    }

    #[test]
    fn a_packet_that_is_written_within_another_takes_only_its_own_attachments() {
        struct Sends;
        impl Serialize for Sends {
            fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let inner = client_event_frame("/", None, "inner", &Binary::from(vec![1])).unwrap();
                assert_eq!(inner.parts().1, [&[1u8][..]]);
                Binary::from(vec![2]).serialize(serializer)
            }
        }
        let frame = client_event_frame("/", None, "e", &(Binary::from(vec![3]), Sends)).unwrap();
        assert_eq!(frame.parts().1, [&[3u8][..], &[2]]);
    }

    #[test]
    fn what_a_packet_that_failed_had_attached_is_not_the_next_ones() {
        let refused = (Binary::from(vec![1]), std::collections::HashMap::from([((), ())]));
        assert!(client_event_frame("/", None, "e", &refused).is_err());
        let frame = client_event_frame("/", None, "e", &Binary::from(vec![2])).unwrap();
        assert_eq!(frame.parts().1, [&[2u8][..]]);
    }

    #[test]
    fn binary_outside_of_a_packet_is_an_error() {
        assert!(serde_json::to_string(&Binary::default()).is_err());
    }

    #[test]
    fn reserved_names_are_refused() {
        for name in RESERVED_EVENTS {
            assert!(matches!(client_event_frame("/", None, name, &()), Err(EncodeError::Reserved(_))));
        }
    }
}
