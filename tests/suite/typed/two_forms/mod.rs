//! The guide's app in both forms: a client cannot tell which one it talks to.

mod closures;
mod handler;

use greenroom::Greenroom;
use greenroom::testing::{Closures, TestClient, TestServer};
use serde_json::json;

const GUIDE: &str = include_str!("../../../../framework/docs/two-forms.md");
const SOURCES: [&str; 2] = [include_str!("closures.rs"), include_str!("handler.rs")];

#[test]
fn the_guide_shows_what_is_tested_here() {
    for source in SOURCES {
        assert!(
            GUIDE.contains(&format!("```rust\n{source}```\n")),
            "not in two-forms.md as it is:\n{source}"
        );
    }
}

async fn visitor(app: &TestServer, name: &str) -> TestClient<Closures> {
    app.connect_to("/chat", json!({ "name": name })).await.expect("a good name")
}

/// What a client sees of the app, whichever form it has.
async fn talk(chat: impl FnOnce(&Greenroom)) {
    let io = Greenroom::new();
    chat(&io);
    let app = TestServer::new(io);
    for (auth, code) in [(json!({ "name": "" }), "no_name"), (json!({}), "bad_auth")] {
        assert_eq!(app.connect_to("/chat", auth).await.expect_err("no name").code, code);
    }
    let (ann, bob) = (visitor(&app, "Ann").await, visitor(&app, "Bob").await);
    for client in [&ann, &bob] {
        client.assert_broadcast("welcome", "join a room").await;
    }
    ann.push("join", "lobby").assert_reply(1).await;
    bob.push("join", "lobby").assert_reply(2).await;
    ann.assert_broadcast("joined", ("lobby", "Bob")).await;

    for sent in [1, 2] {
        ann.push("chat message", ("lobby", "hi")).assert_reply(sent).await;
        for client in [&ann, &bob] {
            client.assert_broadcast("said", ("lobby", "Ann", "hi")).await;
        }
    }
    let fault = ann.push::<usize>("chat message", ("attic", "hi")).assert_fault("not_in_room").await;
    assert_eq!(fault.message(), "join first");
    let long = "x".repeat(201);
    let fault = ann.push::<usize>("chat message", ("lobby", &long)).assert_fault("too_long").await;
    assert_eq!(fault.message(), "a message has at most 200 bytes");
    ann.push::<usize>("join", 7).assert_fault("bad_argument").await;

    for yes in [true, false] {
        let closed = ann.push("close", "lobby");
        bob.assert_asked(|to| to.ask("sure", "lobby")).await.answer(yes);
        closed.assert_reply(yes).await;
    }
    bob.disconnect().await;
    ann.assert_broadcast("left", ("lobby", "Bob")).await;
    ann.assert_silent().await;
}

#[actix_web::test]
async fn as_closures() {
    talk(closures::chat).await;
}

#[actix_web::test]
async fn as_a_handler() {
    talk(handler::chat).await;
}
