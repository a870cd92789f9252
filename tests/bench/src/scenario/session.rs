//! How a session over polling begins: open, connect to the namespace, poll until the server has accepted.

use crate::client::{Client, Id};

/// Between packets of one body (Engine.IO 4).
const SEPARATOR: u8 = 0x1e;

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Open,
    Posted,
    Accepted,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Underway,
    Connected,
    /// The answer should not have come.
    Unexpected,
}

/// A session over polling until it is connected.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// Its id, once there is one.
    pub(super) sid: String,
    /// A heartbeat waits for its answer.
    pub(super) pinged: bool,
    step: Step,
}

impl Session {
    /// Asks for a session.
    pub(super) fn open(client: &mut Client, id: Id) -> Self {
        client.get(id, None);
        Self { sid: String::new(), pinged: false, step: Step::Open }
    }

    /// Goes on after an answer on the connection that opened it.
    pub(super) fn answered(&mut self, client: &mut Client, id: Id, status: u16, body: &[u8]) -> Progress {
        if status != 200 {
            return Progress::Unexpected;
        }
        match self.step {
            Step::Open => {
                let Some(sid) = sid(body) else { return Progress::Unexpected };
                client.post(id, &sid, b"40");
                self.sid = sid;
                self.step = Step::Posted;
            }
            Step::Posted if body == b"ok" => {
                client.get(id, Some(&self.sid));
                self.step = Step::Accepted;
            }
            Step::Posted => return Progress::Unexpected,
            Step::Accepted => {
                self.pinged |= packets(body).any(|packet| packet == b"2");
                if packets(body).any(|packet| packet.starts_with(b"40")) {
                    return Progress::Connected;
                }
                // Some servers send a heartbeat first.
                client.get(id, Some(&self.sid));
            }
        }
        Progress::Underway
    }
}

/// The packets of a body.
pub(super) fn packets(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    body.split(|byte| *byte == SEPARATOR)
}

/// The session's id in an open packet.
fn sid(open: &[u8]) -> Option<String> {
    let open: serde_json::Value = serde_json::from_slice(open.strip_prefix(b"0")?).ok()?;
    Some(open.get("sid")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_open_packet_names_the_session() {
        assert_eq!(sid(b"0{\"sid\":\"ab-1\",\"upgrades\":[]}"), Some("ab-1".to_owned()));
        assert_eq!(sid(b"1{\"sid\":\"ab-1\"}"), None);
        assert_eq!(sid(b"0{\"upgrades\":[]}"), None);
    }

    #[test]
    fn a_body_has_many_packets() {
        assert_eq!(packets(b"2\x1e40{}").collect::<Vec<_>>(), [&b"2"[..], b"40{}"]);
    }
}
