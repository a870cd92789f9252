//! What a listener may take.

use serde::de::DeserializeOwned;

use crate::payload::{ArgError, Args, Rest};
use crate::socket::AckFn;

/// One event on its way into a closure.
#[derive(Debug)]
pub struct Wire<'a> {
    pub(super) args: Args<'a>,
    pub(super) ack: AckFn,
}

/// An event whose arguments are not the listener's, and the right to say so.
#[derive(Debug)]
pub struct Mistake {
    pub(super) error: ArgError,
    pub(super) ack: AckFn,
}

/// Marks arguments that come from the client.
#[derive(Debug)]
pub struct FromPayload(());
/// Marks arguments that greenroom hands in.
#[derive(Debug)]
pub struct HandedIn(());

/// An argument of a listener. `M` keeps the two kinds apart and is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a listener",
    note = "a listener takes `Socket`, then values that implement `serde::Deserialize`, then optionally `AckFn`"
)]
pub trait Argument<M>: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// When the client sent something else.
    fn read(wire: &mut Wire<'_>) -> Result<Self, ArgError>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Argument<FromPayload> for T {
    fn read(wire: &mut Wire<'_>) -> Result<Self, ArgError> {
        wire.args.next()
    }
}

impl<T: DeserializeOwned> Argument<HandedIn> for Rest<T> {
    fn read(wire: &mut Wire<'_>) -> Result<Self, ArgError> {
        wire.args.rest()
    }
}

impl Argument<HandedIn> for AckFn {
    fn read(wire: &mut Wire<'_>) -> Result<Self, ArgError> {
        Ok(wire.ack.take())
    }
}
