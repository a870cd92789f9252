//! The shows and their seats. Knows neither requests nor sockets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use greenroom::prelude::*;
use serde::{Deserialize, Serialize};

const MAX_SHOWS: usize = 100;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Show {
    pub id: u64,
    pub title: String,
    /// That are left.
    pub seats: u32,
    /// Grows with each change, so that a page which is told of two in the wrong order keeps the newer one.
    pub version: u64,
}

/// What somebody wants a show to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Draft {
    pub title: String,
    pub seats: u32,
}

/// Why nothing was changed; the code of each is its name in snake case.
#[derive(Debug, PartialEq, thiserror::Error, Fault)]
pub enum Refusal {
    #[error("a title has 1 to 80 characters")]
    BadTitle,
    #[error("a show has at most 1000 seats")]
    BadSeats,
    #[error("there is no such show")]
    NotFound,
    #[error("no seat is left")]
    SoldOut,
    #[error("there are enough shows")]
    TooManyShows,
}

/// Shared by all workers, so behind a lock; held for the length of one change.
#[derive(Clone, Default)]
pub struct Shows(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    shows: BTreeMap<u64, Show>,
    /// Of the last change; ids are taken from it, too.
    version: u64,
}

impl Shows {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn list(&self) -> Vec<Show> {
        self.book().shows.values().cloned().collect()
    }

    pub fn add(&self, draft: Draft) -> Result<Show, Refusal> {
        draft.check()?;
        let mut book = self.book();
        if book.shows.len() >= MAX_SHOWS {
            return Err(Refusal::TooManyShows);
        }
        book.version += 1;
        let show = Show { id: book.version, title: draft.title, seats: draft.seats, version: book.version };
        book.shows.insert(show.id, show.clone());
        Ok(show)
    }

    pub fn change(&self, id: u64, draft: Draft) -> Result<Show, Refusal> {
        draft.check()?;
        self.update(id, |show| {
            show.title = draft.title;
            show.seats = draft.seats;
            Ok(())
        })
    }

    /// Takes one seat.
    pub fn book_seat(&self, id: u64) -> Result<Show, Refusal> {
        self.update(id, |show| {
            show.seats = show.seats.checked_sub(1).ok_or(Refusal::SoldOut)?;
            Ok(())
        })
    }

    pub fn remove(&self, id: u64) -> Result<(), Refusal> {
        self.book().shows.remove(&id).map(drop).ok_or(Refusal::NotFound)
    }

    fn update(
        &self,
        id: u64,
        change: impl FnOnce(&mut Show) -> Result<(), Refusal>,
    ) -> Result<Show, Refusal> {
        let mut book = self.book();
        let version = book.version + 1;
        let show = book.shows.get_mut(&id).ok_or(Refusal::NotFound)?;
        change(show)?;
        show.version = version;
        let changed = show.clone();
        book.version = version;
        Ok(changed)
    }
}

impl Draft {
    fn check(&self) -> Result<(), Refusal> {
        if self.title.trim().is_empty() || self.title.chars().count() > 80 {
            return Err(Refusal::BadTitle);
        }
        if self.seats > 1000 { Err(Refusal::BadSeats) } else { Ok(()) }
    }
}
