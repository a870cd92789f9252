//! A Socket.IO client over one WebSocket, in packets' own text.

use std::net::SocketAddr;

use serde_json::Value;

use crate::websocket::{Frame, WebSocket};

/// See the module.
pub struct Client {
    /// The transport, for tests that misuse it.
    pub socket: WebSocket,
}

impl Client {
    /// A connection at `/socket.io/` without a namespace.
    pub async fn open(addr: SocketAddr) -> Self {
        Self::open_at(addr, "").await
    }

    /// `query`: more parameters, each with its `&`.
    pub async fn open_at(addr: SocketAddr, query: &str) -> Self {
        let mut socket =
            WebSocket::connect(addr, &format!("/socket.io/?EIO=4&transport=websocket{query}")).await;
        let open = socket.next_text().await;
        assert!(open.starts_with("0{"), "{open}");
        Self { socket }
    }

    /// A connection in the namespace `/`.
    pub async fn connect(addr: SocketAddr) -> Self {
        let mut client = Self::open(addr).await;
        client.join("/").await;
        client
    }

    /// Joins a namespace; its socket's id.
    pub async fn join(&mut self, namespace: &str) -> String {
        self.join_with(namespace, "").await
    }

    /// Joins a namespace with an `auth` as JSON text; its socket's id.
    pub async fn join_with(&mut self, namespace: &str, auth: &str) -> String {
        let prefix = if namespace == "/" { String::new() } else { format!("{namespace},") };
        self.send(&format!("0{prefix}{auth}")).await;
        let answer = self.next().await;
        let Some(json) = answer.strip_prefix(&format!("0{prefix}")) else {
            panic!("not connected: {answer}")
        };
        let json: Value = serde_json::from_str(json).expect("a CONNECT packet");
        json["sid"].as_str().expect("a sid").to_owned()
    }

    /// Sends a Socket.IO packet, such as `2["hi"]`.
    pub async fn send(&mut self, packet: &str) {
        self.socket.text(&format!("4{packet}")).await;
    }

    /// Sends an attachment.
    pub async fn attach(&mut self, data: &[u8]) {
        self.socket.binary(data).await;
    }

    /// The next Socket.IO packet's text.
    pub async fn next(&mut self) -> String {
        let text = self.socket.next_text().await;
        match text.strip_prefix('4') {
            Some(packet) => packet.to_owned(),
            None => panic!("expected a message, found {text}"),
        }
    }

    /// The next attachment.
    pub async fn next_binary(&mut self) -> Vec<u8> {
        match self.socket.next().await {
            Frame::Binary(data) => data,
            other => panic!("expected binary, found {other:?}"),
        }
    }

    /// The next packet must be this.
    pub async fn expect(&mut self, packet: &str) {
        assert_eq!(self.next().await, packet);
    }

    /// Sends `2N["event",…]` and gives the answer's arguments as JSON.
    pub async fn ask(&mut self, id: u64, args: &str) -> Value {
        self.send(&format!("2{id}[{args}]")).await;
        let answer = self.next().await;
        let prefix = format!("3{id}");
        let Some(json) = answer.strip_prefix(&prefix) else {
            panic!("expected {prefix}[…], found {answer}")
        };
        serde_json::from_str(json).expect("JSON")
    }

    /// Proves that nothing else was sent before: asks for something only now, and its answer is next. Needs a listener `probe` that acks nothing.
    pub async fn nothing_else(&mut self) {
        assert_eq!(self.ask(999, "\"probe\"").await, serde_json::json!([]));
    }

    /// The connection ends; its close code.
    pub async fn closed(&mut self) -> Option<u16> {
        self.socket.closed().await
    }
}
