//! HTTP/1.1 over a plain socket: what is sent is what the test says.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::within;

/// A response, read whole.
#[derive(Debug)]
pub struct Response {
    /// 200 and so on.
    pub status: u16,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }
}

/// One TCP connection.
pub struct Http {
    /// The socket, for tests that cut or misuse it.
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

impl Http {
    /// Connects.
    pub async fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, buffer: Vec::new() }
    }

    /// Writes bytes as they are.
    pub async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the server reads");
    }

    /// Writes a request. `headers`: lines without line ends.
    pub async fn send(&mut self, method: &str, url: &str, headers: &[&str], body: &[u8]) {
        let mut text =
            format!("{method} {url} HTTP/1.1\r\nhost: {}\r\n", self.stream.peer_addr().expect("connected"));
        for header in headers {
            text.push_str(header);
            text.push_str("\r\n");
        }
        if !body.is_empty() || method == "POST" {
            text.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        self.write(&[text.as_bytes(), body].concat()).await;
    }

    async fn fill(&mut self) -> bool {
        let mut chunk = [0; 16 * 1024];
        let n = within("a byte", self.stream.read(&mut chunk)).await.unwrap_or(0);
        self.buffer.extend_from_slice(&chunk[..n]);
        n > 0
    }

    /// Reads the head and the body of a response.
    pub async fn response(&mut self) -> Response {
        self.try_response().await.expect("a response before the end of the connection")
    }

    /// `None`: the connection ended first.
    pub async fn try_response(&mut self) -> Option<Response> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.fill().await {
                return None;
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        self.buffer.drain(..end);
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let length = headers
            .iter()
            .find(|(name, _)| name == "content-length")
            .and_then(|(_, n)| n.parse().ok())
            .unwrap_or(0);
        if status == 101 {
            return Some(Response { status, headers, body: Vec::new() });
        }
        while self.buffer.len() < length {
            if !self.fill().await {
                return None;
            }
        }
        let body = self.buffer.drain(..length).collect();
        Some(Response { status, headers, body })
    }

    /// Reads until the server ends the connection; what came.
    pub async fn rest(mut self) -> Vec<u8> {
        while self.fill().await {}
        self.buffer
    }

    /// The socket and what was read beyond the last response.
    pub fn into_parts(self) -> (TcpStream, Vec<u8>) {
        (self.stream, self.buffer)
    }
}

/// One request on a connection of its own.
pub async fn request(addr: SocketAddr, method: &str, url: &str, headers: &[&str], body: &[u8]) -> Response {
    let mut http = Http::connect(addr).await;
    http.send(method, url, headers, body).await;
    http.response().await
}

/// A GET on a connection of its own.
pub async fn get(addr: SocketAddr, url: &str) -> Response {
    request(addr, "GET", url, &[], b"").await
}

/// A POST on a connection of its own.
pub async fn post(addr: SocketAddr, url: &str, body: &str) -> Response {
    request(addr, "POST", url, &["content-type: text/plain;charset=UTF-8"], body.as_bytes()).await
}
