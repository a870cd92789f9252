//! One client as a struct: its events are methods, what it hears is a trait. It shares the namespace with the closures.

use greenroom::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub struct Welcome {
    pub message: String,
}

#[derive(Serialize, Deserialize)]
pub struct Letter {
    pub text: String,
}

#[client]
pub trait Page {
    #[event("server-msg")]
    fn server_msg(&self, data: &Welcome);
}

#[derive(Handler, Default)]
#[handler(client = Page)]
pub struct Example;

#[events]
impl Example {
    #[connected]
    fn welcome(&mut self, cx: &Cx<Self>) {
        cx.client().server_msg(&Welcome { message: "Добро пожаловать!".into() });
    }

    #[event("client-msg")]
    fn client_msg(&mut self, data: Letter) {
        println!("Получено от клиента: {}", data.text);
    }
}
