//! An AsyncAPI 3 document: a channel per namespace, an operation per event, its acknowledgement as the reply.
//!
//! AsyncAPI has no binding for Socket.IO, so a payload is the list of an event's arguments, and the `auth` of a CONNECT packet is an
//! operation like the events.

use serde_json::{Map, Value, json};

use super::events::{Argument, Count, Event, Reply};
use super::names::{Definitions, unused};
use super::space::{Faults, Namespace};

type Object = Map<String, Value>;

pub(super) fn document(
    title: &str,
    contract: &str,
    spaces: &[Namespace],
    definitions: &Definitions,
) -> String {
    let mut document = Document { channels: Object::new(), operations: Object::new(), definitions };
    for space in spaces {
        document.namespace(space);
    }
    let mut schemas = definitions.types.clone();
    schemas.insert("Failed".to_owned(), failed());
    let document = json!({
        "asyncapi": "3.0.0",
        "info": { "title": title, "version": contract, "description": "Written from the handlers, by `UPDATE_CATALOGUE=1 cargo test`." },
        "defaultContentType": "application/json",
        "channels": document.channels,
        "operations": document.operations,
        "components": { "schemas": schemas },
    });
    let text = serde_json::to_string_pretty(&definitions.resolve(&document)).unwrap_or_default();
    text + "\n"
}

struct Document<'a> {
    channels: Object,
    operations: Object,
    definitions: &'a Definitions,
}

/// What the server does, in AsyncAPI's words.
#[derive(Clone, Copy)]
enum Action {
    Receive,
    Send,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Send => "send",
        }
    }
}

/// One operation's parts.
struct Operation {
    action: Action,
    name: String,
    docs: String,
    payload: Value,
    reply: Option<Value>,
}

impl Document<'_> {
    fn namespace(&mut self, space: &Namespace) {
        let mut channel = json!({ "address": space.address, "title": space.name, "messages": {} });
        let parameters: Object = space.parameters().map(|name| (name.to_owned(), json!({}))).collect();
        let Some(fields) = channel.as_object_mut() else { return };
        if !space.docs.is_empty() {
            fields.insert("description".into(), space.docs.into());
        }
        if !parameters.is_empty() {
            fields.insert("parameters".into(), parameters.into());
        }
        self.channels.insert(space.name.clone(), channel);
        if let Some(auth) = &space.auth {
            self.add(&space.name, connect(auth, &space.refusals));
        }
        let heard = space.heard.iter().map(|event| (Action::Receive, event));
        let sent = space.sent.iter().map(|event| (Action::Send, event));
        for (action, event) in heard.chain(sent) {
            self.add(&space.name, operation(action, event));
        }
    }

    fn add(&mut self, space: &str, operation: Operation) {
        let Operation { action, name, docs, payload, reply } = operation;
        let taken =
            |key: &str| self.channels.get(space).is_some_and(|channel| !channel["messages"][key].is_null());
        let key = unused(&format!("{}.{}", action.name(), slug(&name)), taken);
        let channel = json!({ "$ref": format!("#/channels/{space}") });
        let reference = |key: &str| json!([{ "$ref": format!("#/channels/{space}/messages/{key}") }]);
        let mut entry = json!({ "action": action.name(), "channel": channel, "messages": reference(&key) });
        let mut message = json!({ "name": name, "title": name, "payload": payload });
        describe(&mut entry, &docs);
        describe(&mut message, &docs);
        self.message(space, &key, &message);
        if let Some(reply) = reply {
            let answer = format!("{key}.ack");
            entry["reply"] = json!({ "channel": channel, "messages": reference(&answer) });
            let name = format!("{name} (acknowledgement)");
            self.message(space, &answer, &json!({ "name": name, "payload": reply }));
        }
        self.operations.insert(format!("{space}.{key}"), entry);
    }

    fn message(&mut self, space: &str, key: &str, message: &Value) {
        if let Some(channel) = self.channels.get_mut(space) {
            channel["messages"][key] = self.definitions.resolve(message);
        }
    }
}

fn connect(auth: &Value, refusals: &Faults) -> Operation {
    let mut code = json!({ "type": "string" });
    if !refusals.open {
        code["examples"] = json!(refusals.codes());
    }
    let data = json!({ "type": "object", "properties": { "code": code } });
    let reply = json!({
        "description": "CONNECT_ERROR",
        "type": "object",
        "properties": { "message": { "type": "string" }, "data": data },
        "required": ["message"],
    });
    let docs =
        "The CONNECT packet: what the client gives as `auth`. The reply is the one of a refusal.".to_owned();
    Operation {
        action: Action::Receive,
        name: "connect".to_owned(),
        docs,
        payload: auth.clone(),
        reply: Some(reply),
    }
}

fn operation(action: Action, event: &Event) -> Operation {
    let payload = arguments(&event.arguments);
    let failed = failed_with(&event.faults);
    let reply = match &event.reply {
        Reply::Never => None,
        Reply::Done => Some(json!({ "type": "array", "items": [failed], "additionalItems": false })),
        Reply::Value(schema) => Some(one(&json!({ "anyOf": [schema, failed] }))),
        Reply::Checked(schema) => Some(one(&json!({ "oneOf": [good(schema), failed] }))),
        Reply::Asked(schema) => Some(one(schema)),
    };
    Operation { action, name: event.name.to_owned(), docs: event.docs.to_owned(), payload, reply }
}

/// The positional arguments. A form of draft 7, which AsyncAPI asks for.
fn arguments(arguments: &[Argument]) -> Value {
    let rest = arguments.iter().find(|argument| argument.count == Count::Any);
    let positional = arguments.iter().filter(|argument| argument.count != Count::Any);
    let least = arguments.iter().filter(|argument| argument.count == Count::One).count();
    let name = |argument: &Argument| match argument.count {
        Count::One => argument.name.to_owned(),
        Count::Optional => format!("{}?", argument.name),
        Count::Any => format!("...{}", argument.name),
    };
    let names: Vec<_> = arguments.iter().map(name).collect();
    let item = |argument: &Argument| match argument.count {
        Count::Optional => json!({ "anyOf": [argument.schema, { "type": "null" }] }),
        Count::One | Count::Any => argument.schema.clone(),
    };
    let items: Vec<_> = positional.map(item).collect();
    let mut list = json!({ "type": "array", "title": format!("({})", names.join(", ")), "minItems": least });
    list["additionalItems"] = rest.map_or(Value::Bool(false), |rest| rest.schema.clone());
    if items.is_empty() {
        // An empty list of schemas is no schema; what follows none of them is every item.
        list["items"] = list["additionalItems"].take();
        if list["items"] == false {
            list["maxItems"] = 0.into();
            list["items"] = true.into();
        }
        list.as_object_mut().map(|list| list.remove("additionalItems"));
    } else {
        list["items"] = items.into();
    }
    list
}

/// A list of one.
fn one(schema: &Value) -> Value {
    json!({ "type": "array", "items": [schema], "minItems": 1, "additionalItems": false })
}

fn good(data: &Value) -> Value {
    json!({
        "type": "object",
        "properties": { "ok": { "const": true }, "data": data },
        "required": ["ok", "data"],
    })
}

/// [`failed`], with the codes of the app's own failures: examples, as there are the server's own, too.
fn failed_with(faults: &Faults) -> Value {
    let failed = json!({ "$ref": "#/components/schemas/Failed" });
    if faults.known.is_empty() {
        return failed;
    }
    let code = json!({ "examples": faults.codes() });
    let error = json!({ "properties": { "code": code } });
    json!({ "allOf": [failed, { "properties": { "error": error } }] })
}

/// No type of an app has its name: see `names`.
fn failed() -> Value {
    let string = json!({ "type": "string" });
    json!({
        "type": "object",
        "properties": {
            "ok": { "const": false },
            "error": {
                "type": "object",
                "properties": { "code": string, "message": string, "at": string },
                "required": ["code", "message"],
            },
        },
        "required": ["ok", "error"],
    })
}

fn describe(entry: &mut Value, docs: &str) {
    if docs.is_empty() {
        return;
    }
    let mut paragraphs = docs.splitn(2, "\n\n");
    let summary = paragraphs.next().unwrap_or_default().replace('\n', " ");
    entry["summary"] = summary.into();
    if paragraphs.next().is_some() {
        entry["description"] = docs.into();
    }
}

/// An event's name in letters that need no escape in a JSON pointer or a URI.
fn slug(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}
