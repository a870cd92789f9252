//! Keeping small what mostly is empty: a list that takes eight bytes then, and a loan from a cell without a mark.

use std::cell::Cell;
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

/// Lends out what is in the cell, which takes no room for a mark that it is lent. `f` must not come back to the cell: it is empty meanwhile.
pub(crate) fn lend<T: Default, R>(cell: &Cell<T>, f: impl FnOnce(&mut T) -> R) -> R {
    let mut value = cell.take();
    let result = f(&mut value);
    cell.set(value);
    result
}
