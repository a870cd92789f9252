//! WebSockets that took a session over from polling, as most clients' do: with several workers, half of them are served by
//! another worker than the session.

use std::time::Instant;

use super::session::{Progress, Session, packets};
use super::setup::{AT_ONCE, PATIENCE, check};
use crate::client::{Client, Event, Id, Protocol, Scenario};
use crate::error::Error;

/// Tag of a connection that has polled for the last time.
const OVER: usize = usize::MAX;

/// A session on its way; its place is the tag of its connections.
struct Upgrading {
    polls: Id,
    session: Option<Session>,
    web_socket: Option<Id>,
    probed: bool,
    drained: bool,
}

struct Upgrade {
    wanted: usize,
    under_way: Vec<Upgrading>,
    upgraded: Vec<Id>,
    failed: usize,
    began: Instant,
}

/// Opens sessions by polling, connects each to the namespace `/`, and moves it to a WebSocket.
pub(super) fn connect(client: &mut Client, count: usize) -> Result<Vec<Id>, Error> {
    let mut scenario =
        Upgrade { wanted: count, under_way: vec![], upgraded: vec![], failed: 0, began: Instant::now() };
    client.run(&mut scenario)?;
    check("sessions are upgraded", scenario.upgraded.len(), count)?;
    Ok(scenario.upgraded)
}

impl Upgrade {
    fn connected(&mut self, client: &mut Client, id: Id, nth: usize) {
        let upgrading = &mut self.under_way[nth];
        match &upgrading.session {
            Some(session) => client.upgrade(id, Some(&session.sid)),
            None => upgrading.session = Some(Session::open(client, id)),
        }
    }

    /// An answer on the connection that polls.
    fn response(
        &mut self,
        client: &mut Client,
        id: Id,
        nth: usize,
        status: u16,
        body: &[u8],
    ) -> Result<(), Error> {
        let upgrading = &mut self.under_way[nth];
        let Some(session) = &mut upgrading.session else { return Ok(()) };
        if upgrading.web_socket.is_some() {
            upgrading.drained |= packets(body).any(|packet| packet == b"6");
            if !upgrading.drained {
                client.get(id, Some(&session.sid));
            }
        } else if session.answered(client, id, status, body) == Progress::Connected {
            client.get(id, Some(&session.sid));
            upgrading.web_socket = Some(client.connect(Protocol::WebSocket, nth)?);
        }
        self.switch_when_ready(client, nth);
        Ok(())
    }

    fn switch_when_ready(&mut self, client: &mut Client, nth: usize) {
        let upgrading = &self.under_way[nth];
        if let (Some(id), true, true) = (upgrading.web_socket, upgrading.probed, upgrading.drained) {
            client.send(id, b"5");
            client.set_tag(upgrading.polls, OVER);
            client.abort(upgrading.polls);
            self.upgraded.push(id);
        }
    }
}

impl Scenario for Upgrade {
    fn turn(&mut self, client: &mut Client) -> Result<Option<Instant>, Error> {
        while self.under_way.len() < self.wanted.min(self.upgraded.len() + self.failed + AT_ONCE) {
            let polls = client.connect(Protocol::Http, self.under_way.len())?;
            self.under_way.push(Upgrading {
                polls,
                session: None,
                web_socket: None,
                probed: false,
                drained: false,
            });
        }
        Ok(None)
    }

    fn event(&mut self, client: &mut Client, id: Id, event: Event<'_>) -> Result<(), Error> {
        let nth = client.tag(id);
        if nth == OVER {
            return Ok(());
        }
        match event {
            Event::Connected => self.connected(client, id, nth),
            Event::Upgraded => client.send(id, b"2probe"),
            Event::Packet(b"3probe") => {
                self.under_way[nth].probed = true;
                self.switch_when_ready(client, nth);
            }
            Event::Response(status, body) => self.response(client, id, nth, status, body)?,
            Event::Closed => self.failed += 1,
            Event::Packet(_) => {}
        }
        Ok(())
    }

    fn finished(&self) -> bool {
        self.upgraded.len() + self.failed >= self.wanted || self.began.elapsed() > PATIENCE
    }
}
