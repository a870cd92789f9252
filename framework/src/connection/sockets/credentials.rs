//! What a client that comes back shows: its private id, and how far it got.

use std::borrow::Cow;
use std::fmt;

use bytestring::ByteString;
use serde::de::{Deserializer as _, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::id::Id;
use crate::worker::{Offset, Shown};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(in crate::connection) struct Credentials {
    pub(super) pid: Id,
    pub(super) shown: Shown,
}

/// Takes the credentials out of what a CONNECT packet brought: the private id is nobody's business but the server's. Without a private
/// id that can be one, and if an offset is required without one of ours, there are none.
pub(super) fn take(
    auth: Option<ByteString>,
    before_first_event: bool,
) -> (Option<ByteString>, Option<Credentials>) {
    let Some(text) = auth else { return (None, None) };
    if !text.contains("pid") {
        return (Some(text), None);
    }
    let mut parser = serde_json::Deserializer::from_str(&text);
    let Ok(split) = parser.deserialize_map(Splitting) else { return (Some(text), None) };
    if split.pid.is_none() && split.offset.is_none() {
        return (Some(text), None);
    }
    let shown = match split.offset.as_deref().and_then(Offset::parse) {
        Some(offset) => Some(Shown::Offset(offset)),
        None => before_first_event.then_some(Shown::Start),
    };
    let pid = split.pid.as_deref().and_then(Id::parse);
    let credentials = pid.zip(shown).map(|(pid, shown)| Credentials { pid, shown });
    (Some(split.rest.into()), credentials)
}

#[derive(Default)]
struct Split {
    pid: Option<String>,
    offset: Option<String>,
    /// The object without them.
    rest: String,
}

/// Copies as it goes: an object of a million keys costs its own length, no more.
struct Splitting;

impl<'de> Visitor<'de> for Splitting {
    type Value = Split;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Split, A::Error> {
        let mut split = Split { rest: "{".to_owned(), ..Split::default() };
        while let Some((key, value)) = entries.next_entry::<Key<'de>, &RawValue>()? {
            match &*key.0 {
                "pid" => split.pid = serde_json::from_str(value.get()).ok(),
                "offset" => split.offset = serde_json::from_str(value.get()).ok(),
                key => {
                    if split.rest.len() > 1 {
                        split.rest.push(',');
                    }
                    split.rest.push_str(&serde_json::to_string(key).map_err(A::Error::custom)?);
                    split.rest.push(':');
                    split.rest.push_str(value.get());
                }
            }
        }
        split.rest.push('}');
        Ok(split)
    }
}

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    const PID: &str = "abcdefghijklmnopqrst";

    fn taken(auth: &str, before_first_event: bool) -> (String, Option<Credentials>) {
        let (rest, credentials) = take(Some(auth.to_owned().into()), before_first_event);
        (rest.unwrap().to_string(), credentials)
    }

    #[test]
    fn the_private_id_and_the_offset_are_taken_out_and_nothing_else() {
        let auth =
            format!(r#"{{"pid":"{PID}","token":{{"a":[1,"pid"]}},"offset":"AAAAAAAAAAAAAAAB","é\"":2}}"#);
        let (rest, credentials) = taken(&auth, false);
        assert_eq!(rest, r#"{"token":{"a":[1,"pid"]},"é\"":2}"#);
        let credentials = credentials.unwrap();
        assert_eq!(credentials.pid.as_str(), PID);
        assert!(matches!(credentials.shown, Shown::Offset(_)));
        assert_eq!(taken(r#"{"token":"pid"}"#, true).0, r#"{"token":"pid"}"#);
    }

    #[test]
    fn without_a_private_id_or_an_offset_of_ours_there_is_nothing_to_recover() {
        for auth in [
            r#"{"pid":7,"offset":"AAAAAAAAAAAAAAAB"}"#,
            r#"{"pid":"short","offset":"AAAAAAAAAAAAAAAB"}"#,
            &format!(r#"{{"pid":"{PID}"}}"#),
            &format!(r#"{{"pid":"{PID}","offset":7}}"#),
            &format!(r#"{{"pid":"{PID}","offset":"of another server"}}"#),
            r#"["pid"]"#,
            r#""pid""#,
        ] {
            assert!(taken(auth, false).1.is_none(), "{auth}");
        }
        let shown = taken(&format!(r#"{{"pid":"{PID}"}}"#), true).1.map(|credentials| credentials.shown);
        assert_eq!(shown, Some(Shown::Start));
    }
}
