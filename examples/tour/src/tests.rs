//! The server's side without a network. The pages are tested in a browser, by `tests/js/tour.test.mjs` of Greenroom's repository.

use greenroom::testing::TestServer;
use serde_json::json;

use crate::stops::example::{Example, Letter, Welcome};

fn tour() -> TestServer {
    TestServer::new(crate::server().expect("good options"))
}

#[actix_web::test]
async fn a_client_is_welcomed_and_may_write() {
    let app = tour();
    let ada = app.connect::<Example>(()).await.expect("everybody may come in");
    let Welcome { message } = ada.next().server_msg().await;
    assert_eq!(message, "Добро пожаловать!");
    assert_eq!(ada.client_msg(Letter { text: "Привет, сервер!".into() }).await, Ok(()));
}

#[actix_web::test]
async fn an_object_of_another_shape_never_reaches_the_closure() {
    let app = tour();
    let ada = app.connect::<Example>(()).await.expect("everybody may come in");
    ada.push::<()>("event", json!({ "key": 7 })).assert_fault("bad_argument").await;
}

#[actix_web::test]
async fn a_room_hears_what_is_sent_to_it_until_one_leaves() {
    let app = tour();
    let ada = app.connect::<Example>(()).await.expect("everybody may come in");
    let bo = app.connect::<Example>(()).await.expect("everybody may come in");
    for client in [&ada, &bo] {
        client.push("join", ()).assert_reply("в комнате".to_owned()).await;
        client.forget().await;
    }

    ada.emit("to room", ());
    ada.assert_broadcast("room-message", "Привет, комната!").await;
    bo.assert_broadcast("room-message", "Привет, комната!").await;

    ada.emit("to the others of the room", ());
    bo.assert_broadcast("room-message", "Привет, соседи!").await;
    ada.assert_silent().await;

    bo.push("leave", ()).assert_reply("не в комнате".to_owned()).await;
    ada.emit("to room", ());
    ada.assert_broadcast("room-message", "Привет, комната!").await;
    bo.assert_silent().await;
}
