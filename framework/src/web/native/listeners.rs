//! Sockets that listen: one for each worker, so that a connection is accepted by the thread that serves it.
//!
//! Promise: an address that another process has is an error. Refusal: to spread connections evenly where the kernel does
//! not (all but Linux, and sockets that somebody else has bound): there the workers accept from one socket, whoever is first.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use socket2::{Domain, Protocol, Socket, Type};

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
pub(super) fn split(bound: Vec<Bound>, workers: usize) -> io::Result<Vec<Vec<TcpListener>>> {
    let mut all: Vec<_> = (0..workers).map(|_| Vec::new()).collect();
    for bound in bound {
        for sockets in all.iter_mut().skip(1) {
            sockets.push(bound.another()?);
        }
        if let Some(first) = all.first_mut() {
            first.push(bound.listener);
        }
    }
    Ok(all)
}
