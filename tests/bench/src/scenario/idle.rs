//! W4, W4b: connections that do nothing, at once or after one large message each.

use std::time::{Duration, Instant};

use super::{Target, per_connection, setup};
use crate::client::{Client, Event, Id, Message, Scenario};
use crate::error::Error;
use crate::meter::{Figures, Meter, Timing};

/// After which a server has done what it does for a new connection.
const SETTLED: Duration = Duration::from_secs(5);
/// Longer than the ping interval of 25 s: one heartbeat of every connection, at least.
const HEARTBEATS: Duration = Duration::from_secs(30);
/// How long after the burst memory is read.
const AFTER_BURST: Duration = Duration::from_secs(30);
/// Large messages that are under way at once.
const AT_ONCE: usize = 64;

/// Memory after connections have come and gone, for a server sets some up with its first ones.
fn resident_when_warm(client: &mut Client, target: &Target) -> Result<u64, Error> {
    for id in setup::connect(client, 50)? {
        client.close(id);
    }
    setup::idle(client, Duration::from_millis(1500))?;
    target.resident()
}

pub(super) fn heartbeats(client: &mut Client, target: &Target, connections: usize) -> Result<Figures, Error> {
    let before = resident_when_warm(client, target)?;
    setup::connect(client, connections)?;
    let timing = Timing { warm_up: SETTLED, duration: HEARTBEATS };
    let mut heartbeats = Heartbeats { meter: Meter::new(target.pid, timing)?, counted: client.heartbeats };
    client.run(&mut heartbeats)?;
    let rss_per_connection = per_connection(before, target.resident()?, connections);
    Ok(Figures { rss_per_connection, ..heartbeats.meter.figures() })
}

struct Heartbeats {
    meter: Meter,
    counted: u64,
}

impl Scenario for Heartbeats {
    fn turn(&mut self, client: &mut Client) -> Result<Option<Instant>, Error> {
        self.meter.operations(client.heartbeats - self.counted);
        self.counted = client.heartbeats;
        self.meter.turn()
    }

    fn event(&mut self, _client: &mut Client, _id: Id, event: Event<'_>) -> Result<(), Error> {
        if let Event::Closed = event {
            self.meter.lost();
        }
        Ok(())
    }

    fn finished(&self) -> bool {
        self.meter.is_finished()
    }
}

pub(super) fn after_burst(
    client: &mut Client,
    target: &Target,
    connections: usize,
    text: usize,
) -> Result<Figures, Error> {
    let before = resident_when_warm(client, target)?;
    let ids = setup::connect(client, connections)?;
    setup::idle(client, SETTLED)?;
    // It ends with the last echo; the duration is for a server that never sends it.
    let timing = Timing { warm_up: Duration::ZERO, duration: Duration::from_secs(60) };
    let mut burst = Burst {
        meter: Meter::new(target.pid, timing)?,
        message: Message::new(text),
        missing: ids.len(),
        waiting: ids,
        under_way: 0,
    };
    client.run(&mut burst)?;
    let mut figures = burst.meter.figures();
    figures.errors += burst.missing as u64 + setup::idle(client, AFTER_BURST)?;
    figures.rss_per_connection = per_connection(before, target.resident()?, connections);
    Ok(figures)
}

struct Burst {
    meter: Meter,
    message: Message,
    waiting: Vec<Id>,
    under_way: usize,
    missing: usize,
}

impl Scenario for Burst {
    fn turn(&mut self, client: &mut Client) -> Result<Option<Instant>, Error> {
        let end = self.meter.turn()?;
        while self.under_way < AT_ONCE
            && let Some(id) = self.waiting.pop()
        {
            self.under_way += 1;
            client.send(id, self.message.write(b"42[\"echo\",", id as u64));
        }
        Ok(end)
    }

    fn event(&mut self, _client: &mut Client, id: Id, event: Event<'_>) -> Result<(), Error> {
        match event {
            Event::Packet(packet) if self.message.read(b"42[\"echo\",", packet) == Some(id as u64) => {
                self.meter.operation();
                self.under_way -= 1;
                self.missing -= 1;
                if self.missing == 0 {
                    self.meter.end();
                }
            }
            Event::Packet(packet) => self.meter.unexpected(packet),
            Event::Closed => self.meter.lost(),
            Event::Connected | Event::Upgraded | Event::Response(..) => {}
        }
        Ok(())
    }

    fn finished(&self) -> bool {
        self.meter.is_finished()
    }
}
