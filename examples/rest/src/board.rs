//! One open page: it is told what changes, and may book a seat.

use greenroom::prelude::*;

use crate::shows::{Refusal, Show, Shows};

#[client]
pub trait Page {
    /// All of them, when the page has connected.
    fn shows(&self, shows: &[Show]);
    /// A show is new, or not what it was.
    fn changed(&self, show: &Show);
    fn removed(&self, id: u64);
}

#[derive(Handler, Default)]
#[handler(state = Shows, client = Page)]
pub struct Board;

#[events]
impl Board {
    /// What changes after this line was drawn up is told after it.
    #[connected]
    fn welcome(&mut self, cx: &Cx<Self>) {
        cx.client().shows(&cx.state().list());
    }

    #[event]
    fn book(&mut self, cx: &Cx<Self>, id: u64) -> Result<u32, Refusal> {
        let show = cx.state().book_seat(id)?;
        cx.everyone().changed(&show);
        Ok(show.seats)
    }
}
