//! People and their tabs, without a network.

use greenroom::testing::{TestClient, TestServer};
use serde_json::{Value, json};

use crate::person::Person;

fn app() -> TestServer {
    TestServer::new(crate::server().expect("good options"))
}

async fn tab(app: &TestServer, name: &str) -> TestClient<Person> {
    app.connect::<Person>(json!({ "name": name })).await.expect("a good name")
}

/// A tab in the room, that has been told who is there.
async fn inside(app: &TestServer, name: &str, room: &str) -> TestClient<Person> {
    let tab = tab(app, name).await;
    tab.enter(room, json!({ "status": "" })).await.expect("a place");
    tab.forget().await;
    tab
}

fn seen(tab: &TestClient<Person>, status: &str) -> Value {
    json!({ "id": tab.id(), "away": false, "meta": { "status": status } })
}

#[actix_web::test]
async fn who_enters_is_told_who_is_here_and_the_others_are_told_of_it() {
    let app = app();
    let ada = inside(&app, "Ada", "Lobby").await;
    let bo = tab(&app, "Bo").await;
    bo.enter("Lobby", json!({ "status": "knitting" })).await.expect("a place");
    bo.assert_broadcast("presence_state", json!({ "Ada": [seen(&ada, "")], "Bo": [seen(&bo, "knitting")] }))
        .await;
    ada.assert_broadcast(
        "presence_diff",
        json!({ "joins": { "Bo": [seen(&bo, "knitting")] }, "leaves": {} }),
    )
    .await;
}

#[actix_web::test]
async fn a_person_stays_until_the_last_tab_is_closed() {
    let app = app();
    let bo = inside(&app, "Bo", "Lobby").await;
    let (first, second) = (inside(&app, "Ada", "Lobby").await, inside(&app, "Ada", "Lobby").await);
    bo.forget().await;
    let (left, stays) = (seen(&first, ""), seen(&second, ""));
    first.disconnect().await;
    bo.assert_broadcast("presence_diff", json!({ "joins": {}, "leaves": { "Ada": [left] } })).await;

    let cleo = tab(&app, "Cleo").await;
    cleo.enter("Lobby", Value::Null).await.expect("a place");
    let state = cleo.expect::<Value>("presence_state").await;
    assert_eq!(state["Ada"], json!([stays]));

    bo.forget().await;
    second.disconnect().await;
    bo.assert_broadcast("presence_diff", json!({ "joins": {}, "leaves": { "Ada": [stays] } })).await;
}

#[actix_web::test]
async fn what_a_tab_says_of_itself_changes_for_all() {
    let app = app();
    let (ada, bo) = (inside(&app, "Ada", "Lobby").await, inside(&app, "Bo", "Lobby").await);
    ada.forget().await;
    bo.push::<()>("presence_update", json!({ "status": "back at 8" })).await.expect("taken");
    let told = json!({ "joins": { "Bo": [seen(&bo, "back at 8")] }, "leaves": { "Bo": [seen(&bo, "")] } });
    ada.assert_broadcast("presence_diff", told).await;
    bo.push::<()>("presence_update", "x".repeat(4_096)).assert_fault("too_long").await;
    ada.assert_silent().await;
}

#[actix_web::test]
async fn who_loses_the_network_is_away_and_not_gone() {
    let app = app();
    let (ada, bo) = (inside(&app, "Ada", "Lobby").await, inside(&app, "Bo", "Lobby").await);
    ada.forget().await;
    bo.connection().cut().await;
    let diff = ada.expect::<Value>("presence_diff").await;
    assert_eq!(
        (&diff["joins"]["Bo"][0]["away"], &diff["leaves"]["Bo"][0]["away"]),
        (&json!(true), &json!(false))
    );
}

#[actix_web::test]
async fn a_room_hears_only_of_its_own_and_who_enters_another_leaves_it() {
    let app = app();
    let (ada, bo) = (inside(&app, "Ada", "Lobby").await, inside(&app, "Bo", "Attic").await);
    ada.assert_silent().await;
    let bo_was = seen(&bo, "");
    let cleo = inside(&app, "Cleo", "Attic").await;
    bo.enter("Lobby", json!({ "status": "" })).await.expect("a place");
    cleo.assert_broadcast("presence_diff", json!({ "joins": {}, "leaves": { "Bo": [bo_was] } })).await;
    assert!(ada.expect::<Value>("presence_diff").await["joins"]["Bo"].is_array());
}

#[actix_web::test]
async fn a_name_that_is_none_is_refused() {
    let app = app();
    for name in ["", " Ada", "A\nda", &"x".repeat(25)] {
        let refused = app.connect::<Person>(json!({ "name": name })).await.expect_err("a bad name");
        assert_eq!(refused.code, "bad_name", "{name:?}");
    }
    let ada = tab(&app, "Ada").await;
    for room in ["", &"x".repeat(33)] {
        ada.enter(room, Value::Null).assert_fault("bad_room").await;
    }
}
