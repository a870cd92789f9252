//! Requests that are not served: the reference's codes, messages and order of checks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use greenroom::engine::Engine;
use greenroom::{Greenroom, Options, Refuse};
use greenroom_tests::http::{Http, get, request};
use greenroom_tests::polling::Polling;
use greenroom_tests::server::{Server, serve, serve_engine};
use greenroom_tests::websocket::{UPGRADE, WebSocket};
use greenroom_tests::{run, within};

use super::{PATH, carries, echo, echo_with, url, works};

const UNKNOWN_TRANSPORT: &str = r#"{"code":0,"message":"Transport unknown"}"#;
const UNKNOWN_SESSION: &str = r#"{"code":1,"message":"Session ID unknown"}"#;
const BAD_METHOD: &str = r#"{"code":2,"message":"Bad handshake method"}"#;
const BAD_REQUEST: &str = r#"{"code":3,"message":"Bad request"}"#;
const FORBIDDEN: &str = r#"{"code":4,"message":"Forbidden"}"#;
const UNSUPPORTED: &str = r#"{"code":5,"message":"Unsupported protocol version"}"#;

/// Rows: HND-01, HND-02, HND-03, HND-04, HND-06, HND-07, STK-01, STK-08
#[test]
fn a_refusal_over_http_has_the_references_code_and_message() {
    run(async {
        let echo = echo();
        let long = "A".repeat(4096);
        let long = format!("EIO=4&transport=polling&sid={long}");
        let cases = [
            ("GET", "EIO=4", UNKNOWN_TRANSPORT),
            ("GET", "EIO=4&transport=", UNKNOWN_TRANSPORT),
            ("GET", "EIO=4&transport=webtransport", UNKNOWN_TRANSPORT),
            ("GET", "EIO=4&transport=__proto__", UNKNOWN_TRANSPORT),
            ("GET", "EIO=4&transport=constructor", UNKNOWN_TRANSPORT),
            ("GET", "EIO=4&transport=polling&sid=__proto__", UNKNOWN_SESSION),
            ("GET", "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA", UNKNOWN_SESSION),
            ("GET", "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAAA", UNKNOWN_SESSION),
            ("POST", "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA", UNKNOWN_SESSION),
            ("GET", &long, UNKNOWN_SESSION),
            ("POST", "EIO=4&transport=polling", BAD_METHOD),
            ("PUT", "EIO=4&transport=polling&sid=", BAD_METHOD),
            ("OPTIONS", "EIO=4&transport=polling", BAD_METHOD),
            ("GET", "EIO=4&transport=websocket", BAD_REQUEST),
            ("GET", "transport=polling", UNSUPPORTED),
            ("GET", "EIO=3&transport=polling", UNSUPPORTED),
            ("GET", "EIO=04&transport=polling", UNSUPPORTED),
            ("GET", "EIO=5&transport=polling", UNSUPPORTED),
        ];
        for (method, query, body) in cases {
            let response = request(echo.server.addr, method, &format!("{PATH}?{query}"), &[], b"").await;
            assert_eq!((response.status, response.text()), (400, body), "{method} {query}");
            assert_eq!(response.header("content-type"), Some("application/json"), "{method} {query}");
        }
        assert_eq!(echo.engine.session_count(), 0);
    });
}

/// Rows: HND-10
#[test]
fn of_two_faults_the_one_that_the_reference_checks_first_is_told() {
    run(async {
        let (server, _) = gated();
        let refused = ["x-refuse: yes"];
        let cases = [
            ("POST", "EIO=3", UNKNOWN_TRANSPORT),
            ("POST", "EIO=3&transport=polling&sid=x", UNKNOWN_SESSION),
            ("POST", "EIO=3&transport=websocket", BAD_METHOD),
            ("GET", "EIO=3&transport=websocket", BAD_REQUEST),
            ("GET", "EIO=3&transport=polling", FORBIDDEN),
        ];
        for (method, query, body) in cases {
            let response = request(server.addr, method, &format!("{PATH}?{query}"), &refused, b"").await;
            assert_eq!(response.text(), body, "{method} {query}");
        }
    });
}

/// Rows: HND-04, HND-10
#[test]
fn an_origin_with_illegal_characters_is_a_bad_request() {
    run(async {
        let echo = echo();
        let mut http = Http::connect(echo.server.addr).await;
        let head = format!("GET {} HTTP/1.1\r\nhost: x\r\norigin: http://a", url("polling"));
        http.write(&[head.as_bytes(), b"\xff\r\n\r\n"].concat()).await;
        let response = http.response().await;
        assert_eq!((response.status, response.text()), (400, BAD_REQUEST));
    });
}

/// Asks about each session; those with `x-refuse` are refused, by its text if it is not `yes`. Counts the questions.
fn gated() -> (Server, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let engine = Engine::builder(Options::new())
        .allow_request(move |request| {
            count.fetch_add(1, Ordering::SeqCst);
            async move {
                tokio::task::yield_now().await;
                match request.header("x-refuse") {
                    None => Ok(()),
                    Some("yes") => Err(Refuse::because("")),
                    Some(text) => Err(Refuse::because(text)),
                }
            }
        })
        .on_session(|session| session.on_message(|session, message| session.send(message)))
        .expect("valid options");
    (serve_engine(&engine), asked)
}

/// Rows: ENG-19, HND-05, HND-08
#[test]
fn allow_request_may_refuse_a_session_with_its_own_words() {
    run(async {
        let (server, _) = gated();
        let response = request(server.addr, "GET", &url("polling"), &["x-refuse: yes"], b"").await;
        assert_eq!((response.status, response.text()), (403, FORBIDDEN));
        let response =
            request(server.addr, "GET", &url("polling"), &["x-refuse: no \"seat\" left"], b"").await;
        assert_eq!((response.status, response.text()), (403, r#"{"code":4,"message":"no \"seat\" left"}"#));
        for (header, text) in [("x-refuse: yes", "Forbidden"), ("x-refuse: full", "full")] {
            let headers: Vec<_> = UPGRADE.into_iter().chain([header]).collect();
            let refusal = WebSocket::try_connect(server.addr, &url("websocket"), &headers)
                .await
                .err()
                .expect("refused");
            assert_eq!((refusal.status, refusal.text()), (400, text), "a WebSocket is always answered 400");
        }
    });
}

/// Rows: ENG-19
#[test]
fn allow_request_is_asked_once_for_each_session() {
    run(async {
        let (server, asked) = gated();
        let polling = Polling::open_at(server.addr, PATH, "").await;
        works(&polling).await;
        let _socket = polling.probe().await;
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        let mut socket = WebSocket::connect(server.addr, &url("websocket")).await;
        assert!(socket.next_text().await.starts_with('0'));
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    });
}

/// Rows: HND-08, HND-09, HND-01, HND-02
#[test]
fn a_refused_websocket_gets_the_message_as_text_and_the_end_of_the_connection() {
    run(async {
        let echo = echo();
        let cases = [
            ("EIO=4&transport=__proto__", "Transport unknown"),
            ("EIO=4&transport=webtransport", "Transport unknown"),
            ("EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAA", "Session ID unknown"),
            ("EIO=4&transport=websocket&sid=__proto__", "Session ID unknown"),
            ("EIO=3&transport=websocket", "Unsupported protocol version"),
            ("transport=websocket", "Unsupported protocol version"),
        ];
        for (query, text) in cases {
            let mut http = Http::connect(echo.server.addr).await;
            http.send("GET", &format!("{PATH}?{query}"), &UPGRADE, b"").await;
            let response = http.response().await;
            assert_eq!((response.status, response.text()), (400, text), "{query}");
            assert_eq!(response.header("content-type"), Some("text/html"));
            assert_eq!(response.header("connection"), Some("close"));
            assert_eq!(response.header("content-length"), Some(text.len().to_string().as_str()));
            assert_eq!(http.rest().await, b"", "the connection ends");
        }
    });
}

/// Rows: HND-27
#[test]
fn a_websocket_that_names_another_transport_is_refused() {
    run(async {
        let echo = echo();
        let refusal =
            WebSocket::try_connect(echo.server.addr, &url("polling"), &UPGRADE).await.err().expect("refused");
        assert_eq!((refusal.status, refusal.text()), (400, "Bad request"));
        let polling = echo.polling().await;
        let refusal =
            WebSocket::try_connect(echo.server.addr, &polling.url, &UPGRADE).await.err().expect("refused");
        assert_eq!(refusal.status, 400);
        works(&polling).await;
    });
}

/// Rows: HND-04, HND-06, V2C-09
#[test]
fn a_session_keeps_its_protocol_version() {
    run(async {
        let echo = echo();
        let polling = echo.polling().await;
        for other in [polling.url.replace("EIO=4", "EIO=3"), polling.url.replace("EIO=4&", "")] {
            let response = get(echo.server.addr, &other).await;
            assert_eq!((response.status, response.text()), (400, BAD_REQUEST), "{other}");
            let other = other.replace("transport=polling", "transport=websocket");
            let refusal =
                WebSocket::try_connect(echo.server.addr, &other, &UPGRADE).await.err().expect("refused");
            assert_eq!((refusal.status, refusal.text()), (400, "Bad request"), "{other}");
        }
        works(&polling).await;
        // Whether there is such a session comes first.
        let unknown = format!("{PATH}?transport=polling&sid=AAAAAAAAAAAAAAAAAAAA");
        assert_eq!(get(echo.server.addr, &unknown).await.text(), UNKNOWN_SESSION);
    });
}

/// Rows: HND-04
#[test]
fn a_plain_request_for_the_websocket_of_a_session_is_a_bad_request() {
    run(async {
        let echo = echo();
        let polling = echo.polling().await;
        let response = get(echo.server.addr, &polling.upgrade_url()).await;
        assert_eq!((response.status, response.text()), (400, BAD_REQUEST));
        works(&polling).await;
    });
}

#[test]
fn one_session_more_than_a_worker_may_have_gets_503_until_one_ends() {
    run(async {
        let echo = echo_with(Options::new().max_sessions_per_worker(1).max_workers(2));
        // Two workers: connections are dealt out in turn, so two sessions fill both sooner or later.
        let mut held = Vec::new();
        let mut refused = 0;
        while refused < 4 {
            let response = get(echo.server.addr, &url("polling")).await;
            match response.status {
                200 => held.push(response.text()[9..29].to_owned()),
                503 => refused += 1,
                other => panic!("{other}"),
            }
            assert!(held.len() <= 2);
        }
        assert!(!held.is_empty());
        let sid = held.remove(0);
        let url = format!("{}&sid={sid}", url("polling"));
        let response = greenroom_tests::http::post(echo.server.addr, &url, "1").await;
        assert_eq!(response.status, 200);
        let freed = async {
            while echo.engine.session_count() > held.len() {
                tokio::task::yield_now().await
            }
        };
        greenroom_tests::within("a free place", freed).await;
        let mut opened = false;
        for _ in 0..8 {
            opened |= get(echo.server.addr, &super::url("polling")).await.status == 200;
        }
        assert!(opened, "the place is free again");
    });
}

#[test]
fn one_worker_more_than_the_limit_refuses_and_the_others_serve() {
    run(async {
        // Served with two: connections are dealt out in turn, so both are met sooner or later.
        let echo = echo_with(Options::new().max_workers(1));
        let met = async {
            let (mut served, mut refused) = (0, 0);
            while served < 2 || refused < 2 {
                match get(echo.server.addr, &url("polling")).await.status {
                    200 => served += 1,
                    503 => refused += 1,
                    other => panic!("{other}"),
                }
            }
            served
        };
        let served = within("both workers", met).await;
        assert_eq!(echo.engine.session_count(), served);
    });
}

#[test]
fn a_garbled_websocket_frame_right_behind_its_handshake_ends_that_socket_only() {
    run(async {
        let mut echo = echo();
        let bystander = &mut echo.websocket().await;
        let mut http = Http::connect(echo.server.addr).await;
        let head =
            format!("GET {} HTTP/1.1\r\nhost: x\r\n{}\r\n\r\n", url("websocket"), UPGRADE.join("\r\n"));
        http.write(&[head.as_bytes(), &[0xf1, 0x80, 1, 2, 3, 4]].concat()).await;
        assert_eq!(http.response().await.status, 101);
        let rest = http.rest().await;
        assert!(rest.ends_with(&[0x88, 2, 0x03, 0xea]), "1002: {rest:?}");
        assert_eq!(echo.reason().await, greenroom::CloseReason::TransportError);
        carries(bystander).await;
    });
}

/// Rows: HND-11, OPS-02
#[test]
fn the_app_hears_of_each_request_that_is_not_served_and_why() {
    run(async {
        let (tx, mut rx) = tokio::sync::mpsc::channel(10);
        let io = Greenroom::builder(Options::new())
            .on_connection_error(move |error, request| {
                drop(tx.try_send((
                    error.code,
                    error.message.clone(),
                    error.context,
                    request.url().to_owned(),
                )));
            })
            .build()
            .expect("valid options");
        let server = serve(&io);
        let url = "/socket.io/?EIO=3&transport=polling";
        assert_eq!(get(server.addr, url).await.status, 400);
        let heard = within("the hook", rx.recv()).await.expect("a refusal");
        assert_eq!(heard, (5, "Unsupported protocol version".into(), "", url.into()));
        let url = "/socket.io/?EIO=4&transport=websocket";
        assert_eq!(get(server.addr, url).await.status, 400);
        let heard = within("the hook", rx.recv()).await.expect("a refusal");
        assert_eq!(heard, (3, "Bad request".into(), "TRANSPORT_HANDSHAKE_ERROR", url.into()));
    });
}
