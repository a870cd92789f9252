//! What stands before a room's event: guards, and the layers of the handler that the event came through.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use greenroom::prelude::*;
use greenroom::testing::{TestClient, TestServer};
use greenroom::{EventInfo, Layer, Outcome};
use serde_json::json;

struct Player {
    name: String,
}

#[derive(Debug, thiserror::Error, Fault)]
enum Stop {
    #[error("wait for your turn")]
    NotYourTurn,
}

#[derive(Default, Room)]
#[room(key = u32, member = Player, join = String)]
struct Match {
    over: bool,
    moves: u32,
}

#[events(guard = Self::is_on)]
impl Match {
    #[joining]
    fn joining(&mut self, name: String) -> Player {
        Player { name }
    }

    #[event(guard = Self::has_turn)]
    fn play(&mut self, square: u32) -> u32 {
        self.moves += 1;
        square
    }

    #[event(guard = Self::has_turn)]
    async fn think(&mut self) -> u32 {
        tokio::task::yield_now().await;
        self.moves
    }

    #[event]
    fn end(&mut self) {
        self.over = true;
    }

    #[event]
    fn crash(&mut self, cx: &RoomCx<Self>) -> u32 {
        assert!(cx.is_empty(), "as the test wants");
        0
    }

    #[event]
    fn leave(&mut self, cx: &RoomCx<Self>, _answer: Ack<u32>) {
        cx.close();
    }

    fn is_on(&self, _: &RoomCx<Self>, _: &Member<Self>) -> bool {
        !self.over
    }

    /// Whose name says so.
    fn has_turn(&self, cx: &RoomCx<Self>, who: &Member<Self>) -> Result<(), Stop> {
        let turn = cx.members().iter().position(|member| member.id() == who.id()) == Some(0);
        if turn || who.data().name == "Ann" { Ok(()) } else { Err(Stop::NotYourTurn) }
    }
}

#[derive(Handler, Default)]
#[handler(rooms(Match))]
struct Seat;

#[events]
impl Seat {
    #[event]
    async fn sit(cx: &Cx<Self>, table: u32, name: String) -> Result<(), Fault> {
        cx.enter::<Match>(table, name).await.map(drop)
    }
}

async fn player(app: &TestServer, name: &str) -> TestClient<Seat> {
    let client = app.connect::<Seat>(()).await.expect("let in");
    client.sit(7, name).await.expect("a seat");
    client
}

#[actix_web::test]
async fn guards_of_a_room_are_told_who_asks_and_refuse_before_the_arguments_are_read() {
    let app = TestServer::new(Greenroom::new().mount::<Seat>());
    let (zoe, bob, ann) = (player(&app, "Zoe").await, player(&app, "Bob").await, player(&app, "Ann").await);
    zoe.room::<Match>().play(4).assert_reply(4).await;
    ann.room::<Match>().play(5).assert_reply(5).await;
    bob.push::<u32>("play", "nonsense").assert_fault("not_your_turn").await;
    bob.room::<Match>().think().assert_fault("not_your_turn").await;
    ann.room::<Match>().think().assert_reply(2).await;
    bob.room::<Match>().end().await.expect("anybody ends it");
    for client in [&zoe, &bob] {
        client.room::<Match>().play(4).assert_fault("forbidden").await;
    }
    // A room of the same kind has its own state.
    let cat = app.connect::<Seat>(()).await.expect("let in");
    cat.sit(8, "Cat").await.expect("a seat");
    cat.room::<Match>().play(4).assert_reply(4).await;
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: String) {
        self.0.lock().expect("nobody panics with it").push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics with it"))
    }
}

impl Layer<Seat> for Log {
    fn before(&self, event: &EventInfo<'_>, _: &Cx<Seat>) -> Result<(), Fault> {
        self.add(format!("before {}", event.name));
        if event.bytes > 60 { Err(Fault::new("too_large", "60 bytes at most")) } else { Ok(()) }
    }

    fn after(&self, event: &EventInfo<'_>, _: &Cx<Seat>, how: &Outcome, _: Duration) {
        let how = match how {
            Outcome::Done => "done",
            Outcome::Failed(fault) => fault.code(),
            Outcome::Later => "later",
        };
        self.add(format!("after {} {how}", event.name));
    }
}

#[actix_web::test]
async fn the_layers_of_a_handler_see_the_events_of_its_rooms_and_how_they_ended() {
    let log = Log::default();
    let app = TestServer::new(Greenroom::new().mount::<Seat>().layer::<Seat>(log.clone()));
    let outsider = app.connect::<Seat>(()).await.expect("let in");
    outsider.room::<Match>().play(4).assert_fault("not_in_room").await;
    assert_eq!(log.take(), ["before play", "after play not_in_room"]);
    let (ann, bob) = (player(&app, "Ann").await, player(&app, "Bob").await);
    log.take();
    ann.room::<Match>().play(4).assert_reply(4).await;
    bob.room::<Match>().play(4).assert_fault("not_your_turn").await;
    ann.push::<u32>("play", (4, "x".repeat(60))).assert_fault("too_large").await;
    ann.room::<Match>().think().assert_reply(1).await;
    // Of a panic there is no `after`, as with a handler's own events.
    ann.room::<Match>().crash().assert_fault("internal").await;
    ann.room::<Match>().leave().assert_fault("no_answer").await;
    ann.room::<Match>().play(4).assert_fault("not_in_room").await;
    assert_eq!(
        log.take(),
        [
            "before play",
            "after play done",
            "before play",
            "after play not_your_turn",
            "before play",
            "after play too_large",
            "before think",
            "after think done",
            "before crash",
            "before leave",
            "after leave later",
            "before play",
            "after play not_in_room",
        ]
    );
}

#[actix_web::test]
async fn a_fault_of_a_room_that_nobody_waits_for_is_reported_where_the_handler_says_so() {
    let io = Greenroom::new().mount::<Seat>().report_unanswered::<Seat>("exception");
    let app = TestServer::new(io);
    let (_ann, bob) = (player(&app, "Ann").await, player(&app, "Bob").await);
    bob.emit("play", 4);
    let told =
        json!({ "event": "play", "error": { "code": "not_your_turn", "message": "wait for your turn" } });
    bob.assert_broadcast("exception", told).await;
}
