//! Closures as listeners: `socket.on("event", |socket: Socket, a: A, b: B| …)`.
//!
//! Events of one socket are handled one at a time, in the order they came, async closures too; `on_concurrent` opts out. The arguments
//! of the closure are the positional arguments of the client's `emit`, read straight from the packet; what it returns, unless
//! `()`, is the acknowledgement.

mod arguments;
mod listeners;
mod methods;
mod reply;

pub use arguments::{Argument, Mistake, Wire};
pub use listeners::ListenerId;
pub(crate) use listeners::Listeners;
pub use methods::{EventPacket, Hook, Listener, PacketVerdict};
pub use reply::Reply;
pub(crate) use reply::{Later, Now, guarded, guarded_task};
