#![allow(unused)]
use greenroom::prelude::*;

#[derive(Room, Default)]
struct Table;

#[events(room)]
impl Table {
    #[event]
    fn play(&mut self, square: u32) {}
}

#[derive(Handler, Default)]
#[handler(rooms(Table))]
struct Player;

#[events]
impl Player {
    #[event]
    fn play(&mut self, song: &str) {}
}

fn main() {}
