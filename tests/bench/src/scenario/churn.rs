//! W8: each client joins a room and leaves it again.

use std::time::Instant;

use super::{Target, per_connection, setup};
use crate::client::{Client, Event, Id, Scenario};
use crate::error::Error;
use crate::meter::{Figures, Meter};

/// A client's two packets, and where it is between them.
#[derive(Debug, Clone)]
struct Guest {
    join: Vec<u8>,
    leave: Vec<u8>,
    inside: bool,
    since: Instant,
}

impl Guest {
    fn of(room: usize) -> Self {
        let packet = |verb| format!("427[\"{verb}\",\"room{room}\"]").into_bytes();
        Self { join: packet("join"), leave: packet("leave"), inside: false, since: Instant::now() }
    }
}

struct Churn {
    meter: Meter,
    guests: Vec<Guest>,
}

pub(super) fn run(
    client: &mut Client,
    target: &Target,
    connections: usize,
    rooms: usize,
) -> Result<Figures, Error> {
    let before = target.resident()?;
    let ids = setup::connect(client, connections)?;
    let last = ids.iter().max().map_or(0, |last| last + 1);
    let guests = (0..last).map(|id| Guest::of(id % rooms)).collect();
    let mut churn = Churn { meter: Meter::new(target.pid, target.timing)?, guests };
    for id in ids {
        client.send(id, &churn.guests[id].join);
    }
    client.run(&mut churn)?;
    let rss_per_connection = per_connection(before, target.resident()?, connections);
    Ok(Figures { rss_per_connection, ..churn.meter.figures() })
}

impl Churn {
    fn acknowledged(&mut self, client: &mut Client, id: Id) {
        let guest = &mut self.guests[id];
        guest.inside = !guest.inside;
        if guest.inside {
            return client.send(id, &guest.leave);
        }
        self.meter.operation();
        self.meter.latency(guest.since);
        guest.since = Instant::now();
        client.send(id, &guest.join);
    }
}

impl Scenario for Churn {
    fn turn(&mut self, _client: &mut Client) -> Result<Option<Instant>, Error> {
        self.meter.turn()
    }

    fn event(&mut self, client: &mut Client, id: Id, event: Event<'_>) -> Result<(), Error> {
        match event {
            Event::Packet(packet) if packet.starts_with(b"437[") => self.acknowledged(client, id),
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
