//! A connected client: whom its token let in.

use std::fmt;
use std::time::Instant;

use greenroom::prelude::*;
use serde::Deserialize;

use crate::accounts::{Accounts, Denied, LoginId};

/// What a client gives as `auth`, at each connection anew.
#[derive(Deserialize)]
pub struct Ticket {
    pub token: String,
}

/// The rooms by which the clients of a login, and of a user, are reached.
pub enum Group<'a> {
    Login(LoginId),
    User(&'a str),
}

impl fmt::Display for Group<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login(id) => write!(f, "login:{id}"),
            Self::User(name) => write!(f, "user:{name}"),
        }
    }
}

#[client]
pub trait Page {
    fn welcome(&self, user: &str);
    /// The login's token is good for so long; a new one keeps the connection.
    fn expiring(&self, seconds: u64);
}

#[derive(Handler)]
#[handler(state = Accounts, client = Page)]
pub struct Desk {
    user: String,
    login: LoginId,
}

#[events]
impl Desk {
    #[connect]
    fn connect(Auth(ticket): Auth<Ticket>, State(accounts): State<Accounts>) -> Result<Self, Denied> {
        let pass = accounts.check(&ticket.token, Instant::now())?;
        Ok(Self { user: pass.user, login: pass.login })
    }

    #[connected]
    fn enter(&mut self, cx: &Cx<Self>) {
        cx.join(Group::Login(self.login));
        cx.join(Group::User(&self.user));
        // Revoked since `connect`: before this line it is seen here, after the rooms were joined it is sent to them.
        let Some(until) = cx.state().until(self.login) else { return cx.disconnect() };
        cx.client().welcome(&self.user);
        let left = until.saturating_duration_since(Instant::now());
        if left < cx.state().terms.warning {
            cx.client().expiring(left.as_secs()); // the others of the login were told before
        }
    }

    /// Who was away shows its token again. Its session may be its own, and the login revoked all the same.
    #[recovered]
    fn back(&mut self, Auth(ticket): Auth<Ticket>, State(accounts): State<Accounts>) -> Result<(), Denied> {
        let pass = accounts.check(&ticket.token, Instant::now())?;
        if pass.login == self.login { Ok(()) } else { Err(Denied::SomebodyElse) }
    }

    #[event]
    fn whoami(&self) -> String {
        self.user.clone()
    }
}
