//! Static namespaces, several of them over one connection.

use greenroom::prelude::*;
use greenroom_tests::polling::Polling;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use greenroom_tests::{run, within};
use serde_json::json;

use super::{Gate, plain, shut, telling, until, usual};

fn with_chat() -> Greenroom {
    let io = plain();
    io.of("/chat").on_connection(|socket| {
        usual(&socket);
        socket.on("whoami", |socket: Socket| (socket.namespace().to_owned(), socket.id()));
    });
    io
}

/// Rows: NSP-01, NSP-17
#[test]
fn a_namespace_gets_its_slash_and_is_the_same_each_time() {
    let io = Greenroom::new();
    assert_eq!(io.of("chat").name(), "/chat");
    let _ = io.of("/chat");
    assert_eq!(io.namespaces().iter().filter(|namespace| namespace.name() == "/chat").count(), 1);
}

/// Rows: NSP-02, SOC-01, ROM-11
#[test]
fn namespaces_share_a_connection_and_nothing_else() {
    run(async {
        let io = with_chat();
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        let main = client.join("/").await;
        let chat = client.join("/chat").await;
        assert_ne!(main, chat);
        assert_eq!((main.len(), chat.len()), (20, 20));
        client.send(r#"2/chat,1["whoami"]"#).await;
        client.expect(&format!(r#"3/chat,1["/chat","{chat}"]"#)).await;
        client.send(r#"2/chat,2["join","r"]"#).await;
        client.expect("3/chat,2[true]").await;
        assert_eq!((io.of("/").room_size("r"), io.of("/chat").room_size("r")), (0, 1));
        io.to("r").emit("wrong", ());
        io.of("/chat").to("r").emit("right", ());
        client.expect(r#"2/chat,["right"]"#).await;
        assert_eq!(io.session_count(), 1);
    });
}

/// Rows: NSP-03, NSP-05
#[test]
fn an_unknown_namespace_is_refused_and_the_connection_stays() {
    run(async {
        let server = serve(&with_chat());
        let mut client = Client::open(server.addr).await;
        client.send("0/nowhere,").await;
        client.expect(r#"4/nowhere,{"message":"Invalid namespace"}"#).await;
        // The query is part of the name: another namespace, and unknown.
        client.send("0/chat?a=1,").await;
        client.expect(r#"4/chat?a=1,{"message":"Invalid namespace"}"#).await;
        client.join("/chat").await;
        client.join("/").await;
        client.nothing_else().await;
    });
}

/// Rows: NSP-04
#[test]
fn joining_a_namespace_does_not_join_the_main_one() {
    run(async {
        let (tell, mut heard) = telling();
        let io = with_chat();
        io.on_connection(tell.saying("main"));
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.join("/chat").await;
        io.emit("news", ());
        client.send(r#"2/chat,5["probe"]"#).await;
        client.expect("3/chat,5[]").await;
        heard.nothing();
        assert_eq!(io.of("/").socket_count(), 0);
    });
}

/// Rows: NSP-14
#[test]
fn every_namespace_but_the_main_one_is_announced_when_it_is_made() {
    let (tell, mut heard) = telling();
    let io = Greenroom::new();
    io.on_new_namespace(move |namespace| tell.say(namespace.name()));
    let _ = (io.of("/"), io.of("/a"), io.of("/a"), io.of("b"));
    run(async {
        heard.expect("/a").await;
        heard.expect("/b").await;
        heard.nothing();
    });
}

/// Rows: NSP-16, UTL-12
#[test]
fn a_socket_counts_from_the_end_of_its_middleware_until_it_leaves() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        let gate = Gate::closed();
        let (inside, open) = (tell.clone(), gate.clone());
        io.wrap(move |_| {
            let (inside, open) = (inside.clone(), open.clone());
            async move {
                inside.say("asked");
                open.pass().await;
                Ok::<_, Refuse>(())
            }
        });
        io.on_connection(move |socket| {
            let tell = tell.clone();
            socket.on_disconnect(move |_: Socket, _| tell.say("left"));
        });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0").await;
        heard.expect("asked").await;
        assert_eq!(io.of("/").socket_count(), 0);
        assert!(io.fetch_sockets().await.expect("workers answer").is_empty());
        gate.open();
        assert!(client.next().await.starts_with("0{"));
        assert_eq!(io.of("/").socket_count(), 1);
        client.send("1").await;
        heard.expect("left").await;
        assert_eq!(io.of("/").socket_count(), 0);
    });
}

/// Rows: NSP-18
#[test]
fn acknowledgement_ids_count_from_0_in_each_namespace_for_unicasts_and_broadcasts_alike() {
    run(async {
        let io = with_chat();
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.join("/").await;
        client.join("/chat").await;
        let socket = io.fetch_sockets().await.expect("workers answer").remove(0);
        drop(socket.emit_with_ack::<()>(greenroom_tests::PATIENCE, "a", ()));
        client.expect(r#"20["a"]"#).await;
        drop(io.emit_with_ack::<()>("b", ()));
        client.expect(r#"21["b"]"#).await;
        drop(socket.emit_with_ack::<()>(greenroom_tests::PATIENCE, "c", ()));
        client.expect(r#"22["c"]"#).await;
        drop(io.of("/chat").emit_with_ack::<()>("d", ()));
        client.expect(r#"2/chat,0["d"]"#).await;
    });
}

/// Rows: NSP-19, DIS-12
#[test]
fn a_second_connect_to_a_joined_namespace_closes_the_connection() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let tell = tell.clone();
            socket.on_disconnect(move |_: Socket, reason| tell.say(reason));
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send("0").await;
        shut(&mut client).await;
        heard.expect("forced server close").await;
    });
}

/// Rows: NSP-20, DIS-12
#[test]
fn a_packet_for_a_namespace_that_was_not_joined_closes_the_connection() {
    run(async {
        let (tell, mut heard) = telling();
        let io = with_chat();
        io.on_connection(move |socket| {
            let tell = tell.clone();
            socket.on_disconnect(move |_: Socket, reason| tell.say(reason));
        });
        let server = serve(&io);
        for packet in [r#"2/chat,["hi"]"#, r#"3/chat,0["hi"]"#, "1/chat,", r#"2/never,["hi"]"#] {
            let mut client = Client::connect(server.addr).await;
            client.send(packet).await;
            shut(&mut client).await;
            heard.expect("forced server close").await;
        }
        // A CONNECT_ERROR is nothing that clients say.
        let mut client = Client::connect(server.addr).await;
        client.send(r#"4{"message":"no"}"#).await;
        shut(&mut client).await;
        heard.next().await;
    });
}

/// Rows: NSP-21
#[test]
fn a_second_connect_while_middleware_waits_makes_no_second_socket() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        let asked = tell.clone();
        io.wrap(move |_| {
            asked.say("asked");
            std::future::pending::<Result<(), Refuse>>()
        });
        io.on_connection(tell.saying("connected"));
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0").await;
        client.send("0").await;
        shut(&mut client).await;
        heard.expect("asked").await;
        until("the end of the session", || io.session_count() == 0).await;
        heard.nothing();
    });
}

/// Rows: NSP-22, MID-08, EVT-26
#[test]
fn packets_behind_connect_in_one_payload_wait_for_middleware_and_handlers() {
    run(async {
        let (tell, mut heard) = telling();
        let io = Greenroom::new();
        io.wrap(|_| async {
            tokio::task::yield_now().await;
            Ok::<_, Refuse>(())
        });
        io.on_connection(move |socket| {
            let tell = tell.clone();
            async move {
                socket.emit("welcome", ());
                tokio::task::yield_now().await;
                socket.on("n", move |_: Socket, n: u32| tell.say(n));
                usual(&socket);
            }
        });
        let server = serve(&io);
        let polling = Polling::open(server.addr).await;
        polling.send("40\u{1e}42[\"n\",1]\u{1e}42[\"n\",2]\u{1e}420[\"probe\"]").await;
        heard.expect("1").await;
        heard.expect("2").await;
        let mut packets = Vec::new();
        while packets.len() < 3 {
            packets.extend(polling.packets().await);
        }
        assert!(packets[0].starts_with("40{"), "{packets:?}");
        assert_eq!(packets[1..], [r#"42["welcome"]"#, "430[]"]);
    });
}

/// Rows: NSP-23
#[test]
fn every_operator_starts_from_a_namespace() {
    run(async {
        let io = with_chat();
        let chat = io.of("/chat");
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        let id = client.join("/chat").await;
        chat.emit("emit", 1);
        chat.send("text");
        chat.to(&*id).emit("to", ());
        chat.within(&*id).emit("within", ());
        chat.except("nobody").emit("except", ());
        chat.local().emit("local", ());
        let asked = chat.timeout(greenroom_tests::PATIENCE).emit_with_ack::<u8>("ask", ());
        for packet in [
            "[\"emit\",1]",
            "[\"message\",\"text\"]",
            "[\"to\"]",
            "[\"within\"]",
            "[\"except\"]",
            "[\"local\"]",
        ] {
            client.expect(&format!("2/chat,{packet}")).await;
        }
        client.expect(r#"2/chat,0["ask"]"#).await;
        client.send("3/chat,0[7]").await;
        let replies = within("the answer", async { asked.await }).await.expect("sent");
        assert_eq!(replies.replies.iter().map(|(id, n)| (id.to_string(), *n)).collect::<Vec<_>>(), [(id, 7)]);
        assert_eq!(chat.fetch_sockets().await.expect("workers answer").len(), 1);
    });
}

/// Rows: BRD-01, BRD-17
#[test]
fn an_emit_of_the_server_reaches_the_main_namespace_only() {
    run(async {
        let io = with_chat();
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.join("/").await;
        client.join("/chat").await;
        io.emit("a", json!({"b": [1, null]}));
        io.of("/chat").emit("c", ());
        client.expect(r#"2["a",{"b":[1,null]}]"#).await;
        client.expect(r#"2/chat,["c"]"#).await;
    });
}
