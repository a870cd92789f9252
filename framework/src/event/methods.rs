//! `socket.on` and its relatives.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_core::future::LocalBoxFuture;

use super::arguments::{Argument, Mistake, Wire};
use super::listeners::{Erased, ListenerId, Listeners, Plain};
use super::reply::Reply;
use crate::error::Refuse;
use crate::payload::Value;
use crate::socket::{Disconnect, Socket, SocketCell, Task};

/// A closure that answers an event: `|socket: Socket, a: A, b: B, …| …`, up to eight arguments. `M` is inferred.
#[diagnostic::on_unimplemented(
    message = "this closure cannot listen to an event",
    label = "not a listener",
    note = "write `|socket: Socket, a: A, b: B| …` or `async |socket: Socket, a: A| …`; every argument needs its type, and what the closure captures must be `Send`",
    note = "an async closure that uses what it captured: `move |socket: Socket| {{ let captured = captured.clone(); async move {{ … }} }}`"
)]
pub trait Listener<M>: Send + 'static {
    /// Reads the arguments and runs the closure.
    ///
    /// # Errors
    /// When the client sent other arguments.
    #[doc(hidden)]
    fn call(&mut self, socket: Socket, wire: Wire<'_>) -> Result<Option<Task>, Mistake>;
}

macro_rules! listener {
    ($($arg:ident $kind:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<F, R, M, $($arg, $kind),*> Listener<(R, M, $($arg, $kind),*)> for F
        where
            F: FnMut(Socket, $($arg),*) -> R + Send + 'static,
            R: Reply<M>,
            $($arg: Argument<$kind>,)*
        {
            #[allow(non_snake_case, reason = "the macro names values after their types")]
            #[allow(unused_mut, reason = "the listener without arguments reads nothing")]
            fn call(&mut self, socket: Socket, mut wire: Wire<'_>) -> Result<Option<Task>, Mistake> {
                $(let $arg = match $arg::read(&mut wire) {
                    Ok(arg) => arg,
                    Err(error) => return Err(Mistake { error, ack: wire.ack }),
                };)*
                let ack = wire.ack;
                Ok(self(socket, $($arg),*).reply(ack))
            }
        }
    };
}
listener!();
listener!(A1 K1);
listener!(A1 K1, A2 K2);
listener!(A1 K1, A2 K2, A3 K3);
listener!(A1 K1, A2 K2, A3 K3, A4 K4);
listener!(A1 K1, A2 K2, A3 K3, A4 K4, A5 K5);
listener!(A1 K1, A2 K2, A3 K3, A4 K4, A5 K5, A6 K6);
listener!(A1 K1, A2 K2, A3 K3, A4 K4, A5 K5, A6 K6, A7 K7);
listener!(A1 K1, A2 K2, A3 K3, A4 K4, A5 K5, A6 K6, A7 K7, A8 K8);

/// An event as packet middleware sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct EventPacket {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub args: Vec<Value>,
    /// Whether the client asked for an acknowledgement.
    pub wants_ack: bool,
}

pub(super) enum Incoming {
    Now(Result<EventPacket, Refuse>),
    Later(LocalBoxFuture<'static, Result<EventPacket, Refuse>>),
}

/// What packet middleware says: the event, perhaps changed, or a refusal; now or later.
pub trait PacketVerdict<M> {
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "sealed: only results and futures of them are verdicts")]
    fn verdict(self) -> Incoming;
}

#[expect(private_interfaces, reason = "sealed: only results and futures of them are verdicts")]
impl PacketVerdict<super::reply::Now> for Result<EventPacket, Refuse> {
    fn verdict(self) -> Incoming {
        Incoming::Now(self)
    }
}

#[expect(private_interfaces, reason = "sealed: only results and futures of them are verdicts")]
impl<F: Future<Output = Result<EventPacket, Refuse>> + 'static> PacketVerdict<super::reply::Later> for F {
    fn verdict(self) -> Incoming {
        Incoming::Later(Box::pin(self))
    }
}

/// What a hook returns (connection, disconnection, a message of a raw session): nothing, or a future that what follows waits for.
/// `M` is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be what this hook returns",
    note = "return nothing, or a future of nothing; end the last line with `;`"
)]
pub trait Hook<M> {
    #[doc(hidden)]
    fn task(self) -> Option<Task>;
}

impl Hook<super::reply::Silent> for crate::socket::Sent {
    fn task(self) -> Option<Task> {
        None
    }
}

impl Hook<super::reply::Silent> for ListenerId {
    fn task(self) -> Option<Task> {
        None
    }
}

impl Hook<super::reply::Now> for () {
    fn task(self) -> Option<Task> {
        None
    }
}

impl<F: Future<Output = ()> + 'static> Hook<super::reply::Later> for F {
    fn task(self) -> Option<Task> {
        Some(Box::pin(self))
    }
}

// Ids are given before the listener is home, so they are unique in the process rather than per socket.
static IDS: AtomicU64 = AtomicU64::new(1);

impl Socket {
    fn listeners(&self, change: impl FnOnce(&Listeners, &SocketCell) + Send + 'static) {
        self.at_home(move |cell| {
            if let Some(listeners) = cell.dispatch.as_any().downcast_ref::<Listeners>() {
                change(listeners, cell);
            }
        });
    }

    fn listen<M>(
        &self,
        event: &str,
        mut listener: impl Listener<M>,
        once: bool,
        concurrent: bool,
    ) -> ListenerId {
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        let event: Box<str> = event.into();
        let run: Erased = Box::new(move |socket, wire| listener.call(socket, wire));
        self.listeners(move |listeners, _| listeners.add(id, event, run, once, concurrent));
        ListenerId(id)
    }

    fn plain(&self, plain: Plain) -> ListenerId {
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        self.listeners(move |listeners, cell| {
            listeners.add_plain(id, plain);
            cell.seat.watches_outgoing.set(listeners.has_outgoing());
        });
        ListenerId(id)
    }

    /// Answers an event: `socket.on("say", |socket: Socket, room: String, text: String| …)`.
    ///
    /// The arguments after the socket are those of the client's `emit`: anything that implements `serde::Deserialize`, with
    /// [`Binary`](crate::Binary) for bytes, [`Rest`](crate::Rest) for all that remain and, last, [`AckFn`](crate::AckFn) for the acknowledgement.
    /// A returned value, unless `()`, is the acknowledgement. Events of one socket are handled one at a time, in order, and an async closure holds
    /// later ones back until it ends. Several listeners of one event run in the order they were added. An argument of another type
    /// is logged and, if asked, answered with `{"ok":false,"error":{"code":"bad_argument",…}}`; a panic is answered `internal` and closes the connection.
    pub fn on<M>(&self, event: &str, listener: impl Listener<M>) -> ListenerId {
        self.listen(event, listener, false, false)
    }

    /// As [`on`](Self::on), for the next event only.
    pub fn once<M>(&self, event: &str, listener: impl Listener<M>) -> ListenerId {
        self.listen(event, listener, true, false)
    }

    /// As [`on`](Self::on), but later events do not wait for an async closure: it runs beside them, and order is not kept.
    pub fn on_concurrent<M>(&self, event: &str, listener: impl Listener<M>) -> ListenerId {
        self.listen(event, listener, false, true)
    }

    /// Takes one listener away, of whatever kind.
    pub fn off(&self, id: ListenerId) {
        self.listeners(move |listeners, cell| {
            listeners.remove(id);
            cell.seat.watches_outgoing.set(listeners.has_outgoing());
        });
    }

    /// Takes all listeners of an event away.
    pub fn off_event(&self, event: &str) {
        let event = event.to_owned();
        self.listeners(move |listeners, _| listeners.remove_event(&event));
    }

    /// Takes all listeners of all events away.
    pub fn remove_all_listeners(&self) {
        self.listeners(|listeners, _| listeners.remove_all());
    }

    /// Sees every event before packet middleware and listeners, also events that nobody answers.
    pub fn on_any(&self, listener: impl FnMut(&Self, &str, &[Value]) + Send + 'static) -> ListenerId {
        self.plain(Plain::Any(Box::new(listener), false))
    }

    /// As [`on_any`](Self::on_any), in front of the others.
    pub fn prepend_any(&self, listener: impl FnMut(&Self, &str, &[Value]) + Send + 'static) -> ListenerId {
        self.plain(Plain::Any(Box::new(listener), true))
    }

    /// Takes all `on_any` listeners away.
    pub fn off_any(&self) {
        self.listeners(|listeners, _| listeners.remove_any());
    }

    /// Sees every event that is sent to this client, broadcasts that reach it too; not acknowledgements.
    pub fn on_any_outgoing(
        &self,
        listener: impl FnMut(&Self, &str, &[Value]) + Send + 'static,
    ) -> ListenerId {
        self.plain(Plain::AnyOutgoing(Box::new(listener), false))
    }

    /// As [`on_any_outgoing`](Self::on_any_outgoing), in front of the others.
    pub fn prepend_any_outgoing(
        &self,
        listener: impl FnMut(&Self, &str, &[Value]) + Send + 'static,
    ) -> ListenerId {
        self.plain(Plain::AnyOutgoing(Box::new(listener), true))
    }

    /// Takes all `on_any_outgoing` listeners away.
    pub fn off_any_outgoing(&self) {
        self.listeners(|listeners, cell| {
            listeners.remove_any_outgoing();
            cell.seat.watches_outgoing.set(false);
        });
    }

    /// Packet middleware (the reference's `socket.use`): sees each event after `on_any` and before the listeners; may change it, or refuse
    /// it, which drops it and tells [`on_error`](Self::on_error). The acknowledgement is not answered then. Events stay in order while it is async.
    pub fn wrap_events<F, R, M>(&self, mut middleware: F) -> ListenerId
    where
        F: FnMut(Self, EventPacket) -> R + Send + 'static,
        R: PacketVerdict<M>,
    {
        self.plain(Plain::Middleware(Box::new(move |socket, packet| middleware(socket, packet).verdict())))
    }

    /// Told when packet middleware refuses an event, and when the client sent what is no packet, which closes its connection.
    pub fn on_error(&self, listener: impl FnMut(&Self, &Refuse) + Send + 'static) -> ListenerId {
        self.plain(Plain::Error(Box::new(listener)))
    }

    /// Runs when the socket leaves, while its rooms are still set.
    pub fn on_disconnecting<F, R, M>(&self, mut listener: F) -> ListenerId
    where
        F: FnMut(Self, Disconnect) -> R + Send + 'static,
        R: Hook<M>,
    {
        self.plain(Plain::Disconnecting(Box::new(move |socket, reason| listener(socket, reason).task())))
    }

    /// Runs when the socket has left: exactly once for each socket that was connected.
    pub fn on_disconnect<F, R, M>(&self, mut listener: F) -> ListenerId
    where
        F: FnMut(Self, Disconnect) -> R + Send + 'static,
        R: Hook<M>,
    {
        self.plain(Plain::Disconnect(Box::new(move |socket, reason| listener(socket, reason).task())))
    }
}
