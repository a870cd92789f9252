//! A bar for each server and workload: CPU per operation, divided by the base's.

use super::svg::{Anchor, Svg, colour};
use crate::statistics::Summary;
use crate::table::{Measured, figure};
use crate::workload::Workload;

const LEFT: f64 = 350.0;
const WIDTH: f64 = 420.0;
const RIGHT: f64 = 170.0;
const TOP: f64 = 76.0;
const BAR: f64 = 16.0;
const GAP: f64 = 14.0;
/// Longer bars are cut off: one server that needs ten times as much would leave no room to compare the others.
const LONGEST: f64 = 3.0;

/// The plot as an SVG document.
pub(crate) fn bars(measured: &Measured<'_>, workloads: &[Workload]) -> String {
    let groups = workloads.iter().map(|workload| (workload, measured.summaries(workload, workload.size)));
    let groups: Vec<_> = groups.filter(|(_, summaries)| !summaries.is_empty()).collect();
    let heights: f64 = groups.iter().map(|(_, summaries)| summaries.len() as f64 * BAR + GAP).sum();
    let mut svg = Svg::new(LEFT + WIDTH + RIGHT, TOP + heights + GAP);
    svg.text(
        GAP,
        22.0,
        Anchor::Start,
        &format!("Server CPU per operation, divided by that of {}: less is better", measured.base),
    );
    svg.legend(GAP, 46.0, measured.servers);
    axis(&mut svg, TOP + heights);
    let mut y = TOP;
    for (workload, summaries) in groups {
        let middle = y + summaries.len() as f64 * BAR / 2.0;
        svg.text(LEFT - 10.0, middle - 2.0, Anchor::End, workload.name);
        svg.text(LEFT - 10.0, middle + 12.0, Anchor::End, workload.what);
        for summary in &summaries {
            bar(&mut svg, measured, summary, y);
            y += BAR;
        }
        y += GAP;
    }
    svg.finish()
}

fn x(ratio: f64) -> f64 {
    LEFT + WIDTH * ratio.min(LONGEST) / LONGEST
}

fn axis(svg: &mut Svg, bottom: f64) {
    for tick in [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0] {
        let stroke = if tick == 1.0 { "#444444" } else { "#dddddd" };
        svg.line((x(tick), TOP - 8.0), (x(tick), bottom), stroke);
        svg.text(x(tick), TOP - 12.0, Anchor::Middle, &format!("{tick}"));
    }
}

fn bar(svg: &mut Svg, measured: &Measured<'_>, summary: &Summary, y: f64) {
    let nth = measured.servers.iter().position(|server| *server == summary.server).unwrap_or(0);
    let Some(ratio) = summary.ratio else { return };
    svg.rect(LEFT, y + 1.0, x(ratio.median) - LEFT, BAR - 3.0, colour(nth));
    let spread = y + BAR / 2.0 - 0.5;
    svg.line((x(ratio.least), spread), (x(ratio.most), spread), "#000000");
    let cut = if ratio.median > LONGEST { "→ " } else { "" };
    let noisy = if summary.noisy > 0 { " ~" } else { "" };
    let label = format!("{cut}{:.2}  ({} µs){noisy}", ratio.median, figure(summary.cpu_us));
    svg.text(x(ratio.median.max(ratio.most)) + 6.0, y + 12.0, Anchor::Start, &label);
}
