#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[connected]
    fn always(&mut self) {}

    #[cfg(any())]
    #[connected]
    fn sometimes(&mut self) {}

    #[cfg(any())]
    #[disconnect]
    fn one(&mut self) {}

    #[cfg(not(any()))]
    #[disconnect]
    fn other(&mut self) {}
}

fn main() {}
