//! Building a server, and refusing options that make no sense.

use std::future::Future;
use std::sync::Arc;

use futures_core::future::LocalBoxFuture;

use super::Greenroom;
use crate::config::Options;
use crate::error::{ConfigError, ConnectionError, Refuse};
use crate::socket::Request;
use crate::web::Bundle;

/// Decides about new sessions, before anything else is done for them.
pub(crate) type Gate = Arc<dyn Fn(Arc<Request>) -> LocalBoxFuture<'static, Result<(), Refuse>> + Send + Sync>;

/// Adds headers to responses: the request, whether it opens a session, and a place for headers.
pub(crate) type HeaderHook = Arc<dyn Fn(&Request, bool, &mut Vec<(String, String)>) + Send + Sync>;

/// Told of requests that were not served.
pub(crate) type RefusedHook = Arc<dyn Fn(&ConnectionError, &Request) + Send + Sync>;

/// Options and hooks of a server to be.
#[derive(Clone, Default)]
pub struct Builder {
    pub(crate) options: Options,
    pub(crate) gate: Option<Gate>,
    pub(crate) headers: Option<HeaderHook>,
    pub(crate) refused: Option<RefusedHook>,
    pub(crate) bundle: Option<Arc<Bundle>>,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Builder {
    /// With these options and no hooks.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { options, ..Self::default() }
    }

    /// Asked about each new session, polling or WebSocket, before it is opened (the reference's `allowRequest`). A refusal is
    /// answered 403 with its message over polling, and 400 over WebSocket. Not asked about later requests of a session. The request has its
    /// headers here whether they are [kept](Options::keep_headers) or not.
    #[must_use]
    pub fn allow_request<F, R>(mut self, gate: F) -> Self
    where
        F: Fn(Arc<Request>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), Refuse>> + 'static,
    {
        self.gate = Some(Arc::new(move |request| Box::pin(gate(request))));
        self
    }

    /// Called for every response, with whether its request opens a session (the reference's `initial_headers` and `headers`).
    /// A header that is no header is left out and logged.
    #[must_use]
    pub fn headers(
        mut self,
        hook: impl Fn(&Request, bool, &mut Vec<(String, String)>) + Send + Sync + 'static,
    ) -> Self {
        self.headers = Some(Arc::new(hook));
        self
    }

    /// Told of each request that was not served, with why (the reference's `connection_error`).
    #[must_use]
    pub fn on_connection_error(
        mut self,
        hook: impl Fn(&ConnectionError, &Request) + Send + Sync + 'static,
    ) -> Self {
        self.refused = Some(Arc::new(hook));
        self
    }

    /// Builds the server.
    ///
    /// # Errors
    /// When an option makes no sense; the error names it and says what would be right.
    pub fn build(self) -> Result<Greenroom, ConfigError> {
        self.check().map(Greenroom::assemble)
    }

    pub(crate) fn check(mut self) -> Result<Self, ConfigError> {
        self.options.check()?;
        self.options.path = self.options.path.trim_end_matches('/').to_owned();
        self.bundle = Bundle::load(&self.options.client)?.map(Arc::new);
        Ok(self)
    }
}
