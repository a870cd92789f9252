//! What a typed event allocates on its way to its method: nothing, where the arguments are borrowed.
//!
//! A binary of its own, as its allocator counts. The count begins in a closure that hears of every event before the handler does,
//! and ends in a layer, after the method and its answer: between them are the lookup, the layers, the cursor over the arguments, the call.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use greenroom::prelude::*;
use greenroom::testing::TestServer;
use greenroom::{EventInfo, Layer, Outcome};
use serde::Deserialize;
use serde_json::json;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

impl Counting {
    fn count() {
        // A thread that ends may allocate when its locals are gone.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
    }
}

// SAFETY: everything is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count();
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Deserialize)]
struct Post<'a> {
    room: &'a str,
    text: &'a str,
    n: u64,
}

#[derive(Handler, Default)]
struct Wall {
    bytes: u64,
}

#[events]
impl Wall {
    #[event]
    fn say(&mut self, room: &str, text: &str, times: Option<u8>) {
        self.bytes += (room.len() + text.len()) as u64 * u64::from(times.unwrap_or(1));
    }

    #[event]
    fn post(&mut self, cx: &Cx<Self>, post: Post<'_>) {
        self.bytes += post.n + (post.room.len() + post.text.len()) as u64 + cx.id().as_str().len() as u64;
    }

    #[event(guard = Self::may)]
    fn guarded(&self, n: u64) -> u64 {
        n + self.bytes
    }

    #[event]
    fn owned(&mut self, text: String) {
        self.bytes += text.len() as u64;
    }

    fn may(&self, _: &Cx<Self>) -> bool {
        true
    }
}

/// Keeps how much each event allocated.
struct Count(Arc<Mutex<Vec<usize>>>);

impl Layer<Wall> for Count {
    fn after(&self, _: &EventInfo<'_>, _: &Cx<Wall>, _: &Outcome, _: Duration) {
        let count = ALLOCATIONS.get();
        self.0.lock().expect("nobody panics").push(count);
    }
}

#[actix_web::test]
async fn borrowed_arguments_cost_no_allocation() {
    let counts = Arc::new(Mutex::new(Vec::new()));
    let io = Greenroom::new().mount::<Wall>();
    io.layer::<Wall>(Count(counts.clone()));
    io.on_connection(|socket| {
        socket.on_any(|_, _, _| ALLOCATIONS.set(0));
    });
    let app = TestServer::new(io);
    let ann = app.connect::<Wall>(()).await.expect("let in");
    let allocations = async |event: &str, args: serde_json::Value| {
        // Twice: the first event of a connection makes what the others use again.
        ann.emit(event, Rest(args.as_array().cloned().unwrap_or_default()));
        ann.emit(event, Rest(args.as_array().cloned().unwrap_or_default()));
        app.settle().await;
        let counts = std::mem::take(&mut *counts.lock().expect("nobody panics"));
        assert_eq!(counts.len(), 2, "{event} {counts:?}");
        counts[1]
    };
    assert_eq!(allocations("say", json!(["lobby", "hello there", 3])).await, 0);
    assert_eq!(allocations("say", json!(["lobby", "hello there"])).await, 0);
    let post = json!([{ "room": "lobby", "text": "hello there, how is it?", "n": 12_345 }]);
    assert_eq!(allocations("post", post).await, 0);
    assert_eq!(allocations("guarded", json!([7])).await, 0);
    // So it does count: these have to be owned, one by its type, one because of its escape.
    assert_eq!(allocations("owned", json!(["hello there"])).await, 1);
    assert!(allocations("say", json!(["lobby", "hello \"you\""])).await > 0);
}
