//! The fields of a request and the names that logs have for them.

/// A field of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// When the request was sent.
    Time,
    /// When the answer was complete.
    End,
    /// When the first token came.
    FirstAt,
    /// The model.
    Model,
    /// Prompt tokens.
    Input,
    /// Prompt tokens read from the provider's cache.
    Cached,
    /// Generated tokens.
    Output,
    /// Length of the answer in characters, where its tokens are not told.
    OutputChars,
    /// Seconds to the whole answer.
    Latency,
    /// Seconds to the first token.
    First,
    /// How it ended.
    Status,
    /// Conversation.
    Conversation,
    /// User.
    User,
    /// Hash of the prompt, or the prompt itself (hashed while it is read).
    Prompt,
    /// Prefix blocks.
    Blocks,
    /// Class.
    Class,
    /// Run of a load test.
    Run,
    /// The request's own name, the same in every run.
    Id,
    /// What it cost, in US dollars.
    Cost,
    /// How many requests the row stands for.
    Count,
}

/// All fields: its name in `--map`, and the names that logs have for it, the surest first.
const FIELDS: [(Field, &str, &[&str]); 20] = [
    (
        Field::Time,
        "time",
        &[
            "time",
            "t_s",
            "t_ms",
            "timestamp",
            "arrive_s",
            "TIMESTAMP",
            "Timestamp",
            "startTimeUnixNano",
            "startTime",
            "start_time",
            "request_created_at",
            "created_at",
            "createdAt",
            "ts",
            "datetime",
            "date",
            "Time",
            "start",
            "day",
            "usage_date",
            "UsageDate",
            "ChargePeriodStart",
        ],
    ),
    (
        Field::End,
        "end",
        &[
            "endTimeUnixNano",
            "endTime",
            "end_time",
            "completed_at",
            "response_created_at",
            "finished_at",
        ],
    ),
    (
        Field::FirstAt,
        "first_at",
        &["completionStartTime", "completion_start_time"],
    ),
    (
        Field::Model,
        "model",
        &[
            "model",
            "gen_ai.request.model",
            "gen_ai.response.model",
            "model_name",
            "Model",
            "request_model",
            "model_id",
            "modelId",
            "base_model",
        ],
    ),
    (
        Field::Input,
        "input_tokens",
        &[
            "input_tokens",
            "in_tokens",
            "prompt_tokens",
            "ContextTokens",
            "Request tokens",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.prompt_tokens",
            "usage.input_tokens",
            "usage.prompt_tokens",
            "usage.input",
            "usageDetails.input",
            "promptTokens",
            "inputTokens",
            "inputUsage",
            "input_length",
            "in_mean",
            "input_tokens_mean",
            "in_chars",
            "input_chars",
        ],
    ),
    (
        Field::Cached,
        "cached_tokens",
        &[
            "cached_tokens",
            "cached_input_tokens",
            "input_cached_tokens",
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_read_input_tokens",
            "cache_read_input_tokens",
            "usage.prompt_tokens_details.cached_tokens",
            "usage.cache_read_input_tokens",
            "usageDetails.cache_read_input_tokens",
            "usageDetails.input_cached_tokens",
            "prompt_cache_read_tokens",
            "metadata.usage_object.prompt_tokens_details.cached_tokens",
            "lcp_prev_chars",
            "cached_chars",
        ],
    ),
    (
        Field::Output,
        "output_tokens",
        &[
            "output_tokens",
            "out_tokens",
            "completion_tokens",
            "GeneratedTokens",
            "Response tokens",
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.completion_tokens",
            "usage.output_tokens",
            "usage.completion_tokens",
            "usage.output",
            "usageDetails.output",
            "completionTokens",
            "outputTokens",
            "outputUsage",
            "output_length",
            "out_mean",
            "output_tokens_mean",
        ],
    ),
    (
        Field::OutputChars,
        "output_chars",
        &["out_chars", "output_chars", "response_length"],
    ),
    (
        Field::Latency,
        "latency",
        &[
            "e2e_s",
            "latency_s",
            "latency_ms",
            "latency",
            "duration_s",
            "duration_ms",
            "exec_s",
            "delay_ms",
            "response_time_ms",
            "request_duration_ms",
            "Elapsed time",
            "response_time",
            "duration",
        ],
    ),
    (
        Field::First,
        "first_token",
        &[
            "ttft_s",
            "first_token_s",
            "ttft_ms",
            "time_to_first_token_ms",
            "first_token_ms",
            "timeToFirstToken",
            "time_to_first_token",
            "gen_ai.server.time_to_first_token",
            "ttft",
        ],
    ),
    (
        Field::Status,
        "status",
        &[
            "status",
            "status.code",
            "status_code",
            "http_status",
            "error_code",
            "response_status",
            "statusCode",
            "predict_status",
            "level",
        ],
    ),
    (
        Field::Conversation,
        "conversation",
        &[
            "conversation",
            "conversation_id",
            "gen_ai.conversation.id",
            "session",
            "session_id",
            "sessionId",
            "Session ID",
            "chat_id",
            "thread_id",
            "properties.Helicone-Session-Id",
        ],
    ),
    (
        Field::User,
        "user",
        &[
            "user", "user_id", "userId", "end_user", "client", "customer", "user.id",
        ],
    ),
    (
        Field::Prompt,
        "prompt_hash",
        &["prompt_hash", "question_hash", "question", "prompt_id"],
    ),
    (
        Field::Blocks,
        "prefix_blocks",
        &["prefix_blocks", "hash_ids"],
    ),
    (
        Field::Class,
        "class",
        &[
            "class",
            "Log Type",
            "gen_ai.operation.name",
            "predict_type",
            "call_type",
            "task",
            "agent",
        ],
    ),
    (Field::Run, "run", &["time_compression", "run", "load"]),
    (
        Field::Id,
        "id",
        &["event_id", "request_id", "requestId", "id", "spanId", "seq"],
    ),
    (
        Field::Cost,
        "cost",
        &[
            "spend",
            "cost_usd",
            "response_cost",
            "totalCost",
            "calculatedTotalCost",
            "costUSD",
            "cost",
            "amount_usd",
            "amount.value",
            "amount_value",
            "total_cost",
            "BilledCost",
            "UnblendedCost",
            "amount",
        ],
    ),
    (
        Field::Count,
        "requests",
        &["num_model_requests", "requests", "rate_per_s"],
    ),
];

impl Field {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        FIELDS.iter().map(|(field, _, _)| *field)
    }

    /// Its name in `--map` and in `[workload.replay] columns`.
    #[must_use]
    pub fn name(self) -> &'static str {
        FIELDS
            .iter()
            .find(|(field, _, _)| *field == self)
            .map_or("", |(_, name, _)| name)
    }

    /// The field of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        FIELDS
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(field, _, _)| *field)
    }

    /// Names that logs have for it.
    #[must_use]
    pub fn known(self) -> &'static [&'static str] {
        FIELDS
            .iter()
            .find(|(field, _, _)| *field == self)
            .map_or(&[], |(_, _, names)| names)
    }
}

/// A known export: its name, what gives it away, and its own names for fields, which go before the general ones.
#[derive(Debug, PartialEq)]
pub struct Preset {
    /// Its name for `--preset`.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Columns that it always has.
    pub signs: &'static [&'static str],
    /// Its columns by field, with the unit where the column's name does not say it.
    pub columns: &'static [(Field, &'static str, f64)],
}

/// The exports that are known. The first whose signs are all there is taken.
pub const PRESETS: [Preset; 8] = [
    Preset {
        name: "opentelemetry",
        what: "OpenTelemetry GenAI spans",
        signs: &["startTimeUnixNano"],
        columns: &[],
    },
    Preset {
        name: "litellm",
        what: "LiteLLM spend logs",
        signs: &["startTime", "spend"],
        columns: &[
            (Field::FirstAt, "completionStartTime", 1.0),
            (Field::User, "end_user", 1.0),
        ],
    },
    Preset {
        name: "langfuse",
        what: "Langfuse export",
        signs: &["startTime", "timeToFirstToken"],
        columns: &[
            (Field::Status, "level", 1.0),
            (Field::Latency, "latency", 1.0),
            (Field::First, "timeToFirstToken", 1.0),
        ],
    },
    Preset {
        name: "helicone",
        what: "Helicone export",
        signs: &["request_created_at", "delay_ms"],
        columns: &[
            (Field::Time, "request_created_at", 1.0),
            (Field::Latency, "delay_ms", 1e-3),
            (Field::Status, "response_status", 1.0),
            (Field::First, "time_to_first_token", 1e-3),
        ],
    },
    Preset {
        name: "openai-usage",
        what: "OpenAI usage export",
        signs: &["num_model_requests"],
        columns: &[(Field::Time, "start_time", 1.0), (Field::End, "", 1.0)],
    },
    Preset {
        name: "azure",
        what: "Azure public inference trace",
        signs: &["TIMESTAMP", "ContextTokens", "GeneratedTokens"],
        columns: &[],
    },
    Preset {
        name: "burstgpt",
        what: "BurstGPT trace",
        signs: &["Timestamp", "Request tokens"],
        columns: &[],
    },
    Preset {
        name: "mooncake",
        what: "Mooncake trace",
        signs: &["timestamp", "hash_ids", "input_length"],
        columns: &[(Field::Time, "timestamp", 1e-3)],
    },
];

impl Preset {
    /// The export of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }
}

/// Seconds in the unit that a column's name ends with; `None` if it does not say.
pub(super) fn unit_s(column: &str) -> Option<f64> {
    let last = column.rsplit(['.', '_', ' ']).next().unwrap_or(column);
    match last {
        "ms" | "millis" => Some(1e-3),
        "us" => Some(1e-6),
        "ns" => Some(1e-9),
        "s" | "seconds" | "sec" => Some(1.0),
        _ if column.ends_with("UnixNano") => Some(1e-9),
        _ => None,
    }
}
