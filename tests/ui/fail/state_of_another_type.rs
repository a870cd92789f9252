#![allow(unused)]
use greenroom::prelude::*;

#[derive(Clone)]
struct App;

#[derive(Handler, Default)]
#[handler(state = App)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn say(&mut self, state: State<String>) {}
}

fn main() {}
