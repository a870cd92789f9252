//! One connection: is it a handshake, what does the app answer, and who gets the socket.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use actix_codec::{Decoder, Encoder};
use actix_http::body::{BodySize, MessageBody};
use actix_http::h1::{Codec, Message, MessageType};
use actix_http::{HttpMessage, Request, Response, StatusCode};
use actix_rt::net::TcpStream;
use actix_service::Service;
use actix_web::dev::Extensions;
use bytes::BytesMut;
use futures_util::{FutureExt, StreamExt};
use memchr::memmem;
use tokio::io::ReadBuf;
use tokio::net::tcp::OwnedWriteHalf;

use super::Desk;
use crate::server::{INHERITS, prepare_connection};
use crate::worker::{ByteStream, Wire, incoming};

/// A handshake that is longer goes the ordinary way.
const HEAD: usize = 8 * 1024;

thread_local! {
    static PEEKED: RefCell<Box<[u8]>> = RefCell::new(vec![0; HEAD].into());
}

/// A request that came over a connection of its own: what it brings, and who shall write to it.
#[derive(Default)]
pub(crate) struct Ticket {
    incoming: Cell<Option<ByteStream>>,
    wire: Cell<Option<Rc<Wire>>>,
}

impl Ticket {
    /// The connection's bytes; once.
    pub(crate) fn incoming(&self) -> Option<ByteStream> {
        self.incoming.take()
    }

    /// After the answer's head, this is what is sent.
    pub(crate) fn claim(&self, wire: Rc<Wire>) {
        self.wire.set(Some(wire));
    }
}

/// The head of a WebSocket handshake. It has been seen, not read.
pub(super) struct Handshake {
    request: Request,
    codec: Codec,
    len: usize,
}

/// Looks at what a new connection begins with. `None`: it is for the HTTP service, which finds every byte still there.
pub(super) async fn handshake(stream: &TcpStream, desk: &Desk) -> Option<Handshake> {
    let look = poll_fn(|cx| {
        PEEKED.with_borrow_mut(|space| {
            let mut seen = ReadBuf::new(space);
            let Poll::Ready(result) = stream.poll_peek(cx, &mut seen) else { return Poll::Pending };
            Poll::Ready(result.ok().and_then(|_| parse(seen.filled(), desk)))
        })
    });
    // A connection that says nothing has its time with the HTTP service, too.
    tokio::time::timeout(desk.settings.request_timeout, look).await.ok()?
}

fn parse(seen: &[u8], desk: &Desk) -> Option<Handshake> {
    // Cheap, and wrong only about requests that go the ordinary way then.
    let target = seen.strip_prefix(b"GET ")?;
    target.strip_prefix(desk.settings.path.as_bytes())?;
    let line = target.get(..memchr::memchr(b'\r', target)?)?;
    memmem::find(line, b"transport=websocket")?;
    let len = memmem::find(seen, b"\r\n\r\n")? + 4;
    let mut codec = Codec::new(desk.http.clone());
    let decoded = codec.decode(&mut BytesMut::from(seen.get(..len)?));
    let Ok(Some(Message::Item(request))) = decoded else { return None };
    (request.upgrade() && codec.message_type() == MessageType::Stream).then_some(Handshake {
        request,
        codec,
        len,
    })
}

impl Handshake {
    /// Lets the app answer, and gives the connection to the WebSocket that has claimed it.
    pub(super) async fn answer<A, B>(self, app: &A, stream: TcpStream, from: SocketAddr, desk: &Desk)
    where
        A: Service<Request>,
        A::Response: Into<Response<B>>,
        A::Error: Into<actix_web::HttpResponse>,
        B: MessageBody,
    {
        let Self { mut request, mut codec, len } = self;
        if !INHERITS {
            prepare_connection(&stream, &mut Extensions::new(), desk.settings.write_timeout);
            // A delay that stays is not worth a client.
            let _ = stream.set_nodelay(true);
        }
        request.head_mut().peer_addr = Some(from);
        let (reading, writing) = stream.into_split();
        let ticket = Rc::new(Ticket::default());
        ticket.incoming.set(Some(incoming(reading, len)));
        request.extensions_mut().insert(ticket.clone());
        match app.call(request).await {
            Ok(response) => finish(&mut codec, response.into(), &ticket, writing).await,
            Err(error) => finish(&mut codec, error.into().into(), &ticket, writing).await,
        }
    }
}

/// The answer's head goes in front of the WebSocket's first frame. Any other answer is all there is.
async fn finish<B: MessageBody>(
    codec: &mut Codec,
    response: Response<B>,
    ticket: &Ticket,
    socket: OwnedWriteHalf,
) {
    let wire = ticket.wire.take();
    if let Some(wire) = &wire
        && response.status() == StatusCode::SWITCHING_PROTOCOLS
    {
        let mut head = BytesMut::new();
        if codec.encode(Message::Item((response.drop_body(), BodySize::None)), &mut head).is_ok() {
            return wire.write_to(socket, head.freeze());
        }
    } else {
        // What is left unread resets the connection, and the answer is lost.
        if let Some(mut incoming) = ticket.incoming() {
            let _ = incoming.next().now_or_never();
        }
        let _ = write_response(codec, response, &socket).await;
    }
    // Something around the service had another answer: to the wire that is a body which nobody reads.
    drop(wire.map(|wire| wire.body()));
}

async fn write_response<B: MessageBody>(
    codec: &mut Codec,
    response: Response<B>,
    socket: &OwnedWriteHalf,
) -> io::Result<()> {
    let mut kept = None;
    let head = response.map_body(|_, body| drop(kept.replace(body)));
    let Some(body) = kept else { return Ok(()) };
    let size = body.size();
    let mut bytes = BytesMut::new();
    codec.encode(Message::Item((head, size)), &mut bytes)?;
    if !matches!(size, BodySize::None | BodySize::Sized(0)) {
        let mut body = pin!(body);
        while let Some(chunk) = poll_fn(|cx| body.as_mut().poll_next(cx)).await {
            let chunk = chunk.map_err(|error| io::Error::other(error.into().to_string()))?;
            codec.encode(Message::Chunk(Some(chunk)), &mut bytes)?;
            write_all(socket, &mut bytes).await?;
        }
        codec.encode(Message::Chunk(None), &mut bytes)?;
    }
    write_all(socket, &mut bytes).await
}

async fn write_all(socket: &OwnedWriteHalf, bytes: &mut BytesMut) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.try_write(bytes) {
            Ok(taken) => drop(bytes.split_to(taken)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => socket.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
