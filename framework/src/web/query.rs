//! What a request's query says to the server itself; the app's own parameters are read when they are asked for.

use std::borrow::Cow;

use crate::socket::{Plain, has_escapes};

/// Of repeated parameters the last wins.
#[derive(Debug, Default)]
pub(super) struct Query<'a> {
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) transport: Option<Cow<'a, str>>,
    sid: Option<Cow<'a, str>>,
}

impl<'a> Query<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        let mut query = Self::default();
        if has_escapes(text) {
            form_urlencoded::parse(text.as_bytes()).for_each(|(name, value)| query.take(&name, value));
        } else {
            // As our clients write them: each request of a poll has this to do.
            Plain(text).for_each(|(name, value)| query.take(name, value.into()));
        }
        query
    }

    fn take(&mut self, name: &str, value: Cow<'a, str>) {
        match name {
            "EIO" => self.version = Some(value),
            "transport" => self.transport = Some(value),
            "sid" => self.sid = Some(value),
            _ => {}
        }
    }

    /// The session's id; an empty one is none.
    pub(super) fn sid(&self) -> Option<&str> {
        self.sid.as_deref().filter(|sid| !sid.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_and_without_escapes_it_is_read_alike() {
        for text in ["EIO=4&transport=polling&sid=a&sid=b", "E%49O=4&transport=poll%69ng&sid=%61&sid=b&t=+"] {
            let query = Query::parse(text);
            assert_eq!(
                (query.version.as_deref(), query.transport.as_deref(), query.sid()),
                (Some("4"), Some("polling"), Some("b")),
                "{text}"
            );
        }
        assert_eq!(Query::parse("sid=&EIO").sid(), None);
        assert_eq!(Query::parse("sid=&EIO").version.as_deref(), Some(""));
    }
}
