//! What Linux tells of processes: CPU time and memory.

use std::fs;
use std::io;
use std::time::Duration;

/// CPU time of a process: the run time that the scheduler has counted, in nanoseconds, for each of its threads. The
/// figures of `/proc/PID/stat` come in ticks of 10 ms, too coarse for cells of a second or two.
pub(crate) fn cpu_time(pid: u32) -> io::Result<Duration> {
    let mut total = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while this reads.
        let Ok(line) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        total += first_number(&line);
    }
    Ok(Duration::from_nanos(total))
}

/// Memory of a process that is in RAM, in bytes.
pub(crate) fn resident(pid: u32) -> io::Result<u64> {
    // Exact, while the counters in `status` may lag behind by some pages per thread.
    let exact = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"));
    let lines = exact.or_else(|_| fs::read_to_string(format!("/proc/{pid}/status")))?;
    let line = lines.lines().find_map(|line| line.strip_prefix("Rss:").or(line.strip_prefix("VmRSS:")));
    Ok(line.map_or(0, first_number) * 1024)
}

/// CPU time that all processes of the machine have used.
pub(crate) fn machine_time() -> io::Result<Duration> {
    let ticks = busy_ticks(&fs::read_to_string("/proc/stat")?);
    Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

/// user, nice, system, irq and softirq: all but idle, iowait and steal (proc_stat(5)).
fn busy_ticks(stat: &str) -> u64 {
    let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let ticks = fields.take(7).map(|field| field.parse().unwrap_or(0)).enumerate();
    ticks.filter(|(index, _)| !matches!(index, 3 | 4)).map(|(_, ticks): (_, u64)| ticks).sum()
}

fn first_number(line: &str) -> u64 {
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_and_stolen_time_is_not_busy() {
        assert_eq!(busy_ticks("cpu  1 2 4 8 16 32 64 128 0 0\ncpu0 9 9 9"), 1 + 2 + 4 + 32 + 64);
    }

    #[test]
    fn this_process_uses_time_and_memory() {
        assert!(cpu_time(std::process::id()).expect("Linux") > Duration::ZERO);
        assert!(resident(std::process::id()).expect("Linux") > 1024 * 1024);
        assert!(machine_time().expect("Linux") > Duration::ZERO);
    }
}
