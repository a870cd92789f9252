//! The door and the desk without a network.

use std::time::{Duration, Instant};

use actix_web::{App, test};
use greenroom::testing::{Left, TestClient, TestServer};
use serde_json::{Value, json};

use crate::accounts::{Accounts, Denied, Terms, Tokens, login_of};
use crate::desk::Desk;
use crate::door::Door;
use crate::routes;

fn auth(terms: Terms) -> (TestServer, Door) {
    let (io, door) = crate::server(terms).expect("good options");
    (TestServer::new(io), door)
}

async fn enter(app: &TestServer, tokens: &Tokens) -> TestClient<Desk> {
    let client = app.connect::<Desk>(json!({ "token": tokens.access })).await.expect("a good token");
    client.next().welcome().await;
    client
}

async fn refused(app: &TestServer, token: &str) -> String {
    app.connect::<Desk>(json!({ "token": token })).await.expect_err("a bad token").code
}

#[actix_web::test]
async fn a_token_says_who_somebody_is() {
    let (app, door) = auth(Terms::default());
    let ada = enter(&app, &door.login("Ada").expect("a good name")).await;
    ada.whoami().assert_reply("Ada".into()).await;
}

#[actix_web::test]
async fn who_has_no_good_token_does_not_get_in() {
    let (app, door) = auth(Terms { access: Duration::ZERO, warning: Duration::ZERO, ..Terms::default() });
    let ada = door.login("Ada").expect("a good name");
    assert_eq!(refused(&app, &ada.access).await, "expired");
    assert_eq!(refused(&app, &ada.refresh).await, "unknown");
    for token in ["", "1", "1.", "1.abc", "2.abc", "x.y"] {
        assert_eq!(refused(&app, token).await, "unknown", "{token}");
    }
    assert_eq!(app.connect::<Desk>(()).await.expect_err("no token").code, "bad_auth");
    for name in ["", " Ada", "A\nda", &"x".repeat(25)] {
        assert_eq!(door.login(name).err(), Some(Denied::BadName), "{name}");
    }
}

#[std::prelude::v1::test]
fn a_token_is_good_until_its_last_moment() {
    let accounts = Accounts::new(Terms::default());
    let now = Instant::now();
    let tokens = accounts.login("Ada", now).expect("a good name");
    let end = now + accounts.terms.access;
    assert!(accounts.check(&tokens.access, end - Duration::from_nanos(1)).is_ok());
    assert_eq!(accounts.check(&tokens.access, end), Err(Denied::Expired));

    let late = now + accounts.terms.refresh;
    assert_eq!(accounts.refresh(&tokens.refresh, late).err(), Some(Denied::Expired));
    assert_eq!(accounts.refresh(&tokens.refresh, now).err(), Some(Denied::Unknown), "the login has ended");
}

#[actix_web::test]
async fn a_refresh_brings_a_new_pair_and_ends_the_old_one() {
    let (app, door) = auth(Terms::default());
    let old = door.login("Ada").expect("a good name");
    let ada = enter(&app, &old).await;
    let new = door.refresh(&old.refresh).expect("a good token");
    assert_eq!(refused(&app, &old.access).await, "unknown");
    enter(&app, &new).await.whoami().assert_reply("Ada".into()).await;
    ada.assert_silent().await; // she may stay
}

#[actix_web::test]
async fn a_refresh_token_that_comes_twice_ends_the_login() {
    let (app, door) = auth(Terms::default());
    let old = door.login("Ada").expect("a good name");
    let new = door.refresh(&old.refresh).expect("a good token");
    let (ada, other) = (enter(&app, &new).await, enter(&app, &door.login("Ada").expect("a good name")).await);
    assert_eq!(door.refresh(&old.refresh).err(), Some(Denied::Reused));
    assert_eq!(ada.assert_left().await, Left::Namespace);
    assert_eq!(door.refresh(&new.refresh).err(), Some(Denied::Unknown));
    other.assert_silent().await;
}

#[actix_web::test]
async fn a_client_is_warned_and_then_shown_out() {
    let second = Duration::from_secs(1);
    let (app, door) = auth(Terms { access: second / 4, warning: Duration::ZERO, ..Terms::default() });
    let ada = enter(&app, &door.login("Ada").expect("a good name")).await;
    assert_eq!(ada.next().expiring().await, 0);
    assert_eq!(ada.assert_left().await, Left::Namespace);
}

#[actix_web::test]
async fn who_comes_after_the_warning_is_warned_too() {
    let (app, door) = auth(Terms { warning: Terms::default().access, ..Terms::default() });
    let tokens = door.login("Ada").expect("a good name");
    let first = enter(&app, &tokens).await;
    first.next().expiring().await;
    let late = enter(&app, &tokens).await;
    late.next().expiring().await;
}

#[actix_web::test]
async fn who_refreshes_in_time_stays() {
    let second = Duration::from_secs(1);
    let (app, door) = auth(Terms { access: second, warning: second * 9 / 10, ..Terms::default() });
    let tokens = door.login("Ada").expect("a good name");
    let ada = enter(&app, &tokens).await;
    ada.next().expiring().await;
    let new = door.refresh(&tokens.refresh).expect("a good token");
    let end = login_of(&new.access).and_then(|login| door.accounts.until(login)).expect("a login");
    assert_eq!(ada.assert_left().await, Left::Namespace);
    assert!(Instant::now() >= end, "the first token's end was not hers");
}

#[actix_web::test]
async fn a_logout_ends_one_login_and_a_logout_everywhere_all_of_a_user() {
    let (app, door) = auth(Terms::default());
    let logins = ["Ada", "Ada", "Ada", "Bo"].map(|name| door.login(name).expect("a good name"));
    let mut clients = Vec::new();
    for tokens in &logins {
        clients.push(enter(&app, tokens).await);
    }
    door.logout(&logins[0].access).expect("a good token");
    assert_eq!(clients[0].assert_left().await, Left::Namespace);
    assert_eq!(refused(&app, &logins[0].access).await, "unknown");
    clients[1].assert_silent().await;

    door.logout_everywhere(&logins[1].access).expect("a good token");
    for client in &clients[1..3] {
        assert_eq!(client.assert_left().await, Left::Namespace);
    }
    assert_eq!(refused(&app, &logins[2].access).await, "unknown");
    clients[3].assert_silent().await;
}

#[actix_web::test]
async fn the_door_speaks_http() {
    let (app, door) = auth(Terms::default());
    let http = test::init_service(App::new().configure(|app| routes::add(app, &door))).await;
    let post = async |path: &str, body: Value| {
        let request = test::TestRequest::post().uri(path).set_json(body).to_request();
        let response = test::call_service(&http, request).await;
        let status = response.status().as_u16();
        (status, test::read_body_json::<Value, _>(response).await)
    };
    assert_eq!(post("/login", json!({ "name": "" })).await.0, 400);
    let (status, first) = post("/login", json!({ "name": "Ada" })).await;
    assert_eq!((status, &first["seconds"]), (200, &json!(60)));
    let (status, tokens) = post("/refresh", json!({ "token": first["refresh"] })).await;
    assert_eq!(status, 200);
    let ada = app.connect::<Desk>(json!({ "token": tokens["access"] })).await.expect("a good token");
    assert_eq!(post("/logout-everywhere", json!({ "token": first["access"] })).await.1["code"], "unknown");
    assert_eq!(post("/logout", json!({ "token": tokens["access"] })).await, (200, Value::Null));
    assert_eq!(ada.assert_left().await, Left::Namespace);
    let (status, body) = post("/refresh", json!({ "token": tokens["refresh"] })).await;
    assert_eq!((status, &body["code"]), (401, &json!("unknown")));
}
