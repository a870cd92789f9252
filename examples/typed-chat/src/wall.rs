//! The wall, and what is on it. Knows no sockets.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::payload::{Post, ReactError, Reaction, SayError, Tally, is_bad};

/// Posts that are kept; the oldest goes for the newest.
const MAX_POSTS: usize = 100;

/// Shared by all workers, so behind a lock; held for the length of one change.
#[derive(Clone, Default)]
pub struct Wall(Arc<Mutex<Posts>>);

#[derive(Default)]
struct Posts {
    last: u64,
    kept: VecDeque<Kept>,
}

struct Kept {
    id: u64,
    post: Post,
    /// Each person, with each way, once.
    reactions: BTreeSet<(String, Reaction)>,
}

impl Wall {
    fn posts_mut(&self) -> MutexGuard<'_, Posts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn posts(&self) -> Vec<Post> {
        self.posts_mut().kept.iter().map(|kept| kept.post.clone()).collect()
    }

    pub fn came(&self, who: &str) -> Post {
        let who = who.to_owned();
        self.posts_mut().add(|id| Post::Came { id, who })
    }

    pub fn left(&self, who: &str) -> Post {
        let who = who.to_owned();
        self.posts_mut().add(|id| Post::Left { id, who })
    }

    pub fn say(&self, who: &str, text: String, reply_to: Option<u64>) -> Result<(u64, Post), SayError> {
        if is_bad(&text, 500) {
            return Err(SayError::BadText);
        }
        let mut posts = self.posts_mut();
        if reply_to.is_some_and(|id| posts.said(id).is_none()) {
            return Err(SayError::NoSuchPost);
        }
        let who = who.to_owned();
        let post = posts.add(|id| Post::Said { id, who, text, reply_to, tally: Tally::default() });
        Ok((posts.last, post))
    }

    /// Once it is a reaction, twice it is none.
    pub fn react(&self, who: &str, id: u64, reaction: Reaction) -> Result<Tally, ReactError> {
        let mut posts = self.posts_mut();
        let (reactions, tally) = posts.said(id).ok_or(ReactError::NoSuchPost)?;
        let mine = (who.to_owned(), reaction);
        if !reactions.remove(&mine) {
            reactions.insert(mine);
        }
        *tally = count(reactions);
        Ok(*tally)
    }
}

impl Posts {
    fn add(&mut self, post: impl FnOnce(u64) -> Post) -> Post {
        self.last += 1;
        let kept = Kept { id: self.last, post: post(self.last), reactions: BTreeSet::new() };
        let post = kept.post.clone();
        self.kept.push_back(kept);
        if self.kept.len() > MAX_POSTS {
            self.kept.pop_front();
        }
        post
    }

    /// What was said under this id, if it is still there.
    fn said(&mut self, id: u64) -> Option<(&mut BTreeSet<(String, Reaction)>, &mut Tally)> {
        let kept = self.kept.iter_mut().find(|kept| kept.id == id)?;
        match &mut kept.post {
            Post::Said { tally, .. } => Some((&mut kept.reactions, tally)),
            Post::Came { .. } | Post::Left { .. } => None,
        }
    }
}

fn count(reactions: &BTreeSet<(String, Reaction)>) -> Tally {
    let of = |wanted| reactions.iter().filter(|(_, reaction)| *reaction == wanted).count();
    Tally {
        applause: of(Reaction::Applause),
        laughter: of(Reaction::Laughter),
        flowers: of(Reaction::Flowers),
    }
}
