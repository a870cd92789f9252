//! Putting a handler into its namespace.

use std::any::type_name;
use std::fmt;
use std::rc::Rc;
use std::sync::{Arc, PoisonError, RwLock};

use super::Handler;
use super::layer::{Layer, Layers};
use super::seated::Seated;
use super::stale::Expected;
use super::table::Events;
use crate::error::ConfigError;
use crate::namespace::{Mounted, NamespaceCore};
use crate::server::Greenroom;
use crate::socket::Dispatch;

/// A handler and its state, shared by all workers.
pub(super) struct Mount<H: Handler> {
    pub(super) state: H::State,
    layers: RwLock<Layers<H>>,
    expected: RwLock<Option<Arc<Expected>>>,
}

impl<H: Handler> Mount<H> {
    pub(super) fn new(state: H::State) -> Self {
        Self { state, layers: RwLock::default(), expected: RwLock::default() }
    }

    pub(super) fn add(&self, layer: Arc<dyn Layer<H>>) {
        Arc::make_mut(&mut self.layers.write().unwrap_or_else(PoisonError::into_inner)).push(layer);
    }

    pub(super) fn expect(&self, expected: Arc<Expected>) {
        *self.expected.write().unwrap_or_else(PoisonError::into_inner) = Some(expected);
    }

    /// The contract that clients should have, if that was said.
    pub(super) fn expected(&self) -> Option<Arc<Expected>> {
        self.expected.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The layers as they are now.
    pub(super) fn layers(&self) -> Layers<H> {
        self.layers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<H: Handler> fmt::Debug for Mount<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mount<{}>", type_name::<H>())
    }
}

/// The mount of a handler, as a namespace sees it.
struct Seats<H: Handler>(Arc<Mount<H>>);

impl<H: Events> Mounted for Seats<H> {
    fn dispatch(&self, core: &Arc<NamespaceCore>) -> Rc<dyn Dispatch> {
        Rc::new(Seated::new(self.0.clone(), core.clone()))
    }

    fn name(&self) -> &'static str {
        type_name::<H>()
    }
}

/// Handlers that need no state.
#[diagnostic::on_unimplemented(
    message = "this handler needs application state of type `{Self}`",
    label = "no state was given",
    note = "mount it with `.mount_with::<Handler>(state)`"
)]
pub trait NoState {
    /// The state that is none.
    fn none() -> Self;
}

impl NoState for () {
    fn none() -> Self {}
}

impl Greenroom {
    /// Answers the events of a namespace, or of a pattern of namespaces, with a handler: `Greenroom::new().mount::<Chat>()`.
    ///
    /// Closures may be there too; the handler is asked first. Clients that are connected already keep what they have. A handler that names its
    /// namespace has it to itself: a pattern that matches the name, mounted before or after, leaves it alone.
    ///
    /// # Panics
    /// When the namespace has a handler already, or its pattern is not one: a mistake of the program, found when it starts.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "the server that it is called on is changed")]
    pub fn mount<H: Events>(&self) -> Self
    where
        H::State: NoState,
    {
        self.mount_with::<H>(H::State::none())
    }

    /// As [`mount`](Self::mount), with the state that all sockets of the namespace share.
    ///
    /// # Panics
    /// When the namespace has a handler already, or its pattern is not one: a mistake of the program, found when it starts. With
    /// [`try_mount_with`](Self::try_mount_with) it is an error instead.
    #[track_caller]
    pub fn mount_with<H: Events>(&self, state: H::State) -> Self {
        match self.try_mount_with::<H>(state) {
            Ok(()) => self.clone(),
            #[expect(clippy::panic, reason = "a mistake of the program, found when it starts")]
            Err(error) => panic!("{error}"),
        }
    }

    /// As [`mount_with`](Self::mount_with), for a program that wants to go on without the handler.
    ///
    /// # Errors
    /// When the namespace has a handler already, or its pattern is not one.
    pub fn try_mount_with<H: Events>(&self, state: H::State) -> Result<(), ConfigError> {
        let mount = Arc::new(Mount::new(state));
        let handler = Arc::new(Seats::<H>(mount.clone()));
        if super::namespace::is_pattern(H::NAMESPACE) {
            self.of_pattern(H::NAMESPACE)?.mount(H::NAMESPACE, handler)?;
        } else {
            self.0.registry.apart(H::NAMESPACE).mount(handler)?;
        }
        self.keep_mount(mount);
        Ok(())
    }
}
