#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn say(&mut self, auth: Auth<String>, text: &str) {}

    #[event]
    fn shout(&mut self, cx: &Connect<Self>) {}
}

fn main() {}
