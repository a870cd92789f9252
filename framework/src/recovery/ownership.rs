//! Who has a session: one owner at a time, as a state machine.
//!
//! A private id is good for one owner. A newcomer that shows the id of a session whose transport still seems alive makes
//! the server ask that transport for a sign of life: if there is one, the newcomer gets a session of its own; if not, it takes
//! this one over. Nothing here waits, sends or reads a clock: the caller does what it is told, and tells what came of it.

/// Where a session is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Ownership {
    /// A connection has it. With a newcomer, that connection is being asked for a sign of life.
    #[default]
    Held,
    Asked,
    /// The transport is lost; what had come over it is still being handled. With a newcomer, it gets the session then.
    Closing,
    Promised,
    /// Nobody has it.
    Away,
    /// A newcomer has it, and is in middleware.
    Claimed,
    /// It has ended.
    Over,
}

/// What a newcomer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claimed {
    /// It has the session.
    Now,
    /// It may get it: the old transport is to be asked for a sign of life.
    Ask,
    /// It gets it once the old connection has handled what had come.
    Later,
    /// It has no claim.
    No,
}

impl Ownership {
    /// Somebody shows the private id.
    pub(crate) fn claim(&mut self) -> Claimed {
        let (next, told) = match *self {
            Self::Held => (Self::Asked, Claimed::Ask),
            Self::Closing => (Self::Promised, Claimed::Later),
            Self::Away => (Self::Claimed, Claimed::Now),
            Self::Asked | Self::Promised | Self::Claimed | Self::Over => return Claimed::No,
        };
        *self = next;
        told
    }

    /// The newcomer gives up, was refused, or has lost its transport.
    pub(crate) fn unclaim(&mut self) {
        *self = match *self {
            Self::Asked => Self::Held,
            Self::Promised => Self::Closing,
            Self::Claimed => Self::Away,
            other => other,
        };
    }

    /// The newcomer is in.
    pub(crate) fn seated(&mut self) {
        if *self == Self::Claimed {
            *self = Self::Held;
        }
    }

    /// The transport is lost.
    pub(crate) fn lost(&mut self) {
        *self = match *self {
            Self::Held => Self::Closing,
            Self::Asked => Self::Promised,
            other => other,
        };
    }

    /// The connection has handled all that had come. False if the session ends with it.
    pub(crate) fn parted(&mut self) -> bool {
        *self = match *self {
            Self::Closing => Self::Away,
            Self::Promised => Self::Claimed,
            _ => Self::Over,
        };
        *self != Self::Over
    }

    /// Its time is up. True if it ends by that.
    pub(crate) fn expire(&mut self) -> bool {
        let ends = *self == Self::Away;
        if ends {
            *self = Self::Over;
        }
        ends
    }

    /// Somebody left for good.
    pub(crate) fn end(&mut self) {
        *self = Self::Over;
    }
}
