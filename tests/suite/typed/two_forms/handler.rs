use std::time::Duration;

use greenroom::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Login {
    name: String,
}

#[client]
trait ChatClient {
    fn welcome(&self, text: &str);
    fn joined(&self, room: &str, who: &str);
    fn said(&self, room: &str, who: &str, text: &str);
    fn left(&self, room: &str, who: &str);
    async fn sure(&self, room: &str) -> bool;
}

#[derive(Debug, thiserror::Error, Fault)]
enum ChatError {
    #[error("who are you?")]
    NoName,
    #[error("join first")]
    NotInRoom,
    #[error("a message has at most 200 bytes")]
    TooLong,
}

#[derive(Handler)]
#[handler(ns = "/chat", client = ChatClient)]
struct Chat {
    name: String,
    sent: usize,
}

#[events]
impl Chat {
    #[connect]
    fn connect(Auth(login): Auth<Login>) -> Result<Self, ChatError> {
        if login.name.is_empty() {
            return Err(ChatError::NoName);
        }
        Ok(Self { name: login.name, sent: 0 })
    }

    #[connected]
    fn welcome(&mut self, cx: &Cx<Self>) {
        cx.client().welcome("join a room");
    }

    #[event]
    fn join(&mut self, cx: &Cx<Self>, room: &str) -> usize {
        cx.join(room);
        cx.to(room).joined(room, &self.name);
        cx.count(room)
    }

    #[event("chat message")]
    fn say(&mut self, cx: &Cx<Self>, room: &str, text: &str) -> Result<usize, ChatError> {
        if !cx.is_in(room) {
            return Err(ChatError::NotInRoom);
        }
        if text.len() > 200 {
            return Err(ChatError::TooLong);
        }
        self.sent += 1;
        cx.within(room).said(room, &self.name, text);
        Ok(self.sent)
    }

    #[event]
    async fn close(&mut self, cx: &Cx<Self>, room: &str) -> bool {
        let votes = cx.to(room).timeout(Duration::from_secs(5)).sure(room).await;
        votes.is_ok_and(|votes| votes.is_complete() && votes.replies.iter().all(|(_, yes)| *yes))
    }

    #[disconnect]
    fn bye(&mut self, cx: &Cx<Self>) {
        for room in cx.rooms() {
            cx.to(&room).left(&room, &self.name);
        }
    }
}

pub fn chat(io: &Greenroom) {
    io.mount::<Chat>();
}
