#![allow(unused)]
use greenroom::prelude::*;

struct Post {
    text: String,
}

#[client]
trait Out {
    fn posted(&self, room: &str, post: &Post);
}

fn main() {}
