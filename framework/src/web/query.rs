//! A request's query.

use crate::socket::Pairs;

/// Decoded parameters in order; of repeated ones the last wins.
#[derive(Debug)]
pub(super) struct Query(Pairs);

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.find(name)
    }

    /// The session's id; an empty one is none.
    pub(super) fn sid(&self) -> Option<&str> {
        self.get("sid").filter(|sid| !sid.is_empty())
    }

    pub(super) fn pairs(&self) -> &Pairs {
        &self.0
    }
}
