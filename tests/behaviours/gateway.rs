//! Retries, breakers, fallbacks, timeouts, hedges and limits.

use gonogo::engine::ledger::{Line, Outcome, Reason};

use super::lone::{lone, month, near, scenario};

/// A primary whose provider is down for good, and a fallback that answers in a second.
const DEAD_PRIMARY: &str = "[models.primary]\nprovider = \"p\"\nprice = { input = 1, output = 1 }\nfirst_token_s = 1\nerror_s = ERROR\n\
    [models.other]\nprice = { input = 1, output = 1 }\nfirst_token_s = 1\n\
    [providers.p]\noutage = { every_days = 0.0001, minutes = 10_000_000 }\n\
    [strategies.s]\nroute = \"primary\"\nfallback = [\"other\"]\nretry = { attempts = 3, base_s = 0.5, factor = 2, jitter = \"none\" }\n";

#[test]
fn without_a_breaker_eleven_requests_cost_thirty_three_attempts_on_a_dead_primary() {
    let class = "turns = 11\nthink_s = 6\nhistory = \"none\"\nuser_tokens = 10\noutput_tokens = 10";
    for it in lone("", class, &DEAD_PRIMARY.replace("ERROR", "1.25"), 11) {
        let ledger = &it.0.ledger;
        assert_eq!(ledger.attempts, 33 + 11);
        assert_eq!(it.count(Outcome::Fallback), 11);
        // Three errors of 1.25 s and waits of 0.5 and 1 s: 5.25 s before the fallback answers in one.
        near(it.latency(), 11.0 * 6.25);
        // Only the fallback's answers cost anything.
        it.is_billed(&[(Line::Input, 11.0 * 10e-6), (Line::Output, 11.0 * 10e-6)]);
    }
}

#[test]
fn a_breaker_that_opens_after_one_failure_lets_four_of_fifteen_requests_try_a_dead_primary() {
    let breaker = "breaker = { failures = 1, window_s = 60, open_s = 30 }";
    let rest = format!("{}{breaker}\n", DEAD_PRIMARY.replace("ERROR", "0"));
    // A request every 8 s: those at 0, 32, 64 and 96 s find it closed or half open.
    for it in lone(
        "",
        "turns = 15\nthink_s = 7\nuser_tokens = 10\noutput_tokens = 10",
        &rest,
        15,
    ) {
        assert_eq!(it.0.ledger.attempts, 4 + 15);
        assert_eq!(it.count(Outcome::Fallback), 15);
        near(it.latency(), 15.0);
    }
}

#[test]
fn a_breaker_without_a_fallback_fails_requests_at_once() {
    let rest = "[models.m]\nprice = { input = 1, output = 1 }\nerror_rate = 1\nerror_s = 0\n[strategies.s]\nroute = \"m\"\n\
                breaker = { failures = 2, window_s = 60, open_s = 100 }\n";
    // A request every 10 s. The first two fail by error and open it; ten later ones find it open until 110 s, and the
    // one at 110 s is the probe that opens it again until 210 s.
    let class = "turns = 20\nthink_s = 10\nquits = 0\nuser_tokens = 1\noutput_tokens = 1";
    for it in lone("", class, rest, 20) {
        assert_eq!(it.failed(Reason::Error), 3);
        assert_eq!(it.failed(Reason::BreakerOpen), 17);
        assert_eq!(it.0.ledger.attempts, 3);
    }
}

#[test]
fn a_breaker_that_counts_shares_waits_for_enough_outcomes() {
    let rest = "[models.m]\nprice = { input = 1, output = 1 }\nerror_rate = 1\nerror_s = 0\n[strategies.s]\nroute = \"m\"\n\
                breaker = { window_s = 1_000, min_requests = 6, failure_rate = 0.5, open_s = 1_000 }\n";
    for it in lone(
        "",
        "turns = 20\nthink_s = 10\nquits = 0\nuser_tokens = 1\noutput_tokens = 1",
        rest,
        20,
    ) {
        assert_eq!(it.failed(Reason::Error), 6);
        assert_eq!(it.failed(Reason::BreakerOpen), 14);
    }
}

#[test]
fn retries_stay_within_their_budget() {
    let rest = |retry: &str| {
        format!(
            "[models.m]\nprice = {{ input = 1, output = 1 }}\nerror_rate = 1\nerror_s = 0\n[strategies.s]\nroute = \"m\"\nretry = {{ {retry} }}\n"
        )
    };
    let class = "user_tokens = 1\noutput_tokens = 1";
    for budget in [0.0, 0.1, 0.2, 0.5] {
        let model = scenario(
            3_000.0,
            "",
            class,
            &rest(&format!("attempts = 4, base_s = 0, budget = {budget}")),
        );
        let ledger = month(&model, 0).ledger;
        let (requests, retries) = (
            ledger.requests as f64,
            (ledger.attempts - ledger.requests) as f64,
        );
        // The bucket begins with 10 and ends empty: it earns a share of every request.
        let allowed = 10.0 + budget * requests;
        assert!(
            retries <= allowed && retries > allowed - 2.0,
            "{retries} retries for {allowed}"
        );
    }
    // With room to spare, everybody may retry as often as they like.
    let model = scenario(
        3_000.0,
        "",
        class,
        &rest("attempts = 4, base_s = 0, budget = 3"),
    );
    let ledger = month(&model, 0).ledger;
    assert_eq!(ledger.attempts, 4 * ledger.requests);
}

#[test]
fn errors_cost_nothing_and_cut_answers_cost_what_they_had_used() {
    // 1 s to the first token and 10 ms a token: after 2 s, 100 of 200 tokens are there.
    let model =
        "[models.m]\nprice = { input = 10, output = 100 }\nfirst_token_s = 1\ntoken_ms = 10\n";
    let class = "user_tokens = 1_000\noutput_tokens = 200";
    let wasted = 1_000.0 * 10e-6 + 100.0 * 100e-6;
    for it in lone(
        "",
        class,
        &format!("{model}[strategies.s]\nroute = \"m\"\ntimeout_s = 2\n"),
        1,
    ) {
        assert_eq!(it.failed(Reason::Timeout), 1);
        it.is_billed(&[(Line::Wasted, wasted)]);
    }
    let patience = format!("{class}\npatience_s = 2");
    for it in lone(
        "",
        &patience,
        &format!("{model}[strategies.s]\nroute = \"m\"\n"),
        1,
    ) {
        assert_eq!(it.count(Outcome::Abandoned), 1);
        it.is_billed(&[(Line::Wasted, wasted)]);
    }
    // Streaming shows the first token in time, so nobody leaves, nothing is cut, and all is paid.
    for it in lone(
        "",
        &patience,
        &format!("{model}[strategies.s]\nroute = \"m\"\nstreaming = true\ntimeout_s = 2\n"),
        1,
    ) {
        assert_eq!(it.count(Outcome::Answered), 1);
        near(it.latency(), 3.0);
        it.is_billed(&[
            (Line::Input, 1_000.0 * 10e-6),
            (Line::Output, 200.0 * 100e-6),
        ]);
    }
    // Sent a second later, the second copy is cut with 100 tokens when the first has all of them.
    for it in lone(
        "",
        class,
        &format!("{model}[strategies.s]\nroute = \"m\"\nhedge = {{ after_s = 1 }}\n"),
        1,
    ) {
        assert_eq!((it.count(Outcome::Answered), it.0.ledger.attempts), (1, 2));
        near(it.latency(), 3.0);
        it.is_billed(&[
            (Line::Input, 1_000.0 * 10e-6),
            (Line::Output, 200.0 * 100e-6),
            (Line::Wasted, wasted),
        ]);
    }
    let errors = "[models.m]\nprice = { input = 10, output = 100 }\nerror_rate = 1\n[strategies.s]\nroute = \"m\"\nretry = { attempts = 5 }\n";
    for it in lone("", class, errors, 1) {
        assert_eq!((it.failed(Reason::Error), it.0.ledger.attempts), (1, 5));
        it.is_billed(&[]);
    }
}

#[test]
fn a_failed_request_ends_its_conversation_if_the_user_quits() {
    let rest = "[models.m]\nprice = { input = 1, output = 1 }\nerror_rate = 1\n[strategies.s]\nroute = \"m\"\n";
    let class = |quits: u8| {
        format!("turns = 5\nthink_s = 1\nuser_tokens = 1\noutput_tokens = 1\nquits = {quits}")
    };
    for it in lone("", &class(1), rest, 1) {
        assert_eq!((it.count(Outcome::Failed), it.0.ledger.lost), (1, 4));
    }
    for it in lone("", &class(0), rest, 5) {
        assert_eq!((it.count(Outcome::Failed), it.0.ledger.lost), (5, 0));
    }
    // A canned answer is no failure: the user goes on.
    for it in lone(
        "",
        &class(1),
        &format!("{rest}fallback = [\"degraded\"]\n"),
        5,
    ) {
        assert_eq!((it.count(Outcome::Degraded), it.0.ledger.lost), (5, 0));
    }
    // Who leaves does not come back.
    let slow = "[models.m]\nprice = { input = 1, output = 1 }\nfirst_token_s = 9\n[strategies.s]\nroute = \"m\"\n";
    for it in lone("", &format!("{}\npatience_s = 3", class(0)), slow, 1) {
        assert_eq!((it.count(Outcome::Abandoned), it.0.ledger.lost), (1, 4));
    }
}

#[test]
fn admission_spaces_requests_as_the_limit_allows() {
    // Two places in flight for two steps each: an agent's calls follow one another and never wait, but a second copy
    // of each (hedged at once) takes the other place.
    let rest = "[models.m]\nprice = { input = 1, output = 1 }\nfirst_token_s = 1\nlimits = { requests_per_min = 6, burst_s = 10 }\n\
                [strategies.s]\nroute = \"m\"\nadmission = { max_wait_s = 60 }\n";
    // The bucket holds one request and refills one in ten seconds; five calls of a second each follow at once.
    for it in lone("", "calls = 5\nuser_tokens = 1\noutput_tokens = 1", rest, 1) {
        assert_eq!(
            (
                it.count(Outcome::Answered),
                it.0.ledger.attempts,
                it.0.ledger.refused
            ),
            (1, 5, 0)
        );
        near(it.latency(), 4.0 * 10.0 + 1.0);
    }
    // Without admission the second call is refused.
    let refused = rest.replace("admission = { max_wait_s = 60 }", "");
    for it in lone(
        "",
        "calls = 5\nuser_tokens = 1\noutput_tokens = 1",
        &refused,
        1,
    ) {
        assert_eq!(
            (
                it.failed(Reason::Throttled),
                it.0.ledger.attempts,
                it.0.ledger.refused
            ),
            (1, 2, 1)
        );
    }
}

#[test]
fn copies_join_the_replica_with_the_fewest_busy_slots() {
    let run = |hosting: &str| {
        let rest = format!(
            "[models.m]\nhosting = {{ {hosting} }}\ntoken_ms = 4\n[strategies.s]\nroute = \"m\"\nhedge = {{ after_s = 0 }}\n"
        );
        lone("", "user_tokens = 100\noutput_tokens = 100", &rest, 1).remove(0)
    };
    // Two copies at once: 100 tokens at 4 + 1 ms each on replicas of their own, at 4 + 2 ms on a shared one.
    near(
        run("replicas = 2, slots = 2, token_ms_per_busy = 1").latency(),
        0.5,
    );
    near(
        run("replicas = 1, slots = 2, token_ms_per_busy = 1").latency(),
        0.6,
    );
    // One slot, or memory for one: the second copy waits, and the first answers alone.
    near(
        run("replicas = 1, slots = 1, token_ms_per_busy = 1").latency(),
        0.5,
    );
    near(
        run("replicas = 1, slots = 2, token_ms_per_busy = 1, kv_tokens = 300").latency(),
        0.5,
    );
    near(
        run("replicas = 1, slots = 2, token_ms_per_busy = 1, kv_tokens = 400").latency(),
        0.6,
    );
    // Half a copy later: alone for 0.2 s (40 tokens), then together (60 tokens at 6 ms).
    let rest = "[models.m]\nhosting = { slots = 2, token_ms_per_busy = 1 }\ntoken_ms = 4\n[strategies.s]\nroute = \"m\"\nhedge = { after_s = 0.2 }\n";
    near(
        lone("", "user_tokens = 100\noutput_tokens = 100", rest, 1)
            .remove(0)
            .latency(),
        0.2 + 0.36,
    );
}
