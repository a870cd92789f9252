//! The listeners of one socket, and running them in order.
//!
//! Step 6 of 8 of an event's way through the framework; the crate's front page names them all.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use futures_core::future::LocalBoxFuture;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use smallvec::SmallVec;

use super::arguments::{Mistake, Wire};
use super::guarded;
use super::methods::{EventPacket, Incoming};
use crate::error::Refuse;
use crate::payload::{Args, Value};
use crate::protocol::socket::Event;
use crate::socket::{AckFn, Beside, Call, Disconnect, Dispatch, Socket, Task, in_turn};

pub(super) type Erased = Box<dyn FnMut(Socket, Wire<'_>) -> Result<Option<Task>, Mistake> + Send>;
pub(super) type AnyListener = Box<dyn FnMut(&Socket, &str, &[Value]) + Send>;
pub(super) type Middleware = Box<dyn FnMut(Socket, EventPacket) -> Incoming + Send>;
pub(super) type Farewell = Box<dyn FnMut(Socket, Disconnect) -> Option<Task> + Send>;
pub(super) type ErrorListener = Box<dyn FnMut(&Socket, &Refuse) + Send>;

/// Names one listener, to take it away again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenerId(pub(super) u64);

/// A closure that may be running while the table changes.
struct Held<F>(u64, Rc<RefCell<F>>);

impl<F> Clone for Held<F> {
    fn clone(&self) -> Self {
        Self(self.0, self.1.clone())
    }
}

struct Entry {
    held: Held<Erased>,
    once: bool,
    concurrent: bool,
}

impl Clone for Entry {
    fn clone(&self) -> Self {
        Self { held: self.held.clone(), once: self.once, concurrent: self.concurrent }
    }
}

type Entries = SmallVec<[Entry; 1]>;

#[derive(Default)]
struct Table {
    events: HashMap<Box<str>, Entries, ahash::RandomState>,
    any: Vec<Held<AnyListener>>,
    any_outgoing: Vec<Held<AnyListener>>,
    middleware: Vec<Held<Middleware>>,
    disconnecting: Vec<Held<Farewell>>,
    disconnect: Vec<Held<Farewell>>,
    error: Vec<Held<ErrorListener>>,
}

/// See the module. Kept by the socket's cell, so only its own thread touches it. Nothing is there for a socket without any: a typed one, mostly.
#[derive(Default)]
pub(crate) struct Listeners(RefCell<Option<Box<Table>>>);

/// Which list a listener without an event name belongs to.
pub(super) enum Plain {
    Any(AnyListener, bool),
    AnyOutgoing(AnyListener, bool),
    Middleware(Middleware),
    Disconnecting(Farewell),
    Disconnect(Farewell),
    Error(ErrorListener),
}

impl Listeners {
    fn list<F>(&self, of: impl FnOnce(&Table) -> &Vec<Held<F>>) -> Vec<Held<F>> {
        self.0.borrow().as_ref().map(|table| of(table).clone()).unwrap_or_default()
    }

    fn change<R>(&self, change: impl FnOnce(&mut Table) -> R) {
        self.0.borrow_mut().as_deref_mut().map(change);
    }

    pub(super) fn add(&self, id: u64, event: Box<str>, run: Erased, once: bool, concurrent: bool) {
        let entry = Entry { held: Held(id, Rc::new(RefCell::new(run))), once, concurrent };
        self.0.borrow_mut().get_or_insert_default().events.entry(event).or_default().push(entry);
    }

    pub(super) fn add_plain(&self, id: u64, plain: Plain) {
        fn put<F>(list: &mut Vec<Held<F>>, id: u64, f: F, first: bool) {
            list.insert(if first { 0 } else { list.len() }, Held(id, Rc::new(RefCell::new(f))));
        }
        let mut table = self.0.borrow_mut();
        let table = &mut **table.get_or_insert_default();
        match plain {
            Plain::Any(f, first) => put(&mut table.any, id, f, first),
            Plain::AnyOutgoing(f, first) => put(&mut table.any_outgoing, id, f, first),
            Plain::Middleware(f) => put(&mut table.middleware, id, f, false),
            Plain::Disconnecting(f) => put(&mut table.disconnecting, id, f, false),
            Plain::Disconnect(f) => put(&mut table.disconnect, id, f, false),
            Plain::Error(f) => put(&mut table.error, id, f, false),
        }
    }

    pub(super) fn remove(&self, id: ListenerId) {
        let id = id.0;
        let mut table = self.0.borrow_mut();
        let Some(table) = table.as_deref_mut() else { return };
        for entries in table.events.values_mut() {
            entries.retain(|entry| entry.held.0 != id);
        }
        table.events.retain(|_, entries| !entries.is_empty());
        table.any.retain(|held| held.0 != id);
        table.any_outgoing.retain(|held| held.0 != id);
        table.middleware.retain(|held| held.0 != id);
        table.disconnecting.retain(|held| held.0 != id);
        table.disconnect.retain(|held| held.0 != id);
        table.error.retain(|held| held.0 != id);
    }

    pub(super) fn remove_event(&self, event: &str) {
        self.change(|table| table.events.remove(event));
    }

    pub(super) fn remove_all(&self) {
        self.change(|table| table.events.clear());
    }

    pub(super) fn remove_any(&self) {
        self.change(|table| table.any.clear());
    }

    pub(super) fn remove_any_outgoing(&self) {
        self.change(|table| table.any_outgoing.clear());
    }

    pub(super) fn has_outgoing(&self) -> bool {
        self.0.borrow().as_ref().is_some_and(|table| !table.any_outgoing.is_empty())
    }

    /// The listeners of an event as they are now; those for one time are taken out.
    fn entries(&self, event: &str) -> Entries {
        let mut table = self.0.borrow_mut();
        let Some(table) = table.as_deref_mut() else { return Entries::new() };
        let Some(entries) = table.events.get_mut(event) else { return Entries::new() };
        let found = entries.clone();
        if found.iter().any(|entry| entry.once) {
            entries.retain(|entry| !entry.once);
            if entries.is_empty() {
                table.events.remove(event);
            }
        }
        found
    }

    fn is_empty(&self) -> bool {
        self.0.borrow().is_none()
    }

    /// Shows an event to those who see all of them.
    fn notice(&self, call: &Call<'_>) {
        let any = self.list(|table| &table.any);
        if any.is_empty() {
            return;
        }
        // What cannot be read is not shown as something else; the handler answers for it.
        let Ok(args) = Args::new(call.event.args(), call.event.attachments()).rest::<Value>() else { return };
        for listener in any {
            if let Ok(mut listener) = listener.1.try_borrow_mut() {
                listener(call.socket, call.event.name(), &args.0);
            }
        }
    }

    /// Whether some closure listens to this event.
    pub(crate) fn answers(&self, event: &str) -> bool {
        self.0.borrow().as_ref().is_some_and(|table| table.events.contains_key(event))
    }
}

impl Dispatch for Listeners {
    fn connecting(self: Rc<Self>, _: &Socket) -> Option<LocalBoxFuture<'static, Result<(), Refuse>>> {
        None
    }

    fn connected(&self, _: &Socket) -> Option<Task> {
        None
    }

    fn screen(&self, call: &Call<'_>) -> Option<LocalBoxFuture<'static, Result<Event, Refuse>>> {
        if self.is_empty() {
            return None;
        }
        self.notice(call);
        let middleware = self.list(|table| &table.middleware);
        if middleware.is_empty() {
            return None;
        }
        let (socket, event, wants_ack) = (call.socket.clone(), call.event.clone(), call.ack.is_wanted());
        Some(Box::pin(screened(socket, event, wants_ack, middleware)))
    }

    fn event(&self, call: Call<'_>, beside: Beside<'_>) -> Option<Task> {
        let entries = self.entries(call.event.name());
        let Call { socket, event, ack } = call;
        let text = Args::new(event.args(), event.attachments());
        let mut run = Run { socket, name: event.name(), ack, left: entries.len() };
        let mut entries = entries.into_iter();
        for entry in entries.by_ref() {
            let Some(task) = run.one(&entry, text.clone()) else { continue };
            if entry.concurrent {
                beside(task);
            } else if entries.len() == 0 {
                return Some(task);
            } else {
                let Run { socket, ack, .. } = run;
                return Some(Box::pin(rest(task, socket.clone(), event.clone(), ack, entries.collect())));
            }
        }
        None
    }

    fn refused(&self, socket: &Socket, refuse: &Refuse) {
        let hooks = self.list(|table| &table.error);
        for hook in hooks {
            if let Ok(mut hook) = hook.1.try_borrow_mut() {
                hook(socket, refuse);
            }
        }
    }

    fn away(&self, socket: &Socket, reason: Disconnect) -> Option<Task> {
        let both = |table: &mut Table| {
            (std::mem::take(&mut table.disconnecting), std::mem::take(&mut table.disconnect))
        };
        let (first, then) = self.0.borrow_mut().as_deref_mut().map(both).unwrap_or_default();
        in_turn(farewell(&first, socket, reason), farewell(&then, socket, reason))
    }

    fn disconnecting(&self, socket: &Socket, reason: Disconnect) -> Option<Task> {
        let hooks = self.list(|table| &table.disconnecting);
        farewell(&hooks, socket, reason)
    }

    fn disconnected(&self, socket: &Socket, reason: Disconnect) -> Option<Task> {
        let hooks = self.0.take().map(|table| table.disconnect).unwrap_or_default();
        farewell(&hooks, socket, reason)
    }

    fn outgoing(&self, socket: &Socket, event: &str, args: &[Value]) {
        let listeners = self.list(|table| &table.any_outgoing);
        for listener in listeners {
            let Ok(mut listener) = listener.1.try_borrow_mut() else { continue };
            // Whoever sends would be hit by its panic: another client's handler, or the hub of this worker.
            if guarded(|| listener(socket, event, args)).is_none() {
                crate::trace::outgoing_listener_panicked(socket.namespace(), event, socket.id());
            }
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// One event going through its listeners.
struct Run<'a> {
    socket: &'a Socket,
    name: &'a str,
    ack: AckFn,
    left: usize,
}

impl Run<'_> {
    fn one(&mut self, entry: &Entry, args: Args<'_>) -> Option<Task> {
        self.left -= 1;
        let ack = if self.left == 0 { self.ack.take() } else { self.ack.share() };
        // A closure runs again only when it has returned, so this is free unless it calls itself.
        let mut run = entry.held.1.try_borrow_mut().ok()?;
        match run(self.socket.clone(), Wire { args, ack }) {
            Ok(task) => task,
            Err(Mistake { error, mut ack }) => {
                crate::trace::handler_failed(self.socket.namespace(), self.name, self.socket.id(), &error);
                ack.fail("bad_argument", &error.to_string());
                None
            }
        }
    }
}

/// The listeners behind one that is still at work.
async fn rest(first: Task, socket: Socket, event: Event, ack: AckFn, entries: Vec<Entry>) {
    first.await;
    let text = Args::new(event.args(), event.attachments());
    let mut run = Run { socket: &socket, name: event.name(), ack, left: entries.len() };
    let mut beside = FuturesUnordered::new();
    for entry in entries {
        match run.one(&entry, text.clone()) {
            Some(task) if entry.concurrent => beside.push(task),
            Some(task) => task.await,
            None => {}
        }
    }
    while beside.next().await.is_some() {}
}

/// An event on its way through packet middleware. It may change it, or refuse it.
async fn screened(
    socket: Socket,
    event: Event,
    wants_ack: bool,
    middleware: Vec<Held<Middleware>>,
) -> Result<Event, Refuse> {
    let args = Args::new(event.args(), event.attachments())
        .rest::<Value>()
        .map_err(|error| Refuse::new("bad_argument", error.to_string()))?
        .0;
    let mut packet = EventPacket { name: event.name().to_owned(), args, wants_ack };
    for held in middleware {
        let incoming = held.1.try_borrow_mut().map(|mut screen| screen(socket.clone(), packet));
        packet = match incoming.map_err(|_| Refuse::because("packet middleware calls itself"))? {
            Incoming::Now(verdict) => verdict?,
            Incoming::Later(verdict) => verdict.await?,
        };
    }
    let (text, attachments) = crate::payload::args_text(&packet.args)?;
    event.rewritten(&packet.name, &text, attachments).ok_or_else(|| Refuse::because("the event is too long"))
}

fn farewell(hooks: &[Held<Farewell>], socket: &Socket, reason: Disconnect) -> Option<Task> {
    let tasks: Vec<Task> =
        hooks.iter().filter_map(|hook| hook.1.try_borrow_mut().ok()?(socket.clone(), reason)).collect();
    if tasks.is_empty() {
        return None;
    }
    Some(Box::pin(async move {
        for task in tasks {
            task.await;
        }
    }))
}
