#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler)]
struct Chat {
    user: String,
}

#[events]
impl Chat {
    #[event]
    fn say(&mut self, text: &str) {}
}

fn main() {}
