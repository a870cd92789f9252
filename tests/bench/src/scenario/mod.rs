//! What the clients do in each workload, one family per file.

mod cast;
mod churn;
mod connect;
mod echo;
mod idle;
mod polling;
mod rate;
mod session;
mod sessions;
mod setup;
mod upgraded;

use std::net::SocketAddr;

use crate::client::Client;
use crate::error::{Context, Error};
use crate::meter::{Figures, Timing};
use crate::procfs;
use crate::workload::{Kind, Workload};

/// Bytes of text in an event.
const TEXT: usize = 64;

/// The server to load, and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) addr: SocketAddr,
    pub(crate) pid: u32,
    pub(crate) timing: Timing,
}

impl Target {
    fn resident(&self) -> Result<u64, Error> {
        procfs::resident(self.pid).context("read the server's memory: has it ended?")
    }
}

/// Runs a workload with so many connections or members, and measures.
pub(crate) fn run(workload: &Workload, size: usize, target: &Target) -> Result<Figures, Error> {
    let mut client = Client::new(target.addr)?;
    let client = &mut client;
    match workload.kind {
        Kind::Echo { outstanding, acknowledged, way } => {
            echo::run(client, target, size, outstanding, acknowledged, way)
        }
        Kind::Cast { senders } => cast::one_room(client, target, size, senders),
        Kind::Rooms { members } => cast::many_rooms(client, target, size, members),
        Kind::RoomsAtRate { members, per_second } => rate::run(client, target, size, members, per_second),
        Kind::Idle => idle::heartbeats(client, target, size),
        Kind::IdleAfterBurst { text } => idle::after_burst(client, target, size, text),
        Kind::Connect(way) => connect::run(client, target, size, way),
        Kind::Polling => polling::run(client, target, size),
        Kind::Churn { rooms } => churn::run(client, target, size, rooms),
    }
}

/// Growth of memory, shared among the connections it came with.
fn per_connection(before: u64, after: u64, connections: usize) -> Option<f64> {
    (connections > 0).then(|| (after as f64 - before as f64) / connections as f64)
}
