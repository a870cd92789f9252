//! Typed handlers: the value of a socket that comes back is the same value.

use std::time::{Duration, Instant};

use greenroom::prelude::*;
use greenroom_tests::polling::Polling;
use greenroom_tests::run;
use greenroom_tests::server::{Server, serve_on};
use greenroom_tests::socket_io::Client;
use serde::Deserialize;
use serde_json::json;

use super::Returner;
use crate::sockets::{Heard, Tell, telling};

#[derive(Handler)]
#[handler(state = Tell)]
struct Player {
    name: String,
    score: u32,
    times_back: u32,
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[events]
impl Player {
    #[connect]
    fn enter(auth: Auth<Name>) -> Self {
        Self { name: auth.0.name, score: 0, times_back: 0 }
    }

    /// Once for a session.
    #[connected]
    fn hello(&mut self) {
        self.score += 100;
    }

    #[event]
    fn hit(&mut self, points: u32) -> u32 {
        self.score += points;
        self.score
    }

    #[event]
    fn card(&self, cx: &Cx<Self>) -> (String, u32, u32, bool) {
        (self.name.clone(), self.score, self.times_back, cx.socket().recovered())
    }

    #[event]
    fn trip(&mut self) {
        panic!("as the test wants");
    }

    #[away]
    async fn away(&mut self, tell: State<Tell>, why: Disconnect) {
        tokio::task::yield_now().await;
        if self.name == "Trip" {
            tell.0.say("trips");
            panic!("as the test wants");
        }
        tell.0.say(format!("{} is away with {}: {why}", self.name, self.score));
    }

    #[recovered]
    async fn back(&mut self, cx: &Connect<Self>, auth: Auth<Name>, tell: State<Tell>) -> Result<(), Refuse> {
        tokio::task::yield_now().await;
        match auth.0.name.as_str() {
            "trips" => panic!("as the test wants"),
            "waits" => {
                tell.0.say("waits");
                std::future::pending().await
            }
            name if name == self.name => {}
            _ => return Err(Refuse::new("another", "you are somebody else")),
        }
        self.times_back += 1;
        tell.0.say(format!("{} is back, {}", self.name, cx.socket().is_connected()));
        Ok(())
    }

    #[disconnect]
    fn bye(&mut self, tell: State<Tell>, why: Disconnect) {
        tell.0.say(format!("{} left with {}: {why}", self.name, self.score));
    }
}

async fn game(kept: Duration, workers: usize) -> (Server, Greenroom, Heard) {
    let (tell, heard) = telling();
    let recovery = Recovery::new().max_disconnection_duration(kept).before_first_event(true);
    let io = Greenroom::builder(Options::new().connection_state_recovery(recovery))
        .build()
        .expect("valid options");
    let io = io.mount_with::<Player>(tell);
    (serve_on(&io, workers), io, heard)
}

const ANN: &str = r#"{"name":"Ann"}"#;

async fn back(lost: &super::Lost, server: &Server, name: &str) -> (Client, String) {
    lost.knock(server.addr, &format!(r#","name":"{name}""#)).await
}

/// Rows: CSR-15, CSR-17, TYP-04
#[test]
fn the_state_survives_and_the_hooks_run_in_turn() {
    run(async {
        for workers in [1, 3] {
            let (server, _io, mut heard) = game(Duration::from_secs(60), workers).await;
            let mut client = Returner::arrive_with(server.addr, ANN).await;
            assert_eq!(client.client.ask(1, r#""hit",7"#).await, json!([107]));
            let lost = client.cut();
            heard.expect("Ann is away with 107: transport close").await;
            let (mut client, _) = back(&lost, &server, "Ann").await;
            heard.expect("Ann is back, false").await;
            assert_eq!(client.ask(1, r#""card""#).await, json!([["Ann", 107, 1, true]]));
            assert_eq!(client.ask(1, r#""hit",1"#).await, json!([108]));
            client.send("1").await;
            heard.expect("Ann left with 108: client namespace disconnect").await;
            heard.nothing();
        }
    });
}

/// Rows: CSR-22
#[test]
fn another_identity_is_refused_and_the_state_waits_for_its_own() {
    run(async {
        let (server, _io, mut heard) = game(Duration::from_secs(60), 1).await;
        let mut client = Returner::arrive_with(server.addr, ANN).await;
        client.client.ask(1, r#""hit",7"#).await;
        let lost = client.cut();
        heard.expect("Ann is away with 107: transport close").await;
        let (_client, answer) = back(&lost, &server, "Bob").await;
        assert!(answer.starts_with("4{") && answer.contains("somebody else"), "{answer}");
        let (mut client, _) = back(&lost, &server, "Ann").await;
        heard.expect("Ann is back, false").await;
        assert_eq!(client.ask(1, r#""card""#).await, json!([["Ann", 107, 1, true]]));
    });
}

#[test]
fn the_goodbye_comes_once_when_it_is_final() {
    run(async {
        let (server, _io, mut heard) = game(Duration::from_millis(150), 1).await;
        let client = Returner::arrive_with(server.addr, ANN).await;
        let lost = client.cut();
        heard.expect("Ann is away with 100: transport close").await;
        heard.expect("Ann left with 100: transport close").await;
        let (mut client, answer) = back(&lost, &server, "Ann").await;
        assert!(!answer.contains(&lost.sid), "{answer}");
        assert_eq!(client.ask(1, r#""card""#).await, json!([["Ann", 100, 0, false]]));
        heard.nothing();
    });
}

#[test]
fn the_goodbye_comes_when_the_server_goes_down() {
    run(async {
        let (server, io, mut heard) = game(Duration::from_secs(60), 1).await;
        let client = Returner::arrive_with(server.addr, ANN).await;
        client.cut();
        heard.expect("Ann is away with 100: transport close").await;
        assert!(io.close().await);
        heard.expect("Ann left with 100: server namespace disconnect").await;
        drop(server);
    });
}

#[test]
fn what_a_panic_left_half_done_does_not_come_back() {
    run(async {
        let (server, _io, mut heard) = game(Duration::from_secs(60), 1).await;
        let mut client = Returner::arrive_with(server.addr, ANN).await;
        client.client.ask(1, r#""hit",7"#).await;
        client.client.send(r#"2["trip"]"#).await;
        let lost = client.cut();
        let (mut client, answer) = back(&lost, &server, "Ann").await;
        assert!(!answer.contains(&lost.sid), "{answer}");
        assert_eq!(client.ask(1, r#""card""#).await, json!([["Ann", 100, 0, false]]));
        // In `#[recovered]`, too.
        drop(client);
        heard.expect("Ann is away with 100: transport close").await;
        let client = Returner::arrive_with(server.addr, ANN).await;
        let lost = client.cut();
        heard.expect("Ann is away with 100: transport close").await;
        let (_client, answer) = back(&lost, &server, "trips").await;
        assert!(answer.starts_with("4{"), "{answer}");
        let (_client, answer) = back(&lost, &server, "Ann").await;
        assert!(!answer.contains(&lost.sid), "{answer}");
    });
}

#[test]
fn a_panic_while_it_goes_away_ends_it() {
    run(async {
        let (server, _io, mut heard) = game(Duration::from_secs(60), 1).await;
        let client = Returner::arrive_with(server.addr, r#"{"name":"Trip"}"#).await;
        let lost = client.cut();
        heard.expect("trips").await;
        let (_client, answer) = back(&lost, &server, "Trip").await;
        assert!(!answer.contains(&lost.sid), "{answer}");
    });
}

/// The newcomer is lost while `#[recovered]` waits: the session, and its state, wait for the next.
#[test]
fn a_return_that_is_cut_while_it_is_thought_about_costs_nothing() {
    run(async {
        for workers in [1, 3] {
            let (server, _io, mut heard) = game(Duration::from_secs(60), workers).await;
            let client = Returner::arrive_with(server.addr, ANN).await;
            let lost = client.cut();
            heard.expect("Ann is away with 100: transport close").await;
            let mut waits = Client::open(server.addr).await;
            waits.send(&format!(r#"0{{"pid":"{}","name":"waits"}}"#, lost.pid)).await;
            heard.expect("waits").await;
            drop(waits);
            let (mut client, answer) = back(&lost, &server, "Ann").await;
            assert!(answer.contains(&lost.sid), "{answer}");
            heard.expect("Ann is back, false").await;
            assert_eq!(client.ask(1, r#""card""#).await, json!([["Ann", 100, 1, true]]));
        }
    });
}

/// The server ends a session while a newcomer is being let in: its goodbye is said once, with its state.
#[test]
fn a_session_ended_while_it_comes_back_says_goodbye() {
    run(async {
        let (server, io, mut heard) = game(Duration::from_secs(60), 1).await;
        let client = Returner::arrive_with(server.addr, ANN).await;
        let lost = client.cut();
        heard.expect("Ann is away with 100: transport close").await;
        let mut waits = Client::open(server.addr).await;
        waits.send(&format!(r#"0{{"pid":"{}","name":"waits"}}"#, lost.pid)).await;
        heard.expect("waits").await;
        io.disconnect_sockets(false);
        drop(waits);
        heard.expect("Ann left with 100: server namespace disconnect").await;
        let of = io.of("/");
        crate::sockets::until("nothing of it is left", || of.rooms().is_empty()).await;
    });
}

/// Nothing of it waits, so that all of a return can happen in one turn.
#[derive(Handler, Default)]
#[handler(state = Tell)]
struct Brief;

#[events]
impl Brief {
    #[away]
    fn away(&self, tell: State<Tell>) {
        tell.0.say("away");
    }

    #[recovered]
    fn back(&self, tell: State<Tell>) {
        tell.0.say("back");
    }

    #[disconnect]
    fn bye(&self, tell: State<Tell>, why: Disconnect) {
        tell.0.say(why);
    }
}

/// Lost, back and lost again before anybody looks: the second stay counts, from its own beginning, and says goodbye for its own reason.
#[test]
fn a_session_that_comes_back_and_is_lost_at_once_has_one_goodbye() {
    run(async {
        let (tell, mut heard) = telling();
        let recovery =
            Recovery::new().max_disconnection_duration(Duration::from_millis(300)).before_first_event(true);
        let io = Greenroom::builder(Options::new().connection_state_recovery(recovery)).build();
        let server = serve_on(&io.expect("valid options").mount_with::<Brief>(tell), 1);
        let lost = Returner::arrive(server.addr).await.cut();
        heard.expect("away").await;
        let polling = Polling::open(server.addr).await;
        // Half of the first stay is over.
        let begun = Instant::now();
        crate::sockets::until("half a stay", || begun.elapsed() >= Duration::from_millis(150)).await;
        polling.send(&format!("40{{\"pid\":\"{}\"}}\u{1e}1", lost.pid)).await;
        heard.expect("back").await;
        heard.expect("away").await;
        let away = Instant::now();
        heard.expect("transport close").await;
        assert!(away.elapsed() >= Duration::from_millis(250), "a whole stay: {:?}", away.elapsed());
        heard.nothing();
    });
}
