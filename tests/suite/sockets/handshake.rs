//! What a socket knows of its client.

use std::sync::Arc;
use std::time::SystemTime;

use greenroom::Request;
use greenroom::prelude::*;
use greenroom_tests::http::Http;
use greenroom_tests::polling::Polling;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use greenroom_tests::websocket::{UPGRADE, WebSocket};
use serde_json::{Value as Json, json};

use super::{on_both_workers, plain, telling, usual};

fn telling_handshakes() -> Greenroom {
    let io = super::with(Options::new().keep_headers(true));
    for name in ["/", "/x"] {
        io.of(name).on_connection(|socket| {
            socket.on("handshake", |socket: Socket| serde_json::to_value(socket.handshake()).expect("JSON"));
            usual(&socket);
        });
    }
    io
}

/// Rows: SOC-02, SOC-03, SOC-04, SOC-05, SOC-06, SOC-07
#[test]
fn a_handshake_has_the_first_request_and_the_auth_of_its_namespace() {
    run(async {
        let server = serve(&telling_handshakes());
        let before =
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_millis();
        let url = "/socket.io/?EIO=4&transport=websocket&a=1&a=2&b=%C3%A4%20&t=x";
        let mut headers = UPGRADE.to_vec();
        let origin = format!("origin: http://{}", server.addr);
        headers.extend(["X-Thing: Some", &origin, "cookie: a=b"]);
        let Ok(socket) = WebSocket::try_connect(server.addr, url, &headers).await else { panic!("refused") };
        let mut client = Client { socket };
        client.socket.next_text().await;
        client.join_with("/", r#"{"token":"t"}"#).await;
        client.join("/x").await;
        let main = client.ask(1, "\"handshake\"").await[0].clone();
        assert_eq!(main["headers"]["x-thing"], "Some");
        assert_eq!(main["headers"]["upgrade"], "websocket");
        assert_eq!(main["headers"]["cookie"], "a=b");
        assert_eq!(
            main["query"],
            json!({"EIO": "4", "transport": "websocket", "a": "2", "b": "ä ", "t": "x"})
        );
        assert_eq!(main["auth"], json!({"token": "t"}));
        assert_eq!(main["url"], url);
        assert_eq!(main["address"], "127.0.0.1");
        assert_eq!((&main["secure"], &main["xdomain"]), (&json!(false), &json!(true)));
        let issued = u128::from(main["issued"].as_u64().expect("a number"));
        assert!((before..before + 60_000).contains(&issued), "{main}");
        assert!(main["time"].as_str().is_some_and(|time| time.contains("GMT")), "{main}");
        client.send(r#"2/x,2["handshake"]"#).await;
        let answer = client.next().await;
        let other: Json =
            serde_json::from_str(answer.strip_prefix("3/x,2").expect("an answer")).expect("JSON");
        assert_eq!((&other[0]["auth"], &other[0]["query"]), (&json!({}), &main["query"]));
        let mut no_page = Client::connect(server.addr).await;
        assert_eq!(no_page.ask(1, "\"handshake\"").await[0]["xdomain"], json!(false));
    });
}

/// Rows: SOC-02, SOC-12
#[test]
fn the_first_requests_facts_stay_and_the_transport_is_the_present_one() {
    run(async {
        let io = telling_handshakes();
        io.on_connection(|socket| {
            socket.on("transport", |socket: Socket| format!("{:?}", socket.transport()));
        });
        let server = serve(&io);
        let mut http = Http::connect(server.addr).await;
        http.send("GET", "/socket.io/?EIO=4&transport=polling&k=v", &["x-first: yes"], b"").await;
        let open = http.response().await;
        let sid = serde_json::from_str::<Json>(&open.text()[1..]).expect("OPEN")["sid"]
            .as_str()
            .expect("sid")
            .to_owned();
        let url = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
        let polling = Polling { addr: server.addr, sid, url };
        polling.send("40\u{1e}420[\"transport\"]").await;
        let mut packets = Vec::new();
        while packets.len() < 2 {
            packets.extend(polling.packets().await);
        }
        assert_eq!(packets[1], r#"430["Polling"]"#);
        let mut socket = polling.probe().await;
        socket.text("5").await;
        let mut client = Client { socket };
        assert_eq!(client.ask(1, "\"transport\"").await, json!(["WebSocket"]));
        let handshake = client.ask(2, "\"handshake\"").await[0].clone();
        assert_eq!(
            (&handshake["headers"]["x-first"], &handshake["query"]["k"]),
            (&json!("yes"), &json!("v"))
        );
        assert_eq!(handshake["query"]["transport"], "polling");
    });
}

/// Rows: SOC-02, ENG-19
#[test]
fn without_the_option_the_gate_sees_headers_and_nobody_after_it() {
    run(async {
        let (tell, mut heard) = telling();
        let told = tell.clone();
        let gate = move |request: Arc<Request>| {
            told.say(format!("gate {:?} {:?}", request.header("x-thing"), request.query("a")));
            async { Ok(()) }
        };
        let io = Greenroom::builder(Options::new()).allow_request(gate).build().expect("valid");
        io.on_connection(move |socket| {
            let handshake = socket.handshake();
            let (headers, query) = (handshake.headers().count(), handshake.query("a"));
            tell.say(format!("socket {headers} {query:?} {}", handshake.is_cross_domain()));
            assert_eq!(serde_json::to_value(handshake).expect("JSON")["headers"], json!({}));
        });
        let server = serve(&io);
        let origin = format!("origin: http://{}", server.addr);
        for header in [origin.as_str(), "x-other: 1"] {
            let headers = [&UPGRADE[..], &["x-thing: some", header]].concat();
            let url = "/socket.io/?EIO=4&transport=websocket&a=1";
            let Ok(mut socket) = WebSocket::try_connect(server.addr, url, &headers).await else {
                panic!("refused")
            };
            socket.next_text().await;
            socket.text("40").await;
            heard.expect(r#"gate Some("some") Some("1")"#).await;
            heard.expect(&format!(r#"socket 0 Some("1") {}"#, header == origin)).await;
        }
    });
}

/// Rows: SOC-01
#[test]
fn a_sockets_id_is_new_each_time_and_never_the_sessions() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let polling = Polling::open(server.addr).await;
        let first = polling.join().await;
        assert_ne!(first, polling.sid);
        polling.send("41\u{1e}40").await;
        let connect = polling.packets().await.remove(0);
        assert_ne!(serde_json::from_str::<Json>(&connect[2..]).expect("JSON")["sid"], first);
    });
}

/// Rows: SOC-08, SOC-10, DIS-01, DIS-02, DIS-03
#[test]
fn rooms_and_connected_change_in_the_references_order_when_a_socket_leaves() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let say = |what: &'static str| {
                let tell = tell.clone();
                move |socket: Socket, reason: Disconnect| {
                    let own =
                        socket.rooms().first().is_some_and(|room| room.as_str() == socket.id().as_str());
                    tell.say(format!(
                        "{what} {own} {} {} {reason}",
                        socket.rooms().len(),
                        socket.is_connected()
                    ));
                }
            };
            socket.on_disconnect(say("disconnect"));
            socket.on_disconnecting(say("disconnecting"));
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.ask(1, r#""join","r""#).await;
        client.send("1").await;
        // Node says `connected` is still true in `disconnecting`; ours is false from the moment that nothing is sent any more.
        heard.expect("disconnecting true 2 false client namespace disconnect").await;
        heard.expect("disconnect false 0 false client namespace disconnect").await;
        assert_eq!((io.of("/").socket_count(), io.of("/").rooms().len()), (0, 0));
    });
}

/// Rows: SOC-09, SOC-15, UTL-02
#[test]
fn data_is_seen_from_elsewhere_as_a_copy_and_typed_state_stays_with_the_socket() {
    #[derive(Clone, Default, PartialEq, Debug)]
    struct Count(u32);
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("put", |socket: Socket, data: Json| {
                socket.set_data(data);
                socket.update(|count: &mut Count| count.0 += 1);
                socket.get::<Count>().map(|count| count.0)
            });
            socket.on("take", |socket: Socket| {
                (socket.take::<Count>().map(|c| c.0), socket.get::<Count>().is_none())
            });
        });
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 2).await;
        assert_eq!(clients[0].0.ask(1, r#""put",{"name":"x"}"#).await, json!([1]));
        assert_eq!(clients[0].0.ask(2, r#""put",{"name":"y"}"#).await, json!([2]));
        assert_eq!(clients[0].0.ask(3, r#""take""#).await, json!([2, true]));
        let mut found = io.fetch_sockets().await.expect("workers answer");
        found.sort_by_key(|socket| socket.id().to_string() != clients[0].1);
        assert_eq!((&found[0].data, &found[1].data), (&json!({"name": "y"}), &Json::Null));
        found[0].data = json!("changed");
        assert_eq!(
            io.to(&*clients[0].1).fetch_sockets().await.expect("workers answer")[0].data,
            json!({"name": "y"})
        );
    });
}

/// Rows: SOC-11
#[test]
fn a_socket_says_that_it_was_not_recovered() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("recovered", |socket: Socket| socket.recovered());
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        assert_eq!(client.ask(1, "\"recovered\"").await, json!([false]));
    });
}

/// Rows: SOC-14
#[test]
fn a_socket_gives_its_session_id_and_what_the_client_gave_as_auth() {
    #[derive(serde::Deserialize)]
    struct Login {
        token: String,
    }
    run(async {
        let io = Greenroom::new();
        io.on_connection(|socket| {
            let login = socket.auth::<Login>().map_or_else(|error| error.to_string(), |login| login.token);
            socket.emit("who", (socket.session_id(), login));
        });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        let id = client.join_with("/", r#"{"token":"secret"}"#).await;
        client.expect(&format!(r#"2["who","{id}","secret"]"#)).await;
    });
}
