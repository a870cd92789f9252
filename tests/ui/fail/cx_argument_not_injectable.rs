#![allow(unused)]
use greenroom::prelude::*;

struct Locale(String);

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn say(&mut self, #[cx] who: Locale, text: &str) {}
}

fn main() {}
