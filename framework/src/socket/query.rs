//! The parameters of a query that has no escapes, read where they stand.

use memchr::{memchr, memchr2};

/// Whether parameters have to be decoded, rather than read where they stand.
pub(crate) fn has_escapes(query: &str) -> bool {
    memchr2(b'%', b'+', query.as_bytes()).is_some()
}

/// Names and values in order, as `form_urlencoded` reads them.
#[derive(Clone, Debug)]
pub(crate) struct Plain<'a>(pub(crate) &'a str);

impl<'a> Plain<'a> {
    /// Of a path and query.
    pub(crate) fn of_url(url: &'a str) -> Self {
        Self(split(url, b'?').1)
    }
}

impl<'a> Iterator for Plain<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.0.is_empty() {
            let (pair, rest) = split(self.0, b'&');
            self.0 = rest;
            if !pair.is_empty() {
                return Some(split(pair, b'='));
            }
        }
        None
    }
}

/// Before and behind the first `at`; all of it and nothing where there is none.
fn split(text: &str, at: u8) -> (&str, &str) {
    let end = memchr(at, text.as_bytes()).unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), text.get(end + 1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_the_standard_says() {
        for text in ["", "a", "a=1", "a=1&b=2", "&&a=&=b&", "a=b=c", "t=1&t=2", "a=ü", "a?b=/c;d"] {
            let standard = form_urlencoded::parse(text.as_bytes()).collect::<Vec<_>>();
            assert_eq!(
                Plain(text).map(|(k, v)| (k.into(), v.into())).collect::<Vec<_>>(),
                standard,
                "{text}"
            );
            assert_eq!(
                Plain::of_url(&format!("/x/?{text}")).collect::<Vec<_>>(),
                Plain(text).collect::<Vec<_>>()
            );
            assert!(!has_escapes(text));
        }
        assert!(has_escapes("a=%20") && has_escapes("a=+"));
        assert_eq!(Plain::of_url("/x/").count(), 0);
    }
}
