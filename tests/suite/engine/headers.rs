//! Headers that an app adds.

use greenroom::Options;
use greenroom::engine::Engine;
use greenroom_tests::http::Http;
use greenroom_tests::http::get;
use greenroom_tests::polling::Polling;
use greenroom_tests::run;
use greenroom_tests::server::{Server, serve_engine};
use greenroom_tests::websocket::{UPGRADE, WebSocket};

use super::{PATH, url};

fn adorned() -> Server {
    let engine = Engine::builder(Options::new())
        .headers(|request, opens, headers| {
            headers.push(("x-all".into(), request.query("transport").unwrap_or("none").into()));
            if opens {
                headers.push(("set-cookie".into(), "seen=1; Path=/".into()));
                headers.push(("set-cookie".into(), "again=2".into()));
            }
            headers.push(("not a header".into(), "x".into()));
            headers.push(("x-split".into(), "a\r\nx-evil: 1".into()));
        })
        .on_session(|session| session.on_message(|session, message| session.send(message)))
        .expect("valid options");
    serve_engine(&engine)
}

/// Rows: EAP-01, EAP-02, COR-10, CLI-13
#[test]
fn the_first_answer_and_all_answers_of_a_session_can_be_given_headers() {
    run(async {
        let server = adorned();
        let response = get(server.addr, &url("polling")).await;
        assert_eq!(response.header("x-all"), Some("polling"));
        let cookies: Vec<_> = response
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
            .map(|(_, v)| v.as_str())
            .collect();
        assert_eq!(cookies, ["seen=1; Path=/", "again=2"]);
        let polling = Polling::open_at(server.addr, PATH, "").await;
        for response in [polling.post("4x").await, polling.poll().await] {
            assert_eq!(response.header("x-all"), Some("polling"));
            assert_eq!(response.header("set-cookie"), None, "only the first answer opens a session");
        }
        let mut http = Http::connect(server.addr).await;
        http.send("GET", &polling.upgrade_url(), &UPGRADE, b"").await;
        let response = http.response().await;
        assert_eq!(
            (response.status, response.header("x-all"), response.header("set-cookie")),
            (101, Some("websocket"), None)
        );
        let mut http = Http::connect(server.addr).await;
        http.send("GET", &url("websocket"), &UPGRADE, b"").await;
        let response = http.response().await;
        assert_eq!((response.status, response.header("set-cookie")), (101, Some("seen=1; Path=/")));
    });
}

/// Rows: EAP-01
#[test]
fn a_header_that_is_none_is_left_out() {
    run(async {
        let server = adorned();
        let response = get(server.addr, &url("polling")).await;
        assert_eq!(response.status, 200);
        assert_eq!(
            (response.header("not a header"), response.header("x-split"), response.header("x-evil")),
            (None, None, None)
        );
        let mut socket = WebSocket::connect(server.addr, &url("websocket")).await;
        super::carries(&mut {
            assert!(socket.next_text().await.starts_with("0{"));
            socket
        })
        .await;
    });
}
