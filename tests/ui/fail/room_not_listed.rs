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
struct Player;

#[events]
impl Player {
    #[event]
    async fn sit(&mut self, cx: &Cx<Self>) -> Result<(), Fault> {
        cx.enter::<Table>("t", ()).await?;
        Ok(())
    }
}

fn main() {}
