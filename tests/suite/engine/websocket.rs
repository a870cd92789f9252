//! The WebSocket transport.

use greenroom::{CloseReason, Options};
use greenroom_tests::websocket::{Frame, WebSocket, frame};
use greenroom_tests::{run, within};
use tokio::io::AsyncWriteExt;

use super::{Echo, carries, echo, echo_with, url};

/// Rows: TRN-03, TRN-16
#[test]
fn a_text_frame_is_a_packet_and_a_binary_frame_a_message() {
    run(async {
        let echo = echo();
        let mut socket = echo.websocket().await;
        socket.text("4hello").await;
        assert_eq!(socket.next().await, Frame::Text("4hello".into()));
        socket.binary(&[1, 2, 3]).await;
        assert_eq!(socket.next().await, Frame::Binary(vec![1, 2, 3]));
        socket.text("4").await;
        assert_eq!(socket.next().await, Frame::Text("4".into()));
        socket.text("0\u{20ac}").await;
        socket.text("6").await;
        socket.text("5").await;
        carries(&mut socket).await;
    });
}

/// A header of a masked binary frame that announces `len` bytes and brings none.
fn announces(len: u64) -> Vec<u8> {
    let mut bytes = vec![0x82, 0x80 | 127];
    bytes.extend_from_slice(&len.to_be_bytes());
    bytes.extend_from_slice(&[1, 2, 3, 4]);
    bytes
}

async fn ends(echo: &mut Echo, bytes: &[u8], code: u16, what: &str) {
    let mut socket = echo.websocket().await;
    socket.write(bytes).await;
    assert_eq!(socket.closed().await, Some(code), "{what}");
    assert_eq!(echo.reason().await, CloseReason::TransportError, "{what}");
}

/// Rows: TRN-22, ENG-08
#[test]
fn a_frame_that_announces_too_much_is_refused_before_its_payload() {
    run(async {
        let mut echo = echo_with(Options::new().max_payload(70_000));
        let bystander = &mut echo.websocket().await;
        for (len, code) in
            [(70_001, 1009), (1 << 40, 1009), (1 << 62, 1009), (1 << 63, 1002), (u64::MAX, 1002)]
        {
            ends(&mut echo, &announces(len), code, &len.to_string()).await;
        }
        carries(bystander).await;
    });
}

/// Rows: TRN-22, ENG-08
#[test]
fn a_message_of_max_payload_bytes_is_taken_and_one_more_is_not() {
    run(async {
        let mut echo = echo_with(Options::new().max_payload(70_000));
        let mut socket = echo.websocket().await;
        socket.binary(&vec![7; 70_000]).await;
        assert_eq!(socket.next().await, Frame::Binary(vec![7; 70_000]));
        // In fragments, it is the sum that counts.
        let mut first = frame(0x02, &vec![7; 70_000]);
        first.extend_from_slice(&frame(0x80, &[7]));
        socket.write(&first).await;
        assert_eq!(socket.closed().await, Some(1009));
        assert_eq!(echo.reason().await, CloseReason::TransportError);
    });
}

/// Rows: DIS-09
#[test]
fn a_broken_frame_ends_the_session_with_the_rfcs_code() {
    run(async {
        let mut echo = echo();
        let mut unmasked = frame(0x81, b"");
        unmasked[1] = 0x03;
        unmasked.extend_from_slice(b"4hi");
        let cases: [(&str, Vec<u8>, u16); 12] = [
            ("unmasked", unmasked, 1002),
            ("a reserved bit", frame(0xc1, b"4x"), 1002),
            ("a reserved opcode", frame(0x83, b"4x"), 1002),
            ("a reserved control opcode", frame(0x8b, b""), 1002),
            ("a fragmented ping", frame(0x09, b""), 1002),
            ("a ping of 126 bytes", frame(0x89, &[0; 126]), 1002),
            ("a length that should be shorter", vec![0x81, 0x80 | 126, 0, 5, 1, 2, 3, 4], 1002),
            ("a continuation of nothing", frame(0x80, b"x"), 1002),
            (
                "a new message inside a fragmented one",
                [frame(0x01, b"4a"), frame(0x81, b"4b")].concat(),
                1002,
            ),
            ("a close frame of one byte", frame(0x88, &[3]), 1002),
            ("a close code that must not be sent", frame(0x88, &1005u16.to_be_bytes()), 1002),
            ("text that is not UTF-8", frame(0x81, b"4\xff"), 1007),
        ];
        for (what, bytes, code) in cases {
            ends(&mut echo, &bytes, code, what).await;
        }
    });
}

#[test]
fn a_broken_frame_does_not_take_back_the_one_before_it() {
    run(async {
        let mut echo = echo();
        let mut socket = echo.websocket().await;
        socket.write(&[frame(0x81, b"4good"), frame(0x83, b"")].concat()).await;
        assert_eq!(socket.closed().await, Some(1002));
        assert_eq!(within("a message", echo.heard.recv()).await, Some("good".into()));
        assert_eq!(echo.reason().await, CloseReason::TransportError);
    });
}

#[test]
fn a_frame_may_come_byte_by_byte_and_a_message_in_fragments() {
    run(async {
        let echo = echo();
        let mut socket = echo.websocket().await;
        socket.stream.set_nodelay(true).expect("an option");
        for byte in frame(0x81, b"4slow") {
            socket.write(&[byte]).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(socket.next_text().await, "4slow");
        let parts = [frame(0x01, b"4a\xe2"), frame(0x89, b"now"), frame(0x00, b"\x82"), frame(0x80, b"\xac")];
        socket.write(&parts.concat()).await;
        assert_eq!(socket.next().await, Frame::Pong(b"now".to_vec()));
        assert_eq!(socket.next_text().await, "4a\u{20ac}");
    });
}

#[test]
fn a_flood_of_pings_queues_one_pong_at_most() {
    run(async {
        let echo = echo();
        let mut socket = echo.websocket().await;
        // Far more than the sockets' buffers hold, and not one byte is read meanwhile.
        const PINGS: u32 = 150_000;
        let mut flood = Vec::new();
        for n in 0..PINGS {
            let mut payload = [0u8; 125];
            payload[..4].copy_from_slice(&n.to_be_bytes());
            flood.extend_from_slice(&frame(0x89, &payload));
        }
        socket.write(&flood).await;
        let mut pongs = 0;
        loop {
            let Frame::Pong(data) = socket.next().await else { panic!("a pong") };
            pongs += 1;
            if data[..4] == (PINGS - 1).to_be_bytes() {
                break;
            }
        }
        // Only those that fit into the sockets' buffers come.
        assert!(pongs < PINGS / 2, "pongs that were overtaken are dropped: {pongs} came");
        carries(&mut socket).await;
    });
}

/// Rows: DIS-08
#[test]
fn the_closing_handshake_echoes_the_code_and_ends_the_connection() {
    run(async {
        let mut echo = echo();
        for (payload, code) in [
            (1000u16.to_be_bytes().to_vec(), Some(1000)),
            (4321u16.to_be_bytes().to_vec(), Some(4321)),
            (vec![], None),
        ] {
            let mut socket = echo.websocket().await;
            socket.write(&frame(0x88, &payload)).await;
            assert_eq!(socket.next().await, Frame::Close(code));
            assert_eq!(socket.next().await, Frame::End);
            assert_eq!(echo.reason().await, CloseReason::TransportClose);
        }
    });
}

/// Rows: DIS-08, CLI-12
#[test]
fn a_connection_that_ends_or_is_half_closed_ends_the_session() {
    run(async {
        let mut echo = echo();
        let mut half = echo.websocket().await;
        half.stream.shutdown().await.expect("shut down");
        assert_eq!(echo.reason().await, CloseReason::TransportClose);
        assert_eq!(half.closed().await, None);
        // In the middle of a frame, too.
        let mut cut = echo.websocket().await;
        cut.write(&frame(0x81, b"4hello")[..7]).await;
        drop(cut);
        assert_eq!(echo.reason().await, CloseReason::TransportClose);
        // A reset instead of an orderly end.
        let reset = echo.websocket().await;
        reset.stream.set_zero_linger().expect("an option");
        drop(reset);
        assert_eq!(echo.reason().await, CloseReason::TransportClose);
    });
}

/// Rows: TRN-07, DIS-09
#[test]
fn a_ping_packet_of_the_client_ends_the_session() {
    run(async {
        let mut echo = echo();
        let mut socket = echo.websocket().await;
        socket.text("2").await;
        socket.closed().await;
        assert_eq!(echo.reason().await, CloseReason::TransportError);
    });
}

/// Rows: TRN-18, DIS-08
#[test]
fn a_close_packet_of_the_client_ends_the_session_at_once() {
    run(async {
        let mut echo = echo();
        let mut socket = echo.websocket().await;
        socket.text("1").await;
        socket.closed().await;
        assert_eq!(echo.reason().await, CloseReason::TransportClose);
    });
}

/// Rows: HND-22, DIS-10
#[test]
fn a_text_that_is_no_packet_ends_the_session() {
    run(async {
        let mut echo = echo();
        for text in ["abc", "7", "", "\u{20ac}"] {
            let mut socket = echo.websocket().await;
            socket.text(text).await;
            socket.closed().await;
            assert_eq!(echo.reason().await, CloseReason::ParseError, "{text:?}");
        }
    });
}

/// Rows: HND-26, TRN-17
#[test]
fn a_second_websocket_of_a_session_is_closed_and_the_first_goes_on() {
    run(async {
        let echo = echo();
        // One that began with a WebSocket.
        let mut first = WebSocket::connect(echo.server.addr, &url("websocket")).await;
        let open = first.next_text().await;
        let sid = open[9..29].to_owned();
        for _ in 0..4 {
            let mut second =
                WebSocket::connect(echo.server.addr, &format!("{}&sid={sid}", url("websocket"))).await;
            assert_eq!(second.closed().await, None);
        }
        carries(&mut first).await;
        // One that is upgrading, and then one that has been upgraded.
        let polling = echo.polling().await;
        let mut first = polling.probe().await;
        for _ in 0..4 {
            assert_eq!(echo.second(&polling).await.closed().await, None);
        }
        first.text("5").await;
        carries(&mut first).await;
        for _ in 0..4 {
            assert_eq!(echo.second(&polling).await.closed().await, None);
        }
        carries(&mut first).await;
    });
}

/// Rows: TRN-21, DIS-11, EAP-12
#[test]
fn a_session_that_the_server_closes_takes_what_was_sent_before() {
    run(async {
        let mut echo = echo();
        let mut socket = echo.websocket().await;
        let session = echo.session().await;
        for n in 0..100 {
            session.send(n.to_string());
        }
        session.close();
        session.send("too late");
        for n in 0..100 {
            assert_eq!(socket.next_text().await, format!("4{n}"));
        }
        assert_eq!(socket.next().await, Frame::Close(None));
        assert_eq!(socket.next().await, Frame::End);
        assert_eq!(echo.reason().await, CloseReason::ForcedClose);
    });
}
