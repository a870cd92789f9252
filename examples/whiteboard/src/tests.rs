//! Artists around a board, without a network.

use greenroom::prelude::*;
use greenroom::testing::{TestClient, TestServer};
use serde_json::{Value, json};

use crate::board::Page;
use crate::sheet::{MAX_LENGTH, MAX_PIECE, SIDE};

fn server() -> TestServer {
    TestServer::new(Greenroom::new().mount::<Page>())
}

fn pen() -> Value {
    json!({ "colour": 3, "width": 8 })
}

/// Somebody who has opened a board, and what it was welcomed with.
async fn artist(app: &TestServer, board: &str, name: &str) -> (TestClient<Page>, Value) {
    let page = app.connect::<Page>(()).await.expect("let in");
    let visitor = json!({ "name": name, "ticket": format!("ticket of {name}") });
    let welcome = page.push::<Value>("open", (board, visitor)).await.expect("welcome");
    (page, welcome)
}

async fn begin(page: &TestClient<Page>, x: u16, y: u16) -> u64 {
    page.push::<u64>("begin", (pen(), [x, y])).await.expect("the pen is down")
}

#[actix_web::test]
async fn a_stroke_grows_before_the_eyes_of_the_others_and_a_late_comer_finds_it_whole() {
    let app = server();
    let ((ann, _), (bob, _)) = (artist(&app, "main", "Ann").await, artist(&app, "main", "Bob").await);
    let id = begin(&ann, 10, 20).await;
    ann.push::<()>("extend", ([[11, 21], [12, 22]],)).await.expect("drawn");
    bob.assert_broadcast("begun", json!({ "id": id, "pen": pen(), "points": [[10, 20]] })).await;
    bob.assert_broadcast("extended", (id, [[11, 21], [12, 22]])).await;
    ann.assert_not_heard("begun").await;

    let (_, welcome) = artist(&app, "main", "Eve").await;
    assert_eq!(
        welcome["strokes"],
        json!([{ "id": id, "pen": pen(), "points": [[10, 20], [11, 21], [12, 22]] }])
    );
    let (_, elsewhere) = artist(&app, "other", "Joe").await;
    assert_eq!(elsewhere["strokes"], json!([]));
}

#[actix_web::test]
async fn everybody_takes_back_its_own_strokes_also_after_a_reload_and_clears_all() {
    let app = server();
    let ((ann, _), (bob, _)) = (artist(&app, "main", "Ann").await, artist(&app, "main", "Bob").await);
    let (anns, bobs) = (begin(&ann, 1, 1).await, begin(&bob, 2, 2).await);
    ann.disconnect().await;
    let (ann, welcome) = artist(&app, "main", "Ann").await;
    assert_eq!(welcome["strokes"].as_array().map(Vec::len), Some(2));
    ann.push::<Option<u64>>("undo", ()).assert_reply(Some(anns)).await;
    bob.assert_broadcast("removed", [anns]).await;
    ann.push::<Option<u64>>("undo", ()).assert_reply(None).await;
    ann.push::<()>("extend", ([[3, 3]],)).assert_fault("no_stroke").await;
    bob.push::<()>("extend", ([[3, 3]],)).await.expect("Bob's is still there");

    ann.push::<()>("clear", ()).await.expect("cleared");
    bob.assert_broadcast("cleared", welcome["you"].clone()).await;
    bob.push::<()>("extend", ([[4, 4]],)).assert_fault("no_stroke").await;
    assert!(begin(&bob, 5, 5).await > bobs);
}

#[actix_web::test]
async fn artists_see_each_other_and_where_each_points() {
    let app = server();
    let (ann, alone) = artist(&app, "main", "Ann").await;
    assert_eq!(alone["artists"], json!([{ "id": 1, "name": "Ann", "colour": 0 }]));
    let (bob, both) = artist(&app, "main", " Bob ").await;
    let bobs = json!({ "id": 2, "name": "Bob", "colour": 1 });
    assert_eq!(both["artists"], json!([alone["artists"][0], bobs]));
    ann.assert_broadcast("artists", &both["artists"]).await;

    bob.push::<()>("point", ([5, 6],)).await.expect("pointed");
    ann.assert_broadcast("cursor", (2, [5, 6])).await;
    bob.push::<()>("rest", ([7, 8],)).await.expect("pointed");
    ann.assert_broadcast("cursor", (2, [7, 8])).await;
    bob.push::<()>("rest", ()).await.expect("pointed nowhere");
    ann.assert_broadcast("cursor", (2, ())).await;
    bob.assert_not_heard("cursor").await;
    bob.disconnect().await;
    ann.assert_broadcast("artists", &alone["artists"]).await;
}

#[actix_web::test]
async fn a_page_is_at_one_board_at_a_time() {
    let app = server();
    let (ann, _) = artist(&app, "main", "Ann").await;
    let (bob, _) = artist(&app, "main", "Bob").await;
    let visitor = json!({ "name": "Bob", "ticket": "t" });
    bob.push::<Value>("open", ("other", visitor)).await.expect("another board");
    begin(&bob, 1, 1).await;
    ann.assert_not_heard("begun").await;
}

#[actix_web::test]
async fn what_is_beyond_a_limit_is_refused_and_changes_nothing() {
    let app = server();
    let (ann, _) = artist(&app, "main", "Ann").await;
    let board = "b".repeat(33);
    for (board, name, ticket, code) in [
        ("", "Ann", "t", "bad_board"),
        (&board, "Ann", "t", "bad_board"),
        ("main", "more than sixteen", "t", "bad_name"),
        ("main", "Ann", "", "bad_ticket"),
    ] {
        let visitor = json!({ "name": name, "ticket": ticket });
        ann.push::<Value>("open", (board, visitor)).assert_fault(code).await;
    }
    for (colour, width, y, code) in
        [(8, 8, 1, "bad_pen"), (0, 65, 1, "bad_pen"), (0, 64, SIDE + 1, "off_board")]
    {
        let pen = json!({ "colour": colour, "width": width });
        ann.push::<u64>("begin", (pen, [1, y])).assert_fault(code).await;
    }
    ann.push::<()>("extend", ([[1, 1]],)).assert_fault("no_stroke").await;
    let id = begin(&ann, 0, 0).await;
    ann.push::<()>("extend", ([[1, 1]; MAX_PIECE + 1].to_vec(),)).assert_fault("too_many_points").await;
    for _ in 0..MAX_LENGTH / MAX_PIECE {
        ann.push::<()>("extend", ([[1, 1]; MAX_PIECE].to_vec(),)).await.expect("drawn");
    }
    ann.push::<()>("extend", ([[1, 1]; MAX_PIECE].to_vec(),)).assert_fault("stroke_full").await;
    let (_, welcome) = artist(&app, "main", "Bob").await;
    let kept = &welcome["strokes"][0];
    assert_eq!((&kept["id"], kept["points"].as_array().map(Vec::len)), (&json!(id), Some(1 + 3 * MAX_PIECE)));
}
