//! JSON Schema as TypeScript: what `schemars` writes of serde's shapes.

use serde_json::{Map, Value};

use super::text::{docs, indent, key, literal};
use crate::catalogue::names::{Definitions, SCHEMAS};
use crate::catalogue::shape::ATTACHMENT;

type Object = Map<String, Value>;

/// Items that are written one by one; longer arrays of fixed length are just arrays.
const TUPLE: u64 = 8;

/// A type, and whether it needs brackets.
pub(super) struct Type {
    pub(super) text: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Atom,
    Union,
    Intersection,
}

impl Type {
    fn atom(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: Kind::Atom }
    }

    /// One of them; what stands twice stands once.
    fn union(types: impl IntoIterator<Item = Self>) -> Self {
        let mut texts: Vec<String> = Vec::new();
        for ty in types {
            if !texts.contains(&ty.text) {
                texts.push(ty.text);
            }
        }
        let kind = if texts.len() > 1 { Kind::Union } else { Kind::Atom };
        match &texts[..] {
            [] => Self::atom("never"),
            _ if texts.iter().any(|text| text == "unknown") => Self::atom("unknown"),
            texts => Self { text: texts.join(" | "), kind },
        }
    }

    /// All of them.
    fn intersection(mut types: Vec<Self>) -> Self {
        match types.len() {
            0 => Self::atom("unknown"),
            1 => types.remove(0),
            _ => {
                let texts: Vec<_> = types.iter().map(Self::in_intersection).collect();
                Self { text: texts.join(" & "), kind: Kind::Intersection }
            }
        }
    }

    pub(super) fn or(self, other: &str) -> Self {
        Self::union([self, Self::atom(other)])
    }

    pub(super) fn in_intersection(&self) -> String {
        if self.kind == Kind::Union { format!("({})", self.text) } else { self.text.clone() }
    }

    pub(super) fn in_array(&self) -> String {
        if self.kind == Kind::Atom { self.text.clone() } else { format!("({})", self.text) }
    }
}

/// Writes types; `docs`: with their comments.
pub(super) struct Types<'a> {
    pub(super) definitions: &'a Definitions,
    pub(super) docs: bool,
}

impl Types<'_> {
    /// A type where it is used. Its references may be as the generators wrote them.
    pub(super) fn of(&self, schema: &Value) -> Type {
        self.ty(&self.definitions.resolve(schema))
    }

    /// A type with a name.
    pub(super) fn declare(&self, name: &str, schema: &Value) -> String {
        let about = self.about(schema);
        let Value::Object(object) = schema else {
            return format!("{about}export type {name} = {};\n", self.ty(schema).text);
        };
        let plain = object.get("type").is_some_and(|ty| ty == "object") && self.index(object).is_none();
        if plain && self.parts(object).len() == 1 && object.contains_key("properties") {
            return format!(
                "{about}export interface {name} {{\n{}}}\n",
                indent(&self.fields(object).join("\n"))
            );
        }
        if let (true, Some(variants)) = (self.parts(object).len() == 1, variants(object)) {
            let documented = variants.iter().any(|variant| !self.about(variant).is_empty());
            if documented {
                let variant = |variant| format!("{}| {}\n", self.about(variant), self.ty(variant).text);
                let variants: String = variants.iter().map(variant).collect();
                return format!("{about}export type {name} =\n{};\n", indent(&variants).trim_end());
            }
        }
        format!("{about}export type {name} = {};\n", self.ty(schema).text)
    }

    fn about(&self, schema: &Value) -> String {
        let text = schema.get("description").and_then(Value::as_str).filter(|_| self.docs);
        text.map(docs).unwrap_or_default()
    }

    fn ty(&self, schema: &Value) -> Type {
        match schema {
            Value::Object(object) => Type::intersection(self.parts(object)),
            Value::Bool(false) => Type::atom("never"),
            _ => Type::atom("unknown"),
        }
    }

    /// What a value has to be all at once.
    fn parts(&self, object: &Object) -> Vec<Type> {
        if let Some(kinds) = object.get(ATTACHMENT) {
            let heard = ["ArrayBuffer", "ArrayBufferView", "Blob"].map(Type::atom);
            // An `ArrayBuffer` in browsers, in Node a `Buffer`, which is a `Uint8Array`.
            let sent = ["ArrayBuffer", "Uint8Array"].map(Type::atom);
            return vec![if kinds == "sent" { Type::union(sent) } else { Type::union(heard) }];
        }
        if let Some(name) = object.get("$ref").and_then(Value::as_str) {
            return vec![Type::atom(name.strip_prefix(SCHEMAS).unwrap_or(name))];
        }
        let mut parts = Vec::new();
        if let Some(value) = object.get("const") {
            parts.push(constant(value));
        } else if let Some(values) = list(object, "enum") {
            parts.push(Type::union(values.iter().map(constant)));
        } else if let Some(ty) = object.get("type") {
            parts.extend(self.of_kinds(object, ty));
        }
        parts.extend(list(object, "allOf").into_iter().flatten().map(|schema| self.ty(schema)));
        for key in ["oneOf", "anyOf"] {
            parts
                .extend(list(object, key).map(|some| Type::union(some.iter().map(|schema| self.ty(schema)))));
        }
        parts.retain(|part| part.text != "unknown");
        if parts.len() > 1 {
            // A flattened enum: its struct has no fields of its own.
            parts.retain(|part| part.text != "object");
        }
        parts
    }

    fn of_kinds(&self, object: &Object, ty: &Value) -> Option<Type> {
        let kinds = match ty {
            Value::String(kind) => vec![kind.as_str()],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => return None,
        };
        Some(Type::union(kinds.into_iter().map(|kind| self.of_kind(object, kind))))
    }

    fn of_kind(&self, object: &Object, kind: &str) -> Type {
        match kind {
            "integer" => Type::atom("number"),
            "array" => self.array(object),
            "object" => self.object(object),
            other => Type::atom(other),
        }
    }

    fn array(&self, object: &Object) -> Type {
        let items = |schemas: &mut dyn Iterator<Item = &Value>| {
            schemas.map(|schema| self.ty(schema).text).collect::<Vec<_>>()
        };
        let of = |item: &Value| format!("{}[]", self.ty(item).in_array());
        let fixed = object
            .get("maxItems")
            .and_then(Value::as_u64)
            .filter(|max| object.get("minItems").and_then(Value::as_u64) == Some(*max));
        match (object.get("items"), fixed) {
            (Some(Value::Array(schemas)), _) => {
                let mut items = items(&mut schemas.iter());
                if let Some(more) = object.get("additionalItems").filter(|more| more.is_object()) {
                    items.push(format!("...{}", of(more)));
                }
                Type::atom(format!("[{}]", items.join(", ")))
            }
            (Some(item), Some(length)) if length <= TUPLE => {
                let items = items(&mut (0..length).map(|_| item));
                Type::atom(format!("[{}]", items.join(", ")))
            }
            (Some(item), _) => Type::atom(of(item)),
            (None, _) => Type::atom("unknown[]"),
        }
    }

    fn object(&self, object: &Object) -> Type {
        let fields = self.fields(object);
        let own = match &fields[..] {
            [] => None,
            fields if fields.iter().any(|field| field.contains('\n')) => {
                Some(format!("{{\n{}}}", indent(&fields.join("\n"))))
            }
            fields => Some(format!("{{ {} }}", fields.join(" ").trim_end_matches(';'))),
        };
        match (own, self.index(object)) {
            (None, None) => Type::atom("object"),
            (own, index) => Type::intersection(own.into_iter().chain(index).map(Type::atom).collect()),
        }
    }

    /// The fields that a map has.
    fn index(&self, object: &Object) -> Option<String> {
        let more = object.get("additionalProperties").filter(|more| **more != Value::Bool(false));
        // Keys that are numbers.
        let patterns = object.get("patternProperties").and_then(Value::as_object);
        let value = more.or_else(|| patterns?.values().next())?;
        Some(format!("{{ [key: string]: {} }}", self.ty(value).text))
    }

    /// In the order of their declaration as far as that is known, which is that of `required`; the others by name.
    fn fields(&self, object: &Object) -> Vec<String> {
        let Some(properties) = object.get("properties").and_then(Value::as_object) else { return Vec::new() };
        let required: Vec<_> =
            list(object, "required").into_iter().flatten().filter_map(Value::as_str).collect();
        let place = |name: &str| required.iter().position(|other| *other == name).unwrap_or(required.len());
        let mut properties: Vec<_> = properties.iter().collect();
        properties.sort_by_key(|(name, _)| (place(name), *name));
        let field = |(name, schema): (&String, &Value)| {
            let optional = if required.contains(&name.as_str()) { "" } else { "?" };
            format!("{}{}{optional}: {};", self.about(schema), key(name), self.ty(schema).text)
        };
        properties.into_iter().map(field).collect()
    }
}

fn list<'a>(object: &'a Object, key: &str) -> Option<&'a Vec<Value>> {
    object.get(key).and_then(Value::as_array)
}

fn variants(object: &Object) -> Option<&Vec<Value>> {
    list(object, "oneOf").or_else(|| list(object, "anyOf"))
}

fn constant(value: &Value) -> Type {
    match value {
        Value::String(text) => Type::atom(literal(text)),
        other => Type::atom(other.to_string()),
    }
}
