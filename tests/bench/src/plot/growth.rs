//! A panel for each workload: CPU per operation against size, which is flat where a server's cost is linear.

use super::svg::{Anchor, Svg, colour};
use crate::statistics::super_linear;
use crate::table::{Measured, figure};
use crate::workload::Workload;

const COLUMNS: usize = 3;
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 250.0;
const TOP: f64 = 60.0;
/// Around the curves of a panel.
const MARGIN: f64 = 46.0;

/// One panel's place and scales.
struct Panel {
    left: f64,
    top: f64,
    /// Logarithms of the smallest and the largest size.
    sizes: (f64, f64),
    highest: f64,
}

/// The plot as an SVG document.
pub(crate) fn growth(measured: &Measured<'_>, workloads: &[Workload], sizes: &[usize]) -> String {
    let rows = workloads.len().div_ceil(COLUMNS);
    let mut svg = Svg::new(WIDTH * COLUMNS as f64, TOP + HEIGHT * rows as f64);
    svg.text(
        14.0,
        22.0,
        Anchor::Start,
        "Server CPU, µs per operation, against size; red rings: super-linear growth",
    );
    svg.legend(14.0, 44.0, measured.servers);
    for (nth, workload) in workloads.iter().enumerate() {
        let costs = measured.servers.iter().map(|server| measured.costs(workload, server, sizes));
        let costs: Vec<_> = costs.collect();
        let highest = costs.iter().flatten().map(|(_, cost)| *cost).fold(0.0, f64::max);
        let panel = Panel {
            left: (nth % COLUMNS) as f64 * WIDTH + MARGIN,
            top: TOP + (nth / COLUMNS) as f64 * HEIGHT + MARGIN,
            sizes: (logarithm(sizes.iter().min()), logarithm(sizes.iter().max())),
            highest: if highest > 0.0 { highest * 1.1 } else { 1.0 },
        };
        panel.axes(&mut svg, workload, sizes);
        for (nth, costs) in costs.iter().enumerate() {
            panel.curve(&mut svg, costs, colour(nth));
        }
    }
    svg.finish()
}

fn logarithm(size: Option<&usize>) -> f64 {
    size.map_or(0.0, |size| (*size as f64).log10())
}

impl Panel {
    fn width() -> f64 {
        WIDTH - 1.5 * MARGIN
    }

    fn height() -> f64 {
        HEIGHT - 1.7 * MARGIN
    }

    fn x(&self, size: usize) -> f64 {
        let (least, most) = self.sizes;
        self.left + Self::width() * (logarithm(Some(&size)) - least) / (most - least).max(0.001)
    }

    fn y(&self, cost: f64) -> f64 {
        self.top + Self::height() * (1.0 - cost / self.highest)
    }

    fn axes(&self, svg: &mut Svg, workload: &Workload, sizes: &[usize]) {
        let title = format!("{}  {}", workload.name, workload.what);
        svg.text(self.left, self.top - 12.0, Anchor::Start, &title);
        let right = self.left + Self::width();
        for part in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let cost = self.highest * part;
            svg.line((self.left, self.y(cost)), (right, self.y(cost)), "#dddddd");
            svg.text(self.left - 6.0, self.y(cost) + 4.0, Anchor::End, &figure(Some(cost)));
        }
        for size in sizes {
            let bottom = self.top + Self::height();
            svg.line((self.x(*size), self.top), (self.x(*size), bottom), "#eeeeee");
            svg.text(self.x(*size), bottom + 16.0, Anchor::Middle, &size.to_string());
        }
    }

    fn curve(&self, svg: &mut Svg, costs: &[(usize, f64)], stroke: &str) {
        let points: Vec<_> = costs.iter().map(|(size, cost)| (self.x(*size), self.y(*cost))).collect();
        svg.polyline(&points, stroke);
        let flagged = super_linear(costs).map(|(size, _)| size);
        for ((size, _), point) in costs.iter().zip(&points) {
            if flagged == Some(*size) {
                svg.dot(*point, 8.0, "none", "#cc0000");
            }
            svg.dot(*point, 2.5, stroke, stroke);
        }
    }
}
