//! Sockets that listen: one for each worker, so that a connection is accepted by the thread that serves it.
//!
//! Promise: an address that another process has is an error. Refusal: to spread connections evenly where the kernel does
//! not (all but Linux, and sockets that somebody else has bound): there the workers accept from one socket, whoever is first.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use crate::server::prepare_listener;

/// An address that is listened on.
pub(super) struct Bound {
    listener: TcpListener,
    /// Others may be bound beside it, with so large a backlog.
    twins: Option<i32>,
}

/// Listens on each of the addresses that can be had.
///
/// # Errors
/// When none can.
pub(super) fn bind(addresses: impl ToSocketAddrs, backlog: u32) -> io::Result<Vec<Bound>> {
    let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
    let mut bound = Vec::new();
    let mut failed = None;
    for address in addresses.to_socket_addrs()? {
        match listen(address, backlog, false) {
            Ok(listener) => bound.push(Bound { listener, twins: Some(backlog) }),
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if bound.is_empty() => Err(error),
        None if bound.is_empty() => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "expected at least one address, found none"))
        }
        _ => Ok(bound),
    }
}

fn listen(address: SocketAddr, backlog: i32, twin: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // On Windows it would allow what it prevents elsewhere: two programs on one address.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    if twin {
        share_address(&socket)?;
    }
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// The kernel gives each connection to one of the sockets that say this. Only one user's sockets may share an address.
#[cfg(target_os = "linux")]
fn share_address(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

#[cfg(not(target_os = "linux"))]
fn share_address(_: &Socket) -> io::Result<()> {
    Ok(())
}

impl Bound {
    /// Of somebody else's making.
    pub(super) fn given(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self { listener, twins: None })
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    fn another(&self) -> io::Result<TcpListener> {
        match self.twins {
            Some(backlog) if cfg!(target_os = "linux") => {
                let first = self.listener.try_clone()?.into();
                // Only now: while it did not share its address, nobody else could have had it.
                share_address(&first)?;
                listen(self.address()?, backlog, true)
            }
            _ => self.listener.try_clone(),
        }
    }
}

/// The sockets of each worker.
pub(super) fn split(
    bound: Vec<Bound>,
    workers: usize,
    write_timeout: Duration,
) -> io::Result<Vec<Vec<TcpListener>>> {
    let mut all: Vec<_> = (0..workers).map(|_| Vec::new()).collect();
    for bound in bound {
        // Shared by those that are cloned from it.
        prepare_listener(&bound.listener, write_timeout)?;
        for sockets in all.iter_mut().skip(1) {
            let another = bound.another()?;
            prepare_listener(&another, write_timeout)?;
            sockets.push(another);
        }
        if let Some(first) = all.first_mut() {
            first.push(bound.listener);
        }
    }
    Ok(all)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use socket2::SockRef;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(7);

    fn is_prepared(socket: &SockRef<'_>) -> bool {
        socket.tcp_nodelay().ok() == Some(true) && socket.tcp_user_timeout().ok() == Some(Some(TIMEOUT))
    }

    #[test]
    fn every_socket_that_listens_is_prepared() {
        let given = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut bound = bind("127.0.0.1:0", 16).unwrap();
        bound.push(Bound::given(given).unwrap());
        let workers = split(bound, 2, TIMEOUT).unwrap();
        assert_eq!(workers.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
        assert!(workers.iter().flatten().all(|listener| is_prepared(&SockRef::from(listener))));
    }

    /// Where this does not hold, each connection is to be prepared: see [`crate::server::INHERITS`].
    #[test]
    fn a_connection_inherits_from_the_socket_that_accepts_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        prepare_listener(&listener, TIMEOUT).unwrap();
        let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        assert!(is_prepared(&SockRef::from(&accepted)));
    }
}
