//! What a prompt is made of, what the provider has of it in its cache, and where it is cut.

use gonogo::engine::ledger::{Line, Outcome, Reason};
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;

use super::lone::{lone, near};

/// A dollar for a plain token, ten cents for a cached one, 1.25 for one that is written.
fn caching(rule: &str, prompt_cache: &str) -> String {
    format!(
        "[models.m]\nprice = {{ input = 1_000_000, output = 0, cached_input = 100_000, cache_write = 1_250_000 }}\n\
         prompt_caching = {{ {rule} }}\n[strategies.s]\nroute = \"m\"\nprompt_cache = \"{prompt_cache}\"\n"
    )
}

fn billed(plain: f64, read: f64, written: f64) -> [(Line, f64); 3] {
    [
        (Line::Input, plain),
        (Line::CachedInput, read * 0.1),
        (Line::CacheWrite, written * 1.25),
    ]
}

const TALK: &str =
    "turns = 4\nthink_s = 10\nuser_tokens = 100\noutput_tokens = 50\ncontext_tokens = 30";

#[test]
fn a_conversations_region_is_read_and_what_is_new_of_it_written() {
    // System 1,000; history grows by 150 a turn. Region: 1000, 1150, 1300, 1450; of it warm: 0, 1000, 1150, 1300.
    for it in lone(
        "system_tokens = 1_000",
        TALK,
        &caching("ttl_s = 300, min_tokens = 10", "conversation"),
        4,
    ) {
        it.is_billed(&billed(4.0 * 130.0, 3_450.0, 1_000.0 + 3.0 * 150.0));
        near(it.0.ledger.cached_tokens, 3_450.0);
        near(it.0.ledger.input_tokens, 4.0 * 1_130.0 + 150.0 * 6.0);
    }
}

#[test]
fn only_the_system_prefix_is_cached_where_only_that_is_marked() {
    for it in lone(
        "system_tokens = 1_000",
        TALK,
        &caching("ttl_s = 300, min_tokens = 10", "system"),
        4,
    ) {
        it.is_billed(&billed(4.0 * 130.0 + 150.0 * 6.0, 3_000.0, 1_000.0));
    }
}

#[test]
fn a_region_that_has_gone_cold_is_written_again() {
    // Ten seconds between turns, and nine to live.
    for it in lone(
        "system_tokens = 1_000",
        TALK,
        &caching("ttl_s = 9, min_tokens = 10", "conversation"),
        4,
    ) {
        it.is_billed(&billed(
            4.0 * 130.0,
            0.0,
            1_000.0 + 1_150.0 + 1_300.0 + 1_450.0,
        ));
    }
    // Use does not renew: written at 0, still warm at 10 and 20, cold at 30 s.
    for it in lone(
        "system_tokens = 1_000",
        TALK,
        &caching("ttl_s = 25, min_tokens = 10, refresh = false", "system"),
        4,
    ) {
        it.is_billed(&billed(4.0 * 130.0 + 150.0 * 6.0, 2_000.0, 2_000.0));
    }
}

#[test]
fn regions_are_cut_to_blocks_and_short_ones_are_not_cached() {
    // Regions of 1000, 1150, 1300, 1450 in blocks of 128 from 1,024 on: 0, 1024, 1280, 1408. Warm before: nothing
    // (1,000 is too short), then 1000 too short again, then 1150 in blocks is 1024, then 1280.
    for it in lone(
        "system_tokens = 1_000",
        TALK,
        &caching(
            "ttl_s = 300, min_tokens = 1_024, block = 128",
            "conversation",
        ),
        4,
    ) {
        let total = 4.0 * 1_130.0 + 150.0 * 6.0;
        let (read, written) = (1_024.0 + 1_280.0, 1_024.0 + 256.0 + 128.0);
        it.is_billed(&billed(total - read - written, read, written));
    }
}

#[test]
fn an_agents_further_calls_read_what_its_earlier_calls_left() {
    // System 1,000, message 100, answers of 50 and tools of 200. Call 1: region 1000, all written. Call 2: of 1,350
    // the newest 200 are plain, 1000 warm. Call 3: of 1,600 the newest 200 are plain, 1150 warm.
    let class = "calls = 3\nuser_tokens = 100\noutput_tokens = 50\ntool_tokens = 200";
    for it in lone(
        "system_tokens = 1_000",
        class,
        &caching("ttl_s = 300, min_tokens = 10", "conversation"),
        1,
    ) {
        it.is_billed(&billed(
            100.0 + 200.0 + 200.0,
            1_000.0 + 1_150.0,
            1_000.0 + 150.0 + 250.0,
        ));
    }
}

#[test]
fn a_provider_without_a_prompt_cache_and_a_strategy_without_one_pay_plain_input() {
    let plain = caching("ttl_s = 300, min_tokens = 10", "system")
        .replace("prompt_cache = \"system\"", "prompt_cache = false");
    for it in lone("system_tokens = 1_000", TALK, &plain, 4) {
        it.is_billed(&[(Line::Input, 4.0 * 1_130.0 + 150.0 * 6.0)]);
    }
}

/// A window of 1,000 tokens, of which an answer needs 100; a dollar a token of input.
fn window(overflow: &str, rest: &str) -> (String, String) {
    (
        format!("turns = 6\nthink_s = 1\nuser_tokens = 100\noutput_tokens = 100\nmax_output_tokens = 100\noverflow = \"{overflow}\"\n{rest}"),
        "[models.m]\nprice = { input = 1_000_000, output = 0 }\ncontext_window = 1_000\n[strategies.s]\nroute = \"m\"\n".to_owned(),
    )
}

#[test]
fn the_oldest_turns_go_when_the_window_is_full() {
    // 300 of system: prompts of 400, 600, 800; then 1,000 of 900 allowed: the oldest 200 go each time.
    let (class, rest) = window("truncate", "");
    for it in lone("system_tokens = 300", &class, &rest, 6) {
        it.is_billed(&[(Line::Input, 400.0 + 600.0 + 4.0 * 800.0)]);
        assert_eq!(it.count(Outcome::Answered), 6);
    }
}

#[test]
fn a_request_that_does_not_fit_fails_where_nothing_may_be_dropped() {
    let (class, rest) = window("fail", "quits = 0");
    for it in lone("system_tokens = 300", &class, &rest, 6) {
        assert_eq!(
            (it.count(Outcome::Answered), it.failed(Reason::Overflow)),
            (3, 3)
        );
        it.is_billed(&[(Line::Input, 1_800.0)]);
    }
}

#[test]
fn what_failed_leaves_the_question_in_the_history_but_no_answer() {
    // The window is too small for the first message, which is answered by another model from the second turn on:
    // here, every turn fails, and the fallback's prompt holds the earlier questions.
    let class = "turns = 3\nthink_s = 1\nuser_tokens = 100\noutput_tokens = 70\nquits = 0\noverflow = \"fail\"";
    let rest = "[models.m]\nprice = { input = 1_000_000, output = 0 }\nfirst_token_s = 5\n[strategies.s]\nroute = \"m\"\ntimeout_s = 2\n";
    for it in lone("", class, rest, 3) {
        // 100, then 200, then 300 tokens, all wasted.
        it.is_billed(&[(Line::Wasted, 600.0)]);
    }
}

#[test]
fn shorter_prompts_and_answers_cost_less() {
    // The factor keeps half of system and context, not of the message; answers are cut at their maximum.
    let class =
        "user_tokens = 100\ncontext_tokens = 400\noutput_tokens = 500\nmax_output_tokens = 200";
    let rest = "[models.m]\nprice = { input = 1_000_000, output = 1_000_000 }\n[strategies.s]\nroute = \"m\"\nprompt_factor = 0.5\n";
    for it in lone("system_tokens = 1_000", class, rest, 1) {
        it.is_billed(&[(Line::Input, 500.0 + 200.0 + 100.0), (Line::Output, 200.0)]);
    }
}

#[test]
fn a_strategy_that_asks_for_a_cache_that_no_model_has_is_told_so() {
    let warnings = |model: &str, strategy: &str| {
        let text = format!(
            "schema = 1\nname = \"x\"\n[workload]\nconversations_per_day = 10\n[[workload.class]]\nname = \"a\"\n\
             user_tokens = 1\noutput_tokens = 1\n[models.m]\nprice = {{ input = 1, output = 1 }}\n{model}\n\
             [strategies.s]\nroute = \"m\"\n{strategy}\n"
        );
        let scenario = Scenario::parse(Source::new("x.toml", text), None).expect("a scenario");
        let model = gonogo::model::compile(&scenario, Catalogue::embedded()).expect("a model");
        model.warnings
    };
    let asks = "prompt_cache = \"conversation\"";
    let told = warnings("", asks);
    assert!(
        told.len() == 1 && told[0].contains("`s`") && told[0].contains("prompt_caching = {"),
        "{told:?}"
    );
    let has = "prompt_caching = { ttl_s = 300, min_tokens = 1024, block = 128 }";
    assert!(warnings(has, asks).is_empty());
    assert!(warnings("", "").is_empty());
}
