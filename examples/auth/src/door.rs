//! Logging in, staying and leaving: what changes in the accounts, the connected clients are told, or shown out.

use std::time::Instant;

use actix_web::rt;
use greenroom::prelude::*;

use crate::accounts::{Accounts, Denied, LoginId, Tokens, login_of};
use crate::desk::{Desk, Group};

#[derive(Clone)]
pub struct Door {
    io: Greenroom,
    pub accounts: Accounts,
}

impl Door {
    pub fn new(io: Greenroom, accounts: Accounts) -> Self {
        Self { io, accounts }
    }

    pub fn login(&self, user: &str) -> Result<Tokens, Denied> {
        let tokens = self.accounts.login(user, Instant::now())?;
        self.watch(&tokens);
        Ok(tokens)
    }

    /// Keeps the connections of the login: they live as long as its newest token.
    pub fn refresh(&self, token: &str) -> Result<Tokens, Denied> {
        let refreshed = self.accounts.refresh(token, Instant::now());
        match (&refreshed, login_of(token)) {
            (Ok(tokens), _) => self.watch(tokens),
            (Err(Denied::Reused | Denied::Expired), Some(login)) => self.show_out(&Group::Login(login)),
            (Err(_), _) => {}
        }
        refreshed
    }

    pub fn logout(&self, access: &str) -> Result<(), Denied> {
        let pass = self.accounts.check(access, Instant::now())?;
        self.accounts.end(pass.login);
        self.show_out(&Group::Login(pass.login));
        Ok(())
    }

    /// Revokes all logins of the user, wherever they are.
    pub fn logout_everywhere(&self, access: &str) -> Result<(), Denied> {
        let pass = self.accounts.check(access, Instant::now())?;
        self.accounts.end_all(&pass.user);
        self.show_out(&Group::User(&pass.user));
        Ok(())
    }

    /// Clients that are away, too: they find no session any more, and knock like everybody.
    fn show_out(&self, group: &Group<'_>) {
        self.io.to(group.to_string()).disconnect_sockets(false);
    }

    /// Warns the clients of a token that is about to expire, and shows them out when it has. A newer token has a watch of its own.
    fn watch(&self, tokens: &Tokens) {
        let Some(login) = login_of(&tokens.access) else { return };
        let Some(until) = self.accounts.until(login) else { return };
        let (door, warning) = (self.clone(), self.accounts.terms.warning);
        drop(rt::spawn(async move {
            rt::time::sleep_until(until.checked_sub(warning).unwrap_or(until).into()).await;
            if door.is_newest(login, until) {
                door.io.ns::<Desk>().within(Group::Login(login)).expiring(warning.as_secs());
            }
            rt::time::sleep_until(until.into()).await;
            if door.is_newest(login, until) {
                door.show_out(&Group::Login(login));
            }
        }));
    }

    fn is_newest(&self, login: LoginId, until: Instant) -> bool {
        self.accounts.until(login) == Some(until)
    }
}
