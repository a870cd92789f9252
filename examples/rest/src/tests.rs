//! Requests and pages of one server, without a network.

use actix_web::http::Method;
use actix_web::{App, test};
use greenroom::prelude::*;
use greenroom::testing::{TestClient, TestServer};
use serde_json::{Value, json};

use crate::board::Board;
use crate::routes::{self, Office};
use crate::shows::Shows;

struct House {
    app: TestServer,
    office: Office,
}

impl House {
    fn open() -> Self {
        let shows = Shows::default();
        let io = Greenroom::new().mount_with::<Board>(shows.clone());
        Self { app: TestServer::new(io.clone()), office: Office { io, shows } }
    }

    /// A page that has read what there was.
    async fn page(&self) -> TestClient<Board> {
        let page = self.app.connect::<Board>(()).await.expect("everybody may look");
        page.next().shows().await;
        page
    }

    async fn request(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let app = test::init_service(App::new().configure(|app| routes::add(app, &self.office))).await;
        let request = test::TestRequest::with_uri(path).method(method).set_json(body).to_request();
        let response = test::call_service(&app, request).await;
        let status = response.status().as_u16();
        let body = test::read_body(response).await;
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

#[actix_web::test]
async fn what_a_request_changes_every_page_is_told() {
    let house = House::open();
    let (ada, bo) = (house.page().await, house.page().await);

    let (status, show) =
        house.request(Method::POST, "/api/shows", json!({ "title": "Noises Off", "seats": 2 })).await;
    assert_eq!((status, &show["title"]), (201, &json!("Noises Off")));
    for page in [&ada, &bo] {
        page.assert_broadcast("changed", &show).await;
    }

    let path = format!("/api/shows/{}", show["id"]);
    let (status, changed) =
        house.request(Method::PUT, &path, json!({ "title": "Noises On", "seats": 1 })).await;
    assert_eq!((status, &changed["id"]), (200, &show["id"]));
    assert!(changed["version"].as_u64() > show["version"].as_u64());
    for page in [&ada, &bo] {
        page.assert_broadcast("changed", &changed).await;
    }
    assert_eq!(house.request(Method::GET, "/api/shows", Value::Null).await, (200, json!([changed])));

    assert_eq!(house.request(Method::DELETE, &path, Value::Null).await.0, 204);
    for page in [&ada, &bo] {
        page.assert_broadcast("removed", &show["id"]).await;
        page.assert_silent().await;
    }
}

#[actix_web::test]
async fn a_seat_is_booked_once_and_every_page_sees_how_many_are_left() {
    let house = House::open();
    let (ada, bo) = (house.page().await, house.page().await);
    let (_, show) = house.request(Method::POST, "/api/shows", json!({ "title": "Hamlet", "seats": 1 })).await;
    let id = show["id"].as_u64().expect("an id");
    for page in [&ada, &bo] {
        page.forget().await;
    }

    assert_eq!(ada.book(id).await, Ok(0));
    for page in [&ada, &bo] {
        assert_eq!(page.next().changed().await.seats, 0);
    }
    bo.book(id).assert_fault("sold_out").await;
    bo.book(id + 1).assert_fault("not_found").await;
    ada.assert_silent().await;
}

#[actix_web::test]
async fn a_refused_request_changes_nothing_and_nobody_is_told() {
    let house = House::open();
    let ada = house.page().await;
    for draft in [
        json!({ "title": " ", "seats": 1 }),
        json!({ "title": "x".repeat(81), "seats": 1 }),
        json!({ "title": "x", "seats": 1001 }),
        json!({ "title": "x" }),
    ] {
        assert_eq!(house.request(Method::POST, "/api/shows", draft.clone()).await.0, 400, "{draft}");
    }
    let draft = json!({ "title": "x", "seats": 1 });
    assert_eq!(
        house.request(Method::PUT, "/api/shows/7", draft.clone()).await,
        (404, json!({ "message": "there is no such show" }))
    );
    assert_eq!(house.request(Method::DELETE, "/api/shows/7", Value::Null).await.0, 404);
    ada.assert_silent().await;

    for _ in 0..100 {
        assert_eq!(house.request(Method::POST, "/api/shows", draft.clone()).await.0, 201);
    }
    assert_eq!(house.request(Method::POST, "/api/shows", draft).await.0, 409);
}

#[actix_web::test]
async fn a_page_that_comes_later_is_shown_what_there_is() {
    let house = House::open();
    let (_, show) = house.request(Method::POST, "/api/shows", json!({ "title": "Hamlet", "seats": 1 })).await;
    let ada = house.app.connect::<Board>(()).await.expect("everybody may look");
    ada.assert_broadcast("shows", json!([show])).await;
}
