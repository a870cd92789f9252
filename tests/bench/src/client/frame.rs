//! WebSocket frames (RFC 6455, section 5.2), as a client writes and reads them.

/// Any mask will do: the server's work does not depend on it, and a constant one costs the client least.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// One frame of the server; borrows what was received.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) last: bool,
    pub(super) opcode: u8,
    pub(super) payload: &'a [u8],
    /// Bytes of the frame with its header.
    pub(super) length: usize,
}

/// Appends one masked frame.
pub(super) fn encode(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    out.push(0x80 | opcode);
    match payload.len() {
        length @ 0..126 => out.push(0x80 | length as u8),
        length @ 126..65536 => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&MASK);
    let begin = out.len();
    out.extend_from_slice(payload);
    mask(&mut out[begin..]);
}

/// Eight bytes at a time: the client must not be what limits the server.
fn mask(bytes: &mut [u8]) {
    let [a, b, c, d] = MASK;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (chunks, rest) = bytes.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(MASK.iter().cycle()) {
        *byte ^= mask;
    }
}

/// The first frame in `bytes`; `None` while it is not all there.
pub(super) fn decode(bytes: &[u8]) -> Option<Frame<'_>> {
    let [first, second, rest @ ..] = bytes else { return None };
    let (size, header) = match second & 0x7f {
        126 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
        127 => (usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).ok()?, 10),
        size => (usize::from(size), 2),
    };
    let length = header + size;
    let payload = bytes.get(header..length)?;
    Some(Frame { last: first & 0x80 != 0, opcode: first & 0x0f, payload, length })
}

#[cfg(test)]
mod tests {
    use super::super::TEXT;
    use super::*;

    fn unmasked(payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x81];
        match payload.len() {
            length @ 0..126 => frame.push(length as u8),
            length => {
                frame.push(126);
                frame.extend_from_slice(&(length as u16).to_be_bytes());
            }
        }
        frame.extend_from_slice(payload);
        frame
    }

    #[test]
    fn a_frame_is_read_with_its_length() {
        let mut bytes = unmasked(b"42[\"echo\"]");
        let length = bytes.len();
        bytes.extend_from_slice(b"more");
        let frame = decode(&bytes).expect("a whole frame");
        assert_eq!(frame, Frame { last: true, opcode: TEXT, payload: b"42[\"echo\"]", length });
    }

    #[test]
    fn a_long_frame_has_a_longer_header() {
        let bytes = unmasked(&[b'x'; 300]);
        assert_eq!(decode(&bytes).expect("a whole frame").payload.len(), 300);
    }

    #[test]
    fn a_frame_is_waited_for_until_its_last_byte() {
        let bytes = unmasked(&[b'x'; 300]);
        for end in 0..bytes.len() {
            assert_eq!(decode(&bytes[..end]), None, "{end} bytes");
        }
    }

    #[test]
    fn what_is_written_is_masked_with_the_key_it_carries() {
        let payload = b"thirteen byte";
        let mut bytes = vec![];
        encode(&mut bytes, TEXT, payload);
        assert_eq!(bytes[..2], [0x81, 0x80 | 13]);
        let key: [u8; 4] = *bytes[2..].first_chunk().expect("a key");
        let plain: Vec<u8> =
            bytes[6..].iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        assert_eq!(plain, payload);
    }
}
