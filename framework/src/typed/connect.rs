//! `#[connect]`: from a handshake to a handler.

use std::fmt;
use std::sync::Arc;

use futures_core::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use super::arguments::problem;
use super::context::{Cx, State};
use super::fault::{Fault, IntoFault};
use super::mount::Mount;
use super::{Handler, path};
use crate::error::Refuse;
use crate::id::SocketId;
use crate::namespace::NamespaceCore;
use crate::socket::{Handshake, Socket};

/// A client that wants in. It is not connected yet: what is sent to it arrives when it is.
pub struct Connect<H: Handler> {
    cx: Cx<H>,
    core: Arc<NamespaceCore>,
}

impl<H: Handler> fmt::Debug for Connect<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connect").field(&self.cx).finish()
    }
}

impl<H: Handler> Connect<H> {
    pub(super) fn new(socket: Socket, mount: Arc<Mount<H>>, core: Arc<NamespaceCore>) -> Self {
        Self { cx: Cx::new(socket, mount), core }
    }

    /// The socket's public id.
    #[must_use]
    pub fn id(&self) -> SocketId {
        self.cx.id()
    }

    /// What was given to `mount_with`.
    #[must_use]
    pub fn state(&self) -> &H::State {
        self.cx.state()
    }

    /// The connection's first request, and what the client gave as `auth`.
    #[must_use]
    pub fn handshake(&self) -> &Handshake {
        self.cx.socket().handshake()
    }

    /// The untyped handle.
    #[must_use]
    pub fn socket(&self) -> &Socket {
        self.cx.socket()
    }

    /// Joins a room; members from the moment the client is connected.
    pub fn join(&self, room: impl fmt::Display) {
        self.cx.join(room);
    }
}

/// A parameter of `#[connect]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of `#[connect]`",
    label = "not available while connecting",
    note = "`#[connect]` takes `&Connect<Self>`, `Auth<T>`, `Path<T>`, `State<T>`, `Socket` and your own types that implement `FromConnect`"
)]
pub trait FromConnect<H: Handler>: Sized {
    /// Makes it.
    ///
    /// # Errors
    /// What the client is refused with.
    fn from_connect(cx: &Connect<H>) -> Result<Self, Refuse>;
}

/// What the client gave as `auth`. Of another type, it is refused with code `bad_auth`.
#[derive(Clone, Debug)]
pub struct Auth<T>(pub T);

impl<H: Handler, T: DeserializeOwned> FromConnect<H> for Auth<T> {
    fn from_connect(cx: &Connect<H>) -> Result<Self, Refuse> {
        cx.handshake().auth().map(Self).map_err(|error| Refuse::new("bad_auth", problem(&error)))
    }
}

/// The parameters of the namespace's pattern: a struct with fields of their names, a tuple in their order, or, of one, its value. If they
/// do not fit, the client is refused with code `bad_path`.
#[derive(Clone, Debug)]
pub struct Path<T>(pub T);

impl<H: Handler, T: DeserializeOwned> FromConnect<H> for Path<T> {
    fn from_connect(cx: &Connect<H>) -> Result<Self, Refuse> {
        path::read(&cx.core.space.params)
            .map(Self)
            .map_err(|error| Refuse::new("bad_path", error.to_string()))
    }
}

impl<S: Clone, H: Handler<State = S>> FromConnect<H> for State<S> {
    fn from_connect(cx: &Connect<H>) -> Result<Self, Refuse> {
        Ok(Self(cx.state().clone()))
    }
}

impl<H: Handler> FromConnect<H> for Socket {
    fn from_connect(cx: &Connect<H>) -> Result<Self, Refuse> {
        Ok(cx.socket().clone())
    }
}

/// A handler that is there or comes.
pub enum Starting<H> {
    /// `#[connect] fn`, or `Default`.
    Now(Result<H, Refuse>),
    /// `#[connect] async fn`.
    Later(LocalBoxFuture<'static, Result<H, Refuse>>),
}

impl<H> fmt::Debug for Starting<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Starting")
    }
}

/// Handlers without `#[connect]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how a connection starts",
    label = "no `#[connect]` method and no `Default`",
    note = "add `#[connect] async fn connect(cx: &Connect<Self>) -> Self` to the `#[events]` block",
    note = "or derive `Default` if every connection starts the same"
)]
pub trait DefaultStart: Sized {
    /// The handler of a new connection.
    fn start() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> DefaultStart for T {
    fn start() -> Self {
        Self::default()
    }
}

/// Named by the macros, so that the compiler points at the parameter's type.
///
/// # Errors
/// What the type said.
pub fn started<T: FromConnect<H>, H: Handler>(cx: &Connect<H>) -> Result<T, Refuse> {
    T::from_connect(cx)
}

/// Named by the macros, so that the compiler points at the error's type.
///
/// # Errors
/// The error, as the client is told it.
pub fn refuse_with<H, E: IntoFault>(result: Result<H, E>) -> Result<H, Refuse> {
    result.map_err(IntoFault::into_refuse)
}

impl From<Refuse> for Fault {
    fn from(refuse: Refuse) -> Self {
        refuse.into_fault()
    }
}
