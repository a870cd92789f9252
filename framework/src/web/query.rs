//! A request's query.

use std::borrow::Cow;

use smallvec::SmallVec;

type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// Decoded parameters in order; of repeated ones the last wins.
#[derive(Debug)]
pub(super) struct Query<'a>(SmallVec<[Pair<'a>; 6]>);

impl<'a> Query<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        if text.contains(['%', '+']) {
            return Self(form_urlencoded::parse(text.as_bytes()).collect());
        }
        // Without escapes, as our clients write them: each request of a poll has this to do.
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let pair = |pair: &'a str| pair.split_once('=').unwrap_or((pair, ""));
        Self(pairs.map(pair).map(|(key, value)| (key.into(), value.into())).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| &**value)
    }

    /// The session's id; an empty one is none.
    pub(super) fn sid(&self) -> Option<&str> {
        self.get("sid").filter(|sid| !sid.is_empty())
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_and_without_escapes_it_is_read_alike() {
        for text in ["", "a", "a=1", "a=1&b=2", "&&a=&=b&", "a=b=c", "t=1&t=2", "a=ü", "a?b=/c;d"] {
            let standard = form_urlencoded::parse(text.as_bytes()).collect::<Vec<_>>();
            assert_eq!(Query::parse(text).0.to_vec(), standard, "{text}");
        }
        assert_eq!(Query::parse("a=b+c%20d&t").get("a"), Some("b c d"));
    }
}
