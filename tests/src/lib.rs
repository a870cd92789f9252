//! What the integration tests share: a server in a thread, and clients that speak bytes.
//!
//! Nothing here sleeps: every wait is for an event and has a limit.

pub mod http;
pub mod polling;
pub mod server;
pub mod socket_io;
pub mod websocket;

use std::future::Future;
use std::time::Duration;

/// Longest wait for anything that should come.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Waits for `what`, and fails the test by name if it does not come.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what} did not come within {PATIENCE:?}"),
    }
}

/// Runs a test on a runtime of its own.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(test)
}
