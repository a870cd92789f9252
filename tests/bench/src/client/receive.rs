//! What comes in: bytes become frames and answers, those become events.

use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv, sockopt};

use super::connection::{Connection, Phase, Protocol};
use super::{CLOSE, Client, Event, Id, PING, PONG, Scenario, frame, http};
use crate::error::Error;

const CONTINUATION: u8 = 0;

impl Client {
    /// A socket became ready.
    pub(super) fn ready(
        &mut self,
        scenario: &mut impl Scenario,
        id: Id,
        flags: EventFlags,
    ) -> Result<(), Error> {
        match self.connections[id].phase {
            Phase::Closed => return Ok(()),
            Phase::Connecting => return self.connected(scenario, id, flags),
            Phase::Upgrading | Phase::Open | Phase::Closing => {}
        }
        if flags.contains(EventFlags::OUT) && self.connections[id].flush().is_err() {
            return self.lost(scenario, id);
        }
        let ended = flags.intersects(EventFlags::HUP | EventFlags::ERR | EventFlags::RDHUP);
        if !ended && !flags.contains(EventFlags::IN) {
            return Ok(());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let outcome = self.receive(scenario, id, &mut buffer, ended);
        self.buffer = buffer;
        outcome
    }

    fn connected(&mut self, scenario: &mut impl Scenario, id: Id, flags: EventFlags) -> Result<(), Error> {
        let connection = &mut self.connections[id];
        let Some(socket) = &connection.socket else { return Ok(()) };
        if flags.contains(EventFlags::ERR) || !matches!(sockopt::socket_error(socket), Ok(Ok(()))) {
            return self.lost(scenario, id);
        }
        if !flags.contains(EventFlags::OUT) {
            return Ok(());
        }
        connection.phase = Phase::Open;
        // What was written before.
        self.enqueue(id);
        scenario.event(self, id, Event::Connected)
    }

    fn receive(
        &mut self,
        scenario: &mut impl Scenario,
        id: Id,
        buffer: &mut [u8],
        ended: bool,
    ) -> Result<(), Error> {
        while let Some(socket) = &self.connections[id].socket {
            let size = match recv(socket, &mut *buffer, RecvFlags::empty()) {
                Ok((size @ 1.., _)) => size,
                Err(Errno::AGAIN) => break,
                Ok(_) | Err(_) => return self.lost(scenario, id),
            };
            self.take(scenario, id, &buffer[..size])?;
            // A read that was not filled has emptied the socket: another one would cost a system call to say so.
            if size < buffer.len() && !ended {
                break;
            }
        }
        Ok(())
    }

    /// Puts bytes behind those that are kept, and keeps what is left of them.
    fn take(&mut self, scenario: &mut impl Scenario, id: Id, bytes: &[u8]) -> Result<(), Error> {
        let mut kept = std::mem::take(&mut self.connections[id].received);
        if kept.is_empty() {
            let used = self.parse(scenario, id, bytes)?;
            kept.extend_from_slice(&bytes[used..]);
        } else {
            kept.extend_from_slice(bytes);
            let used = self.parse(scenario, id, &kept)?;
            kept.drain(..used);
        }
        if !kept.is_empty() && self.connections[id].phase != Phase::Closed {
            self.connections[id].received = kept;
        }
        Ok(())
    }

    /// How many of the bytes were whole frames or answers.
    fn parse(&mut self, scenario: &mut impl Scenario, id: Id, bytes: &[u8]) -> Result<usize, Error> {
        let mut at = 0;
        while at < bytes.len() {
            let Connection { protocol, phase, .. } = &self.connections[id];
            let length = match (protocol, phase) {
                (_, Phase::Closed) => return Ok(bytes.len()),
                (Protocol::WebSocket, Phase::Open | Phase::Closing) => {
                    self.frame(scenario, id, &bytes[at..])?
                }
                (Protocol::WebSocket | Protocol::Http, _) => self.response(scenario, id, &bytes[at..])?,
            };
            match length {
                Some(length) => at += length,
                None => break,
            }
        }
        Ok(at)
    }

    fn frame(&mut self, scenario: &mut impl Scenario, id: Id, bytes: &[u8]) -> Result<Option<usize>, Error> {
        let Some(frame) = frame::decode(bytes) else { return Ok(None) };
        match frame.opcode {
            CLOSE => self.lost(scenario, id)?,
            PING => {
                self.connections[id].write_frame(PONG, frame.payload);
                self.enqueue(id);
            }
            PONG => {}
            _ if self.connections[id].phase == Phase::Closing => {}
            CONTINUATION => {
                self.connections[id].fragments.extend_from_slice(frame.payload);
                if frame.last {
                    let message = std::mem::take(&mut self.connections[id].fragments);
                    self.packet(scenario, id, &message)?;
                }
            }
            _ if frame.last => self.packet(scenario, id, frame.payload)?,
            _ => self.connections[id].fragments.extend_from_slice(frame.payload),
        }
        Ok(Some(frame.length))
    }

    fn packet(&mut self, scenario: &mut impl Scenario, id: Id, packet: &[u8]) -> Result<(), Error> {
        if packet == b"2" {
            self.heartbeats += 1;
            self.send(id, b"3");
            return Ok(());
        }
        scenario.event(self, id, Event::Packet(packet))
    }

    fn response(
        &mut self,
        scenario: &mut impl Scenario,
        id: Id,
        bytes: &[u8],
    ) -> Result<Option<usize>, Error> {
        let Some(response) = http::decode(bytes) else { return Ok(None) };
        if self.connections[id].phase != Phase::Upgrading {
            scenario.event(self, id, Event::Response(response.status, &response.body))?;
        } else if response.status == 101 {
            self.connections[id].phase = Phase::Open;
            scenario.event(self, id, Event::Upgraded)?;
        } else {
            self.lost(scenario, id)?;
        }
        Ok(Some(response.length))
    }
}
