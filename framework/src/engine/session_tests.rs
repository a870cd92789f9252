use super::*;

const TIMING: Timing = Timing {
    ping_interval: Duration::from_millis(300),
    ping_timeout: Duration::from_millis(200),
    upgrade_timeout: Duration::from_secs(10),
};

fn session(via: TransportKind) -> (Session, Instant) {
    let now = Instant::now();
    (Session::open(via, TIMING, now), now)
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn probe() -> Packet {
    Packet::Ping("probe".into())
}

#[test]
fn a_silent_client_times_out_counted_from_the_handshake() {
    let (mut s, t) = session(TransportKind::Polling);
    assert_eq!(s.due(t + ms(299), true), Due::Nothing);
    // The timer fires late; the deadline does not move with it.
    assert_eq!(s.due(t + ms(340), true), Due::Ping);
    assert_eq!(s.deadline(), Some(t + ms(500)));
    assert_eq!(s.due(t + ms(499), true), Due::Nothing);
    assert_eq!(s.due(t + ms(500), true), Due::Close(CloseReason::PingTimeout));
}

#[test]
fn a_pong_starts_the_next_interval() {
    let (mut s, t) = session(TransportKind::WebSocket);
    assert_eq!(s.due(t + ms(300), true), Due::Ping);
    assert!(matches!(s.packet(Packet::Pong("".into()), t + ms(350)), Verdict::Ignore));
    assert_eq!(s.deadline(), Some(t + ms(650)));
}

#[test]
fn silence_proves_nothing_while_the_client_is_not_read() {
    let (mut s, t) = session(TransportKind::WebSocket);
    s.due(t + ms(300), true);
    assert_eq!(s.due(t + ms(500), false), Due::Nothing);
    assert_eq!(s.due(t + ms(700), true), Due::Close(CloseReason::PingTimeout));
}

#[test]
fn a_process_that_was_stopped_pings_once_more_before_it_gives_up() {
    let (mut s, t) = session(TransportKind::WebSocket);
    let later = t + Duration::from_secs(60);
    assert_eq!(s.due(later, true), Due::Ping);
    assert_eq!(s.deadline(), Some(later + ms(200)));
}

#[test]
fn a_ping_from_the_client_is_a_transport_error() {
    let (mut s, t) = session(TransportKind::WebSocket);
    assert!(matches!(s.packet(Packet::Ping("".into()), t), Verdict::Close(CloseReason::TransportError)));
}

#[test]
fn open_noop_and_upgrade_on_the_main_transport_are_ignored() {
    let (mut s, t) = session(TransportKind::WebSocket);
    for packet in [Packet::Open("".into()), Packet::Noop, Packet::Upgrade] {
        assert!(matches!(s.packet(packet, t), Verdict::Ignore));
    }
}

#[test]
fn polls_and_posts_must_not_overlap() {
    let (mut s, t) = session(TransportKind::Polling);
    assert_eq!(s.poll_begins(t), Ok(()));
    assert_eq!(s.post_begins(t), Ok(()));
    assert_eq!(s.poll_begins(t), Err(Misuse::Overlap));
    assert_eq!(s.post_begins(t), Err(Misuse::Overlap));
    s.poll_ends();
    s.post_ends();
    assert_eq!(s.poll_begins(t), Ok(()));
    assert_eq!(s.post_begins(t), Ok(()));
}

#[test]
fn an_upgrade_is_probed_then_switched() {
    let (mut s, t) = session(TransportKind::Polling);
    assert_eq!(s.probe_begins(t), Ok(()));
    assert_eq!(s.probe_packet(&probe(), t), ProbeVerdict::Answer);
    assert_eq!(s.probe_packet(&Packet::Upgrade, t), ProbeVerdict::Switch { refuses_poll: false });
    assert_eq!(s.transport(), Some(TransportKind::WebSocket));
    assert_eq!(s.poll_begins(t), Err(Misuse::WrongTransport));
    assert_eq!(s.probe_begins(t), Err(Misuse::WrongTransport));
}

/// A client that has joined: its CONNECT is answered.
fn joined() -> (Session, Instant) {
    let (mut s, t) = session(TransportKind::Polling);
    s.poll_begins(t).unwrap();
    s.post_begins(t).unwrap();
    s.post_ends();
    s.poll_ends();
    (s, t)
}

#[test]
fn a_poll_that_waits_during_an_upgrade_is_released() {
    let (mut s, t) = joined();
    s.poll_begins(t).unwrap();
    s.probe_begins(t).unwrap();
    s.probe_packet(&probe(), t);
    assert_eq!(s.deadline(), Some(t + ms(1)));
    assert_eq!(s.due(t, true), Due::Nothing);
    assert_eq!(s.due(t + ms(1), true), Due::ReleasePoll);
    s.poll_ends();
    assert_eq!(s.deadline(), Some(t + ms(300)), "without a poll there is nothing to release");
    s.poll_begins(t + ms(1)).unwrap();
    assert_eq!(s.due(t + ms(10), true), Due::Nothing, "it is not answered one poll after the other");
    assert_eq!(s.due(t + ms(11), true), Due::ReleasePoll);
}

#[test]
fn the_poll_of_a_client_that_joins_or_talks_waits_for_an_answer() {
    let (mut s, t) = session(TransportKind::Polling);
    s.poll_begins(t).unwrap();
    s.post_begins(t).unwrap();
    s.probe_begins(t).unwrap();
    s.probe_packet(&probe(), t);
    assert_eq!(s.deadline(), Some(t + ms(100)), "its CONNECT is not answered");
    let (mut s, t) = joined();
    s.poll_begins(t).unwrap();
    s.probe_begins(t).unwrap();
    s.probe_packet(&probe(), t);
    s.post_begins(t).unwrap();
    assert_eq!(s.deadline(), Some(t + ms(100)), "it has sent an event");
    assert_eq!(s.due(t + ms(100), true), Due::ReleasePoll);
}

#[test]
fn a_poll_that_comes_after_the_probes_answer_has_a_time_of_its_own_and_none_once_the_upgrade_packet_is_there()
{
    let (mut s, t) = joined();
    s.probe_begins(t).unwrap();
    s.probe_packet(&probe(), t);
    s.poll_begins(t + ms(100)).unwrap();
    assert_eq!(s.due(t + ms(109), true), Due::Nothing);
    assert_eq!(s.due(t + ms(110), true), Due::ReleasePoll);
    assert_eq!(s.probe_packet(&Packet::Upgrade, t + ms(110)), ProbeVerdict::Switch { refuses_poll: true });
}

#[test]
fn a_poll_that_waited_before_the_probe_is_answered_when_the_session_switches() {
    let (mut s, t) = session(TransportKind::Polling);
    s.poll_begins(t).unwrap();
    s.probe_begins(t).unwrap();
    s.probe_packet(&probe(), t);
    assert_eq!(s.probe_packet(&Packet::Upgrade, t), ProbeVerdict::Switch { refuses_poll: false });
    let (mut s, t) = session(TransportKind::Polling);
    s.probe_begins(t).unwrap();
    s.probe_packet(&probe(), t);
    s.poll_begins(t).unwrap();
    s.poll_ends();
    assert_eq!(s.probe_packet(&Packet::Upgrade, t), ProbeVerdict::Switch { refuses_poll: false });
}

#[test]
fn an_upgrade_without_its_probe_is_refused_and_polling_goes_on() {
    let (mut s, t) = session(TransportKind::Polling);
    s.probe_begins(t).unwrap();
    assert_eq!(s.probe_packet(&Packet::Upgrade, t), ProbeVerdict::Refuse);
    assert_eq!(s.transport(), Some(TransportKind::Polling));
    assert_eq!(s.probe_begins(t), Ok(()), "a later attempt is welcome");
}

#[test]
fn a_second_websocket_during_the_probe_is_refused() {
    let (mut s, t) = session(TransportKind::Polling);
    s.probe_begins(t).unwrap();
    assert_eq!(s.probe_begins(t), Err(Misuse::Overlap));
}

#[test]
fn an_unfinished_upgrade_is_dropped_in_time_and_the_session_lives() {
    let timing = Timing { ping_interval: Duration::from_secs(25), ..TIMING };
    let t = Instant::now();
    let mut s = Session::open(TransportKind::Polling, timing, t);
    s.probe_begins(t).unwrap();
    assert_eq!(s.deadline(), Some(t + TIMING.upgrade_timeout));
    assert_eq!(s.due(t + TIMING.upgrade_timeout, true), Due::DropProbe);
    assert!(!s.is_closed());
}

#[test]
fn a_session_ends_once() {
    let (mut s, t) = session(TransportKind::Polling);
    assert!(s.close());
    assert!(!s.close());
    assert_eq!(s.deadline(), None);
    assert_eq!(s.due(t + Duration::from_secs(99), true), Due::Nothing);
    assert_eq!(s.poll_begins(t), Err(Misuse::Unknown));
    assert!(matches!(s.packet(Packet::Message("x".into()), t), Verdict::Ignore));
}

/// Nothing may be taken for received that was sent behind the ping that was answered.
#[test]
fn a_pong_proves_what_was_sent_before_its_ping_and_one_that_may_be_anothers_proves_nothing() {
    let (mut s, t) = session(TransportKind::WebSocket);
    let pong = || Packet::Pong("".into());
    assert_eq!(s.heard(), t);
    s.packet(pong(), t + ms(100));
    assert_eq!(s.heard(), t, "nobody had asked");
    // The deadline counted from that pong.
    assert_eq!(s.due(t + ms(400), true), Due::Ping);
    s.packet(pong(), t + ms(450));
    assert!(s.heard() > t + ms(390) && s.heard() < t + ms(400), "a little before the ping left");
    let heard = s.heard();
    s.asks();
    assert_eq!(s.due(t + ms(750), true), Due::Ping);
    s.packet(pong(), t + ms(760));
    assert_eq!(s.heard(), heard, "the first of two pings is answered first");
}
