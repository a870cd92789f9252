//! An answer whose type nobody can name.
use greenroom::prelude::*;
use serde::Serialize;

#[derive(Handler, Default)]
struct Chat;

#[events(catalogue)]
impl Chat {
    #[event]
    fn count(&self) -> impl Serialize {
        1
    }
}

fn main() {}
