//! The chat without a network.

use greenroom::prelude::*;
use greenroom::testing::{Raw, TestClient, TestServer};
use serde_json::json;

use crate::chat::Chat;
use crate::house::House;
use crate::payload::{Key, Listed, RoomName};

fn chat() -> TestServer {
    TestServer::new(Greenroom::new().mount_with::<Chat>(House::new()))
}

async fn visitor(app: &TestServer, name: &str) -> TestClient<Chat> {
    app.connect::<Chat>(json!({ "name": name })).await.expect("a good name")
}

fn room(name: &str) -> RoomName {
    RoomName(name.into())
}

fn key(key: &str) -> Key {
    Key(key.into())
}

/// The server only reads `Text`, so a test gives what is in it.
fn text(text: &str) -> Raw<&str> {
    Raw(text)
}

/// Somebody who is in the lobby, and has read what that brought.
async fn in_lobby(app: &TestServer, name: &str) -> TestClient<Chat> {
    let client = visitor(app, name).await;
    client.join(room("Lobby")).await.expect("there is room");
    client.forget().await;
    client
}

#[actix_web::test]
async fn who_has_no_proper_name_does_not_get_in() {
    let app = chat();
    for name in ["", " Ada", "A\nda", &"x".repeat(25)] {
        let refused = app.connect::<Chat>(json!({ "name": name })).await.expect_err("a bad name");
        assert_eq!(refused.code, "bad_name", "{name:?}");
    }
    assert_eq!(app.connect::<Chat>(()).await.expect_err("no name").code, "bad_auth");
}

#[actix_web::test]
async fn a_newcomer_sees_the_rooms_and_the_room_sees_the_newcomer() {
    let app = chat();
    let ada = in_lobby(&app, "Ada").await;
    let bo = visitor(&app, "Bo").await;
    let list = bo.next().rooms().await;
    assert_eq!(list[0], Listed { name: room("Lobby"), count: 1 });

    let seen = bo.join(room("Lobby")).await.expect("there is room");
    let names = ["Ada".to_owned(), "Bo".to_owned()];
    assert_eq!(seen.members, names);
    ada.assert_heard(|page| page.joined(&room("Lobby"), "Bo", &names)).await;
}

#[actix_web::test]
async fn a_line_reaches_the_others_once_however_often_it_is_sent() {
    let app = chat();
    let (ada, bo) = (in_lobby(&app, "Ada").await, in_lobby(&app, "Bo").await);
    let cleo = visitor(&app, "Cleo").await;
    for client in [&ada, &bo, &cleo] {
        client.forget().await;
    }
    let said = ada.say(room("Lobby"), text("Hello?"), key("1")).await.expect("a good line");
    let again = ada.say(room("Lobby"), text("Hello?"), key("1")).await.expect("a good line");
    assert_eq!(said, again);

    let line = bo.next().message().await;
    assert_eq!((line.id, line.name.as_str(), line.text.as_str()), (said.id, "Ada", "Hello?"));
    for client in [&ada, &bo, &cleo] {
        client.assert_silent().await;
    }
    let seen = cleo.join(room("Lobby")).await.expect("there is room");
    assert_eq!(seen.history, [line]);
}

#[actix_web::test]
async fn what_is_out_of_bounds_is_refused_with_a_code() {
    let app = chat();
    let ada = in_lobby(&app, "Ada").await;
    ada.join(room(&"x".repeat(33))).assert_fault("bad_room").await;
    ada.say(room("Lobby"), text(&"x".repeat(2001)), key("1")).assert_fault("bad_text").await;
    ada.say(room("Lobby"), text("x"), key(&"k".repeat(65))).assert_fault("bad_key").await;
    ada.say(room("Attic"), text("x"), key("1")).assert_fault("not_in_room").await;
    for number in 0..97 {
        ada.join(room(&number.to_string())).await.expect("there is room");
    }
    ada.join(room("one more")).assert_fault("too_many_rooms").await;
}

#[actix_web::test]
async fn who_leaves_or_is_lost_is_seen_to_leave_every_room() {
    let app = chat();
    let (ada, bo) = (in_lobby(&app, "Ada").await, in_lobby(&app, "Bo").await);
    ada.forget().await;
    bo.leave(room("Lobby")).await.expect("an answer");
    ada.assert_heard(|page| page.left(&room("Lobby"), "Bo", &["Ada".to_owned()])).await;

    let bo = in_lobby(&app, "Bo").await;
    ada.forget().await;
    bo.connection().cut().await;
    ada.assert_heard(|page| page.left(&room("Lobby"), "Bo", &["Ada".to_owned()])).await;
    ada.assert_heard(|page| page.rooms(&app_rooms(1))).await;
}

/// The rooms that are always there, with so many in the lobby.
fn app_rooms(in_lobby: usize) -> [Listed; 3] {
    let counts = [("Lobby", in_lobby), ("Rehearsal", 0), ("Stage door", 0)];
    counts.map(|(name, count)| Listed { name: room(name), count })
}

#[actix_web::test]
async fn typing_is_told_to_the_others_in_the_room() {
    let app = chat();
    let (ada, bo) = (in_lobby(&app, "Ada").await, in_lobby(&app, "Bo").await);
    ada.forget().await;
    bo.typing(room("Lobby"), true).await.expect("an answer");
    ada.assert_heard(|page| page.typing(&room("Lobby"), "Bo", true)).await;
    bo.typing(room("Attic"), true).await.expect("an answer");
    ada.assert_silent().await;
}
