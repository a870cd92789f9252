//! A request's query.

/// Decoded parameters in order; of repeated ones the last wins.
#[derive(Debug)]
pub(super) struct Query(Vec<(Box<str>, Box<str>)>);

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes());
        Self(pairs.map(|(key, value)| (key.into(), value.into())).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| **key == *name).map(|(_, value)| &**value)
    }

    /// The session's id; an empty one is none.
    pub(super) fn sid(&self) -> Option<&str> {
        self.get("sid").filter(|sid| !sid.is_empty())
    }

    pub(super) fn pairs(&self) -> &[(Box<str>, Box<str>)] {
        &self.0
    }
}
