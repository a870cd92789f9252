//! The chat without a network.

use greenroom::prelude::*;
use greenroom::testing::{Raw, TestClient, TestServer};
use serde_json::json;

use crate::payload::{Post, Reaction, Tally};
use crate::talk::Talk;
use crate::wall::Wall;

fn app() -> TestServer {
    let io = Greenroom::new().mount_with::<Talk>(Wall::default());
    TestServer::new(io.refuse_stale::<Talk>(crate::talk::catalogue().contract()))
}

/// A page that has read what is on the wall.
async fn page(app: &TestServer, name: &str) -> TestClient<Talk> {
    let page = app.connect::<Talk>(json!({ "name": name })).await.expect("a good name");
    page.next().wall().await;
    page
}

#[actix_web::test]
async fn who_comes_reads_the_wall_and_the_others_read_of_it() {
    let app = app();
    let ada = page(&app, "Ada").await;
    let said = ada.say("hello", None).await.expect("a good text");
    ada.forget().await;

    let bo = app.connect::<Talk>(json!({ "name": "Bo" })).await.expect("a good name");
    let wall = bo.next().wall().await;
    let came = Post::Came { id: said + 1, who: "Bo".into() };
    let (who, text) = ("Ada".to_owned(), "hello".to_owned());
    let hello = Post::Said { id: said, who, text, reply_to: None, tally: Tally::default() };
    assert_eq!(wall, [Post::Came { id: 1, who: "Ada".into() }, hello, came.clone()]);
    ada.assert_heard(|page| page.posted(&came)).await;

    bo.connection().cut().await;
    ada.assert_heard(|page| page.posted(&Post::Left { id: said + 2, who: "Bo".into() })).await;
}

#[actix_web::test]
async fn a_reply_names_what_it_replies_to() {
    let app = app();
    let (ada, bo) = (page(&app, "Ada").await, page(&app, "Bo").await);
    ada.forget().await;
    let first = ada.say("who has the key?", None).await.expect("a good text");
    let second = bo.say("I do", Some(first)).await.expect("a post to reply to");
    for page in [&ada, &bo] {
        page.next().posted().await;
        let post = page.next().posted().await;
        assert!(
            matches!(post, Post::Said { id, reply_to, .. } if (id, reply_to) == (second, Some(first))),
            "{post:?}"
        );
        page.assert_silent().await;
    }
    bo.say("I do", Some(999)).assert_fault("no_such_post").await;
    // That somebody came is nothing to reply to.
    bo.say("welcome", Some(1)).assert_fault("no_such_post").await;
}

#[actix_web::test]
async fn a_reaction_counts_once_for_each_person_and_is_taken_back() {
    let app = app();
    let (ada, bo) = (page(&app, "Ada").await, page(&app, "Bo").await);
    let id = ada.say("we open at eight", None).await.expect("a good text");
    for page in [&ada, &bo] {
        page.forget().await;
    }
    let (one, two) = (Tally { flowers: 1, ..Tally::default() }, Tally { flowers: 2, ..Tally::default() });
    ada.react(id, Reaction::Flowers).assert_reply(one).await;
    bo.assert_heard(|page| page.reacted(id, &one)).await;
    bo.react(id, Reaction::Flowers).assert_reply(two).await;
    bo.react(id, Reaction::Flowers).assert_reply(one).await;
    ada.assert_heard(|page| page.reacted(id, &two)).await;
    ada.assert_heard(|page| page.reacted(id, &one)).await;
    let cleo = app.connect::<Talk>(json!({ "name": "Cleo" })).await.expect("a good name");
    let wall = cleo.next().wall().await;
    assert!(wall.iter().any(|post| matches!(post, Post::Said { tally, .. } if *tally == one)), "{wall:?}");
    ada.react(999, Reaction::Flowers).assert_fault("no_such_post").await;
    ada.react(id, Raw("tomatoes")).assert_fault("bad_argument").await;
}

#[actix_web::test]
async fn what_is_out_of_bounds_is_refused_with_a_code_and_the_oldest_goes() {
    let app = app();
    let ada = page(&app, "Ada").await;
    for text in ["", " ", "\u{7}", &"x".repeat(501)] {
        ada.say(text, None).assert_fault("bad_text").await;
    }
    for number in 0..100 {
        ada.say(number.to_string(), None).await.expect("a good text");
    }
    ada.say("who came?", Some(2)).await.expect("the first that was said is there");
    ada.say("who came?", Some(2)).assert_fault("no_such_post").await;
}

#[actix_web::test]
async fn a_bad_name_and_an_old_page_are_not_let_in() {
    let app = app();
    for name in ["", "A\nda", &"x".repeat(25)] {
        let refused = app.connect::<Talk>(json!({ "name": name })).await.expect_err("a bad name");
        assert_eq!(refused.code, "bad_name", "{name:?}");
    }
    let old = json!({ "name": "Ada", "$contract": "0000000000000000" });
    assert_eq!(app.connect::<Talk>(old).await.expect_err("an old page").code, "contract");
}
