//! The port without a network, and without Node. That both servers do the same is tested in Greenroom's repository, by `tests/js/porting.test.mjs`.

use greenroom::prelude::*;
use greenroom::testing::{Closures, TestClient, TestServer};
use serde_json::{Value, json};

fn app() -> TestServer {
    let io = Greenroom::new();
    crate::server::serve(&io);
    TestServer::new(io)
}

async fn guest(app: &TestServer, name: &str) -> TestClient<Closures> {
    app.connect_to("/", json!({ "name": name })).await.expect("a name")
}

/// Somebody who is in the lobby, and has heard what that brought.
async fn in_lobby(app: &TestServer, name: &str) -> TestClient<Closures> {
    let guest = guest(app, name).await;
    guest.push::<usize>("join", "lobby").await.expect("an answer");
    guest.forget().await;
    guest
}

#[actix_web::test]
async fn who_gives_no_name_is_not_let_in() {
    let app = app();
    for auth in [json!({}), json!({ "name": "" }), json!({ "name": 7 })] {
        let refused = app.connect_to("/", auth).await.expect_err("no name");
        assert_eq!((refused.message.as_str(), refused.code.as_str()), ("who are you?", "no_name"));
    }
}

#[actix_web::test]
async fn who_comes_is_welcomed_and_the_others_are_told() {
    let app = app();
    let ann = guest(&app, "Ann").await;
    ann.assert_broadcast("welcome", json!({ "name": "Ann", "online": 1 })).await;
    let bob = guest(&app, "Bob").await;
    bob.assert_broadcast("welcome", json!({ "name": "Bob", "online": 2 })).await;
    ann.assert_broadcast("arrived", "Bob").await;
    bob.assert_silent().await;
}

#[actix_web::test]
async fn a_room_is_told_who_joins_speaks_and_leaves() {
    let app = app();
    let (ann, bob) = (in_lobby(&app, "Ann").await, guest(&app, "Bob").await);
    ann.forget().await;
    bob.push("say", ("lobby", "hello?", Value::Null)).assert_reply(json!({ "error": "join first" })).await;
    bob.push("join", "lobby").assert_reply(2_usize).await;
    ann.assert_broadcast("joined", ("lobby", "Bob")).await;
    bob.forget().await;

    bob.push("say", ("lobby", "hello", json!({ "loud": true }))).assert_reply(json!({ "ok": true })).await;
    for guest in [&ann, &bob] {
        guest.assert_broadcast("said", ("lobby", "Bob", "hello", true)).await;
    }
    bob.emit("leave", "lobby");
    ann.assert_broadcast("left", ("lobby", "Bob")).await;
    ann.push("say", ("lobby", "gone?")).assert_reply(json!({ "ok": true })).await;
    ann.assert_broadcast("said", ("lobby", "Ann", "gone?", false)).await;
    bob.assert_silent().await;
}

#[actix_web::test]
async fn a_picture_goes_to_some_rooms_and_not_to_another() {
    let app = app();
    let (ann, bob, eve) =
        (in_lobby(&app, "Ann").await, in_lobby(&app, "Bob").await, guest(&app, "Eve").await);
    eve.push("join", "quiet").assert_reply(1_usize).await;
    eve.push("join", "lobby").assert_reply(3_usize).await;
    for guest in [&ann, &bob, &eve] {
        guest.forget().await;
    }
    ann.emit("picture", (["lobby", "attic"], "quiet", Binary::from(vec![0, 255])));
    let (who, bytes) = bob.expect::<(String, Binary)>("picture").await;
    assert_eq!((who.as_str(), &bytes[..]), ("Ann", &[0, 255][..]));
    ann.assert_silent().await;
    eve.assert_silent().await;
}

#[actix_web::test]
async fn a_vote_counts_who_says_yes() {
    let app = app();
    let (ann, bob) = (in_lobby(&app, "Ann").await, in_lobby(&app, "Bob").await);
    ann.forget().await;
    let counted = ann.push::<(usize, usize)>("vote", ("lobby", "tea?"));
    ann.expect_question::<String, bool>("question").await.answer(true);
    let asked = bob.expect_question::<String, bool>("question").await;
    assert_eq!(asked.args, "tea?");
    asked.answer(false);
    assert_eq!(counted.await, Ok((1, 2)));
}

#[actix_web::test]
async fn everybody_hears_a_shout_and_who_is_gone_and_why() {
    let app = app();
    let (ann, bob) = (guest(&app, "Ann").await, in_lobby(&app, "Bob").await);
    ann.push::<usize>("join", "lobby").await.expect("an answer");
    for guest in [&ann, &bob] {
        guest.forget().await;
    }
    ann.emit("shout", "fire");
    for guest in [&ann, &bob] {
        guest.assert_broadcast("shouted", ("Ann", "fire")).await;
    }
    bob.emit("bye", ());
    bob.assert_left().await;
    ann.assert_broadcast("left", ("lobby", "Bob")).await;
    ann.assert_broadcast("gone", ("Bob", "server namespace disconnect")).await;
}

/// The README shows code that runs: each line of its table of steps is in one of the two servers.
#[test]
fn the_readme_shows_both_servers() {
    let servers =
        [include_str!("../node/server.js"), include_str!("server.rs"), include_str!("main.rs")].map(squeezed);
    let mut shown = 0;
    for block in include_str!("../README.md").split("```").skip(1).step_by(2) {
        let Some((language, code)) = block.split_once('\n') else { continue };
        if ["js", "rust"].contains(&language) {
            assert!(servers.iter().any(|server| server.contains(&squeezed(code))), "in no server:\n{code}");
            shown += 1;
        }
    }
    assert_eq!(shown, 20, "ten steps, twice");
}

/// Without the spaces that lines begin with.
fn squeezed(code: &str) -> String {
    code.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
