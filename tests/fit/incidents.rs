//! Lists of incidents: what is fitted to them, and how many the following months are foretold to have.

use std::fmt::Write as _;
use std::path::Path;

use gonogo::fit::incidents::{Incidents, Service, backtest, read};

/// An incident every ten days or so, of two hours or half of that, in clusters; every third is severe.
fn list() -> String {
    let mut text =
        "incident_id,provider,services,impact_level,start_utc,close_utc,duration_min\n".to_owned();
    let mut at_s = 1_640_995_200_i64; // 2022-01-01
    for k in 0..120_i64 {
        // Gaps of one, two, and 27 days in turn.
        at_s += [1, 2, 27][usize::try_from(k % 3).expect("small")] * 86_400;
        let minutes = if k % 2 == 0 { 120 } else { 60 };
        let level = if k % 3 == 0 { 3 } else { 2 };
        let _ = writeln!(
            text,
            "i{k},acme,API|Web,{level},{at_s},{},{minutes}",
            at_s + minutes * 60
        );
    }
    text
}

fn read_text(text: &str) -> Option<Incidents> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("incidents.csv");
    std::fs::write(&path, text).expect("written");
    read(&[&path]).expect("readable")
}

#[test]
fn a_list_of_incidents_becomes_outages_and_brownouts() {
    let list = read_text(&list()).expect("a list");
    let names: Vec<String> = list.services.iter().map(Service::name).collect();
    assert_eq!(names, ["acme", "acme API", "acme Web"]);
    let toml = list.providers("incidents.csv");
    println!("{toml}");
    let line = |key: &str| {
        toml.lines()
            .find(|line| line.starts_with(key))
            .unwrap_or_else(|| panic!("{key} in {toml}"))
    };
    // Forty of severity 3, thirty days apart each; of the others gaps are 2 and 28 days: clustered.
    assert!(line("outage").contains("n = 40"), "{toml}");
    let brownout = line("brownout");
    assert!(
        brownout.contains("n = 80") && brownout.contains("weibull"),
        "{toml}"
    );
    let scenario = format!(
        "schema = 1\nname = \"x\"\n[workload]\nconversations_per_day = 10\n[[workload.class]]\nname = \"a\"\nuser_tokens = 1\noutput_tokens = 1\n[models.m]\nprovider = \"acme\"\nprice = {{ input = 1, output = 1 }}\n[strategies.s]\nroute = \"m\"\n{toml}"
    );
    let parsed =
        gonogo::scenario::Scenario::parse(gonogo::reading::Source::new("x.toml", scenario), None);
    assert!(parsed.is_ok(), "{:?}", parsed.err());
}

#[test]
fn a_steady_list_is_foretold() {
    let list = read_text(&list()).expect("a list");
    let result = backtest(&list, None, "incidents.csv").expect("long enough");
    println!("{}", result.text());
    let first = &result.scores[0];
    // Three in thirty days, come what may.
    assert!(
        (first.predicted / first.actual - 1.0).abs() < 0.15,
        "{first:?}"
    );
    assert!(
        result.scores.iter().all(|it| it.inside),
        "{}",
        result.text()
    );
}

#[test]
fn a_log_of_requests_is_no_list_of_incidents() {
    assert!(read_text("timestamp,input_tokens,output_tokens\n0,1,1\n").is_none());
}

/// Status pages: 90% intervals of counts and minutes over the following months hold nine times of ten or so, and lose less
/// than both simple forecasts.
#[test]
fn incidents_of_public_status_pages_are_foretold() {
    let Some(folder) = super::public_logs() else {
        return;
    };
    let (mut inside, mut all) = (0, 0);
    for file in ["incidents.csv.gz", "outage_daily.csv.gz"] {
        let path = folder.join(file);
        let list = read(&[Path::new(&path)])
            .expect("readable")
            .expect("a list");
        let result = backtest(&list, None, file).expect("long enough");
        println!("=== {file}\n{}", result.text());
        let (_, loss, naive, flat) = result.summary();
        assert!(loss < naive && loss < flat, "{file}: {loss} {naive} {flat}");
        inside += result.scores.iter().filter(|it| it.inside).count();
        all += result.scores.len();
    }
    assert!(inside as f64 >= 0.85 * all as f64, "{inside} of {all}");
}
