//! Many sessions over polling, before anything is measured.

use std::time::Instant;

use super::session::{Progress, Session};
use super::setup::{AT_ONCE, PATIENCE, check};
use crate::client::{Client, Event, Id, Protocol, Scenario};
use crate::error::Error;

/// A session with its two connections; their tag is its place in the list.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) session: Session,
    pub(super) first: Id,
    pub(super) second: Id,
}

/// Opens sessions and a second connection for each.
pub(super) fn open(client: &mut Client, count: usize) -> Result<Vec<Opened>, Error> {
    let mut open = Open { wanted: count, sessions: vec![], done: 0, failed: 0, began: Instant::now() };
    client.run(&mut open)?;
    check("sessions are open", open.done, count)?;
    let opened = open.sessions.into_iter();
    Ok(opened
        .filter_map(|(first, session, second)| Some(Opened { session: session?, first, second: second? }))
        .collect())
}

struct Open {
    wanted: usize,
    sessions: Vec<(Id, Option<Session>, Option<Id>)>,
    done: usize,
    failed: usize,
    began: Instant,
}

impl Scenario for Open {
    fn turn(&mut self, client: &mut Client) -> Result<Option<Instant>, Error> {
        while self.sessions.len() < self.wanted.min(self.done + self.failed + AT_ONCE) {
            let id = client.connect(Protocol::Http, self.sessions.len())?;
            self.sessions.push((id, None, None));
        }
        Ok(None)
    }

    fn event(&mut self, client: &mut Client, id: Id, event: Event<'_>) -> Result<(), Error> {
        let tag = client.tag(id);
        let (_, session, second) = &mut self.sessions[tag];
        match (event, session.as_mut()) {
            (Event::Connected, None) => *session = Some(Session::open(client, id)),
            (Event::Connected, Some(_)) => self.done += 1,
            (Event::Response(status, body), Some(session)) => {
                match session.answered(client, id, status, body) {
                    Progress::Underway => {}
                    Progress::Connected => *second = Some(client.connect(Protocol::Http, tag)?),
                    Progress::Unexpected => self.failed += 1,
                }
            }
            (Event::Closed, _) => self.failed += 1,
            (Event::Response(..), None) | (Event::Upgraded | Event::Packet(_), _) => {}
        }
        Ok(())
    }

    fn finished(&self) -> bool {
        self.done + self.failed >= self.wanted || self.began.elapsed() > PATIENCE
    }
}
