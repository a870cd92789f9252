//! Presence: who is here, with how many connections, and what changes.

use greenroom::prelude::*;
use greenroom::presence::{Here, Presence};
use greenroom::testing::{TestClient, TestServer};
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use serde_json::{Value as Json, json};

use crate::recovery::Returner;

#[derive(Handler, Default)]
#[handler(rooms(Presence))]
struct Person;

#[events]
impl Person {
    #[event]
    async fn come(&mut self, cx: &Cx<Self>, user: String, mood: String) -> Result<(), Fault> {
        cx.enter::<Presence>("lobby", Here::new(user, json!({ "mood": mood }))).await?;
        Ok(())
    }

    #[event]
    fn go(&mut self, cx: &Cx<Self>) {
        cx.exit::<Presence>("lobby");
    }
}

async fn come(app: &TestServer, user: &str, mood: &str) -> TestClient<Person> {
    let client = app.connect::<Person>(()).await.expect("let in");
    client.come(user, mood).await.expect("a place");
    client
}

fn as_seen(client: &TestClient<Person>, away: bool, mood: &str) -> Json {
    json!({ "id": client.id(), "away": away, "meta": { "mood": mood } })
}

#[actix_web::test]
async fn who_comes_is_told_everybody_and_the_others_what_changes() {
    let app = TestServer::new(Greenroom::new().mount::<Person>());
    let ann = come(&app, "ann", "fine").await;
    ann.assert_broadcast("presence_state", json!({ "ann": [as_seen(&ann, false, "fine")] })).await;
    let phone = come(&app, "ann", "tired").await;
    let both = json!({ "ann": [as_seen(&ann, false, "fine"), as_seen(&phone, false, "tired")] });
    phone.assert_broadcast("presence_state", both).await;
    let joins = json!({ "joins": { "ann": [as_seen(&phone, false, "tired")] }, "leaves": {} });
    ann.assert_broadcast("presence_diff", joins).await;

    phone.push::<()>("presence_update", json!({ "mood": "gone" })).await.expect("taken");
    let changed = json!({ "joins": { "ann": [as_seen(&phone, false, "gone")] }, "leaves": { "ann": [as_seen(&phone, false, "tired")] } });
    ann.assert_broadcast("presence_diff", &changed).await;
    phone.assert_broadcast("presence_diff", &changed).await;
    phone.push::<()>("presence_update", "x".repeat(5_000)).assert_fault("too_long").await;

    let leaves = json!({ "joins": {}, "leaves": { "ann": [as_seen(&phone, false, "gone")] } });
    phone.go().await.expect("gone");
    ann.assert_broadcast("presence_diff", leaves).await;
}

#[test]
fn who_is_away_is_seen_to_be_until_it_is_back() {
    run(async {
        let recovery = Recovery::new().before_first_event(true);
        let io =
            Greenroom::builder(Options::new().connection_state_recovery(recovery)).build().expect("valid");
        let server = serve(&io.mount::<Person>());
        let mut bob = Client::connect(server.addr).await;
        bob.send(r#"21["come","bob","fine"]"#).await;
        for _ in 0..2 {
            bob.next().await;
        }
        let mut ann = Returner::arrive(server.addr).await;
        ann.client.send(r#"2["come","ann","fine"]"#).await;
        ann.event().await;
        assert!(bob.next().await.contains(r#""leaves":{}"#));
        let lost = ann.cut();
        for (now, before) in [(true, false), (false, true)] {
            let packet = bob.next().await;
            let diff: Json = serde_json::from_str(packet.strip_prefix('2').expect("an event")).expect("JSON");
            assert_eq!(diff[1]["joins"]["ann"][0]["away"], json!(now), "{packet}");
            assert_eq!(diff[1]["leaves"]["ann"][0]["away"], json!(before), "{packet}");
            if now {
                let mut ann = lost.clone().come_back(server.addr).await;
                let seen = ann.event().await;
                assert_eq!(seen[0], "presence_diff");
                std::mem::forget(ann);
            }
        }
    });
}
