#![allow(unused)]
use greenroom::prelude::*;

struct Stats;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn stats(&mut self) -> Stats {
        Stats
    }

    #[event]
    async fn stats_later(&mut self) -> Result<Stats, Fault> {
        Ok(Stats)
    }
}

fn main() {}
