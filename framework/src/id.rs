//! Ids: of Engine.IO sessions (secret) and of sockets (public).
//!
//! Both are 20 characters of URL-safe base64 (balancers expect that shape), 15 bytes: 4 that say where the owner
//! lives and 11 from the operating system's generator. So any worker routes a request without a map, and 88 bits
//! stay unguessable. The 4 bytes are masked with a keyed hash of the 11, so an id does not tell how many
//! connections a server has.

use std::cell::RefCell;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const RANDOM: usize = 11;
const BYTES: usize = 4 + RANDOM;
const TEXT: usize = 20;

/// Which worker owns something, and in which of its slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// Below 1,024.
    pub(crate) worker: u16,
    /// Below 2²².
    pub(crate) slot: u32,
}

impl Place {
    pub(crate) const WORKERS: usize = 1 << 10;
    pub(crate) const SLOTS: usize = 1 << 22;

    fn pack(self) -> u32 {
        (u32::from(self.worker) << 22) | (self.slot & 0x3f_ffff)
    }

    fn unpack(bits: u32) -> Self {
        Self { worker: (bits >> 22) as u16, slot: bits & 0x3f_ffff }
    }
}

/// Makes ids and reads where they point. One per server: the mask's key is drawn at its creation.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    mask: RandomState,
}

impl Ids {
    pub(crate) fn make(&self, place: Place) -> Id {
        let mut bytes = [0u8; BYTES];
        let (at, random) = bytes.split_at_mut(4);
        fill_random(random);
        at.copy_from_slice(&(place.pack() ^ self.mask_of(random)).to_be_bytes());
        let mut text = [0u8; TEXT];
        // 15 bytes are exactly 20 characters, so there is always room.
        let _ = URL_SAFE_NO_PAD.encode_slice(bytes, &mut text);
        Id(text)
    }

    /// Where the owner of `id` would live; the caller still compares the whole id with the owner's.
    pub(crate) fn place(&self, id: &Id) -> Option<Place> {
        let mut bytes = [0u8; BYTES];
        if URL_SAFE_NO_PAD.decode_slice(id.0, &mut bytes).ok()? != BYTES {
            return None;
        }
        let (at, random) = bytes.split_at(4);
        let at = u32::from_be_bytes(at.try_into().ok()?);
        Some(Place::unpack(at ^ self.mask_of(random)))
    }

    fn mask_of(&self, random: &[u8]) -> u32 {
        self.mask.hash_one(random) as u32
    }
}

/// 20 characters of URL-safe base64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id([u8; TEXT]);

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // May be a session's: a secret.
        f.write_str("Id(…)")
    }
}

impl Id {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; TEXT] = text.as_bytes().try_into().ok()?;
        let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        bytes.iter().all(word).then_some(Self(bytes))
    }

    /// Compared as a secret is: how long it takes does not tell where they differ.
    pub(crate) fn is_secretly(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
    }

    pub(crate) fn as_str(&self) -> &str {
        // Only ASCII gets in: see `parse` and `make`.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The public id of a socket: one connection in one namespace. Safe to log and to hand to other clients.
///
/// 20 characters, new at each connection (unless the socket was recovered). It is also the name of the
/// room that only this socket is in: `io.to(id)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub(crate) Id);

impl SocketId {
    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SocketId({})", self.as_str())
    }
}

impl serde::Serialize for SocketId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

/// The id of an Engine.IO session. Whoever knows it can act as the client, so it is never logged.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub(crate) Id);

impl SessionId {
    /// The id's text, as the client has it. A secret: do not log it, do not send it to other clients.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(…)")
    }
}

thread_local! {
    // One system call fills many ids.
    static POOL: RefCell<([u8; 704], usize)> = const { RefCell::new(([0; 704], 704)) };
}

pub(crate) fn fill_random(out: &mut [u8]) {
    POOL.with_borrow_mut(|(pool, used)| {
        if pool.len() - *used < out.len() {
            #[expect(
                clippy::expect_used,
                reason = "a machine without a random generator can't serve secrets"
            )]
            getrandom::fill(pool).expect("the operating system's random generator answers");
            *used = 0;
        }
        let from = *used;
        *used += out.len();
        out.copy_from_slice(&pool[from..*used]);
        // What was handed out does not stay in memory for the next reader.
        pool[from..*used].fill(0);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_place() {
        let ids = Ids::default();
        for place in [
            Place { worker: 0, slot: 0 },
            Place { worker: 1023, slot: 0x3f_ffff },
            Place { worker: 3, slot: 77 },
        ] {
            let id = ids.make(place);
            assert_eq!(ids.place(&id), Some(place));
            assert_eq!(Id::parse(id.as_str()), Some(id));
        }
    }

    #[test]
    fn neighbours_do_not_look_alike() {
        let ids = Ids::default();
        let [a, b] = [1, 2].map(|slot| ids.make(Place { worker: 0, slot }));
        assert_ne!(a.as_str()[..5], b.as_str()[..5]);
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in [
            "",
            "__proto__",
            "constructor",
            "aaaaaaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaaaaaaa=",
            "aaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }
}
