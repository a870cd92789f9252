//! How often an actor may panic, and how long it rests after each time.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Restarts within a span of time. The rest before a restart doubles with each panic that is still within the span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    pub(crate) restarts: u32,
    pub(crate) within: Duration,
    /// Before the first restart; 0 for at once, always.
    pub(crate) backoff: Duration,
}

/// The longest rest, whatever doubling makes of it.
const LONGEST: Duration = Duration::from_secs(30);

impl Default for Budget {
    fn default() -> Self {
        Self { restarts: 3, within: Duration::from_secs(5), backoff: Duration::ZERO }
    }
}

/// The panics of one actor that still count.
#[derive(Debug)]
pub(super) struct Record {
    budget: Budget,
    panics: VecDeque<Instant>,
}

impl Record {
    pub(super) fn new(budget: Budget) -> Self {
        Self { budget, panics: VecDeque::new() }
    }

    /// Counts a panic: how long to rest before the restart; `None` when there is to be none.
    pub(super) fn panicked(&mut self, now: Instant) -> Option<Duration> {
        let Budget { restarts, within, backoff } = self.budget;
        while self.panics.front().is_some_and(|at| now.saturating_duration_since(*at) > within) {
            self.panics.pop_front();
        }
        let before = u32::try_from(self.panics.len()).unwrap_or(u32::MAX);
        if before >= restarts {
            return None;
        }
        self.panics.push_back(now);
        Some(backoff.saturating_mul(1_u32.checked_shl(before).unwrap_or(u32::MAX)).min(LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_panics_in_five_seconds_are_forgiven_and_a_fourth_is_not() {
        let mut record = Record::new(Budget::default());
        let start = Instant::now();
        for second in 0..3 {
            assert!(record.panicked(start + Duration::from_secs(second)).is_some());
        }
        assert_eq!(record.panicked(start + Duration::from_secs(5)), None);
        assert!(
            record.panicked(start + Duration::from_millis(5_001)).is_some(),
            "the first is forgotten by now"
        );
    }

    #[test]
    fn the_rest_doubles_and_has_an_end() {
        let budget =
            Budget { restarts: 40, within: Duration::from_secs(60), backoff: Duration::from_millis(200) };
        let mut record = Record::new(budget);
        let now = Instant::now();
        let rests: Vec<_> = (0..40).filter_map(|_| record.panicked(now)).collect();
        assert_eq!(rests[..3], [200, 400, 800].map(Duration::from_millis));
        assert_eq!(rests.last(), Some(&LONGEST));
        assert_eq!(rests.len(), 40);
    }

    #[test]
    fn without_a_budget_the_first_panic_is_the_last() {
        assert_eq!(Record::new(Budget { restarts: 0, ..Budget::default() }).panicked(Instant::now()), None);
    }
}
