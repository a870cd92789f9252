//! All namespaces of a server.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use futures_core::future::LocalBoxFuture;

use super::dynamic::{Matcher, Parent};
use super::rules::{Rules, Step};
use super::{Namespace, NamespaceCore, Watchers};
use crate::event::guarded;
use crate::worker::{Fleet, Space, Spread};

type NewNamespace = Arc<dyn Fn(&Namespace) + Send + Sync>;

#[derive(Default)]
struct Inner {
    by_name: HashMap<Arc<str>, Arc<NamespaceCore>>,
    parents: Vec<Arc<Parent>>,
    children: usize,
    next: u32,
}

/// See the module.
pub(crate) struct Registry {
    fleet: Arc<Fleet>,
    inner: RwLock<Inner>,
    /// Middleware of all namespaces.
    everywhere: RwLock<Arc<Vec<Step>>>,
    births: RwLock<Vec<NewNamespace>>,
    max_children: usize,
    cleanup: bool,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Registry")
    }
}

/// Where a name leads.
pub(crate) enum Resolution {
    Found(Population),
    Unknown,
    /// A predicate has to be asked.
    Ask(LocalBoxFuture<'static, Option<Population>>),
}

/// Holds a namespace alive: one per socket that is connected or connecting.
#[derive(Debug)]
pub(crate) struct Population {
    pub(crate) core: Arc<NamespaceCore>,
    registry: Arc<Registry>,
}

impl Population {
    fn new(registry: &Arc<Registry>, core: &Arc<NamespaceCore>) -> Self {
        core.population.fetch_add(1, Ordering::AcqRel);
        Self { core: core.clone(), registry: registry.clone() }
    }
}

impl Drop for Population {
    fn drop(&mut self) {
        let last = self.core.population.fetch_sub(1, Ordering::AcqRel) == 1;
        if last && self.core.parent.is_some() && self.registry.cleanup {
            self.registry.remove_if_empty(&self.core);
        }
    }
}

impl Registry {
    pub(crate) fn new(fleet: Arc<Fleet>, max_children: usize, cleanup: bool) -> Arc<Self> {
        Arc::new(Self {
            fleet,
            inner: RwLock::default(),
            everywhere: RwLock::default(),
            births: RwLock::default(),
            max_children,
            cleanup,
        })
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, core: Arc<NamespaceCore>) -> Namespace {
        Namespace { core, fleet: self.fleet.clone() }
    }

    pub(crate) fn wrap_everywhere(&self, step: Step) {
        let mut steps = self.everywhere.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut steps).push(step);
    }

    pub(crate) fn steps_everywhere(&self) -> Arc<Vec<Step>> {
        self.everywhere.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn on_new_namespace(&self, f: impl Fn(&Namespace) + Send + Sync + 'static) {
        self.births.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(f));
    }

    /// The namespace with this name, made if it is not there, with the rules of the first pattern that matches it.
    pub(crate) fn of(self: &Arc<Self>, name: &str) -> Namespace {
        self.named(name, |name| {
            self.read().parents.iter().find_map(|parent| match &parent.matcher {
                Matcher::Pattern(pattern) => pattern.match_name(name).map(|params| (parent.clone(), params)),
                Matcher::Predicate(_) => None,
            })
        })
    }

    /// As [`of`](Self::of), but made apart from every pattern, so that it does not matter which of the two was there first.
    pub(crate) fn apart(self: &Arc<Self>, name: &str) -> Namespace {
        self.named(name, |_| None)
    }

    fn named(
        self: &Arc<Self>,
        name: &str,
        family: impl FnOnce(&str) -> Option<(Arc<Parent>, Vec<(String, String)>)>,
    ) -> Namespace {
        let name: Arc<str> = if name.starts_with('/') { name.into() } else { format!("/{name}").into() };
        let known = self.read().by_name.get(&name).map(|core| Population::new(self, core));
        if let Some(population) = known {
            return self.pin(&population.core);
        }
        let (core, _population) = match family(&name) {
            Some((parent, params)) => self.create(&name, Some(parent), params),
            None => self.create(&name, None, Vec::new()),
        };
        self.pin(&core)
    }

    /// A handle for code. A child that code has named stays, so that the handle does not go stale.
    fn pin(self: &Arc<Self>, core: &Arc<NamespaceCore>) -> Namespace {
        core.pinned.store(true, Ordering::Release);
        self.handle(core.clone())
    }

    /// The same pattern is the same family, however often it is named: a second one would never be asked.
    pub(crate) fn add_parent(self: &Arc<Self>, matcher: Matcher) -> Arc<Parent> {
        let parents = &mut self.inner.write().unwrap_or_else(PoisonError::into_inner).parents;
        if let Some(known) = parents.iter().find(|parent| parent.matcher.is_same(&matcher)) {
            return known.clone();
        }
        let parent = Arc::new(Parent { matcher, rules: RwLock::default() });
        parents.push(parent.clone());
        parent
    }

    /// The namespace with this name, if it is alive.
    pub(crate) fn find(&self, name: &str) -> Option<Namespace> {
        let core = self.read().by_name.get(name)?.clone();
        Some(self.handle(core))
    }

    pub(crate) fn all(&self) -> Vec<Namespace> {
        self.read().by_name.values().map(|core| self.handle(core.clone())).collect()
    }

    pub(crate) fn children(&self, parent: &Arc<Parent>) -> Vec<Namespace> {
        let mine = |core: &&Arc<NamespaceCore>| core.parent.as_ref().is_some_and(|p| Arc::ptr_eq(p, parent));
        self.read().by_name.values().filter(mine).map(|core| self.handle(core.clone())).collect()
    }

    /// Where a client's CONNECT leads. Namespaces that exist win, then parents in the order they were added.
    pub(crate) fn resolve(self: &Arc<Self>, name: &str, auth: &str) -> Resolution {
        let parents = {
            let inner = self.read();
            if let Some(core) = inner.by_name.get(name) {
                return Resolution::Found(Population::new(self, core));
            }
            inner.parents.clone()
        };
        let mut rest = parents.into_iter();
        let mut asked = Vec::new();
        for parent in rest.by_ref() {
            match &parent.matcher {
                Matcher::Pattern(pattern) if asked.is_empty() => {
                    if let Some(params) = pattern.match_name(name) {
                        let child = self.bring_to_life(name, &parent, params);
                        return child.map_or(Resolution::Unknown, Resolution::Found);
                    }
                }
                Matcher::Pattern(_) | Matcher::Predicate(_) => asked.push(parent),
            }
        }
        if asked.is_empty() {
            return Resolution::Unknown;
        }
        let (registry, name) = (self.clone(), name.to_owned());
        let auth = serde_json::from_str(auth).unwrap_or_default();
        Resolution::Ask(Box::pin(async move { registry.ask(name, auth, asked).await }))
    }

    async fn ask(
        self: Arc<Self>,
        name: String,
        auth: serde_json::Value,
        parents: Vec<Arc<Parent>>,
    ) -> Option<Population> {
        for parent in parents {
            let params = match &parent.matcher {
                Matcher::Pattern(pattern) => pattern.match_name(&name),
                Matcher::Predicate(accept) => accept(name.clone(), auth.clone()).await.then(Vec::new),
            };
            if let Some(params) = params {
                return self.bring_to_life(&name, &parent, params);
            }
        }
        None
    }

    /// `None` when clients have made as many namespaces as they may.
    fn bring_to_life(
        self: &Arc<Self>,
        name: &str,
        parent: &Arc<Parent>,
        params: Vec<(String, String)>,
    ) -> Option<Population> {
        // Threads that come here at the same time may each make one more.
        if self.read().children >= self.max_children {
            return None;
        }
        Some(self.create(&name.into(), Some(parent.clone()), params).1)
    }

    /// Makes a namespace, or gives the one that another thread made meanwhile.
    fn create(
        self: &Arc<Self>,
        name: &Arc<str>,
        parent: Option<Arc<Parent>>,
        params: Vec<(String, String)>,
    ) -> (Arc<NamespaceCore>, Population) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(core) = inner.by_name.get(name) {
            return (core.clone(), Population::new(self, core));
        }
        let id = inner.next;
        inner.next += 1;
        inner.children += usize::from(parent.is_some());
        let watchers = Arc::<Watchers>::default();
        let space = Arc::new(Space {
            id,
            name: name.clone(),
            params,
            spread: Spread::new(self.fleet.workers()),
            observer: Box::new(watchers.clone()),
            next_ack: AtomicU64::new(0),
        });
        let rules: Arc<Rules> = match &parent {
            Some(parent) => parent.rules.read().unwrap_or_else(PoisonError::into_inner).clone(),
            None => Arc::default(),
        };
        let core = Arc::new(NamespaceCore {
            space,
            rules: RwLock::new(rules),
            watchers,
            population: AtomicUsize::new(0),
            pinned: AtomicBool::new(false),
            parent,
        });
        inner.by_name.insert(name.clone(), core.clone());
        // Counted before the lock goes, so that a clean-up cannot take it away in between.
        let population = Population::new(self, &core);
        drop(inner);
        if &**name != "/" {
            let births = self.births.read().unwrap_or_else(PoisonError::into_inner).clone();
            let namespace = self.handle(core.clone());
            if births.iter().any(|told| guarded(|| told(&namespace)).is_none()) {
                crate::trace::birth_watcher_panicked(name);
            }
        }
        (core, population)
    }

    fn remove_if_empty(&self, core: &Arc<NamespaceCore>) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let same = inner.by_name.get(&core.space.name).is_some_and(|found| Arc::ptr_eq(found, core));
        let unused = core.population.load(Ordering::Acquire) == 0 && !core.pinned.load(Ordering::Acquire);
        if same && unused {
            inner.by_name.remove(&core.space.name);
            inner.children = inner.children.saturating_sub(1);
        }
    }
}
