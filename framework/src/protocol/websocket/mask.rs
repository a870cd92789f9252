//! Removing the client's mask (RFC 6455, section 5.3).

/// The mask, turned so that its first byte belongs to the next payload byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mask([u8; 4]);

/// Bytes unmasked at a time: small enough that the copy is still in the first-level cache.
const BLOCK: usize = 4096;

impl Mask {
    pub(super) fn new(key: [u8; 4]) -> Self {
        Self(key)
    }

    /// Appends the unmasked `chunk` to `out`, and turns the mask by the chunk's length.
    pub(super) fn append(&mut self, out: &mut Vec<u8>, chunk: &[u8]) {
        for block in chunk.chunks(BLOCK) {
            let start = out.len();
            out.extend_from_slice(block);
            self.unmask(out.get_mut(start..).unwrap_or_default());
        }
    }

    /// Unmasks `data` where it is, and turns the mask by its length.
    pub(super) fn unmask(&mut self, data: &mut [u8]) {
        let [a, b, c, d] = self.0;
        let key = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
        let (words, tail) = data.as_chunks_mut::<8>();
        for word in words {
            *word = (u64::from_ne_bytes(*word) ^ key).to_ne_bytes();
        }
        for (byte, key) in tail.iter_mut().zip([a, b, c, d, a, b, c, d]) {
            *byte ^= key;
        }
        self.0 = match tail.len() % 4 {
            1 => [b, c, d, a],
            2 => [c, d, a, b],
            3 => [d, a, b, c],
            _ => [a, b, c, d],
        };
    }
}
