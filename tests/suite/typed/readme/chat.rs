use greenroom::prelude::*;

/// What the server sends.
#[client]
trait Guest {
    fn said(&self, who: &str, text: &str);
}

#[derive(Handler, Default)]
#[handler(client = Guest)]
struct Chat {
    name: String, // of one client
}

#[events]
impl Chat {
    #[event]
    fn enter(&mut self, cx: &Cx<Self>, name: String) -> usize {
        self.name = name;
        cx.join("lobby");
        cx.count("lobby") // the acknowledgement
    }

    #[event]
    fn say(&mut self, cx: &Cx<Self>, text: &str) -> Result<(), Fault> {
        if !cx.is_in("lobby") {
            return Err(Fault::new("outside", "enter first"));
        }
        cx.to("lobby").said(&self.name, text);
        Ok(())
    }
}
