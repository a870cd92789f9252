//! Clients that do not read what they are sent.

use greenroom::{Disconnect, Greenroom, Options, Overflow, Socket};
use greenroom_tests::server::{Server, serve};
use greenroom_tests::socket_io::Client;
use greenroom_tests::websocket::Frame;
use greenroom_tests::{run, within};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Larger than a socket's buffers after some hundred of them.
const PART: usize = 100_000;

struct Room {
    io: Greenroom,
    left: UnboundedReceiver<(String, String)>,
    server: Server,
}

/// A server that puts everybody into one room and says who left it.
fn room(options: Options) -> Room {
    let io = Greenroom::builder(options).build().expect("valid options");
    let (tx, left) = unbounded_channel();
    io.on_connection(move |socket| {
        let tx = tx.clone();
        socket.join("news");
        socket.on_disconnect(move |socket: Socket, reason: Disconnect| {
            let _ = tx.send((socket.id().to_string(), reason.to_string()));
        });
    });
    let server = serve(&io);
    Room { io, left, server }
}

async fn member(room: &Room) -> (Client, String) {
    let mut client = Client::open(room.server.addr).await;
    let id = client.join("/").await;
    (client, id)
}

fn number(packet: &str) -> usize {
    let rest = packet.strip_prefix(r#"2["news","#).expect("news");
    rest.split(',').next().and_then(|n| n.parse().ok()).expect("a number")
}

#[test]
fn a_member_that_stops_reading_is_closed_and_the_others_notice_nothing() {
    run(async {
        let mut room = room(Options::new().outbox_bytes(300_000));
        let (mut slow, slow_id) = member(&room).await;
        let mut others = Vec::new();
        for _ in 0..4 {
            others.push(member(&room).await.0);
        }
        let part = "x".repeat(PART);
        let mut sent = 0;
        let gone = loop {
            room.io.to("news").emit("news", (sent, &part));
            for other in &mut others {
                assert_eq!(number(&other.next().await), sent);
            }
            sent += 1;
            if let Ok(gone) = room.left.try_recv() {
                break gone;
            }
            assert!(sent < 1000, "the slow one is never closed");
        };
        assert_eq!(gone, (slow_id, "transport error".to_owned()));
        // It may read what was under way, and is told why it was closed; what waited was dropped.
        let mut read = 0;
        loop {
            match slow.socket.next().await {
                Frame::Text(_) => read += 1,
                Frame::Close(code) => {
                    assert_eq!(code, Some(1008));
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(read < sent);
        room.io.to("news").emit("news", (sent, ""));
        for other in &mut others {
            assert_eq!(number(&other.next().await), sent);
        }
    });
}

#[test]
fn with_drop_oldest_a_slow_member_stays_and_misses_the_middle() {
    run(async {
        // On a slow machine the others take longer than a client may take nothing.
        let patient = Options::new().write_timeout(std::time::Duration::from_secs(60));
        let mut room = room(patient.outbox_bytes(300_000).overflow(Overflow::DropOldest));
        let (mut slow, _) = member(&room).await;
        let (mut other, _) = member(&room).await;
        let part = "x".repeat(PART);
        const SENT: usize = 300;
        for n in 0..SENT {
            room.io.to("news").emit("news", (n, &part));
            assert_eq!(number(&other.next().await), n);
        }
        let mut seen = Vec::new();
        while seen.last() != Some(&(SENT - 1)) {
            seen.push(number(&slow.next().await));
        }
        assert!(seen.is_sorted());
        assert!(seen.len() < SENT, "something was dropped");
        assert!(room.left.try_recv().is_err(), "nobody was closed");
        room.io.to("news").emit("news", (SENT, ""));
        assert_eq!(number(&slow.next().await), SENT);
    });
}

#[test]
fn the_packets_of_an_outbox_are_counted_too() {
    run(async {
        let mut room = room(Options::new().outbox_packets(3));
        // A session without a poll takes nothing.
        let polling = greenroom_tests::polling::Polling::open(room.server.addr).await;
        polling.join().await;
        for n in 0..3 {
            room.io.to("news").emit("news", n);
        }
        polling.send("6").await;
        assert!(room.left.try_recv().is_err(), "three may wait");
        assert_eq!(polling.packets().await.len(), 3);
        for n in 0..4 {
            room.io.to("news").emit("news", n);
        }
        let (_, reason) = within("the end", room.left.recv()).await.expect("the server runs");
        assert_eq!(reason, "transport error");
    });
}

#[test]
fn a_socket_that_takes_nothing_is_shut_down_after_the_write_timeout() {
    run(async {
        let options =
            Options::new().outbox_bytes(64 << 20).write_timeout(std::time::Duration::from_millis(500));
        let mut room = room(options);
        let (_slow, slow_id) = member(&room).await;
        let part = "x".repeat(PART);
        for n in 0..300 {
            room.io.to("news").emit("news", (n, &part));
        }
        let (id, reason) = within("the end", room.left.recv()).await.expect("the server runs");
        assert_eq!(id, slow_id);
        assert!(reason == "transport close" || reason == "transport error", "{reason}");
    });
}
