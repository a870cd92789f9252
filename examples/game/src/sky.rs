//! The rules, without a server: comets steer, eat sparks and grow; a bigger one shatters a smaller one.
//!
//! The sky is a torus of 1600 by 900. Nothing here is random but through [`Dice`], so a sky can be played again.

use serde::Serialize;

pub const WIDTH: f32 = 1_600.0;
pub const HEIGHT: f32 = 900.0;
const SPARKS: usize = 60;
/// Radians and units a beat.
const TURN: f32 = 0.14;
const SPEED: f32 = 6.0;
const REACH: f32 = 22.0;
/// Sparks that a comet begins with, and keeps when it is shattered.
const SEED: u32 = 3;

/// xorshift: enough for sparks.
pub struct Dice(pub u32);

impl Dice {
    fn roll(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as f32 / u32::MAX as f32
    }

    fn place(&mut self) -> (f32, f32) {
        (self.roll() * WIDTH, self.roll() * HEIGHT)
    }
}

pub struct Comet {
    pub id: u32,
    x: f32,
    y: f32,
    angle: f32,
    /// Where its pilot wants to go.
    heading: f32,
    pub sparks: u32,
    drifts: bool,
}

/// What a client draws: `[id, x, y, angle in hundredths, sparks]` of each comet, `[x, y]` of each spark.
#[derive(Serialize)]
pub struct Frame {
    beat: u32,
    comets: Vec<(u32, i32, i32, i32, u32)>,
    sparks: Vec<(i32, i32)>,
    /// Who shattered whom in this beat.
    shattered: Vec<(u32, u32)>,
}

pub struct Sky {
    beat: u32,
    pub comets: Vec<Comet>,
    sparks: Vec<(f32, f32)>,
    dice: Dice,
    next: u32,
}

impl Sky {
    pub fn new(mut dice: Dice) -> Self {
        let sparks = (0..SPARKS).map(|_| dice.place()).collect();
        Self { beat: 0, comets: Vec::new(), sparks, dice, next: 1 }
    }

    /// A new comet; its id. One that drifts looks for sparks by itself.
    pub fn enter(&mut self, drifts: bool) -> u32 {
        let ((x, y), angle) = (self.dice.place(), self.dice.roll() * std::f32::consts::TAU);
        let id = self.next;
        self.next += 1;
        self.comets.push(Comet { id, x, y, angle, heading: angle, sparks: SEED, drifts });
        id
    }

    /// What a comet has gathered is scattered where it was.
    pub fn leave(&mut self, id: u32) {
        self.comets.retain(|comet| comet.id != id);
    }

    pub fn steer(&mut self, id: u32, heading: f32) {
        if let Some(comet) = self.comets.iter_mut().find(|comet| comet.id == id)
            && heading.is_finite()
        {
            comet.heading = heading;
        }
    }

    pub fn beat(&mut self) -> Frame {
        self.beat = self.beat.wrapping_add(1);
        for comet in &mut self.comets {
            if comet.drifts {
                comet.seek(&self.sparks);
            }
            comet.fly();
        }
        self.feed();
        let shattered = self.collide();
        Frame {
            beat: self.beat,
            comets: self.comets.iter().map(Comet::seen).collect(),
            sparks: self.sparks.iter().map(|(x, y)| (*x as i32, *y as i32)).collect(),
            shattered,
        }
    }

    fn feed(&mut self) {
        for comet in &mut self.comets {
            for spark in &mut self.sparks {
                if near(comet.x, comet.y, *spark, REACH) {
                    comet.sparks += 1;
                    *spark = self.dice.place();
                }
            }
        }
    }

    /// Who touches one of less than two thirds of its size takes half of its sparks, and the small one starts elsewhere.
    fn collide(&mut self) -> Vec<(u32, u32)> {
        let mut shattered = Vec::new();
        for small in 0..self.comets.len() {
            let Some((id, at, sparks)) = self.comets.get(small).map(|c| (c.id, (c.x, c.y), c.sparks)) else {
                continue;
            };
            let big = self.comets.iter_mut().find(|big| {
                big.id != id
                    && big.sparks * 2 > sparks * 3
                    && near(big.x, big.y, at, REACH + big.sparks.min(60) as f32 / 3.0)
            });
            let Some(big) = big else { continue };
            big.sparks += sparks / 2;
            shattered.push((big.id, id));
            let place = self.dice.place();
            if let Some(comet) = self.comets.get_mut(small) {
                (comet.x, comet.y, comet.sparks) = (place.0, place.1, SEED);
            }
        }
        shattered
    }
}

impl Comet {
    fn fly(&mut self) {
        let tau = std::f32::consts::TAU;
        let off = (self.heading - self.angle + std::f32::consts::PI).rem_euclid(tau) - std::f32::consts::PI;
        self.angle = (self.angle + off.clamp(-TURN, TURN)).rem_euclid(tau);
        // The bigger, the slower.
        let speed = SPEED * 24.0 / (20.0 + self.sparks.min(100) as f32 * 0.3);
        self.x = (self.x + self.angle.cos() * speed).rem_euclid(WIDTH);
        self.y = (self.y + self.angle.sin() * speed).rem_euclid(HEIGHT);
    }

    fn seek(&mut self, sparks: &[(f32, f32)]) {
        let far = |(x, y): &(f32, f32)| (x - self.x).powi(2) + (y - self.y).powi(2);
        if let Some((x, y)) = sparks.iter().min_by(|a, b| far(a).total_cmp(&far(b))) {
            self.heading = (y - self.y).atan2(x - self.x);
        }
    }

    fn seen(&self) -> (u32, i32, i32, i32, u32) {
        (self.id, self.x as i32, self.y as i32, (self.angle * 100.0) as i32, self.sparks)
    }
}

fn near(x: f32, y: f32, at: (f32, f32), reach: f32) -> bool {
    (x - at.0).powi(2) + (y - at.1).powi(2) < reach * reach
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comet_that_drifts_eats_and_a_bigger_one_shatters_a_smaller_one() {
        let mut sky = Sky::new(Dice(7));
        let (big, small) = (sky.enter(true), sky.enter(false));
        let mut eaten = 0;
        for _ in 0..300 {
            sky.beat();
            eaten = sky.comets[0].sparks;
        }
        assert!(eaten > SEED + 5, "{eaten}");
        let at = (sky.comets[0].x, sky.comets[0].y);
        (sky.comets[1].x, sky.comets[1].y, sky.comets[1].sparks) = (at.0, at.1, SEED);
        assert_eq!(sky.beat().shattered, [(big, small)]);
        sky.leave(small);
        assert_eq!(sky.comets.len(), 1);
    }

    #[test]
    fn a_heading_that_is_no_number_is_not_taken() {
        let mut sky = Sky::new(Dice(7));
        let id = sky.enter(false);
        sky.steer(id, f32::NAN);
        sky.steer(id, f32::INFINITY);
        sky.beat();
        assert!(sky.comets[0].x.is_finite());
    }
}
