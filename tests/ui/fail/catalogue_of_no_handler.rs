//! A catalogue of a handler that does not describe itself.
use greenroom::catalogue::Catalogue;
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat;

#[events]
impl Chat {
    #[event]
    fn post(&self) {}
}

fn main() {
    Catalogue::of::<Chat>().typescript("chat.ts").check();
}
