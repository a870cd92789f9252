#![allow(unused)]
use greenroom::prelude::*;

trait Talk {
    fn say(&mut self, text: &str);
}

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Talk for Chat {
    #[event]
    fn say(&mut self, text: &str) {}
}

fn main() {}
