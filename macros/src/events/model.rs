//! What a block of events says, in the user's own tokens, so that every later message can point at them.

use proc_macro2::Span;
use syn::{Attribute, Expr, ItemImpl, Receiver, Signature, Type};

use super::param::Param;

/// A whole `impl`.
pub(super) struct Block {
    /// The user's item without our attributes.
    pub(super) item: ItemImpl,
    /// Asked before every event.
    pub(super) guards: Vec<Expr>,
    /// Whether it describes itself.
    pub(super) catalogue: bool,
    /// It is that of a room.
    pub(super) is_room: bool,
    pub(super) methods: Vec<Method>,
}

/// What a method is for.
pub(super) enum Role {
    Event(Event),
    Connect,
    Connected,
    Away,
    Recovered,
    Disconnect,
    Fallback,
    Created,
    Joining,
    Joined,
    Left,
    Back,
    /// Milliseconds.
    Every(u64),
    Empty,
    Closed,
}

impl Role {
    /// The attribute, as people write it.
    pub(super) fn attribute(&self) -> &'static str {
        match self {
            Self::Event(_) => "#[event]",
            Self::Connect => "#[connect]",
            Self::Connected => "#[connected]",
            Self::Away => "#[away]",
            Self::Recovered => "#[recovered]",
            Self::Disconnect => "#[disconnect]",
            Self::Fallback => "#[fallback]",
            Self::Created => "#[created]",
            Self::Joining => "#[joining]",
            Self::Joined => "#[joined]",
            Self::Left => "#[left]",
            Self::Back => "#[back]",
            Self::Every(_) => "#[every]",
            Self::Empty => "#[empty]",
            Self::Closed => "#[closed]",
        }
    }
}

/// The words in `#[event(…)]`.
pub(super) struct Event {
    pub(super) name: String,
    /// Where the name is written.
    pub(super) span: Span,
    pub(super) guards: Vec<Expr>,
    pub(super) strict: bool,
}

/// One method in one role; a method with two `#[event]`s is here twice.
pub(super) struct Method {
    pub(super) role: Role,
    /// The attribute that gave it the role.
    pub(super) mark: Attribute,
    /// Its doc comment.
    pub(super) docs: String,
    pub(super) signature: Signature,
    pub(super) receiver: Option<Receiver>,
    pub(super) params: Vec<Param>,
    /// `#[cfg]` of the method, which its entry in the table shares.
    pub(super) conditions: Vec<Attribute>,
}

impl Block {
    /// The handler's type.
    pub(super) fn handler(&self) -> &Type {
        &self.item.self_ty
    }

    pub(super) fn events(&self) -> impl Iterator<Item = (&Event, &Method)> {
        self.methods.iter().filter_map(|method| match &method.role {
            Role::Event(event) => Some((event, method)),
            _ => None,
        })
    }
}
