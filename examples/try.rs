use gonogo::{model, prices::Catalogue, reading::Source, scenario::Scenario, study};
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let months: u32 = std::env::args().nth(2).map_or(2, |m| m.parse().unwrap());
    let text = std::fs::read_to_string(&path).unwrap();
    let scenario = Scenario::parse(Source::new(path, text), None).unwrap_or_else(|p| { println!("{p}"); std::process::exit(2) });
    let model = model::compile(&scenario, Catalogue::embedded()).unwrap_or_else(|p| { println!("{p}"); std::process::exit(2) });
    let mut plan = study::Plan::of(&model);
    plan.months = months;
    plan.threads = 1;
    for s in plan.strategies.clone() { for v in plan.volumes.clone() {
        let mut p = plan.clone(); p.strategies = vec![s]; p.volumes = vec![v];
        let t = std::time::Instant::now();
        let st = study::run_exact(&model, &p, &study::Unwatched).unwrap();
        let dt = t.elapsed().as_secs_f64();
        let c = &st.cells[0];
        println!("{} {}x: {:.2}M attempts {:.2} s {:.2} M/s", c.strategy, c.volume, c.attempts_simulated as f64/1e6, dt, c.attempts_simulated as f64/1e6/dt);
        for (k, m) in &c.metrics { if std::env::args().nth(3).is_some_and(|f| k.contains(&f)) { println!("   {k} {:.6} ± {:.6}", m.mean, m.se); } }
    }}
}
