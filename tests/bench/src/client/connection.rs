//! One connection: its socket, and what is yet to be written and read.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SendFlags, SocketFlags, SocketType, bind, connect, send, socket_with, sockopt,
};

use super::frame;

/// What a connection speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Protocol {
    WebSocket,
    Http,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    Connecting,
    /// The upgrade is asked for.
    Upgrading,
    Open,
    /// Our close frame is written; the server's is waited for.
    Closing,
    Closed,
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) socket: Option<OwnedFd>,
    pub(super) protocol: Protocol,
    pub(super) phase: Phase,
    /// What the scenario knows it by.
    pub(super) tag: usize,
    /// Received, and not yet a whole frame or answer.
    pub(super) received: Vec<u8>,
    /// Payloads of a message whose last frame is still to come.
    pub(super) fragments: Vec<u8>,
    pub(super) queued: bool,
    unsent: Vec<u8>,
    sent: usize,
}

/// A socket on its way to the server.
///
/// The address it comes from changes each time, over 127.1.0.0/24: connections that were closed a minute ago hold on to
/// their ports, and connecting would soon run out of those of one address.
pub(super) fn open(server: SocketAddr, nth: usize) -> rustix::io::Result<OwnedFd> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
    sockopt::set_tcp_nodelay(&socket, true)?;
    let host = (nth % 250) as u8 + 1;
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::new(127, 1, 0, host), 0))?;
    match connect(&socket, &server) {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(socket),
        Err(error) => Err(error),
    }
}

impl Connection {
    pub(super) fn new(socket: OwnedFd, protocol: Protocol, tag: usize) -> Self {
        Self {
            socket: Some(socket),
            protocol,
            phase: Phase::Connecting,
            tag,
            received: vec![],
            fragments: vec![],
            queued: false,
            unsent: vec![],
            sent: 0,
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
    }

    pub(super) fn write_frame(&mut self, opcode: u8, payload: &[u8]) {
        frame::encode(&mut self.unsent, opcode, payload);
    }

    /// Sends what the socket takes.
    pub(super) fn flush(&mut self) -> rustix::io::Result<()> {
        if self.phase == Phase::Connecting {
            return Ok(());
        }
        let Some(socket) = &self.socket else { return Ok(()) };
        while self.sent < self.unsent.len() {
            match send(socket, &self.unsent[self.sent..], SendFlags::NOSIGNAL) {
                Ok(sent) => self.sent += sent,
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.unsent.clear();
        self.sent = 0;
        Ok(())
    }

    pub(super) fn close(&mut self) {
        self.phase = Phase::Closed;
        self.socket = None;
        self.unsent = vec![];
        self.sent = 0;
        self.received = vec![];
        self.fragments = vec![];
    }
}
