//! A board: a room whose state is the sheet, and whose members are the artists around it.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use greenroom::prelude::*;
use serde::{Deserialize, Serialize};

use crate::sheet::{COLOURS, Ends, MAX_LENGTH, MAX_PIECE, Pen, Point, SIDE, Sheet, Stroke};

/// What tells one board from another: the word behind the `#` of the address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct BoardName(String);

impl Validate for BoardName {
    fn validate(&self) -> Result<(), Fault> {
        is_short(&self.0, 32, Fault::new("bad_board", "a board's name has 1 to 32 characters"))
    }
}

impl fmt::Display for BoardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who wants to draw.
#[derive(Deserialize)]
pub struct Visitor {
    name: String,
    /// A secret of the page. Who shows it again, after a reload, may take back what it drew before.
    ticket: String,
}

impl Validate for Visitor {
    fn validate(&self) -> Result<(), Fault> {
        is_short(&self.name, 16, Fault::new("bad_name", "a name has 1 to 16 characters"))?;
        is_short(&self.ticket, 64, Fault::new("bad_ticket", "a ticket has 1 to 64 characters"))
    }
}

fn is_short(text: &str, longest: usize, fault: Fault) -> Result<(), Fault> {
    let bad = text.trim().is_empty() || text.chars().count() > longest || text.chars().any(char::is_control);
    if bad { Err(fault) } else { Ok(()) }
}

/// A member.
pub struct Artist {
    id: u32,
    name: String,
    colour: u8,
    ticket: Arc<str>,
    /// The stroke that it is drawing.
    stroke: Cell<Option<u64>>,
}

/// An artist, as the others know it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Badge {
    id: u32,
    name: String,
    colour: u8,
}

/// What the page begins with.
#[derive(Serialize)]
pub struct Welcome {
    you: u32,
    /// Units of the board, and points of a stroke.
    side: u16,
    length: usize,
    artists: Vec<Badge>,
    strokes: Vec<Stroke>,
}

#[client]
pub trait BoardClient {
    /// Who is here, when somebody has come or gone.
    fn artists(&self, artists: &[Badge]);
    /// Where somebody points; nowhere when it has left the board.
    fn cursor(&self, artist: u32, at: Option<Point>);
    fn begun(&self, stroke: &Stroke);
    fn extended(&self, stroke: u64, points: &[Point]);
    fn removed(&self, strokes: &[u64]);
    /// By whom.
    fn cleared(&self, artist: u32);
}

/// One board. A panic costs nothing that was drawn: no method leaves the sheet half changed.
#[derive(Default, Room)]
#[room(key = BoardName, member = Artist, join = Visitor, snapshot = Welcome, client = BoardClient)]
#[room(capacity = 50, max = 500, linger = "1h", on_panic = resume)]
pub struct Board {
    sheet: Sheet,
    artists: u32,
}

#[events]
impl Board {
    #[joining]
    fn joining(&mut self, cx: &RoomCx<Self>, visitor: Visitor) -> Artist {
        self.artists += 1;
        let taken: Vec<_> = cx.members().iter().map(|artist| artist.data().colour).collect();
        // No two alike while there are enough.
        let free = (0..COLOURS).find(|colour| !taken.contains(colour));
        let colour = free.unwrap_or((self.artists % u32::from(COLOURS)) as u8);
        let (name, ticket) = (visitor.name.trim().to_owned(), visitor.ticket.into());
        Artist { id: self.artists, name, colour, ticket, stroke: Cell::new(None) }
    }

    #[joined]
    fn joined(&mut self, cx: &RoomCx<Self>, who: &Member<Self>) -> Welcome {
        cx.others(who).artists(&badges(cx));
        Welcome {
            you: who.data().id,
            side: SIDE,
            length: MAX_LENGTH,
            artists: badges(cx),
            strokes: self.sheet.strokes().cloned().collect(),
        }
    }

    #[left]
    fn left(&mut self, cx: &RoomCx<Self>) {
        cx.everyone().artists(&badges(cx));
    }

    /// Puts the pen down; answers with the stroke's id.
    #[event]
    fn begin(&mut self, cx: &RoomCx<Self>, who: &Member<Self>, pen: Pen, at: Point) -> u64 {
        let artist = who.data();
        let stroke = self.sheet.begin(artist.ticket.clone(), pen, at);
        artist.stroke.set(Some(stroke.id));
        cx.others(who).begun(&stroke);
        self.trim(cx);
        stroke.id
    }

    /// Draws on, with the pen that is down.
    #[event]
    fn extend(&mut self, cx: &RoomCx<Self>, who: &Member<Self>, points: Vec<Point>) -> Result<(), Fault> {
        if points.len() > MAX_PIECE {
            return Err(Fault::new("too_many_points", format!("an event takes {MAX_PIECE} points")));
        }
        let gone = || Fault::new("no_stroke", "the stroke is not there any more");
        let stroke = who.data().stroke.get().ok_or_else(gone)?;
        self.sheet.extend(stroke, &points).map_err(|ends| match ends {
            Ends::Gone => gone(),
            Ends::Full => Fault::new("stroke_full", format!("a stroke takes {MAX_LENGTH} points")),
        })?;
        cx.others(who).extended(stroke, &points);
        self.trim(cx);
        Ok(())
    }

    /// Takes back what one drew last.
    #[event]
    fn undo(&mut self, cx: &RoomCx<Self>, who: &Member<Self>) -> Option<u64> {
        let stroke = self.sheet.undo(&who.data().ticket)?;
        cx.everyone().removed(&[stroke]);
        Some(stroke)
    }

    #[event]
    fn clear(&mut self, cx: &RoomCx<Self>, who: &Member<Self>) {
        self.sheet.clear();
        cx.everyone().cleared(who.data().id);
    }

    /// Points somewhere, on the way to somewhere else: volatile, as the next one makes up for one that is lost.
    #[event]
    fn point(&mut self, cx: &RoomCx<Self>, who: &Member<Self>, at: Point) {
        cx.others(who).volatile().cursor(who.data().id, Some(at));
    }

    /// Points somewhere and stays there, or nowhere any more.
    #[event]
    fn rest(&mut self, cx: &RoomCx<Self>, who: &Member<Self>, at: Option<Point>) {
        cx.others(who).cursor(who.data().id, at);
    }
}

impl Board {
    fn trim(&mut self, cx: &RoomCx<Self>) {
        let gone = self.sheet.trim();
        if !gone.is_empty() {
            cx.everyone().removed(&gone);
        }
    }
}

fn badges(cx: &RoomCx<Board>) -> Vec<Badge> {
    let badge = |artist: &Artist| Badge { id: artist.id, name: artist.name.clone(), colour: artist.colour };
    cx.members().iter().map(|member| badge(member.data())).collect()
}

/// A page that is connected. It is at one board at a time.
#[derive(Handler, Default)]
#[handler(rooms(Board))]
pub struct Page {
    board: Option<BoardName>,
}

#[events]
impl Page {
    #[event]
    async fn open(&mut self, cx: &Cx<Self>, board: BoardName, visitor: Visitor) -> Result<Welcome, Fault> {
        if let Some(before) = self.board.take() {
            cx.exit::<Board>(before);
        }
        let entered = cx.enter::<Board>(board.clone(), visitor).await?;
        self.board = Some(board);
        Ok(entered.snapshot)
    }
}
