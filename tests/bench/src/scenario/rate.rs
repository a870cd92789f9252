//! W7o: broadcasts at a fixed rate, whether or not the last ones have arrived. A latency begins when its cast was due,
//! so that a server that stalls cannot hide it by being asked less.

use std::time::{Duration, Instant};

use super::cast::{CAST, rooms, start_of};
use super::{TEXT, Target, per_connection};
use crate::client::{Client, Event, Id, Message, Scenario};
use crate::error::Error;
use crate::meter::{Figures, Meter};

/// Casts under way whose time is known: half a million per second for two seconds.
const KNOWN: usize = 1 << 20;

/// A step through the senders that no count of them divides, for neighbours in time are then of different rooms.
const STEP: u64 = 7919;

struct Rate {
    meter: Meter,
    message: Message,
    senders: Vec<(Id, Vec<u8>)>,
    began: Instant,
    gap: f64,
    next: u64,
    due: Vec<Instant>,
}

pub(super) fn run(
    client: &mut Client,
    target: &Target,
    connections: usize,
    members: usize,
    per_second: f64,
) -> Result<Figures, Error> {
    let before = target.resident()?;
    let members = rooms(client, connections, members)?;
    let began = Instant::now();
    let mut rate = Rate {
        meter: Meter::new(target.pid, target.timing)?,
        message: Message::new(TEXT),
        senders: members.iter().map(|(id, room)| (*id, start_of(room))).collect(),
        began,
        gap: 1.0 / per_second,
        next: 0,
        due: vec![began; KNOWN],
    };
    client.run(&mut rate)?;
    let rss_per_connection = per_connection(before, target.resident()?, connections);
    Ok(Figures { rss_per_connection, ..rate.meter.figures() })
}

impl Rate {
    fn due(&self) -> Instant {
        self.began + Duration::from_secs_f64(self.gap * self.next as f64)
    }

    fn send(&mut self, client: &mut Client, due: Instant) {
        let n = self.next;
        self.next += 1;
        let nth = (n * STEP % self.senders.len() as u64) as usize;
        self.due[n as usize % KNOWN] = due;
        let (id, start) = &self.senders[nth];
        client.send(*id, self.message.write(start, n));
    }
}

impl Scenario for Rate {
    fn turn(&mut self, client: &mut Client) -> Result<Option<Instant>, Error> {
        let end = self.meter.turn()?;
        let now = Instant::now();
        let mut due = self.due();
        while due <= now {
            self.send(client, due);
            due = self.due();
        }
        Ok(end.map(|end| end.min(due)))
    }

    fn event(&mut self, _client: &mut Client, _id: Id, event: Event<'_>) -> Result<(), Error> {
        match event {
            Event::Packet(packet) => match self.message.read(CAST, packet) {
                Some(n) => {
                    self.meter.operation();
                    self.meter.latency(self.due[n as usize % KNOWN]);
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
