use std::io::Write as _;

use gonogo::reading::log::{self, Ended, Field, Hints, Log, NONE, read_bytes};

fn read(text: &str) -> Log {
    read_bytes(text.as_bytes(), &Hints::default()).expect("a log")
}

#[test]
fn columns_are_found_by_their_usual_names_in_csv_of_any_delimiter() {
    for delimiter in [",", ";", "\t"] {
        let text = "timestamp,model,prompt_tokens,completion_tokens,latency_ms,status\n2026-01-05T10:00:00Z,m,100,20,1500,200\n2026-01-05T10:00:01Z,m,110,30,2500,429\n".replace(',', delimiter);
        let log = read(&text);
        assert_eq!(log.rows.len(), 2);
        assert_eq!((log.rows[0].input, log.rows[1].output), (100.0, 30.0));
        assert_eq!(log.rows[1].latency_s, 2.5);
        assert_eq!(log.rows[1].ended, Ended::Throttled);
        assert_eq!(log.rows[1].at_s - log.rows[0].at_s, 1.0);
        assert_eq!(log.models, ["m"]);
        assert!(log.dated);
    }
}

#[test]
fn broken_rows_are_counted_by_kind_with_lines_and_without_contents() {
    let log = read("t_s,input_tokens\n1,5\n2,a secret\n3,-1\nnever,7\n5,9\n");
    assert_eq!(log.rows.len(), 2);
    let broken: Vec<_> = log
        .broken
        .iter()
        .map(|it| (it.count, it.lines.clone()))
        .collect();
    assert_eq!(broken, [(2, vec![3, 4]), (1, vec![5])]);
    assert!(
        log.broken
            .iter()
            .all(|it| !it.kind.contains("secret") && !it.kind.contains("never"))
    );
}

#[test]
fn a_log_without_a_usable_row_says_what_was_looked_for() {
    let words = read_bytes(b"a,b\n1,2\n", &Hints::default())
        .expect_err("no time")
        .words;
    assert!(
        words.contains("timestamp") && words.contains("there are a, b"),
        "{words}"
    );
    let words = read_bytes(b"t_s\nx\n", &Hints::default())
        .expect_err("no rows")
        .words;
    assert!(
        words.contains("no usable row") && words.contains("line 2"),
        "{words}"
    );
}

#[test]
fn mapped_columns_go_before_guessed_ones() {
    let hints = Hints {
        map: vec![(Field::Input, "mine".to_owned())],
        ..Hints::default()
    };
    let log = read_bytes(b"t_s,input_tokens,mine\n1,5,6\n", &hints).expect("a log");
    assert_eq!(log.rows[0].input, 6.0);
    assert!(
        read_bytes(b"t_s,other\n1,5\n", &hints)
            .expect_err("missing")
            .words
            .contains("no column `mine`")
    );
}

#[test]
fn json_lines_with_nested_usage_are_read_and_bad_lines_counted() {
    let log = read(
        "{\"created_at\":1767600000,\"model\":\"m\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"prompt_tokens_details\":{\"cached_tokens\":4}},\"session_id\":\"a\"}\nnot json\n{\"created_at\":1767600001,\"usage\":{\"prompt_tokens\":8}}\n",
    );
    assert_eq!(log.rows.len(), 2);
    assert_eq!(
        (log.rows[0].input, log.rows[0].output, log.rows[0].cached),
        (7.0, 3.0, 4.0)
    );
    assert_eq!(
        (log.rows[0].conversation, log.rows[1].conversation),
        (0, NONE)
    );
    assert_eq!((log.left_out(), log.broken[0].lines.clone()), (1, vec![2]));
}

#[test]
fn opentelemetry_spans_are_read_from_otlp_json() {
    let span = |start: u64, code: u32| {
        format!(
            "{{\"name\":\"chat m\",\"startTimeUnixNano\":\"{start}\",\"endTimeUnixNano\":\"{}\",\"status\":{{\"code\":{code}}},\"attributes\":[{{\"key\":\"gen_ai.request.model\",\"value\":{{\"stringValue\":\"m\"}}}},{{\"key\":\"gen_ai.usage.input_tokens\",\"value\":{{\"intValue\":\"120\"}}}},{{\"key\":\"gen_ai.usage.output_tokens\",\"value\":{{\"intValue\":\"30\"}}}}]}}",
            start + 1_500_000_000
        )
    };
    let text = format!(
        "{{\"resourceSpans\":[{{\"resource\":{{\"attributes\":[]}},\"scopeSpans\":[{{\"spans\":[{},{}]}}]}}]}}",
        span(1_767_600_000_000_000_000, 1),
        span(1_767_600_002_000_000_000, 2)
    );
    let log = read(&text);
    assert_eq!(log.format, "OTLP-JSON");
    assert_eq!(log.preset, Some("OpenTelemetry GenAI spans"));
    assert_eq!(log.rows.len(), 2);
    assert_eq!(
        (log.rows[0].input, log.rows[0].output, log.rows[0].latency_s),
        (120.0, 30.0, 1.5)
    );
    assert_eq!(
        (log.rows[0].ended, log.rows[1].ended),
        (Ended::Well, Ended::Failed)
    );
    assert_eq!(log.rows[1].at_s, 1_767_600_002.0);
}

#[test]
fn exports_of_known_tools_are_recognised() {
    for (text, what, input, latency_s) in [
        (
            "request_id,startTime,endTime,completionStartTime,model,spend,prompt_tokens,completion_tokens\nr,2026-01-05 10:00:00,2026-01-05 10:00:04,2026-01-05 10:00:01,m,0.01,9,3\n",
            "LiteLLM spend logs",
            9.0,
            4.0,
        ),
        (
            "{\"startTime\":\"2026-01-05T10:00:00Z\",\"latency\":4,\"timeToFirstToken\":1,\"usage\":{\"input\":9,\"output\":3},\"model\":\"m\",\"level\":\"DEFAULT\"}\n",
            "Langfuse export",
            9.0,
            4.0,
        ),
        (
            "request_created_at,delay_ms,time_to_first_token,prompt_tokens,completion_tokens,response_status\n2026-01-05T10:00:00Z,4000,1000,9,3,200\n",
            "Helicone export",
            9.0,
            4.0,
        ),
        (
            "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,9,3\n",
            "Azure public inference trace",
            9.0,
            f32::NAN,
        ),
        (
            "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,9,3,12,Conversation log\n",
            "BurstGPT trace",
            9.0,
            f32::NAN,
        ),
        (
            "{\"timestamp\":27482,\"input_length\":9,\"output_length\":3,\"hash_ids\":[46,47]}\n",
            "Mooncake trace",
            9.0,
            f32::NAN,
        ),
    ] {
        let log = read(text);
        assert_eq!(log.preset, Some(what));
        assert_eq!(
            (log.rows[0].input, log.rows[0].output),
            (input, 3.0),
            "{what}"
        );
        assert!(
            log.rows[0].latency_s == latency_s || latency_s.is_nan(),
            "{what}"
        );
        if latency_s.is_finite() {
            assert_eq!(log.rows[0].first_s, 1.0, "{what}");
        }
    }
    let usage = read(
        "{\"object\":\"page\",\"data\":[{\"start_time\":1767600000,\"end_time\":1767603600,\"results\":[{\"input_tokens\":9,\"output_tokens\":3,\"input_cached_tokens\":2,\"num_model_requests\":5,\"model\":\"m\"}]}]}",
    );
    assert_eq!(usage.preset, Some("OpenAI usage export"));
    assert_eq!((usage.rows[0].count, usage.rows[0].cached), (5.0, 2.0));
    let mooncake =
        read("{\"timestamp\":27482,\"input_length\":9,\"output_length\":3,\"hash_ids\":[46,47]}\n");
    assert_eq!(mooncake.rows[0].at_s, 27.482);
    assert_eq!(mooncake.blocks, [0, 1]);
}

#[test]
fn lines_are_right_whatever_ends_them_and_whatever_lies_between() {
    for (end, text) in [("\n", "LF"), ("\r\n", "CRLF")] {
        let log = read(&format!(
            "t_s,model,input_tokens{end}1,\"a{end}b\",5{end}{end}2,c,bad{end}3,d,worse"
        ));
        assert_eq!(log.broken[0].lines, [5, 6], "{text}");
    }
}

#[test]
fn numbers_are_read_as_people_of_all_countries_write_them() {
    let log = read("t_s;input_tokens;cost\n1;1,234;0,25\n2;12,345,678;1,234.5\n3;7;3,5\n");
    let rows: Vec<_> = log
        .rows
        .iter()
        .map(|row| (row.input, row.cost_usd))
        .collect();
    assert_eq!(rows, [(1234.0, 0.25), (12_345_678.0, 1234.5), (7.0, 3.5)]);
}

#[test]
fn columns_are_found_in_any_spelling() {
    let log = read("TimeStamp,Prompt Tokens,Completion-Tokens,LATENCY_MS\n2026-01-05,5,6,700\n");
    assert_eq!(
        (log.rows[0].input, log.rows[0].output, log.rows[0].latency_s),
        (5.0, 6.0, 0.7)
    );
}

#[test]
fn an_export_that_begins_with_an_empty_bucket_is_recognised() {
    let log = read(
        "{\"data\":[{\"start_time\":1767600000,\"results\":[]},{\"start_time\":1767603600,\"results\":[{\"input_tokens\":9,\"output_tokens\":3,\"num_model_requests\":5}]}]}",
    );
    assert_eq!(
        (log.preset, log.rows[0].count),
        (Some("OpenAI usage export"), 5.0)
    );
}

#[test]
fn flat_json_lines_are_read_like_any_other() {
    let line = |k: u32, more: &str| {
        format!(
            "{{\"created_at\":17676000{k:02},\"messages\":[{{\"role\":\"user\"}}],\"usage\":{{\"prompt_tokens\":{k},\"completion_tokens\":3.0}},\"hash_ids\":[1,{k}],\"stream\":true{more}}}"
        )
    };
    // The first line is read as a tree, the others as they are parsed.
    let log = read(
        &[
            line(1, ""),
            line(2, ""),
            line(3, ",\"x\":"),
            "[1]".to_owned(),
            line(5, ""),
        ]
        .join("\n"),
    );
    let rows: Vec<_> = log
        .rows
        .iter()
        .map(|row| (row.at_s, row.input, row.output, row.blocks.1))
        .collect();
    assert_eq!(
        rows,
        [
            (1_767_600_001.0, 1.0, 3.0, 2),
            (1_767_600_002.0, 2.0, 3.0, 2),
            (1_767_600_005.0, 5.0, 3.0, 2)
        ]
    );
    assert_eq!(log.left_out(), 2);
}

#[test]
fn means_over_many_requests_and_lengths_in_characters_are_tokens_of_the_row() {
    let log = read("t_s,client,requests,in_mean,out_mean\n0,a,200,50,10\n600,a,100,60,20\n");
    let rows: Vec<_> = log
        .rows
        .iter()
        .map(|row| (row.count, row.input, row.output))
        .collect();
    assert_eq!(rows, [(200.0, 10_000.0, 2000.0), (100.0, 6000.0, 2000.0)]);
    // Four characters to a token.
    let log = read("agent,session,t_s,in_chars,out_chars,lcp_prev_chars\nx,s1,0,4000,400,1000\n");
    let row = &log.rows[0];
    assert_eq!((row.input, row.output, row.cached), (1000.0, 100.0, 250.0));
    assert_eq!(log.classes, ["x"]);
    // And where somebody says that they are the tokens.
    let hints = Hints {
        map: vec![(Field::Output, "out_chars".to_owned())],
        ..Hints::default()
    };
    let text = "t_s,in_chars,out_chars\n0,4000,400\n";
    let log = read_bytes(text.as_bytes(), &hints).expect("a log");
    assert_eq!((log.rows[0].input, log.rows[0].output), (1000.0, 100.0));
}

#[test]
fn short_answers_of_a_benchmark_are_no_failures() {
    let log = read("t_s,error_code\n0,\n1,-100\n2,500\n3,429\n");
    let ended: Vec<Ended> = log.rows.iter().map(|row| row.ended).collect();
    assert_eq!(
        ended,
        [Ended::Well, Ended::Well, Ended::Failed, Ended::Throttled]
    );
}

#[test]
fn a_file_that_ends_early_is_told_from_one_with_other_columns() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for row in 0..100_000 {
        writeln!(packed, "{row},{}", row * 7919 % 1000).expect("memory");
    }
    let whole = packed.finish().expect("memory");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.csv.gz");
    let half = [&whole[..whole.len() / 2]].concat();
    std::fs::write(&path, half).expect("a file");
    let hints = Hints {
        map: vec![(Field::Time, "0".to_owned())],
        ..Hints::default()
    };
    let refused = log::read(&[&path], &hints).expect_err("half a file");
    assert!(
        refused.damaged && refused.words.contains("`log.csv.gz`"),
        "{refused}"
    );
    std::fs::write(&path, &whole).expect("a file");
    assert!(
        !log::read(&[&path], &Hints::default())
            .expect_err("no time")
            .damaged
    );
}

#[test]
fn odd_files_are_read_or_refused_in_words() {
    // A byte order mark, and the same name twice: the first is taken.
    let log = read("\u{feff}t_s,input_tokens,input_tokens\r\n1,5,6\r\n");
    assert_eq!((log.rows.len(), log.rows[0].input), (1, 5.0));
    // Zones beside each other are one time.
    let log = read(
        "timestamp,input_tokens\n2026-01-05T10:00:00Z,1\n2026-01-05T12:00:00+02:00,1\n2026-01-05 10:00:00,1\n1767607200,1\n1767607200000,1\n\"Mon, 05 Jan 2026 10:00:00 GMT\",1\n",
    );
    let times: Vec<f64> = log.rows.iter().map(|row| row.at_s).collect();
    assert_eq!(times, [1_767_607_200.0; 6]);
    for (bytes, words) in [
        (&b""[..], "empty"),
        (b"\n \n", "empty"),
        (b"t_s,input_tokens\n", "no usable row"),
        (b"\x00\x01\xff\xfe\n\x02", "no column for time"),
        (b"[]", "no usable row"),
    ] {
        let error = read_bytes(bytes, &Hints::default())
            .expect_err("nothing to read")
            .words;
        assert!(error.contains(words), "{error} for {words}");
        assert!(!error.contains('\u{0}') && error.len() < 1200, "{error}");
    }
    // A line of four million letters is a cell like any other.
    let log = read(&format!(
        "t_s,note,input_tokens\n1,{},5\n2,b,6\n",
        "x".repeat(4_000_000)
    ));
    assert_eq!(log.rows.len(), 2);
}
