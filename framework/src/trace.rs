//! The vocabulary of logs: every line the framework writes, with its fields, in one place.
//!
//! Never a payload, a session id or credentials: what is logged can be read by more people than the server's memory.
//! Targets are named as the reference's debug scopes (`DEBUG=engine*,socket.io*`), so the same filters work.

use std::fmt::Display;

use crate::engine::CloseReason;
use crate::id::SocketId;

pub(crate) fn too_slow(bytes: usize) {
    tracing::info!(target: "engine::socket", bytes, "a client does not read what it is sent; disconnecting it");
}

pub(crate) fn overloaded(worker: u16) {
    tracing::error!(target: "greenroom::worker", worker, "a worker is behind by its whole budget; dropping deliveries to it");
}

pub(crate) fn session_opened(transport: &'static str) {
    tracing::debug!(target: "engine", transport, "session opened");
}

pub(crate) fn session_closed(reason: CloseReason) {
    tracing::debug!(target: "engine", reason = reason.as_str(), "session closed");
}

pub(crate) fn request_refused(code: u8, message: &str, context: &str) {
    tracing::debug!(target: "engine", code, message, context, "request refused");
}

pub(crate) fn bad_packet(what: &dyn Display) {
    tracing::debug!(target: "socket.io-parser", error = %what, "a client sent a packet that cannot be decoded; closing");
}

pub(crate) fn connected(namespace: &str, socket: SocketId) {
    tracing::debug!(target: "socket.io::namespace", namespace, %socket, "socket connected");
}

/// What the client was told is worth a line when somebody looks for it; what the server hides from it, always.
pub(crate) fn refused(namespace: &str, socket: Option<SocketId>, refuse: &dyn Display, hidden: bool) {
    let socket = socket.map(tracing::field::display);
    if hidden {
        tracing::error!(target: "socket.io::namespace", namespace, socket, error = %refuse, "connection refused");
    } else {
        tracing::debug!(target: "socket.io::namespace", namespace, socket, message = %refuse, "connection refused");
    }
}

pub(crate) fn stale_client(namespace: &str, socket: SocketId, origin: &str, contract: &str, expected: &str) {
    tracing::warn!(
        target: "socket.io::namespace", namespace, %socket, origin, contract, expected,
        "a stale front end: its contract is not this server's"
    );
}

pub(crate) fn disconnected(namespace: &str, socket: SocketId, reason: &str) {
    tracing::debug!(target: "socket.io::namespace", namespace, %socket, reason, "socket disconnected");
}

pub(crate) fn went_away(namespace: &str, socket: SocketId, reason: &str) {
    tracing::debug!(target: "socket.io::namespace", namespace, %socket, reason, "socket is away, and may come back");
}

pub(crate) fn handler_failed(namespace: &str, event: &str, socket: SocketId, error: &dyn Display) {
    tracing::warn!(target: "socket.io::socket", namespace, event, %socket, error = %error, "a handler failed");
}

/// A typed event that failed. What the client did wrong is not worth a line in production; what the server hides from it is.
pub(crate) fn event_failed(
    namespace: &str,
    event: &str,
    socket: SocketId,
    fault: &dyn Display,
    hidden: bool,
) {
    if hidden {
        tracing::error!(target: "socket.io::socket", namespace, event, %socket, fault = %fault, "an event failed");
    } else {
        tracing::debug!(target: "socket.io::socket", namespace, event, %socket, fault = %fault, "an event was answered with a fault");
    }
}

pub(crate) fn task_panicked(namespace: &str, socket: SocketId) {
    tracing::error!(target: "socket.io::socket", namespace, %socket, "a task of a handler panicked");
}

pub(crate) fn handler_panicked(namespace: &str, event: &str, socket: SocketId) {
    tracing::error!(target: "socket.io::socket", namespace, event, %socket, "a handler panicked; closing the connection");
}

pub(crate) fn outgoing_listener_panicked(namespace: &str, event: &str, socket: SocketId) {
    tracing::error!(target: "socket.io::socket", namespace, event, %socket, "a closure of `on_any_outgoing` panicked");
}

pub(crate) fn not_sent(namespace: &str, event: &str, error: &dyn Display) {
    tracing::error!(target: "socket.io::socket", namespace, event, error = %error, "an event could not be sent");
}

pub(crate) fn left_unhandled(namespace: &str, socket: SocketId, events: usize) {
    tracing::warn!(target: "socket.io::socket", namespace, %socket, events, "a socket left before its handlers finished; the rest is dropped");
}

pub(crate) fn missing_extension() {
    tracing::warn!(
        target: "greenroom::server",
        "HttpServer was built without `.greenroom(&io)`: Nagle's delay, abandoned polls and abrupt shutdowns are not taken care of"
    );
}

pub(crate) fn headers_not_kept() {
    tracing::error!(
        target: "greenroom::server",
        "a handshake's headers were looked at, but none are kept: set `Options::keep_headers(true)`"
    );
}

pub(crate) fn no_app(error: &dyn std::fmt::Debug) {
    tracing::error!(target: "greenroom::server", ?error, "the app of a worker could not be made");
}

pub(crate) fn cannot_accept(error: &std::io::Error) {
    tracing::error!(target: "greenroom::server", %error, "connections cannot be accepted; trying again");
}

pub(crate) fn actor_restarts(actor: &str, rest: std::time::Duration) {
    tracing::error!(target: "greenroom::supervise", actor, ?rest, "an actor panicked; it starts again");
}

pub(crate) fn too_much_put_off(room: &str, limit: usize) {
    tracing::error!(target: "greenroom::room", room, limit, "a room has put off as much as it may; the rest is dropped");
}

pub(crate) fn actor_gave_up(actor: &str) {
    tracing::error!(target: "greenroom::supervise", actor, "an actor panicked more often than its budget allows; it ends");
}

pub(crate) fn watcher_panicked() {
    tracing::error!(target: "socket.io::namespace", "a room watcher panicked");
}

pub(crate) fn birth_watcher_panicked(namespace: &str) {
    tracing::error!(target: "socket.io::namespace", namespace, "a closure of `on_new_namespace` panicked");
}

pub(crate) fn session_handler_panicked() {
    tracing::error!(target: "engine::socket", "a session's handler panicked; closing it");
}

pub(crate) fn no_user_timeout(error: &dyn Display) {
    tracing::warn!(target: "greenroom::server", error = %error, "stalled sockets cannot be timed out");
}

pub(crate) fn drain_incomplete(sessions: usize) {
    tracing::warn!(target: "greenroom::server", sessions, "some sessions did not take their goodbye in time");
}

pub(crate) fn bad_header(name: &str) {
    tracing::error!(target: "engine", name, "a hook gave a header that is no header; it is left out");
}

pub(crate) fn too_many_workers(limit: usize) {
    tracing::error!(target: "greenroom::server", limit, "more workers than `max_workers`; this one refuses requests");
}
