//! One event: its arguments, and its one acknowledgement.

use serde_json::Value;

use super::shape::{Shape, Shapes, Way};
use super::space::Faults;
use crate::typed::bounds::{ByKey, BySeat, Codes, Verdict};
use crate::typed::{Cx, Handler, IntoFault, Member, Room, RoomCx, RoomNotice};

#[derive(Debug)]
pub(super) struct Event {
    pub(super) name: &'static str,
    pub(super) docs: &'static str,
    pub(super) arguments: Vec<Argument>,
    pub(super) reply: Reply,
    /// The app's own failures.
    pub(super) faults: Faults,
}

impl Event {
    /// Whether programs see no difference.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.name, &self.arguments, &self.reply, &self.faults)
            == (other.name, &other.arguments, &other.reply, &other.faults)
    }
}

#[derive(Debug, PartialEq)]
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) count: Count,
    pub(super) schema: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    One,
    /// It may be left out, or be `null`.
    Optional,
    /// All that remain.
    Any,
}

/// What the callback of `emit` gets.
#[derive(Debug, PartialEq)]
pub(super) enum Reply {
    /// There is none: the server's events without answer.
    Never,
    /// Nothing, or the failure.
    Done,
    /// A value, or the failure.
    Value(Value),
    /// `{ok: true, data}`, or the failure.
    Checked(Value),
    /// A value: clients have no failures.
    Asked(Value),
}

/// An event that is being written down. Filled in by the macros.
#[derive(Debug)]
pub struct Entry<'a> {
    event: Event,
    way: Way,
    shapes: &'a mut Shapes,
}

/// `Result`, also by another name.
pub trait Fallible {
    /// What it is when all went well.
    type Good;
    /// What it is otherwise.
    type Bad;
}

impl<T, E> Fallible for Result<T, E> {
    type Good = T;
    type Bad = E;
}

/// Why an event did not get to a room.
const NO_ROOM: Codes = Codes { name: "NoRoom", codes: &["not_in_room", "several_rooms", "room_closed"] };

/// What the arguments of a room's events begin with.
#[diagnostic::on_unimplemented(
    message = "the key of this room is not in the catalogue",
    note = "put `#[derive(schemars::JsonSchema)]` on it: events of an addressed room begin with it"
)]
pub trait AddressShape<K> {
    /// Writes it down.
    fn describe(event: &mut Entry<'_>);
}

impl<K> AddressShape<K> for BySeat {
    fn describe(_: &mut Entry<'_>) {}
}

impl<K: Shape> AddressShape<K> for ByKey {
    fn describe(event: &mut Entry<'_>) {
        event.argument::<K>("room");
    }
}

impl<'a> Entry<'a> {
    pub(super) fn new(name: &'static str, docs: &'static str, way: Way, shapes: &'a mut Shapes) -> Self {
        let reply = match way {
            Way::Heard => Reply::Done,
            Way::Sent => Reply::Never,
        };
        let event = Event { name, docs, arguments: Vec::new(), reply, faults: Faults::default() };
        Self { event, way, shapes }
    }

    pub(super) fn finish(self) -> Event {
        self.event
    }

    fn add<T: Shape + ?Sized>(&mut self, name: &'static str, count: Count) {
        let schema = self.shapes.of::<T>(self.way);
        self.event.arguments.push(Argument { name, count, schema });
    }

    /// The next argument.
    pub fn argument<T: Shape + ?Sized>(&mut self, name: &'static str) {
        self.add::<T>(name, Count::One);
    }

    /// The next argument, which may be left out.
    pub fn optional<T: Shape + ?Sized>(&mut self, name: &'static str) {
        self.add::<T>(name, Count::Optional);
    }

    /// All remaining arguments.
    pub fn rest<T: Shape + ?Sized>(&mut self, name: &'static str) {
        self.add::<T>(name, Count::Any);
    }

    /// The method returns `T`, or takes `Ack<T>`.
    pub fn answers<T: Shape + ?Sized>(&mut self) {
        let schema = self.shapes.of::<T>(self.way.back());
        self.event.reply = match self.way {
            Way::Heard => Reply::Value(schema),
            Way::Sent => Reply::Asked(schema),
        };
    }

    /// The method returns `Result<T, _>`.
    pub fn checks<T: Shape + ?Sized>(&mut self) {
        self.event.reply = Reply::Checked(self.shapes.of::<T>(self.way.back()));
    }

    /// The method returns `Result<_, E>`.
    pub fn fails<E: IntoFault>(&mut self) {
        self.event.faults.add(E::CODES);
    }

    /// The event is a room's, whose key its arguments may begin with.
    pub fn of_room<R: Room<Address: AddressShape<R::Key>>>(&mut self) {
        <R::Address as AddressShape<R::Key>>::describe(self);
        self.event.faults.add(Some(NO_ROOM));
    }

    /// The event of a room is guarded.
    pub fn room_guard<R: Room, V: Verdict, G: Fn(&R, &RoomCx<R>, &Member<R>) -> V>(&mut self, _: G) {
        self.event.faults.add(V::CODES);
    }

    /// What the server says of a room.
    pub(super) fn notice(&mut self) {
        self.argument::<RoomNotice>("notice");
    }

    /// The event is guarded.
    pub fn guard<H: Handler, V: Verdict, G: Fn(&H, &Cx<H>) -> V>(&mut self, _: G) {
        self.event.faults.add(V::CODES);
    }
}
