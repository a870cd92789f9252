//! A handler's namespace from outside: `io.ns::<Chat>().within("lobby").new_message(…)`.

use std::fmt;
use std::marker::PhantomData;

use compact_str::ToCompactString;

use super::Handler;
use super::client::Contract;
use crate::id::SocketId;
use crate::namespace::{Namespace, Pattern};
use crate::server::Greenroom;
use crate::socket::Broadcast;

type To<H, T> = <<H as Handler>::Client as Contract>::To<T>;

/// Handlers of one namespace, not of a pattern.
#[diagnostic::on_unimplemented(
    message = "`{Self}` answers in many namespaces",
    label = "which one?",
    note = "name one with `io.ns_at::<{Self}>(\"/team/7\")`, or take all that are alive with `io.each_ns::<{Self}>()`"
)]
pub trait OneNamespace {}

pub(super) fn is_pattern(namespace: &str) -> bool {
    namespace.contains('{')
}

/// A namespace with its handler's contract. `Clone` and `Send`.
pub struct Ns<H> {
    namespace: Namespace,
    kind: PhantomData<fn() -> H>,
}

impl<H> Clone for Ns<H> {
    fn clone(&self) -> Self {
        Self { namespace: self.namespace.clone(), kind: PhantomData }
    }
}

impl<H> fmt::Debug for Ns<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ns").field(&self.namespace).finish()
    }
}

impl<H: Handler> Ns<H> {
    fn new(namespace: Namespace) -> Self {
        Self { namespace, kind: PhantomData }
    }

    /// The untyped handle.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Sends to everybody.
    #[must_use]
    pub fn everyone(&self) -> To<H, Broadcast> {
        H::Client::to(self.namespace.everyone())
    }

    /// Sends to the members of a room.
    #[must_use]
    pub fn within(&self, room: impl fmt::Display) -> To<H, Broadcast> {
        H::Client::to(self.namespace.to(room.to_compact_string()))
    }

    /// Sends to one socket, wherever it is.
    #[must_use]
    pub fn socket(&self, id: SocketId) -> To<H, Broadcast> {
        H::Client::to(self.namespace.to(id))
    }

    /// How many members a room has.
    #[must_use]
    pub fn count(&self, room: impl fmt::Display) -> usize {
        self.namespace.room_size(room.to_compact_string())
    }
}

impl Greenroom {
    /// The namespace of a handler.
    #[must_use]
    pub fn ns<H: Handler + OneNamespace>(&self) -> Ns<H> {
        Ns::new(self.of(H::NAMESPACE))
    }

    /// One namespace of a handler's pattern; `None` when nobody is in it.
    #[must_use]
    pub fn ns_at<H: Handler>(&self, name: &str) -> Option<Ns<H>> {
        let pattern = Pattern::parse(H::NAMESPACE).ok()?;
        self.0.registry.find(name).filter(|namespace| namespace.is_child_of(&pattern)).map(Ns::new)
    }

    /// The namespaces of a handler's pattern that are alive.
    #[must_use]
    pub fn each_ns<H: Handler>(&self) -> Vec<Ns<H>> {
        let Ok(pattern) = Pattern::parse(H::NAMESPACE) else { return Vec::new() };
        let all = self.namespaces().into_iter();
        all.filter(|namespace| namespace.is_child_of(&pattern)).map(Ns::new).collect()
    }
}
