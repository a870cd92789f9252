//! What payload types look like, asked of `schemars`.
//!
//! A type may look different to who reads it and to who writes it (`#[serde(default)]`, `skip_serializing`), so two generators ask: one
//! for what clients send, one for what they are sent. Their schemas refer to `#/heard/Name` and `#/sent/Name`.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use crate::id::SocketId;
use crate::payload::{self, Binary};

/// A type that the catalogue can describe.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be described in the catalogue",
    label = "no schema",
    note = "add `#[derive(schemars::JsonSchema)]` to it"
)]
pub trait Shape {
    /// Its schema, or a reference to it.
    fn shape(generator: &mut SchemaGenerator) -> Schema;
}

#[diagnostic::do_not_recommend]
impl<T: JsonSchema + ?Sized> Shape for T {
    fn shape(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// From a client.
    Heard,
    /// To a client.
    Sent,
}

impl Way {
    pub(super) fn back(self) -> Self {
        match self {
            Self::Heard => Self::Sent,
            Self::Sent => Self::Heard,
        }
    }

    /// Where references of this way point.
    pub(super) fn root(self) -> &'static str {
        match self {
            Self::Heard => "#/heard/",
            Self::Sent => "#/sent/",
        }
    }
}

/// All types that were named, in both ways.
#[derive(Clone, Debug)]
pub(super) struct Shapes {
    heard: SchemaGenerator,
    sent: SchemaGenerator,
}

impl Shapes {
    pub(super) fn new() -> Self {
        // Draft 7: AsyncAPI knows argument lists only in its form, `items: [..]` (zod-sockets#81).
        let settings = |path: &str| {
            SchemaSettings::draft07().with(|settings| {
                settings.definitions_path = path.to_owned().into();
                settings.meta_schema = None;
            })
        };
        Self {
            heard: settings("/heard").for_deserialize().into_generator(),
            sent: settings("/sent").for_serialize().into_generator(),
        }
    }

    pub(super) fn of<T: Shape + ?Sized>(&mut self, way: Way) -> Value {
        let generator = match way {
            Way::Heard => &mut self.heard,
            Way::Sent => &mut self.sent,
        };
        let mut schema = T::shape(generator);
        for transform in generator.transforms_mut() {
            transform.transform(&mut schema);
        }
        schema.to_value()
    }
}

impl Shapes {
    /// The types that have names, each way.
    pub(super) fn named(&self, way: Way) -> Map<String, Value> {
        let generator = match way {
            Way::Heard => &self.heard,
            Way::Sent => &self.sent,
        };
        generator.clone().take_definitions(true)
    }
}

/// Marks the schema of [`Binary`]: not JSON Schema's own `format`, which anybody may use for texts.
pub(super) const ATTACHMENT: &str = "x-attachment";

impl JsonSchema for Binary {
    fn schema_name() -> Cow<'static, str> {
        "Binary".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        // A client may send more kinds than it is sent.
        let kinds = if generator.contract().is_serialize() { "sent" } else { "heard" };
        json_schema!({
            "description": "Bytes. They travel as a binary attachment.",
            "format": "binary",
            (ATTACHMENT): kinds,
        })
    }
}

impl JsonSchema for payload::Value {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "AnyValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

impl JsonSchema for SocketId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SocketId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}
