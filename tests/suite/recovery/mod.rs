//! Connection state recovery, seen from the wire: clients that lose their transport and come back.
//!
//! `js/contracts.test.mjs` does it with clients behind a network that fails; here are the rules, one by one.

mod absence;
mod bounds;
mod coming_back;
mod ownership;
mod screening;
mod typed;

use std::net::SocketAddr;
use std::time::Duration;

use greenroom::prelude::*;
use greenroom_tests::socket_io::Client;
use greenroom_tests::websocket::WebSocket;
use serde_json::Value as Json;

use crate::sockets::{Heard, Tell, usual};

/// A server that keeps sessions, of `usual` sockets; it says when one has gone away or left.
pub(crate) fn keeping(recovery: Recovery, tell: &Tell) -> Greenroom {
    keeping_with(Options::new(), recovery, tell)
}

pub(crate) fn keeping_with(options: Options, recovery: Recovery, tell: &Tell) -> Greenroom {
    let io = Greenroom::builder(options.connection_state_recovery(recovery)).build().expect("valid options");
    let tell = tell.clone();
    io.on_connection(move |socket| {
        let tell = tell.clone();
        usual(&socket);
        socket.on("who", |socket: Socket| (socket.id(), socket.recovered()));
        socket.on_disconnect(move |_: Socket, reason| tell.say(reason));
    });
    io
}

/// A client that remembers what an official one does.
pub(crate) struct Returner {
    pub(crate) client: Client,
    pub(crate) sid: String,
    pub(crate) pid: String,
    pub(crate) offset: Option<String>,
}

impl Returner {
    /// A new client in `/`.
    pub(crate) async fn arrive(addr: SocketAddr) -> Self {
        Self::arrive_with(addr, "").await
    }

    /// `auth` as JSON text.
    pub(crate) async fn arrive_with(addr: SocketAddr, auth: &str) -> Self {
        let mut client = Client::open(addr).await;
        client.send(&format!("0{auth}")).await;
        let (sid, pid) = welcome(&client.next().await);
        Self { client, sid, pid, offset: None }
    }

    /// What is shown on coming back; `auth`: more members of the object, each with its comma.
    pub(crate) fn credentials(&self, auth: &str) -> String {
        let offset = self.offset.as_ref().map_or(String::new(), |offset| format!(r#","offset":"{offset}""#));
        format!(r#"{{"pid":"{}"{offset}{auth}}}"#, self.pid)
    }

    /// The next event's arguments, without its offset, which is remembered. `["name",…]`.
    pub(crate) async fn event(&mut self) -> Json {
        let packet = self.client.next().await;
        let json = packet.strip_prefix('2').unwrap_or_else(|| panic!("expected an event, found {packet}"));
        let mut args: Vec<Json> = serde_json::from_str(json).expect("JSON");
        self.offset = args.pop().and_then(|offset| offset.as_str().map(str::to_owned));
        assert_eq!(self.offset.as_ref().map(String::len), Some(16), "an offset ends {packet}");
        Json::Array(args)
    }

    pub(crate) async fn expect(&mut self, event: &str) {
        assert_eq!(self.event().await.to_string(), event);
    }

    /// Cuts the TCP connection.
    pub(crate) fn cut(self) -> Lost {
        let Self { client, sid, pid, offset } = self;
        drop(client);
        Lost { sid, pid, offset }
    }
}

/// A client that has heard an event, and then lost its transport, as the server knows.
pub(crate) async fn lose_one(io: &Greenroom, addr: SocketAddr, heard: &mut Heard) -> Lost {
    let mut client = Returner::arrive(addr).await;
    io.emit("first", 1);
    client.event().await;
    let lost = client.cut();
    heard.next().await;
    lost
}

/// What is left of a client whose transport is gone.
#[derive(Clone)]
pub(crate) struct Lost {
    pub(crate) sid: String,
    pub(crate) pid: String,
    pub(crate) offset: Option<String>,
}

impl Lost {
    /// Connects and shows what it has; what the server says.
    pub(crate) async fn knock(&self, addr: SocketAddr, auth: &str) -> (Client, String) {
        let mut client = Client::open(addr).await;
        let offset = self.offset.as_ref().map_or(String::new(), |offset| format!(r#","offset":"{offset}""#));
        client.send(&format!(r#"0{{"pid":"{}"{offset}{auth}}}"#, self.pid)).await;
        let answer = client.next().await;
        (client, answer)
    }

    /// Comes back, with the same session or another.
    pub(crate) async fn come(self, addr: SocketAddr) -> Returner {
        let (client, answer) = self.knock(addr, "").await;
        let (sid, pid) = welcome(&answer);
        Returner { client, sid, pid, offset: self.offset }
    }

    /// Comes back to its session.
    pub(crate) async fn come_back(self, addr: SocketAddr) -> Returner {
        let (sid, pid) = (self.sid.clone(), self.pid.clone());
        let returner = self.come(addr).await;
        assert_eq!((&returner.sid, &returner.pid), (&sid, &pid), "recovered");
        returner
    }

    /// Comes back and is given another session.
    pub(crate) async fn starts_afresh(self, addr: SocketAddr) -> Returner {
        let (sid, pid) = (self.sid.clone(), self.pid.clone());
        let returner = self.come(addr).await;
        assert!(returner.sid != sid && returner.pid != pid, "a session of its own");
        returner
    }
}

/// The ids in a CONNECT packet of `/`.
fn welcome(packet: &str) -> (String, String) {
    let json = packet.strip_prefix('0').unwrap_or_else(|| panic!("not connected: {packet}"));
    let json: Json = serde_json::from_str(json).expect("JSON");
    let id = |key: &str| json[key].as_str().unwrap_or_else(|| panic!("no {key} in {packet}")).to_owned();
    (id("sid"), id("pid"))
}

/// A transport that is open and silent: bytes go in, nothing comes out, as behind a network that is gone.
pub(crate) async fn stall(client: Client) -> WebSocket {
    client.socket
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}
