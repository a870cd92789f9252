//! What runs round every event of a handler.

use std::any::{Any, TypeId};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Handler;
use super::call::Outcome;
use super::context::Cx;
use super::fault::Fault;
use super::mount::Mount;
use super::table::Events;
use crate::protocol::socket::Event;
use crate::server::Greenroom;

/// An event as a layer sees it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct EventInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// Bytes of its text and attachments.
    pub bytes: usize,
    /// Whether the client asked for an acknowledgement.
    pub wants_ack: bool,
}

impl<'a> EventInfo<'a> {
    pub(super) fn of(event: &'a Event) -> Self {
        Self { name: event.name(), bytes: event.size(), wants_ack: event.id().is_some() }
    }
}

/// Looks at every event of a handler, before its arguments are read and after it was answered.
///
/// Several layers run in the order they were added, `after` too. A method that panics has no `after`.
pub trait Layer<H: Handler>: Send + Sync + 'static {
    /// Before guards and arguments.
    ///
    /// # Errors
    /// What the client is told instead of running the method.
    fn before(&self, _event: &EventInfo<'_>, _cx: &Cx<H>) -> Result<(), Fault> {
        Ok(())
    }

    /// When the method has ended, or was not run.
    fn after(&self, _event: &EventInfo<'_>, _cx: &Cx<H>, _how: &Outcome, _took: Duration) {}
}

/// Layers that a connection took with it when it came: reading them takes no lock.
pub(super) type Layers<H> = Arc<Vec<Arc<dyn Layer<H>>>>;

/// Layers round one event, and when it began.
pub(super) struct Watch<H> {
    layers: Layers<H>,
    began: Instant,
}

impl<H: Handler> Watch<H> {
    /// `None` when nobody watches: then not even the clock is read.
    pub(super) fn begin(layers: &Layers<H>) -> Option<Self> {
        (!layers.is_empty()).then(|| Self { layers: layers.clone(), began: Instant::now() })
    }

    pub(super) fn before(&self, event: &Event, cx: &Cx<H>) -> Result<(), Fault> {
        let info = EventInfo::of(event);
        self.layers.iter().try_for_each(|layer| layer.before(&info, cx))
    }

    pub(super) fn after(&self, event: &Event, cx: &Cx<H>, how: &Outcome) {
        let (info, took) = (EventInfo::of(event), self.began.elapsed());
        self.layers.iter().for_each(|layer| layer.after(&info, cx, how, took));
    }
}

/// A closure that hears of faults.
struct OnFault<F>(F);

impl<H, F> Layer<H> for OnFault<F>
where
    H: Handler,
    F: Fn(&EventInfo<'_>, &Cx<H>, &Fault) + Send + Sync + 'static,
{
    fn after(&self, event: &EventInfo<'_>, cx: &Cx<H>, how: &Outcome, _: Duration) {
        if let Outcome::Failed(fault) = how {
            (self.0)(event, cx, fault);
        }
    }
}

/// Tells the client of faults that no acknowledgement carries.
struct Report(String);

#[derive(Serialize)]
struct Reported<'a> {
    event: &'a str,
    error: &'a Fault,
}

impl<H: Handler> Layer<H> for Report {
    fn after(&self, event: &EventInfo<'_>, cx: &Cx<H>, how: &Outcome, _: Duration) {
        if let (Outcome::Failed(error), false) = (how, event.wants_ack) {
            drop(cx.socket().emit(&self.0, Reported { event: event.name, error }));
        }
    }
}

impl Greenroom {
    /// Puts a layer round the events of a handler that is mounted. Clients that are connected already go without.
    ///
    /// # Panics
    /// When the handler is not mounted: a mistake of the program, found when it starts.
    #[track_caller]
    pub fn layer<H: Events>(&self, layer: impl Layer<H>) -> Self {
        match self.find_mount::<H>() {
            Some(mount) => mount.add(Arc::new(layer)),
            #[expect(clippy::panic, reason = "a mistake of the program, found when it starts")]
            None => panic!("`{}` is not mounted: mount it before its layers", std::any::type_name::<H>()),
        }
        self.clone()
    }

    /// Told of every fault of a handler's events: the event says whether the client asked for an answer, and so knows.
    ///
    /// # Panics
    /// When the handler is not mounted.
    #[track_caller]
    pub fn on_fault<H: Events>(
        &self,
        hook: impl Fn(&EventInfo<'_>, &Cx<H>, &Fault) + Send + Sync + 'static,
    ) -> Self {
        self.layer::<H>(OnFault(hook))
    }

    /// Sends faults of events without acknowledgement to their client, as an event: `{"event": name, "error": {"code", "message"}}`.
    ///
    /// # Panics
    /// When the handler is not mounted.
    #[track_caller]
    pub fn report_unanswered<H: Events>(&self, event: impl Into<String>) -> Self {
        self.layer::<H>(Report(event.into()))
    }

    pub(super) fn find_mount<H: Events>(&self) -> Option<Arc<Mount<H>>> {
        self.0.kept(TypeId::of::<Mount<H>>())?.downcast().ok()
    }

    pub(super) fn keep_mount<H: Events>(&self, mount: Arc<Mount<H>>) {
        self.0.keep(TypeId::of::<Mount<H>>(), mount as Arc<dyn Any + Send + Sync>);
    }
}
