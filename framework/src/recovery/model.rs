//! The rule of one owner, checked in every order of events: one connection that has a session, and three that show its private id.
//!
//! Breadth first over all states that can be reached, with the real [`Ownership`]; what surrounds it is what `connection` does.

use std::collections::{HashSet, VecDeque};

use super::{Claimed, Ownership};

const NEWCOMERS: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Newcomer {
    Elsewhere,
    /// The old transport is being asked for a sign of life.
    Asking,
    /// It was promised the session.
    Waiting,
    InMiddleware,
    /// It has the session.
    Seated,
    /// It got a session of its own.
    Fresh,
}

use Newcomer::{Asking, Elsewhere, Fresh, InMiddleware, Seated, Waiting};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct World {
    ownership: Ownership,
    /// A connection has the session's seat and handles its events.
    held: bool,
    /// Its transport is up.
    up: bool,
    newcomers: [Newcomer; NEWCOMERS],
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The transport of whoever has the session is lost.
    Lose,
    /// The connection has handled all that had come.
    Part,
    Claim(usize),
    /// The old transport answered in time.
    Answer(usize),
    /// It did not: it is closed.
    Silence(usize),
    Admit(usize),
    Refuse(usize),
    /// A newcomer's own transport is lost.
    Vanish(usize),
    Expire,
    /// The server, or the client, ends the session.
    End,
}

fn steps() -> Vec<Step> {
    let of_one = [Step::Claim, Step::Answer, Step::Silence, Step::Admit, Step::Refuse, Step::Vanish];
    let of_each = (0..NEWCOMERS).flat_map(|n| of_one.map(|step| step(n)));
    [Step::Lose, Step::Part, Step::Expire, Step::End].into_iter().chain(of_each).collect()
}

impl World {
    fn begin() -> Self {
        Self { ownership: Ownership::Held, held: true, up: true, newcomers: [Elsewhere; NEWCOMERS] }
    }

    fn lose(&mut self) {
        self.up = false;
        self.ownership.lost();
    }

    /// `None`: this can't happen now.
    fn after(mut self, step: Step) -> Option<Self> {
        match step {
            Step::Lose if self.held && self.up => self.lose(),
            Step::Part if self.held && !self.up => {
                self.held = false;
                let goes_on = self.ownership.parted();
                for newcomer in &mut self.newcomers {
                    *newcomer = match *newcomer {
                        // Its old connection is this one: it may show its private id again.
                        Seated => Elsewhere,
                        Asking | Waiting if goes_on => InMiddleware,
                        Asking | Waiting => Fresh,
                        other => other,
                    };
                }
            }
            Step::Claim(n) if self.newcomers[n] == Elsewhere => {
                self.newcomers[n] = match self.ownership.claim() {
                    Claimed::Now => InMiddleware,
                    Claimed::Ask => Asking,
                    Claimed::Later => Waiting,
                    Claimed::No => Fresh,
                };
            }
            Step::Answer(n) if self.newcomers[n] == Asking && self.up => {
                self.newcomers[n] = Fresh;
                self.ownership.unclaim();
            }
            Step::Silence(n) if self.newcomers[n] == Asking => {
                self.newcomers[n] = Waiting;
                if self.up {
                    self.lose();
                }
            }
            Step::Admit(n) if self.newcomers[n] == InMiddleware && self.ownership == Ownership::Over => {
                self.newcomers[n] = Fresh;
                self.ownership.unclaim();
            }
            Step::Admit(n) if self.newcomers[n] == InMiddleware => {
                self.newcomers[n] = Seated;
                self.ownership.seated();
                (self.held, self.up) = (true, true);
            }
            Step::Refuse(n) if self.newcomers[n] == InMiddleware => {
                self.newcomers[n] = Fresh;
                self.ownership.unclaim();
            }
            Step::Vanish(n) if matches!(self.newcomers[n], Asking | Waiting | InMiddleware) => {
                self.newcomers[n] = Elsewhere;
                self.ownership.unclaim();
            }
            Step::Expire if self.ownership.expire() => {}
            Step::End if self.held => {
                self.up = false;
                self.end();
            }
            Step::End if matches!(self.ownership, Ownership::Away | Ownership::Claimed) => self.end(),
            _ => return None,
        }
        Some(self)
    }

    fn end(&mut self) {
        self.ownership.end();
        for newcomer in &mut self.newcomers {
            if matches!(newcomer, Asking | Waiting) {
                *newcomer = Fresh;
            }
        }
    }

    fn count(&self, what: Newcomer) -> usize {
        self.newcomers.iter().filter(|newcomer| **newcomer == what).count()
    }

    fn check(&self) -> Result<(), &'static str> {
        use Ownership::{Asked, Away, Claimed, Closing, Held, Over, Promised};
        let (asking, waiting, inside) = (self.count(Asking), self.count(Waiting), self.count(InMiddleware));
        let owners = usize::from(self.held) + inside;
        let rules = [
            (owners <= 1, "one owner at a time"),
            (asking + waiting + inside <= 1, "one newcomer at a time"),
            (self.count(Seated) <= usize::from(self.held), "who is seated has it"),
            (!self.up || self.held, "a transport that is up belongs to its owner"),
            (
                self.up == (self.ownership == Held || self.ownership == Asked),
                "it is held while its transport is up",
            ),
            (
                self.ownership == Over || inside == usize::from(self.ownership == Claimed),
                "it is claimed by who is in middleware",
            ),
            ((self.ownership == Away) <= (owners == 0), "nobody has it when it is away"),
            (
                asking + waiting == usize::from(matches!(self.ownership, Asked | Promised)),
                "no promise is forgotten",
            ),
            (
                self.held || !matches!(self.ownership, Held | Asked | Closing | Promised),
                "a connection has it",
            ),
            (self.ownership != Over || asking + waiting == 0, "nobody waits for what is over"),
        ];
        rules.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err(*rule))
    }
}

/// All states that can be reached. Panics at the first that breaks a rule, with the way there.
fn explore() -> HashSet<World> {
    let begin = World::begin();
    let (mut seen, mut todo) = (HashSet::from([begin]), VecDeque::from([(begin, Vec::new())]));
    while let Some((world, way)) = todo.pop_front() {
        if let Err(rule) = world.check() {
            panic!("{rule}: {world:?} after {way:?}");
        }
        for step in steps() {
            let Some(next) = world.after(step) else { continue };
            if seen.insert(next) {
                let mut way: Vec<Step> = way.clone();
                way.push(step);
                todo.push_back((next, way));
            }
        }
    }
    seen
}

#[test]
fn in_every_order_of_events_there_is_one_owner() {
    let seen = explore();
    assert!(seen.len() > 100, "{}", seen.len());
    let second = |world: &World| world.count(Seated) == 1 && world.count(Fresh) == 2;
    assert!(seen.iter().any(second), "one takes it over, the others do not");
}

/// Whatever has happened, a session that is not over is got back by somebody who keeps at it.
#[test]
fn a_session_that_is_not_over_can_be_got_back() {
    for world in explore() {
        if world.ownership == Ownership::Over {
            continue;
        }
        let (mut seen, mut todo) = (HashSet::from([world]), vec![world]);
        let mut back = false;
        while let Some(world) = todo.pop() {
            back |= world.held && world.up;
            let newcomers = (0..NEWCOMERS).flat_map(|n| [Step::Claim(n), Step::Silence(n), Step::Admit(n)]);
            let own = (0..NEWCOMERS).map(Step::Vanish);
            for step in newcomers.chain(own).chain([Step::Part]) {
                if let Some(next) = world.after(step)
                    && seen.insert(next)
                {
                    todo.push(next);
                }
            }
        }
        let all_fresh = world.newcomers.iter().all(|newcomer| *newcomer == Fresh);
        assert!(back || all_fresh, "lost for ever: {world:?}");
    }
}
