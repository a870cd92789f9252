#![allow(unused)]
use greenroom::prelude::*;

#[derive(Room)]
struct Table {
    squares: Vec<u32>,
}

#[events(room)]
impl Table {
    #[event]
    fn play(&mut self, square: u32) {}
}

fn main() {}
