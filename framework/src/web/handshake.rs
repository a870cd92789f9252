//! Opening sessions: the facts of a first request, and whether it may.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::HttpRequest;
use actix_web::http::header::ORIGIN;

use super::reply::Refusal;
use super::{Desk, cors};
use crate::engine::session::TransportKind;
use crate::protocol::engine::Open;
use crate::socket::{Pairs, Request};
use crate::worker::Line;

/// Copies what is kept of a request: nothing of the transport's read buffer stays pinned.
pub(super) fn request_facts(request: &HttpRequest, headers: bool) -> Request {
    let texts = || -> Pairs {
        let headers = request.headers().iter();
        headers.map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()))).collect()
    };
    let url = request.uri().path_and_query().map_or("", |url| url.as_str());
    Request {
        cross_domain: request.headers().contains_key(ORIGIN),
        address: request.peer_addr(),
        secure: request.app_config().secure(),
        ..Request::new(url, headers.then(texts))
    }
}

/// Browsers let any page open a WebSocket, or take over a session whose id it knows, with the visitor's cookies.
pub(super) fn check_origin(desk: &Desk, request: &HttpRequest) -> Result<(), Refusal> {
    let options = &desk.front.options;
    if options.check_websocket_origin && !cors::accepts_websocket(&options.cors, request) {
        return Err(Refusal::Forbidden("Origin not allowed".into()));
    }
    Ok(())
}

/// Of a request that opens a session: with its headers if somebody may look at them.
pub(super) fn first_facts(desk: &Desk, request: &HttpRequest) -> Arc<Request> {
    let headers = desk.options().keep_headers || desk.front.gate.is_some();
    Arc::new(request_facts(request, headers))
}

/// Asks the gate, then for the protocol's version, as the reference does, and whether there is room. What is kept of the request.
pub(super) async fn admit(desk: &Desk, mut facts: Arc<Request>) -> Result<Arc<Request>, Refusal> {
    if let Some(gate) = &desk.front.gate
        && let Err(refuse) = gate(facts.clone()).await
    {
        let message = if refuse.message().is_empty() { "Forbidden" } else { refuse.message() };
        return Err(Refusal::Forbidden(message.to_owned()));
    }
    if facts.query("EIO") != Some("4") {
        return Err(Refusal::UnsupportedVersion);
    }
    if desk.hub.fleet.draining.load(Ordering::Acquire) {
        return Err(Refusal::Unavailable);
    }
    if !desk.options().keep_headers && !facts.bare {
        // The gate may have kept it; what it has stays as it is.
        Arc::make_mut(&mut facts).forget_headers();
    }
    Ok(facts)
}

pub(super) fn open_line(desk: &Desk, via: TransportKind) -> Result<Rc<Line>, Refusal> {
    desk.hub.open(via, std::time::Instant::now()).ok_or(Refusal::Unavailable)
}

/// The OPEN packet of a session.
pub(super) fn open_packet(desk: &Desk, line: &Line, via: TransportKind) -> String {
    let options = &desk.front.options;
    let upgrades: &[&str] = match via {
        TransportKind::Polling if options.websocket && options.allow_upgrades => &["websocket"],
        TransportKind::Polling | TransportKind::WebSocket => &[],
    };
    let open = Open {
        sid: line.sid.expose(),
        upgrades,
        ping_interval: options.ping_interval,
        ping_timeout: options.ping_timeout,
        max_payload: options.max_payload,
    };
    open.encode()
}
