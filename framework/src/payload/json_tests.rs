//! The writer against serde_json, value by value.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::json::{put, put_str};

fn same<T: Serialize + ?Sized>(value: &T) {
    let mut ours = b"before".to_vec();
    put(&mut ours, value).unwrap();
    assert_eq!(String::from_utf8(ours).unwrap(), format!("before{}", serde_json::to_string(value).unwrap()));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[ -~]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_is_written_as_serde_json_writes_it(value in any_json()) {
        same(&value);
    }

    #[test]
    fn any_string_is(text in ".*") {
        same(&text);
    }
}

#[test]
fn each_byte_that_must_be_escaped_is_at_each_place_of_a_block() {
    for special in (0..0x20u8).chain([b'"', b'\\', 0x7f]) {
        for len in 1..40 {
            for at in 0..len {
                let mut text = vec![b'a'; len];
                text[at] = special;
                same(str::from_utf8(&text).unwrap());
            }
        }
    }
}

#[derive(Serialize)]
struct Unit;
#[derive(Serialize)]
struct Newtype(u8);
#[derive(Serialize)]
struct Pair(u8, &'static str);
#[derive(Serialize)]
enum Kinds {
    Unit,
    Newtype(Option<u8>),
    Tuple(u8, char),
    Struct { a: f32, r#type: &'static str },
}
#[derive(Serialize)]
struct Named<'a> {
    #[serde(rename = "with \"quotes\"")]
    quoted: u8,
    none: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<u8>,
    raw: &'a RawValue,
    #[serde(flatten)]
    flat: BTreeMap<String, i8>,
    unit: (),
    bytes: Bytes,
}
struct Bytes;

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(b"\x00a\xff")
    }
}

#[test]
fn every_shape_of_serde_is_written_as_serde_json_writes_it() {
    let raw = RawValue::from_string(r#"{ "as" :"it \u00fc stands"}"#.to_owned()).unwrap();
    let flat = BTreeMap::from([("x".to_owned(), 1), ("y\n".to_owned(), -2)]);
    same(&Named { quoted: 1, none: None, skipped: None, raw: &raw, flat, unit: (), bytes: Bytes });
    same(&raw);
    same(&(Unit, Newtype(1), Pair(2, "\u{1}"), [(); 0], [1.5f64, f64::NAN, f64::INFINITY, 1e300]));
    same(&[
        Kinds::Unit,
        Kinds::Newtype(None),
        Kinds::Newtype(Some(3)),
        Kinds::Tuple(1, '"'),
        Kinds::Struct { a: 0.1, r#type: "t" },
    ]);
    same(&(i128::MIN, u128::MAX, 'ü', true, Some("x"), std::net::Ipv4Addr::LOCALHOST));
    same(&Vec::<u8>::new());
}

#[test]
fn keys_become_strings_as_in_serde_json_or_are_refused() {
    same(&BTreeMap::<String, ()>::new());
    same(&BTreeMap::from([(1u64, "a"), (u64::MAX, "b")]));
    same(&BTreeMap::from([(true, [1]), (false, [2])]));
    same(&BTreeMap::from([('"', BTreeMap::from([(-1i8, 0)])), ('b', BTreeMap::new())]));
    let refused = BTreeMap::from([((1, 2), 3)]);
    let error = put(&mut Vec::new(), &refused).unwrap_err();
    assert_eq!(error.to_string(), serde_json::to_string(&refused).unwrap_err().to_string());
}

#[test]
fn what_a_value_says_against_itself_is_passed_on() {
    struct Never;
    impl Serialize for Never {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("not me"))
        }
    }
    assert_eq!(
        put(&mut Vec::new(), &json!([1]).as_array().map(|_| Never)).unwrap_err().to_string(),
        "not me"
    );
}

#[test]
fn a_name_is_a_string() {
    let mut out = Vec::new();
    put_str(&mut out, "a \"name\"").unwrap();
    put_str(&mut out, "").unwrap();
    assert_eq!(out, br#""a \"name\"""""#);
}
