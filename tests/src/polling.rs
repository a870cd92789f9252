//! An Engine.IO session over HTTP long polling.

use std::net::SocketAddr;

use crate::http::{self, Response};
use crate::websocket::WebSocket;

/// A session that polls. Every request is on a connection of its own, so it lands on any worker.
#[derive(Clone, Debug)]
pub struct Polling {
    /// The server.
    pub addr: SocketAddr,
    /// The session's id.
    pub sid: String,
    /// `/socket.io/?EIO=4&transport=polling&sid=…`
    pub url: String,
}

impl Polling {
    /// Opens a session at `/socket.io/`.
    pub async fn open(addr: SocketAddr) -> Self {
        Self::open_at(addr, "/socket.io/", "").await
    }

    /// Opens a session. `query`: more parameters, each with its `&`.
    pub async fn open_at(addr: SocketAddr, path: &str, query: &str) -> Self {
        let url = format!("{path}?EIO=4&transport=polling{query}");
        let response = http::get(addr, &url).await;
        assert_eq!(response.status, 200, "{}", response.text());
        let open: serde_json::Value = serde_json::from_str(&response.text()[1..]).expect("an OPEN packet");
        let sid = open["sid"].as_str().expect("a sid").to_owned();
        Self { addr, url: format!("{url}&sid={sid}"), sid }
    }

    /// Joins the namespace `/`; its socket's id.
    pub async fn join(&self) -> String {
        self.send("40").await;
        let answer = self.packets().await.remove(0);
        let Some(json) = answer.strip_prefix("40") else { panic!("not connected: {answer}") };
        let json: serde_json::Value = serde_json::from_str(json).expect("a CONNECT packet");
        json["sid"].as_str().expect("a sid").to_owned()
    }

    /// A WebSocket for this session, whose probe has been answered; it takes over with the packet `5`.
    pub async fn probe(&self) -> WebSocket {
        let mut socket = WebSocket::connect(self.addr, &self.upgrade_url()).await;
        socket.text("2probe").await;
        assert_eq!(socket.next_text().await, "3probe");
        socket
    }

    /// Where a WebSocket for this session connects to.
    pub fn upgrade_url(&self) -> String {
        self.url.replace("transport=polling", "transport=websocket")
    }

    /// One poll.
    pub async fn poll(&self) -> Response {
        http::get(self.addr, &self.url).await
    }

    /// One poll's packets.
    pub async fn packets(&self) -> Vec<String> {
        let response = self.poll().await;
        assert_eq!(response.status, 200, "{}", response.text());
        response.text().split('\u{1e}').map(str::to_owned).collect()
    }

    /// One POST.
    pub async fn post(&self, body: &str) -> Response {
        http::post(self.addr, &self.url, body).await
    }

    /// One POST that must be taken.
    pub async fn send(&self, body: &str) {
        let response = self.post(body).await;
        assert_eq!((response.status, response.text()), (200, "ok"));
    }
}
