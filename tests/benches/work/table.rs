//! The table: median, spread, ratio to the floor.

/// Minimum, median, 99th percentile, maximum.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    min: f64,
    pub(crate) median: f64,
    p99: f64,
    max: f64,
    runs: usize,
}

impl Spread {
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted[(((sorted.len() - 1) as f64) * share).round() as usize];
        Self { min: sorted[0], median: at(0.5), p99: at(0.99), max: sorted[sorted.len() - 1], runs: sorted.len() }
    }
}

pub(crate) struct Line {
    pub(crate) size: usize,
    pub(crate) what: String,
    pub(crate) spread: Spread,
    pub(crate) unit: &'static str,
    pub(crate) floor: Option<(f64, String)>,
}

pub(crate) fn print(lines: &[Line]) {
    println!(
        "{:>6}  {:<46}{:>10}{:>10}{:>10}{:>10}  {:<3}{:>4}  to the floor",
        "cases", "", "min", "median", "p99", "max", "", "n"
    );
    for line in lines {
        let Spread { min, median, p99, max, runs } = line.spread;
        let floor = line
            .floor
            .as_ref()
            .map_or(String::new(), |(floor, name)| format!("{:.2} x {floor:.2} {} ({name})", median / floor, line.unit));
        println!(
            "{:>6}  {:<46}{min:>10.2}{median:>10.2}{p99:>10.2}{max:>10.2}  {:<3}{runs:>4}  {floor}",
            line.size, line.what, line.unit
        );
    }
}

pub(crate) fn json(lines: &[Line]) {
    let lines: Vec<serde_json::Value> = lines
        .iter()
        .map(|line| {
            let Spread { min, median, p99, max, runs } = line.spread;
            serde_json::json!({
                "cases": line.size, "what": line.what, "unit": line.unit, "runs": runs,
                "min": min, "median": median, "p99": p99, "max": max,
                "floor": line.floor.as_ref().map(|(floor, name)| serde_json::json!({"value": floor, "what": name, "ratio": median / floor})),
            })
        })
        .collect();
    println!("{}", serde_json::to_string_pretty(&lines).expect("plain values"));
}
