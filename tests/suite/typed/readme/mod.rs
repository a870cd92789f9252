//! The README's chat.

mod chat {
    include!("chat.rs");

    pub(super) fn server() -> Greenroom {
        Greenroom::new().mount::<Chat>()
    }
}

use greenroom::testing::TestServer;

const README: &str = include_str!("../../../../README.md");

#[test]
fn the_readme_shows_what_is_tested_here() {
    assert!(README.contains(include_str!("chat.rs")), "not in README.md as it is");
}

#[actix_web::test]
async fn who_has_entered_is_heard_by_the_others() {
    let app = TestServer::new(chat::server());
    let ann = app.connect_to("/", ()).await.expect("let in");
    let bob = app.connect_to("/", ()).await.expect("let in");
    ann.push::<()>("say", "hello").assert_fault("outside").await;
    ann.push("enter", "Ann").assert_reply(1).await;
    bob.push("enter", "Bob").assert_reply(2).await;
    ann.push("say", "hello").assert_reply(()).await;
    bob.assert_broadcast("said", ("Ann", "hello")).await;
    ann.assert_silent().await;
}
