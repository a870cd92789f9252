//! A connection's messages: the decoder keeps its limits, and what it lets through encodes to a packet that
//! decodes the same.
//!
//! Input: messages separated by byte 0xff; one that starts with 0xfe is binary, any other text.

#![no_main]

use bytes::Bytes;
use greenroom::protocol::{
    json,
    socket::{Decoder, Kind, Limits, Packet, encode},
};
use libfuzzer_sys::fuzz_target;

const LIMITS: Limits = Limits { attachments: 3, event_name: 20, namespace: 20, packet: 2_000 };

fn again(kind: Kind, namespace: &str, id: Option<u64>, attachments: &[Bytes], json: &str) -> Packet {
    let mut text = Vec::new();
    encode(&mut text, kind, namespace, id, attachments.len(), json.as_bytes());
    let text = String::from_utf8(text).expect("every part is UTF-8");
    let limits = Limits { packet: usize::MAX, event_name: usize::MAX, namespace: usize::MAX, ..LIMITS };
    let mut decoder = Decoder::new(limits);
    let mut packet = decoder.text(text.into());
    for attachment in attachments {
        assert_eq!(packet.map(|packet| packet.is_none()), Ok(true));
        packet = decoder.binary(attachment.clone());
    }
    packet.expect("an encoded packet decodes").expect("it is whole")
}

fn array(args: &str) {
    assert_eq!(json::check(&format!("[{args}]")), Ok(json::Kind::Array));
}

fn check(packet: Packet) {
    match packet {
        Packet::Connect { namespace, auth } => {
            assert!(namespace.starts_with('/') && namespace.len() <= LIMITS.namespace);
            let json = auth.as_deref().unwrap_or_default();
            assert!(auth.is_none() || json::check(json) == Ok(json::Kind::Object));
            let Packet::Connect { namespace: n, auth: a } = again(Kind::Connect, &namespace, None, &[], json)
            else {
                panic!("another type")
            };
            assert_eq!((namespace, auth), (n, a));
        }
        Packet::Disconnect { namespace } => {
            assert!(namespace.starts_with('/') && namespace.len() <= LIMITS.namespace);
        }
        Packet::Event(event) => {
            array(event.args());
            assert!(event.name().len() <= LIMITS.event_name);
            assert!(event.attachments().len() <= LIMITS.attachments);
            assert!(event.size() <= LIMITS.packet);
            let mut json = String::from("[");
            json::put_string(&mut json, event.name());
            if !event.args().is_empty() {
                json.push(',');
                json.push_str(event.args());
            }
            json.push(']');
            let Packet::Event(same) =
                again(Kind::Event, event.namespace(), event.id(), event.attachments(), &json)
            else {
                panic!("another type")
            };
            assert_eq!(same.namespace(), event.namespace());
            assert_eq!(same.id(), event.id());
            assert_eq!(same.name(), event.name());
            assert_eq!(same.args(), event.args());
            assert_eq!(same.attachments(), event.attachments());
        }
        Packet::Ack(ack) => {
            array(ack.args());
            assert!(ack.attachments().len() <= LIMITS.attachments);
            assert!(ack.size() <= LIMITS.packet);
            let json = format!("[{}]", ack.args());
            let Packet::Ack(same) =
                again(Kind::Ack, ack.namespace(), Some(ack.id()), ack.attachments(), &json)
            else {
                panic!("another type")
            };
            assert_eq!(same.namespace(), ack.namespace());
            assert_eq!(same.id(), ack.id());
            assert_eq!(same.args(), ack.args());
            assert_eq!(same.attachments(), ack.attachments());
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let mut decoder = Decoder::new(LIMITS);
    for message in input.split(|byte| *byte == 0xff) {
        let awaited = !decoder.is_idle();
        let packet = match message.strip_prefix(&[0xfe]) {
            Some(binary) => {
                let packet = decoder.binary(Bytes::copy_from_slice(binary));
                assert!(awaited || packet.is_err());
                packet
            }
            None => {
                let Ok(text) = std::str::from_utf8(message) else { continue };
                let packet = decoder.text(text.into());
                assert!(!awaited || packet.is_err());
                packet
            }
        };
        match packet {
            Ok(Some(packet)) => {
                assert!(decoder.is_idle());
                check(packet);
            }
            Ok(None) => assert!(!decoder.is_idle()),
            Err(error) => {
                assert!(decoder.is_idle());
                assert!(!error.to_string().is_empty());
            }
        }
    }
});
