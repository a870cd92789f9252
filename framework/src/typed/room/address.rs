//! What tells a room from others of its kind: keys, as people give them, and in front of the arguments of an event.

use serde::de::{DeserializeOwned, IgnoredAny};

use crate::payload::Args;
use crate::protocol::socket::Event;
use crate::typed::Fault;
use crate::typed::arguments::{Arguments, take};

/// What may be given for a key: the key, a reference to it, and text for a `String`.
///
/// Not `Into`: of a number without suffix the compiler could not say which of the many it is.
pub trait IntoKey<K> {
    /// The key.
    fn into_key(self) -> K;
}

impl<K> IntoKey<K> for K {
    fn into_key(self) -> K {
        self
    }
}

impl<K: Clone> IntoKey<K> for &K {
    fn into_key(self) -> K {
        self.clone()
    }
}

impl IntoKey<String> for &str {
    fn into_key(self) -> String {
        self.to_owned()
    }
}

/// How an event of a member finds its room.
pub trait Address<K> {
    /// Whether the key is the first argument.
    const HAS_KEY: bool;

    /// Reads the key, if there is one.
    ///
    /// # Errors
    /// When the client sent something else.
    fn read(args: &mut Arguments<'_>) -> Result<Option<K>, Fault>;
}

/// An event goes to the one room of its kind that its sender sits in.
#[derive(Clone, Copy, Debug)]
pub struct BySeat;

impl<K> Address<K> for BySeat {
    const HAS_KEY: bool = false;

    fn read(_: &mut Arguments<'_>) -> Result<Option<K>, Fault> {
        Ok(None)
    }
}

/// An event goes to the room whose key is its first argument: `#[room(addressed)]`.
#[derive(Clone, Copy, Debug)]
pub struct ByKey;

impl<K: DeserializeOwned> Address<K> for ByKey {
    const HAS_KEY: bool = true;

    fn read(args: &mut Arguments<'_>) -> Result<Option<K>, Fault> {
        take(args, "room").map(Some)
    }
}

/// The arguments of an event, with the key if there is one.
pub(super) fn args_of(event: &Event) -> Arguments<'_> {
    Arguments::new(Args::new(event.args(), event.attachments()))
}

/// The arguments that are the method's.
pub(super) fn without_key(event: &Event, has_key: bool) -> Arguments<'_> {
    let mut args = args_of(event);
    if has_key {
        // It was read on the way here.
        let _ = take::<IgnoredAny>(&mut args, "room");
    }
    args
}
