//! The test client: what it sends, hears and says when a test fails.

use std::cell::Cell;
use std::future::IntoFuture;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use greenroom::prelude::*;
use greenroom::testing::{Left, Raw, TestServer};
use greenroom::{Args, Options};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Post {
    id: u32,
    text: String,
}

/// Nobody can send it back: a test client that must not need `Serialize` takes `Raw` for it.
#[derive(Deserialize)]
struct Token {
    token: String,
}

#[client]
trait RoomClient {
    fn posted(&self, room: &str, post: &Post);
    fn image(&self, png: &Binary);
    #[event("are you sure")]
    async fn sure(&self, question: &str) -> bool;
}

#[derive(Debug, thiserror::Error, Fault)]
enum Wrong {
    #[error("join {0} first")]
    NotInRoom(String),
}

/// Why clients left, in the order they did.
type Leavers = Arc<Mutex<Vec<&'static str>>>;

#[derive(Handler)]
#[handler(ns = "/room", state = Leavers, client = RoomClient)]
struct Room {
    sent: u32,
}

#[events]
impl Room {
    #[connect]
    async fn connect(cx: &Connect<Self>, Auth(login): Auth<Token>) -> Result<Self, Refuse> {
        let known = login.token == "ann" || cx.handshake().header("cookie") == Some("bob");
        if known { Ok(Self { sent: 0 }) } else { Err(Refuse::new("bad_token", "log in again")) }
    }

    /// Answers with how many are there.
    #[event]
    fn join(&mut self, cx: &Cx<Self>, room: &str) -> usize {
        cx.join(room);
        cx.count(room)
    }

    #[event("post message")]
    async fn post(
        &mut self,
        cx: &Cx<Self>,
        room: String,
        text: &str,
        to: Option<&str>,
    ) -> Result<u32, Wrong> {
        if !cx.is_in(&room) {
            return Err(Wrong::NotInRoom(room));
        }
        tokio::task::yield_now().await;
        self.sent += 1;
        let text = to.map_or_else(|| text.to_owned(), |to| format!("@{to} {text}"));
        cx.to(&room).posted(&room, &Post { id: self.sent, text });
        Ok(self.sent)
    }

    #[event]
    fn check(&self, token: Token) -> bool {
        token.token == "ann"
    }

    #[event]
    fn sum(&self, list: &[u32], rest: Rest<u32>) -> u32 {
        list.iter().sum::<u32>() + rest.0.iter().sum::<u32>()
    }

    #[event]
    fn count(&self, level: u8, mut args: Args<'_>) -> Result<(u8, Value), Fault> {
        Ok((level, args.next()?))
    }

    #[event]
    fn image(&self, cx: &Cx<Self>, png: Binary) -> Binary {
        cx.others().image(&png);
        png
    }

    #[event]
    async fn vote(&mut self, cx: &Cx<Self>) -> greenroom::Result<usize> {
        let votes = cx.everyone().sure("close it?").await?;
        Ok(votes.replies.iter().filter(|(_, yes)| *yes).count())
    }

    #[event]
    fn later(&self, name: String, ack: Ack<String>) {
        ack.send(format!("{name}, later"));
    }

    /// Long after it was asked.
    #[event]
    async fn slowly(&mut self, cx: &Cx<Self>) {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        cx.everyone().posted("slow", &Post { id: 0, text: "at last".into() });
    }

    #[event]
    async fn never(&mut self) {
        std::future::pending().await
    }

    #[event]
    async fn rest(&mut self) {
        tokio::time::sleep(Duration::from_millis(150)).await;
    }

    #[event]
    fn go(&self, cx: &Cx<Self>) {
        cx.disconnect();
    }

    #[event]
    fn crash(&self) -> &'static str {
        panic!("a handler that breaks")
    }

    #[disconnect]
    async fn bye(&mut self, cx: &Cx<Self>, why: Disconnect) {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        cx.state().lock().expect("nobody panics").push(why.as_str());
    }
}

#[derive(Deserialize)]
struct At {
    id: u32,
}

#[derive(Handler)]
#[handler(ns = "/team/{id}")]
struct Team {
    id: u32,
}

#[events]
impl Team {
    #[connect]
    fn connect(Path(at): Path<At>) -> Self {
        Self { id: at.id }
    }

    #[event]
    fn number(&self) -> u32 {
        self.id
    }
}

trait Store: Default + Send + 'static {
    fn put(&self, key: &str) -> usize;
}

#[derive(Default)]
struct Memory(Cell<usize>);

impl Store for Memory {
    fn put(&self, key: &str) -> usize {
        self.0.set(self.0.get() + key.len());
        self.0.get()
    }
}

#[derive(Handler, Default)]
#[handler(ns = "/kv")]
struct Kv<S: Store> {
    store: S,
}

#[events]
impl<S: Store> Kv<S> {
    #[event]
    fn put(&self, key: &str) -> usize {
        self.store.put(key)
    }
}

fn server() -> (TestServer, Leavers) {
    let leavers = Leavers::default();
    let io = Greenroom::builder(Options::new().keep_headers(true)).build().expect("good options");
    let io = io.mount_with::<Room>(leavers.clone()).mount::<Team>().mount::<Kv<Memory>>();
    (TestServer::new(io), leavers)
}

fn ann() -> serde_json::Value {
    json!({ "token": "ann" })
}

/// What a test would say that waits for this.
async fn failure<T>(what: impl IntoFuture<Output = T>) -> String {
    let panic = AssertUnwindSafe(what.into_future()).catch_unwind().await.err().expect("it fails");
    panic.downcast::<String>().map_or_else(|_| "no text".into(), |text| *text)
}

#[actix_web::test]
async fn an_event_is_a_method_and_its_answer_a_result() {
    let (app, _) = server();
    let ann = app.connect::<Room>(ann()).await.expect("let in");
    assert_eq!(ann.join("lobby").await, Ok(1));
    assert_eq!(ann.post("lobby", "hi \"all\"", None).await, Ok(1));
    assert_eq!(ann.post("lobby", "hi", Some("bob")).await, Ok(2));
    let fault = ann.post("attic", "hi", None).await.expect_err("not there");
    assert_eq!((fault.code(), fault.message()), ("not_in_room", "join attic first"));
    assert_eq!(ann.later("soon").await.as_deref(), Ok("soon, later"));
    assert_eq!(ann.sum(&[1, 2], [3, 4]).await, Ok(10));
    assert_eq!(ann.count(7, [json!([1])]).await.map(|(level, _)| level), Ok(7));
    assert_eq!(ann.check(Raw(json!({ "token": "ann" }))).await, Ok(true));
}

#[actix_web::test]
async fn an_event_is_sent_by_its_name_too() {
    let (app, _) = server();
    let ann = app.connect::<Room>(ann()).await.expect("let in");
    ann.push("join", "lobby").assert_reply(1).await;
    let id: u32 = ann.push("post message", ("lobby", "hi")).await.expect("an id");
    assert_eq!(id, 1);
    let fault = ann.push::<usize>("join", 7).assert_fault("bad_argument").await;
    assert_eq!(fault.place(), Some("/1"));
    ann.push::<()>("jion", "lobby").assert_fault("unknown_event").await;
    assert_eq!(ann.connection().raw(r#"2/room,70["join","lobby"]"#).await, "3/room,70[1]");
}

#[actix_web::test]
async fn what_a_handler_sends_is_expected_in_the_contract_s_words() {
    let (app, _) = server();
    let ann = app.connect::<Room>(ann()).await.expect("let in");
    let bob =
        app.visitor().header("Cookie", "bob").connect::<Room>(json!({ "token": "?" })).await.expect("let in");
    for (client, members) in [(&ann, 1), (&bob, 2)] {
        client.join("lobby").assert_reply(members).await;
    }
    for text in ["one", "two", "three", "four"] {
        ann.post("lobby", text, None).await.expect("an id");
    }
    // In whatever order; the rest waits.
    bob.assert_heard(|to| to.posted("lobby", &Post { id: 3, text: "three".into() })).await;
    bob.assert_broadcast("posted", ("lobby", json!({ "text": "one", "id": 1 }))).await;
    let (room, post) = bob.next().posted().await;
    assert_eq!((room.as_str(), post.text.as_str()), ("lobby", "two"));
    ann.assert_silent().await;
    assert!(
        failure(bob.assert_silent()).await.contains(r#"came and was not taken: posted ["lobby",{"id":4"#)
    );
    bob.forget().await;
    bob.assert_silent().await;
    app.io().ns::<Room>().within("lobby").posted("outside", &Post { id: 9, text: String::new() });
    let (room, _): (String, Post) = bob.expect("posted").await;
    assert_eq!(room, "outside");
}

#[actix_web::test]
async fn a_refusal_says_why() {
    let (app, _) = server();
    let refused = app.connect::<Room>(json!({ "token": "eve" })).await.expect_err("nobody knows eve");
    assert_eq!((refused.code.as_str(), refused.message.as_str()), ("bad_token", "log in again"));
    assert_eq!(refused.data, Some(json!({ "code": "bad_token" })));
    let refused = app.connect::<Room>(()).await.expect_err("no token");
    assert_eq!(refused.code, "bad_auth");
    let said = failure(app.connect::<Room>(7)).await;
    assert!(said.contains("`auth` is an object, or `()` for none; this is `7`"), "{said}");
    let refused = app.connect_to("/nowhere", ()).await.expect_err("nothing there");
    assert_eq!((refused.code.as_str(), refused.message.as_str()), ("", "Invalid namespace"));
    let gate = |request: Arc<greenroom::Request>| async move {
        if request.query("key") == Some("1") { Ok(()) } else { Err(Refuse::because("no key")) }
    };
    let io = Greenroom::builder(Options::new()).allow_request(gate).build().expect("good options");
    let app = TestServer::new(io.mount::<Team>());
    let refused = app.connect_at::<Team>("/team/1", ()).await.expect_err("no key");
    assert_eq!((refused.code.as_str(), refused.message.as_str()), ("connection", "no key"));
    app.visitor().query("key", "1").open().await.expect("a key");
}

#[actix_web::test]
async fn silence_is_decided_when_every_handler_has_ended() {
    let (app, _) = server();
    let ann = app.connect::<Room>(ann()).await.expect("let in");
    let bob = app.connect::<Room>(json!({ "token": "ann" })).await.expect("let in");
    ann.emit("slowly", ());
    assert!(failure(bob.assert_silent()).await.contains("at last"));
    bob.forget().await;
    ann.emit("slowly", ());
    assert!(failure(bob.assert_not_heard("posted")).await.contains("should not have heard `posted`"));
    bob.assert_not_heard("image").await;

    let app = app.patience(Duration::from_millis(50));
    ann.emit("never", ());
    assert!(failure(bob.assert_silent()).await.contains("a handler is still at work after 50ms"));
    drop(app);
}

#[actix_web::test]
async fn a_client_answers_what_the_server_asks() {
    let (app, _) = server();
    let ann = app.connect::<Room>(ann()).await.expect("let in");
    let bob = app.connect::<Room>(json!({ "token": "ann" })).await.expect("let in");
    let eve = app.connect::<Room>(json!({ "token": "ann" })).await.expect("let in");
    let votes = ann.vote();
    ann.assert_asked(|to| to.sure("close it?")).await.answer(true);
    let question = bob.expect_question::<String, bool>("are you sure").await;
    assert_eq!(question.args, "close it?");
    // The handler waits for the test: that is no reason not to answer here.
    ann.assert_silent().await;
    question.answer(false);
    eve.disconnect().await;
    assert_eq!(votes.await, Ok(1));

    let votes = ann.vote();
    ann.next().sure().await.answer(true);
    let question = bob.next().sure().await;
    assert_eq!(question.args, "close it?");
    question.answer(true);
    assert_eq!(votes.await, Ok(2));
}

#[actix_web::test]
async fn binary_arguments_go_both_ways() {
    let (app, _) = server();
    let ann = app.connect::<Room>(ann()).await.expect("let in");
    let bob = app.connect::<Room>(json!({ "token": "ann" })).await.expect("let in");
    let png = Binary::from(vec![7; 70_000]);
    assert_eq!(ann.image(&png).await, Ok(png.clone()));
    bob.assert_heard(|to| to.image(&png)).await;
    ann.image(Binary::from(vec![1])).await.expect("an image");
    assert_eq!(bob.next().image().await, Binary::from(vec![1]));
    ann.image(Binary::from(vec![2])).await.expect("an image");
    assert_eq!(bob.expect::<Binary>("image").await, Binary::from(vec![2]));
}

#[actix_web::test]
async fn each_side_may_end_it_and_hooks_have_run_when_it_has_ended() {
    let (app, leavers) = server();
    let connect = || async { app.connect::<Room>(ann()).await.expect("let in") };
    let reasons = || std::mem::take(&mut *leavers.lock().expect("nobody panics"));
    connect().await.disconnect().await;
    assert_eq!(reasons(), ["client namespace disconnect"]);

    let ann = connect().await;
    ann.connection().close().await;
    assert_eq!((reasons(), ann.assert_left().await), (vec!["transport close"], Left::Connection(Some(1000))));

    let ann = connect().await;
    ann.connection().cut().await;
    assert_eq!((reasons(), ann.assert_left().await), (vec!["transport close"], Left::Connection(None)));

    let ann = connect().await;
    let never = ann.never();
    ann.connection().cut().now_or_never();
    assert!(failure(never).await.contains("was not answered before the client left (transport close)"));

    let ann = connect().await;
    ann.emit("go", ());
    assert_eq!(ann.assert_left().await, Left::Namespace);
    assert!(
        failure(ann.expect::<()>("posted")).await.contains("before the client left (io server disconnect)")
    );

    let ann = connect().await;
    ann.crash().assert_fault("internal").await;
    assert!(matches!(ann.assert_left().await, Left::Connection(_)));

    let ann = connect().await;
    assert!(app.io().close().await, "everybody has gone in time");
    assert_eq!(ann.assert_left().await, Left::Connection(Some(1001)));
    let refused = app.connect::<Room>(self::ann()).await.expect_err("it has closed");
    assert_eq!((refused.code.as_str(), refused.message.as_str()), ("connection", "Service unavailable"));
}

#[actix_web::test]
async fn one_connection_joins_many_namespaces_of_patterns_and_closures_too() {
    let (app, _) = server();
    let io = app.io();
    io.of("/plain").on_connection(|socket| {
        socket.on("add", |_: Socket, a: u32, b: u32| a + b);
        socket.on("both", |_: Socket, ack: AckFn| ack.send((1, "two")));
    });
    let ann = app.connect_at::<Team>("/team/7", ()).await.expect("let in");
    let connection = ann.connection();
    let other = connection.join_at::<Team>("/team/8", ()).await.expect("let in");
    let kv = connection.join::<Kv<Memory>>(()).await.expect("let in");
    let plain = connection.join_to("/plain", ()).await.expect("let in");
    assert_eq!((ann.number().await, other.number().await), (Ok(7), Ok(8)));
    assert_eq!((kv.put("key").await, kv.put("key").await), (Ok(3), Ok(6)));
    plain.push("add", (1, 2)).assert_reply(3).await;
    plain.push("both", ()).assert_reply((1, "two".to_owned())).await;
    io.of("/plain").emit("news", (1, "x"));
    plain.assert_heard(|to| to.emit("news", (1, "x"))).await;
    assert_eq!(io.session_count(), 1);
    other.disconnect().await;
    assert_eq!(ann.number().await, Ok(7));
}

#[actix_web::test]
async fn a_failure_tells_where_and_what_came_instead() {
    let (app, _) = server();
    let app = app.patience(Duration::from_millis(50));
    let ann = app.connect::<Room>(ann()).await.expect("let in");
    let bob = app.connect::<Room>(json!({ "token": "ann" })).await.expect("let in");
    ann.join("lobby").await.expect("let in");
    bob.join("lobby").await.expect("let in");
    ann.post("lobby", "one", None).await.expect("an id");

    let said = failure(bob.assert_heard(|to| to.posted("lobby", &Post { id: 1, text: "two".into() }))).await;
    assert!(
        said.starts_with(r#"/room: `posted` with ["lobby",{"id":1,"text":"two"}] did not come in 50ms"#),
        "{said}"
    );
    assert!(said.contains(r#"came and was not taken: posted ["lobby",{"id":1,"text":"one"}]"#), "{said}");
    assert!(
        said.contains("at tests/suite/typed/testing.rs:") || said.contains("at suite/typed/testing.rs:"),
        "{said}"
    );
    assert!(said.contains("→ 2/room,0[\"join\",\"lobby\"]\n  ← 3/room,0[2]\n"), "{said}");

    let said = failure(bob.expect::<(u8, Post)>("posted")).await;
    assert!(said.contains("which is no `(u8, ") && said.contains("invalid type: string"), "{said}");
    let said = failure(ann.next().posted()).await;
    assert!(said.starts_with("/room: `posted` did not come in 50ms"), "{said}");
    let said = failure(ann.next().sure()).await;
    assert!(said.starts_with("/room: the question `are you sure` did not come in 50ms"), "{said}");
    let said = failure(ann.push::<String>("join", "lobby")).await;
    assert!(said.contains("`join` was answered [2], which is no `alloc::string::String`"), "{said}");
    let said = failure(ann.push("join", "lobby").assert_reply(5)).await;
    assert!(said.contains("`join` was answered Ok(2), expected Ok(5)"), "{said}");
    let said = failure(ann.never()).await;
    assert!(said.contains("`never` was not answered in 50ms"), "{said}");
}

#[actix_web::test]
async fn heartbeats_are_answered_while_a_test_waits() {
    let beat = Duration::from_millis(20);
    let options = Options::new().ping_interval(beat).ping_timeout(beat);
    let io = Greenroom::builder(options).build().expect("good options");
    let app = TestServer::new(io.mount_with::<Room>(Leavers::default()));
    let ann = app.connect::<Room>(ann()).await.expect("let in");
    assert_eq!(ann.rest().await, Ok(()));
}

#[test]
fn a_local_set_of_tokio_will_do() {
    let test = async {
        let (app, _) = server();
        let ann = app.connect::<Room>(ann()).await.expect("let in");
        assert_eq!(ann.join("lobby").await, Ok(1));
    };
    let local = tokio::task::LocalSet::new();
    greenroom_tests::run(local.run_until(test));
}
