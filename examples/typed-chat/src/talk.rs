//! One page that is connected: what it may do, and what it is told.

use greenroom::catalogue::Catalogue;
use greenroom::prelude::*;

use crate::payload::{Login, NameError, Post, ReactError, Reaction, SayError, Tally, is_bad};
use crate::wall::Wall;

/// What the server sends to a page.
#[client(catalogue)]
pub trait Page {
    /// All that is on the wall, when the page has connected.
    fn wall(&self, posts: &[Post]);
    /// Something new.
    fn posted(&self, post: &Post);
    /// Somebody reacted to a post, or took it back.
    fn reacted(&self, id: u64, tally: &Tally);
}

#[derive(Handler)]
#[handler(state = Wall, client = Page)]
pub struct Talk {
    name: String,
}

#[events(catalogue)]
impl Talk {
    #[connect]
    fn connect(Auth(login): Auth<Login>) -> Result<Self, NameError> {
        if is_bad(&login.name, 24) || login.name.contains('\n') {
            return Err(NameError::BadName);
        }
        Ok(Self { name: login.name })
    }

    #[connected]
    fn welcome(&mut self, cx: &Cx<Self>) {
        let post = cx.state().came(&self.name);
        cx.client().wall(&cx.state().posts());
        cx.others().posted(&post);
    }

    /// Puts something on the wall, and answers with its id.
    #[event]
    fn say(&mut self, cx: &Cx<Self>, text: String, reply_to: Option<u64>) -> Result<u64, SayError> {
        let (id, post) = cx.state().say(&self.name, text, reply_to)?;
        cx.everyone().posted(&post);
        Ok(id)
    }

    /// Once it is a reaction, twice it is none.
    #[event]
    fn react(&mut self, cx: &Cx<Self>, id: u64, reaction: Reaction) -> Result<Tally, ReactError> {
        let tally = cx.state().react(&self.name, id, reaction)?;
        cx.others().reacted(id, &tally);
        Ok(tally)
    }

    #[disconnect]
    fn bye(&mut self, cx: &Cx<Self>) {
        cx.others().posted(&cx.state().left(&self.name));
    }
}

/// What the page's types are written from.
pub fn catalogue() -> Catalogue {
    Catalogue::of::<Talk>()
}

/// `UPDATE_CATALOGUE=1 cargo test` writes the files.
#[test]
fn the_types_of_the_page_are_fresh() {
    catalogue().typescript("static/contract.d.ts").check();
}
