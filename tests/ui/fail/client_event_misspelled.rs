#![allow(unused)]
use greenroom::prelude::*;

#[client]
trait Out {
    fn new_message(&self, text: &str);
}

#[derive(Handler, Default)]
#[handler(client = Out)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn say(&mut self, cx: &Cx<Self>, text: &str) {
        cx.everyone().new_mesage(text);
        cx.everyone().new_message(text, 1);
    }
}

fn main() {}
