//! Events from the server: what a `#[client]` trait turns into.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeTupleStruct, Serializer};

use crate::payload::SEVERAL;
use crate::socket::{AckFuture, Acks, Broadcast, Emitter, Sent, Socket};

/// The events that a server sends to its clients. Written by `#[client]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a client contract",
    label = "no `#[client]` trait",
    note = "list what the server sends: `#[greenroom::client] trait {Self} {{ fn said(&self, text: &str); }}`"
)]
pub trait Contract: 'static {
    /// The contract towards a target: one method per event.
    type To<T: Target>;
    /// One method per event, on the side of the client that hears it.
    #[cfg(feature = "testing")]
    type Next;

    /// Binds it to a target.
    fn to<T: Target>(target: T) -> Self::To<T>;
}

/// No contract: events are named by strings.
#[derive(Clone, Copy, Debug)]
pub struct Untyped;

impl Contract for Untyped {
    type To<T: Target> = T;
    #[cfg(feature = "testing")]
    type Next = ();

    fn to<T: Target>(target: T) -> T {
        target
    }
}

/// Who an event goes to. Sealed by what it takes to make one.
pub trait Target: Sized {
    /// What comes of asking: a future from one client, a stream of (socket, answer) from many.
    type Answer<A: DeserializeOwned + Send + 'static>;

    /// Sends an event.
    fn emit(&self, event: &str, args: impl Serialize) -> Sent;

    /// Sends an event and waits for its acknowledgement.
    fn ask<A: DeserializeOwned + Send + 'static>(&self, event: &str, args: impl Serialize)
    -> Self::Answer<A>;

    /// How long answers are waited for.
    #[must_use]
    fn timeout(self, timeout: Duration) -> Self;

    /// Drop the event for clients that cannot take it at once.
    #[must_use]
    fn volatile(self) -> Self;
}

impl Target for Broadcast {
    type Answer<A: DeserializeOwned + Send + 'static> = Acks<A>;

    fn emit(&self, event: &str, args: impl Serialize) -> Sent {
        Self::emit(self, event, args)
    }

    fn ask<A: DeserializeOwned + Send + 'static>(&self, event: &str, args: impl Serialize) -> Acks<A> {
        self.emit_with_ack(event, args)
    }

    fn timeout(self, timeout: Duration) -> Self {
        Self::timeout(self, timeout)
    }

    fn volatile(self) -> Self {
        Self::volatile(self)
    }
}

/// One client.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before an event is named"]
pub struct ToClient {
    socket: Socket,
    volatile: bool,
    timeout: Option<Duration>,
}

impl ToClient {
    pub(super) fn new(socket: Socket) -> Self {
        Self { socket, volatile: false, timeout: None }
    }

    fn emitter(&self) -> Emitter<'_> {
        let emitter = self.socket.emitter();
        let emitter = if self.volatile { emitter.volatile() } else { emitter };
        match self.timeout {
            Some(timeout) => emitter.timeout(timeout),
            None => emitter,
        }
    }

    /// Sends an event. See [`Socket::emit`].
    pub fn emit(&self, event: &str, args: impl Serialize) -> Sent {
        self.emitter().emit(event, args)
    }

    /// Sends an event and gives the client's answer. See [`Socket::emit_with_ack`].
    pub fn emit_with_ack<A: DeserializeOwned>(&self, event: &str, args: impl Serialize) -> AckFuture<A> {
        self.emitter().emit_with_ack(event, args)
    }
}

impl Target for ToClient {
    type Answer<A: DeserializeOwned + Send + 'static> = AckFuture<A>;

    fn emit(&self, event: &str, args: impl Serialize) -> Sent {
        self.emitter().emit(event, args)
    }

    fn ask<A: DeserializeOwned + Send + 'static>(&self, event: &str, args: impl Serialize) -> AckFuture<A> {
        self.emitter().emit_with_ack(event, args)
    }

    fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }
}

// ---- arguments ---------------------------------------------------------------------------------------------

/// A parameter that travels to a client.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel to a client",
    label = "not serializable",
    note = "add `#[derive(serde::Serialize)]` to it"
)]
pub trait Outgoing {
    /// What is sent.
    fn wire(&self) -> impl Serialize;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> Outgoing for T {
    fn wire(&self) -> impl Serialize {
        self
    }
}

/// Arguments put together one by one, so that the compiler can point at the one that does not fit. Serializes as a tuple.
pub trait List: Serialize {
    /// How many.
    fn len(&self) -> usize;

    /// Writes them.
    ///
    /// # Errors
    /// When one of them refuses.
    fn write<S: SerializeTupleStruct>(&self, tuple: &mut S) -> Result<(), S::Error>;
}

/// No arguments.
#[derive(Clone, Copy, Debug)]
pub struct Empty;

impl List for Empty {
    fn len(&self) -> usize {
        0
    }

    fn write<S: SerializeTupleStruct>(&self, _: &mut S) -> Result<(), S::Error> {
        Ok(())
    }
}

/// Arguments and one more.
struct And<'a, L, T: ?Sized>(L, &'a T);

impl<L: List, T: Outgoing + ?Sized> List for And<'_, L, T> {
    fn len(&self) -> usize {
        self.0.len() + 1
    }

    fn write<S: SerializeTupleStruct>(&self, tuple: &mut S) -> Result<(), S::Error> {
        self.0.write(tuple)?;
        tuple.serialize_field(&self.1.wire())
    }
}

impl Serialize for Empty {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_tuple_struct(SEVERAL, 0)?.end()
    }
}

impl<L: List, T: Outgoing + ?Sized> Serialize for And<'_, L, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple_struct(SEVERAL, self.len())?;
        self.write(&mut tuple)?;
        tuple.end()
    }
}

/// Named by the macros, so that the compiler points at the parameter's type.
pub fn and<L: List, T: Outgoing + ?Sized>(list: L, value: &T) -> impl List {
    And(list, value)
}
