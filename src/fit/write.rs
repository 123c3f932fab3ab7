//! The scenario as text: every value with where it comes from, how many observations, and how far it can be off.

use std::fmt::Write as _;

use super::server::Server;

/// A scenario and the file of requests that it replays.
#[derive(Debug, Clone)]
pub struct Written {
    /// The scenario.
    pub toml: String,
    /// Requests as CSV (times and token counts, nothing else), for the file that the scenario names.
    pub requests: Option<String>,
}

/// The scenario of a server under its own requests: replayed at v times the speed at volume v.
#[must_use]
pub fn server_scenario(
    server: &Server,
    source: &str,
    requests_file: &str,
    engine: Option<&str>,
) -> Written {
    let mut toml = String::new();
    let number: usize = server.runs.iter().map(|run| run.1).sum();
    let runs: Vec<String> = server
        .runs
        .iter()
        .map(|(name, count, length)| {
            let name = if name.is_empty() { "one run" } else { name };
            let part = if *count == super::server::MOST {
                ", the stretch around the busiest moment of a longer log"
            } else {
                ""
            };
            format!("{name}: {count} answers in {length:.0} s{part}")
        })
        .collect();
    let low = server.token_ms * (1.0 - 1.645 * server.error);
    let high = server.token_ms * (1.0 + 1.645 * server.error);
    let _ = write!(
        toml,
        "# Fitted by gonogo {version} from {source} ({runs}){engine}.
# Volume v is the log at v times its speed. What the log cannot tell is marked \"assumed\".
schema = 1
name = \"Fitted server\"

[study]
months = 20
volumes = [1, 2, 4, 8]

[workload.replay]
file = \"{requests_file}\"   # n = {replayed}: times and prompt tokens of the lightest run; generated tokens from {tokens_from}
scale = \"speed\"

[models.server]
first_token_s = {{ p50 = {base}, p95 = {base_p95} }}   # n = {number}: first-token times with few others running, less steps and the reading of the prompt
token_ms = {{ mean = \"{low} to {high}\", cv = 0 }}   # 90% interval by resampling, n = {number}{samples}

[models.server.hosting]
slots = {slots}   # {slots_why}
prefill_tokens_per_s = {prefill}   # {prefill_why}
{reading}slowdown = [{slowdown}]   # time of a token against one that is alone, by answers running; seen up to {most}
{memory}{stall}replica_per_hour = 0   # assumed: the log has no prices; put in what the machine costs

[strategies.server]
route = \"server\"
streaming = true
",
        version = env!("CARGO_PKG_VERSION"),
        runs = runs.join(", "),
        engine = engine.map_or(String::new(), |name| format!(" and {name}")),
        replayed = server.requests.len(),
        tokens_from = server.tokens_from,
        base = short(server.base_s),
        base_p95 = short(server.base_p95_s),
        reading = reading(server),
        stall = stall(server),
        prefill_why = if server.reading.budget.is_some() {
            "how much longer steps are that read prompts"
        } else {
            "slope of first-token times over prompt tokens"
        },
        low = short(low),
        high = short(high),
        samples = if server.samples > 0 { format!(", {} samples of the server's log", server.samples) } else { String::new() },
        slots = server.slots,
        slots_why = if server.slots_seen {
            "seen: requests waited while so many were running, or told with --slots".to_owned()
        } else {
            format!("assumed: vLLM's default (max_num_seqs); at most {} were seen running; tell it with --slots", server.most_running)
        },
        prefill = short(server.reading.tokens_per_s),
        most = server.most_running,
        slowdown = server
            .slowdown
            .iter()
            .map(|(slots, factor)| format!("[{slots}, {}]", short(*factor)))
            .collect::<Vec<_>>()
            .join(", "),
        memory = server.kv_tokens.map_or(String::new(), |tokens| {
            let held = if server.held_ms_per_1k > 0.0 {
                format!("step_ms_per_1k_held = {}   # how much longer steps are with more tokens in memory\n", short(server.held_ms_per_1k))
            } else {
                String::new()
            };
            format!("{held}kv_tokens = {}   # tokens held over the share of memory in use\n", short(tokens))
        }),
    );
    let mut requests = "t_s,input_tokens,output_tokens\n".to_owned();
    for it in &server.requests {
        let _ = writeln!(requests, "{},{},{}", short(it.at_s), it.input, it.output);
    }
    Written {
        toml,
        requests: Some(requests),
    }
}

/// How prompts are read.
fn reading(server: &Server) -> String {
    let reading = &server.reading;
    let fixed = if reading.fixed_ms > 0.0 {
        format!(
            "prefill_fixed_ms = {}   # as much longer is a step with a prompt beside the prompt's tokens\n",
            short(reading.fixed_ms)
        )
    } else {
        String::new()
    };
    match reading.budget {
        None => format!(
            "prefill_pauses = true   # assumed: the server reads prompts between two steps of generation\n{fixed}"
        ),
        Some((tokens, true)) => format!(
            "step_tokens = {tokens}   # answers and prompt tokens of a step while requests waited\n{fixed}"
        ),
        Some((tokens, false)) => format!(
            "step_tokens = {tokens}   # assumed: the fullest step that was seen; nobody waited for one (vLLM: max_num_batched_tokens)\n{fixed}"
        ),
    }
}

fn stall(server: &Server) -> String {
    server.stall.map_or(String::new(), |(stall_s, every_s)| {
        format!(
            "stall_s = {}   # lines of the server's log in which it made far less than its steps take\nstall_every_busy_s = {}   # seconds of generation, added over all answers, between two of them\n",
            short(stall_s),
            short(every_s)
        )
    })
}

/// Six digits at most.
pub(super) fn short(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return "0".to_owned();
    }
    let mut digits = 5_usize;
    let mut size = number.abs();
    while size >= 10.0 && digits > 0 {
        size /= 10.0;
        digits -= 1;
    }
    while size < 1.0 && digits < 12 {
        size *= 10.0;
        digits += 1;
    }
    let text = format!("{number:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
