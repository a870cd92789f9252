#![allow(unused)]
use greenroom::prelude::*;

#[derive(Room, Default)]
#[room(capicity = 4, linger = "soon", on_panic = retry, name = "a:b", mailbox = 0, restart(maximum = 3))]
struct Table;

#[events(room)]
impl Table {
    #[event]
    fn play(&mut self, square: u32) {}
}

fn main() {}
