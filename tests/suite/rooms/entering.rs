//! The way into a room: how long it may take, and how it is named.

use std::time::Duration;

use greenroom::prelude::*;
use greenroom::testing::{TestClient, TestServer};
use serde_json::json;

use crate::sockets::{Gate, until};

/// A kind whose `#[created]`, and whose event `hold`, wait for a gate.
#[derive(Room)]
#[room(key = u32, enter_timeout = "40ms", mailbox = 2)]
struct Slow {
    gate: Gate,
}

#[events]
impl Slow {
    #[created]
    async fn created(cx: &RoomCx<Self>) -> Self {
        let gate = cx.state::<Gate>().expect("the handler's state").clone();
        if *cx.key() == 1 {
            gate.clone().pass().await;
        }
        Self { gate }
    }

    #[event]
    async fn hold(&mut self) {
        self.gate.clone().pass().await;
    }

    #[event]
    fn count(&self, cx: &RoomCx<Self>) -> usize {
        cx.len()
    }
}

#[derive(Handler, Default)]
#[handler(state = Gate, rooms(Slow))]
struct Visitor;

#[events]
impl Visitor {
    #[event]
    async fn enter(cx: &Cx<Self>, key: u32) -> Result<(), Fault> {
        cx.enter::<Slow>(key, ()).await.map(drop)
    }

    /// A number needs no suffix.
    #[event]
    fn second(cx: &Cx<Self>) -> bool {
        cx.room::<Slow>(2).is_some()
    }
}

async fn visitor(app: &TestServer) -> TestClient<Visitor> {
    app.connect::<Visitor>(()).await.expect("let in")
}

#[actix_web::test]
async fn a_room_that_gives_no_seat_in_time_is_named_and_gives_none_later() {
    assert_eq!(<Slow as Room>::ENTER_TIMEOUT, Duration::from_millis(40));
    let gate = Gate::closed();
    let app = TestServer::new(Greenroom::new().mount_with::<Visitor>(gate.clone()));
    let ann = visitor(&app).await;
    let fault = ann.enter(1).assert_fault("enter_timeout").await;
    assert_eq!(fault.message(), "the room `slow:1` gave no seat within 40ms");
    assert_eq!(fault.data(), Some(&json!({ "room": "slow:1", "limit_ms": 40 })));
    gate.open();
    let bob = visitor(&app).await;
    bob.enter(1).await.expect("a seat");
    bob.room::<Slow>().count().assert_reply(1).await;
    ann.room::<Slow>().count().assert_fault("not_in_room").await;
}

#[actix_web::test]
async fn also_who_waits_for_a_place_in_the_mailbox_waits_no_longer_than_that() {
    let gate = Gate::closed();
    let app = TestServer::new(Greenroom::new().mount_with::<Visitor>(gate.clone()));
    let (ann, bob) = (visitor(&app).await, visitor(&app).await);
    ann.enter(2).await.expect("a seat");
    let held = ann.room::<Slow>().hold();
    let room = app.io().ns::<Visitor>().room::<Slow>(2).expect("alive");
    let (one, other) = (visitor(&app).await, visitor(&app).await);
    for fault in [one.enter(2), other.enter(2), bob.enter(2)].map(|entry| entry.assert_fault("enter_timeout"))
    {
        fault.await;
    }
    gate.open();
    held.await.expect("it was let go");
    until("an empty mailbox", || room.waiting() == 0).await;
    assert_eq!(room.count(), 1);
    bob.second().assert_reply(true).await;
}

/// A kind whose events name their room, as one socket may be in several.
#[derive(Default, Room)]
#[room(key = u32, addressed)]
struct Channel {
    said: Vec<String>,
}

#[events]
impl Channel {
    #[event]
    fn say(&mut self, cx: &RoomCx<Self>, text: &str, times: Option<usize>) -> Result<usize, Fault> {
        if text.is_empty() {
            return Err(Fault::new("nothing_said", "say something"));
        }
        self.said.extend(std::iter::repeat_n(text.to_owned(), times.unwrap_or(1)));
        cx.everyone().emit("said", (cx.key(), text));
        Ok(self.said.len())
    }

    #[event(strict)]
    async fn all(&self, others: Rest<u8>) -> Vec<String> {
        tokio::task::yield_now().await;
        assert!(others.0.is_empty());
        self.said.clone()
    }
}

#[derive(Handler, Default)]
#[handler(ns = "/talk", rooms(Channel))]
struct Speaker;

#[events]
impl Speaker {
    #[event]
    async fn tune(cx: &Cx<Self>, channel: u32) -> Result<(), Fault> {
        cx.enter::<Channel>(channel, ()).await.map(drop)
    }
}

#[actix_web::test]
async fn events_of_an_addressed_room_begin_with_its_key() {
    let app = TestServer::new(Greenroom::new().mount::<Speaker>());
    let ann = app.connect::<Speaker>(()).await.expect("let in");
    ann.tune(1).await.expect("a seat");
    ann.tune(2).await.expect("another seat");
    ann.room_at::<Channel>(1).say("one", None).assert_reply(1).await;
    ann.room_at::<Channel>(2).say("two", Some(2)).assert_reply(2).await;
    ann.assert_broadcast("said", (2, "two")).await;
    ann.push::<Vec<String>>("all", 2).assert_reply(vec!["two".into(), "two".into()]).await;
    ann.room_at::<Channel>(1).all([0; 0]).assert_reply(vec!["one".into()]).await;
    ann.room_at::<Channel>(2).say("", None).assert_fault("nothing_said").await;
    ann.room_at::<Channel>(3).say("three", None).assert_fault("not_in_room").await;
    let fault = ann.push::<usize>("say", ("x", "text")).assert_fault("bad_argument").await;
    assert!(fault.message().starts_with("argument 1 `room`: "), "{}", fault.message());
    let fault = ann.push::<usize>("say", (1, 5)).assert_fault("bad_argument").await;
    assert!(fault.message().starts_with("argument 2 `text`: "), "{}", fault.message());
    ann.push::<usize>("say", ()).assert_fault("missing_argument").await;
}
