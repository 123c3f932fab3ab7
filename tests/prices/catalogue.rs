//! Finding models in the price catalogue, and the dated defaults that come with them.

use gonogo::prices::{Catalogue, Origin, Terms, Usage, diff, import, quote};
use gonogo::quantity::{Quantity, Shape};
use jiff::civil::date;

fn reference(asked: &str) -> Result<String, String> {
    Catalogue::embedded()
        .find(asked)
        .map(|entry| entry.reference)
        .map_err(|error| error.to_string())
}

#[test]
fn every_listed_model_is_found_by_its_reference_and_has_a_price() {
    let catalogue = Catalogue::embedded();
    let at = "2026-11-23T02:00:00Z".parse().unwrap();
    let one = Usage {
        input: 1.0,
        output: 1.0,
        ..Usage::default()
    };
    let mut count = 0;
    for (provider, model) in catalogue.models() {
        let entry = catalogue.find(&format!("{provider}:{model}")).unwrap();
        assert_eq!(entry.reference, format!("{provider}:{model}"));
        let price = quote(&entry, &Terms::default(), at, &one);
        assert!(price.is_ok(), "{provider}:{model}: {price:?}");
        count += 1;
    }
    assert!(count > 2000, "{count}");
}

#[test]
fn a_name_alone_means_the_provider_that_makes_the_model() {
    assert_eq!(reference("gpt-4").unwrap(), "openai:gpt-4");
    assert_eq!(reference("GPT-4o-mini").unwrap(), "openai:gpt-4o-mini");
    assert_eq!(
        reference("claude-sonnet-4-5").unwrap(),
        "anthropic:claude-sonnet-4-5"
    );
    assert_eq!(
        reference("deepseek-v4-pro").unwrap(),
        "deepseek:deepseek-v4-pro"
    );
}

#[test]
fn a_dated_name_finds_the_model_it_belongs_to() {
    assert_eq!(
        reference("openai:gpt-4o-mini-2024-07-18").unwrap(),
        "openai:gpt-4o-mini"
    );
    assert_eq!(
        reference("anthropic:claude-3-haiku-20240307").unwrap(),
        "anthropic:claude-3-haiku"
    );
    assert_eq!(
        reference("openai:ft:gpt-4o-2024-08-06:acme").unwrap(),
        "openai:ft:gpt-4o"
    );
}

#[test]
fn other_names_of_a_provider_are_understood_and_resellers_keep_theirs() {
    assert_eq!(reference("xai:grok-4.6").unwrap(), "x-ai:grok-4.6");
    assert_eq!(
        reference("bedrock:amazon.nova-lite-v1:0").unwrap(),
        "aws:amazon.nova-lite-v1:0"
    );
    assert_eq!(reference("azure:gpt-4o").unwrap(), "azure:gpt-4o");
}

#[test]
fn a_name_that_several_providers_offer_is_an_error_that_lists_them() {
    let error = Catalogue::embedded()
        .find("openai/gpt-oss-120b")
        .unwrap_err();
    assert!(error.ambiguous && error.nearest.len() > 1);
    assert!(
        error
            .nearest
            .contains(&"groq:openai/gpt-oss-120b".to_owned()),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .starts_with("`openai/gpt-oss-120b` is offered by several providers; say which: `")
    );
}

#[test]
fn a_misspelt_model_comes_back_with_the_nearest_names() {
    let error = Catalogue::embedded().find("openia:gpt-4o-mni").unwrap_err();
    assert_eq!(
        error.nearest.first().map(String::as_str),
        Some("openai:gpt-4o-mini")
    );
    let error = Catalogue::embedded()
        .find("anthropic:claude-sonet-4-5")
        .unwrap_err();
    assert_eq!(
        error.nearest.first().map(String::as_str),
        Some("anthropic:claude-sonnet-4-5")
    );
}

#[test]
fn nonsense_is_not_found_quickly_and_never_printed_raw() {
    for asked in ["", ":", "openai:", &"x".repeat(1_000_000), "\u{1b}[31mred"] {
        let error = Catalogue::embedded().find(asked).unwrap_err().to_string();
        assert!(error.len() < 1_000 && !error.contains('\u{1b}'), "{error}");
    }
}

#[test]
fn retirement_is_announced_before_and_during_the_simulated_month() {
    let gpt4 = Catalogue::embedded().find("openai:gpt-4").unwrap();
    assert_eq!(gpt4.retires, Some(date(2026, 10, 23)));
    assert_eq!(gpt4.retirement_warning(date(2026, 9, 1), 30), None);
    let during = gpt4.retirement_warning(date(2026, 10, 1), 30).unwrap();
    assert!(
        during.contains("retires on 2026-10-23, during the simulated month"),
        "{during}"
    );
    let before = gpt4.retirement_warning(date(2026, 12, 7), 30).unwrap();
    assert!(
        before.contains("was retired on 2026-10-23, before"),
        "{before}"
    );
    assert_eq!(
        Catalogue::embedded()
            .find("openai:gpt-4o")
            .unwrap()
            .retirement_warning(date(2026, 12, 7), 30),
        None
    );
}

#[test]
fn a_model_whose_last_day_is_unknown_is_said_to_be_gone() {
    let haiku = Catalogue::embedded()
        .find("anthropic:claude-3-haiku")
        .unwrap();
    assert_eq!(haiku.retires, None);
    assert!(
        haiku
            .retirement_warning(date(2026, 12, 7), 30)
            .unwrap()
            .contains("no longer offered")
    );
}

#[test]
fn every_model_that_a_dated_fact_names_in_full_is_in_the_catalogue() {
    let facts: toml::Table = toml::from_str(include_str!("../../src/prices/facts.toml")).unwrap();
    for table in ["retires", "context", "tier"] {
        for entry in facts[table].as_array().unwrap() {
            for model in entry["models"].as_array().unwrap() {
                let name = format!(
                    "{}:{}",
                    entry["providers"][0].as_str().unwrap(),
                    model.as_str().unwrap()
                );
                assert_eq!(reference(&name).as_deref(), Ok(name.as_str()), "{table}");
            }
        }
    }
}

#[test]
fn prompt_cache_rules_are_those_of_the_provider() {
    let caching = |name: &str| Catalogue::embedded().find(name).unwrap().caching;
    let gpt = caching("openai:gpt-4o").unwrap();
    assert!(
        gpt.automatic
            && gpt.rule.min_tokens == 1024.0
            && gpt.rule.ttl_s == 300.0
            && gpt.rule.block == 128.0
    );
    assert_eq!(caching("openai:gpt-6.1-sol").unwrap().rule.ttl_s, 1800.0);
    let haiku = caching("anthropic:claude-haiku-4-5").unwrap();
    assert!(!haiku.automatic && haiku.rule.min_tokens == 4096.0 && haiku.rule.refresh);
    assert_eq!(
        caching("anthropic:claude-sonnet-5-5")
            .unwrap()
            .rule
            .min_tokens,
        512.0
    );
    assert_eq!(
        caching("anthropic:claude-sonnet-5")
            .unwrap()
            .rule
            .min_tokens,
        1024.0
    );
    assert_eq!(
        caching("groq:openai/gpt-oss-120b").unwrap().rule.ttl_s,
        7200.0
    );
    assert_eq!(caching("openai:gpt-4"), None, "GPT-4 has no prompt cache");
}

#[test]
fn limits_come_with_the_provider_s_way_of_counting() {
    let limits = |name: &str| Catalogue::embedded().find(name).unwrap().limits.unwrap();
    let sonnet = limits("anthropic:claude-sonnet-4-5");
    assert_eq!(sonnet.input_tokens_per_min, Some(Quantity::exact(2e6)));
    assert_eq!(
        (sonnet.cached_tokens_count, sonnet.refused_count),
        (Some(false), None)
    );
    let gpt = limits("openai:gpt-5");
    assert_eq!(
        (gpt.requests_per_min, gpt.refused_count),
        (Some(Quantity::exact(1e4)), Some(true))
    );
    let groq = Catalogue::embedded()
        .find("groq:openai/gpt-oss-120b")
        .unwrap();
    assert_eq!(
        (groq.limits, groq.counting.cached_tokens_count),
        (None, Some(false))
    );
}

#[test]
fn every_default_says_where_it_comes_from() {
    for name in [
        "openai:gpt-4",
        "anthropic:claude-sonnet-5-5",
        "google:gemini-2.5-pro",
        "perplexity:sonar",
    ] {
        let entry = Catalogue::embedded().find(name).unwrap();
        let has = |field: &str| {
            entry
                .sources
                .iter()
                .any(|known| known.field == field && !known.source.is_empty())
        };
        assert_eq!(has("caching"), entry.caching.is_some(), "{name}");
        assert_eq!(has("limits"), entry.limits.is_some(), "{name}");
        assert_eq!(
            has("retires"),
            entry.retires.or(entry.unlisted_by).is_some(),
            "{name}"
        );
        assert!(
            has("first_token_s") && has("token_ms") && has("prefill_ms_per_1k"),
            "{name}"
        );
        assert!(
            entry.first_token_s.is_some()
                && entry.token_ms.is_some()
                && entry.prefill_ms_per_1k.is_some()
        );
    }
}

#[test]
fn first_token_laws_have_a_slow_mode() {
    let entry = Catalogue::embedded().find("openai:gpt-4o").unwrap();
    let Some(Shape::Mix(parts)) = entry.first_token_s.map(|law| law.shape) else {
        panic!("not a mixture")
    };
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[1].0, Quantity::exact(0.015));
}

#[test]
fn context_windows_come_from_the_catalogue_or_the_facts() {
    let window = |name: &str| Catalogue::embedded().find(name).unwrap().context_window;
    assert_eq!(window("openai:gpt-4"), Some(8192.0));
    assert_eq!(window("google:gemini-2.5-pro"), Some(1_048_576.0));
    assert_eq!(window("azure:gpt-4o"), Some(128_000.0));
}

#[test]
fn providers_have_incidents_unless_the_scenario_says_otherwise() {
    let catalogue = Catalogue::embedded();
    assert_eq!(
        catalogue.default_preset("anthropic"),
        Some("anthropic-history")
    );
    assert_eq!(catalogue.default_preset("openai"), Some("openai-history"));
    assert_eq!(catalogue.default_preset("mistral"), Some("openai-history"));
    assert_eq!(catalogue.default_preset("our-own-server"), None);
    let (outage, brownout) = catalogue.incidents("openai-history").unwrap();
    assert_eq!(outage.error_rate, Quantity::exact(1.0));
    assert!(matches!(brownout.every_days.shape, Shape::Weibull { .. }));
    assert_eq!(catalogue.incidents("nobody-history"), None);
    assert_eq!(
        catalogue.presets().collect::<Vec<_>>(),
        ["anthropic-history", "openai-history"]
    );
}

#[test]
fn the_embedded_catalogue_is_dated_and_has_a_digest() {
    let catalogue = Catalogue::embedded();
    assert_eq!(
        (catalogue.origin(), catalogue.date()),
        (&Origin::Embedded, date(2026, 10, 30))
    );
    assert_eq!(catalogue.digest().len(), 64);
}

const PUBLISHED: &str = r#"[{"id": "acme", "name": "Acme", "api_pattern": "https://api\\.acme\\.example", "models": [
    {"id": "acme-1", "match": {"equals": "acme-1"}, "context_window": 32000,
     "prices": {"input_mtok": 2, "output_mtok": 8, "requests_kcount": 5},
     "price_variants": [{"when": {"service_tier": "economy"}, "prices": {"input_mtok": 1, "output_mtok": 4}}]}]}]"#;

#[test]
fn a_newer_file_is_used_like_the_embedded_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prices.json");
    std::fs::write(&path, PUBLISHED).unwrap();
    assert!(
        Catalogue::load(&path)
            .unwrap_err()
            .to_string()
            .contains("it has no date")
    );
    let catalogue = import(&path, folder.path(), date(2026, 11, 23)).unwrap();
    assert_eq!(
        (catalogue.origin(), catalogue.date()),
        (&Origin::File(path), date(2026, 11, 23))
    );
    let again = Catalogue::in_folder(folder.path()).unwrap();
    assert_eq!(
        (again.digest(), again.date()),
        (catalogue.digest(), catalogue.date())
    );
    assert_ne!(catalogue.digest(), Catalogue::embedded().digest());
    let entry = catalogue.find("acme:acme-1").unwrap();
    let at = "2026-11-23T02:00:00Z".parse().unwrap();
    let usage = Usage {
        input: 1e6,
        output: 1e6,
        ..Usage::default()
    };
    let total = |tier| {
        quote(
            &entry,
            &Terms {
                tier,
                ..Terms::default()
            },
            at,
            &usage,
        )
        .unwrap()
        .lines
        .total()
    };
    assert!((total("default") - 10.005).abs() < 1e-9);
    assert!((total("economy") - 5.005).abs() < 1e-9);
    assert_eq!(catalogue.tiers(&entry).unwrap(), ["default", "economy"]);
    assert!(catalogue.find("openai:gpt-4").is_err());
}

#[test]
fn what_is_not_a_price_file_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("broken.json", "[{"),
        ("other.json", r#"{"hello": 1}"#),
        ("empty.json", "[]"),
        ("nulls.json", r#"{"date": "2026-11-23", "providers": null}"#),
        ("day.json", r#"{"date": "yesterday", "providers": []}"#),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let error = Catalogue::load(&path).unwrap_err().to_string();
        assert!(
            error.contains(name) && error.contains("not a price file"),
            "{error}"
        );
    }
    let error = Catalogue::load(folder.path()).unwrap_err().to_string();
    assert!(error.contains("cannot be read"), "{error}");
}

#[test]
fn a_failed_import_leaves_the_project_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.json");
    std::fs::write(&bad, "[]").unwrap();
    let before = r#"{"date": "2026-11-01", "providers": []}"#;
    std::fs::write(folder.path().join("prices.json"), before).unwrap();
    assert!(import(&bad, folder.path(), date(2026, 11, 23)).is_err());
    assert_eq!(
        std::fs::read_to_string(folder.path().join("prices.json")).unwrap(),
        before
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_folder_without_a_price_file_uses_the_embedded_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        Catalogue::in_folder(folder.path()).unwrap().digest(),
        Catalogue::embedded().digest()
    );
}

#[test]
fn what_changed_between_two_files_is_named() {
    let of = |text: &str| {
        Catalogue::from_bytes(text.as_bytes(), "f.json".as_ref(), Some(date(2026, 11, 23))).unwrap()
    };
    let dearer = PUBLISHED
        .replace(
            r#""output_mtok": 8,"#,
            r#""output_mtok": {"base": 9, "tiers": [{"start": 1000, "price": 18}]},"#,
        )
        .replace("32000", "64000");
    let at = "2026-11-23T02:00:00Z".parse().unwrap();
    let same = diff(&of(PUBLISHED), &of(PUBLISHED), at).unwrap();
    assert_eq!(same, gonogo::prices::PriceDiff::default());
    let found = diff(&of(PUBLISHED), &of(&dearer), at).unwrap();
    assert!(found.added.is_empty() && found.removed.is_empty());
    let (name, differences) = &found.changed[0];
    assert_eq!(name, "acme:acme-1");
    let said = |what: &str| {
        differences
            .iter()
            .find(|known| known.what == what)
            .map(|known| (known.old, known.new))
    };
    assert_eq!(said("output"), Some((Some(8.0), Some(9.0))));
    assert_eq!(
        said("output from 1001 input tokens"),
        Some((None, Some(18.0)))
    );
    assert_eq!(
        said("context_window"),
        Some((Some(32_000.0), Some(64_000.0)))
    );
    assert_eq!(said("input"), None);
    let renamed = diff(
        &of(PUBLISHED),
        &of(&PUBLISHED.replace("acme-1", "acme-2")),
        at,
    )
    .unwrap();
    assert_eq!(
        (renamed.added, renamed.removed),
        (
            vec!["acme:acme-2".to_owned()],
            vec!["acme:acme-1".to_owned()]
        )
    );
}

#[test]
fn searches_are_billed_by_the_piece() {
    let entry = Catalogue::embedded()
        .find("google:gemini-3.6-flash")
        .unwrap();
    let at = "2026-11-23T02:00:00Z".parse().unwrap();
    let usage = Usage {
        input: 1e6,
        web_searches: 1000.0,
        ..Usage::default()
    };
    let priced = quote(&entry, &Terms::default(), at, &usage).unwrap();
    assert!(
        (priced.web_search_usd - 14.0).abs() < 1e-6 && (priced.total() - 14.75).abs() < 1e-6,
        "{priced:?}"
    );
}
