//! Caches of answers, batch, guards, people, and what is paid by the month.

use gonogo::engine::ledger::{Line, Outcome};

use super::lone::{lone, month, near, scenario};

const MODEL: &str = "[models.m]\nprice = { input = 10, output = 100 }\nfirst_token_s = 1\ntoken_ms = 10\nquality = QUALITY\n";

fn rest(quality: f64, strategy: &str) -> String {
    format!(
        "{}[strategies.s]\nroute = \"m\"\n{strategy}\n",
        MODEL.replace("QUALITY", &format!("{quality}"))
    )
}

const CLASS: &str = "user_tokens = 1_000\noutput_tokens = 200";
const COST: [(Line, f64); 2] = [
    (Line::Input, 1_000.0 * 10e-6),
    (Line::Output, 200.0 * 100e-6),
];

#[test]
fn a_repeated_question_is_answered_by_the_cache() {
    let class = format!(
        "{CLASS}\nturns = 5\nthink_s = 60\nhistory = \"none\"\nquestions = {{ unique = 0, distinct = 1, cacheable = \"all\" }}"
    );
    let cache = "response_cache = { kind = \"exact\", ttl_h = 1, lookup_s = 0.5 }";
    for it in lone("", &class, &rest(1.0, cache), 5) {
        assert_eq!(
            (it.count(Outcome::Answered), it.count(Outcome::Cached)),
            (1, 4)
        );
        assert_eq!((it.0.ledger.cacheable, it.0.ledger.hits), (5, 4));
        near(it.latency(), 5.0 * 0.5 + 3.0);
        it.is_billed(&COST);
    }
    // Only a conversation's first question may be answered by it.
    for it in lone(
        "",
        &class.replace("\"all\"", "\"first_turn\""),
        &rest(1.0, cache),
        5,
    ) {
        assert_eq!((it.count(Outcome::Answered), it.0.ledger.cacheable), (5, 1));
    }
    // It lives 100 s from when it was stored, at 3.5 s: the question at 63.5 s hits, those at 124 s asks again.
    let short =
        "response_cache = { kind = \"exact\", ttl_h = 0.027777777777777776, lookup_s = 0.5 }";
    for it in lone("", &class, &rest(1.0, short), 5) {
        assert_eq!(
            (it.count(Outcome::Answered), it.count(Outcome::Cached)),
            (3, 2)
        );
    }
    // A wrong answer stays wrong in the cache, and a hit on another question is wrong too.
    for it in lone("", &class, &rest(0.0, cache), 5) {
        assert_eq!(it.0.ledger.wrong, 5);
    }
    let false_hits =
        "response_cache = { kind = \"semantic\", recall = 1, false_hit = 1, ttl_h = 1 }";
    for it in lone("", &class, &rest(1.0, false_hits), 5) {
        assert_eq!((it.count(Outcome::Cached), it.0.ledger.wrong), (4, 4));
    }
}

#[test]
fn what_can_wait_pays_batch_prices_and_has_no_latency() {
    let class = format!("{CLASS}\ndeferrable = 1\npatience_s = 1");
    for it in lone("", &class, &rest(1.0, "batch = true"), 1) {
        assert_eq!(
            (
                it.count(Outcome::Answered),
                it.0.ledger.batch,
                it.0.ledger.latency.total()
            ),
            (1, 1, 0)
        );
        it.is_billed(&COST.map(|(line, usd)| (line, usd * 0.5)));
    }
    // Without the strategy's word nothing waits.
    for it in lone("", &format!("{CLASS}\ndeferrable = 1"), &rest(1.0, ""), 1) {
        assert_eq!(it.0.ledger.batch, 0);
        it.is_billed(&COST);
    }
}

#[test]
fn guards_take_their_seconds_and_their_money_and_block() {
    let guards = "sanitise = { seconds = 0.25, per_1k_tokens = 0.01 }\nguardrail = { seconds = 0.5, per_request = 0.001, blocks = BLOCKS }";
    for it in lone("", CLASS, &rest(1.0, &guards.replace("BLOCKS", "0")), 1) {
        near(it.latency(), 3.75);
        it.is_billed(&[COST[0], COST[1], (Line::Guard, 0.011)]);
    }
    for it in lone("", CLASS, &rest(1.0, &guards.replace("BLOCKS", "1")), 1) {
        assert_eq!(it.count(Outcome::Blocked), 1);
        it.is_billed(&[(Line::Guard, 0.011)]);
    }
}

#[test]
fn sensitive_requests_leave_the_house_only_where_nothing_holds_them_back() {
    let class = format!("{CLASS}\nsensitive = 1\nturns = 3\nthink_s = 1");
    let leaked = |strategy: &str, models: &str| -> Vec<u64> {
        lone("", &class, &format!("{models}{}", rest(1.0, strategy)), 3)
            .iter()
            .map(|it| it.0.ledger.leaked)
            .collect()
    };
    assert_eq!(leaked("", ""), [3, 3, 3]);
    assert_eq!(leaked("sanitise = { misses = 0 }", ""), [0, 0, 0]);
    assert_eq!(leaked("sanitise = { misses = 1 }", ""), [3, 3, 3]);
    let own = "[models.own]\nhosting = { slots = 4 }\ntoken_ms = 10\n";
    assert_eq!(leaked("sensitive_route = \"own\"", own), [0, 0, 0]);
}

#[test]
fn an_agents_turn_takes_its_calls_and_its_tools() {
    let class = format!("{CLASS}\ncalls = 3\ntool_s = 2");
    for it in lone("", &class, &rest(1.0, "streaming = true"), 1) {
        assert_eq!((it.0.ledger.calls, it.0.ledger.attempts), (3, 3));
        near(it.latency(), 3.0 * 3.0 + 2.0 * 2.0);
        // The first token is that of the last call: 2 × (3 + 2) + 1 s.
        assert!((it.0.ledger.first_token.quantile(0.5) / 11.0 - 1.0).abs() < 2e-3);
    }
}

#[test]
fn people_correct_flagged_answers_before_or_after_the_user_sees_them() {
    let review = |when: &str| {
        format!(
            "confidence = {{ catches = 1, false_alarms = 0, then = \"human_review\" }}\n\
             human_review = {{ minutes = 10, reviewers = 5, per_hour = 45, when = \"{when}\" }}"
        )
    };
    for it in lone("", CLASS, &rest(0.0, &review("after")), 1) {
        near(it.latency(), 3.0);
        assert_eq!((it.0.ledger.wrong, it.0.ledger.reviews.0), (0, 1));
        near(it.usd(Line::HumanReview), 7.5);
    }
    for it in lone("", CLASS, &rest(0.0, &review("before")), 1) {
        near(it.latency(), 603.0);
        assert_eq!((it.0.ledger.wrong, it.0.ledger.reviews.0), (0, 1));
        near(it.usd(Line::HumanReview), 7.5);
    }
    // A user without that much patience leaves.
    for it in lone(
        "",
        &format!("{CLASS}\npatience_s = 60"),
        &rest(0.0, &review("before")),
        1,
    ) {
        assert_eq!(it.count(Outcome::Abandoned), 1);
    }
    // Right answers are not flagged.
    for it in lone("", CLASS, &rest(1.0, &review("before")), 1) {
        near(it.latency(), 3.0);
        assert_eq!(it.0.ledger.reviews.0, 0);
    }
}

#[test]
fn what_is_paid_by_the_month_follows_from_its_length_and_use() {
    let more = "[evals]\nexamples = 100\nruns_per_month = 4\ninput_tokens = 1_000\noutput_tokens = 200\njudge = \"m\"\n\
                [audit]\nbytes_per_token = 5\nretention_days = 60\nper_gb_month = 2_000\n[fixed]\nrent = 600\n";
    let strategy = "response_cache = { kind = \"exact\", monthly = 300 }";
    let model = scenario(500.0, "", CLASS, &format!("{}{more}", rest(1.0, strategy)));
    let ledger = month(&model, 0).ledger;
    let usd = |line: Line| ledger.bill[line as usize];
    // A day is a thirtieth of a month. A judge reads question and answer and writes as much.
    let example = 1_000.0 * 10e-6 + 200.0 * 100e-6 + 1_200.0 * 10e-6 + 200.0 * 100e-6;
    near(usd(Line::Evals), 400.0 * example / 30.0);
    near(usd(Line::Fixed), 20.0);
    near(usd(Line::Cache), 10.0);
    // 1,200 tokens a request and five bytes a token, sixty days of which are kept.
    let gigabytes = ledger.requests as f64 * 1_200.0 * 5.0 * 60.0 * 1e-9;
    near(usd(Line::Audit), gigabytes * 2_000.0 / 30.0);
}
