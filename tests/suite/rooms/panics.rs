//! A room that panics comes back with its members, or ends, as it says; nobody else notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use greenroom::prelude::*;
use greenroom::testing::{TestClient, TestServer};
use greenroom::{Restart, handlers::RoomEvents};
use serde_json::json;

/// Made and dropped values of all kinds of state.
#[derive(Clone, Default)]
struct Count(Arc<AtomicUsize>);

macro_rules! fragile {
    ($room:ident, $handler:ident, $ns:literal, $policy:ident, $max:literal) => {
        #[derive(Room)]
        #[room(join = String, member = String, on_panic = $policy, restart(max = $max, within = "1m"))]
        struct $room {
            steps: Vec<u32>,
            trips: bool,
            live: Count,
        }

        #[events]
        impl $room {
            #[created]
            fn created(cx: &RoomCx<Self>) -> Self {
                let live = cx.state::<Count>().expect("the handler's state").clone();
                live.0.fetch_add(1, Ordering::SeqCst);
                Self { steps: vec![cx.panics()], trips: false, live }
            }

            #[joining]
            fn joining(&mut self, _: &RoomCx<Self>, name: String) -> String {
                assert_ne!(name, "panic");
                name
            }

            #[joined]
            fn joined(&mut self, who: &Member<Self>) {
                assert_ne!(who.data(), "panic when in");
            }

            #[event]
            fn step(&mut self, n: u32) -> Vec<u32> {
                self.steps.push(n);
                self.steps.clone()
            }

            #[event]
            fn trip(&mut self, n: u32) -> u32 {
                self.steps.push(n);
                panic!("as the test wants")
            }

            #[event("trip later")]
            async fn trip_later(&mut self) -> u32 {
                tokio::task::yield_now().await;
                panic!("as the test wants")
            }

            #[event("trip in a timer")]
            fn trip_in_a_timer(&mut self, cx: &RoomCx<Self>) {
                cx.after(std::time::Duration::ZERO, |_, _| panic!("as the test wants"));
            }

            #[event("trip in drop")]
            fn trip_in_drop(&mut self) {
                self.trips = true;
                panic!("as the test wants")
            }

            #[event]
            fn here(&self, cx: &RoomCx<Self>) -> Vec<String> {
                cx.members().iter().map(|member| member.data().clone()).collect()
            }
        }

        impl Drop for $room {
            fn drop(&mut self) {
                self.live.0.fetch_sub(1, Ordering::SeqCst);
                assert!(!self.trips || std::thread::panicking(), "as the test wants");
            }
        }

        #[derive(Handler, Default)]
        #[handler(ns = $ns, state = Count, rooms($room))]
        struct $handler;

        #[events]
        impl $handler {
            #[event]
            async fn enter(cx: &Cx<Self>, name: String) -> Result<(), Fault> {
                cx.enter::<$room>("r", name).await.map(drop)
            }
        }
    };
}

fragile!(Fresh, InFresh, "/fresh", fresh, 3);
fragile!(Resume, InResume, "/resume", resume, 3);
fragile!(Close, InClose, "/close", close, 3);
fragile!(Escalate, InEscalate, "/escalate", escalate, 3);

fn server() -> (TestServer, Count) {
    let live = Count::default();
    let io = Greenroom::new();
    let io = io.mount_with::<InFresh>(live.clone()).mount_with::<InResume>(live.clone());
    let io = io.mount_with::<InClose>(live.clone()).mount_with::<InEscalate>(live.clone());
    (TestServer::new(io), live)
}

const RESTARTED: &str = "room_restarted";
const CLOSED: &str = "room_closed";

fn notice(room: &str) -> serde_json::Value {
    json!({ "room": format!("{room}:r"), "reason": "panic" })
}

async fn fresh(app: &TestServer, name: &str) -> TestClient<InFresh> {
    let client = app.connect::<InFresh>(()).await.expect("let in");
    client.enter(name).await.expect("a seat");
    client
}

#[actix_web::test]
async fn a_panic_costs_the_state_and_no_member_its_place() {
    let (app, live) = server();
    let (ann, bob) = (fresh(&app, "Ann").await, fresh(&app, "Bob").await);
    bob.push::<Vec<u32>>("step", 7).assert_reply(vec![0, 7]).await;
    // What waits behind the panic is handled by the room that comes back.
    let answers = (ann.push::<u32>("trip", 8), bob.push::<Vec<u32>>("step", 9));
    answers.0.assert_fault("internal").await;
    answers.1.assert_reply(vec![1, 9]).await;
    for client in [&ann, &bob] {
        client.assert_broadcast(RESTARTED, notice("fresh")).await;
    }
    ann.push::<Vec<String>>("here", ()).assert_reply(vec!["Ann".into(), "Bob".into()]).await;
    assert_eq!(live.0.load(Ordering::SeqCst), 1, "the old state is dropped");
}

#[actix_web::test]
async fn a_panic_is_one_wherever_it_happens() {
    for event in ["trip later", "trip in a timer", "trip in drop"] {
        let (app, live) = server();
        let ann = fresh(&app, "Ann").await;
        let answer = ann.push::<serde_json::Value>(event, ()).await;
        assert_eq!(answer.is_ok(), event == "trip in a timer", "{event} {answer:?}");
        ann.assert_broadcast(RESTARTED, notice("fresh")).await;
        ann.push::<Vec<u32>>("step", 1).assert_reply(vec![1, 1]).await;
        assert_eq!(live.0.load(Ordering::SeqCst), 1, "{event}");
    }
}

#[actix_web::test]
async fn who_makes_a_room_panic_by_entering_is_told_and_may_try_again() {
    let (app, _) = server();
    let ann = fresh(&app, "Ann").await;
    let bob = app.connect::<InFresh>(()).await.expect("let in");
    for name in ["panic", "panic when in"] {
        bob.enter(name).assert_fault("internal").await;
        bob.push::<Vec<u32>>("step", 1).assert_fault("not_in_room").await;
    }
    bob.enter("Bob").await.expect("a seat");
    ann.push::<Vec<String>>("here", ()).assert_reply(vec!["Ann".into(), "Bob".into()]).await;
}

#[actix_web::test]
async fn a_room_that_resumes_keeps_its_state_as_the_panic_left_it() {
    let (app, live) = server();
    let ann = app.connect::<InResume>(()).await.expect("let in");
    ann.enter("Ann").await.expect("a seat");
    ann.push::<u32>("trip", 8).assert_fault("internal").await;
    ann.push::<Vec<u32>>("step", 9).assert_reply(vec![0, 8, 9]).await;
    // An async method has the state with it.
    ann.push::<u32>("trip later", ()).assert_fault("internal").await;
    ann.push::<Vec<u32>>("step", 9).assert_reply(vec![2, 9]).await;
    assert_eq!(live.0.load(Ordering::SeqCst), 1);
}

#[actix_web::test]
async fn a_room_that_says_so_is_closed_by_its_first_panic_and_the_next_one_is_new() {
    let (app, live) = server();
    let ann = app.connect::<InClose>(()).await.expect("let in");
    ann.enter("Ann").await.expect("a seat");
    ann.push::<u32>("trip", 8).assert_fault("internal").await;
    ann.assert_broadcast(CLOSED, notice("close")).await;
    ann.enter("Ann").await.expect("a seat in another room");
    ann.push::<Vec<u32>>("step", 9).assert_reply(vec![0, 9]).await;
    assert_eq!(live.0.load(Ordering::SeqCst), 1);
}

#[actix_web::test]
async fn a_room_that_escalates_takes_its_members_connections_with_it() {
    let (app, _) = server();
    let ann = app.connect::<InEscalate>(()).await.expect("let in");
    let bystander = fresh(&app, "Bob").await;
    ann.enter("Ann").await.expect("a seat");
    ann.push::<()>("trip", 8).await.expect_err("internal");
    ann.assert_left().await;
    bystander.push::<Vec<u32>>("step", 1).assert_reply(vec![0, 1]).await;
}

#[actix_web::test]
async fn one_panic_more_than_the_budget_closes_the_room() {
    assert_eq!(
        Fresh::RESTART,
        Restart { max: 3, within: std::time::Duration::from_secs(60), backoff: std::time::Duration::ZERO }
    );
    assert_eq!(Fresh::NAMES.len(), 6);
    let (app, live) = server();
    let ann = fresh(&app, "Ann").await;
    for panics in 1..=3 {
        ann.push::<u32>("trip", 8).assert_fault("internal").await;
        ann.push::<Vec<u32>>("step", 9).assert_reply(vec![panics, 9]).await;
    }
    ann.push::<u32>("trip", 8).assert_fault("internal").await;
    ann.assert_broadcast(CLOSED, notice("fresh")).await;
    ann.push::<Vec<u32>>("step", 9).assert_fault("not_in_room").await;
    assert_eq!(live.0.load(Ordering::SeqCst), 0);
}
