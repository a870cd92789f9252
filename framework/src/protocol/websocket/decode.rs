//! From the client's byte stream to messages.

use super::{
    CloseFrame, Message, Opcode, Violation,
    frame::{Context, Frame, Stage, Step},
    mask::Mask,
    text::PartialText,
};
use bytes::Bytes;
use bytestring::ByteString;

/// Bytes of memory a header alone may claim. Beyond it memory follows the bytes that came, doubling.
const AHEAD: usize = 64 * 1024;

/// Decodes one client's stream. Feed it what was read, in order, until it says `None`.
///
/// It holds the message under way and nothing else. Its memory is bounded by twice the bytes received plus
/// 64 KiB, and by `max_message`, whatever headers announce.
#[derive(Debug)]
pub struct Decoder {
    max_message: usize,
    state: State,
    /// Boxed, as mostly there is none and a connection keeps this for good.
    message: Option<Box<Partial>>,
}

#[derive(Debug)]
enum State {
    /// Reading a header, perhaps its first byte.
    Header(Stage),
    /// Reading the payload of a data frame into `message`.
    Data { fin: bool, left: usize, mask: Mask },
    /// Reading the payload of a control frame. Boxed, as the message under way.
    Control(Box<Control>),
    /// A violation was found; it is the answer from now on.
    Broken(Violation),
}

#[derive(Debug)]
struct Control {
    opcode: Opcode,
    left: usize,
    mask: Mask,
    payload: Vec<u8>,
}

/// A data message whose end has not come.
#[derive(Debug)]
struct Partial {
    fragments: u32,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Text(PartialText),
    Binary(Vec<u8>),
}

impl Decoder {
    /// Frames one message may consist of. Empty ones count: they cost as much to read.
    pub const MAX_FRAGMENTS: u32 = 131_072;

    /// A decoder at the start of a stream. `max_message` is in bytes of payload, all fragments of a message
    /// together; control frames have their own limit, 125 (RFC 6455, section 5.5).
    #[must_use]
    pub fn new(max_message: usize) -> Self {
        Self { max_message, state: State::Header(Stage::Start), message: None }
    }

    /// Takes what it can from the front of `input`. `None`: all of `input` was taken, no message is whole
    /// yet.
    ///
    /// # Errors
    ///
    /// The first violation of the stream, after every message that precedes it; then at every call. Where
    /// the input was cut makes no difference to any of them.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Option<Message>, Violation> {
        let step = self.advance(input);
        if let Err(violation) = step {
            self.state = State::Broken(violation);
            self.message = None;
        }
        step
    }

    /// Nothing is partly received: no header, no frame, no fragmented message. False after a violation.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.message.is_none() && matches!(self.state, State::Header(Stage::Start))
    }

    fn advance(&mut self, input: &mut &[u8]) -> Result<Option<Message>, Violation> {
        loop {
            match &mut self.state {
                State::Header(stage) => {
                    let context = Context {
                        fragments: self.message.as_ref().map_or(0, |message| message.fragments),
                        received: self.message.as_ref().map_or(0, |message| message.content.len()),
                        max_message: self.max_message,
                    };
                    match stage.read(input, context)? {
                        Step::More(next) => {
                            *stage = next;
                            return Ok(None);
                        }
                        Step::Whole(frame) => {
                            if let Some(message) = self.begin(frame, input)? {
                                return Ok(Some(message));
                            }
                        }
                    }
                }
                State::Data { fin, left, mask } => {
                    let chunk = take(input, left);
                    let (fin, left) = (*fin, *left);
                    if let Some(message) = &mut self.message {
                        message.content.append(mask, chunk, left)?;
                    }
                    if left > 0 {
                        return Ok(None);
                    }
                    self.state = State::Header(Stage::Start);
                    if fin && let Some(message) = self.message.take() {
                        return message.content.finish().map(Some);
                    }
                }
                State::Control(frame) => {
                    let chunk = take(input, &mut frame.left);
                    frame.mask.append(&mut frame.payload, chunk);
                    if frame.left > 0 {
                        return Ok(None);
                    }
                    let (opcode, payload) = (frame.opcode, std::mem::take(&mut frame.payload));
                    self.state = State::Header(Stage::Start);
                    return control(opcode, payload).map(Some);
                }
                State::Broken(violation) => return Err(*violation),
            }
        }
    }

    /// Starts the payload of `frame`, or reads all of it where it lies.
    fn begin(&mut self, frame: Frame, input: &mut &[u8]) -> Result<Option<Message>, Violation> {
        let Frame { opcode, fin, len, mask } = frame;
        let mut mask = Mask::new(mask);
        let content = match opcode {
            Opcode::Close | Opcode::Ping | Opcode::Pong => {
                let payload = Vec::with_capacity(len);
                self.state = State::Control(Box::new(Control { opcode, left: len, mask, payload }));
                return Ok(None);
            }
            Opcode::Text | Opcode::Binary if fin && len <= input.len() => {
                let (payload, rest) = input.split_at_checked(len).unwrap_or_default();
                if let (Opcode::Text, &[masked]) = (opcode, payload)
                    && let Some(digit) = digit(mask, masked)
                {
                    *input = rest;
                    self.state = State::Header(Stage::Start);
                    return Ok(Some(Message::Text(digit)));
                }
                let mut bytes = Vec::with_capacity(len);
                mask.append(&mut bytes, payload);
                *input = rest;
                self.state = State::Header(Stage::Start);
                return whole(opcode, bytes).map(Some);
            }
            Opcode::Text => Some(Content::Text(PartialText::default())),
            Opcode::Binary => Some(Content::Binary(Vec::new())),
            Opcode::Continuation => None,
        };
        match (&mut self.message, content) {
            (message, Some(content)) => *message = Some(Box::new(Partial { fragments: 1, content })),
            (Some(message), None) => message.fragments = message.fragments.saturating_add(1),
            (None, None) => return Err(Violation::StrayContinuation),
        }
        self.state = State::Data { fin, left: len, mask };
        Ok(None)
    }
}

#[cfg(test)]
impl Decoder {
    /// Bytes of memory the message under way has claimed.
    pub(super) fn capacity(&self) -> usize {
        match self.message.as_deref() {
            None => 0,
            Some(Partial { content: Content::Text(text), .. }) => text.len() + text.room(),
            Some(Partial { content: Content::Binary(bytes), .. }) => bytes.capacity(),
        }
    }
}

impl Content {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Takes a masked piece of a frame that still has `left` bytes to come after it.
    fn append(&mut self, mask: &mut Mask, chunk: &[u8], left: usize) -> Result<(), Violation> {
        let ahead = left.min(AHEAD.max(self.len()));
        let more = chunk.len().saturating_add(ahead);
        match self {
            Self::Text(text) => {
                if text.room() < chunk.len() {
                    text.reserve(more);
                }
                text.append(mask, chunk)
            }
            Self::Binary(bytes) => {
                if bytes.capacity().saturating_sub(bytes.len()) < chunk.len() {
                    bytes.reserve_exact(more);
                }
                mask.append(bytes, chunk);
                Ok(())
            }
        }
    }

    fn finish(self) -> Result<Message, Violation> {
        match self {
            Self::Text(text) => Ok(Message::Text(text.finish()?.into())),
            Self::Binary(bytes) => Ok(Message::Binary(bytes.into())),
        }
    }
}

/// Cuts from the front of `input` what belongs to a frame with `left` bytes to come.
fn take<'a>(input: &mut &'a [u8], left: &mut usize) -> &'a [u8] {
    let (chunk, rest) = input.split_at_checked(*left).unwrap_or((input, &[]));
    *left = left.saturating_sub(chunk.len());
    *input = rest;
    chunk
}

/// A text of one digit needs no memory of its own: a heartbeat's pong is one.
fn digit(mut mask: Mask, masked: u8) -> Option<ByteString> {
    const DIGITS: &str = "0123456789";
    let mut byte = [masked];
    mask.unmask(&mut byte);
    let at = usize::from(u8::from_ne_bytes(byte).checked_sub(b'0')?);
    DIGITS.get(at..=at).map(ByteString::from_static)
}

fn whole(opcode: Opcode, bytes: Vec<u8>) -> Result<Message, Violation> {
    if opcode == Opcode::Binary {
        return Ok(Message::Binary(bytes.into()));
    }
    let text = String::from_utf8(bytes).map_err(|_| Violation::NotUtf8)?;
    Ok(Message::Text(text.into()))
}

fn control(opcode: Opcode, payload: Vec<u8>) -> Result<Message, Violation> {
    match opcode {
        Opcode::Ping => Ok(Message::Ping(payload.into())),
        Opcode::Pong => Ok(Message::Pong(payload.into())),
        Opcode::Close | Opcode::Continuation | Opcode::Text | Opcode::Binary => {
            close(&payload.into()).map(Message::Close)
        }
    }
}

fn close(payload: &Bytes) -> Result<Option<CloseFrame>, Violation> {
    let (high, low, reason) = match &**payload {
        [] => return Ok(None),
        [_] => return Err(Violation::CloseLength),
        [high, low, reason @ ..] => (*high, *low, reason),
    };
    let code = u16::from_be_bytes([high, low]);
    match code {
        1000..=1003 | 1007..=1014 | 3000..=4999 => {}
        _ => return Err(Violation::CloseCode(code)),
    }
    let reason = ByteString::try_from(reason).map_err(|_| Violation::NotUtf8)?;
    Ok(Some(CloseFrame { code, reason }))
}
