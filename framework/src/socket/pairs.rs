//! Names with their values, packed: a connection keeps those of its first request for as long as it lives.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// Two blocks of memory whatever their number; one for each text would cost more than the texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pairs {
    text: Box<str>,
    /// Where each name ends, and each value.
    ends: Box<[u32]>,
}

impl Pairs {
    /// In the order received.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> + Clone {
        (0..self.ends.len() / 2).map(|pair| (self.word(2 * pair), self.word(2 * pair + 1)))
    }

    fn word(&self, at: usize) -> &str {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let begin = at.checked_sub(1).map_or(0, end);
        self.text.get(begin..end(at)).unwrap_or_default()
    }

    /// The last one of several wins, as in the reference.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Pairs {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let (mut text, mut ends) = (String::new(), Vec::new());
        // Of a head that HTTP has read, which is far smaller.
        let end = |text: &String| u32::try_from(text.len()).unwrap_or(u32::MAX);
        for (name, value) in pairs {
            text.push_str(name.as_ref());
            ends.push(end(&text));
            text.push_str(value.as_ref());
            ends.push(end(&text));
        }
        Self { text: text.into(), ends: ends.into() }
    }
}

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (i, (key, value)) in self.iter().enumerate() {
            if !self.iter().skip(i + 1).any(|(later, _)| later == key) {
                map.serialize_entry(key, value)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_out_as_they_went_in_and_the_last_of_a_name_is_found() {
        let list = [("a", "1"), ("", ""), ("b", "\0 ü"), ("a", "2"), ("c", "")];
        let pairs: Pairs = list.into_iter().collect();
        assert_eq!(pairs.iter().collect::<Vec<_>>(), list);
        assert_eq!([pairs.find("a"), pairs.find("c"), pairs.find("d")], [Some("2"), Some(""), None]);
        assert_eq!(serde_json::to_string(&pairs).unwrap(), r#"{"":"","b":"\u0000 ü","a":"2","c":""}"#);
        assert_eq!(Pairs::default().iter().count(), 0);
    }
}
