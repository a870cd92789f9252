//! For the Autobahn fuzzing client: the frame layer alone, each message comes back.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::{Buf, Bytes};
use futures_util::Stream;
use greenroom::protocol::websocket::{Decoder, Message, Opcode, close_frame, put_frame};

const LIMIT: usize = 32 * 1024 * 1024;

/// The response's body is the connection: it reads when there is nothing to write.
struct Echo {
    payload: web::Payload,
    chunk: Bytes,
    decoder: Decoder,
    ended: bool,
}

impl Echo {
    /// What a message is answered with.
    fn answer(&mut self, message: Message) -> Option<Bytes> {
        let (opcode, data) = match message {
            Message::Text(text) => (Opcode::Text, text.into_bytes()),
            Message::Binary(data) => (Opcode::Binary, data),
            Message::Ping(data) => (Opcode::Pong, data),
            Message::Pong(_) => return None,
            Message::Close(frame) => {
                self.ended = true;
                return Some(close_frame(frame.map(|frame| frame.code), ""));
            }
        };
        let mut out = Vec::with_capacity(data.len() + 10);
        put_frame(&mut out, opcode, &data);
        Some(out.into())
    }
}

impl Stream for Echo {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = &mut *self;
        loop {
            if me.ended {
                return Poll::Ready(None);
            }
            while !me.chunk.is_empty() {
                let mut input = &me.chunk[..];
                let decoded = me.decoder.decode(&mut input);
                let taken = me.chunk.len() - input.len();
                me.chunk.advance(taken);
                match decoded {
                    Ok(Some(message)) => {
                        if let Some(answer) = me.answer(message) {
                            return Poll::Ready(Some(Ok(answer)));
                        }
                    }
                    Ok(None) => break,
                    Err(violation) => {
                        me.ended = true;
                        return Poll::Ready(Some(Ok(close_frame(Some(violation.close_code()), ""))));
                    }
                }
            }
            match Pin::new(&mut me.payload).poll_next(cx) {
                Poll::Ready(Some(Ok(chunk))) => me.chunk = chunk,
                Poll::Ready(_) => me.ended = true,
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

async fn echo(request: HttpRequest, payload: web::Payload) -> actix_web::Result<HttpResponse> {
    let mut response = actix_web_actors::ws::handshake(&request)?;
    Ok(response.streaming(Echo { payload, chunk: Bytes::new(), decoder: Decoder::new(LIMIT), ended: false }))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    greenroom_servers::log();
    // The server ends the TCP connection right after the close handshake. (actix-http's linger of less than half a second
    // never ends: its deadline is counted from a clock that is that coarse.)
    let server = HttpServer::new(|| App::new().route("/", web::get().to(echo)));
    greenroom_servers::run(server.tcp_nodelay(true).client_disconnect_timeout(Duration::ZERO)).await
}
