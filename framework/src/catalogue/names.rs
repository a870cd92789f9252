//! One name for each shape.
//!
//! A type that clients send and are sent has one name when it looks the same both ways; when it does not, what they are sent keeps the
//! name, and what they send is its `…Input`. The names of the written file itself are nobody else's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::shape::{Shapes, Way};
use super::space::Faults;
use crate::typed::bounds::Codes;

/// Where references point in the end.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

/// Names that the TypeScript has already: its own, those in a namespace block, which would hide others, and those that it uses.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    "Answer", "CONTRACT", "ClientSocket", "Failed", "ServerCode",
    "Auth", "ClientToServerEvents", "Namespace", "Refusal", "ServerToClientEvents", "Socket",
    "ArrayBuffer", "ArrayBufferView", "Blob", "Uint8Array",
];

/// `name`, or the first of `name2`, `name3`, … that is not taken.
pub(super) fn unused(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// All types by their final names, and what they were called before.
#[derive(Debug)]
pub(super) struct Definitions {
    pub(super) types: BTreeMap<String, Value>,
    /// Codes by their final names.
    pub(super) faults: Vec<(String, Codes)>,
    renamed: BTreeMap<String, String>,
}

impl Definitions {
    pub(super) fn settle<'a>(shapes: &Shapes, faults: impl IntoIterator<Item = &'a Faults>) -> Self {
        let (heard, sent) = (shapes.named(Way::Heard), shapes.named(Way::Sent));
        let differing = differing(&heard, &sent);
        let mut settled = Self { types: BTreeMap::new(), faults: Vec::new(), renamed: BTreeMap::new() };
        for (name, schema) in &sent {
            let new = settled.add(name, schema);
            settled.renamed.insert(old(Way::Sent, name), new.clone());
            if heard.contains_key(name) && !differing.contains(name) {
                settled.renamed.insert(old(Way::Heard, name), new);
            }
        }
        for (name, schema) in &heard {
            if !settled.renamed.contains_key(&old(Way::Heard, name)) {
                let wanted = if differing.contains(name) { format!("{name}Input") } else { name.clone() };
                let new = settled.add(&wanted, schema);
                settled.renamed.insert(old(Way::Heard, name), new);
            }
        }
        let types = std::mem::take(&mut settled.types);
        settled.types = types.into_iter().map(|(name, schema)| (name, settled.resolve(&schema))).collect();
        for codes in faults.into_iter().flat_map(|faults| &faults.known) {
            settled.add_fault(*codes);
        }
        settled
    }

    fn add_fault(&mut self, codes: Codes) {
        if self.faults.iter().all(|(_, known)| *known != codes) {
            let other = |name: &str| self.faults.iter().any(|(known, _)| known == name);
            let taken = |name: &str| TAKEN.contains(&name) || self.types.contains_key(name) || other(name);
            self.faults.push((unused(codes.name, taken), codes));
        }
    }

    /// What the codes are called.
    pub(super) fn fault(&self, codes: &Codes) -> &str {
        let found = self.faults.iter().find(|(_, known)| known == codes);
        found.map_or(codes.name, |(name, _)| name)
    }

    fn add(&mut self, name: &str, schema: &Value) -> String {
        let word = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
        let name: String = name.chars().map(word).collect();
        let name = unused(&name, |name| TAKEN.contains(&name) || self.types.contains_key(name));
        self.types.insert(name.clone(), schema.clone());
        name
    }

    /// A schema whose references have their final names, keys in order: some dependency may have told `serde_json` to keep another.
    pub(super) fn resolve(&self, schema: &Value) -> Value {
        match schema {
            Value::Object(object) => {
                let mut fields: Vec<_> = object.iter().collect();
                fields.sort_by_key(|(key, _)| *key);
                let fields = fields.into_iter().map(|(key, value)| (key.clone(), self.field(key, value)));
                Value::Object(fields.collect())
            }
            Value::Array(items) => items.iter().map(|item| self.resolve(item)).collect(),
            other => other.clone(),
        }
    }

    fn field(&self, key: &str, value: &Value) -> Value {
        let reference = value.as_str().filter(|_| key == "$ref");
        match reference.and_then(|old| self.renamed.get(old)) {
            Some(name) => format!("{SCHEMAS}{name}").into(),
            None => self.resolve(value),
        }
    }
}

/// A reference as the generators write it: a JSON pointer (RFC 6901) in a URI's fragment (RFC 3986).
fn old(way: Way, name: &str) -> String {
    let mut reference = way.root().to_owned();
    for byte in name.bytes() {
        match byte {
            b'~' => reference.push_str("~0"),
            b'/' => reference.push_str("~1"),
            b'!' | b'$' | b'&'..=b';' | b'=' | b'?'..=b'Z' | b'_' | b'a'..=b'z' => {
                reference.push(byte.into())
            }
            other => reference.push_str(&format!("%{other:2X}")),
        }
    }
    reference
}

/// Names of types that look different one way and the other, or hold one that does.
fn differing(heard: &Map<String, Value>, sent: &Map<String, Value>) -> BTreeSet<String> {
    let plain = |schema: &Value| {
        let text = schema.to_string();
        text.replace(Way::Heard.root(), "#/").replace(Way::Sent.root(), "#/")
    };
    let both: BTreeMap<_, _> =
        heard.iter().filter_map(|(name, one)| Some((name, (one, sent.get(name)?)))).collect();
    let differs = |(name, (one, other)): (&&String, &(&Value, &Value))| {
        (plain(one) != plain(other)).then(|| (*name).clone())
    };
    let mut found: BTreeSet<String> = both.iter().filter_map(differs).collect();
    loop {
        let holds = |one: &Value| {
            found.iter().any(|name| one.to_string().contains(&format!("\"{}\"", old(Way::Heard, name))))
        };
        let more: Vec<_> = both
            .iter()
            .filter(|(name, (one, _))| !found.contains(**name) && holds(one))
            .map(|(name, _)| (*name).clone())
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}
