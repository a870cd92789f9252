//! The payload of every event, `{"n": integer, "text": string}`: written and recognized without a JSON library, which
//! would cost the client more than the server.

const WORDS: &str = "The quick brown fox jumps over the lazy dog. ";

/// Writes and reads payloads whose texts have one length.
#[derive(Debug)]
pub(crate) struct Message {
    end: Vec<u8>,
    packet: Vec<u8>,
}

impl Message {
    /// With so many bytes of text.
    pub(crate) fn new(text: usize) -> Self {
        let text: String = WORDS.chars().cycle().take(text).collect();
        Self { end: format!(",\"text\":\"{text}\"}}]").into_bytes(), packet: vec![] }
    }

    /// `start`, which is a packet up to its last argument, with that argument: `42["echo",` becomes
    /// `42["echo",{"n":7,"text":"The"}]`.
    pub(crate) fn write(&mut self, start: &[u8], n: u64) -> &[u8] {
        self.packet.clear();
        self.packet.extend_from_slice(start);
        self.packet.extend_from_slice(b"{\"n\":");
        put_number(&mut self.packet, n);
        self.packet.extend_from_slice(&self.end);
        &self.packet
    }

    /// The number in a packet that begins with `start` and carries the text; `None` for any other packet. The start may
    /// leave out the rest of the packet's head: an acknowledgement's id is not in it.
    pub(crate) fn read(&self, start: &[u8], packet: &[u8]) -> Option<u64> {
        if !packet.ends_with(&self.end) {
            return None;
        }
        let rest = packet.strip_prefix(start)?;
        let at = rest.windows(4).take(44).position(|window| window == b"\"n\":")?;
        number(&rest[at + 4..])
    }
}

/// Appends a number in decimal.
pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut begin = digits.len();
    loop {
        begin -= 1;
        digits[begin] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[begin..]);
}

/// The number that `bytes` begin with.
pub(crate) fn number(bytes: &[u8]) -> Option<u64> {
    let mut digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).peekable();
    digits.peek()?;
    digits.try_fold(0u64, |number, digit| number.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut message = Message::new(3);
        let packet = message.write(b"42[\"echo\",", 1070).to_vec();
        assert_eq!(packet, b"42[\"echo\",{\"n\":1070,\"text\":\"The\"}]");
        assert_eq!(message.read(b"42[\"echo\",", &packet), Some(1070));
        assert_eq!(message.read(b"42", &packet), Some(1070));
    }

    #[test]
    fn another_event_or_text_is_not_taken_for_it() {
        let mut message = Message::new(3);
        let packet = message.write(b"42[\"echo\",", 0).to_vec();
        assert_eq!(message.read(b"42[\"cast\",", &packet), None);
        assert_eq!(Message::new(4).read(b"42[\"echo\",", &packet), None);
        assert_eq!(message.read(b"42", b"42[\"echo\",{\"n\":,\"text\":\"The\"}]"), None);
    }
}
