//! Every shape that serde has, as TypeScript.

#![expect(dead_code, reason = "these types are described, never made")]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::types::Types;
use crate::Binary;
use crate::catalogue::Shape;
use crate::catalogue::names::Definitions;
use crate::catalogue::shape::{Shapes, Way};

/// The type where it is used, and all declarations that it needs.
fn typescript<T: Shape>(way: Way) -> String {
    let mut shapes = Shapes::new();
    let schema = shapes.of::<T>(way);
    let definitions = Definitions::settle(&shapes, []);
    let types = Types { definitions: &definitions, docs: true };
    let named = definitions.types.iter().map(|(name, schema)| types.declare(name, schema));
    format!("{}\n{}", types.of(&schema).text, named.collect::<String>())
}

fn sent<T: Shape>() -> String {
    typescript::<T>(Way::Sent)
}

fn heard<T: Shape>() -> String {
    typescript::<T>(Way::Heard)
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Point {
    y: f64,
    x: f64,
}

#[test]
fn a_struct_is_an_interface_in_the_order_of_its_fields() {
    assert_eq!(sent::<Point>(), "Point\nexport interface Point {\n  y: number;\n  x: number;\n}\n");
}

#[test]
fn tuples_newtypes_and_units_are_what_serde_makes_of_them() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Pair(u8, String);
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Meters(f64);
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(transparent)]
    struct Name {
        text: String,
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Nothing;
    assert_eq!(sent::<Pair>(), "Pair\nexport type Pair = [number, string];\n");
    assert_eq!(sent::<Meters>(), "Meters\nexport type Meters = number;\n");
    assert_eq!(sent::<Name>(), "string\n");
    assert_eq!(sent::<Nothing>(), "Nothing\nexport type Nothing = null;\n");
    assert_eq!(sent::<(u8, Option<bool>)>(), "[number, boolean | null]\n");
    assert_eq!(sent::<()>(), "null\n");
}

#[test]
fn lists_and_maps_are_arrays_and_indexes() {
    assert_eq!(sent::<Vec<Option<u8>>>(), "(number | null)[]\n");
    assert_eq!(sent::<[u8; 3]>(), "[number, number, number]\n");
    assert_eq!(sent::<[u8; 32]>(), "number[]\n");
    assert_eq!(sent::<BTreeSet<char>>(), "string[]\n");
    assert_eq!(sent::<HashMap<String, Vec<bool>>>(), "{ [key: string]: boolean[] }\n");
    assert_eq!(sent::<BTreeMap<u32, String>>(), "{ [key: string]: string }\n");
    assert_eq!(sent::<serde_json::Value>(), "unknown\n");
    assert_eq!(sent::<Vec<crate::Value>>(), "unknown[]\n");
}

#[test]
fn enums_of_units_are_literals_with_their_comments() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    enum Plain {
        VeryBig,
        Small,
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    enum Told {
        /// As they come.
        Any,
        #[serde(rename = "no \"one\"")]
        None,
    }
    assert_eq!(sent::<Plain>(), "Plain\nexport type Plain = \"very-big\" | \"small\";\n");
    let told = "Told\nexport type Told =\n  | \"no \\\"one\\\"\"\n  /** As they come. */\n  | \"Any\";\n";
    assert_eq!(sent::<Told>(), told);
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum External {
    Unit,
    Newtype(u8),
    Tuple(u8, bool),
    Struct { at: Point },
}

#[test]
fn each_way_to_tag_an_enum_is_a_union() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Internal {
        Unit,
        Struct { at: u8 },
        Newtype(Point),
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(tag = "t", content = "c")]
    enum Adjacent {
        Unit,
        Newtype(u8),
        Struct { at: u8 },
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(untagged)]
    enum Untagged {
        Number(u8),
        Text(String),
        Struct { at: u8 },
    }
    let only = |text: String| text.lines().nth(1).map(str::to_owned).unwrap_or_default();
    assert_eq!(
        only(sent::<External>()),
        r#"export type External = "Unit" | { Newtype: number } | { Tuple: [number, boolean] } | { Struct: { at: Point } };"#
    );
    assert_eq!(
        only(sent::<Internal>()),
        r#"export type Internal = { kind: "unit" } | { kind: "struct"; at: number } | { kind: "newtype" } & Point;"#
    );
    assert_eq!(
        only(sent::<Adjacent>()),
        r#"export type Adjacent = { t: "Unit" } | { t: "Newtype"; c: number } | { t: "Struct"; c: { at: number } };"#
    );
    assert_eq!(only(sent::<Untagged>()), "export type Untagged = number | string | { at: number };");
}

#[test]
fn what_may_be_missing_is_optional_only_for_who_may_leave_it_out() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "camelCase")]
    struct Options {
        max_size: Option<u32>,
        #[serde(default)]
        retries: u8,
        #[serde(skip)]
        secret: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        #[serde(rename = "type")]
        kind: bool,
    }
    assert_eq!(
        heard::<Options>(),
        "Options\nexport interface Options {\n  type: boolean;\n  maxSize?: number | null;\n  note?: string | null;\n  retries?: number;\n}\n"
    );
    assert_eq!(
        sent::<Options>(),
        "Options\nexport interface Options {\n  maxSize: number | null;\n  retries: number;\n  type: boolean;\n  note?: string | null;\n}\n"
    );
}

#[test]
fn a_type_that_looks_different_both_ways_has_two_names_and_so_has_what_holds_it() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Inner {
        #[serde(default)]
        n: u8,
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Outer {
        inner: Vec<Inner>,
        at: Point,
    }
    let mut shapes = Shapes::new();
    let schemas = [shapes.of::<Outer>(Way::Heard), shapes.of::<Outer>(Way::Sent)];
    let definitions = Definitions::settle(&shapes, []);
    let types = Types { definitions: &definitions, docs: true };
    assert_eq!(schemas.map(|schema| types.of(&schema).text), ["OuterInput", "Outer"]);
    let names: Vec<_> = definitions.types.keys().map(String::as_str).collect();
    assert_eq!(names, ["Inner", "InnerInput", "Outer", "OuterInput", "Point"]);
    let input = types.declare("OuterInput", &definitions.types["OuterInput"]);
    assert_eq!(input, "export interface OuterInput {\n  inner: InnerInput[];\n  at: Point;\n}\n");
}

#[test]
fn flattened_fields_are_the_structs_own_and_flattened_enums_are_added() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Pin {
        name: String,
        #[serde(flatten)]
        at: Point,
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(tag = "kind")]
    enum Kind {
        Round { r: u8 },
        Flat,
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Drawn {
        id: u8,
        #[serde(flatten)]
        kind: Kind,
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Open {
        id: u8,
        #[serde(flatten)]
        more: HashMap<String, bool>,
    }
    assert_eq!(
        sent::<Pin>(),
        "Pin\nexport interface Pin {\n  name: string;\n  y: number;\n  x: number;\n}\n"
    );
    assert_eq!(
        sent::<Drawn>(),
        "Drawn\nexport type Drawn = { id: number } & ({ kind: \"Round\"; r: number } | { kind: \"Flat\" });\n"
    );
    assert_eq!(sent::<Open>(), "Open\nexport type Open = { id: number } & { [key: string]: boolean };\n");
}

#[test]
fn recursive_and_generic_types_refer_to_themselves_and_to_what_they_were_made_of() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Tree {
        children: Vec<Self>,
        parent: Option<Box<Self>>,
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Page<T> {
        items: Vec<T>,
        next: Option<u32>,
    }
    let tree = "Tree\nexport interface Tree {\n  children: Tree[];\n  parent: Tree | null;\n}\n";
    assert_eq!(sent::<Tree>(), tree);
    let page = "Page\nexport interface Page {\n  items: Point[];\n  next: number | null;\n}\n";
    assert!(sent::<Page<Point>>().starts_with(page));
    assert!(sent::<(Page<u8>, Page<bool>)>().starts_with("[Page, Page2]\n"));
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[schemars(rename = "ListOf{T}")]
    struct List<T>(Vec<T>, u8);
    assert!(sent::<List<Point>>().starts_with("ListOfPoint\n"));
}

#[test]
fn comments_stay_with_what_they_say_something_about() {
    /// Told
    /// of */ twice.
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Told {
        /// How often.
        times: u8,
        inner: Inner,
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    enum Inner {
        /// One.
        One {
            /// Its place.
            at: u8,
        },
        Two,
    }
    let told = sent::<Told>();
    assert!(told.contains("/**\n * Told\n * of *\\/ twice.\n */\nexport interface Told {\n  /** How often. */\n  times: number;"), "{told}");
    assert!(
        told.contains("  /** One. */\n  | {\n    One: {\n      /** Its place. */\n      at: number;"),
        "{told}"
    );
}

#[test]
fn bytes_are_more_kinds_of_things_where_the_client_sends_them() {
    assert!(sent::<Binary>().ends_with("export type Binary = ArrayBuffer | Uint8Array;\n"));
    assert!(heard::<Binary>().ends_with("export type Binary = ArrayBuffer | ArrayBufferView | Blob;\n"));
}

#[test]
fn names_that_are_taken_get_a_number() {
    mod other {
        #[derive(serde::Serialize, schemars::JsonSchema)]
        pub(super) struct Point(u8);
    }
    #[derive(Serialize, JsonSchema)]
    struct Failed(u8);
    #[derive(Serialize, JsonSchema)]
    struct Auth(u8);
    #[derive(Serialize, JsonSchema)]
    #[schemars(rename = "odd/na~me é")]
    struct Odd(u8);
    assert!(sent::<(Point, other::Point)>().starts_with("[Point, Point2]\n"));
    assert!(sent::<Failed>().starts_with("Failed2\n"));
    assert!(sent::<Auth>().starts_with("Auth2\n"), "`Auth` is in each namespace block, and hides others");
    assert!(
        sent::<Vec<Odd>>().starts_with("odd_na_me__[]\nexport type odd_na_me__ ="),
        "{}",
        sent::<Vec<Odd>>()
    );
}
