//! HTTP long polling.

use std::net::SocketAddr;

use greenroom::engine::Message;
use greenroom::{CloseReason, Options};
use greenroom_tests::http::{Http, request};
use greenroom_tests::polling::Polling;
use greenroom_tests::server::serve_app;
use greenroom_tests::{run, within};

use super::{echo, echo_with, ms, works};

const TEXT: &str = "content-type: text/plain;charset=UTF-8";

/// Rows: HND-14
#[test]
fn a_post_is_answered_in_an_app_that_runs_its_requests_in_tasks_of_their_own() {
    use actix_web::dev::Service as _;
    run(async {
        let io = greenroom::Greenroom::new();
        let service = io.clone();
        let server = serve_app(&io, move |app| {
            let tasks = actix_web::web::scope("").wrap_fn(|request, service| {
                let call = actix_web::rt::spawn(service.call(request));
                async move { call.await.expect("no panic") }
            });
            app.service(tasks.service(service.clone()));
        });
        let polling = Polling::open(server.addr).await;
        within("the answer of a POST", polling.send("40")).await;
        assert!(within("a poll", polling.poll()).await.text().starts_with("40{"));
    });
}

/// Rows: HND-14, HND-15, TRN-01
#[test]
fn posts_and_polls_are_answered_with_the_references_headers() {
    run(async {
        let echo = echo();
        let polling = echo.polling().await;
        let response = polling.post("4hello").await;
        assert_eq!((response.status, response.text()), (200, "ok"));
        assert_eq!(response.header("content-type"), Some("text/html"));
        assert_eq!(response.header("content-length"), Some("2"));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        let response = polling.poll().await;
        assert_eq!((response.status, response.text()), (200, "4hello"));
        assert_eq!(response.header("content-type"), Some("text/plain; charset=UTF-8"));
        assert_eq!(response.header("content-length"), Some("6"));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    });
}

/// Rows: TRN-02, TRN-24, CLI-10
#[test]
fn many_packets_travel_in_one_body_and_binary_ones_as_base64() {
    run(async {
        let echo = echo();
        let polling = echo.polling().await;
        polling.send("4a\u{1e}bAQIDBA==\u{1e}4\u{20ac}\u{1e}4").await;
        polling.send("4b").await;
        // A POST of one packet may be answered before its echo is there.
        let mut packets = Vec::new();
        while packets.len() < 5 {
            packets.extend(polling.packets().await);
        }
        assert_eq!(packets, ["4a", "bAQIDBA==", "4\u{20ac}", "4", "4b"]);
    });
}

/// Rows: TRN-20, TRN-06
#[test]
fn open_noop_upgrade_and_an_unasked_pong_are_ignored() {
    run(async {
        let echo = echo();
        let polling = echo.polling().await;
        polling.send("0{}\u{1e}6\u{1e}5\u{1e}3\u{1e}4still").await;
        assert_eq!(polling.packets().await, ["4still"]);
    });
}

/// Rows: HND-16
#[test]
fn another_method_is_answered_500_and_changes_nothing() {
    run(async {
        let echo = echo();
        let polling = echo.polling().await;
        for method in ["PUT", "DELETE", "PATCH"] {
            let response = request(echo.server.addr, method, &polling.url, &[], b"").await;
            assert_eq!((response.status, response.text()), (500, ""), "{method}");
        }
        works(&polling).await;
    });
}

/// Rows: HND-17, DIS-09
#[test]
fn a_second_poll_beside_the_first_ends_the_session() {
    run(async {
        let mut echo = echo();
        let polling = echo.polling().await;
        let (first, second) = tokio::join!(polling.poll(), polling.poll());
        let (first, second) = if first.status == 200 { (first, second) } else { (second, first) };
        assert_eq!((first.status, first.text()), (200, "1"));
        assert_eq!((second.status, second.text()), (400, ""));
        assert_eq!(echo.reason().await, CloseReason::TransportError);
        echo.is_gone(&polling).await;
    });
}

/// Begins a request that is under way when this returns: the server has said that it goes on.
async fn begun(addr: SocketAddr, method: &str, url: &str, headers: &[&str]) -> Http {
    let mut http = Http::connect(addr).await;
    let headers = headers.join("\r\n");
    http.write(
        format!("{method} {url} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n{headers}\r\n\r\n").as_bytes(),
    )
    .await;
    assert_eq!(http.response().await.status, 100);
    http
}

/// Begins a POST whose body does not come.
async fn hanging_post(addr: SocketAddr, url: &str) -> Http {
    let mut http = begun(addr, "POST", url, &[TEXT, "content-length: 100"]).await;
    http.write(b"4abc").await;
    http
}

/// Rows: HND-18, DIS-09
#[test]
fn a_second_post_beside_the_first_ends_the_session_and_both_requests() {
    run(async {
        let mut echo = echo();
        let polling = echo.polling().await;
        let mut first = hanging_post(echo.server.addr, &polling.url).await;
        // Taken while the first one is still on its way to the session's worker.
        let refused = async {
            loop {
                let second = polling.post("6").await;
                if second.status != 200 {
                    return second;
                }
            }
        };
        let second = within("a refusal", refused).await;
        assert_eq!((second.status, second.text()), (400, ""));
        assert_eq!(echo.reason().await, CloseReason::TransportError);
        // Let go at once: were it left to its pace, it would be answered 408.
        let answer = first.try_response().await;
        assert!(answer.is_none_or(|answer| answer.status == 400));
        echo.is_gone(&polling).await;
    });
}

/// Rows: HND-20, DIS-09
#[test]
fn a_binary_or_compressed_post_is_refused_and_ends_the_session() {
    run(async {
        let mut echo = echo();
        for header in ["content-type: application/octet-stream", "content-encoding: gzip"] {
            let polling = echo.polling().await;
            let response = request(echo.server.addr, "POST", &polling.url, &[header], b"4abc").await;
            assert_eq!((response.status, response.text()), (400, ""), "{header}");
            assert_eq!(echo.reason().await, CloseReason::TransportError);
            echo.is_gone(&polling).await;
        }
    });
}

/// Rows: HND-21, DIS-09
#[test]
fn an_abandoned_poll_ends_the_session() {
    run(async {
        let mut echo = echo();
        let polling = echo.polling().await;
        drop(begun(echo.server.addr, "GET", &polling.url, &["accept: */*"]).await);
        assert_eq!(echo.reason().await, CloseReason::TransportError);
        echo.is_gone(&polling).await;
    });
}

/// Rows: HND-21, DIS-09
#[test]
fn an_abandoned_post_ends_the_session() {
    run(async {
        let mut echo = echo();
        let polling = echo.polling().await;
        drop(hanging_post(echo.server.addr, &polling.url).await);
        assert_eq!(echo.reason().await, CloseReason::TransportError);
        echo.is_gone(&polling).await;
    });
}

/// Rows: HND-22, DIS-10
#[test]
fn an_undecodable_packet_ends_the_session_after_those_before_it() {
    run(async {
        let mut echo = echo();
        for body in ["abc", "4fine\u{1e}7", "", "b!", "\u{1e}"] {
            let polling = echo.polling().await;
            let response = polling.post(body).await;
            assert_eq!((response.status, response.text()), (400, ""), "{body:?}");
            assert_eq!(echo.reason().await, CloseReason::ParseError, "{body:?}");
            echo.is_gone(&polling).await;
        }
    });
}

/// Rows: HND-23, TRN-19, DIS-08
#[test]
fn a_client_that_closes_has_its_poll_released() {
    run(async {
        let mut echo = echo();
        let polling = echo.polling().await;
        let (poll, post) = tokio::join!(polling.poll(), polling.post("1"));
        assert_eq!((poll.status, poll.text()), (200, "6"));
        assert_eq!((post.status, post.text()), (200, "ok"));
        assert_eq!(echo.reason().await, CloseReason::TransportClose);
    });
}

/// Rows: HND-23, TRN-21, DIS-11
#[test]
fn a_session_that_the_server_closes_answers_the_waiting_poll_with_a_close_packet() {
    run(async {
        let mut echo = echo();
        let polling = echo.polling().await;
        let session = echo.session().await;
        let waiting = tokio::spawn({
            let polling = polling.clone();
            async move { polling.packets().await }
        });
        // Sent to the waiting poll; the close that follows waits for the next one.
        session.send("last");
        session.close();
        let mut packets = waiting.await.expect("a poll");
        if packets == ["4last"] {
            packets.extend(polling.packets().await);
        }
        assert_eq!(packets, ["4last", "1"]);
        assert_eq!(echo.reason().await, CloseReason::ForcedClose);
        echo.is_gone(&polling).await;
    });
}

/// Rows: TRN-21
#[test]
fn what_was_sent_before_the_close_waits_for_the_last_poll() {
    run(async {
        let mut echo = echo();
        let polling = echo.polling().await;
        let session = echo.session().await;
        session.send("one");
        session.send(Message::Binary(vec![1, 2, 3].into()));
        session.close();
        session.send("too late");
        assert_eq!(echo.reason().await, CloseReason::ForcedClose);
        assert_eq!(polling.packets().await, ["4one", "bAQID"]);
        assert_eq!(polling.packets().await, ["1"]);
        echo.is_gone(&polling).await;
    });
}

/// Rows: HND-25, HND-04
#[test]
fn a_poll_or_post_after_the_upgrade_is_a_bad_request() {
    run(async {
        let echo = echo();
        let polling = echo.polling().await;
        let mut socket = polling.probe().await;
        socket.text("5").await;
        super::carries(&mut socket).await;
        for response in [polling.poll().await, polling.post("4x").await] {
            assert_eq!((response.status, response.text()), (400, r#"{"code":3,"message":"Bad request"}"#));
        }
        super::carries(&mut socket).await;
    });
}

/// Rows: TRN-24
#[test]
fn a_poll_takes_whole_packets_up_to_max_payload_and_the_rest_waits() {
    run(async {
        let mut echo = echo_with(Options::new().max_payload(100));
        let polling = echo.polling().await;
        let session = echo.session().await;
        // 4 + 48 characters; with one separator, two of them are 99 bytes and three too many.
        let message = |n: u8| String::from_utf8(vec![b'a' + n; 48]).expect("ASCII");
        for n in 0..3 {
            session.send(message(n));
        }
        session.send("x".repeat(300));
        // All of it is queued when the session's worker has answered a request.
        polling.send("6").await;
        assert_eq!(polling.packets().await, [format!("4{}", message(0)), format!("4{}", message(1))]);
        assert_eq!(polling.packets().await, [format!("4{}", message(2))]);
        assert_eq!(polling.packets().await, [format!("4{}", "x".repeat(300))]);
    });
}

/// Rows: CLI-10, ENG-08
#[test]
fn a_body_of_max_payload_bytes_is_taken() {
    run(async {
        let echo = echo_with(Options::new().max_payload(1000));
        let polling = echo.polling().await;
        polling.send(&format!("4{}", "x".repeat(999))).await;
        assert_eq!(polling.packets().await, [format!("4{}", "x".repeat(999))]);
    });
}

/// Rows: HND-19, ENG-08
#[test]
fn a_body_of_one_byte_more_than_max_payload_is_refused_by_what_it_announces() {
    run(async {
        let mut echo = echo_with(Options::new().max_payload(1000));
        let polling = echo.polling().await;
        let mut http = Http::connect(echo.server.addr).await;
        // Not one byte of the body is sent.
        http.write(
            format!("POST {} HTTP/1.1\r\nhost: x\r\n{TEXT}\r\ncontent-length: 1001\r\n\r\n", polling.url)
                .as_bytes(),
        )
        .await;
        let response = http.response().await;
        assert_eq!((response.status, response.text()), (413, ""));
        assert_eq!(echo.reason().await, CloseReason::TransportError);
        echo.is_gone(&polling).await;
    });
}

/// Rows: HND-19, ENG-08
#[test]
fn a_chunked_body_is_refused_by_what_arrives() {
    run(async {
        let mut echo = echo_with(Options::new().max_payload(1000));
        for (len, status) in [(999, 200), (1000, 413)] {
            let polling = echo.polling().await;
            let mut http = Http::connect(echo.server.addr).await;
            let head = format!(
                "POST {} HTTP/1.1\r\nhost: x\r\n{TEXT}\r\ntransfer-encoding: chunked\r\n\r\n",
                polling.url
            );
            http.write(head.as_bytes()).await;
            http.write(format!("1\r\n4\r\n{len:x}\r\n{}\r\n", "x".repeat(len)).as_bytes()).await;
            if status == 200 {
                http.write(b"0\r\n\r\n").await;
            }
            assert_eq!(http.response().await.status, status, "{len}");
            if status == 413 {
                assert_eq!(echo.reason().await, CloseReason::TransportError);
                echo.is_gone(&polling).await;
            }
        }
    });
}

#[test]
fn a_body_that_does_not_come_in_time_is_answered_408_and_ends_the_session() {
    run(async {
        let mut echo = echo_with(Options::new().post_timeout(ms(200)));
        let polling = echo.polling().await;
        let mut http = hanging_post(echo.server.addr, &polling.url).await;
        assert_eq!(http.response().await.status, 408);
        assert_eq!(http.rest().await, b"", "the connection ends");
        assert_eq!(echo.reason().await, CloseReason::TransportError);
        echo.is_gone(&polling).await;
    });
}

#[test]
fn a_body_of_16384_packets_is_taken_and_one_more_is_not() {
    run(async {
        let mut echo = echo();
        let polling = echo.polling().await;
        let body = |n: usize| vec!["6"; n].join("\u{1e}");
        polling.send(&body(16_384)).await;
        assert_eq!(polling.post(&body(16_385)).await.status, 400);
        assert_eq!(echo.reason().await, CloseReason::ParseError);
    });
}

/// Rows: TRN-07
#[test]
fn a_ping_of_the_client_ends_the_session() {
    run(async {
        let mut echo = echo();
        let polling = echo.polling().await;
        polling.post("2").await;
        assert_eq!(echo.reason().await, CloseReason::TransportError);
        echo.is_gone(&polling).await;
    });
}
