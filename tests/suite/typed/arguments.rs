//! The positional arguments of `emit` are the parameters of the method.

use std::borrow::Cow;

use greenroom::Args;
use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::{Server, serve};
use greenroom_tests::socket_io::Client;
use serde::Deserialize;
use serde_json::json;

#[derive(Clone)]
struct App {
    name: &'static str,
}

struct Locale(String);

impl FromContext<Reader> for Locale {
    type Error = Fault;

    fn from_context(cx: &Cx<Reader>) -> Result<Self, Fault> {
        match cx.socket().handshake().query("lang") {
            Some("xx") => Err(Fault::new("no_such_language", "unknown")),
            Some(lang) => Ok(Self(lang.to_owned())),
            None => Ok(Self("en".into())),
        }
    }
}

#[derive(Deserialize)]
struct Options<'a> {
    #[serde(borrow)]
    color: Cow<'a, str>,
}

/// A payload that has the name of something that is handed in.
mod theirs {
    #[derive(serde::Deserialize)]
    pub struct State(pub String);
}

#[derive(Handler, Default)]
#[handler(state = App)]
struct Reader;

#[events]
impl Reader {
    #[event]
    fn text(&self, text: &str) -> String {
        text.to_owned()
    }

    #[event]
    async fn text_later(&mut self, text: &str) -> String {
        std::future::ready(()).await;
        text.to_owned()
    }

    #[event]
    fn tail(&self, a: u8, b: Option<u8>, c: Option<&str>) -> String {
        format!("{a} {b:?} {c:?}")
    }

    #[event]
    fn rest(&self, first: u8, rest: Rest<u8>) -> u8 {
        first + rest.0.iter().sum::<u8>()
    }

    #[event]
    fn cursor(&self, mut args: Args<'_>) -> greenroom::Result<String> {
        Ok(format!("{} {}", args.next::<u8>()?, args.next::<String>()?))
    }

    #[event]
    fn lent(&self, names: &[String], options: &Options<'_>) -> String {
        format!("{} {}", names.join("+"), options.color)
    }

    #[event]
    fn pattern(&self, (x, y): (i32, i32)) -> i32 {
        x * y
    }

    #[event]
    fn swap(&self, name: &str, bytes: Binary) -> Binary {
        let mut bytes = bytes.0.to_vec();
        bytes.extend_from_slice(name.as_bytes());
        Binary::from(bytes)
    }

    #[event]
    fn handed_in(&self, state: State<App>, n: u8, socket: Socket, #[cx] locale: Locale) -> String {
        format!("{} {n} {} {}", state.name, socket.namespace(), locale.0)
    }

    #[event]
    fn same_name(&self, #[payload] state: theirs::State) -> String {
        state.0
    }

    #[fallback]
    fn other(&mut self, event: &str, rest: Rest<serde_json::Value>) -> String {
        format!("{event} with {}", rest.0.len())
    }
}

async fn reader(query: &str) -> (Server, Client) {
    let server = serve(&Greenroom::new().mount_with::<Reader>(App { name: "app" }));
    let mut client = Client::open_at(server.addr, query).await;
    client.join("/").await;
    (server, client)
}

#[test]
fn borrowed_text_may_have_escapes_also_across_an_await() {
    run(async {
        let (_server, mut client) = reader("").await;
        for event in ["text", "text_later"] {
            for text in [r#""plain""#, r#""a \"quoted\" line\nand \u00e9""#, r#""""#] {
                let answer = client.ask(1, &format!("{event:?},{text}")).await;
                assert_eq!(
                    answer.to_string(),
                    serde_json::from_str::<serde_json::Value>(&format!("[{text}]")).unwrap().to_string()
                );
            }
        }
    });
}

#[test]
fn arguments_at_the_end_may_be_left_out_or_null() {
    run(async {
        let (_server, mut client) = reader("").await;
        assert_eq!(client.ask(1, r#""tail",1"#).await, json!(["1 None None"]));
        assert_eq!(client.ask(2, r#""tail",1,null,"x""#).await, json!(["1 None Some(\"x\")"]));
        assert_eq!(client.ask(3, r#""tail",1,2,"x","ignored""#).await, json!(["1 Some(2) Some(\"x\")"]));
    });
}

/// Rows: TYP-02
#[test]
fn the_rest_a_cursor_lent_values_and_patterns_are_arguments_too() {
    run(async {
        let (_server, mut client) = reader("").await;
        assert_eq!(client.ask(1, r#""rest",1,2,3"#).await, json!([6]));
        assert_eq!(client.ask(2, r#""rest",1"#).await, json!([1]));
        assert_eq!(client.ask(3, r#""cursor",1,"x""#).await, json!([{ "ok": true, "data": "1 x" }]));
        assert_eq!(client.ask(4, r#""lent",["a","b"],{"color":"r\"d"}"#).await, json!(["a+b r\"d"]));
        assert_eq!(client.ask(5, r#""pattern",[6,7]"#).await, json!([42]));
    });
}

#[test]
fn binary_comes_in_and_goes_out_as_attachments() {
    run(async {
        let (_server, mut client) = reader("").await;
        client.send(r#"51-9["swap","x",{"_placeholder":true,"num":0}]"#).await;
        client.attach(&[1, 2]).await;
        client.expect(r#"61-9[{"_placeholder":true,"num":0}]"#).await;
        assert_eq!(client.next_binary().await, [1, 2, b'x']);
    });
}

#[test]
fn what_the_server_hands_in_takes_no_place_among_the_arguments() {
    run(async {
        let (_server, mut client) = reader("&lang=de").await;
        assert_eq!(client.ask(1, r#""handed_in",5"#).await, json!(["app 5 / de"]));
        assert_eq!(client.ask(2, r#""same_name","Ohio""#).await, json!(["Ohio"]));
        let (_server, mut client) = reader("&lang=xx").await;
        assert_eq!(client.ask(1, r#""handed_in",5"#).await[0]["error"]["code"], "no_such_language");
    });
}

/// Rows: TYP-07
#[test]
fn the_fallback_gets_what_nothing_else_answers() {
    run(async {
        let (_server, mut client) = reader("").await;
        assert_eq!(client.ask(1, r#""no such \"event\"",1,2"#).await, json!(["no such \"event\" with 2"]));
    });
}
