//! W6: echo over polling. A session has two HTTP connections: one polls, the other posts.

use std::time::Instant;

use super::session::{Progress, Session, packets};
use super::{TEXT, Target, per_connection};
use crate::client::{Client, Event, Id, Message, Protocol, Scenario};
use crate::error::Error;
use crate::meter::{Figures, Meter};

#[derive(Debug, Default)]
enum State {
    #[default]
    Connecting,
    Opening(Session),
    /// The session is there; the second connection is not.
    Waiting(Session),
    Open(Echoing),
}

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
    states: Vec<State>,
    /// The connections that poll.
    polls: Vec<Id>,
}

pub(super) fn run(client: &mut Client, target: &Target, sessions: usize) -> Result<Figures, Error> {
    let before = target.resident()?;
    let polls = (0..sessions).map(|nth| client.connect(Protocol::Http, nth)).collect::<Result<_, _>>()?;
    let states = (0..sessions).map(|_| State::Connecting).collect();
    let meter = Meter::new(target.pid, target.timing)?;
    let mut polling = Polling { meter, message: Message::new(TEXT), states, polls };
    client.run(&mut polling)?;
    let rss_per_connection = per_connection(before, target.resident()?, sessions);
    Ok(Figures { rss_per_connection, ..polling.meter.figures() })
}

impl Polling {
    fn connected(&mut self, client: &mut Client, id: Id) {
        let nth = client.tag(id);
        let polls = self.polls[nth];
        let state = std::mem::take(&mut self.states[nth]);
        self.states[nth] = match state {
            State::Waiting(session) => {
                client.get(polls, Some(&session.sid));
                let since = Instant::now();
                let mut echoing =
                    Echoing { session, polls, posts: id, n: 0, since, posted: true, echoed: true };
                echoing.send(client, &mut self.message);
                State::Open(echoing)
            }
            State::Connecting => State::Opening(Session::open(client, id)),
            State::Opening(_) | State::Open(_) => state,
        };
    }

    fn response(&mut self, client: &mut Client, id: Id, status: u16, body: &[u8]) -> Result<(), Error> {
        let nth = client.tag(id);
        let state = std::mem::take(&mut self.states[nth]);
        self.states[nth] = match state {
            State::Opening(mut session) => match session.answered(client, id, status, body) {
                Progress::Connected => {
                    client.connect(Protocol::Http, nth)?;
                    State::Waiting(session)
                }
                Progress::Underway => State::Opening(session),
                Progress::Unexpected => {
                    self.meter.unexpected(body);
                    State::Opening(session)
                }
            },
            State::Open(mut echoing) => {
                if status != 200 {
                    self.meter.unexpected(body);
                } else if id == echoing.posts {
                    echoing.posted(body, &mut self.meter);
                } else {
                    echoing.polled(client, body, &self.message, &mut self.meter);
                }
                if echoing.posted && echoing.echoed {
                    echoing.send(client, &mut self.message);
                }
                State::Open(echoing)
            }
            State::Connecting | State::Waiting(_) => state,
        };
        Ok(())
    }
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
        match event {
            Event::Connected => self.connected(client, id),
            Event::Response(status, body) => self.response(client, id, status, body)?,
            Event::Closed => self.meter.lost(),
            Event::Upgraded | Event::Packet(_) => {}
        }
        Ok(())
    }

    fn finished(&self) -> bool {
        self.meter.is_finished()
    }
}
