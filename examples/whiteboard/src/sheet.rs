//! What is drawn on one board: strokes, bounded in number and length. Nothing here knows of sockets.

use std::collections::VecDeque;
use std::sync::Arc;

use greenroom::prelude::*;
use serde::{Deserialize, Serialize};

/// A board is a square of so many units; at the page's first look a unit is a pixel.
pub const SIDE: u16 = 8_000;
/// Pens that there are.
pub const COLOURS: u8 = 8;
/// Units; the thickest pen.
pub const MAX_WIDTH: u8 = 64;
/// Strokes of one board. One more, and the oldest goes.
pub const MAX_STROKES: usize = 2_000;
/// Points of all strokes of one board, about 600 KB as JSON, so that a snapshot is one message. One more, and the oldest stroke goes.
pub const MAX_POINTS: usize = 50_000;
/// Points of one stroke. The page goes on with another one.
pub const MAX_LENGTH: usize = 1_000;
/// Points of one event.
pub const MAX_PIECE: usize = 256;

/// A place on the board, `[x, y]` from the upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point(pub u16, pub u16);

impl Validate for Point {
    fn validate(&self) -> Result<(), Fault> {
        if self.0.max(self.1) > SIDE { Err(Fault::new("off_board", "the board ends before")) } else { Ok(()) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pen {
    /// Its place in the page's palette.
    pub colour: u8,
    pub width: u8,
}

impl Validate for Pen {
    fn validate(&self) -> Result<(), Fault> {
        let known = self.colour < COLOURS && (1..=MAX_WIDTH).contains(&self.width);
        if known { Ok(()) } else { Err(Fault::new("bad_pen", "there is no such pen")) }
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Stroke {
    /// Grows from stroke to stroke.
    pub id: u64,
    pub pen: Pen,
    pub points: Vec<Point>,
    /// Never told: who shows it may take the stroke back.
    #[serde(skip)]
    author: Arc<str>,
}

/// Why a stroke does not go on.
#[derive(Debug, PartialEq, Eq)]
pub enum Ends {
    Gone,
    Full,
}

/// See the module.
#[derive(Default)]
pub struct Sheet {
    strokes: VecDeque<Stroke>,
    points: usize,
    last: u64,
}

impl Sheet {
    /// From the oldest to the newest.
    pub fn strokes(&self) -> impl Iterator<Item = &Stroke> {
        self.strokes.iter()
    }

    pub fn begin(&mut self, author: Arc<str>, pen: Pen, at: Point) -> Stroke {
        self.last += 1;
        let stroke = Stroke { id: self.last, pen, points: vec![at], author };
        self.points += 1;
        self.strokes.push_back(stroke.clone());
        stroke
    }

    /// Adds all of the points, or none.
    pub fn extend(&mut self, stroke: u64, points: &[Point]) -> Result<(), Ends> {
        let place = self.strokes.binary_search_by_key(&stroke, |stroke| stroke.id);
        let stroke = place.ok().and_then(|place| self.strokes.get_mut(place)).ok_or(Ends::Gone)?;
        if stroke.points.len() + points.len() > MAX_LENGTH {
            return Err(Ends::Full);
        }
        stroke.points.extend(points);
        self.points += points.len();
        Ok(())
    }

    /// Takes the oldest strokes away until the rest is within the limits; which.
    pub fn trim(&mut self) -> Vec<u64> {
        let mut gone = Vec::new();
        while self.strokes.len() > MAX_STROKES || self.points > MAX_POINTS {
            let Some(stroke) = self.strokes.pop_front() else { break };
            self.points -= stroke.points.len();
            gone.push(stroke.id);
        }
        gone
    }

    /// Takes the author's last stroke away; which.
    pub fn undo(&mut self, author: &str) -> Option<u64> {
        let place = self.strokes.iter().rposition(|stroke| &*stroke.author == author)?;
        let stroke = self.strokes.remove(place)?;
        self.points -= stroke.points.len();
        Some(stroke.id)
    }

    pub fn clear(&mut self) {
        self.strokes.clear();
        self.points = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEN: Pen = Pen { colour: 0, width: 4 };

    fn drawn(strokes: usize, length: usize) -> Sheet {
        let mut sheet = Sheet::default();
        for _ in 0..strokes {
            let id = sheet.begin("ann".into(), PEN, Point(0, 0)).id;
            sheet.extend(id, &vec![Point(1, 1); length - 1]).expect("it fits");
        }
        sheet
    }

    #[test]
    fn one_stroke_more_than_a_board_takes_and_the_oldest_goes() {
        let mut sheet = drawn(MAX_STROKES, 1);
        assert!(sheet.trim().is_empty());
        sheet.begin("ann".into(), PEN, Point(0, 0));
        assert_eq!(sheet.trim(), [1]);
        assert_eq!(sheet.strokes().count(), MAX_STROKES);
    }

    #[test]
    fn one_point_more_than_a_board_takes_and_the_oldest_stroke_goes() {
        let mut sheet = drawn(MAX_POINTS / MAX_LENGTH, MAX_LENGTH);
        assert!(sheet.trim().is_empty());
        let newest = sheet.begin("ann".into(), PEN, Point(0, 0)).id;
        assert_eq!(sheet.trim(), [1]);
        assert_eq!(sheet.extend(1, &[Point(0, 0)]), Err(Ends::Gone));
        // What went with the first stroke may be drawn again.
        sheet.extend(newest, &vec![Point(1, 1); MAX_LENGTH - 1]).expect("it fits");
        assert!(sheet.trim().is_empty());
    }

    #[test]
    fn a_stroke_takes_no_point_more_than_its_length() {
        let mut sheet = drawn(1, MAX_LENGTH);
        assert_eq!(sheet.extend(1, &[Point(0, 0)]), Err(Ends::Full));
        assert_eq!(sheet.strokes().map(|stroke| stroke.points.len()).collect::<Vec<_>>(), [MAX_LENGTH]);
    }

    #[test]
    fn undo_takes_the_authors_last_stroke_and_nobody_elses() {
        let mut sheet = drawn(2, 3);
        sheet.begin("bob".into(), PEN, Point(0, 0));
        assert_eq!(sheet.undo("ann"), Some(2));
        assert_eq!(sheet.undo("eve"), None);
        assert_eq!(sheet.strokes().map(|stroke| stroke.id).collect::<Vec<_>>(), [1, 3]);
        sheet.clear();
        assert_eq!((sheet.strokes().count(), sheet.undo("ann"), sheet.points), (0, None, 0));
    }
}
