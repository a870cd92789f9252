//! WebSockets: a session of their own, or an upgrade of one that polls, whatever worker it lives on.
//!
//! Step 1 of 8 of an event's way through the framework; the crate's front page names them all.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder};
use actix_web_actors::ws;
use base64::Engine as _;
use futures_util::StreamExt;
use tokio::sync::oneshot;

use super::Desk;
use super::handshake::{admit, check_origin, open_line, open_packet};
use super::native::Ticket;
use super::pieces::Pieces;
use super::reply::Refusal;
use crate::connection::{Connection, Reader, Relay};
use crate::engine::session::TransportKind;
use crate::id::{Id, Place};
use crate::protocol::websocket;
use crate::socket::Request;
use crate::worker::{ByteStream, Frame, Home, HubInner, Line, Link, LinkOut, LinkPlace, Wire};

/// RFC 6455, 4.2.1: version 13 and a key of 16 bytes. actix takes older versions and any key.
fn handshake(request: &HttpRequest) -> Result<HttpResponseBuilder, Refusal> {
    let header =
        |name| request.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let key = header(header::SEC_WEBSOCKET_KEY).unwrap_or_default();
    let key = base64::engine::general_purpose::STANDARD.decode(key).unwrap_or_default();
    if header(header::SEC_WEBSOCKET_VERSION) != Some("13") || key.len() != 16 {
        return Err(Refusal::BadRequest("TRANSPORT_HANDSHAKE_ERROR"));
    }
    let mut response =
        ws::handshake(request).map_err(|_| Refusal::BadRequest("TRANSPORT_HANDSHAKE_ERROR"))?;
    // A client that offers protocols fails the connection unless one is chosen; the reference takes the first.
    let offers = header(header::SEC_WEBSOCKET_PROTOCOL).unwrap_or_default();
    let first = offers.split(',').next().unwrap_or_default().trim();
    if is_token(first) {
        response.insert_header((header::SEC_WEBSOCKET_PROTOCOL, first));
    }
    Ok(response)
}

/// RFC 9110, 5.6.2.
fn is_token(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(allowed)
}

fn accept(desk: &Desk, request: &HttpRequest) -> Result<HttpResponseBuilder, Refusal> {
    let response = handshake(request)?;
    check_origin(desk, request)?;
    Ok(response)
}

/// What the client sends: its connection's own bytes, or what HTTP makes of them.
fn bytes(request: &HttpRequest, payload: Payload) -> ByteStream {
    let own = request.extensions().get::<Rc<Ticket>>().and_then(|ticket| ticket.incoming());
    own.unwrap_or_else(|| Box::pin(payload.map(|chunk| chunk.map_err(|_| ()))))
}

/// The answer after which the wire sends: straight to the connection, or as the answer's body.
fn switch(request: &HttpRequest, mut response: HttpResponseBuilder, wire: &Rc<Wire>) -> HttpResponse {
    match request.extensions().get::<Rc<Ticket>>() {
        Some(ticket) => {
            ticket.claim(wire.clone());
            response.finish()
        }
        None => response.streaming(Pieces::of(wire.body())),
    }
}

/// A session that starts with a WebSocket.
pub(super) async fn open(
    desk: &Rc<Desk>,
    request: &HttpRequest,
    payload: Payload,
    facts: Arc<Request>,
) -> Result<HttpResponse, Refusal> {
    let response = accept(desk, request)?;
    let (_, wire) = begin(desk, facts, bytes(request, payload)).await?;
    Ok(switch(request, response, &wire))
}

/// A session over a WebSocket whose HTTP part is done: `bytes` is what its client sends, the wire what it gets.
pub(super) async fn begin(
    desk: &Desk,
    facts: Arc<Request>,
    bytes: ByteStream,
) -> Result<(Rc<Line>, Rc<Wire>), Refusal> {
    let facts = admit(desk, facts).await?;
    let line = open_line(desk, TransportKind::WebSocket)?;
    let link = desk.hub.next_link();
    let wire = Wire::new(&desk.hub, Home::Here(line.clone()), link);
    line.open_over(Link { id: link, out: LinkOut::Local(wire.clone()) });
    line.offer(&desk.hub, Frame::control(&open_packet(desk, &line, TransportKind::WebSocket)), false);
    Connection::start(&desk.hub, &line, &desk.front.factory, facts, Some((wire.clone(), bytes)));
    Ok((line, wire))
}

/// A WebSocket that names a session.
pub(super) async fn upgrade(
    desk: &Rc<Desk>,
    request: &HttpRequest,
    payload: Payload,
    sid: Id,
) -> Result<HttpResponse, Refusal> {
    let place = desk.hub.fleet.ids.place(&sid).ok_or(Refusal::UnknownSession)?;
    let response = accept(desk, request)?;
    if place.worker == desk.hub.worker {
        let line = desk.hub.line(place.slot, &sid).filter(|line| !line.is_closed());
        return Ok(upgrade_here(desk, request, response, payload, &line.ok_or(Refusal::UnknownSession)?));
    }
    upgrade_there(desk, request, response, payload, place, sid).await
}

fn upgrade_here(
    desk: &Desk,
    request: &HttpRequest,
    response: HttpResponseBuilder,
    payload: Payload,
    line: &Rc<Line>,
) -> HttpResponse {
    let id = desk.hub.next_link();
    let wire = Wire::new(&desk.hub, Home::Here(line.clone()), id);
    match line.probe_with(Instant::now(), Link { id, out: LinkOut::Local(wire.clone()) }) {
        Ok(()) => {
            desk.hub.arm_slot(line);
            line.arrive(wire.clone(), bytes(request, payload));
        }
        // The handshake completes, then this WebSocket is closed; the live session is untouched.
        Err(_) => wire.close(websocket::close_frame(None, "")),
    }
    switch(request, response, &wire)
}

async fn upgrade_there(
    desk: &Rc<Desk>,
    request: &HttpRequest,
    response: HttpResponseBuilder,
    payload: Payload,
    Place { worker, slot }: Place,
    sid: Id,
) -> Result<HttpResponse, Refusal> {
    let (tx, rx) = oneshot::channel();
    let place = LinkPlace::reserve(&desk.hub);
    let (here, index) = (desk.hub.worker, place.index());
    desk.hub.run_on(
        worker,
        Box::new(move |hub: &Rc<HubInner>| {
            let line = hub.line(slot, &sid).filter(|line| !line.is_closed());
            let answer = line.map(|line| {
                let id = hub.next_link();
                let probing = line.probe_with(Instant::now(), Link::remote(id, here, index)).is_ok();
                hub.arm_slot(&line);
                probing.then_some(id)
            });
            let _ = tx.send(answer);
        }),
    );
    let answer = rx.await.ok().flatten().ok_or(Refusal::UnknownSession)?;
    let wire = Wire::new(&desk.hub, Home::There { worker, slot }, answer.unwrap_or(0));
    if answer.is_some() {
        place.serve_wire(wire.clone());
        let reader = Reader::new(wire.clone(), bytes(request, payload), desk.front.options.max_payload);
        Relay::start(place, reader);
    } else {
        wire.close(websocket::close_frame(None, ""));
    }
    Ok(switch(request, response, &wire))
}
