#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    async fn say(&mut self, text: &str) -> u32 {
        text.len()
    }
}

fn main() {}
