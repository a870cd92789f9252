//! What a namespace hears and sends: the model that the macros fill in, and everything is written from.

use serde_json::Value;

use super::events::{Entry, Event};
use super::shape::{Shape, Shapes, Way};
use crate::typed::bounds::Codes;
use crate::typed::{Handler, IntoFault, Untyped};

/// A handler with `#[events(catalogue)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not in the catalogue",
    label = "its events are not described",
    note = "write `#[events(catalogue)]` at its `impl`"
)]
pub trait Described: Handler {
    /// Writes its events down.
    fn describe(space: &mut Space<'_>);
}

/// A contract with `#[client(catalogue)]`, or none.
#[diagnostic::on_unimplemented(
    message = "the events of `{Self}` are not in the catalogue",
    label = "this handler sends them",
    note = "write `#[client(catalogue)]` at the trait"
)]
pub trait ClientEvents {
    /// Writes the events down.
    fn describe(space: &mut Space<'_>);
}

impl ClientEvents for Untyped {
    fn describe(_: &mut Space<'_>) {}
}

/// What can go wrong, by the types of the errors.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    /// In the order of their declarations, each once.
    pub(super) known: Vec<Codes>,
    /// Whether there may be others.
    pub(super) open: bool,
}

impl Faults {
    pub(super) fn add(&mut self, codes: Option<Codes>) {
        match codes {
            None => self.open = true,
            Some(codes) if codes.codes.is_empty() || self.known.contains(&codes) => {}
            Some(codes) => self.known.push(codes),
        }
    }

    /// All codes, each once.
    pub(super) fn codes(&self) -> Vec<&'static str> {
        let mut all = Vec::new();
        for code in self.known.iter().flat_map(|known| known.codes) {
            if !all.contains(code) {
                all.push(*code);
            }
        }
        all
    }
}

/// One handler.
#[derive(Debug, Default)]
pub(super) struct Namespace {
    /// The handler's name.
    pub(super) name: String,
    /// Its namespace, or the pattern of them.
    pub(super) address: &'static str,
    pub(super) docs: &'static str,
    /// What clients give as `auth`, if the handler looks at it.
    pub(super) auth: Option<Value>,
    /// Why a client may be refused.
    pub(super) refusals: Faults,
    pub(super) heard: Vec<Event>,
    pub(super) sent: Vec<Event>,
}

impl Namespace {
    pub(super) fn of<H: Described>(shapes: &mut Shapes) -> Self {
        let namespace = Self { address: H::NAMESPACE, docs: H::DOCS, ..Self::default() };
        let mut space = Space { namespace, shapes };
        H::describe(&mut space);
        space.namespace
    }

    /// What can go wrong, with each event.
    pub(super) fn faults(&self) -> impl Iterator<Item = &Faults> {
        self.heard.iter().map(|event| &event.faults).chain([&self.refusals])
    }

    /// The parameters of the pattern.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.address.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }
}

/// A namespace that is being written down. Filled in by the macros.
#[derive(Debug)]
pub struct Space<'a> {
    namespace: Namespace,
    shapes: &'a mut Shapes,
}

impl Space<'_> {
    /// The handler's name.
    pub fn named(&mut self, name: &str) {
        name.clone_into(&mut self.namespace.name);
    }

    /// What `#[connect]` reads.
    pub fn auth<T: Shape + ?Sized>(&mut self) {
        self.namespace.auth = Some(self.shapes.of::<T>(Way::Heard));
    }

    /// What `#[connect]` fails with.
    pub fn refuses<E: IntoFault>(&mut self) {
        self.namespace.refusals.add(E::CODES);
    }

    /// An event of the clients.
    pub fn hears(&mut self, name: &'static str, docs: &'static str, describe: impl FnOnce(&mut Entry<'_>)) {
        let mut entry = Entry::new(name, docs, Way::Heard, self.shapes);
        describe(&mut entry);
        self.namespace.heard.push(entry.finish());
    }

    /// An event of the server.
    pub fn sends(&mut self, name: &'static str, docs: &'static str, describe: impl FnOnce(&mut Entry<'_>)) {
        let mut entry = Entry::new(name, docs, Way::Sent, self.shapes);
        describe(&mut entry);
        self.namespace.sent.push(entry.finish());
    }

    /// The events of the server.
    pub fn client<C: ClientEvents>(&mut self) {
        C::describe(self);
    }
}
