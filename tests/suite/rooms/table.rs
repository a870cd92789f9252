//! A kind of room that a person wrote: its life, who gets in, what it is sent and sends.

use std::cell::Cell;
use std::time::Duration;

use greenroom::prelude::*;
use greenroom::testing::{TestClient, TestServer};
use serde_json::json;

use crate::sockets::{Heard, Tell, telling};

struct Chair {
    name: String,
    moves: Cell<u32>,
}

#[client]
trait TableClient {
    fn moved(&self, who: &str, square: u32);
    fn hello(&self, who: &str);
    fn clock(&self, left: u32);
}

#[derive(Debug, thiserror::Error, Fault)]
enum Illegal {
    #[error("the square is taken")]
    Taken,
}

#[derive(Room)]
#[room(member = Chair, join = String, snapshot = Vec<u32>, client = TableClient, capacity = 3, linger = "20ms")]
struct Table {
    tell: Tell,
    squares: Vec<u32>,
}

#[events]
impl Table {
    #[created]
    async fn open(cx: &RoomCx<Self>) -> Result<Self, Refuse> {
        tokio::task::yield_now().await;
        if cx.key() == "haunted" {
            return Err(Refuse::new("haunted", "nobody sits there"));
        }
        let tell = cx.state::<Tell>().expect("the handler's state").clone();
        tell.say(format!("created {} for {}", cx.key(), cx.len()));
        Ok(Self { tell, squares: Vec::new() })
    }

    #[joining]
    fn may_sit(&mut self, _: &RoomCx<Self>, name: String) -> Result<Chair, Refuse> {
        if name == "Eve" {
            let data = json!({ "code": "not_you", "until": 7 });
            return Err(Refuse::because("you were here before").with_data(data));
        }
        Ok(Chair { name, moves: Cell::new(0) })
    }

    #[joined]
    fn seated(&mut self, cx: &RoomCx<Self>, who: &Member<Self>) -> Vec<u32> {
        cx.everyone().hello(&who.data().name);
        self.squares.clone()
    }

    #[event]
    fn play(&mut self, cx: &RoomCx<Self>, who: &Member<Self>, square: u32) -> Result<usize, Illegal> {
        if self.squares.contains(&square) {
            return Err(Illegal::Taken);
        }
        who.data().moves.set(who.data().moves.get() + 1);
        self.squares.push(square);
        cx.others(who).moved(&who.data().name, square);
        Ok(self.squares.len())
    }

    /// Later events wait for it, those of other members too.
    #[event("think hard")]
    async fn think(&mut self, cx: &RoomCx<Self>, who: &Member<Self>, square: u32) -> usize {
        tokio::task::yield_now().await;
        self.squares.push(square);
        tokio::task::yield_now().await;
        cx.only(|member| member.data().moves.get() > 0).moved(&who.data().name, square);
        self.squares.len()
    }

    #[event]
    fn kick(&mut self, cx: &RoomCx<Self>, name: &str) -> usize {
        let members = cx.members();
        members.iter().filter(|member| member.data().name == name).for_each(|member| cx.remove(member));
        members.len()
    }

    #[event]
    fn shut(&mut self, cx: &RoomCx<Self>, how: &str) {
        match how {
            "lock" => cx.lock(),
            "unlock" => cx.unlock(),
            _ => cx.close(),
        }
    }

    #[event]
    fn alarm(&mut self, cx: &RoomCx<Self>) {
        self.squares.push(99);
        cx.after(Duration::from_millis(5), |table, cx| {
            cx.everyone().clock(table.squares.len() as u32);
        });
    }

    #[left]
    fn stood_up(&mut self, cx: &RoomCx<Self>, who: &Member<Self>, why: Departure) {
        self.tell.say(format!("{} left {} {why:?}, {} stay", who.data().name, cx.key(), cx.len()));
    }

    #[empty]
    fn nobody(&mut self, cx: &RoomCx<Self>) -> Linger {
        match cx.key().as_str() {
            "brief" => Linger::Close,
            "forever" => Linger::Stay,
            _ => Linger::For(Duration::from_millis(20)),
        }
    }

    #[closed]
    async fn over(&mut self, cx: &RoomCx<Self>) {
        tokio::task::yield_now().await;
        self.tell.say(format!("closed {} with {} moves", cx.key(), self.squares.len()));
    }
}

#[derive(Handler, Default)]
#[handler(ns = "/play", state = Tell, rooms(Table))]
struct Player {
    visits: u32,
}

#[events]
impl Player {
    #[event]
    async fn sit(&mut self, cx: &Cx<Self>, table: &str, name: String) -> Result<Vec<u32>, Fault> {
        let seat = cx.enter::<Table>(table, name).await?;
        self.visits += 1;
        Ok(seat.snapshot)
    }

    #[event]
    fn stand(&mut self, cx: &Cx<Self>, table: &str) {
        cx.exit::<Table>(table);
    }

    #[event]
    async fn look(cx: &Cx<Self>, table: String) -> Result<usize, Fault> {
        let nobody = || Fault::new("no_table", "nobody sits there");
        let table = cx.room::<Table>(table).ok_or_else(nobody)?;
        table.with(|table, cx| table.squares.len() + 100 * cx.len()).await
    }
}

async fn hall() -> (TestServer, Heard) {
    let (tell, heard) = telling();
    (TestServer::new(Greenroom::new().mount_with::<Player>(tell)), heard)
}

async fn player(app: &TestServer, table: &str, name: &str) -> TestClient<Player> {
    let client = app.connect::<Player>(()).await.expect("let in");
    client.sit(table, name).await.expect("a seat");
    client
}

#[actix_web::test]
async fn events_of_members_go_to_their_room_and_the_room_answers_and_tells_the_others() {
    let (app, mut heard) = hall().await;
    let ann = player(&app, "t", "Ann").await;
    heard.expect("created t for 0").await;
    let bob = player(&app, "t", "Bob").await;
    let other = player(&app, "u", "Zoe").await;
    ann.push::<usize>("play", 4).assert_reply(1).await;
    bob.push::<usize>("play", 4).assert_fault("taken").await;
    bob.push::<usize>("play", 5).assert_reply(2).await;
    other.push::<usize>("play", 4).assert_reply(1).await;
    bob.assert_broadcast("moved", ("Ann", 4)).await;
    ann.assert_broadcast("moved", ("Bob", 5)).await;
    // `only` those who have moved, and not the one who thinks first.
    let cat = app.connect::<Player>(()).await.expect("let in");
    cat.sit("t", "Cat").assert_reply(vec![4, 5]).await;
    cat.push::<usize>("think hard", 6).assert_reply(3).await;
    ann.assert_broadcast("moved", ("Cat", 6)).await;
    bob.assert_broadcast("moved", ("Cat", 6)).await;
    cat.assert_not_heard("moved").await;
    other.assert_not_heard("moved").await;
    ann.look("t").assert_reply(303).await;
}

#[actix_web::test]
async fn what_joined_sends_reaches_the_newcomer_too() {
    let (app, _heard) = hall().await;
    let ann = player(&app, "t", "Ann").await;
    ann.assert_broadcast("hello", "Ann").await;
    let bob = player(&app, "t", "Bob").await;
    ann.assert_broadcast("hello", "Bob").await;
    bob.assert_broadcast("hello", "Bob").await;
}

#[actix_web::test]
async fn a_room_says_who_may_enter_and_why_not() {
    let (app, mut heard) = hall().await;
    let eve = app.connect::<Player>(()).await.expect("let in");
    let fault = eve.sit("t", "Eve").assert_fault("not_you").await;
    assert_eq!(fault.data().expect("typed data")["until"], 7);
    heard.expect("created t for 0").await;
    heard.expect("closed t with 0 moves").await;
    eve.sit("haunted", "Ann").assert_fault("haunted").await;
    eve.sit("haunted", "Ann").assert_fault("haunted").await;
    eve.sit("x".repeat(257), "Ann").assert_fault("bad_key").await;
    eve.look("haunted").assert_fault("no_table").await;
    let ann = player(&app, "t", "Ann").await;
    ann.sit("t", "Ann").assert_fault("already_in_room").await;
    let bob = player(&app, "t", "Bob").await;
    bob.push::<()>("shut", "lock").await.expect("locked");
    eve.sit("t", "Cat").assert_fault("room_locked").await;
    bob.push::<()>("shut", "unlock").await.expect("open");
    eve.sit("t", "Cat").await.expect("the third of three");
    let fourth = app.connect::<Player>(()).await.expect("let in");
    fourth.sit("t", "Dan").assert_fault("room_full").await;
}

#[actix_web::test]
async fn who_is_not_in_the_room_is_told_so_and_who_is_in_two_has_to_choose() {
    let (app, _heard) = hall().await;
    let ann = app.connect::<Player>(()).await.expect("let in");
    ann.push::<usize>("play", 1).assert_fault("not_in_room").await;
    ann.sit("t", "Ann").await.expect("a seat");
    ann.push::<usize>("play", 1).assert_reply(1).await;
    ann.push::<usize>("play", "x").assert_fault("bad_argument").await;
    ann.sit("u", "Ann").await.expect("another seat");
    ann.push::<usize>("play", 1).assert_fault("several_rooms").await;
    ann.stand("t").await.expect("left");
    ann.push::<usize>("play", 2).assert_reply(1).await;
    ann.stand("u").await.expect("left");
    ann.push::<usize>("play", 3).assert_fault("not_in_room").await;
    ann.push::<usize>("nonsense", 3).assert_fault("unknown_event").await;
}

#[actix_web::test]
async fn a_room_hears_why_a_member_is_gone_and_outlives_its_last_one_as_long_as_it_says() {
    let (app, mut heard) = hall().await;
    let ann = player(&app, "t", "Ann").await;
    let bob = player(&app, "t", "Bob").await;
    let cat = player(&app, "t", "Cat").await;
    heard.expect("created t for 0").await;
    ann.push::<usize>("play", 1).assert_reply(1).await;
    ann.push::<usize>("kick", "Cat").assert_reply(3).await;
    heard.expect("Cat left t Removed, 2 stay").await;
    cat.push::<usize>("play", 2).assert_fault("not_in_room").await;
    bob.stand("t").await.expect("left");
    heard.expect("Bob left t Left, 1 stay").await;
    ann.disconnect().await;
    heard.expect("Ann left t Disconnected(ClientNamespaceDisconnect), 0 stay").await;
    bob.sit("t", "Bob").assert_reply(vec![1]).await;
    bob.stand("t").await.expect("left");
    heard.expect("Bob left t Left, 0 stay").await;
    heard.expect("closed t with 1 moves").await;
    cat.sit("t", "Cat").assert_reply(vec![]).await;
    heard.expect("created t for 0").await;
}

#[actix_web::test]
async fn a_room_without_members_may_close_at_once_or_stay() {
    let (app, mut heard) = hall().await;
    let mut seated = Vec::new();
    for (room, then) in [("brief", vec![]), ("forever", vec![7])] {
        let ann = player(&app, room, "Ann").await;
        heard.expect(&format!("created {room} for 0")).await;
        ann.push::<usize>("play", 7).assert_reply(1).await;
        ann.stand(room).await.expect("left");
        heard.expect(&format!("Ann left {room} Left, 0 stay")).await;
        if room == "brief" {
            heard.expect("closed brief with 1 moves").await;
        }
        ann.sit(room, "Ann").assert_reply(then).await;
        if room == "brief" {
            heard.expect("created brief for 0").await;
        }
        seated.push(ann);
    }
    heard.nothing();
}

#[actix_web::test]
async fn a_room_that_closes_tells_its_members_who_are_then_in_it_no_more() {
    let (app, mut heard) = hall().await;
    let ann = player(&app, "t", "Ann").await;
    heard.expect("created t for 0").await;
    ann.push::<()>("shut", "close").await.expect("answered");
    heard.expect("closed t with 0 moves").await;
    ann.assert_broadcast("room_closed", json!({ "room": "table:t", "reason": "closed" })).await;
    ann.push::<usize>("play", 1).assert_fault("not_in_room").await;
    assert_eq!(app.io().of("/play").room_size("table:t"), 0);
    assert!(app.io().ns::<Player>().rooms::<Table>().is_empty());
    heard.nothing();
}

#[actix_web::test]
async fn what_a_room_puts_off_runs_with_its_state() {
    let (app, _heard) = hall().await;
    let ann = player(&app, "t", "Ann").await;
    ann.push::<()>("alarm", ()).await.expect("answered");
    ann.assert_broadcast("clock", 1).await;
}

#[actix_web::test]
async fn a_handle_reaches_the_room_from_outside() {
    let (app, _heard) = hall().await;
    let ann = player(&app, "t", "Ann").await;
    let room = app.io().ns::<Player>().room::<Table>("t").expect("alive");
    assert_eq!((room.name().as_str(), room.count()), ("table:t", 1));
    assert_eq!(room.with(|table, cx| (table.squares.len(), cx.key().clone())).await, Ok((0, "t".to_owned())));
    room.everyone().clock(3);
    ann.assert_broadcast("clock", 3).await;
    room.close().await;
    ann.assert_broadcast("room_closed", json!({ "room": "table:t", "reason": "closed" })).await;
    assert_eq!(room.with(|_, _| ()).await.expect_err("closed").code(), "room_closed");
}

#[actix_web::test]
async fn what_waits_when_a_room_closes_is_answered() {
    let (app, _heard) = hall().await;
    let (ann, bob, cat) =
        (player(&app, "t", "Ann").await, player(&app, "t", "Bob").await, player(&app, "t", "Cat").await);
    let thinks = ann.push::<usize>("think hard", 1);
    let shuts = bob.push::<()>("shut", "close");
    let (plays, plays_too) = (cat.push::<usize>("play", 2), cat.push::<usize>("play", 3));
    thinks.assert_reply(1).await;
    shuts.await.expect("answered");
    plays.assert_fault("room_closed").await;
    plays_too.assert_fault("not_in_room").await;
}

#[actix_web::test]
async fn a_server_that_goes_down_lets_its_rooms_say_their_last_words() {
    let (app, mut heard) = hall().await;
    let ann = player(&app, "forever", "Ann").await;
    heard.expect("created forever for 0").await;
    ann.push::<usize>("play", 7).assert_reply(1).await;
    ann.stand("forever").await.expect("left");
    heard.expect("Ann left forever Left, 0 stay").await;
    assert!(app.io().close().await, "within the deadline");
    heard.expect("closed forever with 1 moves").await;
    assert!(app.io().ns::<Player>().rooms::<Table>().is_empty());
}

#[actix_web::test]
async fn a_beat_that_a_busy_room_has_missed_is_left_out() {
    #[derive(Room, Default)]
    struct Clock {
        beats: u32,
    }

    #[events]
    impl Clock {
        #[every("5ms")]
        fn beat(&mut self) {
            self.beats += 1;
        }

        /// For twenty beats.
        #[event]
        async fn nap(&mut self) -> u32 {
            tokio::time::timeout(Duration::from_millis(100), std::future::pending::<()>())
                .await
                .expect_err("time");
            self.beats
        }
    }

    #[derive(Handler, Default)]
    #[handler(rooms(Clock))]
    struct Sleeper;

    #[events]
    impl Sleeper {
        #[event]
        async fn enter(cx: &Cx<Self>) -> Result<(), Fault> {
            cx.enter::<Clock>("c", ()).await.map(drop)
        }
    }

    let app = TestServer::new(Greenroom::new().mount::<Sleeper>());
    let ann = app.connect::<Sleeper>(()).await.expect("let in");
    ann.enter().await.expect("a place");
    let before = ann.push::<u32>("nap", ()).await.expect("slept");
    let room = app.io().ns::<Sleeper>().room::<Clock>("c").expect("alive");
    let after = room.with(|room, _| room.beats).await.expect("alive");
    assert!(after <= before + 2, "{before} {after}");
}
