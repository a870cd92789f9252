//! A handler's events as methods of its test client: what `#[events]` writes.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::rc::Rc;

use serde::Serialize;
use serde::ser::{SerializeTupleStruct, Serializer};

use super::RawNext;
use super::reply::{Form, Reply};
use super::socket::Socket;
use crate::handlers::{Events, RoomEvents};
use crate::payload::SEVERAL;
use crate::typed::{Contract, Handler, List, Room, Untyped};

/// Who has a [`TestClient`](super::TestClient): every handler with an `#[events]` block, and [`Closures`].
pub trait Testable {
    /// What the server sends.
    type Client: Contract<Next: From<RawNext>>;
    /// One method for each event: its parameters are those that the client sends, its value the [`Reply`].
    type Calls: From<RawCalls>;
}

impl<H> Testable for H
where
    H: Events<Calls: From<RawCalls>, Client: Contract<Next: From<RawNext>>>,
{
    type Client = <H as Handler>::Client;
    type Calls = <H as Events>::Calls;
}

/// Stands for a namespace of closures: its events are named by strings.
#[derive(Clone, Copy, Debug)]
pub struct Closures;

impl Testable for Closures {
    type Client = Untyped;
    type Calls = RawCalls;
}

/// Stands for a room of a handler: see [`TestClient::room`](super::TestClient::room).
#[derive(Clone, Copy, Debug)]
pub struct InRoom<R>(PhantomData<fn() -> R>);

impl<R> Testable for InRoom<R>
where
    R: RoomEvents<Calls: From<RawCalls>, Client: Contract<Next: From<RawNext>>>,
{
    type Client = <R as Room>::Client;
    type Calls = <R as RoomEvents>::Calls;
}

/// Sends events by their names.
pub struct RawCalls {
    socket: Rc<Socket>,
    /// The key of a room that is addressed.
    room: Option<serde_json::Value>,
}

/// Nothing, or the key of a room.
struct First<'a>(Option<&'a serde_json::Value>);

impl Serialize for First<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple_struct(SEVERAL, self.len())?;
        self.write(&mut tuple)?;
        tuple.end()
    }
}

impl List for First<'_> {
    fn len(&self) -> usize {
        usize::from(self.0.is_some())
    }

    fn write<S: SerializeTupleStruct>(&self, tuple: &mut S) -> Result<(), S::Error> {
        self.0.map_or(Ok(()), |key| tuple.serialize_field(key))
    }
}

impl fmt::Debug for RawCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawCalls")
    }
}

impl RawCalls {
    pub(super) fn new(socket: Rc<Socket>) -> Self {
        Self { socket, room: None }
    }

    pub(super) fn of_room(socket: Rc<Socket>, key: serde_json::Value) -> Self {
        Self { socket, room: Some(key) }
    }

    /// For what the macros write: what the arguments of a room's event begin with.
    #[doc(hidden)]
    #[must_use]
    pub fn address(&self) -> impl List {
        First(self.room.as_ref())
    }

    /// For what the macros write: an event whose method returns `T`.
    #[doc(hidden)]
    #[track_caller]
    pub fn plain<T>(&self, event: &str, args: impl Serialize) -> Reply<T> {
        self.call(event, &args, Form::Plain)
    }

    /// For what the macros write: an event whose method returns `Result<T, E>`.
    #[doc(hidden)]
    #[track_caller]
    pub fn wrapped<T>(&self, event: &str, args: impl Serialize) -> Reply<T> {
        self.call(event, &args, Form::Wrapped)
    }

    #[track_caller]
    fn call<T>(&self, event: &str, args: &impl Serialize, form: Form) -> Reply<T> {
        let (at, id) = (Location::caller(), self.socket.new_id());
        if let Err(error) = self.socket.emit(event, Some(id), args) {
            self.socket.fail(at, &error.to_string());
        }
        Reply::new(&self.socket, id, event, form, at)
    }
}

/// What may be given for a parameter of type `T`: a `T`, a `&T`, or a [`Raw`] value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent for an argument of type `{T}`",
    label = "another type, or not serializable",
    note = "give a `{T}` that implements `serde::Serialize`, or `Raw(value)` to send anything else"
)]
pub trait AsArg<T: ?Sized> {
    /// What is sent.
    fn wire(&self) -> impl Serialize;
}

macro_rules! as_it_is {
    ($([$($generics:tt)*] $param:ty => $value:ty;)*) => { $(
        impl<$($generics)*> AsArg<$param> for $value {
            fn wire(&self) -> impl Serialize {
                self
            }
        }
    )* };
}
as_it_is! {
    [T: Serialize] T => T;
    [T: Serialize + ?Sized] T => &T;
    [] str => String;
    [] str => &String;
    [] String => &str;
    [T: Serialize] Vec<T> => &[T];
    [] OptionalText => Option<&str>;
    [S: Serialize] AnyArg => S;
}

impl<T: Serialize, const N: usize> AsArg<Vec<T>> for &[T; N] {
    fn wire(&self) -> impl Serialize {
        &self[..]
    }
}

/// Anything, where a typed client may only send what fits: `ann.join(Raw(7))`.
#[derive(Clone, Copy, Debug)]
pub struct Raw<S>(pub S);

impl<T: ?Sized, S: Serialize> AsArg<T> for Raw<S> {
    fn wire(&self) -> impl Serialize {
        &self.0
    }
}

/// Stands for a parameter of type `Option<&str>`.
#[derive(Clone, Copy, Debug)]
pub struct OptionalText;

/// Stands for a parameter whose type borrows from the packet.
#[derive(Clone, Copy, Debug)]
pub struct AnyArg;

/// Arguments, and however many more.
struct AndAll<T: ?Sized, A, L>(L, Vec<A>, PhantomData<fn(&T)>);

impl<T: ?Sized, A: AsArg<T>, L: List> Serialize for AndAll<T, A, L> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(list, rest, _) = self;
        let mut tuple = serializer.serialize_tuple_struct(SEVERAL, list.len() + rest.len())?;
        list.write(&mut tuple)?;
        rest.iter().try_for_each(|value| tuple.serialize_field(&value.wire()))?;
        tuple.end()
    }
}

/// For what the macros write: an event that takes all remaining arguments.
#[doc(hidden)]
pub fn and_all<T: ?Sized, A: AsArg<T>, L: List>(
    list: L,
    rest: impl IntoIterator<Item = A>,
) -> impl Serialize {
    AndAll(list, rest.into_iter().collect(), PhantomData::<fn(&T)>)
}
