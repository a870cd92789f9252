//! A polling body's packets are what its parts between separators decode to, up to the first error.

#![no_main]

use bytes::Bytes;
use greenroom::protocol::engine::{DecodeError, PayloadDecoder, SEPARATOR, decode};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 20;

fuzz_target!(|input: &[u8]| {
    let decoder = PayloadDecoder::new(Bytes::copy_from_slice(input), LIMIT);
    let Ok(text) = std::str::from_utf8(input) else {
        assert!(matches!(decoder, Err(DecodeError::NotUtf8 { .. })));
        return;
    };
    let Ok(mut decoder) = decoder else { panic!("a UTF-8 body was refused") };
    let mut expected = Vec::new();
    for (index, part) in text.split(char::from(SEPARATOR)).enumerate() {
        let packet = if index < LIMIT {
            decode(part.into())
        } else {
            Err(DecodeError::TooManyPackets { limit: LIMIT })
        };
        let failed = packet.is_err();
        expected.push(packet);
        if failed {
            break;
        }
    }
    assert_eq!(decoder.by_ref().collect::<Vec<_>>(), expected);
    assert_eq!(decoder.next(), None);
});
