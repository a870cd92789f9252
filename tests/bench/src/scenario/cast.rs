//! W3, W3m, W7: broadcasts, each sender's next one when every member has had the last one.

use std::collections::HashMap;
use std::time::Instant;

use super::{TEXT, Target, per_connection, setup};
use crate::client::{Client, Event, Id, Message, Scenario};
use crate::error::Error;
use crate::meter::{Figures, Meter};

pub(super) const CAST: &[u8] = b"42[\"cast\",";

/// A member that sends.
#[derive(Debug, Clone)]
struct Sender {
    id: Id,
    /// Its packets up to the payload.
    start: Vec<u8>,
    members: usize,
    sent: u64,
    /// Members that have not had the last one.
    missing: usize,
    since: Instant,
}

struct Cast {
    meter: Meter,
    message: Message,
    senders: Vec<Sender>,
}

/// One room; the first members send.
pub(super) fn one_room(
    client: &mut Client,
    target: &Target,
    members: usize,
    senders: usize,
) -> Result<Figures, Error> {
    run(client, target, members, members, senders)
}

/// Many rooms; everybody sends.
pub(super) fn many_rooms(
    client: &mut Client,
    target: &Target,
    connections: usize,
    members: usize,
) -> Result<Figures, Error> {
    run(client, target, connections, members, connections)
}

/// Opens so many connections and shares them out among rooms of so many members, or one more where the division has a
/// rest.
pub(super) fn rooms(
    client: &mut Client,
    connections: usize,
    members: usize,
) -> Result<Vec<(Id, String)>, Error> {
    let rooms = (connections / members).max(1);
    let ids = setup::connect(client, connections)?;
    let members: Vec<_> =
        ids.iter().enumerate().map(|(nth, id)| (*id, format!("room{}", nth % rooms))).collect();
    setup::join(client, &members)?;
    Ok(members)
}

/// A cast up to its payload.
pub(super) fn start_of(room: &str) -> Vec<u8> {
    format!("42[\"cast\",\"{room}\",").into_bytes()
}

fn run(
    client: &mut Client,
    target: &Target,
    connections: usize,
    members: usize,
    senders: usize,
) -> Result<Figures, Error> {
    let before = target.resident()?;
    let all = rooms(client, connections, members)?;
    let mut sizes = HashMap::new();
    for (_, room) in &all {
        *sizes.entry(room).or_insert(0) += 1;
    }
    let senders = all.iter().take(senders).map(|(id, room)| Sender {
        id: *id,
        start: start_of(room),
        members: sizes[room],
        sent: 0,
        missing: 0,
        since: Instant::now(),
    });
    let senders = senders.collect();
    let mut cast =
        Cast { meter: Meter::new(target.pid, target.timing)?, message: Message::new(TEXT), senders };
    for nth in 0..cast.senders.len() {
        cast.send(client, nth);
    }
    client.run(&mut cast)?;
    let rss_per_connection = per_connection(before, target.resident()?, connections);
    Ok(Figures { rss_per_connection, ..cast.meter.figures() })
}

impl Cast {
    /// The payload's number tells the sender and which of its casts it is.
    fn send(&mut self, client: &mut Client, nth: usize) {
        let count = self.senders.len() as u64;
        let sender = &mut self.senders[nth];
        sender.missing = sender.members;
        sender.since = Instant::now();
        let n = sender.sent * count + nth as u64;
        client.send(sender.id, self.message.write(&sender.start, n));
    }

    /// The sender whose last cast this is.
    fn sender(&self, packet: &[u8]) -> Option<usize> {
        let n = self.message.read(CAST, packet)?;
        let count = self.senders.len() as u64;
        let nth = (n % count) as usize;
        (self.senders[nth].sent == n / count).then_some(nth)
    }

    fn delivered(&mut self, client: &mut Client, nth: usize) {
        self.meter.operation();
        let sender = &mut self.senders[nth];
        sender.missing -= 1;
        if sender.missing == 0 {
            sender.sent += 1;
            self.meter.latency(sender.since);
            self.send(client, nth);
        }
    }
}

impl Scenario for Cast {
    fn turn(&mut self, _client: &mut Client) -> Result<Option<Instant>, Error> {
        self.meter.turn()
    }

    fn event(&mut self, client: &mut Client, _id: Id, event: Event<'_>) -> Result<(), Error> {
        match event {
            Event::Packet(packet) => match self.sender(packet) {
                Some(nth) => self.delivered(client, nth),
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
