//! Every acknowledgement that is asked for is answered, exactly once.

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Handler, Default)]
struct Desk {
    asked: u32,
    open: bool,
}

#[derive(Debug, thiserror::Error, Fault)]
enum DeskError {
    #[error("{0} is not on the list")]
    NotListed(String),
    #[error("at most {max}")]
    #[fault(code = "limit")]
    TooMany { max: u8 },
    #[error("disk 7 is full")]
    #[fault(hidden)]
    Storage,
}

#[derive(Deserialize)]
struct Order {
    item: String,
    count: u8,
}

impl Validate for Order {
    fn validate(&self) -> Result<(), Fault> {
        if self.count > 0 { Ok(()) } else { Err(Fault::new("invalid", "must be positive").at("/count")) }
    }
}

#[derive(Serialize)]
struct Unwritable(#[serde(serialize_with = "refuse")] u8);

fn refuse<S: serde::Serializer>(_: &u8, _: S) -> Result<S::Ok, S::Error> {
    Err(serde::ser::Error::custom("never"))
}

#[events]
impl Desk {
    #[event]
    fn probe(&self) {}

    #[event]
    fn count(&mut self) -> u32 {
        self.asked += 1;
        self.asked
    }

    #[event("what is up?")]
    fn up(&self) -> &'static str {
        "all"
    }

    #[event]
    fn pair(&self) -> (u8, u8) {
        (1, 2)
    }

    #[event]
    fn find(&self, name: &str) -> Result<u32, DeskError> {
        match name {
            "ann" => Ok(7),
            "disk" => Err(DeskError::Storage),
            "many" => Err(DeskError::TooMany { max: 3 }),
            other => Err(DeskError::NotListed(other.to_owned())),
        }
    }

    #[event]
    async fn parse(&mut self, text: &str) -> greenroom::Result<u8> {
        Ok(text.parse()?)
    }

    #[event]
    fn order(&mut self, order: Order) -> String {
        format!("{} {}", order.count, order.item)
    }

    #[event(strict)]
    fn exactly(&self, a: u8) -> u8 {
        a
    }

    #[event(strict)]
    fn exactly_later(&self, a: u8, ack: Ack<u8>) {
        ack.send(a);
    }

    #[event]
    fn orders(&self, table: u8, orders: Rest<Order>) -> usize {
        usize::from(table) + orders.0.len()
    }

    #[event]
    fn both(&self, orders: [Order; 2]) -> usize {
        orders.len()
    }

    #[event]
    fn listed(&self, orders: &[Order]) -> usize {
        orders.len()
    }

    #[event]
    fn maybe(&self, order: Option<Order>) -> bool {
        order.is_some()
    }

    #[event]
    #[expect(clippy::boxed_local, reason = "a box is what the test sends to")]
    fn boxed(&self, order: Box<Order>) -> String {
        order.item
    }

    #[event]
    fn unwritable(&self) -> Unwritable {
        Unwritable(0)
    }

    #[event]
    fn open(&mut self, open: bool) {
        self.open = open;
    }

    #[event(guard = Self::is_open)]
    fn enter(&self) -> bool {
        true
    }

    #[event(guard = Self::is_open)]
    async fn enter_later(&mut self) -> bool {
        true
    }

    #[event(guard = Self::is_open)]
    async fn enter_beside() -> bool {
        true
    }

    #[event(guard = Self::has_asked)]
    fn thanks(&self) {}

    #[event]
    fn slow(&self, cx: &Cx<Self>, text: String, ack: Ack<usize>) {
        assert!(ack.wanted());
        cx.spawn(async move { ack.send(text.len()) });
    }

    #[event]
    fn silent(&self, _ack: Ack<u8>) {}

    #[event]
    fn refuses(&self, ack: Ack<u8>) {
        ack.fail(DeskError::TooMany { max: 1 });
    }

    #[event]
    fn breaks(&mut self) -> u8 {
        panic!("as the test wants");
    }

    #[event]
    async fn breaks_later(&mut self) -> u8 {
        std::future::ready(()).await;
        panic!("as the test wants");
    }

    #[event]
    async fn breaks_beside() -> u8 {
        std::future::ready(()).await;
        panic!("as the test wants");
    }

    #[event]
    fn breaks_holding(&self, _ack: Ack<u8>) {
        panic!("as the test wants");
    }

    fn is_open(&self, _cx: &Cx<Self>) -> bool {
        self.open
    }

    fn has_asked(&self, _cx: &Cx<Self>) -> Result<(), Fault> {
        if self.asked > 0 { Ok(()) } else { Err(Fault::new("rude", "ask first")) }
    }
}

async fn desk() -> (greenroom_tests::server::Server, Client) {
    let server = serve(&Greenroom::new().mount::<Desk>());
    let client = Client::connect(server.addr).await;
    (server, client)
}

fn fault(code: &str, message: &str) -> serde_json::Value {
    json!([{ "ok": false, "error": { "code": code, "message": message } }])
}

fn fault_at(code: &str, message: &str, at: &str) -> serde_json::Value {
    json!([{ "ok": false, "error": { "code": code, "message": message, "at": at } }])
}

#[test]
fn a_returned_value_is_the_answer_and_nothing_is_an_empty_one() {
    run(async {
        let (_server, mut client) = desk().await;
        assert_eq!(client.ask(1, r#""probe""#).await, json!([]));
        assert_eq!(client.ask(2, r#""count""#).await, json!([1]));
        assert_eq!(client.ask(3, r#""count""#).await, json!([2]));
        assert_eq!(client.ask(4, r#""what is up?""#).await, json!(["all"]));
        assert_eq!(client.ask(5, r#""pair""#).await, json!([[1, 2]]));
        client.send(r#"2["count"]"#).await;
        client.nothing_else().await;
    });
}

#[test]
fn a_result_tells_good_from_bad() {
    run(async {
        let (_server, mut client) = desk().await;
        assert_eq!(client.ask(1, r#""find","ann""#).await, json!([{ "ok": true, "data": 7 }]));
        assert_eq!(client.ask(2, r#""find","bob""#).await, fault("not_listed", "bob is not on the list"));
        assert_eq!(client.ask(3, r#""find","many""#).await, fault("limit", "at most 3"));
        assert_eq!(client.ask(4, r#""find","disk""#).await, fault("storage", "internal error"));
        assert_eq!(client.ask(5, r#""parse","7""#).await, json!([{ "ok": true, "data": 7 }]));
        assert_eq!(client.ask(6, r#""parse","x""#).await, fault("internal", "internal error"));
    });
}

/// Rows: TYP-06
#[test]
fn an_argument_that_is_wrong_or_missing_is_named() {
    run(async {
        let (_server, mut client) = desk().await;
        let wrong = "argument 1 `name`: invalid type: integer `5`, expected a string";
        assert_eq!(client.ask(1, r#""find",5"#).await, fault_at("bad_argument", wrong, "/1"));
        let missing = "argument 1 `name` is missing";
        assert_eq!(client.ask(2, r#""find""#).await, fault_at("missing_argument", missing, "/1"));
        let more = "this event takes 1 arguments";
        assert_eq!(client.ask(3, r#""exactly",1,2"#).await, fault("too_many_arguments", more));
        assert_eq!(client.ask(4, r#""exactly",1"#).await, json!([1]));
        assert_eq!(client.ask(5, r#""exactly_later",1,2"#).await, fault("too_many_arguments", more));
        assert_eq!(client.ask(6, r#""exactly_later",1"#).await, json!([1]));
    });
}

/// Rows: TYP-06
#[test]
fn a_payload_with_rules_is_checked_without_a_word_at_the_handler() {
    run(async {
        let (_server, mut client) = desk().await;
        assert_eq!(client.ask(1, r#""order",{"item":"tea","count":2}"#).await, json!(["2 tea"]));
        let broken = "argument 1 `order`: must be positive";
        let answer = client.ask(2, r#""order",{"item":"tea","count":0}"#).await;
        assert_eq!(answer, fault_at("invalid", broken, "/1/count"));
    });
}

#[test]
fn rules_hold_for_each_of_many_and_inside_a_box_an_array_and_an_option() {
    run(async {
        let (_server, mut client) = desk().await;
        let (good, bad) = (r#"{"item":"tea","count":2}"#, r#"{"item":"tea","count":0}"#);
        assert_eq!(client.ask(1, &format!(r#""orders",4,{good},{good}"#)).await, json!([6]));
        for (event, arguments, name, place) in [
            ("orders", format!("4,{good},{bad}"), "argument 3 `orders`", "/3/count"),
            ("both", format!("[{good},{bad}]"), "argument 1 `orders`", "/1/1/count"),
            ("listed", format!("[{good},{bad}]"), "argument 1 `orders`", "/1/1/count"),
            ("maybe", bad.to_owned(), "argument 1 `order`", "/1/count"),
            ("boxed", bad.to_owned(), "argument 1 `order`", "/1/count"),
        ] {
            let answer = client.ask(2, &format!("{event:?},{arguments}")).await;
            assert_eq!(answer, fault_at("invalid", &format!("{name}: must be positive"), place), "{event}");
        }
    });
}

#[test]
fn a_guard_that_says_no_is_answered_whatever_kind_of_method_it_guards() {
    run(async {
        let (_server, mut client) = desk().await;
        for (id, event) in ["enter", "enter_later", "enter_beside"].iter().enumerate() {
            let answer = client.ask(id as u64, &format!("{event:?}")).await;
            assert_eq!(answer, fault("forbidden", "not allowed"), "{event}");
        }
        client.send(r#"2["open",true]"#).await;
        for (id, event) in ["enter", "enter_later", "enter_beside"].iter().enumerate() {
            assert_eq!(client.ask(id as u64, &format!("{event:?}")).await, json!([true]), "{event}");
        }
        assert_eq!(client.ask(7, r#""thanks""#).await, fault("rude", "ask first"));
    });
}

#[test]
fn an_unknown_event_is_answered_and_the_connection_goes_on() {
    run(async {
        let (_server, mut client) = desk().await;
        client.send(r#"2["nonsense"]"#).await;
        assert_eq!(client.ask(1, r#""nonsense""#).await, fault("unknown_event", "no handler for `nonsense`"));
        client.nothing_else().await;
    });
}

#[test]
fn an_answer_that_cannot_be_written_is_answered_internal() {
    run(async {
        let (_server, mut client) = desk().await;
        assert_eq!(client.ask(1, r#""unwritable""#).await, fault("internal", "internal error"));
        client.nothing_else().await;
    });
}

#[test]
fn an_ack_may_come_later_and_one_that_is_dropped_says_so() {
    run(async {
        let (_server, mut client) = desk().await;
        assert_eq!(client.ask(1, r#""slow","four""#).await, json!([4]));
        assert_eq!(client.ask(2, r#""silent""#).await, fault("no_answer", "the server gave no answer"));
        assert_eq!(client.ask(3, r#""refuses""#).await, fault("limit", "at most 1"));
        client.nothing_else().await;
    });
}

#[test]
fn a_panic_is_answered_internal_and_the_next_connection_starts_fresh() {
    run(async {
        let (server, mut client) = desk().await;
        for event in ["breaks", "breaks_later", "breaks_beside", "breaks_holding"] {
            assert_eq!(client.ask(1, r#""count""#).await, json!([1]), "{event}");
            assert_eq!(
                client.ask(2, &format!("{event:?}")).await,
                fault("internal", "internal error"),
                "{event}"
            );
            client.closed().await;
            client = Client::connect(server.addr).await;
        }
    });
}
