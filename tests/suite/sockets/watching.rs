//! `on_any_outgoing`, `on_any` and packet middleware where something is wrong.

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;

use super::{on_both_workers, plain, telling};

/// Rows: EVT-18
#[test]
fn a_panic_of_an_outgoing_listener_hits_nobody_else() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("watch", |socket: Socket| {
                socket.on_any_outgoing(|_, event, _| assert_ne!(event, "panic"));
            });
        });
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 4).await;
        clients[0].0.send(r#"2["watch"]"#).await;
        clients[1].0.send(r#"2["watch"]"#).await;
        for (client, _) in &mut clients[..2] {
            client.nothing_else().await;
        }
        for event in ["panic", "calm", "panic", "calm"] {
            io.emit(event, ());
            for (client, _) in &mut clients {
                client.expect(&format!(r#"2["{event}"]"#)).await;
            }
        }
    });
}

/// Rows: EVT-18
#[test]
fn outgoing_listeners_are_told_in_a_namespace_with_a_bracket_in_its_name() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.of("/team/[x]").on_connection(move |socket| {
            let tell = tell.clone();
            socket.on_any_outgoing(move |_, event, args| tell.say(format!("{event} {}", args.len())));
            socket.emit("hello", (1, 2));
        });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.join("/team/[x]").await;
        client.expect(r#"2/team/[x],["hello",1,2]"#).await;
        heard.expect("hello 2").await;
    });
}

#[test]
fn arguments_that_cannot_be_read_are_refused_by_middleware_and_not_shown_as_none() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let (any, ran, refused) = (tell.clone(), tell.clone(), tell.clone());
            socket.on_any(move |_, event, args| any.say(format!("{event} {}", args.len())));
            socket.wrap_events(|_, packet| Ok(packet));
            socket.on_error(move |_, refuse| refused.say(refuse.message()));
            socket.on("rename", move |_: Socket, id: Option<u32>, name: Option<String>| {
                ran.say(format!("{id:?} {name:?}"));
                true
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"21["rename",1,"\ud800"]"#).await;
        let refused = heard.next().await;
        assert!(refused.starts_with("argument 2"), "{refused}");
        client.ask(2, r#""rename",1,"x""#).await;
        heard.expect("rename 2").await;
        heard.expect(r#"Some(1) Some("x")"#).await;
    });
}
