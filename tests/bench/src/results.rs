//! One line of JSON per cell.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Context, Error};
use crate::meter::Figures;

/// One workload, of one size, with one server, in one round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Counted from 1.
    pub round: u32,
    /// The workload's name.
    pub workload: String,
    /// Connections, or members of the room.
    pub size: usize,
    /// The server's name.
    pub server: String,
    /// How often it was measured until others were quiet.
    pub attempts: u32,
    /// Others were not quiet in any attempt.
    pub noisy: bool,
    /// What was measured.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Appends a cell: what is measured stays, whatever happens next.
pub(crate) fn append(file: &mut File, path: &Path, cell: &Cell) -> Result<(), Error> {
    let line =
        serde_json::to_string(cell).map_err(std::io::Error::other).context("write a result as JSON")?;
    writeln!(file, "{line}").context(format!("write {}", path.display()))
}
