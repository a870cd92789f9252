//! Engine.IO and HTTP: sessions, transports, what is refused, what is bounded.

mod bundle;
mod cors;
mod drain;
mod handshake;
mod headers;
mod heartbeat;
mod native;
mod native_server;
mod polling;
mod raw;
mod refusals;
mod service;
mod slow_reader;
mod upgrade;
mod websocket;

use std::time::Duration;

use greenroom::engine::{Engine, Message, Session};
use greenroom::{CloseReason, Options};
use greenroom_tests::polling::Polling;
use greenroom_tests::server::{Server, serve_engine};
use greenroom_tests::websocket::WebSocket;
use greenroom_tests::within;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Where sessions of the echo are opened.
const PATH: &str = "/engine.io/";

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// A server that sends each message back, and says how its sessions ended.
struct Echo {
    server: Server,
    engine: Engine,
    opened: UnboundedReceiver<Session>,
    closed: UnboundedReceiver<CloseReason>,
    heard: UnboundedReceiver<Message>,
}

fn echo() -> Echo {
    echo_with(Options::new())
}

fn echo_with(options: Options) -> Echo {
    let (tx, closed) = unbounded_channel();
    let (sessions, opened) = unbounded_channel();
    let (say, heard) = unbounded_channel();
    let engine = Engine::builder(options)
        .on_session(move |session| {
            let tx = tx.clone();
            let say = say.clone();
            session.on_message(move |session, message| {
                let _ = say.send(message.clone());
                session.send(message);
            });
            session.on_close(move |_, reason| {
                let _ = tx.send(reason);
            });
            let _ = sessions.send(session);
        })
        .expect("valid options");
    Echo { server: serve_engine(&engine), engine, opened, closed, heard }
}

impl Echo {
    async fn polling(&self) -> Polling {
        Polling::open_at(self.server.addr, PATH, "").await
    }

    /// A session over WebSocket, its OPEN packet read.
    async fn websocket(&self) -> WebSocket {
        let mut socket = WebSocket::connect(self.server.addr, &url("websocket")).await;
        let open = socket.next_text().await;
        assert!(open.starts_with("0{"), "{open}");
        socket
    }

    /// A WebSocket for a session that polls.
    async fn second(&self, polling: &Polling) -> WebSocket {
        WebSocket::connect(self.server.addr, &polling.upgrade_url()).await
    }

    /// How the next session to end ended.
    async fn reason(&mut self) -> CloseReason {
        within("the end of a session", self.closed.recv()).await.expect("the server runs")
    }

    /// The server's side of the next session.
    async fn session(&mut self) -> Session {
        within("a session", self.opened.recv()).await.expect("the server runs")
    }

    /// The session is over: its id is unknown.
    async fn is_gone(&self, polling: &Polling) {
        let response = polling.poll().await;
        assert_eq!((response.status, response.text()), (400, r#"{"code":1,"message":"Session ID unknown"}"#));
    }
}

fn url(transport: &str) -> String {
    format!("{PATH}?EIO=4&transport={transport}")
}

/// The session works: what is sent comes back.
async fn works(polling: &Polling) {
    polling.send("4works").await;
    assert_eq!(polling.packets().await, ["4works"]);
}

/// The WebSocket carries a session that works.
async fn carries(socket: &mut WebSocket) {
    socket.text("4works").await;
    assert_eq!(socket.next_text().await, "4works");
}
