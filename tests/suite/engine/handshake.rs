//! The first request of a session.

use std::collections::HashSet;

use greenroom::{Options, TransportKind};
use greenroom_tests::http::{get, request};
use greenroom_tests::run;
use greenroom_tests::websocket::{UPGRADE, WebSocket};

use super::{Echo, PATH, carries, echo, echo_with, ms, url, works};

fn options() -> Options {
    Options::new().ping_interval(ms(1234)).ping_timeout(ms(567)).max_payload(8910)
}

fn shape(sid: &str) -> bool {
    sid.len() == 20 && sid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Rows: HND-12, HND-13, HND-15, TRN-01, SRV-11
#[test]
fn the_first_answer_is_the_open_packet_with_the_options() {
    run(async {
        let echo = echo_with(options());
        let response = get(echo.server.addr, &url("polling")).await;
        assert_eq!(response.status, 200);
        let sid = response.text().split('"').nth(3).expect("a sid").to_owned();
        let open = format!(
            r#"0{{"sid":"{sid}","upgrades":["websocket"],"pingInterval":1234,"pingTimeout":567,"maxPayload":8910}}"#
        );
        assert_eq!(response.text(), open);
        assert_eq!(response.header("content-type"), Some("text/plain; charset=UTF-8"));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert_eq!(response.header("content-length"), Some(open.len().to_string().as_str()));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("set-cookie"), None);
    });
}

/// Rows: HND-13, TRN-16, CLI-02
#[test]
fn a_session_over_websocket_needs_no_polling_and_offers_no_upgrade() {
    run(async {
        let mut echo = echo_with(options());
        let mut socket = WebSocket::connect(echo.server.addr, &url("websocket")).await;
        let open = socket.next_text().await;
        assert!(open.contains(r#""upgrades":[],"pingInterval":1234"#), "{open}");
        carries(&mut socket).await;
        assert_eq!(echo.session().await.transport(), TransportKind::WebSocket);
    });
}

/// Rows: ENG-10, ENG-09
#[test]
fn no_upgrade_is_offered_where_there_is_none() {
    run(async {
        for options in [Options::new().allow_upgrades(false), Options::new().websocket(false)] {
            let echo = echo_with(options);
            let response = get(echo.server.addr, &url("polling")).await;
            assert!(response.text().contains(r#""upgrades":[]"#), "{}", response.text());
        }
    });
}

/// Rows: ENG-10
#[test]
fn without_allow_upgrades_a_probe_is_still_served() {
    run(async {
        let echo = echo_with(Options::new().allow_upgrades(false));
        let polling = echo.polling().await;
        polling.probe().await;
    });
}

/// Rows: ENG-09, HND-01
#[test]
fn a_transport_that_is_off_is_unknown() {
    run(async {
        let echo = echo_with(Options::new().polling(false));
        let response = get(echo.server.addr, &url("polling")).await;
        assert_eq!((response.status, response.text()), (400, r#"{"code":0,"message":"Transport unknown"}"#));
        carries(&mut echo.websocket().await).await;
        let echo = echo_with(Options::new().websocket(false));
        let refusal = WebSocket::try_connect(echo.server.addr, &url("websocket"), &UPGRADE)
            .await
            .err()
            .expect("refused");
        assert_eq!((refusal.status, refusal.text()), (400, "Transport unknown"));
        works(&echo.polling().await).await;
    });
}

/// Rows: ENG-21, STK-08
#[test]
fn session_ids_have_the_shape_balancers_expect_and_never_repeat() {
    run(async {
        let echo = echo();
        let mut seen = HashSet::new();
        for _ in 0..100 {
            let polling = echo.polling().await;
            assert!(shape(&polling.sid), "{}", polling.sid);
            assert!(seen.insert(polling.sid));
        }
    });
}

/// Rows: HND-24, CLI-08, CLI-14
#[test]
fn of_repeated_parameters_the_last_wins_and_unknown_ones_are_kept() {
    run(async {
        let mut echo = echo();
        let url = format!("{PATH}?transport=none&EIO=3&t=Pq8x.1&a=1&a=b%20c&EIO=4&transport=polling");
        assert_eq!(get(echo.server.addr, &url).await.status, 200);
        let session = echo.session().await;
        let request = session.request();
        assert_eq!(
            (request.query("a"), request.query("t"), request.query("nope")),
            (Some("b c"), Some("Pq8x.1"), None)
        );
        assert_eq!(request.url(), url);
    });
}

/// Rows: CLI-08, CLI-14
#[test]
fn the_cache_buster_and_an_offered_subprotocol_are_tolerated() {
    run(async {
        let echo = echo();
        let headers: Vec<_> =
            UPGRADE.into_iter().chain(["sec-websocket-protocol: chat, superchat"]).collect();
        let mut socket =
            WebSocket::try_connect(echo.server.addr, &format!("{}&t=abc", url("websocket")), &headers)
                .await
                .unwrap_or_else(|refusal| panic!("{refusal:?}"));
        assert!(socket.next_text().await.starts_with("0{"));
        carries(&mut socket).await;
    });
}

/// Rows: EAP-05, EAP-06
#[test]
fn a_session_knows_its_id_its_peer_and_what_carries_it() {
    run(async {
        let mut echo = echo_with(Options::new().keep_headers(true));
        let polling = echo.polling().await;
        let session = echo.session().await;
        assert_eq!(session.id().expose(), polling.sid);
        assert_eq!(session.transport(), TransportKind::Polling);
        let headers = ["x-forwarded-for: 6.6.6.6", "x-mine: yes"];
        let response = request(echo.server.addr, "GET", &url("polling"), &headers, b"").await;
        assert_eq!(response.status, 200);
        let session = echo.session().await;
        assert_eq!(session.request().header("x-mine"), Some("yes"));
        let address = session.request().address().expect("a peer");
        assert_eq!(address.ip().to_string(), "127.0.0.1", "X-Forwarded-For is never believed");
    });
}

/// Rows: EAP-06
#[test]
fn headers_are_kept_only_where_they_are_asked_for() {
    run(async {
        let mut echo = echo();
        let polling = echo.polling().await;
        let session = echo.session().await;
        assert_eq!(session.id().expose(), polling.sid);
        assert_eq!(session.request().headers().count(), 0);
    });
}

async fn count(echo: &Echo, n: usize) {
    // The last session's end is told to another thread.
    let reached = async {
        while echo.engine.session_count() != n {
            tokio::task::yield_now().await;
        }
    };
    greenroom_tests::within("the count of sessions", reached).await;
}

/// Rows: EAP-04
#[test]
fn sessions_are_counted_until_they_end() {
    run(async {
        let echo = echo();
        assert_eq!(echo.engine.session_count(), 0);
        let polling = echo.polling().await;
        let socket = echo.websocket().await;
        count(&echo, 2).await;
        drop(socket);
        count(&echo, 1).await;
        polling.send("1").await;
        let _ = polling.poll().await;
        count(&echo, 0).await;
    });
}

/// Rows: HND-12
#[test]
fn a_failed_websocket_key_opens_no_session() {
    run(async {
        let echo = echo();
        let wrong = [
            ["sec-websocket-version: 12", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="],
            ["sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZQ=="],
            ["sec-websocket-version: 13", "x-no: key"],
        ];
        for headers in wrong {
            let headers = ["connection: Upgrade", "upgrade: websocket", headers[0], headers[1]];
            let refusal = WebSocket::try_connect(echo.server.addr, &url("websocket"), &headers).await.err();
            assert_eq!(refusal.map(|r| r.status), Some(400), "{headers:?}");
        }
        assert_eq!(echo.engine.session_count(), 0);
    });
}
