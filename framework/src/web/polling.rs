//! HTTP long polling: a GET takes packets, a POST brings them, whatever worker they land on.

use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Desk;
use super::handshake::{admit, open_line, open_packet};
use super::reply::{self, Refusal};
use crate::connection::Connection;
use crate::engine::CloseReason;
use crate::engine::session::{Misuse, TransportKind};
use crate::id::Id;
use crate::protocol::engine::{Packet, PayloadDecoder};
use crate::socket::Request;
use crate::worker::{HubInner, Later, Line};

/// Packets that one body may hold: parsing a body of separators must stay cheap.
const MAX_PACKETS: usize = 16_384;

/// A body must come at least at this pace, after the first second.
const BYTES_PER_SECOND: u64 = 1024;

/// A new session; the answer holds its OPEN packet and nothing else.
pub(super) async fn open(desk: &Rc<Desk>, facts: Arc<Request>) -> Result<HttpResponse, Refusal> {
    let facts = admit(desk, facts).await?;
    let line = open_line(desk, TransportKind::Polling)?;
    Connection::start(&desk.hub, &line, &desk.front.factory, facts, None);
    Ok(reply::packets(open_packet(desk, &line, TransportKind::Polling)))
}

/// A request of a session.
pub(super) async fn go_on(
    desk: &Rc<Desk>,
    request: &HttpRequest,
    payload: Payload,
    sid: Id,
) -> Result<HttpResponse, Refusal> {
    let seat = Whereabouts::of(desk, sid).ok_or(Refusal::UnknownSession)?;
    if request.method() == Method::GET {
        seat.get().await
    } else if request.method() == Method::POST {
        seat.post(request, payload).await
    } else {
        Ok(HttpResponse::InternalServerError().finish())
    }
}

/// Whether there is such a session, on whatever worker.
pub(super) async fn is_known(desk: &Rc<Desk>, sid: Id) -> bool {
    let Some(seat) = Whereabouts::of(desk, sid) else { return false };
    seat.ask(|_, line| !line.is_closed()).await.unwrap_or(false)
}

/// A session that may live on another worker.
struct Whereabouts {
    desk: Rc<Desk>,
    worker: u16,
    slot: u32,
    sid: Id,
}

/// How a session takes a poll.
type Polled = Result<oneshot::Receiver<Vec<u8>>, Misuse>;

impl Whereabouts {
    /// `None`: no worker ever made such an id.
    fn of(desk: &Rc<Desk>, sid: Id) -> Option<Self> {
        let place = desk.hub.fleet.ids.place(&sid)?;
        Some(Self { desk: desk.clone(), worker: place.worker, slot: place.slot, sid })
    }

    /// Runs `f` with the session on its worker. `None`: there is no such session.
    async fn ask<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Rc<HubInner>, &Rc<Line>) -> T + Send + 'static,
    ) -> Option<T> {
        let (slot, sid) = (self.slot, self.sid);
        if self.worker == self.desk.hub.worker {
            return self.desk.hub.line(slot, &sid).map(|line| f(&self.desk.hub, &line));
        }
        let (tx, rx) = oneshot::channel();
        self.desk.hub.run_on(
            self.worker,
            Box::new(move |hub| {
                let _ = tx.send(hub.line(slot, &sid).map(|line| f(hub, &line)));
            }),
        );
        rx.await.ok().flatten()
    }

    fn tell(&self, f: impl FnOnce(&Rc<HubInner>, &Rc<Line>) + Send + 'static) {
        let (slot, sid) = (self.slot, self.sid);
        self.desk.hub.run_on(
            self.worker,
            Box::new(move |hub| {
                if let Some(line) = hub.line(slot, &sid) {
                    f(hub, &line);
                }
            }),
        );
    }

    fn end(&self, reason: CloseReason) {
        self.tell(move |hub, line| hub.close(line, reason));
    }

    async fn get(&self) -> Result<HttpResponse, Refusal> {
        // A client that goes away while its poll waits ends the session: this future is then dropped.
        let guard = Abandoned { seat: self, armed: true };
        let polled: Option<Polled> = self.ask(|hub, line| line.poll(hub)).await;
        let response = match polled {
            None => Err(Refusal::UnknownSession),
            Some(Err(misuse)) => misused(misuse),
            Some(Ok(body)) => match body.await {
                Ok(body) => Ok(reply::packets(body)),
                Err(_) => Err(self.without_answer().await),
            },
        };
        guard.disarm();
        response
    }

    /// Why a poll that was taken is not answered.
    async fn without_answer(&self) -> Refusal {
        match self.ask(|_, line| line.transport()).await.flatten() {
            Some(TransportKind::WebSocket) => Refusal::BadRequest("TRANSPORT_MISMATCH"),
            Some(TransportKind::Polling) | None => Refusal::UnknownSession,
        }
    }

    async fn post(&self, request: &HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
        let guard = Abandoned { seat: self, armed: true };
        let response = match self.ask(|_, line| line.post()).await {
            None => Err(Refusal::UnknownSession),
            Some(Err(misuse)) => {
                if misuse == Misuse::Overlap {
                    self.end(CloseReason::TransportError);
                }
                misused(misuse)
            }
            Some(Ok(ended)) => Ok(self.receive(request, payload, ended).await),
        };
        guard.disarm();
        response
    }

    /// Reads a body and hands it over. `taken` resolves when the session ends, too: nobody waits for the rest of the body then.
    async fn receive(
        &self,
        request: &HttpRequest,
        payload: Payload,
        mut taken: oneshot::Receiver<()>,
    ) -> HttpResponse {
        let options = &self.desk.front.options;
        if self.worker == self.desk.hub.worker && matches!(payload, Payload::H1 { .. }) {
            // Nor is anything else waited for that far, which would wake the connection, too.
            called_again(&self.desk.hub).await;
        }
        let body = tokio::select! {
            biased;
            body = read_body(request, payload, options.max_payload, options.post_timeout) => body,
            _ = &mut taken => Err(BodyFault::Broken),
        };
        match body {
            Ok(body) => self.take(body, taken).await,
            Err(fault) => {
                let (reason, response) = fault.answer();
                self.end(reason);
                response
            }
        }
    }

    async fn take(&self, body: Bytes, taken: oneshot::Receiver<()>) -> HttpResponse {
        let mut packets = Vec::new();
        let mut broken = false;
        match PayloadDecoder::new(body, MAX_PACKETS) {
            Ok(decoder) => {
                for packet in decoder {
                    match packet {
                        Ok(packet) => packets.push(packet),
                        Err(error) => {
                            crate::trace::bad_packet(&error);
                            broken = true;
                        }
                    }
                }
            }
            Err(error) => {
                crate::trace::bad_packet(&error);
                broken = true;
            }
        }
        let taken = self.hand_over(packets, broken, taken).await;
        if broken {
            self.end(CloseReason::ParseError);
            return bad_body();
        }
        if taken { reply::taken() } else { bad_body() }
    }

    /// True once the session has handled the packets, or queued them within its bounds.
    async fn hand_over(&self, packets: Vec<Packet>, broken: bool, taken: oneshot::Receiver<()>) -> bool {
        // Answered when the client's last packet ends the session, too.
        self.ask(move |_, line| line.post_read(packets, broken)).await.is_some() && taken.await.is_ok()
    }
}

fn misused(misuse: Misuse) -> Result<HttpResponse, Refusal> {
    match misuse {
        Misuse::Overlap => Ok(HttpResponse::BadRequest().finish()),
        Misuse::WrongTransport => Err(Refusal::BadRequest("TRANSPORT_MISMATCH")),
        Misuse::Unknown => Err(Refusal::UnknownSession),
    }
}

fn bad_body() -> HttpResponse {
    HttpResponse::BadRequest().finish()
}

/// Ends the session when the request is dropped before it was answered.
struct Abandoned<'a> {
    seat: &'a Whereabouts,
    armed: bool,
}

impl Abandoned<'_> {
    fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        if self.armed {
            self.seat.end(CloseReason::TransportError);
        }
    }
}

/// Why a body was not read.
enum BodyFault {
    TooLarge,
    TooSlow,
    Broken,
    /// Binary, or an encoding: version 4 knows neither.
    Unsupported,
}

impl BodyFault {
    fn answer(&self) -> (CloseReason, HttpResponse) {
        let response = match self {
            Self::TooLarge => HttpResponse::PayloadTooLarge().force_close().finish(),
            Self::TooSlow => HttpResponse::RequestTimeout().force_close().finish(),
            Self::Broken | Self::Unsupported => HttpResponse::BadRequest().force_close().finish(),
        };
        (CloseReason::TransportError, response)
    }
}

/// An HTTP/1 connection hands the body over after it has called its service, and calls again then. Whoever waits for the body before that is
/// woken by it, and the connection is gone through once more for nothing. An app around us may not pass the second call on: then this is woken
/// when the turn ends.
async fn called_again(hub: &HubInner) {
    let later = Later::default();
    let mut again = false;
    let look = |cx: &mut Context<'_>| {
        if std::mem::replace(&mut again, true) {
            later.take();
            return Poll::Ready(());
        }
        later.set(Some(cx.waker().clone()));
        hub.wake_later(later.clone());
        Poll::Pending
    };
    poll_fn(look).await;
}

/// Counts what arrives, not what the client announces.
async fn read_body(
    request: &HttpRequest,
    mut payload: Payload,
    limit: usize,
    within: Duration,
) -> Result<Bytes, BodyFault> {
    let header =
        |name| request.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let binary = header(header::CONTENT_TYPE).is_some_and(|ty| ty.starts_with("application/octet-stream"));
    let encoded =
        header(header::CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"));
    if binary || encoded {
        return Err(BodyFault::Unsupported);
    }
    let announced = header(header::CONTENT_LENGTH).and_then(|len| len.parse::<usize>().ok());
    if announced.is_some_and(|len| len > limit) {
        return Err(BodyFault::TooLarge);
    }
    let started = Instant::now();
    let mut body = BytesMut::new();
    loop {
        let pace = Duration::from_secs(1 + body.len() as u64 / BYTES_PER_SECOND);
        let deadline = started + within.min(pace.max(Duration::from_secs(2)));
        match tokio::time::timeout_at(deadline, payload.next()).await {
            Err(_) => return Err(BodyFault::TooSlow),
            Ok(None) => return Ok(body.freeze()),
            Ok(Some(Err(_))) => return Err(BodyFault::Broken),
            Ok(Some(Ok(chunk))) if body.len() + chunk.len() > limit => return Err(BodyFault::TooLarge),
            Ok(Some(Ok(chunk))) => {
                // The whole body in one chunk is the common case, and needs no copy.
                if body.is_empty() && announced == Some(chunk.len()) {
                    return Ok(Bytes::copy_from_slice(&chunk));
                }
                body.extend_from_slice(&chunk);
            }
        }
    }
}
