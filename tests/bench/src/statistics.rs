//! Medians over rounds. Servers are compared within a round, where they ran one after the other: the machine changes from
//! minute to minute, and what both have seen of it divides out.

use crate::meter::Figures;
use crate::results::Cell;

/// Growth of the cost per operation, over its least at smaller sizes, from which a server is said to grow super-linearly.
/// Caches that overflow cost up to a third more.
pub(crate) const SUPER_LINEAR: f64 = 1.5;

/// Ratios of single rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// A server's rounds of one workload and size.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    pub(crate) server: String,
    pub(crate) rounds: usize,
    pub(crate) noisy: usize,
    pub(crate) cpu_us: Option<f64>,
    /// CPU, divided by the base's.
    pub(crate) ratio: Option<Ratio>,
    pub(crate) per_second: Option<f64>,
    pub(crate) p50_us: Option<f64>,
    pub(crate) p99_us: Option<f64>,
    pub(crate) rss_per_connection: Option<f64>,
    pub(crate) generator_cores: Option<f64>,
    pub(crate) other_cores: Option<f64>,
    pub(crate) errors: u64,
    pub(crate) operations: u64,
    pub(crate) reordered: u64,
}

/// Sums up each of the servers that has rounds of this workload and size.
pub(crate) fn summaries(
    cells: &[Cell],
    workload: &str,
    size: usize,
    servers: &[String],
    base: &str,
) -> Vec<Summary> {
    let of = |server: &str| {
        let cells = cells.iter().filter(|cell| cell.workload == workload && cell.size == size);
        cells.filter(|cell| cell.server == server).collect::<Vec<_>>()
    };
    let base = of(base);
    let summaries = servers.iter().map(|server| summary(server, &of(server), &base));
    summaries.filter(|summary| summary.rounds > 0).collect()
}

fn summary(server: &str, cells: &[&Cell], base: &[&Cell]) -> Summary {
    let all =
        |figure: fn(&Figures) -> Option<f64>| median(cells.iter().filter_map(|cell| figure(&cell.figures)));
    let sum = |count: fn(&Figures) -> u64| cells.iter().map(|cell| count(&cell.figures)).sum();
    Summary {
        server: server.to_owned(),
        rounds: cells.len(),
        noisy: cells.iter().filter(|cell| cell.noisy).count(),
        cpu_us: all(|figures| figures.cpu_us),
        ratio: ratio(cells, base),
        per_second: all(|figures| Some(figures.per_second)),
        p50_us: all(|figures| figures.p50_us),
        p99_us: all(|figures| figures.p99_us),
        rss_per_connection: all(|figures| figures.rss_per_connection),
        generator_cores: all(|figures| Some(figures.generator_cores)),
        other_cores: all(|figures| Some(figures.other_cores)),
        errors: sum(|figures| figures.errors),
        operations: sum(|figures| figures.operations),
        reordered: sum(|figures| figures.reordered),
    }
}

/// CPU per operation divided by the base's of the same round.
fn ratio(cells: &[&Cell], base: &[&Cell]) -> Option<Ratio> {
    let ratios = cells.iter().filter_map(|cell| {
        let base = base.iter().find(|base| base.round == cell.round)?;
        Some(cell.figures.cpu_us? / base.figures.cpu_us?)
    });
    let ratios: Vec<f64> = ratios.filter(|ratio| ratio.is_finite()).collect();
    Some(Ratio {
        median: median(ratios.iter().copied())?,
        least: ratios.iter().copied().reduce(f64::min)?,
        most: ratios.iter().copied().reduce(f64::max)?,
    })
}

/// The middle one; of an even number, the mean of the middle two.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 { upper } else { f64::midpoint(values[middle - 1], upper) })
}

/// The first size at which an operation costs much more than at a smaller one, and how many times as much. `costs` has
/// sizes in ascending order.
pub(crate) fn super_linear(costs: &[(usize, f64)]) -> Option<(usize, f64)> {
    let mut least = f64::INFINITY;
    for (size, cost) in costs {
        if *cost > least * SUPER_LINEAR {
            return Some((*size, cost / least));
        }
        least = least.min(*cost);
    }
    None
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn cell(round: u32, workload: &str, size: usize, server: &str, cpu_us: f64) -> Cell {
        let figures = Figures { cpu_us: Some(cpu_us), per_second: 1e6 / cpu_us, ..Figures::default() };
        let (workload, server) = (workload.to_owned(), server.to_owned());
        Cell { round, workload, size, server, attempts: 1, noisy: false, figures }
    }

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), Some(2.5));
        assert_eq!(median(std::iter::empty()), None);
    }

    #[test]
    fn a_ratio_is_the_median_of_rounds_and_not_of_medians() {
        // The machine was twice as slow in the second round and thrice in the third.
        let cells = [
            cell(1, "W1", 50, "a", 10.0),
            cell(1, "W1", 50, "b", 5.0),
            cell(2, "W1", 50, "a", 20.0),
            cell(2, "W1", 50, "b", 12.0),
            cell(3, "W1", 50, "a", 30.0),
            cell(3, "W1", 50, "b", 27.0),
        ];
        let servers = ["a".to_owned(), "b".to_owned()];
        let summaries = summaries(&cells, "W1", 50, &servers, "a");
        assert_eq!(summaries[0].ratio, Some(Ratio { median: 1.0, least: 1.0, most: 1.0 }));
        assert_eq!(summaries[1].ratio, Some(Ratio { median: 0.6, least: 0.5, most: 0.9 }));
        assert_eq!(summaries[1].cpu_us, Some(12.0));
    }

    #[test]
    fn a_round_without_its_base_gives_no_ratio() {
        let cells = [cell(1, "W1", 50, "b", 5.0), cell(2, "W1", 50, "a", 5.0), cell(1, "W1", 10, "a", 5.0)];
        let servers = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let summaries = summaries(&cells, "W1", 50, &servers, "a");
        assert_eq!(summaries.len(), 2);
        assert_eq!(summaries[1].ratio, None);
    }

    #[test]
    fn growth_is_told_from_the_noise_of_caches() {
        assert_eq!(super_linear(&[(1, 9.0), (10, 6.0), (100, 5.0), (1000, 6.5)]), None);
        assert_eq!(super_linear(&[(1, 9.0), (100, 5.0), (1000, 7.0), (10_000, 10.0)]), Some((10_000, 2.0)));
    }
}
