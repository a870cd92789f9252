//! Options of connection state recovery.

use std::time::Duration;

use crate::error::ConfigError;

/// Options of connection state recovery. See each method for its default.
///
/// ```
/// use std::time::Duration;
/// use greenroom::{Greenroom, Options, Recovery};
///
/// let recovery = Recovery::new().max_disconnection_duration(Duration::from_secs(120));
/// let io = Greenroom::builder(Options::new().connection_state_recovery(recovery)).build()?;
/// # Ok::<_, greenroom::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    pub(crate) max_disconnection_duration: Duration,
    pub(crate) skip_middlewares: bool,
    pub(crate) before_first_event: bool,
    pub(crate) max_sessions_away: usize,
    pub(crate) log_bytes: usize,
    pub(crate) log_packets: usize,
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            max_disconnection_duration: Duration::from_secs(120),
            skip_middlewares: false,
            before_first_event: false,
            max_sessions_away: 100_000,
            log_bytes: 64 * 1024 * 1024,
            log_packets: 10_000,
        }
    }
}

impl Recovery {
    /// All defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long a session is kept after its transport was lost. Default 2 minutes.
    #[must_use]
    pub fn max_disconnection_duration(mut self, duration: Duration) -> Self {
        self.max_disconnection_duration = duration;
        self
    }

    /// Whether a client that comes back is let in without middleware. Default **no**, unlike the reference: a user whose access was
    /// revoked meanwhile must not come back unchecked.
    #[must_use]
    pub fn skip_middlewares(mut self, skip: bool) -> Self {
        self.skip_middlewares = skip;
        self
    }

    /// Whether a session that has received no event yet can be recovered, too. Default no, as in the reference: apps written
    /// for it may count on a new id then.
    #[must_use]
    pub fn before_first_event(mut self, recover: bool) -> Self {
        self.before_first_event = recover;
        self
    }

    /// Sessions of a namespace on a worker that may wait for their clients. Default 100,000. Beyond it a session ends with its transport.
    #[must_use]
    pub fn max_sessions_away(mut self, sessions: usize) -> Self {
        self.max_sessions_away = sessions;
        self
    }

    /// Bytes of packets that all workers remember together. Default 64 MiB. Beyond it the oldest go, and sessions that miss one of them start afresh.
    #[must_use]
    pub fn log_bytes(mut self, bytes: usize) -> Self {
        self.log_bytes = bytes;
        self
    }

    /// Packets that a worker remembers of one namespace. Default 10,000. Beyond it as for [`log_bytes`](Self::log_bytes).
    #[must_use]
    pub fn log_packets(mut self, packets: usize) -> Self {
        self.log_packets = packets;
        self
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let duration = self.max_disconnection_duration;
        if duration < Duration::from_millis(1) || duration > Duration::from_secs(7 * 24 * 3600) {
            let problem =
                format!("max_disconnection_duration: {duration:?} is out of range; take 1 ms to 7 days");
            return Err(ConfigError::new("connection_state_recovery", problem));
        }
        for (name, value) in [("log_bytes", self.log_bytes), ("log_packets", self.log_packets)] {
            if value == 0 {
                return Err(ConfigError::new("connection_state_recovery", format!("{name}: take 1 or more")));
            }
        }
        Ok(())
    }
}
