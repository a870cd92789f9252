//! Namespaces that clients bring to life: by a pattern such as `/team/{id}`, or by a predicate.

use std::future::Future;
use std::sync::{Arc, RwLock};

use futures_core::future::LocalBoxFuture;
use serde::Serialize;

use super::rules::{self, Admission, Mounted, Rules};
use super::{Namespace, Registry};
use crate::error::ConfigError;
use crate::event::Hook;
use crate::socket::{RoomNames, Socket};

pub(crate) type Predicate =
    Arc<dyn Fn(String, serde_json::Value) -> LocalBoxFuture<'static, bool> + Send + Sync>;

/// Which names a parent accepts.
#[derive(Clone)]
pub(crate) enum Matcher {
    Pattern(Pattern),
    Predicate(Predicate),
}

impl Matcher {
    /// Patterns can be compared, predicates cannot.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Pattern(one), Self::Pattern(other)) if one == other)
    }
}

/// Segments of a name, or of parameters' names: those with `true`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<(String, bool)>);

impl Pattern {
    /// `{name}` stands for one segment that is not empty.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let wrong = |problem: String| Err(ConfigError::new("of_pattern", problem));
        let Some(rest) = text.strip_prefix('/') else {
            return wrong(format!("`{text}`: a namespace starts with `/`: write `/{text}`"));
        };
        let mut segments: Vec<(String, bool)> = Vec::new();
        for segment in rest.split('/') {
            match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) => {
                    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
                    if name.is_empty() || !name.chars().all(word) {
                        return wrong(format!("`{segment}` names no parameter; write it like `{{id}}`"));
                    }
                    if segments.iter().any(|(other, is_param)| *is_param && other == name) {
                        return wrong(format!("the parameter `{name}` stands twice in `{text}`"));
                    }
                    segments.push((name.to_owned(), true));
                }
                None if segment.contains(['{', '}']) => {
                    return wrong(format!(
                        "unclosed `{{` in segment `{segment}`; a parameter is a whole segment: `{{id}}`"
                    ));
                }
                None => segments.push((segment.to_owned(), false)),
            }
        }
        Ok(Self(segments))
    }

    pub(crate) fn match_name(&self, name: &str) -> Option<Vec<(String, String)>> {
        let mut params = Vec::new();
        let mut segments = name.strip_prefix('/')?.split('/');
        for (text, is_param) in &self.0 {
            let segment = segments.next()?;
            if *is_param && !segment.is_empty() {
                params.push((text.clone(), segment.to_owned()));
            } else if *is_param || segment != text {
                return None;
            }
        }
        segments.next().is_none().then_some(params)
    }
}

/// The rules of a family of namespaces.
pub(crate) struct Parent {
    pub(crate) matcher: Matcher,
    pub(crate) rules: RwLock<Arc<Rules>>,
}

/// A family of namespaces. Each child copies the rules that are there when it comes to life; later additions do not reach it.
#[derive(Clone)]
pub struct DynamicNamespace {
    pub(crate) parent: Arc<Parent>,
    pub(crate) registry: Arc<Registry>,
}

impl std::fmt::Debug for DynamicNamespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DynamicNamespace")
    }
}

impl DynamicNamespace {
    /// See [`Namespace::wrap`].
    pub fn wrap<F, R, M>(&self, middleware: F) -> &Self
    where
        F: Fn(Socket) -> R + Send + Sync + 'static,
        R: Admission<M>,
    {
        Rules::change(&self.parent.rules, |rules| rules.steps.push(rules::step(middleware)));
        self
    }

    /// See [`Namespace::on_connection`].
    pub fn on_connection<F, R, M>(&self, welcome: F) -> &Self
    where
        F: Fn(Socket) -> R + Send + Sync + 'static,
        R: Hook<M>,
    {
        Rules::change(&self.parent.rules, |rules| rules.welcomes.push(rules::welcome(welcome)));
        self
    }

    /// Answers the events of every child with a typed handler.
    pub(crate) fn mount(&self, pattern: &str, handler: Arc<dyn Mounted>) -> Result<(), ConfigError> {
        Rules::mount(&self.parent.rules, pattern, handler)
    }

    /// The children that are alive.
    #[must_use]
    pub fn children(&self) -> Vec<Namespace> {
        self.registry.children(&self.parent)
    }

    /// Sends an event to everybody in every child.
    pub fn emit<T: Serialize>(&self, event: &str, args: T) {
        self.children().iter().for_each(|child| drop(child.emit(event, &args)));
    }

    /// Sends an event to the members of these rooms in every child.
    pub fn emit_to<T: Serialize>(&self, rooms: impl RoomNames, event: &str, args: T) {
        let rooms = rooms.names();
        self.children().iter().for_each(|child| drop(child.to(rooms.as_slice()).emit(event, &args)));
    }
}

pub(crate) fn predicate<F, R>(accept: F) -> Matcher
where
    F: Fn(String, serde_json::Value) -> R + Send + Sync + 'static,
    R: Future<Output = bool> + 'static,
{
    Matcher::Predicate(Arc::new(move |name, auth| Box::pin(accept(name, auth))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_stands_for_one_segment() {
        let pattern = Pattern::parse("/org/{org}/{project}").unwrap();
        let params = pattern.match_name("/org/7/web").unwrap();
        assert_eq!(params, [("org".into(), "7".into()), ("project".into(), "web".into())]);
        for name in ["/org/7", "/org/7/web/x", "/org//web", "/orgs/7/web", "org/7/web"] {
            assert_eq!(pattern.match_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_wrong_pattern_says_what_would_be_right() {
        for (text, hint) in [
            ("chat", "write `/chat`"),
            ("/org/{org", "unclosed"),
            ("/{}", "{id}"),
            ("/{{id}}", "{id}"),
            ("/{a}/{a}", "twice"),
        ] {
            assert!(Pattern::parse(text).unwrap_err().to_string().contains(hint), "{text}");
        }
    }
}
