//! Greenroom is a Socket.IO server framework for actix-web: every connection is an actor, handlers are typed structs,
//! and any official Socket.IO client talks to it unchanged.
//!
//! ```no_run
//! use actix_web::{App, HttpServer};
//! use greenroom::prelude::*;
//!
//! #[derive(Handler, Default)]
//! struct Lobby {
//!     said: usize,
//! }
//!
//! #[events]
//! impl Lobby {
//!     #[connected]
//!     fn enter(&mut self, cx: &Cx<Self>) {
//!         cx.join("lobby");
//!     }
//!
//!     #[event]
//!     fn say(&mut self, me: Socket, text: &str) -> usize {
//!         self.said += 1;
//!         me.to("lobby").emit("said", (me.id(), text));
//!         self.said // the acknowledgement
//!     }
//! }
//!
//! #[actix_web::main]
//! async fn main() -> std::io::Result<()> {
//!     let io = Greenroom::new().mount::<Lobby>();
//!     let app = io.clone();
//!     HttpServer::new(move || App::new().service(app.clone())).greenroom(&io).bind(("127.0.0.1", 3000))?.run().await
//! }
//! ```
//!
//! Who ports a Node server writes closures instead: `io.on_connection(|socket| { socket.on("say", |socket: Socket, text: String| …); })`.
//!
//! # Where things are
//!
//! An event travels through eight files; each of their docs says which step it is.
//! `web::websocket` (1) → `connection::reader` (2) → `connection` (3) → `protocol::socket` (4) → `connection::sockets` (5) →
//! `event::listeners` or `typed::seated` (6) → your closure or method → `socket::broadcast` (7) → `worker::delivery` (8) → the outboxes.

// So that the macros' paths mean the same inside.
extern crate self as greenroom;

#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
#[cfg(feature = "catalogue")]
pub mod catalogue;
mod config;
mod connection;
pub mod engine;
mod error;
mod event;
mod id;
mod namespace;
mod payload;
pub mod protocol;
mod recovery;
mod room;
mod seldom;
mod server;
mod socket;
mod supervise;
#[cfg(feature = "testing")]
pub mod testing;
mod trace;
mod typed;
mod web;
mod worker;

pub use greenroom_macros::{
    Fault, Handler, Room, away, back, client, closed, connect, connected, created, disconnect, empty, event,
    events, every, fallback, joined, joining, left, recovered,
};

pub use config::{ClientBundle, Cors, Options, Origins, Recovery};
pub use engine::CloseReason;
pub use engine::session::TransportKind;
pub use error::{ConfigError, ConnectionError, Refuse};
pub use event::{EventPacket, ListenerId};
pub use id::{SessionId, SocketId};
pub use namespace::{DynamicNamespace, Namespace};
pub use payload::{ArgError, Args, Binary, EncodeError, Rest, Value};
pub use room::PlainRoom;
pub use server::{Builder, Greenroom, HttpServerExt, LongLived, prepare_connection};
pub use socket::{
    AckError, AckFn, AckFuture, Acks, Broadcast, Disconnect, EmitError, Emitter, FetchError, Handshake,
    RemoteSocket, Replies, Request, RoomNames, Sent, Socket, TooManyRooms,
};
pub use typed::presence;
pub use typed::{
    Ack, Auth, Connect, Contract, Cx, Departure, Entered, EventInfo, Fault, FromConnect, FromContext,
    Handler, IntoFault, Layer, Linger, Member, Ns, OnPanic, Outcome, Path, Restart, Result, Room, RoomCx,
    RoomNotice, RoomRef, State, Target, ToClient, Untyped, Validate,
};
pub use web::{NativeHandle, NativeServer, RunningServer};
pub use worker::{Overflow, RoomEvent, RoomName};

/// Traits behind the closures that listeners, middleware and hooks are. Bounds to read, not to implement.
pub mod closures {
    pub use crate::event::{Argument, Hook, Listener, Mistake, PacketVerdict, Reply, Wire};
    pub use crate::namespace::Admission;
}

#[doc = include_str!("../docs/handlers.md")]
#[cfg(doctest)]
#[derive(Debug)]
pub struct HandlersGuide;

#[doc = include_str!("../docs/recovery.md")]
#[cfg(doctest)]
#[derive(Debug)]
pub struct RecoveryGuide;

#[doc = include_str!("../docs/rooms.md")]
#[cfg(doctest)]
#[derive(Debug)]
pub struct RoomsGuide;

#[doc = include_str!("../docs/catalogue.md")]
#[cfg(all(doctest, feature = "catalogue"))]
#[derive(Debug)]
pub struct CatalogueGuide;

#[doc = include_str!("../docs/two-forms.md")]
#[cfg(doctest)]
#[derive(Debug)]
pub struct TwoForms;

// A packaged crate has no such file; doctests run in the repository only.
#[doc = include_str!("../../README.md")]
#[cfg(doctest)]
#[derive(Debug)]
pub struct Readme;

/// Bounds behind typed handlers: what a method may take and return. To read, not to implement.
pub mod handlers {
    pub use crate::typed::bounds::*;
}

/// Keeps the code that macros write for [`testing`], and, without that feature, drops it.
#[cfg(feature = "testing")]
#[doc(hidden)]
#[macro_export]
macro_rules! __testing {
    ($($code:tt)*) => { $($code)* };
}

/// Keeps the code that macros write for `testing`, and, without that feature, drops it.
#[cfg(not(feature = "testing"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __testing {
    ($($code:tt)*) => {};
}

/// What the macros name.
#[doc(hidden)]
pub mod __private {
    pub use crate::typed::private::*;
}

/// What the word `catalogue` in `#[events(catalogue)]` and `#[client(catalogue)]` writes: nothing, without the feature.
#[doc(hidden)]
#[cfg(feature = "catalogue")]
#[macro_export]
macro_rules! __catalogue {
    ($($token:tt)*) => { $($token)* };
}

#[doc(hidden)]
#[cfg(not(feature = "catalogue"))]
#[macro_export]
macro_rules! __catalogue {
    ($($token:tt)*) => {};
}

/// What most apps need.
pub mod prelude {
    pub use crate::{
        Ack, AckFn, Auth, Binary, Broadcast, Connect, Cx, Departure, Disconnect, Fault, FromConnect,
        FromContext, Greenroom, Handler, HttpServerExt, IntoFault, Linger, Member, Namespace, Options, Path,
        Recovery, Refuse, Rest, Room, RoomCx, Socket, SocketId, State, Validate, Value, away, back, client,
        closed, connect, connected, created, disconnect, empty, event, events, every, fallback, joined,
        joining, left, recovered,
    };
}
