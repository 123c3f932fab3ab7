
use gonogo::study::{Estimator, Plan, WSEED};
use super::worlds::{SHIPPED, compile};
use super::agreement::study;
#[test]
#[ignore = "experiment"]
fn wexp() {
    let wanted = std::env::var("WORLD").unwrap_or("support-chatbot".into());
    let months: u32 = std::env::var("MONTHS").ok().and_then(|t| t.parse().ok()).unwrap_or(128);
    let runs: u64 = std::env::var("RUNS").ok().and_then(|t| t.parse().ok()).unwrap_or(12);
    let text = SHIPPED.iter().find(|(name, _)| *name == wanted).unwrap().1;
    let model = compile(text);
    let plan = Plan { estimator: Estimator::Fast, months, seed: 1, threads: 2, volumes: std::env::var("VOL").ok().map(|v| vec![v.parse().unwrap()]).unwrap_or(vec![1.0, 10.0]), ..Plan::of(&model) };
    let mut all = Vec::new();
    for w in 0..runs {
        WSEED.store(w, std::sync::atomic::Ordering::Relaxed);
        all.push(study(&model, &plan));
    }
    for (cell, first) in all[0].by_month.iter().enumerate() {
        println!("== {} {}x", model.strategies[first.strategy].name, first.volume);
        let mut ratios = Vec::new();
        for name in first.names().map(str::to_owned).collect::<Vec<_>>() {
            let means: Vec<f64> = all.iter().map(|o| { let v: Vec<f64> = o.by_month[cell].of(&name).unwrap_or(&[]).iter().copied().filter(|x| x.is_finite()).collect(); v.iter().sum::<f64>() / v.len() as f64 }).collect();
            let ses: Vec<f64> = all.iter().map(|o| o.by_month[cell].window_se(&name)).collect();
            let n = means.len() as f64;
            let m = means.iter().sum::<f64>() / n;
            let sd = (means.iter().map(|x| (x - m).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
            let se = (ses.iter().map(|x| x * x).sum::<f64>() / n).sqrt();
            if se > 0.0 { ratios.push(sd / se); }
            if ["cost.total", "cost.per_conversation", "latency.p95", "latency.p50", "latency.p99", "rate.failed", "requests.total", "cost.per_request"].contains(&name.as_str()) {
                println!("{name:<24} mean {m:.6} sd/mean {:.5} stated/mean {:.5} ratio {:.2}", sd / m, se / m, sd / se);
            }
        }
        ratios.sort_by(f64::total_cmp);
        let q = |p: f64| ratios[((ratios.len() - 1) as f64 * p) as usize];
        println!("ratios n {} p10 {:.2} p50 {:.2} p90 {:.2} max {:.2}", ratios.len(), q(0.1), q(0.5), q(0.9), q(1.0));
    }
}
