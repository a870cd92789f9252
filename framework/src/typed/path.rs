//! The parameters of a namespace's name, as a Rust type. Numbers are read from their text.

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// Reads `T` from name and value pairs.
pub(super) fn read<T: DeserializeOwned>(params: &[(String, String)]) -> Result<T, Error> {
    T::deserialize(Params(params))
}

struct Params<'a>(&'a [(String, String)]);

impl<'a> Params<'a> {
    /// The value, when there is only one.
    fn only(&self) -> Result<Value<'a>, Error> {
        match self.0 {
            [(_, value)] => Ok(Value(value)),
            all => Err(de::Error::custom(format!(
                "the namespace has {} parameters, the type takes one",
                all.len()
            ))),
        }
    }
}

macro_rules! of_the_only {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.only()?.$method(visitor)
        }
    )* };
}

impl<'de> Deserializer<'de> for Params<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor
            .visit_map(MapDeserializer::new(self.0.iter().map(|(name, value)| (name.as_str(), Value(value)))))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut values = SeqDeserializer::new(self.0.iter().map(|(_, value)| Value(value)));
        let read = visitor.visit_seq(&mut values)?;
        values.end()?;
        Ok(read)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.only()?.deserialize_enum(name, variants, visitor)
    }

    of_the_only!(
        deserialize_bool deserialize_char deserialize_str deserialize_string
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    );
    forward_to_deserialize_any! {
        bytes byte_buf option unit unit_struct map struct identifier ignored_any
    }
}

/// One parameter.
#[derive(Clone, Copy)]
struct Value<'a>(&'a str);

impl<'de> IntoDeserializer<'de> for Value<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $what:literal)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(de::Error::invalid_value(de::Unexpected::Str(self.0), &$what)),
            }
        }
    )* };
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    parsed!(
        deserialize_bool visit_bool "`true` or `false`"
        deserialize_i8 visit_i8 "a number"
        deserialize_i16 visit_i16 "a number"
        deserialize_i32 visit_i32 "a number"
        deserialize_i64 visit_i64 "a number"
        deserialize_i128 visit_i128 "a number"
        deserialize_u8 visit_u8 "a number"
        deserialize_u16 visit_u16 "a number"
        deserialize_u32 visit_u32 "a number"
        deserialize_u64 visit_u64 "a number"
        deserialize_u128 visit_u128 "a number"
        deserialize_f32 visit_f32 "a number"
        deserialize_f64 visit_f64 "a number"
    );
    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_struct_takes_parameters_by_name() {
        #[derive(serde::Deserialize)]
        struct At {
            project: String,
            org: u64,
        }
        let at: At = read(&params(&[("org", "7"), ("project", "web")])).unwrap();
        assert_eq!((at.org, at.project.as_str()), (7, "web"));
    }

    #[test]
    fn a_tuple_takes_them_in_order_and_a_plain_value_the_only_one() {
        assert_eq!(
            read::<(u64, String)>(&params(&[("org", "7"), ("project", "web")])).unwrap(),
            (7, "web".into())
        );
        assert_eq!(read::<u32>(&params(&[("id", "12")])).unwrap(), 12);
        assert_eq!(read::<String>(&params(&[("id", "12")])).unwrap(), "12");
    }

    #[test]
    fn what_does_not_fit_says_so() {
        let problem = read::<u32>(&params(&[("id", "x")])).unwrap_err().to_string();
        assert!(problem.contains("expected a number"), "{problem}");
        assert!(read::<u32>(&params(&[("a", "1"), ("b", "2")])).is_err());
        assert!(read::<(u8, u8)>(&params(&[("a", "1"), ("b", "2"), ("c", "3")])).is_err());
    }
}
