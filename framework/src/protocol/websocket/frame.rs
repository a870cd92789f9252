//! One frame header, byte by byte (RFC 6455, section 5.2).
//!
//! A header may arrive in any number of pieces, so each byte is judged when it comes and in the order it
//! comes: the first violation of a stream is the same however the stream was cut. What only the message
//! knows (is one under way, how much of it is there) is passed in as [`Context`].

use super::{Decoder, Opcode, Violation};

/// What the frames before this one left behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    /// Frames of the message under way; 0 when there is none.
    pub(super) fragments: u32,
    /// Bytes of the message under way.
    pub(super) received: usize,
    /// Bytes a message may have.
    pub(super) max_message: usize,
}

/// A header that passed every check that can be made on a header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) opcode: Opcode,
    pub(super) fin: bool,
    pub(super) len: usize,
    pub(super) mask: [u8; 4],
}

/// How far a header has been read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// Nothing yet.
    Start,
    /// FIN and opcode are known.
    Length(First),
    /// Some bytes of a 16 or 64-bit length are known.
    Extended { first: First, value: u64, have: u8, want: u8 },
    /// The length is known, and some bytes of the mask.
    Mask { first: First, len: usize, mask: [u8; 4], have: u8 },
}

/// The first byte's meaning.
#[derive(Clone, Copy, Debug)]
pub(super) struct First {
    opcode: Opcode,
    fin: bool,
}

/// What more bytes made of the header.
pub(super) enum Step {
    More(Stage),
    Whole(Frame),
}

impl Stage {
    /// Reads on from the front of `input`, to the header's end or the input's.
    pub(super) fn read(mut self, input: &mut &[u8], context: Context) -> Result<Step, Violation> {
        if let (Self::Start, Some((short, rest))) = (self, input.split_first_chunk::<6>())
            && let Some(frame) = short_header(*short, context)
        {
            *input = rest;
            return Ok(Step::Whole(frame));
        }
        loop {
            if let Self::Mask { first, len, have: 0, .. } = self
                && let Some((mask, rest)) = input.split_first_chunk::<4>()
            {
                *input = rest;
                return Ok(Step::Whole(Frame { opcode: first.opcode, fin: first.fin, len, mask: *mask }));
            }
            let [byte, rest @ ..] = *input else { return Ok(Step::More(self)) };
            match self.push(*byte, context)? {
                Step::More(next) => self = next,
                whole @ Step::Whole(_) => {
                    *input = rest;
                    return Ok(whole);
                }
            }
            *input = rest;
        }
    }

    /// The header with one more byte.
    fn push(self, byte: u8, context: Context) -> Result<Step, Violation> {
        match self {
            Self::Start => Ok(Step::More(Self::Length(first(byte, context)?))),
            Self::Length(first) => Ok(Step::More(length(first, byte, context)?)),
            Self::Extended { first, value, have, want } => {
                let value = value.wrapping_shl(8) | u64::from(byte);
                let have = have.saturating_add(1);
                extended(first, value, have, want, context).map(Step::More)
            }
            Self::Mask { first, len, mask: [_, b, c, d], have } => {
                let mask = [b, c, d, byte];
                if have == 3 {
                    return Ok(Step::Whole(Frame { opcode: first.opcode, fin: first.fin, len, mask }));
                }
                Ok(Step::More(Self::Mask { first, len, mask, have: have.saturating_add(1) }))
            }
        }
    }
}

/// A message of at most 125 bytes in one frame, all of whose header is there: nearly every frame that comes. What breaks a
/// rule, and everything else, is read byte by byte.
fn short_header([head, len, mask @ ..]: [u8; 6], context: Context) -> Option<Frame> {
    let opcode = match head {
        0x81 => Opcode::Text,
        0x82 => Opcode::Binary,
        _ => return None,
    };
    let masked = len & 0x80 != 0;
    let len = usize::from(len & 0x7f);
    let fits = len <= 125 && len <= context.max_message;
    (masked && fits && context.fragments == 0).then_some(Frame { opcode, fin: true, len, mask })
}

fn first(byte: u8, context: Context) -> Result<First, Violation> {
    if byte & 0x70 != 0 {
        return Err(Violation::ReservedBits(byte));
    }
    let fin = byte & 0x80 != 0;
    let opcode = match byte & 0x0f {
        0 => Opcode::Continuation,
        1 => Opcode::Text,
        2 => Opcode::Binary,
        8 => Opcode::Close,
        9 => Opcode::Ping,
        10 => Opcode::Pong,
        unknown => return Err(Violation::UnknownOpcode(unknown)),
    };
    match opcode {
        Opcode::Close | Opcode::Ping | Opcode::Pong if !fin => Err(Violation::FragmentedControl),
        Opcode::Close | Opcode::Ping | Opcode::Pong => Ok(First { opcode, fin }),
        Opcode::Text | Opcode::Binary if context.fragments > 0 => Err(Violation::Interrupted),
        Opcode::Text | Opcode::Binary => Ok(First { opcode, fin }),
        Opcode::Continuation if context.fragments == 0 => Err(Violation::StrayContinuation),
        Opcode::Continuation if context.fragments >= Decoder::MAX_FRAGMENTS => {
            Err(Violation::TooManyFragments)
        }
        Opcode::Continuation => Ok(First { opcode, fin }),
    }
}

fn length(first: First, byte: u8, context: Context) -> Result<Stage, Violation> {
    if byte & 0x80 == 0 {
        return Err(Violation::Unmasked);
    }
    match byte & 0x7f {
        126 | 127 if first.opcode.is_control() => Err(Violation::LongControl),
        126 => Ok(Stage::Extended { first, value: 0, have: 0, want: 2 }),
        127 => Ok(Stage::Extended { first, value: 0, have: 0, want: 8 }),
        short => masked(first, u64::from(short), context),
    }
}

fn extended(first: First, value: u64, have: u8, want: u8, context: Context) -> Result<Stage, Violation> {
    if want == 8 && have == 1 && value & 0x80 != 0 {
        return Err(Violation::LengthOverflow);
    }
    // The six leading bytes of a 64-bit length decide whether 16 bits would have done.
    let shortest = match want {
        8 if have == 6 => value != 0,
        2 if have == 2 => value > 125,
        _ => true,
    };
    if !shortest {
        return Err(Violation::LongLength(value));
    }
    if have == want {
        return masked(first, value, context);
    }
    let missing_bits = u32::from(want.saturating_sub(have)).saturating_mul(8);
    fits(first, value.wrapping_shl(missing_bits), context)?;
    Ok(Stage::Extended { first, value, have, want })
}

fn masked(first: First, len: u64, context: Context) -> Result<Stage, Violation> {
    let len = fits(first, len, context)?;
    Ok(Stage::Mask { first, len, mask: [0; 4], have: 0 })
}

/// Refuses a frame of at least `len` bytes that would make its message too long.
fn fits(first: First, len: u64, context: Context) -> Result<usize, Violation> {
    let too_big = Violation::TooBig { limit: context.max_message };
    let len = usize::try_from(len).map_err(|_| too_big)?;
    let room = context.max_message.saturating_sub(context.received);
    if first.opcode.is_control() || len <= room { Ok(len) } else { Err(too_big) }
}
