//! The workloads, as data. Their events are those of the server `bench`, which every peer implements alike.

/// One kind of load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Workload {
    /// Its short name.
    pub name: &'static str,
    /// What runs.
    pub what: &'static str,
    /// What is counted.
    pub operation: &'static str,
    /// How many connections it has, or members its room.
    pub size: usize,
    /// Whether it takes part when no workloads are named.
    pub usual: bool,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Echo { outstanding: usize, acknowledged: bool, way: Way },
    Cast { senders: usize },
    Rooms { members: usize },
    RoomsAtRate { members: usize, per_second: f64 },
    Idle,
    IdleAfterBurst { text: usize },
    Connect(Way),
    Polling,
    Churn { rooms: usize },
}

/// How a client connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    WebSocket,
    Upgrade,
    Polling,
}

impl Workload {
    const fn new(
        name: &'static str,
        what: &'static str,
        operation: &'static str,
        size: usize,
        kind: Kind,
    ) -> Self {
        let usual =
            !matches!(kind, Kind::Idle | Kind::IdleAfterBurst { .. } | Kind::Echo { way: Way::Upgrade, .. });
        Self { name, what, operation, size, usual, kind }
    }

    /// Open sockets of the load generator, at most, with so many connections or members.
    #[must_use]
    pub fn sockets(&self, size: usize) -> usize {
        match self.kind {
            Kind::Polling | Kind::Connect(Way::Upgrade) | Kind::Echo { way: Way::Upgrade, .. } => 2 * size,
            // Closed ones beside their successors.
            Kind::Connect(Way::WebSocket | Way::Polling) => size + 64,
            _ => size,
        }
    }
}

const fn echo(outstanding: usize, acknowledged: bool) -> Kind {
    Kind::Echo { outstanding, acknowledged, way: Way::WebSocket }
}

/// All of them.
pub static WORKLOADS: [Workload; 15] = [
    Workload::new("W1", "echo, one outstanding per WebSocket", "round trip", 50, echo(1, false)),
    Workload::new("W1k", "echo, 8 outstanding per WebSocket", "round trip", 50, echo(8, false)),
    // For several workers: half of the sessions are on another worker than their WebSocket.
    Workload::new(
        "W1u",
        "echo, one outstanding per WebSocket that was upgraded",
        "round trip",
        50,
        Kind::Echo { outstanding: 1, acknowledged: false, way: Way::Upgrade },
    ),
    Workload::new("W2", "acknowledgement, one outstanding per WebSocket", "round trip", 50, echo(1, true)),
    Workload::new("W3", "one room, one sender", "delivery", 1000, Kind::Cast { senders: 1 }),
    Workload::new("W3m", "one room, 4 senders", "delivery", 100, Kind::Cast { senders: 4 }),
    Workload::new("W4", "idle WebSockets: memory, heartbeats", "heartbeat", 10_000, Kind::Idle),
    Workload::new(
        "W4b",
        "echo of 64 KiB on each WebSocket, then 30 s idle",
        "echo",
        10_000,
        Kind::IdleAfterBurst { text: 64 * 1024 },
    ),
    Workload::new("W5a", "connect, WebSocket only", "connection", 16, Kind::Connect(Way::WebSocket)),
    // More at once than the others: Node's engine.io may hold an upgrade for 100 ms.
    Workload::new(
        "W5b",
        "connect, polling, then WebSocket, one echo",
        "connection",
        64,
        Kind::Connect(Way::Upgrade),
    ),
    Workload::new("W5c", "connect, polling only", "connection", 16, Kind::Connect(Way::Polling)),
    Workload::new("W6", "echo over polling, one outstanding per session", "round trip", 50, Kind::Polling),
    Workload::new("W7", "rooms of 5, every member casts", "delivery", 1000, Kind::Rooms { members: 5 }),
    Workload::new(
        "W7o",
        "rooms of 5, 2,000 casts per second in all",
        "delivery",
        1000,
        Kind::RoomsAtRate { members: 5, per_second: 2000.0 },
    ),
    Workload::new("W8", "join and leave, acknowledged, 10 rooms", "pair", 50, Kind::Churn { rooms: 10 }),
];

/// The workload with this name, in whatever case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Workload> {
    WORKLOADS.iter().find(|workload| workload.name.eq_ignore_ascii_case(name))
}
