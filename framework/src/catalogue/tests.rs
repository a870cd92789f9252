//! What is written about handlers. Of types: see `typescript/tests.rs`.

#![expect(dead_code, reason = "these handlers are described, never mounted")]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Catalogue;
use crate::Args;
use crate::prelude::*;

/// A line that was said.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Line {
    /// Grows.
    id: u64,
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Login {
    token: String,
}

#[derive(Debug, thiserror::Error, Fault)]
enum Wrong {
    #[error("not there")]
    NotThere,
    #[error("too long")]
    #[fault(code = "long")]
    TooLong,
}

/// What the server says.
#[client(catalogue)]
trait Page {
    /// Somebody said something.
    fn said(&self, room: &str, line: &Line);
    fn file(&self, data: &Binary);
    #[event("are you sure")]
    async fn sure(&self, question: &str, ids: &[u8]) -> bool;
}

/// A room.
///
/// With people in it.
#[derive(Handler)]
#[handler(ns = "/chat/{id}", client = Page)]
struct Chat;

#[events(catalogue, guard = Self::open)]
impl Chat {
    #[connect]
    fn connect(Auth(_login): Auth<Login>) -> Result<Self, Wrong> {
        Ok(Self)
    }

    fn open(&self, _cx: &Cx<Self>) -> bool {
        true
    }

    fn sober(&self, _cx: &Cx<Self>) -> Result<(), Wrong> {
        Err(Wrong::TooLong)
    }

    /// Says a line.
    ///
    /// Twice */ is once.
    #[event("chat message")]
    fn say(&mut self, room: &str, reply: Option<u32>, why: Option<&str>) -> Result<Line, Wrong> {
        let _ = (room, reply, why);
        Err(Wrong::NotThere)
    }

    #[event]
    fn count(&self) -> usize {
        0
    }

    #[event]
    fn leave(&self, r#in: String) {
        drop(r#in);
    }

    #[event(guard = Self::sober)]
    fn maybe(&self, at: Option<u8>) {
        let _ = at;
    }

    #[event]
    fn log(&self, level: u8, rest: Rest<Line>) -> bool {
        rest.0.into_iter().all(|line| line.id > level.into())
    }

    #[event]
    fn note(&self, mut rest: Args<'_>) -> crate::Result<u8> {
        Ok(rest.next()?)
    }

    #[event]
    fn rub(&self, words: Rest<String>) {
        drop(words);
    }

    #[event]
    fn later(&self, data: Binary, ack: Ack<Vec<Line>>) {
        drop((data, ack));
    }

    #[event]
    fn any(&self) -> crate::Result<()> {
        Ok(())
    }

    #[fallback]
    fn other(&self, name: &str) {
        let _ = name;
    }
}

/// One of two.
#[derive(Handler, Default)]
struct Plain;

mod other {
    use crate::prelude::*;

    #[derive(Handler, Default)]
    #[handler(ns = "/other")]
    pub(super) struct Plain;

    #[events(catalogue)]
    impl Plain {
        #[event]
        #[cfg(not(test))]
        fn never(&self) {}
    }
}

#[events(catalogue)]
impl Plain {
    #[event]
    fn r#type(&self) {}

    #[event]
    #[event("ping")]
    fn pong(&self, #[cx] me: &Socket, _: u8, (x, y): (f64, f64), line: Option<Line>) -> SocketId {
        drop((x, y, line));
        me.id()
    }
}

trait Store: Clone + Send + Sync + 'static {}

impl Store for () {}

#[derive(Handler)]
#[handler(ns = "/kept", state = S)]
struct Kept<S: Store> {
    store: S,
}

#[events(catalogue)]
impl<S: Store> Kept<S> {
    #[connect]
    fn new(State(store): State<S>) -> Self {
        Self { store }
    }

    #[event]
    fn get<'a>(&self, key: &'a str, also: std::borrow::Cow<'a, str>) -> Option<String> {
        let _ = (&self.store, also);
        Some(key.to_owned())
    }
}

#[test]
fn the_codes_of_an_error_type_have_its_name_and_of_two_with_one_name_the_second_has_a_number() {
    let text = Catalogue::of::<Chat>().and::<versions::first::Lobby>().to_typescript();
    assert_eq!(text.matches("export type Wrong =\n  | \"not_there\"\n  | \"long\";\n").count(), 1, "{text}");
    assert!(text.contains("export type Wrong2 =\n  | \"other\";\n"), "{text}");
    assert!(text.contains("fail: (ack: (answer: Answer<null, Wrong2>) => void) => void;"), "{text}");
}

#[test]
fn a_handler_may_be_generic() {
    let kept = block(&Catalogue::of::<Kept<()>>(), "Kept");
    assert!(
        kept.contains(
            "get: (key: string, also: string, ack: (answer: string | null | Failed) => void) => void;"
        ),
        "{kept}"
    );
}

/// The block of a handler, without what stands around it.
fn block(catalogue: &Catalogue, name: &str) -> String {
    let text = catalogue.to_typescript();
    let (_, block) = text.split_once(&format!("export namespace {name} {{\n")).expect("the handler");
    block.split_once("\n}\n").expect("its end").0.to_owned()
}

#[test]
fn each_event_is_what_emit_takes_with_its_comment_and_its_answer() {
    let chat = block(&Catalogue::of::<Chat>(), "Chat");
    let heard = r#"  /** What the client emits. */
  export interface ClientToServerEvents {
    /**
     * Says a line.
     *
     * Twice *\/ is once.
     */
    "chat message": (
      ...args:
        | [room: string, ack: (answer: Answer<Line, Wrong>) => void]
        | [room: string, reply: number | null, ack: (answer: Answer<Line, Wrong>) => void]
        | [room: string, reply: number | null, why: string | null, ack: (answer: Answer<Line, Wrong>) => void]
    ) => void;
    count: (ack: (answer: number | Failed) => void) => void;
    leave: (_in: string, ack?: (failed?: Failed) => void) => void;
    maybe: (
      ...args:
        | [ack?: (failed?: Failed<Wrong>) => void]
        | [at: number | null, ack?: (failed?: Failed<Wrong>) => void]
    ) => void;
    log: (...args: [level: number, ...rest: Line[], ack: (answer: boolean | Failed) => void]) => void;
    note: (...args: [...rest: unknown[], ack: (answer: Answer<number, string>) => void]) => void;
    rub: (
      ...args:
        | [...words: string[], ack: (failed?: Failed) => void]
        | [...words: string[]]
    ) => void;
    later: (data: BinaryInput, ack: (answer: Line[] | Failed) => void) => void;
    any: (ack: (answer: Answer<null, string>) => void) => void;
  }
"#;
    assert!(chat.contains(heard), "{chat}");
}

#[test]
fn what_the_server_sends_is_what_on_hears() {
    let chat = block(&Catalogue::of::<Chat>(), "Chat");
    let sent = r#"  export interface ServerToClientEvents {
    /** Somebody said something. */
    said: (room: string, line: Line) => void;
    file: (data: Binary) => void;
    "are you sure": (question: string, ids: number[], ack: (answer: boolean) => void) => void;
  }
"#;
    assert!(chat.contains(sent), "{chat}");
    assert!(block(&Catalogue::of::<Plain>(), "Plain").contains("export interface ServerToClientEvents {}\n"));
}

#[test]
fn a_pattern_its_login_and_its_refusals_are_types() {
    let chat = block(&Catalogue::of::<Chat>(), "Chat");
    for line in [
        "export type Namespace = `/chat/${string}`;",
        "export type Auth = Login & { $contract?: string };",
        "export type Refusal = { code: Wrong | \"bad_auth\" | \"bad_path\" | \"contract\" | \"internal\" };",
    ] {
        assert!(chat.contains(line), "{line} is not in\n{chat}");
    }
    assert!(
        Catalogue::of::<Chat>()
            .to_typescript()
            .contains("/**\n * A room.\n *\n * With people in it.\n */\nexport namespace Chat {")
    );
    let plain = block(&Catalogue::of::<Plain>(), "Plain");
    assert!(plain.contains("export type Namespace = \"/\";") && !plain.contains("Auth"), "{plain}");
}

#[test]
fn a_method_with_two_names_is_two_events_and_what_the_server_hands_in_is_none_of_their_arguments() {
    let plain = block(&Catalogue::of::<Plain>(), "Plain");
    for name in ["pong", "ping"] {
        assert!(plain.contains(&format!("    {name}: (\n")), "{plain}");
    }
    assert!(plain.contains("    type: (ack?: (failed?: Failed) => void) => void;\n"), "{plain}");
    assert!(
        plain.contains("| [_2: number, _3: [number, number], ack: (answer: string | Failed) => void]"),
        "{plain}"
    );
}

#[test]
fn several_handlers_share_types_and_of_two_with_one_name_the_second_has_a_number() {
    let catalogue = Catalogue::of::<Chat>().and::<Plain>().and::<other::Plain>();
    let text = catalogue.to_typescript();
    for name in ["Chat", "Plain", "Plain2"] {
        assert_eq!(text.matches(&format!("export namespace {name} {{")).count(), 1, "{text}");
    }
    assert_eq!(text.matches("export interface Line {").count(), 1, "{text}");
    assert!(
        block(&catalogue, "Plain2").contains("export interface ClientToServerEvents {}"),
        "not what is not compiled"
    );
    assert_eq!(text, Catalogue::of::<Chat>().and::<Plain>().and::<other::Plain>().to_typescript());
}

mod versions {
    /// The same handler with one thing changed.
    macro_rules! version {
        ($name:ident, $doc:literal, $event:literal, $arg:ty, $answer:ty) => {
            pub(super) mod $name {
                use crate::prelude::*;

                #[doc = $doc]
                #[derive(Handler, Default)]
                pub(in super::super) struct Lobby;

                #[derive(Debug, thiserror::Error, Fault)]
                enum Wrong {
                    #[error("other")]
                    Other,
                }

                #[events(catalogue)]
                impl Lobby {
                    #[event]
                    fn fail(&self) -> Result<(), Wrong> {
                        Err(Wrong::Other)
                    }

                    #[doc = $doc]
                    #[event($event)]
                    fn say(&self, _text: $arg) -> $answer {
                        Default::default()
                    }
                }
            }
        };
    }
    version!(first, "One.", "say", String, u8);
    version!(told, "Other words.", "say", String, u8);
    version!(event, "One.", "tell", String, u8);
    version!(argument, "One.", "say", u64, u8);
    version!(answer, "One.", "say", String, Vec<u8>);
}

#[test]
fn the_contract_is_of_names_and_types_and_not_of_words() {
    use versions::{answer, argument, event, first, told};
    let contract = Catalogue::of::<first::Lobby>().contract();
    // Whoever changes how types are written changes this, and makes every front end of every app stale.
    assert_eq!(contract, "54543e516457e70b");
    assert_eq!(contract, Catalogue::of::<told::Lobby>().contract());
    for other in [
        Catalogue::of::<event::Lobby>(),
        Catalogue::of::<argument::Lobby>(),
        Catalogue::of::<answer::Lobby>(),
        Catalogue::of::<first::Lobby>().and::<Plain>(),
    ] {
        assert_ne!(contract, other.contract());
    }
}

#[test]
fn each_kind_of_file_has_the_contract_in_its_own_words() {
    let catalogue = Catalogue::of::<Plain>();
    let contract = catalogue.contract();
    assert!(catalogue.to_typescript().contains(&format!("export const CONTRACT = \"{contract}\";\n")));
    assert!(
        catalogue.to_declarations().contains(&format!("export declare const CONTRACT: \"{contract}\";\n"))
    );
    assert!(catalogue.to_javascript().ends_with(&format!("export const CONTRACT = \"{contract}\";\n")));
    assert!(catalogue.to_asyncapi().contains(&format!("\"version\": \"{contract}\"")));
}

#[test]
fn a_document_has_a_channel_for_each_namespace_and_an_operation_for_each_event() {
    let catalogue = Catalogue::of::<Chat>().and::<Plain>().titled("Both");
    let document: serde_json::Value = serde_json::from_str(&catalogue.to_asyncapi()).expect("JSON");
    assert_eq!(document["info"]["title"], "Both");
    let chat = &document["channels"]["Chat"];
    assert_eq!(
        (&chat["address"], &chat["parameters"]),
        (&"/chat/{id}".into(), &serde_json::json!({ "id": {} }))
    );
    let say = &document["operations"]["Chat.receive.chat_message"];
    assert_eq!((&say["action"], &say["summary"]), (&"receive".into(), &"Says a line.".into()));
    assert_eq!(say["reply"]["messages"][0]["$ref"], "#/channels/Chat/messages/receive.chat_message.ack");
    let arguments = &chat["messages"]["receive.chat_message"]["payload"];
    assert_eq!((&arguments["title"], &arguments["minItems"]), (&"(room, reply?, why?)".into(), &1.into()));
    assert_eq!(document["operations"]["Chat.send.said"]["action"], "send");
    assert!(document["operations"]["Chat.send.said"]["reply"].is_null());
    assert_eq!(document["operations"]["Chat.send.are_you_sure"]["action"], "send");
    assert_eq!(document["operations"]["Plain.receive.ping"]["action"], "receive");
}
