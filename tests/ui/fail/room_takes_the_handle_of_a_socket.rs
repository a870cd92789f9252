#![allow(unused)]
use greenroom::prelude::*;

#[derive(Room, Default)]
struct Table;

#[events(room)]
impl Table {
    #[event]
    fn play(&mut self, cx: &Cx<Self>, square: u32) {}

    #[event]
    fn pass(&mut self, who: Member<Self>) {}

    #[event]
    fn look(&mut self, socket: Socket) {}
}

fn main() {}
