//! What comes before measuring: connections, rooms, waiting.

use std::time::{Duration, Instant};

use crate::client::{Client, Event, Id, Protocol, Scenario};
use crate::error::Error;

/// Connections that are being opened at once: fewer than any server's backlog.
pub(super) const AT_ONCE: usize = 64;
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Opens WebSockets and connects each to the namespace `/`.
pub(super) fn connect(client: &mut Client, count: usize) -> Result<Vec<Id>, Error> {
    let mut scenario =
        Connect { wanted: count, opened: 0, failed: 0, connected: vec![], began: Instant::now() };
    client.run(&mut scenario)?;
    check("connections are open", scenario.connected.len(), count)?;
    Ok(scenario.connected)
}

struct Connect {
    wanted: usize,
    opened: usize,
    failed: usize,
    connected: Vec<Id>,
    began: Instant,
}

impl Scenario for Connect {
    fn turn(&mut self, client: &mut Client) -> Result<Option<Instant>, Error> {
        while self.opened < self.wanted.min(self.connected.len() + self.failed + AT_ONCE) {
            client.connect(Protocol::WebSocket, 0)?;
            self.opened += 1;
        }
        Ok(None)
    }

    fn event(&mut self, client: &mut Client, id: Id, event: Event<'_>) -> Result<(), Error> {
        match event {
            Event::Connected => client.upgrade(id, None),
            Event::Packet([b'0', ..]) => client.send(id, b"40"),
            Event::Packet([b'4', b'0', ..]) => self.connected.push(id),
            Event::Closed => self.failed += 1,
            Event::Upgraded | Event::Packet(_) | Event::Response(..) => {}
        }
        Ok(())
    }

    fn finished(&self) -> bool {
        self.connected.len() + self.failed >= self.wanted || self.began.elapsed() > PATIENCE
    }
}

/// Joins each connection to the room beside it.
pub(super) fn join(client: &mut Client, members: &[(Id, String)]) -> Result<(), Error> {
    for (id, room) in members {
        client.send(*id, format!("421[\"join\",\"{room}\"]").as_bytes());
    }
    let mut scenario = Join { wanted: members.len(), joined: 0, began: Instant::now() };
    client.run(&mut scenario)?;
    check("rooms are joined", scenario.joined, members.len())
}

struct Join {
    wanted: usize,
    joined: usize,
    began: Instant,
}

impl Scenario for Join {
    fn event(&mut self, _client: &mut Client, _id: Id, event: Event<'_>) -> Result<(), Error> {
        if let Event::Packet(packet) = event {
            self.joined += usize::from(packet.starts_with(b"431["));
        }
        Ok(())
    }

    fn finished(&self) -> bool {
        self.joined >= self.wanted || self.began.elapsed() > PATIENCE
    }
}

pub(super) fn check(what: &'static str, done: usize, wanted: usize) -> Result<(), Error> {
    if done < wanted {
        return Err(Error::Setup { what, done, wanted, seconds: PATIENCE.as_secs() });
    }
    Ok(())
}

/// Answers heartbeats for a while; how many connections were lost meanwhile.
pub(super) fn idle(client: &mut Client, time: Duration) -> Result<u64, Error> {
    let mut scenario = Idle { until: Instant::now() + time, lost: 0 };
    client.run(&mut scenario)?;
    Ok(scenario.lost)
}

struct Idle {
    until: Instant,
    lost: u64,
}

impl Scenario for Idle {
    fn turn(&mut self, _client: &mut Client) -> Result<Option<Instant>, Error> {
        Ok(Some(self.until))
    }

    fn event(&mut self, _client: &mut Client, _id: Id, event: Event<'_>) -> Result<(), Error> {
        self.lost += u64::from(matches!(event, Event::Closed));
        Ok(())
    }

    fn finished(&self) -> bool {
        Instant::now() >= self.until
    }
}
