#![allow(unused)]
use greenroom::prelude::*;

#[derive(Room)]
struct Table;

#[events]
impl Table {
    #[created]
    fn created(&self, cx: &RoomCx<Self>) {}

    #[left]
    fn left(&mut self, cx: &RoomCx<Self>, why: Disconnect) {}

    #[empty]
    fn empty(&mut self) -> bool {
        true
    }

    #[every("1s")]
    async fn tick(&mut self, who: &Member<Self>) {}

    #[closed]
    fn closed(self) {}

    #[event]
    fn play(square: u32) {}

    #[connected]
    fn connected(&mut self) {}
}

fn main() {}
