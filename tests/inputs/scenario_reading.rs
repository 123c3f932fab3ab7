//! What a scenario file means: defaults, inheritance, presets, digest, and writing it out again.

use std::path::Path;

use gonogo::quantity::{Quantity, Shape};
use gonogo::reading::Source;
use gonogo::scenario::types::{
    BreakerRule, Fallback, History, Incidents, Jitter, PromptCache, Quality, Route,
};
use gonogo::scenario::{self, Scenario, resolved_toml};

const SMALLEST: &str = r#"
[workload]
conversations_per_day = 1_000
[[workload.class]]
name = "all"
user_tokens = 50
output_tokens = 200
[models.m]
price = "openai:gpt-4"
[strategies.baseline]
route = "m"
"#;

fn read(text: &str) -> Scenario {
    match Scenario::parse(
        Source::new("test.toml", text),
        Some(Path::new("tests/data/scenarios")),
    ) {
        Ok(scenario) => scenario,
        Err(problems) => panic!("{problems}"),
    }
}

fn with_strategies(strategies: &str) -> Scenario {
    read(&SMALLEST.replace("[strategies.baseline]\nroute = \"m\"\n", strategies))
}

fn strategy<'s>(scenario: &'s Scenario, name: &str) -> &'s scenario::types::Strategy {
    scenario
        .strategies
        .iter()
        .find(|strategy| strategy.name == name)
        .unwrap()
}

#[test]
fn the_smallest_scenario_is_a_rate_a_class_a_model_and_a_strategy() {
    let scenario = read(SMALLEST);
    assert_eq!(scenario.name, "test");
    assert_eq!(scenario.study.months, 1000);
    assert_eq!(scenario.study.volumes, [1.0, 10.0]);
    assert_eq!(scenario.study.days, 30);
    assert_eq!(scenario.slo.confidence, 0.95);
    let class = &scenario.workload.classes[0];
    assert_eq!(class.share, Quantity::exact(1.0));
    assert_eq!(class.think_s, Quantity::exact(30.0));
    assert_eq!(class.quits, Quantity::exact(0.5));
    assert_eq!(class.history, History::Full);
    let baseline = &scenario.strategies[0];
    assert_eq!(baseline.route, Route::Model("m".to_owned()));
    assert_eq!(baseline.tier, "default");
}

#[test]
fn what_is_not_stated_stays_unstated() {
    let scenario = read(SMALLEST);
    assert!(scenario.workload.hourly.is_none() && scenario.workload.weekly.is_none());
    assert!(scenario.workload.day_cv.is_none() && scenario.workload.burst.is_none());
    let (class, model, strategy) = (
        &scenario.workload.classes[0],
        &scenario.models[0],
        &scenario.strategies[0],
    );
    assert!(class.patience_s.is_none() && class.sensitive.is_none() && class.questions.is_none());
    assert!(model.limits.is_none() && model.error_rate.is_none() && model.first_token_s.is_none());
    assert_eq!(model.quality, Quality::Unstated);
    assert!(strategy.retry.is_none() && strategy.timeout_s.is_none());
    assert_eq!(strategy.prompt_cache, PromptCache::Provider);
}

#[test]
fn absence_can_be_written() {
    let text = SMALLEST.replace(
        "price = \"openai:gpt-4\"",
        "price = \"openai:gpt-4\"\nlimits = \"none\"\nprompt_caching = false",
    );
    let scenario = read(&format!(
        "{text}[providers.openai]\noutage = \"none\"\nbrownout = \"openai-history\"\n"
    ));
    assert_eq!(
        scenario.models[0].limits,
        Some(scenario::types::Limits::default())
    );
    assert_eq!(scenario.models[0].prompt_caching, Some(None));
    assert_eq!(scenario.providers[0].outage, Some(Incidents::Never));
    assert_eq!(
        scenario.providers[0].brownout,
        Some(Incidents::Preset("openai-history".to_owned()))
    );
}

#[test]
fn a_field_given_replaces_the_inherited_one_whole() {
    let scenario = with_strategies(
        "[strategies.a]\nroute = \"m\"\nretry = { attempts = 5, base_s = 2 }\n[strategies.b]\nextends = \"a\"\nretry = { attempts = 2 }\n",
    );
    let retry = strategy(&scenario, "b").retry.as_ref().unwrap();
    assert_eq!(retry.attempts, Quantity::exact(2.0));
    assert_eq!(
        retry.base_s,
        Quantity::exact(0.5),
        "the default, not the 2 of the parent"
    );
}

#[test]
fn false_takes_an_inherited_field_away() {
    let scenario = with_strategies(
        "[strategies.a]\nroute = \"m\"\nhedge = { after_s = 4 }\ntimeout_s = 9\nfallback = [\"stale\"]\n[strategies.b]\nextends = \"a\"\nhedge = false\ntimeout_s = false\nfallback = false\n[strategies.c]\nextends = \"b\"\n",
    );
    for name in ["b", "c"] {
        let stripped = strategy(&scenario, name);
        assert!(
            stripped.hedge.is_none()
                && stripped.timeout_s.is_none()
                && stripped.fallback.is_empty(),
            "{name}"
        );
    }
    assert_eq!(strategy(&scenario, "a").fallback, [Fallback::Stale]);
}

#[test]
fn false_for_the_prompt_cache_switches_it_off() {
    let scenario = with_strategies(
        "[strategies.a]\nroute = \"m\"\nprompt_cache = true\n[strategies.b]\nextends = \"a\"\nprompt_cache = false\n",
    );
    assert_eq!(strategy(&scenario, "a").prompt_cache, PromptCache::Auto);
    assert_eq!(strategy(&scenario, "b").prompt_cache, PromptCache::Off);
}

#[test]
fn several_parents_say_what_each_says_itself_over_what_they_inherit() {
    let scenario = with_strategies(
        "[strategies.base]\nroute = \"m\"\ntimeout_s = 30\nstreaming = true\n\
         [strategies.slow]\nextends = \"base\"\ntimeout_s = 60\n\
         [strategies.plain]\nextends = \"base\"\nstreaming = false\n\
         [strategies.both]\nextends = [\"slow\", \"plain\"]\n\
         [strategies.reversed]\nextends = [\"plain\", \"slow\"]\n",
    );
    // `plain` inherits a timeout of 30, but does not say it: what `slow` says stands.
    for name in ["both", "reversed"] {
        let merged = strategy(&scenario, name);
        assert_eq!(merged.timeout_s, Some(Quantity::exact(60.0)), "{name}");
        assert!(!merged.streaming, "{name}");
    }
}

#[test]
fn of_two_parents_that_say_the_same_field_the_later_one_stands() {
    let scenario = with_strategies(
        "[strategies.a]\nroute = \"m\"\ntimeout_s = 1\n[strategies.b]\nroute = \"m\"\ntimeout_s = 2\n[strategies.ab]\nextends = [\"a\", \"b\"]\n[strategies.ba]\nextends = [\"b\", \"a\"]\n",
    );
    assert_eq!(
        strategy(&scenario, "ab").timeout_s,
        Some(Quantity::exact(2.0))
    );
    assert_eq!(
        strategy(&scenario, "ba").timeout_s,
        Some(Quantity::exact(1.0))
    );
}

#[test]
fn parents_may_come_later_in_the_file_and_chains_may_be_long() {
    let mut strategies = String::new();
    for number in (1..2_000).rev() {
        strategies.extend([format!(
            "[strategies.s{number}]\nextends = \"s{}\"\n",
            number - 1
        )]);
    }
    let scenario = with_strategies(&format!(
        "{strategies}[strategies.s0]\nroute = \"m\"\ntimeout_s = 7\n"
    ));
    assert_eq!(
        strategy(&scenario, "s1999").timeout_s,
        Some(Quantity::exact(7.0))
    );
}

#[test]
fn a_client_preset_brings_its_timeout_unless_the_strategy_states_one() {
    let scenario = with_strategies(
        "[strategies.a]\nroute = \"m\"\nretry = \"openai-sdk\"\n[strategies.b]\nroute = \"m\"\nretry = \"litellm-router\"\ntimeout_s = 20\n",
    );
    let sdk = strategy(&scenario, "a");
    assert_eq!(sdk.timeout_s, Some(Quantity::exact(600.0)));
    let retry = sdk.retry.as_ref().unwrap();
    assert_eq!(
        (&retry.attempts, &retry.max_s),
        (&Quantity::exact(3.0), &Quantity::exact(8.0))
    );
    assert_eq!(retry.jitter, Jitter::Cut(Quantity::exact(0.25)));
    let router = strategy(&scenario, "b");
    assert_eq!(router.timeout_s, Some(Quantity::exact(20.0)));
    assert_eq!(
        router.retry.as_ref().unwrap().jitter,
        Jitter::Add(Quantity::exact(0.75))
    );
}

#[test]
fn a_breaker_opens_at_a_share_or_at_a_count() {
    let scenario = with_strategies(
        "[strategies.a]\nroute = \"m\"\nbreaker = {}\n[strategies.b]\nroute = \"m\"\nbreaker = { failures = 1, open_s = 30 }\n",
    );
    let rule = |name| {
        strategy(&scenario, name)
            .breaker
            .as_ref()
            .unwrap()
            .opens
            .clone()
    };
    assert_eq!(
        rule("a"),
        BreakerRule::Rate {
            window_s: 30.0,
            min_requests: 20,
            failure_rate: Quantity::exact(0.5)
        }
    );
    assert_eq!(
        rule("b"),
        BreakerRule::Count {
            failures: 1,
            window_s: 60.0
        }
    );
}

#[test]
fn hour_presets_are_24_weights() {
    for name in ["flat", "business", "consumer"] {
        let scenario =
            read(&SMALLEST.replace("[[workload", &format!("hourly = \"{name}\"\n[[workload")));
        let weights = scenario.workload.hourly.unwrap();
        assert!(weights.iter().all(|weight| *weight > 0.0), "{name}");
    }
    assert_eq!(scenario::hours_of_day("lunar"), None);
}

#[test]
fn a_column_of_a_file_is_a_sample() {
    let text = SMALLEST.replace("output_tokens = 200", "output_tokens = { dist = \"empirical\", file = \"tokens.csv\", column = \"output_tokens\" }");
    let scenario = read(&text);
    let Shape::Empirical { sorted, .. } = &scenario.workload.classes[0].output_tokens.shape else {
        panic!("not a sample")
    };
    assert_eq!(sorted, &[40.0, 80.0, 200.0]);
}

#[test]
fn a_column_of_a_gzip_file_is_the_same_sample() {
    let folder = tempfile::tempdir().unwrap();
    let plain = std::fs::read("tests/data/scenarios/tokens.csv").unwrap();
    let mut packed = flate2::write::GzEncoder::new(
        std::fs::File::create(folder.path().join("t.csv.gz")).unwrap(),
        flate2::Compression::fast(),
    );
    std::io::Write::write_all(&mut packed, &plain).unwrap();
    packed.finish().unwrap();
    let field = |file: &str| {
        SMALLEST.replace("output_tokens = 200", &format!("output_tokens = {{ dist = \"empirical\", file = \"{file}\", column = \"output_tokens\" }}"))
    };
    let zipped = Scenario::parse(
        Source::new("test.toml", field("t.csv.gz")),
        Some(folder.path()),
    )
    .unwrap();
    assert_eq!(
        zipped.digest,
        read(&field("tokens.csv")).digest,
        "contents count, names do not"
    );
}

#[test]
fn places_are_kept_by_path() {
    let scenario = read(
        "[workload]\nconversations_per_day = 1\n[[workload.class]]\nname = \"a\"\nuser_tokens = 50\noutput_tokens = 2\n[models.\"x.y\"]\nprice = { input = 1, output = 2 }\n[strategies.s]\nroute = \"x.y\"\ntimeout_s = 30\n[strategies.t]\nextends = \"s\"\n",
    );
    let at = |path: &str| {
        scenario
            .source
            .text
            .get(scenario.places[path].clone())
            .unwrap()
    };
    assert_eq!(at("workload.class.a.user_tokens"), "50");
    assert_eq!(at("models.x.y.price.output"), "2");
    assert_eq!(at("strategies.s.timeout_s"), "30");
    assert_eq!(
        scenario.places["strategies.t.timeout_s"],
        scenario.places["strategies.s.timeout_s"]
    );
}

#[test]
fn what_is_written_out_reads_back_to_the_same() {
    for template in scenario::TEMPLATES {
        let first = template
            .scenario()
            .unwrap_or_else(|problems| panic!("{problems}"));
        let again = read(&resolved_toml(&first));
        assert_eq!(again.digest, first.digest, "{}", template.name);
    }
    for file in ["every-field.toml", "replay.toml"] {
        let first = Scenario::load(&Path::new("tests/data/scenarios").join(file))
            .unwrap_or_else(|problems| panic!("{problems}"));
        let text = resolved_toml(&first);
        let again = read(&text);
        assert_eq!(again.digest, first.digest, "{file}");
        assert_eq!(resolved_toml(&again), text, "{file}");
    }
}

#[test]
fn comments_order_and_spelling_do_not_change_the_digest() {
    let respelled = "# the same\n[strategies.baseline]\nroute = 'm'\n[models.m]\nprice = \"openai:gpt-4\"\n[workload]\nclass = [ { output_tokens = 2e2, user_tokens = 0x32, name = \"all\" } ]\nconversations_per_day = 1000.0\n";
    assert_eq!(read(respelled).digest, read(SMALLEST).digest);
    let two = with_strategies(
        "[strategies.a]\nroute = \"m\"\n[strategies.b]\nroute = \"m\"\nbatch = true\n",
    );
    let swapped = with_strategies(
        "[strategies.b]\nbatch = true\nroute = \"m\"\n[strategies.a]\nroute = \"m\"\n",
    );
    assert_eq!(two.digest, swapped.digest);
}

#[test]
fn a_default_written_out_does_not_change_the_digest_and_another_number_does() {
    let written = SMALLEST.replace("name = \"all\"", "name = \"all\"\nquits = 0.5\nshare = 1");
    assert_eq!(read(&written).digest, read(SMALLEST).digest);
    assert_ne!(
        read(&SMALLEST.replace("1_000", "1_001")).digest,
        read(SMALLEST).digest
    );
}

#[test]
fn the_contents_of_files_change_the_digest() {
    let folder = tempfile::tempdir().unwrap();
    let text = SMALLEST.replace(
        "output_tokens = 200",
        "output_tokens = { dist = \"empirical\", file = \"t.csv\", column = \"n\" }",
    );
    let mut digests = Vec::new();
    for numbers in ["1\n2\n", "2\n1\n", "1\n3\n"] {
        std::fs::write(folder.path().join("t.csv"), format!("n\n{numbers}")).unwrap();
        digests.push(
            Scenario::parse(Source::new("test.toml", text.as_str()), Some(folder.path()))
                .unwrap()
                .digest,
        );
    }
    assert_eq!(
        digests[0], digests[1],
        "the order of a sample does not count"
    );
    assert_ne!(digests[0], digests[2]);
}

#[test]
fn effort_is_counted_from_the_means() {
    let text = SMALLEST.replace(
        "name = \"all\"",
        "name = \"all\"\nturns = { dist = \"geometric\", mean = 3 }\ncalls = 2",
    );
    let effort = scenario::effort(&read(&text));
    // 1,000 conversations a day × 30 days × 3 turns, at 1x and at 10x; two calls each.
    assert!((effort.volumes[0].requests - 90_000.0).abs() < 1e-6);
    assert!((effort.volumes[1].calls - 1_800_000.0).abs() < 1e-5);
}

#[test]
fn the_reference_in_docs_is_the_one_that_the_table_of_fields_gives() {
    let path = Path::new("docs/scenario.md");
    let wanted = scenario::markdown();
    if std::env::var_os("GONOGO_UPDATE_DOCS").is_some() {
        std::fs::create_dir_all("docs").unwrap();
        std::fs::write(path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/scenario.md is out of date: run `gonogo schema scenario --markdown -o docs/scenario.md`"
    );
}

/// Every default that the table of fields states as a value, written out where the smallest scenario leaves it out.
#[test]
fn the_documented_defaults_are_the_ones_that_hold() {
    use scenario::fields::{self, Absent};
    let homes = [
        ("", ""),
        ("study", "[study]\n"),
        ("workload", ""),
        ("workload.class.*", ""),
        ("models.*", ""),
        ("strategies.*", ""),
    ];
    let anchors = [
        ("", "[workload]\n"),
        ("workload", "conversations_per_day = 1_000\n"),
        ("workload.class.*", "name = \"all\"\n"),
        ("models.*", "price = \"openai:gpt-4\"\n"),
        ("strategies.*", "route = \"m\"\n"),
    ];
    let wanted = read(SMALLEST).digest;
    let mut tried = 0;
    for field in fields::all() {
        let (home, key) = field.path.rsplit_once('.').unwrap_or(("", field.path));
        if key == "*" || !homes.iter().any(|(known, _)| *known == home) {
            continue;
        }
        let default = match field.absent {
            Absent::Is(number) => number.to_string(),
            Absent::Toml(text) => text.to_owned(),
            Absent::Required | Absent::Unstated(_) => continue,
        };
        let line = format!("{key} = {default}\n");
        let text = match anchors.iter().find(|(known, _)| *known == home) {
            Some(("", anchor)) => SMALLEST.replace(anchor, &format!("{line}{anchor}")),
            Some((_, anchor)) => SMALLEST.replace(anchor, &format!("{anchor}{line}")),
            None => format!("{SMALLEST}[{home}]\n{line}"),
        };
        assert!(text.contains(&line), "{}", field.path);
        assert_eq!(read(&text).digest, wanted, "{}: {line}", field.path);
        tried += 1;
    }
    assert!(tried > 25, "only {tried} defaults were tried");
}

#[test]
fn the_incident_presets_that_can_be_named_are_the_ones_that_have_numbers() {
    let catalogue = gonogo::prices::Catalogue::embedded();
    let mut known: Vec<&str> = catalogue.presets().collect();
    let mut named = scenario::INCIDENT_PRESETS.to_vec();
    known.sort_unstable();
    named.sort_unstable();
    assert_eq!(named, known);
}
