#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn say<T: serde::de::DeserializeOwned>(&mut self, what: T) {}
}

fn main() {}
