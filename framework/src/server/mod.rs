//! The server's handle: built from options, plugged into actix-web, used everywhere.

mod builder;
mod drain;
mod emit;
mod extension;
pub(crate) mod raw;

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub use builder::Builder;
pub(crate) use builder::{Gate, HeaderHook, RefusedHook};
pub use extension::{HttpServerExt, LongLived, prepare_connection};
pub(crate) use extension::{INHERITS, are_prepared, prepare_listener, prepares};

use crate::config::Options;
use crate::connection::{AppFactory, SocketIo};
use crate::error::ConfigError;
use crate::namespace::{DynamicNamespace, Matcher, Namespace, Registry};
use crate::socket::Socket;
use crate::web::{Bundle, Front};
use crate::worker::Fleet;

pub(crate) struct Core {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) front: Arc<Front>,
    kept: Kept,
}

/// Values that layers above keep with a server, by their type.
type Kept = Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>;

impl Core {
    pub(crate) fn keep(&self, key: TypeId, value: Arc<dyn Any + Send + Sync>) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value);
    }

    pub(crate) fn kept(&self, key: TypeId) -> Option<Arc<dyn Any + Send + Sync>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned()
    }
}

/// A Socket.IO server. `Clone` and `Send`; an actix-web service: `App::new().service(io.clone())`.
///
/// Methods that send act on the namespace `/`, as in the reference.
#[derive(Clone)]
pub struct Greenroom(pub(crate) Arc<Core>);

impl fmt::Debug for Greenroom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Greenroom")
    }
}

impl Default for Greenroom {
    fn default() -> Self {
        Self::new()
    }
}

impl Greenroom {
    /// A server with all options at their defaults.
    #[must_use]
    pub fn new() -> Self {
        let bundle = Some(Arc::new(Bundle::embedded()));
        Self::assemble(Builder { bundle, ..Builder::default() })
    }

    /// For options: `Greenroom::builder(Options::new().ping_interval(…)).build()?`.
    #[must_use]
    pub fn builder(options: Options) -> Builder {
        Builder::new(options)
    }

    pub(crate) fn assemble(builder: Builder) -> Self {
        let Builder { options, gate, headers, refused, bundle } = builder;
        let fleet = Arc::new(Fleet::new(options.max_workers, options.settings()));
        let registry = Registry::new(
            fleet.clone(),
            options.max_dynamic_namespaces,
            options.cleanup_empty_child_namespaces,
        );
        // `/` is always there, so that `io.emit` has somewhere to go.
        let _ = registry.of("/");
        let factory = AppFactory::SocketIo(Arc::new(SocketIo {
            registry: registry.clone(),
            limits: Arc::new(options.packet_limits()),
            max_namespaces: options.max_namespaces,
            max_waiting: options.max_waiting_events,
        }));
        let front =
            Arc::new(Front { fleet: fleet.clone(), options, factory, gate, headers, refused, bundle });
        Self(Arc::new(Core { fleet, registry, front, kept: Kept::default() }))
    }

    /// The namespace with this name, made if it is not there. A missing slash is added.
    #[must_use]
    pub fn of(&self, name: &str) -> Namespace {
        self.0.registry.of(name)
    }

    /// Namespaces by pattern: `/team/{id}`; each `{name}` stands for one segment, found with [`Namespace::param`], or [`Path`](crate::Path) in a typed handler.
    /// A child comes to life with its first client and goes with its last. Any client can make children: mind `max_dynamic_namespaces`.
    ///
    /// # Errors
    /// When the pattern is no pattern.
    pub fn of_pattern(&self, pattern: &str) -> Result<DynamicNamespace, ConfigError> {
        Ok(self.add_parent(Matcher::Pattern(crate::namespace::Pattern::parse(pattern)?)))
    }

    /// Namespaces whose name and the client's `auth` a function accepts; asked in the order added, after namespaces that exist.
    pub fn of_matching<F, R>(&self, accept: F) -> DynamicNamespace
    where
        F: Fn(String, serde_json::Value) -> R + Send + Sync + 'static,
        R: Future<Output = bool> + 'static,
    {
        self.add_parent(crate::namespace::predicate(accept))
    }

    fn add_parent(&self, matcher: Matcher) -> DynamicNamespace {
        DynamicNamespace { parent: self.0.registry.add_parent(matcher), registry: self.0.registry.clone() }
    }

    /// All namespaces that are alive.
    #[must_use]
    pub fn namespaces(&self) -> Vec<Namespace> {
        self.0.registry.all()
    }

    /// Told of each namespace that comes to life from now on.
    pub fn on_new_namespace(&self, f: impl Fn(&Namespace) + Send + Sync + 'static) -> &Self {
        self.0.registry.on_new_namespace(f);
        self
    }

    /// Middleware of every namespace, before each one's own. See [`Namespace::wrap`].
    pub fn wrap_everywhere<F, R, M>(&self, middleware: F) -> &Self
    where
        F: Fn(Socket) -> R + Send + Sync + 'static,
        R: crate::namespace::Admission<M>,
    {
        self.0.registry.wrap_everywhere(crate::namespace::step(middleware));
        self
    }

    /// Engine.IO sessions that are open: one per connection, however many namespaces it is in.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.0.fleet.sessions()
    }

    /// Where requests come in.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.front.path()
    }
}
