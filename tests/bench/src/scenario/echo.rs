//! W1, W1k, W1u, W2: what a client sends comes back, as an event or as an acknowledgement.

use std::collections::VecDeque;
use std::time::Instant;

use super::{TEXT, Target, per_connection, setup, upgraded};
use crate::client::{Client, Event, Id, Message, Scenario, number, put_number};
use crate::error::Error;
use crate::meter::{Figures, Meter};
use crate::workload::Way;

/// One connection's events that are under way, in the order they were sent.
type Outstanding = VecDeque<(u64, Instant)>;

struct Echo {
    meter: Meter,
    message: Message,
    acknowledged: bool,
    next: u64,
    outstanding: Vec<Outstanding>,
    start: Vec<u8>,
}

pub(super) fn run(
    client: &mut Client,
    target: &Target,
    connections: usize,
    outstanding: usize,
    acknowledged: bool,
    way: Way,
) -> Result<Figures, Error> {
    let before = target.resident()?;
    let ids = match way {
        Way::WebSocket => setup::connect(client, connections)?,
        Way::Upgrade | Way::Polling => upgraded::connect(client, connections)?,
    };
    let last = ids.iter().max().map_or(0, |last| last + 1);
    let mut echo = Echo {
        meter: Meter::new(target.pid, target.timing)?,
        message: Message::new(TEXT),
        acknowledged,
        next: 0,
        outstanding: vec![Outstanding::with_capacity(outstanding); last],
        start: vec![],
    };
    for _ in 0..outstanding {
        for id in &ids {
            echo.send(client, *id);
        }
    }
    client.run(&mut echo)?;
    let rss_per_connection = per_connection(before, target.resident()?, connections);
    Ok(Figures { rss_per_connection, ..echo.meter.figures() })
}

impl Echo {
    fn send(&mut self, client: &mut Client, id: Id) {
        let n = self.next;
        self.next += 1;
        self.outstanding[id].push_back((n, Instant::now()));
        if self.acknowledged {
            self.start.clear();
            self.start.extend_from_slice(b"42");
            put_number(&mut self.start, n);
            self.start.extend_from_slice(b"[\"ack\",");
            client.send(id, self.message.write(&self.start, n));
        } else {
            client.send(id, self.message.write(b"42[\"echo\",", n));
        }
    }

    fn read(&self, packet: &[u8]) -> Option<u64> {
        if !self.acknowledged {
            return self.message.read(b"42[\"echo\",", packet);
        }
        let n = self.message.read(b"43", packet)?;
        // The acknowledgement's id is the number that was sent.
        (number(&packet[2..]) == Some(n)).then_some(n)
    }

    /// When `n` was sent. Whatever is not the first of what is outstanding was overtaken by, or has overtaken, another.
    fn take(&mut self, id: Id, n: u64) -> Option<Instant> {
        let outstanding = &mut self.outstanding[id];
        let at = outstanding.iter().position(|(sent, _)| *sent == n)?;
        if at > 0 {
            self.meter.reordered();
        }
        outstanding.remove(at).map(|(_, since)| since)
    }
}

impl Scenario for Echo {
    fn turn(&mut self, _client: &mut Client) -> Result<Option<Instant>, Error> {
        self.meter.turn()
    }

    fn event(&mut self, client: &mut Client, id: Id, event: Event<'_>) -> Result<(), Error> {
        match event {
            Event::Packet(packet) => match self.read(packet).and_then(|n| self.take(id, n)) {
                Some(since) => {
                    self.meter.operation();
                    self.meter.latency(since);
                    self.send(client, id);
                }
                None => self.meter.unexpected(packet),
            },
            Event::Closed => self.meter.lost(),
            Event::Connected | Event::Upgraded | Event::Response(..) => {}
        }
        Ok(())
    }

    fn finished(&self) -> bool {
        self.meter.is_finished()
    }
}
