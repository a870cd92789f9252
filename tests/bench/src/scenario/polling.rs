//! W6: echo over polling. A session has two HTTP connections: one polls, the other posts.

use std::time::Instant;

use super::session::{Session, packets};
use super::{TEXT, Target, per_connection, sessions};
use crate::client::{Client, Event, Id, Message, Scenario};
use crate::error::Error;
use crate::meter::{Figures, Meter};

#[derive(Debug)]
struct Echoing {
    session: Session,
    polls: Id,
    posts: Id,
    n: u64,
    since: Instant,
    posted: bool,
    echoed: bool,
}

struct Polling {
    meter: Meter,
    message: Message,
    /// By the tags of their connections.
    sessions: Vec<Echoing>,
}

pub(super) fn run(client: &mut Client, target: &Target, count: usize) -> Result<Figures, Error> {
    let before = target.resident()?;
    let echoing = |opened: sessions::Opened| {
        let sessions::Opened { session, first, second } = opened;
        Echoing {
            session,
            polls: first,
            posts: second,
            n: 0,
            since: Instant::now(),
            posted: true,
            echoed: true,
        }
    };
    let sessions = sessions::open(client, count)?.into_iter().map(echoing).collect();
    let meter = Meter::new(target.pid, target.timing)?;
    let mut polling = Polling { meter, message: Message::new(TEXT), sessions };
    for echoing in &mut polling.sessions {
        client.get(echoing.polls, Some(&echoing.session.sid));
        echoing.send(client, &mut polling.message);
    }
    client.run(&mut polling)?;
    let rss_per_connection = per_connection(before, target.resident()?, count);
    Ok(Figures { rss_per_connection, ..polling.meter.figures() })
}

impl Echoing {
    /// Posts the next event, and before it the answer to a heartbeat.
    fn send(&mut self, client: &mut Client, message: &mut Message) {
        self.n += 1;
        (self.posted, self.echoed) = (false, false);
        self.since = Instant::now();
        let event = message.write(b"42[\"echo\",", self.n);
        if std::mem::take(&mut self.session.pinged) {
            let body = [b"3\x1e", event].concat();
            return client.post(self.posts, &self.session.sid, &body);
        }
        client.post(self.posts, &self.session.sid, event);
    }

    fn posted(&mut self, body: &[u8], meter: &mut Meter) {
        if body != b"ok" {
            meter.unexpected(body);
        }
        self.posted = true;
    }

    fn polled(&mut self, client: &mut Client, body: &[u8], message: &Message, meter: &mut Meter) {
        client.get(self.polls, Some(&self.session.sid));
        for packet in packets(body) {
            if packet == b"2" {
                self.session.pinged = true;
            } else if !self.echoed && message.read(b"42[\"echo\",", packet) == Some(self.n) {
                self.echoed = true;
                meter.operation();
                meter.latency(self.since);
            } else {
                meter.unexpected(packet);
            }
        }
    }
}

impl Scenario for Polling {
    fn turn(&mut self, _client: &mut Client) -> Result<Option<Instant>, Error> {
        self.meter.turn()
    }

    fn event(&mut self, client: &mut Client, id: Id, event: Event<'_>) -> Result<(), Error> {
        let echoing = &mut self.sessions[client.tag(id)];
        match event {
            Event::Response(200, body) if id == echoing.posts => echoing.posted(body, &mut self.meter),
            Event::Response(200, body) => echoing.polled(client, body, &self.message, &mut self.meter),
            Event::Response(_, body) => self.meter.unexpected(body),
            Event::Closed => self.meter.lost(),
            Event::Connected | Event::Upgraded | Event::Packet(_) => {}
        }
        if echoing.posted && echoing.echoed {
            echoing.send(client, &mut self.message);
        }
        Ok(())
    }

    fn finished(&self) -> bool {
        self.meter.is_finished()
    }
}
