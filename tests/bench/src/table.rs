//! Tables of text, one per workload.

use std::fmt::Write as _;

use crate::results::Cell;
use crate::statistics::{Summary, summaries, super_linear};
use crate::workload::Workload;

const HEAD: [&str; 12] = [
    "server",
    "CPU µs/op",
    "of base",
    "least-most",
    "op/s",
    "p50 µs",
    "p99 µs",
    "RSS/conn",
    "load",
    "others",
    "errors",
    "reordered",
];

/// What is measured of whom.
#[derive(Debug)]
pub(crate) struct Measured<'a> {
    pub(crate) cells: &'a [Cell],
    pub(crate) servers: &'a [String],
    pub(crate) base: &'a str,
}

impl Measured<'_> {
    pub(crate) fn summaries(&self, workload: &Workload, size: usize) -> Vec<Summary> {
        summaries(self.cells, workload.name, size, self.servers, self.base)
    }

    /// A server's CPU per operation at each size.
    pub(crate) fn costs(&self, workload: &Workload, server: &str, sizes: &[usize]) -> Vec<(usize, f64)> {
        let cost = |size: &usize| {
            let summaries = self.summaries(workload, *size);
            let summary = summaries.into_iter().find(|summary| summary.server == server)?;
            Some((*size, summary.cpu_us?))
        };
        sizes.iter().filter_map(cost).collect()
    }

    /// The same at one size, as text; `~` behind what was noisy.
    fn cost(&self, workload: &Workload, server: &str, size: usize) -> String {
        let summaries = self.summaries(workload, size);
        let summary = summaries.iter().find(|summary| summary.server == server);
        let noisy = summary.is_some_and(|summary| summary.noisy > 0);
        format!("{}{}", figure(summary.and_then(|summary| summary.cpu_us)), if noisy { "~" } else { "" })
    }

    /// The table of one workload and size.
    pub(crate) fn table(&self, workload: &Workload, size: usize) -> String {
        let rows: Vec<_> = self.summaries(workload, size).iter().map(row).collect();
        let title =
            format!("{}  {}, size {size} (operation: {})", workload.name, workload.what, workload.operation);
        format!("{title}\n{}\n", aligned(&HEAD.map(str::to_owned), &rows))
    }

    /// CPU per operation against size.
    pub(crate) fn growth(&self, workload: &Workload, sizes: &[usize]) -> String {
        let head = std::iter::once("server".to_owned()).chain(sizes.iter().map(ToString::to_string));
        let head: Vec<_> = head.chain(["growth".to_owned()]).collect();
        let rows = self.servers.iter().map(|server| {
            let costs = self.costs(workload, server, sizes);
            let cells = sizes.iter().map(|size| self.cost(workload, server, *size));
            let verdict = match super_linear(&costs) {
                Some((size, times)) => format!("SUPER-LINEAR: x{times:.1} at {size}"),
                None if costs.len() < 2 => dash(),
                None => "linear".to_owned(),
            };
            std::iter::once(server.clone()).chain(cells).chain([verdict]).collect()
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let title =
            format!("{}  {}: CPU µs per {} against size", workload.name, workload.what, workload.operation);
        format!("{title}\n{}\n", aligned(&head, &rows))
    }
}

fn row(summary: &Summary) -> Vec<String> {
    let noisy =
        if summary.noisy > 0 { format!(" ~{}/{}", summary.noisy, summary.rounds) } else { String::new() };
    let share = 100.0 * summary.reordered as f64 / summary.operations.max(1) as f64;
    vec![
        format!("{}{noisy}", summary.server),
        figure(summary.cpu_us),
        summary.ratio.map_or_else(dash, |ratio| format!("{:.2}", ratio.median)),
        summary.ratio.map_or_else(dash, |ratio| format!("{:.2}-{:.2}", ratio.least, ratio.most)),
        figure(summary.per_second),
        figure(summary.p50_us),
        figure(summary.p99_us),
        figure(summary.rss_per_connection),
        figure(summary.generator_cores),
        figure(summary.other_cores),
        summary.errors.to_string(),
        if summary.reordered > 0 { format!("{share:.0}%") } else { "0".to_owned() },
    ]
}

fn dash() -> String {
    "-".to_owned()
}

/// Three digits, or all of them before the point.
pub(crate) fn figure(value: Option<f64>) -> String {
    match value {
        None => dash(),
        Some(value) if value.abs() >= 100.0 => format!("{value:.0}"),
        Some(value) if value.abs() >= 10.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.2}"),
    }
}

/// Columns as wide as their widest cell; the first is a name and stands left, figures stand right.
fn aligned(head: &[String], rows: &[Vec<String>]) -> String {
    let lines = || std::iter::once(head).chain(rows.iter().map(Vec::as_slice));
    let width =
        |column: usize| lines().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<_> = (0..head.len()).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in lines() {
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            // Writing to a String cannot fail.
            let _ = match column {
                0 => write!(text, "  {cell:<width$}"),
                _ => write!(text, "  {cell:>width$}"),
            };
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::tests::cell;
    use crate::workload::find;

    #[test]
    fn a_table_has_a_row_per_server_and_its_ratio() {
        let mut cells = [cell(1, "W1", 50, "a", 10.0), cell(1, "W1", 50, "bee", 7.5)];
        cells[1].noisy = true;
        let servers = ["a".to_owned(), "bee".to_owned(), "missing".to_owned()];
        let measured = Measured { cells: &cells, servers: &servers, base: "a" };
        let table = measured.table(find("W1").expect("a workload"), 50);
        let lines: Vec<_> = table.trim_end().lines().collect();
        assert_eq!(lines.len(), 4, "{table}");
        assert!(lines[1].trim_start().starts_with("server"), "{table}");
        assert!(lines[2].starts_with("  a              10.0     1.00"), "{table}");
        assert!(lines[3].starts_with("  bee ~1/1       7.50     0.75"), "{table}");
        assert!(lines[1..].iter().all(|line| line.chars().count() == lines[1].chars().count()), "{table}");
    }

    #[test]
    fn growth_that_is_super_linear_is_said() {
        let cells = [cell(1, "W3", 1, "a", 9.0), cell(1, "W3", 10, "a", 5.0), cell(1, "W3", 100, "a", 10.0)];
        let servers = ["a".to_owned()];
        let measured = Measured { cells: &cells, servers: &servers, base: "a" };
        let table = measured.growth(find("W3").expect("a workload"), &[1, 10, 100, 1000]);
        assert!(table.contains("SUPER-LINEAR: x2.0 at 100"), "{table}");
    }

    #[test]
    fn figures_have_three_digits() {
        let texts = [Some(0.123), Some(12.34), Some(12345.6), None].map(figure);
        assert_eq!(texts, ["0.12", "12.3", "12346", "-"]);
    }
}
