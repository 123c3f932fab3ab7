//! The report: what stands on it, that it is the same for the same inputs, and that nothing which users typed can act
//! in any of its formats.

use std::path::Path;

use gonogo::report::{Format, Style, write};

use crate::harness::{FOLDER, all, csv, full, html, markdown, project, scenario, study, with};

/// What differs from release to release has no place in a snapshot.
fn settled(text: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let digest =
        |word: &str| word.len() == 64 && word.chars().all(|letter| letter.is_ascii_hexdigit());
    let words = |line: &str| {
        line.split(' ')
            .map(|word| if digest(word) { "DIGEST" } else { word })
            .collect::<Vec<_>>()
            .join(" ")
    };
    text.replace(&format!("gonogo {version}"), "gonogo VERSION")
        .lines()
        .filter(|line| !line.starts_with("<!-- gonogo-inputs"))
        .map(words)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_fixture_is_a_study_of_its_scenario() {
    assert_eq!(study().scenario.digest, scenario().digest);
}

#[test]
fn markdown_of_a_review_with_a_study() {
    with(
        Some(&project()),
        Some(&study()),
        Style::Executive,
        |report| insta::assert_snapshot!(settled(&markdown(report))),
    );
}

#[test]
fn tables_behind_charts_say_which_chart_they_are_of() {
    let report = full();
    let page = markdown(&report);
    let mut seen: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("<details><summary>"))
        .collect();
    let count = seen.len();
    assert!(count > 8, "{count}");
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count, "two tables have the same name: {page}");
}

#[test]
fn long_names_break_after_their_dots_and_stay_whole_for_whoever_copies_them() {
    with(Some(&project()), Some(&study()), Style::Full, |report| {
        let page = html(report);
        let long = "workload.<wbr>conversations_<wbr>per_<wbr>day<wbr>";
        assert!(page.contains(long));
        assert!(
            page.replace("<wbr>", "")
                .contains("workload.conversations_per_day")
        );
    });
}

#[test]
fn the_ten_facts_stand_on_the_first_page() {
    with(Some(&project()), Some(&study()), Style::Full, |report| {
        let ids: Vec<&str> = report.facts.iter().map(|fact| fact.id).collect();
        assert_eq!(
            ids,
            [
                "verdict", "decided", "reason", "blockers", "cost_1x", "cost_10x", "budget",
                "latency", "failures", "decision"
            ]
        );
        let page = html(report);
        let first = &page[..page.find("<nav").expect("the contents end the first page")];
        for fact in [
            "NO-GO",
            "Help desk assistant",
            "release 1.4.0",
            "commit 8f2c1d0",
            "stage launch",
            "internal",
            "Not ready yet",
        ] {
            assert!(first.contains(fact), "{fact}");
        }
        for fact in [
            "p95 under 5 s",
            "Monthly cost at 1x",
            "Monthly cost at 10x",
            "approved",
            "chance of going over",
            "within 10 s",
        ] {
            assert!(first.contains(fact), "{fact}");
        }
        for fact in [
            "of requests fail",
            "provider down",
            "Release board",
            "valid until: 2027-03-01",
            "next look: 2026-12-20",
        ] {
            assert!(first.contains(fact), "{fact}");
        }
    });
}

#[test]
fn the_chance_of_going_over_is_the_share_of_simulated_months_above_the_approved_budget() {
    let study = study();
    let cell = study
        .cells
        .iter()
        .find(|cell| cell.strategy == "cached" && cell.volume == 1.0)
        .unwrap();
    let months = &cell.by_month["cost.total"];
    let above = months.iter().filter(|cost| **cost > 550.0).count();
    with(Some(&project()), Some(&study), Style::Full, |report| {
        let line = &report.budgets[0];
        assert!(line.approved && line.usd == 550.0);
        assert_eq!(line.over, Some(above as f64 / months.len() as f64));
    });
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let analyses = crate::harness::analyses();
    let make = || {
        let report = crate::harness::report(
            Some(&project()),
            Some(&study()),
            Style::Audit,
            &analyses,
            None,
            &[],
        );
        Format::ALL.map(|format| write(&report, format).unwrap())
    };
    let (one, two) = (make(), make());
    assert!(one == two);
}

#[test]
fn a_report_without_a_review_has_numbers_and_says_that_it_has_no_verdict() {
    with(None, Some(&study()), Style::Full, |report| {
        assert!(report.verdict.is_none() && report.questions.is_empty());
        assert!(
            report
                .missing
                .iter()
                .any(|gap| gap.contains("There is no review")),
            "{:?}",
            report.missing
        );
        assert!(
            html(report).contains("NO VERDICT") && markdown(report).contains("Strategies compared")
        );
    });
}

#[test]
fn a_report_without_a_study_has_the_checklist_and_says_that_it_has_no_numbers() {
    with(Some(&project()), None, Style::Full, |report| {
        assert!(
            report
                .missing
                .iter()
                .any(|gap| gap.contains("Nothing was simulated")),
            "{:?}",
            report.missing
        );
        let text = markdown(report);
        assert!(text.contains("Every question") && !text.contains("Strategies compared"));
        assert_eq!(csv(report).lines().count(), 1);
    });
}

#[test]
fn executive_style_leaves_out_notes_and_evidence() {
    let told = |style| {
        with(Some(&project()), Some(&study()), style, |report| {
            all(report).concat()
        })
    };
    assert!(
        told(Style::Full).contains("addresses not always")
            && told(Style::Full).contains("load-test")
    );
    let executive = told(Style::Executive);
    assert!(
        !executive.contains("addresses not always") && !executive.contains("example.org/load-test")
    );
    assert!(
        !told(Style::Full).contains("token=secret"),
        "addresses keep no query"
    );
}

#[test]
fn html_fetches_nothing_and_runs_nothing() {
    let page = with(Some(&project()), Some(&study()), Style::Full, html);
    for sign in [
        "<script",
        "src=",
        "@import",
        "url(",
        "<link",
        "<iframe",
        "<object",
        "javascript:",
        "href=\"http",
        " onload=",
    ] {
        assert!(!page.contains(sign), "{sign}");
    }
    assert!(page.len() < 1_000_000, "{}", page.len());
}

#[test]
fn every_chart_has_a_name_a_description_and_its_numbers_in_a_table() {
    let page = with(Some(&project()), Some(&study()), Style::Full, html);
    let charts: Vec<&str> = page
        .split("<figure>")
        .skip(1)
        .map(|rest| rest.split("</figure>").next().unwrap())
        .collect();
    assert_eq!(charts.len(), 10);
    for chart in charts {
        for part in [
            "<h3>",
            "<svg viewBox",
            "role=\"img\"",
            "aria-labelledby=",
            "<title id=",
            "<desc id=",
            "<details>",
            "<table>",
        ] {
            assert!(chart.contains(part), "{part} in {}", &chart[..200]);
        }
    }
}

#[test]
fn headings_and_landmarks_are_in_order() {
    let page = with(Some(&project()), Some(&study()), Style::Full, html);
    let mut last = 0;
    let levels = page
        .match_indices("<h")
        .filter_map(|(at, _)| page.as_bytes().get(at + 2))
        .filter(|digit| digit.is_ascii_digit());
    for level in levels.map(|digit| digit - b'0') {
        assert!(level <= last + 1, "h{level} after h{last}");
        last = level;
    }
    let at = |mark: &str| page.find(mark).unwrap_or_else(|| panic!("{mark}"));
    assert!(
        at("<header") < at("<nav") && at("<nav") < at("<main>") && at("</main>") < at("<footer>")
    );
    assert_eq!(page.matches("<h1>").count(), 1);
    assert!(page.contains("Decision support, not certification."));
}

/// Markup, a script, emoji, right-to-left text, an override, control characters and a formula.
const HOSTILE: &str = "=1+1</td></table><script>alert(1)</script><img src=x onerror=alert(1)>\"'&|`_*[a](javascript:b) 🦀 שלום \u{202e}evil\u{202c} \u{1b}[31m\u{7} ::error::x @all\nnext";

/// A review in which every text is hostile.
fn hostile_project() -> gonogo::checklist::Project {
    let mut project = project();
    let bad = || HOSTILE.to_owned();
    let review = &mut project.review;
    review.system = bad();
    (
        review.release,
        review.commit,
        review.decision_by,
        review.confidentiality,
    ) = (Some(bad()), Some(bad()), Some(bad()), Some(bad()));
    for budget in &mut review.budget {
        budget.approved_by = Some("Cy Example".to_owned());
    }
    for answer in review.answers.values_mut() {
        answer.note = Some(format!("{HOSTILE}{}", "é<".repeat(5000)));
        (answer.owner, answer.answered_by, answer.reviewed_by) =
            (Some(bad()), Some(bad()), Some(bad()));
        answer.evidence.push(bad());
    }
    for piece in review.evidence.values_mut() {
        piece.reference = bad();
    }
    for waiver in review.waivers.values_mut() {
        (
            waiver.reason,
            waiver.risk,
            waiver.compensating,
            waiver.approved_by,
        ) = (bad(), Some(bad()), Some(bad()), Some(bad()));
    }
    review.required_signoffs.push(bad());
    for checklist in &mut project.checklists {
        checklist.title = bad();
        for section in &mut checklist.sections {
            section.title = bad();
            for question in &mut section.questions {
                (question.short, question.ask, question.role) = (bad(), bad(), bad());
            }
        }
    }
    project
}

/// A study in which every text is hostile.
fn hostile_study() -> gonogo::study::Study {
    let bad = || HOSTILE.to_owned();
    let mut study = study();
    study.scenario.name = bad();
    study.catalogue_date = bad();
    study.warnings.push(bad());
    study.estimator = bad();
    for cell in &mut study.cells {
        cell.strategy.push_str(HOSTILE);
        cell.not_modelled.push(bad());
        for binding in &mut cell.binding {
            (binding.model, binding.limit) = (bad(), bad());
        }
    }
    for assumed in &mut study.assumed {
        (assumed.path, assumed.why) = (bad(), bad());
    }
    study
}

#[test]
fn nothing_that_users_typed_can_act_in_any_format() {
    let mut project = hostile_project();
    let study = hostile_study();
    project.review.strategy = Some(study.cells[0].strategy.clone());
    let mut analyses = serde_json::to_value(crate::harness::analyses()).unwrap();
    poison(&mut analyses);
    let analyses = serde_json::from_value(analyses).unwrap();
    let report = crate::harness::report(
        Some(&project),
        Some(&study),
        Style::Audit,
        &analyses,
        None,
        &[],
    );
    let [markdown, html, json, csv] = all(&report);
    let book = crate::harness::members(&write(&report, Format::Xlsx).unwrap());
    let sheets: String = book.iter().map(|(_, text)| text.as_str()).collect();
    for (format, text) in [
        ("md", &markdown),
        ("html", &html),
        ("json", &json),
        ("csv", &csv),
        ("xlsx", &sheets),
    ] {
        let raw = text.chars().find(|letter| {
            (letter.is_control() && *letter != '\n') || ('\u{202a}'..='\u{202e}').contains(letter)
        });
        assert_eq!(raw, None, "{format}");
    }
    for sign in ["<script", "<img", "onerror=alert(1)>"] {
        assert!(
            ![&html, &markdown, &sheets]
                .iter()
                .any(|text| text.contains(sign)),
            "{sign}"
        );
    }
    assert!(html.len() < 1_000_000, "{}", html.len());
    assert!(html.contains("🦀 שלום"), "what is harmless is shown");
    assert!(!markdown.contains("[a](") && !markdown.contains("@all"));
    let rows: Vec<&str> = markdown
        .lines()
        .filter(|line| line.starts_with("| --- |"))
        .collect();
    assert!(!rows.is_empty() && !markdown.lines().any(|line| line.starts_with("::")));
    assert!(
        !csv.lines()
            .any(|line| line.starts_with(['=', '+', '@', '-']))
    );
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["schema"], "gonogo.report/1");
    for (name, text) in book
        .iter()
        .filter(|(name, _)| name.starts_with("xl/worksheets/sheet"))
    {
        assert_eq!(
            text.contains("<f>"),
            name.ends_with("sheet2.xml"),
            "only the Cost sheet calculates: {name}"
        );
    }
    let strings = &book
        .iter()
        .find(|(name, _)| name == "xl/sharedStrings.xml")
        .unwrap()
        .1;
    assert!(!strings.contains("<t>=") && !strings.contains("<t xml:space=\"preserve\">="));
    let paper = write(&report, Format::Pdf).unwrap();
    assert!(
        paper.starts_with(b"%PDF-") && paper.len() < 3_000_000,
        "{}",
        paper.len()
    );
}

/// Makes every text of a value hostile; numbers and names of fields stay.
fn poison(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => text.push_str(HOSTILE),
        serde_json::Value::Array(list) => list.iter_mut().for_each(poison),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(poison),
        _ => {}
    }
}

#[test]
fn csv_has_a_row_for_each_strategy_volume_and_metric_and_no_formula() {
    let mut study = study();
    study.cells[0].strategy = "=cmd|' /C calc'!A0".to_owned();
    let wanted: usize = study.cells.iter().map(|cell| cell.metrics.len()).sum();
    with(None, Some(&study), Style::Full, |report| {
        let text = csv(report);
        let rows = csv_reader(&text);
        assert_eq!(rows.len(), wanted + 1);
        assert!(rows.iter().all(|row| row.len() == 13));
        assert_eq!(rows[1][0], "'=cmd|' /C calc'!A0");
    });
}

fn csv_reader(text: &str) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn the_command_writes_every_format_and_refuses_two_on_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["scenario.toml", "review.toml"] {
        std::fs::copy(Path::new(FOLDER).join(file), folder.path().join(file)).unwrap();
    }
    let run = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_gonogo"));
        command
            .current_dir(folder.path())
            .args(["report", "--no-simulate", "--as-of", "2026-11-23"])
            .args(arguments)
            .assert()
    };
    run(&["--format", "md,html"]).code(2);
    run(&["--format", "md,html,json,csv,xlsx,pdf", "--out", "out"]).success();
    for ending in ["md", "html", "json", "csv", "xlsx", "pdf"] {
        assert!(
            folder
                .path()
                .join(format!("out/report.{ending}"))
                .metadata()
                .unwrap()
                .len()
                > 0,
            "{ending}"
        );
    }
    let output = run(&["--style", "executive"]).success();
    assert!(
        String::from_utf8_lossy(&output.get_output().stdout)
            .starts_with("# INCOMPLETE: Help desk assistant")
    );
    run(&["--review", "none.toml"]).code(2);
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_gonogo"));
    std::fs::write(
        folder.path().join("other.json"),
        "{\"schema\": \"other/1\"}",
    )
    .unwrap();
    let output = command
        .current_dir(folder.path())
        .args(["report", "--analyses", "other.json"])
        .assert()
        .code(2);
    assert!(
        String::from_utf8_lossy(&output.get_output().stderr).contains("its schema is `other/1`")
    );
    for ending in ["md", "html", "json", "xlsx", "pdf"] {
        let file = format!("out/report.{ending}");
        let output = run(&["--verify", &file]).success();
        let said = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        assert!(said.contains("inputs match"), "{said}");
    }
    run(&["--verify", "out/report.csv"]).code(2);
    let review = folder.path().join("review.toml");
    let text = std::fs::read_to_string(&review).unwrap();
    std::fs::write(
        &review,
        text.replace("status = \"partial\"", "status = \"yes\""),
    )
    .unwrap();
    for ending in ["md", "html", "json", "xlsx", "pdf"] {
        let file = format!("out/report.{ending}");
        let output = run(&["--verify", &file]).code(1);
        let said = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        assert!(
            said.contains("answers has changed") && !said.contains("budget"),
            "{said}"
        );
    }
    let output = run(&["--since", "out/report.json"]).success();
    let said = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    assert!(
        said.contains("Since the report of 2026-11-23") || said.contains("What changed"),
        "{said}"
    );
    assert!(said.contains("answer: production.pii-sanitising"), "{said}");
}

/// A headroom without strategies, of a scenario.
fn headroom_of(digest: &str) -> String {
    serde_json::json!({
        "schema": "gonogo.headroom/1", "scenario": { "name": "Another", "digest": digest },
        "catalogue_date": study().catalogue_date, "gonogo_version": study().gonogo_version,
        "seed": 1, "estimator": "fast", "months": 2, "confidence": 0.95, "stopped": false, "strategies": []
    })
    .to_string()
}

#[test]
fn an_analysis_of_another_scenario_is_refused_and_one_of_the_same_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["scenario.toml", "study.json"] {
        std::fs::copy(Path::new(FOLDER).join(file), folder.path().join(file)).unwrap();
    }
    let run = |digest: &str| {
        std::fs::write(folder.path().join("headroom.json"), headroom_of(digest)).unwrap();
        assert_cmd::Command::new(env!("CARGO_BIN_EXE_gonogo"))
            .current_dir(folder.path())
            .args([
                "report",
                "--study",
                "study.json",
                "--analyses",
                "headroom.json",
            ])
            .assert()
    };
    run(&scenario().digest).success();
    let refused = run("0").code(2);
    let words = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(
        words.contains("headroom.json does not fit the study: different is the scenario"),
        "{words}"
    );
}
