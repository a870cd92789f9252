//! A list that is mostly empty, and takes eight bytes then.

use std::ops::Deref;

/// See the module. What it grew is given back when it is empty again.
#[derive(Debug)]
#[expect(clippy::box_collection, reason = "of ten thousand connections hardly one has anything in it")]
pub(crate) struct Seldom<T>(Option<Box<Vec<T>>>);

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Seldom<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_ref().map_or(&[], |list| list)
    }
}

impl<T> Seldom<T> {
    pub(crate) fn push(&mut self, value: T) {
        self.0.get_or_insert_default().push(value);
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        let Some(list) = &mut self.0 else { return };
        list.retain(keep);
        if list.is_empty() {
            self.0 = None;
        }
    }

    /// All of it; nothing stays.
    pub(crate) fn take(&mut self) -> Vec<T> {
        self.0.take().map_or_else(Vec::new, |list| *list)
    }
}
