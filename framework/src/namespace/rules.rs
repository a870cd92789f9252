//! Middleware and connection handlers, kept so that a connecting client sees one consistent list.

use std::future::Future;
use std::rc::Rc;
use std::sync::{Arc, PoisonError, RwLock};

use futures_core::future::LocalBoxFuture;

use crate::error::{ConfigError, Refuse};
use crate::event::Listeners;
use crate::event::{Hook, Later, Now};
use crate::socket::{Dispatch, Socket, Task};

use super::NamespaceCore;

/// A verdict that is there or comes.
pub(crate) enum Verdict {
    Now(Result<(), Refuse>),
    Later(LocalBoxFuture<'static, Result<(), Refuse>>),
}

pub(crate) type Step = Arc<dyn Fn(Socket) -> Verdict + Send + Sync>;
pub(crate) type WelcomeFn = Arc<dyn Fn(Socket) -> Option<Task> + Send + Sync>;

/// A typed handler of a namespace.
pub(crate) trait Mounted: Send + Sync {
    /// What answers the events of one socket.
    fn dispatch(&self, core: &Arc<NamespaceCore>) -> Rc<dyn Dispatch>;

    /// The handler's type.
    fn name(&self) -> &'static str;
}

/// What a namespace does with a client that wants in. Replaced as a whole, never changed in place.
#[derive(Clone, Default)]
pub(crate) struct Rules {
    pub(crate) steps: Vec<Step>,
    pub(crate) welcomes: Vec<WelcomeFn>,
    pub(crate) handler: Option<Arc<dyn Mounted>>,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules")
            .field("steps", &self.steps.len())
            .field("welcomes", &self.welcomes.len())
            .finish()
    }
}

impl Rules {
    /// What answers the events of one socket.
    pub(crate) fn dispatch(&self, core: &Arc<NamespaceCore>) -> Rc<dyn Dispatch> {
        match &self.handler {
            Some(handler) => handler.dispatch(core),
            None => Rc::new(Listeners::default()),
        }
    }

    /// Puts a typed handler in; there is one at most.
    pub(super) fn mount(
        rules: &RwLock<Arc<Self>>,
        namespace: &str,
        handler: Arc<dyn Mounted>,
    ) -> Result<(), ConfigError> {
        let mut rules = rules.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = &rules.handler {
            let problem = format!(
                "`{namespace}` has the handler `{}` already, so `{}` cannot be mounted: a namespace has one handler",
                there.name(),
                handler.name()
            );
            return Err(ConfigError::new("mount", problem));
        }
        Arc::make_mut(&mut rules).handler = Some(handler);
        Ok(())
    }

    pub(super) fn change(rules: &RwLock<Arc<Self>>, f: impl FnOnce(&mut Self)) {
        f(Arc::make_mut(&mut rules.write().unwrap_or_else(PoisonError::into_inner)));
    }
}

pub(crate) fn step<R: Admission<M>, M>(middleware: impl Fn(Socket) -> R + Send + Sync + 'static) -> Step {
    Arc::new(move |socket| middleware(socket).verdict())
}

pub(crate) fn welcome<R: Hook<M>, M>(f: impl Fn(Socket) -> R + Send + Sync + 'static) -> WelcomeFn {
    Arc::new(move |socket| f(socket).task())
}

/// What middleware returns: `Result<(), E>`, or a future of one. `M` is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no verdict of a middleware",
    note = "return `Result<(), Refuse>` (or another error: the client is then told `internal error`), or a future of one"
)]
pub trait Admission<M> {
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "sealed: only results and futures of them are verdicts")]
    fn verdict(self) -> Verdict;
}

#[expect(private_interfaces, reason = "sealed: only results and futures of them are verdicts")]
impl<E: Into<Refuse>> Admission<Now> for Result<(), E> {
    fn verdict(self) -> Verdict {
        Verdict::Now(self.map_err(Into::into))
    }
}

#[expect(private_interfaces, reason = "sealed: only results and futures of them are verdicts")]
impl<F, E> Admission<Later> for F
where
    F: Future<Output = Result<(), E>> + 'static,
    E: Into<Refuse>,
{
    fn verdict(self) -> Verdict {
        Verdict::Later(Box::pin(async move { self.await.map_err(Into::into) }))
    }
}
