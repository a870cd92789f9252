#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn save(&mut self) -> Result<u32, std::io::Error> {
        Ok(1)
    }
}

fn main() {}
