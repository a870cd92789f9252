//! A packet's data is its text without the type; attachments survive their polling form.

#![no_main]

use bytes::Bytes;
use greenroom::protocol::engine::{Packet, decode, put_binary};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut encoded = Vec::new();
    put_binary(&mut encoded, input);
    let encoded = String::from_utf8(encoded).expect("base64 is ASCII");
    assert_eq!(decode(encoded.as_str().into()), Ok(Packet::Binary(Bytes::copy_from_slice(input))));
    assert_eq!(decode(encoded.trim_end_matches('=').into()), decode(encoded.as_str().into()));

    let Ok(text) = std::str::from_utf8(input) else { return };
    match decode(text.into()) {
        Ok(Packet::Open(data)) => assert_eq!(text, format!("0{data}")),
        Ok(Packet::Ping(data)) => assert_eq!(text, format!("2{data}")),
        Ok(Packet::Pong(data)) => assert_eq!(text, format!("3{data}")),
        Ok(Packet::Message(data)) => assert_eq!(text, format!("4{data}")),
        Ok(Packet::Close) => assert!(text.starts_with('1')),
        Ok(Packet::Upgrade) => assert!(text.starts_with('5')),
        Ok(Packet::Noop) => assert!(text.starts_with('6')),
        Ok(Packet::Binary(data)) => assert!(text.starts_with('b') && data.len() <= text.len()),
        Err(_) => assert!(!text.starts_with(['0', '1', '2', '3', '4', '5', '6'])),
    }
});
