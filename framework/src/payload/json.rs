//! Values as JSON text, where serde_json looks at every byte of a string.
//!
//! Promises the text that serde_json writes, byte by byte. What is its own are the brackets and the strings that have nothing to
//! escape, which are nearly all, and most of a packet: looked at sixteen bytes at a time, copied at once. Everything else, numbers,
//! escapes, keys that are no strings, serde_json's own types, is handed on to it.

use std::fmt::Display;

use serde::Serialize;
use serde::ser::{self, SerializeMap, SerializeStruct};
use serde_json::{Error, Serializer};

use crate::protocol::json::is_plain;

/// Appends `value`.
///
/// # Errors
/// Those of serde_json: a key that cannot be a string, or what the value itself says.
pub(super) fn put<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), Error> {
    value.serialize(Writer(out))
}

/// Appends a string.
pub(super) fn put_str(out: &mut Vec<u8>, text: &str) -> Result<(), Error> {
    if !is_plain(text.as_bytes()) {
        return text.serialize(&mut Serializer::new(out));
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
}

struct Writer<'a>(&'a mut Vec<u8>);

impl<'a> Writer<'a> {
    fn open(self, opening: &[u8], closing: &'static [u8]) -> Compound<'a> {
        self.0.extend_from_slice(opening);
        Compound { out: self.0, is_empty: true, closing, foreign: None }
    }

    /// `{"variant":` and what opens its content.
    fn open_variant(self, variant: &str, opening: u8, closing: &'static [u8]) -> Result<Compound<'a>, Error> {
        self.0.push(b'{');
        put_str(self.0, variant)?;
        Ok(self.open(&[b':', opening], closing))
    }
}

/// An array or object whose bracket is open.
struct Compound<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
    closing: &'static [u8],
    /// The name of a struct that only serde_json understands.
    foreign: Option<&'static str>,
}

/// How the names begin under which serde_json passes raw JSON and long numbers through serde.
const FOREIGN: &str = "$serde_json::";

impl Compound<'_> {
    fn comma(&mut self) {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.out.push(b',');
        }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.comma();
        put(self.out, value)
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        if let Some(name) = self.foreign {
            let mut json = Serializer::new(&mut *self.out);
            let mut whole = ser::Serializer::serialize_struct(&mut json, name, 1)?;
            SerializeStruct::serialize_field(&mut whole, key, value)?;
            return SerializeStruct::end(whole);
        }
        self.comma();
        put_str(self.out, key)?;
        self.out.push(b':');
        put(self.out, value)
    }

    fn close(self) {
        self.out.extend_from_slice(self.closing);
    }
}

macro_rules! handed_on {
    ($($method:ident($ty:ty)),* $(,)?) => {
        $(fn $method(self, value: $ty) -> Result<(), Error> {
            ser::Serializer::$method(&mut Serializer::new(self.0), value)
        })*
    };
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    handed_on!(
        serialize_bool(bool),
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_i128(i128),
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_u64(u64),
        serialize_u128(u128),
        serialize_f32(f32),
        serialize_f64(f64),
        serialize_char(char),
        serialize_bytes(&[u8]),
    );

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        put_str(self.0, text)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        put_str(self.0, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let mut object = self.open(b"{", b"}");
        object.field(variant, value)?;
        object.close();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a>, Error> {
        Ok(self.open(b"[", b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'a>, Error> {
        Ok(self.open(b"[", b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'a>, Error> {
        Ok(self.open(b"[", b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Error> {
        self.open_variant(variant, b'[', b"]}")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a>, Error> {
        // Its bracket comes with the first key: see `serialize_key`.
        Ok(self.open(b"", b"}"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'a>, Error> {
        if name.starts_with(FOREIGN) {
            return Ok(Compound { foreign: Some(name), ..self.open(b"", b"") });
        }
        Ok(self.open(b"{", b"}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Error> {
        self.open_variant(variant, b'{', b"}}")
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        ser::Serializer::collect_str(&mut Serializer::new(self.0), value)
    }
}

macro_rules! parts {
    ($($of:ident $method:ident $put:ident ($($key:ident: $ty:ty)?)),* $(,)?) => {
        $(impl ser::$of for Compound<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, $($key: $ty,)? value: &T) -> Result<(), Error> {
                self.$put($($key,)? value)
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        })*
    };
}

parts!(
    SerializeSeq serialize_element element (),
    SerializeTuple serialize_element element (),
    SerializeTupleStruct serialize_field element (),
    SerializeTupleVariant serialize_field element (),
    SerializeStruct serialize_field field (key: &'static str),
    SerializeStructVariant serialize_field field (key: &'static str),
);

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Error;

    /// What a key may be, and how it becomes a string, serde_json says: it writes an object's beginning, whose bracket is a comma from the second key on.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let start = self.out.len();
        let mut json = Serializer::new(&mut *self.out);
        SerializeMap::serialize_key(&mut ser::Serializer::serialize_map(&mut json, None)?, key)?;
        if let (false, Some(bracket)) =
            (std::mem::replace(&mut self.is_empty, false), self.out.get_mut(start))
        {
            *bracket = b',';
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.out.push(b':');
        put(self.out, value)
    }

    fn end(self) -> Result<(), Error> {
        if self.is_empty {
            self.out.push(b'{');
        }
        self.close();
        Ok(())
    }
}
