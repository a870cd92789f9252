//! What a client that comes back finds: itself, and what it missed.

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::{serve, serve_on};
use greenroom_tests::socket_io::Client;
use serde_json::json;

use super::{Returner, keeping, lose_one};
use crate::sockets::telling;

/// Rows: CSR-01, CSR-03, CSR-05, CSR-07, CSR-11, CSR-16, CSR-17, CSR-18, CSR-20, CSR-37, SOC-11
#[test]
fn a_client_gets_what_it_missed_once_and_in_order_on_whatever_worker_it_lands() {
    run(async {
        for workers in [1, 2, 3] {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new(), &tell);
            let server = serve_on(&io, workers);
            for round in 0..6 {
                let mut client = Returner::arrive(server.addr).await;
                client.client.ask(1, r#""join","news""#).await;
                io.to(client.sid.as_str()).emit("first", 1);
                client.expect(r#"["first",1]"#).await;
                let lost = client.cut();
                heard.expect("transport close").await;

                io.emit("all", round);
                io.to(lost.sid.as_str()).emit("mine", "a string");
                io.to("news").emit("news", (1, json!({ "n": [2] })));
                io.to("other").emit("other", 1);
                io.except(lost.sid.as_str()).emit("not me", 1);
                io.except("news").emit("not news", 1);
                io.to("news").to(lost.sid.as_str()).emit("once", ());

                let mut client = lost.come_back(server.addr).await;
                client.expect(&format!(r#"["all",{round}]"#)).await;
                client.expect(r#"["mine","a string"]"#).await;
                client.expect(r#"["news",1,{"n":[2]}]"#).await;
                client.expect(r#"["once"]"#).await;
                assert_eq!(client.client.ask(1, r#""who""#).await, json!([client.sid, true]));
                io.to("news").emit("live", 1);
                client.expect(r#"["live",1]"#).await;
                client.client.nothing_else().await;
                client.client.send("1").await;
                heard.expect("client namespace disconnect").await;
            }
        }
    });
}

/// Rows: CSR-17, CSR-20
#[test]
fn many_cuts_in_a_row_lose_and_double_nothing() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new(), &tell);
        let server = serve(&io);
        let mut client = Returner::arrive(server.addr).await;
        let target = io.to(client.sid.as_str());
        let (mut sent, mut seen) = (0, 0);
        for cut in 0..20 {
            // Some of what is sent is read, some is on its way when the connection is cut, some comes after.
            for _ in 0..5 {
                sent += 1;
                target.emit("n", sent);
            }
            for _ in 0..cut % 6 {
                if seen < sent {
                    seen += 1;
                    client.expect(&format!(r#"["n",{seen}]"#)).await;
                }
            }
            if client.offset.is_none() {
                seen += 1;
                client.expect(&format!(r#"["n",{seen}]"#)).await;
            }
            let lost = client.cut();
            heard.next().await;
            sent += 1;
            target.emit("n", sent);
            client = lost.come_back(server.addr).await;
        }
        while seen < sent {
            seen += 1;
            client.expect(&format!(r#"["n",{seen}]"#)).await;
        }
        client.client.nothing_else().await;
    });
}

/// Rows: CSR-34
#[test]
fn binary_is_replayed_with_its_attachments() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new(), &tell);
        let server = serve(&io);
        let lost = lose_one(&io, server.addr, &mut heard).await;
        io.emit("b", (Binary::from(vec![1, 2]), "x", Binary::from(vec![])));
        let mut client = lost.come_back(server.addr).await;
        let packet = client.client.next().await;
        let placeholder = |n| format!(r#"{{"_placeholder":true,"num":{n}}}"#);
        let start = format!(r#"52-["b",{},"x",{},""#, placeholder(0), placeholder(1));
        assert!(packet.starts_with(&start), "{packet}");
        assert_eq!(client.client.next_binary().await, [1, 2]);
        assert_eq!(client.client.next_binary().await, [0u8; 0]);
        client.client.nothing_else().await;
    });
}

/// Rows: CSR-08, CSR-10
#[test]
fn volatile_events_are_not_kept_and_do_not_lose_the_place() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new(), &tell);
        let server = serve(&io);
        let mut client = Returner::arrive(server.addr).await;
        io.emit("kept", 1);
        client.event().await;
        // An official client takes the last argument of every event, if a string, for the offset.
        io.volatile().emit("volatile", "a string");
        client.expect(r#"["volatile","a string"]"#).await;
        let lost = client.cut();
        heard.next().await;
        io.volatile().emit("volatile", "away");
        io.emit("kept", 2);
        let mut client = lost.come_back(server.addr).await;
        client.expect(r#"["kept",2]"#).await;
        client.client.nothing_else().await;
    });
}

/// Rows: CSR-35
#[test]
fn each_namespace_is_recovered_for_itself() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new(), &tell);
        let second = io.of("/second");
        second.on_connection(|socket| crate::sockets::usual(&socket));
        let server = serve(&io);
        let mut client = Returner::arrive(server.addr).await;
        client.client.send("0/second,").await;
        let answer = client.client.next().await;
        let other: serde_json::Value = serde_json::from_str(&answer["0/second,".len()..]).unwrap();
        assert_ne!(other["pid"].as_str(), Some(client.pid.as_str()));
        second.emit("there", 1);
        let packet = client.client.next().await;
        let args: Vec<serde_json::Value> = serde_json::from_str(&packet["2/second,".len()..]).unwrap();
        let offset = args[2].as_str().unwrap().to_owned();
        io.emit("here", 1);
        client.expect(r#"["here",1]"#).await;
        let lost = client.cut();
        heard.next().await;
        second.emit("there", 2);
        io.emit("here", 2);
        let mut client = lost.come_back(server.addr).await;
        client.expect(r#"["here",2]"#).await;
        let pid = other["pid"].as_str().unwrap();
        client.client.send(&format!(r#"0/second,{{"pid":"{pid}","offset":"{offset}"}}"#)).await;
        assert_eq!(client.client.next().await, answer);
        let packet = client.client.next().await;
        assert!(packet.starts_with(r#"2/second,["there",2,""#), "{packet}");
        client.client.nothing_else().await;
    });
}

/// Rows: CSR-12
#[test]
fn a_session_without_an_event_is_recovered_only_if_the_switch_says_so() {
    run(async {
        for switch in [false, true] {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new().before_first_event(switch), &tell);
            let server = serve(&io);
            let client = Returner::arrive(server.addr).await;
            let lost = client.cut();
            heard.next().await;
            io.emit("missed", 1);
            if switch {
                let mut client = lost.come_back(server.addr).await;
                client.expect(r#"["missed",1]"#).await;
                client.client.nothing_else().await;
            } else {
                lost.starts_afresh(server.addr).await.client.nothing_else().await;
            }
        }
    });
}

/// Rows: CSR-13, CSR-14
#[test]
fn who_left_or_was_made_to_leave_starts_afresh() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new(), &tell);
        let server = serve(&io);
        for how in ["client", "server", "packet", "message"] {
            let mut client = Returner::arrive(server.addr).await;
            io.emit("first", 1);
            client.event().await;
            match how {
                "client" => client.client.send("1").await,
                "server" => io.to(client.sid.as_str()).disconnect_sockets(true),
                "packet" => client.client.socket.text("not a packet").await,
                _ => client.client.send("not a packet").await,
            }
            let reason = heard.next().await;
            assert!(
                ["client namespace disconnect", "server namespace disconnect", "parse error", "forced close"]
                    .contains(&reason.as_str()),
                "{reason}"
            );
            client.cut().starts_afresh(server.addr).await.client.nothing_else().await;
            heard.next().await;
        }
    });
}

/// Rows: CSR-01, CSR-03
#[test]
fn without_the_option_there_is_no_private_id_and_no_offset() {
    run(async {
        let io = crate::sockets::plain();
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send(r#"0{"pid":"abcdefghijklmnopqrst","offset":"AAAAAAAAAAAAAAAB"}"#).await;
        let answer = client.next().await;
        assert!(!answer.contains("pid"), "{answer}");
        io.emit("e", 1);
        client.expect(r#"2["e",1]"#).await;
    });
}

/// What a client sent right before its transport was lost is handled once, before it is back.
#[test]
fn events_that_had_come_are_handled_before_the_client_is_back() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new().before_first_event(true), &tell);
        let gate = crate::sockets::Gate::closed();
        let (open, said) = (gate.clone(), tell.clone());
        io.on_connection(move |socket| {
            said.say(format!("recovered {}", socket.recovered()));
            let (open, said) = (open.clone(), said.clone());
            socket.on("slow", move |_: Socket, n: u32| {
                let (open, said) = (open.clone(), said.clone());
                async move {
                    said.say(format!("begin {n}"));
                    open.pass().await;
                    said.say(format!("end {n}"));
                }
            });
        });
        let server = serve(&io);
        let mut client = Returner::arrive(server.addr).await;
        heard.expect("recovered false").await;
        client.client.send(r#"2["slow",1]"#).await;
        client.client.send(r#"2["slow",2]"#).await;
        heard.expect("begin 1").await;
        let lost = client.cut();
        let addr = server.addr;
        let back = tokio::spawn(lost.come_back(addr));
        gate.open();
        for said in ["end 1", "begin 2", "end 2", "transport close", "recovered true"] {
            heard.expect(said).await;
        }
        back.await.expect("it is back").client.nothing_else().await;
    });
}

/// Half a message is nothing, and the client sends it again.
#[test]
fn a_message_cut_in_the_middle_is_not_handled() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new().before_first_event(true), &tell);
        let said = tell.clone();
        io.on_connection(move |socket| {
            let said = said.clone();
            socket.on("say", move |_: Socket, what: String| said.say(what));
        });
        let server = serve(&io);
        let mut client = Returner::arrive(server.addr).await;
        let whole = greenroom_tests::websocket::frame(0x81, br#"42["say","half"]"#);
        client.client.socket.write(&whole[..whole.len() - 4]).await;
        let lost = client.cut();
        heard.expect("transport close").await;
        let mut client = lost.come_back(server.addr).await;
        client.client.send(r#"2["say","whole"]"#).await;
        heard.expect("whole").await;
    });
}
