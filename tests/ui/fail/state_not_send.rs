#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    seen: std::rc::Rc<u32>,
}

#[events]
impl Chat {
    #[event]
    fn say(&mut self) {}
}

fn main() {}
