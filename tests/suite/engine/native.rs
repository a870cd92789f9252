//! WebSockets on their own TCP connection. The whole suite holds for them, with `NATIVE=1`; here is what is theirs alone.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use actix_web::dev::Service;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{App, HttpResponse, web};
use greenroom::prelude::*;
use greenroom::{NativeHandle, NativeServer, Overflow};
use greenroom_tests::http::Http;
use greenroom_tests::polling::Polling;
use greenroom_tests::socket_io::Client;
use greenroom_tests::websocket::{Frame, UPGRADE, WebSocket, frame};
use greenroom_tests::{run, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Server {
    addr: std::net::SocketAddr,
    handle: NativeHandle,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

/// An app with a route of its own, and a header on every answer.
fn serve(io: &Greenroom) -> Server {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let addr = listener.local_addr().expect("its address");
    let (tx, rx) = std::sync::mpsc::channel();
    let io = io.clone();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let service = io.clone();
            let server = NativeServer::new(&io, move || {
                App::new()
                    .wrap_fn(|request, app| {
                        let replaced = request.headers().contains_key("x-replaced");
                        let answer = app.call(request);
                        async move {
                            let mut answer = answer.await?.map_into_boxed_body();
                            if replaced {
                                answer = answer.into_response(HttpResponse::Forbidden().body("no"));
                            }
                            let seen =
                                (HeaderName::from_static("x-wrapped"), HeaderValue::from_static("yes"));
                            answer.headers_mut().insert(seen.0, seen.1);
                            Ok(answer)
                        }
                    })
                    .service(service.clone())
                    .route("/hello", web::get().to(async || HttpResponse::Ok().body("hello")))
            });
            let server = server.disable_signals().workers(2).shutdown_timeout(Duration::from_secs(1));
            let server = server.listen(listener).expect("it can listen").run();
            tx.send(server.handle()).expect("the test waits");
            server.await.expect("the server runs");
        });
    });
    Server { addr, handle: rx.recv().expect("the server starts") }
}

fn echoing(options: Options) -> Greenroom {
    let io = Greenroom::builder(options).build().expect("valid options");
    io.on_connection(|socket| {
        socket.on("echo", |socket: Socket, text: String| drop(socket.emit("echo", text)));
        socket.on("flood", |socket: Socket, packets: u32, text: String| {
            for n in 0..packets {
                let _ = socket.emit("n", (n, &text));
            }
        });
    });
    io
}

const URL: &str = "/socket.io/?EIO=4&transport=websocket";

/// A handshake's bytes.
fn handshake(url: &str) -> Vec<u8> {
    format!("GET {url} HTTP/1.1\r\nhost: x\r\n{}\r\n\r\n", UPGRADE.join("\r\n")).into_bytes()
}

#[test]
fn the_apps_middleware_answers_the_handshake() {
    run(async {
        let server = serve(&echoing(Options::new()));
        let mut http = Http::connect(server.addr).await;
        http.send("GET", URL, &UPGRADE, b"").await;
        let response = http.response().await;
        assert_eq!(response.status, 101);
        assert_eq!(response.header("x-wrapped"), Some("yes"));
        assert_eq!(response.header("upgrade"), Some("websocket"));
        assert_eq!(response.header("content-length"), None);
    });
}

#[test]
fn a_middleware_that_has_another_answer_ends_the_session() {
    run(async {
        let io = echoing(Options::new());
        let server = serve(&io);
        let mut http = Http::connect(server.addr).await;
        let headers: Vec<_> = UPGRADE.into_iter().chain(["x-replaced: yes"]).collect();
        http.send("GET", URL, &headers, b"").await;
        let response = http.response().await;
        assert_eq!((response.status, &response.body[..]), (403, &b"no"[..]));
        within("the end", async {
            while io.session_count() > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    });
}

/// Frames that come with the handshake are not lost, nor what comes in the same segment as a part of a frame.
#[test]
fn what_a_client_sends_with_its_handshake_is_read() {
    run(async {
        let server = serve(&echoing(Options::new()));
        let mut stream = TcpStream::connect(server.addr).await.expect("it listens");
        let event = frame(0x81, br#"42["echo","early"]"#);
        let (now, later) = event.split_at(7);
        stream.write_all(&[&handshake(URL), &frame(0x81, b"40")[..], now].concat()).await.expect("taken");
        stream.write_all(later).await.expect("taken");
        let mut seen = Vec::new();
        let wanted = br#"42["echo","early"]"#;
        while !seen.ends_with(wanted) {
            assert_ne!(within("the echo", stream.read_buf(&mut seen)).await.expect("alive"), 0);
        }
    });
}

/// A handshake in two pieces goes the ordinary way, and arrives.
#[test]
fn a_handshake_in_pieces_is_answered() {
    run(async {
        let server = serve(&echoing(Options::new()));
        let mut stream = TcpStream::connect(server.addr).await.expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        let whole = handshake(URL);
        let (first, rest) = whole.split_at(40);
        stream.write_all(first).await.expect("taken");
        stream.flush().await.expect("taken");
        // The first piece has been looked at when this connection was served.
        let mut other = Http::connect(server.addr).await;
        other.send("GET", "/hello", &[], b"").await;
        assert_eq!(other.response().await.status, 200);
        stream.write_all(rest).await.expect("taken");
        let mut seen = Vec::new();
        while !seen.windows(2).any(|at| at == b"0{") {
            assert_ne!(within("the OPEN packet", stream.read_buf(&mut seen)).await.expect("alive"), 0);
        }
        assert!(seen.starts_with(b"HTTP/1.1 101"));
    });
}

#[test]
fn a_refusal_is_answered_whole_and_ends_the_connection() {
    run(async {
        let server = serve(&echoing(Options::new()));
        let mut stream = TcpStream::connect(server.addr).await.expect("it listens");
        stream.write_all(&handshake("/socket.io/?EIO=3&transport=websocket")).await.expect("taken");
        let mut seen = String::new();
        within("the end", stream.read_to_string(&mut seen)).await.expect("no reset");
        assert!(seen.starts_with("HTTP/1.1 400"), "{seen}");
        assert!(seen.contains("x-wrapped: yes"), "{seen}");
        let (head, body) = seen.split_once("\r\n\r\n").expect("a head");
        assert!(head.contains(&format!("content-length: {}", body.len())) && !body.is_empty(), "{seen}");
    });
}

#[test]
fn other_requests_go_to_the_same_app_by_http() {
    run(async {
        let server = serve(&echoing(Options::new()));
        let mut http = Http::connect(server.addr).await;
        for _ in 0..2 {
            http.send("GET", "/hello", &[], b"").await;
            let response = http.response().await;
            assert_eq!((response.status, response.header("x-wrapped")), (200, Some("yes")));
        }
        // A second request of a connection that began with HTTP, so by the ordinary way.
        http.send("GET", URL, &UPGRADE, b"").await;
        assert_eq!(http.response().await.status, 101);
        let polling = Polling::open(server.addr).await;
        polling.join().await;
    });
}

/// More than a socket takes: what is left goes in order, when the client reads again.
#[test]
fn a_client_that_reads_late_gets_everything_in_order() {
    run(async {
        let server = serve(&echoing(Options::new().outbox_bytes(64 << 20).outbox_packets(100_000)));
        let mut client = Client::connect(server.addr).await;
        let text = "x".repeat(100_000);
        client.send(&format!(r#"2["flood",300,"{text}"]"#)).await;
        client.send(r#"2["echo","behind"]"#).await;
        for n in 0..300 {
            client.expect(&format!(r#"2["n",{n},"{text}"]"#)).await;
        }
        client.expect(r#"2["echo","behind"]"#).await;
        // It is written at once again, without a task.
        client.send(r#"2["echo","on"]"#).await;
        client.expect(r#"2["echo","on"]"#).await;
    });
}

#[test]
fn an_outbox_is_bounded_as_ever() {
    run(async {
        let io = echoing(Options::new().outbox_bytes(300_000).overflow(Overflow::Disconnect));
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(&format!(r#"2["flood",10,"{}"]"#, "x".repeat(100_000))).await;
        within("the end", async {
            while io.session_count() > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    });
}

#[test]
fn a_close_is_answered_and_the_connection_ends_without_a_reset() {
    run(async {
        let io = echoing(Options::new());
        let server = serve(&io);
        let mut socket = WebSocket::connect(server.addr, URL).await;
        socket.next_text().await;
        socket.write(&frame(0x88, &1000u16.to_be_bytes())).await;
        assert_eq!(socket.next().await, Frame::Close(Some(1000)));
        assert_eq!(
            within("the end", socket.stream.read_u8()).await.map_err(|e| e.kind()),
            Err(std::io::ErrorKind::UnexpectedEof)
        );
    });
}

#[test]
fn a_server_that_closes_says_goodbye_to_clients_that_talk() {
    run(async {
        let io = echoing(Options::new());
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        // Unread when the server closes: closing the socket then would reset it, and the close frame could be lost.
        for _ in 0..50 {
            client.send(r#"2["echo","on and on"]"#).await;
        }
        assert!(io.close().await, "all have gone");
        assert_eq!(client.socket.closed().await, Some(1001));
    });
}

/// The peer of a WebSocket that we end has a second to close its end; then it is reset, whatever it still sends.
#[test]
fn a_peer_that_goes_on_after_the_close_frame_is_reset() {
    run(async {
        let io = echoing(Options::new());
        io.on_connection(|socket| {
            socket.on("end", |socket: Socket| socket.disconnect(true));
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["end"]"#).await;
        while client.socket.next().await != Frame::End {}
        let said = Instant::now();
        within("the reset", async {
            while client.socket.stream.write_all(&frame(0x81, b"42[\"echo\",\"?\"]")).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
        let took = said.elapsed();
        assert!((Duration::from_millis(700)..Duration::from_secs(4)).contains(&took), "{took:?}");
    });
}

/// Its handler is at work, and more waits than is taken in: only the write that fails says that the client is gone. What was received has
/// five seconds to be handled.
#[test]
fn a_write_that_fails_ends_the_session() {
    run(async {
        let io = Greenroom::builder(Options::new()).build().expect("valid options");
        io.on_connection(|socket| {
            socket.on("work", async |socket: Socket| {
                let _ = socket.emit("working", ());
                std::future::pending::<()>().await;
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["work"]"#).await;
        client.expect(r#"2["working"]"#).await;
        let more = frame(0x81, format!(r#"42["work","{}"]"#, "x".repeat(8 * 1024)).as_bytes());
        client.socket.write(&more.repeat(256)).await;
        // With bytes unread its end is a reset.
        let _ = io.emit("unread", ());
        client.socket.stream.readable().await.expect("alive");
        drop(client);
        // Five seconds for what was received of it, and five for its handler.
        let end = async {
            while io.session_count() > 0 {
                let _ = io.emit("news", ());
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), end).await.expect("the end, in 20 s");
    });
}
