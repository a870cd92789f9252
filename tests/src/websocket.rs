//! A WebSocket client that masks, and does nothing else by itself.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::{Http, Response};
use crate::within;

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// A close frame with its code.
    Close(Option<u16>),
    /// The end of the TCP connection.
    End,
}

/// See the module.
pub struct WebSocket {
    /// The socket, for tests that cut or misuse it.
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

/// Headers of a valid upgrade.
pub const UPGRADE: [&str; 4] = [
    "connection: Upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
];

/// A masked client frame.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        n if n < 126 => out.push(0x80 | n as u8),
        n if n < 65_536 => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(n as u16).to_be_bytes());
        }
        n => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(n as u64).to_be_bytes());
        }
    }
    let mask = [1u8, 2, 3, 4];
    out.extend_from_slice(&mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    out
}

impl WebSocket {
    /// Connects; the URL must be accepted.
    pub async fn connect(addr: SocketAddr, url: &str) -> Self {
        match Self::try_connect(addr, url, &UPGRADE).await {
            Ok(socket) => socket,
            Err(response) => panic!("refused: {response:?}"),
        }
    }

    /// The refusal, if it is refused.
    pub async fn try_connect(addr: SocketAddr, url: &str, headers: &[&str]) -> Result<Self, Response> {
        let mut http = Http::connect(addr).await;
        http.send("GET", url, headers, b"").await;
        let response = http.response().await;
        if response.status != 101 {
            return Err(response);
        }
        let (stream, buffer) = http.into_parts();
        Ok(Self { stream, buffer })
    }

    /// Sends a text message.
    pub async fn text(&mut self, text: &str) {
        self.write(&frame(0x81, text.as_bytes())).await;
    }

    /// Sends a binary message.
    pub async fn binary(&mut self, data: &[u8]) {
        self.write(&frame(0x82, data)).await;
    }

    /// Writes bytes as they are.
    pub async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the server reads");
    }

    async fn need(&mut self, n: usize) -> bool {
        while self.buffer.len() < n {
            let mut chunk = [0; 16 * 1024];
            match within("a frame", self.stream.read(&mut chunk)).await {
                Ok(0) | Err(_) => return false,
                Ok(read) => self.buffer.extend_from_slice(&chunk[..read]),
            }
        }
        true
    }

    /// The next frame, or the end.
    pub async fn next(&mut self) -> Frame {
        if !self.need(2).await {
            return Frame::End;
        }
        let (first, second) = (self.buffer[0], self.buffer[1]);
        assert_eq!(second & 0x80, 0, "a server does not mask");
        let (head, len) = match second {
            126 => {
                assert!(self.need(4).await);
                (4, usize::from(u16::from_be_bytes([self.buffer[2], self.buffer[3]])))
            }
            127 => {
                assert!(self.need(10).await);
                (10, u64::from_be_bytes(self.buffer[2..10].try_into().expect("8 bytes")) as usize)
            }
            n => (2, usize::from(n)),
        };
        if !self.need(head + len).await {
            return Frame::End;
        }
        let payload: Vec<u8> = self.buffer.drain(..head + len).skip(head).collect();
        match first {
            0x81 => Frame::Text(String::from_utf8(payload).expect("text is UTF-8")),
            0x82 => Frame::Binary(payload),
            0x88 => Frame::Close(payload.get(..2).map(|c| u16::from_be_bytes([c[0], c[1]]))),
            0x8a => Frame::Pong(payload),
            other => panic!("unexpected frame {other:#x}"),
        }
    }

    /// The next text message, with Engine.IO pings answered on the way.
    pub async fn next_text(&mut self) -> String {
        loop {
            match self.next().await {
                Frame::Text(text) if text == "2" => self.text("3").await,
                Frame::Text(text) => return text,
                other => panic!("expected text, found {other:?}"),
            }
        }
    }

    /// Reads until the end; the close code, if a close frame came.
    pub async fn closed(&mut self) -> Option<u16> {
        let mut code = None;
        loop {
            match self.next().await {
                Frame::End => return code,
                Frame::Close(with) => code = with,
                _ => {}
            }
        }
    }
}
