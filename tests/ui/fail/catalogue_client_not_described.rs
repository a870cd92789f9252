//! The handler is in the catalogue, what it sends is not.
use greenroom::prelude::*;

#[client]
trait Page {
    fn posted(&self, room: &str);
}

#[derive(Handler, Default)]
#[handler(client = Page)]
struct Chat;

#[events(catalogue)]
impl Chat {
    #[event]
    fn post(&self, cx: &Cx<Self>) {
        cx.client().posted("lobby");
    }
}

fn main() {}
