//! Front ends that were built for another version of the events.
//!
//! The catalogue has a contract, a hash of all names and types; a client that was built with its TypeScript gives it as
//! `auth.$contract`. Here it is compared, before `#[connect]`. A client that names none is nobody's front end: it is let be.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

use super::table::Events;
use crate::error::Refuse;
use crate::server::Greenroom;
use crate::socket::Socket;

/// Contracts that are remembered as logged. Clients choose them, so there is a limit; more are not logged.
const LOGGED: usize = 32;
/// Bytes of a client's contract that are logged. Ours have 16.
const SHOWN: usize = 32;

/// The contract that clients should have.
pub(super) struct Expected {
    contract: Box<str>,
    refuse: bool,
    logged: Mutex<BTreeSet<Box<str>>>,
}

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "$contract")]
    contract: String,
}

impl Expected {
    /// Names a stale client; refuses it if that was asked for.
    pub(super) fn compare(&self, socket: &Socket) -> Result<(), Refuse> {
        let Ok(Named { contract }) = socket.handshake().auth() else { return Ok(()) };
        if *contract == *self.contract {
            return Ok(());
        }
        let shown: String = contract.chars().take(SHOWN).collect();
        if self.is_news(&shown) {
            let origin = socket.handshake().origin();
            crate::trace::stale_client(socket.namespace(), socket.id(), origin, &shown, &self.contract);
        }
        if !self.refuse {
            return Ok(());
        }
        let sentence = format!(
            "this client was built for contract {shown}, the server has contract {}: load it anew",
            self.contract
        );
        Err(Refuse::new("contract", sentence))
    }

    fn is_news(&self, contract: &str) -> bool {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        logged.len() < LOGGED && logged.insert(contract.into())
    }
}

impl Greenroom {
    /// Names clients of a handler that were built for another contract: one warning in the log for each contract that is not this one.
    ///
    /// The contract is that of the catalogue, `catalogue.contract()`; a client gives its own as `auth.$contract`. Who gives none is let be.
    ///
    /// # Panics
    /// When the handler is not mounted: a mistake of the program, found when it starts.
    #[track_caller]
    pub fn warn_stale<H: Events>(&self, contract: impl Into<String>) -> Self {
        self.expect_contract::<H>(contract.into(), false)
    }

    /// As [`warn_stale`](Self::warn_stale), and does not let them in: their `connect_error` has `data.code` `contract`.
    ///
    /// # Panics
    /// When the handler is not mounted: a mistake of the program, found when it starts.
    #[track_caller]
    pub fn refuse_stale<H: Events>(&self, contract: impl Into<String>) -> Self {
        self.expect_contract::<H>(contract.into(), true)
    }

    #[track_caller]
    fn expect_contract<H: Events>(&self, contract: String, refuse: bool) -> Self {
        let expected = Expected { contract: contract.into(), refuse, logged: Mutex::default() };
        match self.find_mount::<H>() {
            Some(mount) => mount.expect(Arc::new(expected)),
            #[expect(clippy::panic, reason = "a mistake of the program, found when it starts")]
            None => panic!("`{}` is not mounted: mount it before its contract", std::any::type_name::<H>()),
        }
        self.clone()
    }
}
