//! Typed state that an app hangs on a socket: one value per type.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

type Slots = HashMap<TypeId, Box<dyn Any + Send>>;

/// See the module. Locked for the length of one call; user code in `update` must not call back into the same socket's state.
#[derive(Debug, Default)]
pub(crate) struct Extensions(Mutex<Option<Box<Slots>>>);

impl Extensions {
    pub(crate) fn set<T: Send + 'static>(&self, value: T) -> Option<T> {
        self.with(|slots| slots.insert(TypeId::of::<T>(), Box::new(value))).and_then(downcast)
    }

    pub(crate) fn get<T: Clone + Send + 'static>(&self) -> Option<T> {
        self.with(|slots| slots.get(&TypeId::of::<T>()).and_then(|v| v.downcast_ref::<T>()).cloned())
    }

    pub(crate) fn take<T: Send + 'static>(&self) -> Option<T> {
        self.with(|slots| slots.remove(&TypeId::of::<T>())).and_then(downcast)
    }

    pub(crate) fn update<T: Default + Send + 'static, R>(
        &self,
        change: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        self.with(|slots| {
            let slot = slots.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()));
            slot.downcast_mut::<T>().map(change)
        })
    }

    fn with<R>(&self, f: impl FnOnce(&mut Slots) -> R) -> R {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f(slots.get_or_insert_with(Box::default))
    }
}

fn downcast<T: 'static>(value: Box<dyn Any + Send>) -> Option<T> {
    value.downcast::<T>().ok().map(|value| *value)
}
