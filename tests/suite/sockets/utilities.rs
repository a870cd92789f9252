//! Acting on many sockets, on whatever worker they are.

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use serde_json::json;

use super::{on_both_workers, plain, shut, telling};

/// Rows: UTL-01, UTL-02, UTL-12
#[test]
fn sockets_are_fetched_from_all_workers_by_the_same_rules_as_broadcasts() {
    run(async {
        let io = plain();
        io.on_connection(|socket| socket.set_data(json!({"url": socket.handshake().url()})));
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 4).await;
        for n in [0, 1] {
            clients[n].0.ask(1, r#""join","a""#).await;
            clients[n + 1].0.ask(1, r#""join","b""#).await;
        }
        let ids: Vec<_> = clients.iter().map(|(_, id)| id.clone()).collect();
        let cases = [
            (io.except("nobody"), vec![0, 1, 2, 3]),
            (io.to("a"), vec![0, 1]),
            (io.to("a").to("b"), vec![0, 1, 2]),
            (io.to("a").except("b"), vec![0]),
            (io.local(), vec![0, 1, 2, 3]),
            (io.to(ids[3].as_str()), vec![3]),
            (io.to("none"), vec![]),
        ];
        for (broadcast, expected) in cases {
            let mut found: Vec<_> = broadcast
                .fetch_sockets()
                .await
                .expect("workers answer")
                .iter()
                .map(|s| s.id().to_string())
                .collect();
            let mut expected: Vec<_> = expected.into_iter().map(|n: usize| ids[n].clone()).collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{broadcast:?}");
        }
        let one = io.to(ids[1].as_str()).fetch_sockets().await.expect("workers answer").remove(0);
        assert_eq!(
            one.rooms.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [ids[1].as_str(), "b", "a"]
        );
        assert_eq!(one.data["url"], one.handshake().url());
        assert!(one.handshake().address().is_some());
        assert_eq!((io.session_count(), io.of("/").socket_count()), (4, 4));
    });
}

/// Rows: UTL-01
#[test]
fn a_handler_fetches_sockets_of_the_other_worker_too() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("count", async |socket: Socket| {
                let others = socket.broadcast().fetch_sockets().await.expect("workers answer").len();
                (others, socket.within("a").fetch_sockets().await.expect("workers answer").len())
            });
        });
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 3).await;
        for (client, _) in &mut clients {
            client.ask(1, r#""join","a""#).await;
        }
        for (client, _) in &mut clients {
            assert_eq!(client.ask(1, r#""count""#).await, json!([2, 3]));
        }
    });
}

/// Rows: UTL-04, UTL-05, UTL-07
#[test]
fn matching_sockets_are_made_to_join_and_leave() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 3).await;
        io.sockets_join(["all", "more"]);
        io.to(clients[0].1.as_str()).sockets_join("one");
        io.to("one").emit("one", ());
        io.to("all").emit("all", ());
        io.except("one").sockets_leave(["all", "unknown"]);
        io.to("all").emit("still", ());
        io.emit("end", ());
        for event in ["one", "all", "still", "end"] {
            clients[0].0.expect(&format!(r#"2["{event}"]"#)).await;
        }
        for (client, _) in &mut clients[1..] {
            client.expect(r#"2["all"]"#).await;
            client.expect(r#"2["end"]"#).await;
        }
        assert_eq!((io.of("/").room_size("all"), io.of("/").room_size("more")), (1, 3));
    });
}

/// Rows: UTL-04, UTL-07
#[test]
fn a_handler_puts_a_socket_of_another_worker_into_a_room_and_the_next_line_reaches_it() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("invite", |socket: Socket, other: String| {
                socket.within(other).sockets_join("new");
                socket.to("new").emit("welcome", ());
            });
        });
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 2).await;
        for round in 0..20 {
            let (from, to) = (round % 2, 1 - round % 2);
            let id = clients[to].1.clone();
            clients[from].0.send(&format!(r#"2["invite","{id}"]"#)).await;
            clients[to].0.expect(r#"2["welcome"]"#).await;
            clients[to].0.ask(1, r#""leave","new""#).await;
        }
        assert!(io.of("/").rooms().is_empty());
    });
}

/// Rows: UTL-06, UTL-07, DIS-04, DIS-14
#[test]
fn matching_sockets_are_disconnected_with_or_without_their_connection() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let tell = tell.clone();
            socket.on_disconnect(move |socket: Socket, reason| tell.say(format!("{} {reason}", socket.id())));
        });
        let _ = io.of("/x");
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 3).await;
        heard.forget();
        for (client, _) in &mut clients {
            client.join("/x").await;
        }
        let ids: Vec<_> = clients.iter().map(|(_, id)| id.clone()).collect();
        io.to(ids[0].as_str()).disconnect_sockets(false);
        clients[0].0.expect("1").await;
        heard.expect(&format!("{} server namespace disconnect", ids[0])).await;
        io.of("/x").to("none").disconnect_sockets(true);
        assert_eq!(io.of("/x").socket_count(), 3);
        io.except(ids[2].as_str()).disconnect_sockets(true);
        clients[1].0.expect("1").await;
        clients[1].0.expect("1/x,").await;
        shut(&mut clients[1].0).await;
        heard.expect(&format!("{} server namespace disconnect", ids[1])).await;
        // Both workers have done it when they have answered.
        assert_eq!(io.fetch_sockets().await.expect("workers answer").len(), 1);
        // The first kept its connection and comes back; the third was left alone.
        clients[0].0.join("/").await;
        for n in [0, 2] {
            clients[n].0.nothing_else().await;
        }
        heard.nothing();
    });
}

/// Rows: UTL-03
#[test]
fn a_worker_that_does_not_answer_is_an_error_that_holds_what_the_others_said() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
        io.on_connection(move |socket| {
            let (tell, wait) = (tell.clone(), wait.clone());
            socket.on("block", move |_: Socket| {
                tell.say("blocked");
                wait.lock().expect("no panic").recv().expect("the test goes on");
            });
        });
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 2).await;
        clients[0].0.send(r#"2["block"]"#).await;
        heard.expect("blocked").await;
        let asked = io.timeout(std::time::Duration::from_secs(1));
        let error = asked.fetch_sockets().await.expect_err("one is blocked");
        assert_eq!((error.answered, error.expected, error.sockets.len()), (1, 2, 1));
        assert_eq!(error.to_string(), "timeout reached: only 1 responses received out of 2");
        go.send(()).expect("the server waits");
        assert_eq!(io.fetch_sockets().await.expect("both answer").len(), 2);
    });
}
