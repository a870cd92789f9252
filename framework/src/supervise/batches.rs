//! Many things to end, without holding up those that go on.

use std::time::Instant;

/// Acts on one after the other, `size` of them before other tasks of this thread get their turn. Stops at the deadline; gives how many
/// were not reached.
pub(crate) async fn in_batches<T>(
    items: Vec<T>,
    size: usize,
    until: Instant,
    mut act: impl FnMut(T),
) -> usize {
    let mut items = items.into_iter();
    loop {
        items.by_ref().take(size).for_each(&mut act);
        if items.len() == 0 || Instant::now() >= until {
            return items.len();
        }
        tokio::task::yield_now().await;
    }
}
