//! W5a, W5b, W5c: clients that connect and leave, one after the other in each of some slots.

use std::time::Instant;

use super::Target;
use super::session::{Progress, Session, packets};
use crate::client::{Client, Event, Id, Protocol, Scenario};
use crate::error::Error;
use crate::meter::{Figures, Meter};
use crate::workload::Way;

/// Tag of a connection whose client has left.
const LEFT: usize = usize::MAX;
/// After so many losses a slot stays empty: a server that refuses everything would be asked for ever.
const MOST_LOST: u64 = 100;
/// What an upgraded client sends to learn that the server listens to its WebSocket.
const ECHO: &[u8] = b"42[\"echo\",{\"n\":1,\"text\":\"u\"}]";

/// Where a client is on its way.
#[derive(Debug)]
enum Step {
    /// There is no answer yet.
    Begun,
    /// Over polling, its session is being opened.
    Opening(Session),
    /// Its session's WebSocket is being probed, while it polls for the last time.
    Probing { session: Session, probed: bool, drained: bool },
    /// It waits for the echo over its WebSocket.
    Upgraded,
}

#[derive(Debug)]
struct Slot {
    first: Id,
    /// The WebSocket beside the first connection.
    second: Option<Id>,
    step: Step,
    since: Instant,
}

struct Connect {
    meter: Meter,
    way: Way,
    slots: Vec<Slot>,
    /// Slots whose next client may begin.
    vacant: Vec<usize>,
    lost: u64,
}

pub(super) fn run(client: &mut Client, target: &Target, slots: usize, way: Way) -> Result<Figures, Error> {
    let meter = Meter::new(target.pid, target.timing)?;
    let mut connect = Connect { meter, way, slots: vec![], vacant: vec![], lost: 0 };
    for nth in 0..slots {
        let slot = connect.begin(client, nth)?;
        connect.slots.push(slot);
    }
    client.run(&mut connect)?;
    Ok(connect.meter.figures())
}

impl Connect {
    fn begin(&self, client: &mut Client, nth: usize) -> Result<Slot, Error> {
        let protocol = if self.way == Way::WebSocket { Protocol::WebSocket } else { Protocol::Http };
        let first = client.connect(protocol, nth)?;
        Ok(Slot { first, second: None, step: Step::Begun, since: Instant::now() })
    }

    /// It is connected: counts it, and lets it leave.
    fn done(&mut self, client: &mut Client, nth: usize, sid: Option<&str>) {
        let Slot { first, second, since, .. } = self.slots[nth];
        self.meter.operation();
        self.meter.latency(since);
        client.set_tag(first, LEFT);
        match (second, sid) {
            (Some(web_socket), _) => {
                client.abort(first);
                client.set_tag(web_socket, LEFT);
                client.close(web_socket);
            }
            (None, Some(sid)) => client.post(first, sid, b"1"),
            (None, None) => client.close(first),
        }
        self.vacant.push(nth);
    }

    fn connected(&mut self, client: &mut Client, id: Id, nth: usize) {
        match (client.protocol(id), &self.slots[nth].step) {
            (Protocol::WebSocket, Step::Probing { session, .. }) => client.upgrade(id, Some(&session.sid)),
            (Protocol::WebSocket, _) => client.upgrade(id, None),
            (Protocol::Http, _) => self.slots[nth].step = Step::Opening(Session::open(client, id)),
        }
    }

    fn packet(&mut self, client: &mut Client, id: Id, nth: usize, packet: &[u8]) {
        match (&mut self.slots[nth].step, packet) {
            (Step::Begun, [b'0', ..]) => client.send(id, b"40"),
            (Step::Begun, [b'4', b'0', ..]) => self.done(client, nth, None),
            (Step::Probing { probed, .. }, b"3probe") => {
                *probed = true;
                self.upgrade_when_ready(client, nth);
            }
            (Step::Upgraded, ECHO) => self.done(client, nth, None),
            _ => self.meter.unexpected(packet),
        }
    }

    /// An answer on the connection that polls.
    fn response(&mut self, client: &mut Client, id: Id, status: u16, body: &[u8]) -> Result<(), Error> {
        let nth = client.tag(id);
        let slot = &mut self.slots[nth];
        match &mut slot.step {
            Step::Opening(session) => match session.answered(client, id, status, body) {
                Progress::Underway => {}
                Progress::Unexpected => self.meter.unexpected(body),
                Progress::Connected if self.way == Way::Polling => {
                    let sid = std::mem::take(&mut session.sid);
                    self.done(client, nth, Some(&sid));
                }
                Progress::Connected => {
                    client.get(id, Some(&session.sid));
                    slot.second = Some(client.connect(Protocol::WebSocket, nth)?);
                    let session = session.clone();
                    slot.step = Step::Probing { session, probed: false, drained: false };
                }
            },
            // The server ends the last poll with a noop.
            Step::Probing { drained, .. } if packets(body).any(|packet| packet == b"6") => {
                *drained = true;
                self.upgrade_when_ready(client, nth);
            }
            Step::Probing { session, .. } if status == 200 => client.get(id, Some(&session.sid)),
            Step::Begun | Step::Probing { .. } | Step::Upgraded => self.meter.unexpected(body),
        }
        Ok(())
    }

    fn upgrade_when_ready(&mut self, client: &mut Client, nth: usize) {
        let slot = &mut self.slots[nth];
        if let (Some(id), Step::Probing { probed: true, drained: true, .. }) = (slot.second, &slot.step) {
            slot.step = Step::Upgraded;
            client.send(id, b"5");
            client.send(id, ECHO);
        }
    }

    /// The rest of a client that has left.
    fn left(&mut self, client: &mut Client, id: Id, event: &Event<'_>) {
        if let Event::Response(status, body) = event {
            if (*status, *body) != (200, b"ok") {
                self.meter.unexpected(body);
            }
            client.abort(id);
        }
    }

    fn lost(&mut self, client: &mut Client, nth: usize) {
        self.meter.lost();
        self.lost += 1;
        let Slot { first, second, .. } = self.slots[nth];
        for id in [Some(first), second].into_iter().flatten() {
            client.set_tag(id, LEFT);
            client.abort(id);
        }
        if self.lost < MOST_LOST {
            self.vacant.push(nth);
        }
    }
}

impl Scenario for Connect {
    fn turn(&mut self, client: &mut Client) -> Result<Option<Instant>, Error> {
        while let Some(nth) = self.vacant.pop() {
            self.slots[nth] = self.begin(client, nth)?;
        }
        self.meter.turn()
    }

    fn event(&mut self, client: &mut Client, id: Id, event: Event<'_>) -> Result<(), Error> {
        let nth = client.tag(id);
        if nth == LEFT {
            self.left(client, id, &event);
            return Ok(());
        }
        match event {
            Event::Connected => self.connected(client, id, nth),
            Event::Upgraded if self.way == Way::Upgrade => client.send(id, b"2probe"),
            Event::Upgraded => {}
            Event::Packet(packet) => self.packet(client, id, nth, packet),
            Event::Response(status, body) => self.response(client, id, status, body)?,
            Event::Closed => self.lost(client, nth),
        }
        Ok(())
    }

    fn finished(&self) -> bool {
        self.meter.is_finished()
    }
}
