#![allow(unused)]
use greenroom::prelude::*;

#[derive(Room, Default)]
struct Clock;

#[events]
impl Clock {
    #[every("5 parsecs")]
    fn tick(&mut self) {}
}

fn main() {}
