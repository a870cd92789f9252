//! Acknowledgements of many clients.

use std::time::Duration;

use greenroom::AckError;
use greenroom::prelude::*;
use greenroom_tests::server::serve;
use greenroom_tests::{PATIENCE, run};

use super::{on_both_workers, plain};

/// Rows: ACK-11, ACK-12, BRD-02
#[test]
fn everybody_in_the_union_is_asked_once_and_named_with_the_first_argument() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 4).await;
        for (client, _) in &mut clients[..3] {
            client.ask(1, r#""join","a""#).await;
        }
        for (client, _) in &mut clients[1..3] {
            client.ask(1, r#""join","b""#).await;
        }
        let asked = io.to("a").to("b").timeout(PATIENCE).emit_with_ack::<String>("q", 1);
        for (n, (client, _)) in clients[..3].iter_mut().enumerate() {
            client.expect(r#"20["q",1]"#).await;
            client.send(&format!(r#"30["answer {n}","more"]"#)).await;
        }
        let mut got = asked.await.expect("sent");
        assert!(got.is_complete());
        got.replies.sort_by(|a, b| a.1.cmp(&b.1));
        let expected: Vec<_> =
            clients[..3].iter().enumerate().map(|(n, (_, id))| (id.clone(), format!("answer {n}"))).collect();
        assert_eq!(got.replies.into_iter().map(|(id, a)| (id.to_string(), a)).collect::<Vec<_>>(), expected);
        clients[3].0.nothing_else().await;
    });
}

/// Rows: ACK-11
#[test]
fn answers_are_given_in_the_order_they_came() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 4).await;
        let asked = io.emit_with_ack::<usize>("q", ());
        for (n, (client, _)) in clients.iter_mut().enumerate() {
            client.expect(r#"20["q"]"#).await;
            client.send(&format!("30[{n}]")).await;
            // Answered by the server, so it has the acknowledgement too.
            client.nothing_else().await;
        }
        let order: Vec<_> = asked.await.expect("sent").replies.into_iter().map(|(_, n)| n).collect();
        assert_eq!(order, [0, 1, 2, 3]);
    });
}

/// Rows: ACK-13, BRD-10
#[test]
fn nobody_to_ask_is_an_empty_answer_at_once() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let clients = on_both_workers(&io, server.addr, 2).await;
        for broadcast in [
            io.to("empty"),
            io.except([clients[0].1.as_str(), clients[1].1.as_str()]),
            io.of("/none").local(),
        ] {
            let got = broadcast.emit_with_ack::<u8>("q", ()).await.expect("sent");
            assert!(got.is_complete() && got.replies.is_empty());
        }
        assert!(io.to("x").fetch_sockets().await.expect("nobody to ask").is_empty());
    });
}

/// Rows: ACK-14
#[test]
fn who_does_not_answer_in_time_is_named_and_the_others_answers_are_there() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 3).await;
        let mut asked = io.timeout(Duration::from_secs(1)).emit_with_ack::<u8>("q", ());
        for (client, _) in &mut clients {
            client.expect(r#"20["q"]"#).await;
        }
        clients[0].0.send("30[5]").await;
        let first = asked.next().await.expect("an answer");
        assert_eq!((first.0.to_string(), first.1.expect("5")), (clients[0].1.clone(), 5));
        let rest = asked.await.expect("sent");
        assert!(!rest.is_complete() && rest.replies.is_empty());
        let mut missing: Vec<_> =
            rest.missing.iter().map(|(id, error)| (id.to_string(), error.to_string())).collect();
        let mut expected: Vec<_> =
            clients[1..].iter().map(|(_, id)| (id.clone(), "operation has timed out".into())).collect();
        missing.sort();
        expected.sort();
        assert_eq!(missing, expected);
        // Late answers are ignored.
        clients[1].0.send("30[6]").await;
        clients[1].0.nothing_else().await;
    });
}

/// Rows: ACK-16
#[test]
fn who_leaves_before_the_answer_is_reported_as_gone_at_once() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 3).await;
        let asked = io.emit_with_ack::<u8>("q", ());
        for (client, _) in &mut clients {
            client.expect(r#"20["q"]"#).await;
        }
        clients[0].0.send("30[5]").await;
        clients[1].0.send("1").await;
        let (_vanished, gone) = (drop(clients.remove(2).0), clients[1].1.clone());
        let got = asked.await.expect("sent");
        assert_eq!(got.replies.len(), 1);
        assert_eq!(got.missing.len(), 2);
        assert!(got.missing.iter().all(|(_, error)| matches!(error, AckError::Disconnected)), "{got:?}");
        assert!(got.missing.iter().any(|(id, _)| id.to_string() == gone));
    });
}

/// Rows: ACK-15
#[test]
fn without_a_timeout_of_its_own_a_broadcast_has_the_servers() {
    run(async {
        let io = super::with(Options::new().ack_timeout(Duration::from_millis(50)));
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 1).await;
        let got = io.emit_with_ack::<u8>("q", ()).await.expect("sent");
        assert!(matches!(got.missing[..], [(_, AckError::Timeout)]), "{got:?}");
        clients[0].0.expect(r#"20["q"]"#).await;
    });
}

/// Rows: ACK-11, ACK-18
#[test]
fn broadcasts_that_timed_out_do_not_use_up_a_sockets_pending_answers() {
    run(async {
        let io = super::with(Options::new().max_pending_acks(2));
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 1).await;
        for id in 0..5 {
            let got = io.timeout(Duration::from_millis(20)).emit_with_ack::<u8>("q", ()).await.expect("sent");
            assert!(matches!(got.missing[..], [(_, AckError::Timeout)]), "{got:?}");
            clients[0].0.expect(&format!(r#"2{id}["q"]"#)).await;
        }
        let _pending = (io.emit_with_ack::<u8>("q", ()), io.emit_with_ack::<u8>("q", ()));
        let got = io.emit_with_ack::<u8>("q", ()).await.expect("sent");
        assert!(matches!(got.missing[..], [(_, AckError::TooMany { limit: 2 })]), "{got:?}");
    });
}

/// Rows: ACK-11
#[test]
fn a_handler_asks_its_room_without_itself_on_both_workers() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("poll", async |socket: Socket| {
                let got = socket.to("r").emit_with_ack::<u32>("vote", ()).await.expect("sent");
                got.replies.into_iter().map(|(_, n)| n).sum::<u32>()
            });
        });
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 4).await;
        for (client, _) in &mut clients {
            client.ask(1, r#""join","r""#).await;
        }
        clients[0].0.send(r#"27["poll"]"#).await;
        for (client, _) in &mut clients[1..] {
            client.expect(r#"20["vote"]"#).await;
            client.send("30[3]").await;
        }
        clients[0].0.expect("37[9]").await;
    });
}
