//! What a namespace hears and sends: the model that the macros fill in, and everything is written from.

use serde_json::Value;

use super::events::{Entry, Event};
use super::shape::{Shape, Shapes, Way};
use crate::typed::bounds::Codes;
use crate::typed::{Handler, IntoFault, Room, Untyped};

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

/// A room with `#[events(catalogue)]`.
#[diagnostic::on_unimplemented(
    message = "the room `{Self}` is not in the catalogue",
    label = "its events are not described",
    note = "write `#[events(catalogue)]` at its `impl`"
)]
pub trait DescribedRoom: Room {
    /// Writes its events down.
    fn describe(space: &mut Space<'_>);
}

/// The rooms of a handler, each with `#[events(catalogue)]`.
pub trait DescribedRooms {
    /// Writes their events down.
    fn describe(space: &mut Space<'_>);
}

impl DescribedRooms for () {
    fn describe(_: &mut Space<'_>) {}
}

impl<R: DescribedRoom, Others: DescribedRooms> DescribedRooms for (R, Others) {
    fn describe(space: &mut Space<'_>) {
        R::describe(space);
        // What every room says of itself.
        space.sends("room_restarted", "A room you are in has panicked and goes on.", |event| event.notice());
        space.sends("room_closed", "A room you were in has ended.", |event| event.notice());
        Others::describe(space);
    }
}

/// What can go wrong, by the types of the errors.
#[derive(Clone, Debug, Default, PartialEq)]
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
        put(&mut self.namespace.heard, entry.finish());
    }

    /// An event of the server.
    pub fn sends(&mut self, name: &'static str, docs: &'static str, describe: impl FnOnce(&mut Entry<'_>)) {
        let mut entry = Entry::new(name, docs, Way::Sent, self.shapes);
        describe(&mut entry);
        put(&mut self.namespace.sent, entry.finish());
    }

    /// The events of the server.
    pub fn client<C: ClientEvents>(&mut self) {
        C::describe(self);
    }

    /// The events of the handler's rooms.
    pub fn rooms<R: DescribedRooms>(&mut self) {
        R::describe(self);
    }
}

/// Events of rooms are the namespace's, too; two that say the same are one.
fn put(events: &mut Vec<Event>, event: Event) {
    match events.iter().find(|other| other.name == event.name) {
        None => events.push(event),
        Some(other) if other.is_like(&event) => {}
        #[expect(clippy::panic, reason = "a test fails by it")]
        Some(_) => panic!(
            "`{}` has other arguments or another answer in one room or handler than in another: a client could not tell them apart",
            event.name
        ),
    }
}
