//! Step 6 of 8, the typed way: an event to its method.
//!
//! The typed table is asked first, then the rooms that the handler lists, then the closures that share the namespace, then `#[fallback]`.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use futures_core::future::LocalBoxFuture;

use super::call::{Call, Outcome};
use super::connect::{Connect, Starting};
use super::context::Cx;
use super::fault::Fault;
use super::layer::{Layers, Watch};
use super::mount::Mount;
use super::room;
use super::table::{Events, Home, Lent, Method, Run};
use crate::error::Refuse;
use crate::event::Listeners;
use crate::namespace::NamespaceCore;
use crate::payload::Value;
use crate::protocol::socket::Event;
use crate::socket::{self, AckFn, Beside, Disconnect, Dispatch, Socket, Task, in_turn};

/// What answers the events of one socket of a typed namespace.
pub(super) struct Seated<H: Events> {
    mount: Arc<Mount<H>>,
    layers: Layers<H>,
    core: Arc<NamespaceCore>,
    /// Shared with who answers when the socket has come back: a state that is lent goes home to both.
    state: RefCell<Home<H>>,
    /// The handle of the event that ran last, for the next one: handles are counted across threads, and counting has its price.
    spare: Cell<Option<Cx<H>>>,
    listeners: Listeners,
}

impl<H: Events> Seated<H> {
    pub(super) fn new(mount: Arc<Mount<H>>, core: Arc<NamespaceCore>) -> Self {
        Self {
            layers: mount.layers(),
            mount,
            core,
            state: RefCell::new(Rc::new(Cell::new(None))),
            spare: Cell::new(None),
            listeners: Listeners::default(),
        }
    }

    fn lend(&self) -> Option<Lent<H>> {
        Lent::from_home(&self.state.borrow())
    }

    fn cx(&self, socket: &Socket) -> Cx<H> {
        Cx::new(socket.clone(), self.mount.clone())
    }

    /// To a room of the handler, with the handler's layers round it.
    fn forward(&self, call: socket::Call<'_>) -> Option<Task> {
        let Some(watch) = Watch::begin(&self.layers) else {
            return room::forward(H::ROOMS, call, None::<fn(&Outcome)>);
        };
        let (cx, event) = (self.cx(call.socket), call.event.clone());
        let verdict = watch.before(&event, &cx);
        let after = Some({
            let event = event.clone();
            move |how: &Outcome| watch.after(&event, &cx, how)
        });
        match verdict {
            Ok(()) => room::forward(H::ROOMS, call, after),
            Err(fault) => {
                room::refuse(call.socket, event.name(), call.ack, fault, after);
                None
            }
        }
    }

    fn run(&self, method: &Method<H>, call: Call<H>, beside: Beside<'_>) -> Option<Task> {
        // Without state the socket's connection is being closed after a panic.
        match method.run {
            Run::Sync(run) => {
                let mut state = self.state.borrow().take()?;
                let outcome = run(&mut state, &call);
                self.state.borrow().set(Some(state));
                call.close(&outcome);
                self.spare.set(Some(call.into_cx()));
                None
            }
            Run::Exclusive(run) => Some(run(self.lend()?, call)),
            Run::Free(run) => {
                let state = self.state.borrow().take()?;
                let task = run(&state, call);
                self.state.borrow().set(Some(state));
                task.into_iter().for_each(beside);
                None
            }
        }
    }
}

impl<H: Events> Dispatch for Seated<H> {
    fn connecting(self: Rc<Self>, socket: &Socket) -> Option<LocalBoxFuture<'static, Result<(), Refuse>>> {
        if let Some(Err(refuse)) = self.mount.expected().map(|expected| expected.compare(socket)) {
            return Some(Box::pin(std::future::ready(Err(refuse))));
        }
        let connect = Connect::new(socket.clone(), self.mount.clone(), self.core.clone());
        Some(Box::pin(async move {
            let state = match H::connect(connect) {
                Starting::Now(state) => state,
                Starting::Later(state) => state.await,
            };
            self.state.borrow().set(Some(Box::new(state?)));
            Ok(())
        }))
    }

    fn returning(self: Rc<Self>, socket: &Socket) -> Option<LocalBoxFuture<'static, Result<(), Refuse>>> {
        let Some(lent) = self.lend() else {
            // Nobody could answer its events.
            return Some(Box::pin(async { Err(Refuse::new("internal", "internal error")) }));
        };
        let connect = Connect::new(socket.clone(), self.mount.clone(), self.core.clone());
        Some(H::RECOVERED?(lent, connect))
    }

    fn connected(&self, socket: &Socket) -> Option<Task> {
        H::CONNECTED?(self.lend()?, self.cx(socket))
    }

    fn screen(&self, call: &socket::Call<'_>) -> Option<LocalBoxFuture<'static, Result<Event, Refuse>>> {
        self.listeners.screen(call)
    }

    fn turned_away(&self, socket: &Socket, mut ack: AckFn, refuse: &Refuse) {
        // Every requested acknowledgement of a typed namespace is answered.
        let code = refuse.data().and_then(|data| data["code"].as_str()).unwrap_or("refused");
        ack.fail(code, refuse.message());
        self.listeners.refused(socket, refuse);
    }

    fn event(&self, call: socket::Call<'_>, beside: Beside<'_>) -> Option<Task> {
        let fallback = const { &H::FALLBACK };
        let method = match H::lookup(call.event.name()) {
            Some(method) => Some(method),
            None if room::is_heard(H::ROOMS, call.event.name()) => return self.forward(call),
            None if self.listeners.answers(call.event.name()) => return self.listeners.event(call, beside),
            None => fallback.as_ref(),
        };
        let socket::Call { socket, event, ack } = call;
        let cx = self.spare.take().unwrap_or_else(|| self.cx(socket));
        let call = Call::new(cx, event, ack, Watch::begin(&self.layers));
        if let Err(fault) = call.open() {
            let outcome = call.fail(fault);
            call.close(&outcome);
            return None;
        }
        match method {
            Some(method) => self.run(method, call, beside),
            None => {
                let fault = Fault::new("unknown_event", format!("no handler for `{}`", call.name()));
                let outcome = call.fail(fault);
                call.close(&outcome);
                None
            }
        }
    }

    fn refused(&self, socket: &Socket, refuse: &Refuse) {
        self.listeners.refused(socket, refuse);
    }

    fn away(&self, socket: &Socket, reason: Disconnect) -> Option<Task> {
        let typed = H::AWAY.and_then(|hook| hook(self.lend()?, self.cx(socket), reason));
        in_turn(typed, self.listeners.away(socket, reason))
    }

    fn is_broken(&self) -> bool {
        let home = self.state.borrow();
        let state = home.take();
        let broken = state.is_none();
        home.set(state);
        broken
    }

    fn hand_on(&self) -> Option<Box<dyn Any>> {
        Some(Box::new(self.state.borrow().clone()))
    }

    fn take_over(&self, state: Box<dyn Any>) {
        if let Ok(home) = state.downcast::<Home<H>>() {
            *self.state.borrow_mut() = *home;
        }
    }

    fn disconnecting(&self, socket: &Socket, reason: Disconnect) -> Option<Task> {
        // The state is gone after a panic; what must happen in any case belongs in its `Drop`.
        let typed = match (H::DISCONNECT, self.state.borrow().take()) {
            (Some(hook), Some(state)) => hook(state, self.cx(socket), reason),
            _ => None,
        };
        in_turn(typed, self.listeners.disconnecting(socket, reason))
    }

    fn disconnected(&self, socket: &Socket, reason: Disconnect) -> Option<Task> {
        self.listeners.disconnected(socket, reason)
    }

    fn outgoing(&self, socket: &Socket, event: &str, args: &[Value]) {
        self.listeners.outgoing(socket, event, args);
    }

    fn as_any(&self) -> &dyn Any {
        // Closures look for their own kind here.
        &self.listeners
    }
}
