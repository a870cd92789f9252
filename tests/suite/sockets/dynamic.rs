//! Namespaces that clients bring to life.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;

use super::{Gate, telling, until};

/// Rows: NSP-06
#[test]
fn a_pattern_makes_a_child_for_its_first_client_and_hands_out_the_parameters() {
    run(async {
        let (tell, mut heard) = telling();
        let io = Greenroom::new();
        let here = io.clone();
        io.of_pattern("/org/{org}/{team}").expect("a pattern").on_connection(move |socket| {
            let namespace = here.of(socket.namespace());
            tell.say(format!(
                "{:?} {:?} {:?}",
                namespace.param("org"),
                namespace.param("team"),
                namespace.param("x")
            ));
        });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.join("/org/7/web").await;
        heard.expect(r#"Some("7") Some("web") None"#).await;
        for name in ["/org/7", "/org/7/web/x", "/org//web"] {
            client.send(&format!("0{name},")).await;
            client.expect(&format!(r#"4{name},{{"message":"Invalid namespace"}}"#)).await;
        }
    });
}

/// Rows: NSP-07, NSP-08
#[test]
fn existing_names_win_then_parents_in_the_order_they_were_added() {
    run(async {
        let (tell, mut heard) = telling();
        let io = Greenroom::new();
        io.of("/a-static").on_connection(tell.saying("static"));
        io.of_matching(|name, auth| async move {
            tokio::task::yield_now().await;
            name.starts_with("/a") && auth["key"] == 1
        })
        .on_connection(tell.saying("predicate"));
        io.of_pattern("/{any}").expect("a pattern").on_connection(tell.saying("pattern"));
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        for (name, auth, who) in [
            ("/a-static", r#"{"key":1}"#, "static"),
            ("/a1", r#"{"key":1}"#, "predicate"),
            ("/a2", r#"{"key":2}"#, "pattern"),
            ("/b", r#"{"key":1}"#, "pattern"),
        ] {
            client.join_with(name, auth).await;
            heard.expect(who).await;
        }
        client.send("0/a/b,").await;
        client.expect(r#"4/a/b,{"message":"Invalid namespace"}"#).await;
    });
}

/// Rows: NSP-09
#[test]
fn clients_that_hit_a_predicate_together_get_one_child() {
    run(async {
        let (tell, mut heard) = telling();
        let io = Greenroom::new();
        let gate = Gate::closed();
        let (told, open) = (tell.clone(), gate.clone());
        io.of_matching(move |_, _| {
            let (told, open) = (told.clone(), open.clone());
            async move {
                told.say("asked");
                open.pass().await;
                true
            }
        });
        io.on_new_namespace(move |namespace| tell.say(namespace.name()));
        let server = serve(&io);
        let mut clients = Vec::new();
        for _ in 0..6 {
            let mut client = Client::open(server.addr).await;
            client.send("0/one,").await;
            heard.expect("asked").await;
            clients.push(client);
        }
        gate.open();
        for client in &mut clients {
            assert!(client.next().await.starts_with("0/one,{"));
        }
        heard.expect("/one").await;
        heard.nothing();
        assert_eq!(io.of("/one").socket_count(), 6);
        io.of("/one").emit("all", ());
        for client in &mut clients {
            client.expect(r#"2/one,["all"]"#).await;
        }
    });
}

/// Rows: NSP-10
#[test]
fn a_child_has_the_rules_that_its_parent_had_at_its_birth() {
    run(async {
        let (tell, mut heard) = telling();
        let io = Greenroom::new();
        let parent = io.of_pattern("/d/{n}").expect("a pattern");
        parent.wrap(|_| Ok::<_, Refuse>(())).on_connection(tell.saying("first"));
        let server = serve(&io);
        let mut one = Client::open(server.addr).await;
        one.join("/d/1").await;
        heard.expect("first").await;
        parent.on_connection(tell.saying("second"));
        parent.wrap(|socket| if socket.namespace() == "/d/3" { Err(Refuse::because("no")) } else { Ok(()) });
        let mut two = Client::open(server.addr).await;
        two.join("/d/1").await;
        heard.expect("first").await;
        two.join("/d/2").await;
        heard.expect("first").await;
        heard.expect("second").await;
        two.send("0/d/3,").await;
        two.expect(r#"4/d/3,{"message":"no"}"#).await;
        heard.nothing();
    });
}

/// Rows: NSP-11
#[test]
fn a_child_named_in_code_belongs_to_the_pattern_that_matches() {
    run(async {
        let io = Greenroom::new();
        let parent = io.of_pattern("/d/{n}").expect("a pattern");
        parent.wrap(|_| Err::<(), _>(Refuse::because("parent's")));
        assert_eq!(io.of("/d/5").param("n"), Some("5"));
        assert_eq!(parent.children().len(), 1);
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0/d/5,").await;
        client.expect(r#"4/d/5,{"message":"parent's"}"#).await;
        // Made by the program, so no client's leaving takes it away.
        assert_eq!(parent.children().len(), 1);
    });
}

/// Rows: NSP-12
#[test]
fn a_parent_reaches_the_sockets_of_all_its_children() {
    run(async {
        let io = Greenroom::new();
        let parent = io.of_pattern("/d/{n}").expect("a pattern");
        parent.on_connection(|socket| socket.join("r"));
        let _ = io.of("/other");
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        for name in ["/d/1", "/d/2", "/other"] {
            client.join(name).await;
        }
        parent.emit("x", (1, "y"));
        parent.emit_to("r", "z", ());
        parent.emit_to("nobody", "q", ());
        io.of("/other").emit("end", ());
        let mut got = Vec::new();
        for _ in 0..5 {
            got.push(client.next().await);
        }
        assert_eq!(got[4], r#"2/other,["end"]"#);
        for name in ["/d/1", "/d/2"] {
            let at = |packet: &str| got.iter().position(|g| *g == format!("2{name},{packet}"));
            let (x, z) = (at(r#"["x",1,"y"]"#), at(r#"["z"]"#));
            assert!(x.is_some() && x < z, "{got:?}");
        }
    });
}

/// Rows: SRV-10
#[test]
fn a_child_goes_with_its_last_socket_and_comes_back_with_the_next() {
    run(async {
        let births = Arc::new(AtomicUsize::new(0));
        let count = births.clone();
        let io = Greenroom::new();
        let parent = io.of_pattern("/d/{n}").expect("a pattern");
        io.on_new_namespace(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
        });
        let server = serve(&io);
        let (mut one, mut two) = (Client::open(server.addr).await, Client::open(server.addr).await);
        one.join("/d/1").await;
        two.join("/d/1").await;
        one.send("1/d/1,").await;
        one.join("/d/2").await;
        assert!(io.namespaces().iter().any(|n| n.name() == "/d/1"));
        two.send("1/d/1,").await;
        until("the child's end", || !io.namespaces().iter().any(|n| n.name() == "/d/1")).await;
        assert_eq!(parent.children().len(), 1);
        two.join("/d/1").await;
        assert_eq!(births.load(Ordering::SeqCst), 3);
    });
}

/// Rows: SRV-10
#[test]
fn a_child_stays_without_sockets_when_the_app_says_so() {
    run(async {
        let (tell, mut heard) = telling();
        let options = Options::new().cleanup_empty_child_namespaces(false);
        let io = Greenroom::builder(options).build().expect("valid");
        let parent = io.of_pattern("/d/{n}").expect("a pattern");
        let born = tell.clone();
        io.on_new_namespace(move |namespace| born.say(namespace.name()));
        parent.on_connection(move |socket| {
            let tell = tell.clone();
            socket.on_disconnect(move |_: Socket, reason| tell.say(reason));
        });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.join("/d/1").await;
        heard.expect("/d/1").await;
        client.send("1/d/1,").await;
        heard.expect("client namespace disconnect").await;
        // The same one, so nobody is told of a birth. Asking for it by name would keep it, too.
        client.join("/d/1").await;
        heard.nothing();
        drop(client);
        heard.expect("transport close").await;
        until("the end of the session", || io.session_count() == 0).await;
        assert_eq!(parent.children().len(), 1);
    });
}

/// Rows: SRV-10
#[test]
fn a_child_goes_also_when_its_only_client_is_refused_or_gives_up() {
    run(async {
        let (tell, mut heard) = telling();
        let io = Greenroom::new();
        let parent = io.of_pattern("/d/{n}").expect("a pattern");
        parent.wrap(move |socket| {
            tell.say(socket.namespace());
            let refused = socket.namespace() == "/d/no";
            async move { if refused { Err(Refuse::because("no")) } else { std::future::pending().await } }
        });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0/d/no,").await;
        heard.expect("/d/no").await;
        client.expect(r#"4/d/no,{"message":"no"}"#).await;
        until("the end of the refused one's", || parent.children().is_empty()).await;
        client.send("0/d/wait,").await;
        heard.expect("/d/wait").await;
        assert_eq!(parent.children().len(), 1);
        drop(client);
        until("the end of the other", || parent.children().is_empty()).await;
    });
}

/// Rows: NSP-06
#[test]
fn clients_make_no_more_children_than_the_limit() {
    run(async {
        let io = Greenroom::builder(Options::new().max_dynamic_namespaces(2)).build().expect("valid");
        io.of_pattern("/d/{n}").expect("a pattern");
        io.of_matching(|name, _| async move { name.starts_with("/p/") });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.join("/d/1").await;
        client.join("/p/1").await;
        for name in ["/d/2", "/p/2"] {
            client.send(&format!("0{name},")).await;
            client.expect(&format!(r#"4{name},{{"message":"Invalid namespace"}}"#)).await;
        }
        // Those that live are open to others, and a place becomes free with its child.
        let mut other = Client::open(server.addr).await;
        other.join("/d/1").await;
        client.send("1/p/1,").await;
        until("a free place", || io.namespaces().len() == 2).await;
        other.join("/d/3").await;
    });
}

/// Rows: NSP-07
#[test]
fn a_predicate_that_panics_accepts_nobody() {
    run(async {
        let io = Greenroom::new();
        io.of_matching(|name, _| async move { if name == "/bad" { panic!("in a predicate") } else { true } });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0/bad,").await;
        client.expect(r#"4/bad,{"message":"Invalid namespace"}"#).await;
        client.join("/good").await;
    });
}
