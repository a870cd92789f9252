//! Who is logged in, and with which tokens. Knows no sockets, and no clock: `now` is an argument.
//!
//! A login has one access token, which is short-lived and shown at each connection, and one refresh token, which is good once and brings
//! the next pair. A refresh token that comes a second time is in two hands: the login ends.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use greenroom::prelude::*;
use serde::{Deserialize, Serialize};

/// How long tokens are good for.
#[derive(Clone, Copy)]
pub struct Terms {
    pub access: Duration,
    /// How long before that the clients are told.
    pub warning: Duration,
    pub refresh: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self { access: minute, warning: minute / 4, refresh: minute * 60 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LoginId(u64);

impl fmt::Display for LoginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a client gets at a login and a refresh.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    /// Seconds that the access token is good for.
    pub seconds: u64,
}

/// Whom an access token lets in.
#[derive(Debug, PartialEq)]
pub struct Pass {
    pub user: String,
    pub login: LoginId,
}

/// Why somebody is not let in; the code of each is its name in snake case.
#[derive(Debug, PartialEq, thiserror::Error, Fault)]
pub enum Denied {
    #[error("a name has 1 to 24 characters")]
    BadName,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not known, or was revoked")]
    Unknown,
    #[error("the token was used before; log in again")]
    Reused,
    #[error("the session is somebody else's")]
    SomebodyElse,
}

#[derive(Clone)]
pub struct Accounts {
    pub terms: Terms,
    /// Shared by all workers, so behind a lock; held for the length of one question.
    ledger: Arc<Mutex<Ledger>>,
}

#[derive(Default)]
struct Ledger {
    logins: HashMap<LoginId, Login>,
    last: u64,
}

struct Login {
    user: String,
    access: String,
    access_until: Instant,
    refresh: String,
    refresh_until: Instant,
    /// The refresh token before this one.
    spent: Option<String>,
}

impl Accounts {
    pub fn new(terms: Terms) -> Self {
        Self { terms, ledger: Arc::default() }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a name at its word: what proves who somebody is, a password or a provider, belongs in front of this.
    pub fn login(&self, user: &str, now: Instant) -> Result<Tokens, Denied> {
        if user.trim() != user || user.contains(char::is_control) || !(1..=24).contains(&user.chars().count())
        {
            return Err(Denied::BadName);
        }
        let mut ledger = self.ledger();
        ledger.logins.retain(|_, login| login.refresh_until > now);
        ledger.last += 1;
        let id = LoginId(ledger.last);
        let login = self.pair(id, user.to_owned(), now, None);
        let tokens = self.tokens(&login);
        ledger.logins.insert(id, login);
        Ok(tokens)
    }

    /// The next pair. The access token that was good until now no longer is.
    pub fn refresh(&self, token: &str, now: Instant) -> Result<Tokens, Denied> {
        let id = login_of(token).ok_or(Denied::Unknown)?;
        let mut ledger = self.ledger();
        let login = ledger.logins.get_mut(&id).ok_or(Denied::Unknown)?;
        if login.spent.as_ref().is_some_and(|spent| is_same(spent, token)) {
            ledger.logins.remove(&id);
            return Err(Denied::Reused);
        }
        if !is_same(&login.refresh, token) {
            return Err(Denied::Unknown);
        }
        if login.refresh_until <= now {
            ledger.logins.remove(&id);
            return Err(Denied::Expired);
        }
        *login = self.pair(id, login.user.clone(), now, Some(token.to_owned()));
        Ok(self.tokens(login))
    }

    pub fn check(&self, token: &str, now: Instant) -> Result<Pass, Denied> {
        let login = login_of(token).ok_or(Denied::Unknown)?;
        let ledger = self.ledger();
        let found = ledger.logins.get(&login).filter(|found| is_same(&found.access, token));
        let found = found.ok_or(Denied::Unknown)?;
        if found.access_until <= now {
            Err(Denied::Expired)
        } else {
            Ok(Pass { user: found.user.clone(), login })
        }
    }

    /// When a login's access token expires; `None` when the login has ended.
    pub fn until(&self, login: LoginId) -> Option<Instant> {
        self.ledger().logins.get(&login).map(|login| login.access_until)
    }

    pub fn end(&self, login: LoginId) {
        self.ledger().logins.remove(&login);
    }

    pub fn end_all(&self, user: &str) {
        self.ledger().logins.retain(|_, login| login.user != user);
    }

    fn pair(&self, id: LoginId, user: String, now: Instant, spent: Option<String>) -> Login {
        let Terms { access, refresh, .. } = self.terms;
        let (access_until, refresh_until) = (now + access, now + refresh);
        Login { user, access: new_token(id), access_until, refresh: new_token(id), refresh_until, spent }
    }

    fn tokens(&self, login: &Login) -> Tokens {
        let seconds = self.terms.access.as_secs();
        Tokens { access: login.access.clone(), refresh: login.refresh.clone(), seconds }
    }
}

/// The login's id, which is no secret, and 256 random bits.
fn new_token(id: LoginId) -> String {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).expect("the system has random bytes");
    let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{id}.{secret}")
}

/// The login that a token, good or not, speaks of.
pub fn login_of(token: &str) -> Option<LoginId> {
    token.split_once('.')?.0.parse().ok().map(LoginId)
}

/// Takes as long whatever the first difference is: the time tells nothing of a secret.
fn is_same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}
