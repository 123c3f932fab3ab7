//! Nothing is ever lost: killed processes, full disks, read-only folders, two writers, editors.

#![cfg(unix)]
#![expect(
    clippy::format_push_string,
    reason = "plain words matter more than speed in a test"
)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use gonogo::checklist::history::{Entry, effective, history_path, short_digest};
use gonogo::checklist::store::{Author, change};
use gonogo::checklist::{Clock, read_review};
use gonogo::reading::Source;

use crate::harness::{gonogo, said};

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let begun = gonogo(folder.path()).arg("init").output().unwrap();
    assert!(begun.status.success());
    folder
}

fn texts(folder: &Path) -> (String, String) {
    let review = folder.join("review.toml");
    let history = std::fs::read_to_string(history_path(&review)).unwrap_or_default();
    (std::fs::read_to_string(review).unwrap(), history)
}

/// Numbers for the moments: the same on every run.
fn scattered(index: u64) -> u64 {
    let mut value = index.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678;
    value ^= value >> 29;
    value = value.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value ^ (value >> 32)
}

#[test]
fn a_killed_save_leaves_the_old_file_or_the_new_one_whole_and_the_history_agrees() {
    let folder = project();
    let set = |note: &str| {
        let mut command = gonogo(folder.path());
        command
            .args(["review", "note", "fallback", note, "--by", "Ana"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    // How long an undisturbed save takes decides where the moments lie.
    let started = std::time::Instant::now();
    assert!(set("calm").status().unwrap().success());
    let usual = u64::try_from(started.elapsed().as_micros()).unwrap();
    let (mut killed, mut saved, mut old_kept) = (0, 0, 0);
    for round in 0..1000_u64 {
        let (before, _) = texts(folder.path());
        let mut child = set(&format!("round {round}")).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(scattered(round) % (usual * 3 / 2)));
        let _ = child.kill();
        let finished = child.wait().unwrap().success();
        let (after, history) = texts(folder.path());
        read_review(&Source::new("review.toml", after.as_str()))
            .unwrap_or_else(|problems| panic!("round {round}: {problems}"));
        let expected = format!("note = \"round {round}\"");
        let is_new = after.contains(&expected);
        assert!(
            is_new || after == before,
            "round {round}: neither the old file nor the new one"
        );
        assert!(!finished || is_new, "round {round}: it said that it saved");
        // The history's last word, as every reader takes it, leads to the file that is there.
        let (entries, _) = effective(&history, &after);
        let last: &Entry = entries.last().unwrap();
        assert_eq!(last.after, short_digest(&after), "round {round}");
        assert_eq!(
            last.to.as_deref(),
            Some(if is_new {
                format!("round {round}")
            } else {
                last.to.clone().unwrap()
            })
            .as_deref()
        );
        killed += u32::from(!finished);
        saved += u32::from(is_new);
        old_kept += u32::from(!is_new);
    }
    assert!(
        killed > 100 && saved > 100 && old_kept > 100,
        "the moments must meet all cases: {killed} killed, {saved} new, {old_kept} old"
    );
    // What killed writers left beside is swept away by the next save.
    assert!(set("after the storm").status().unwrap().success());
    let left: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_entry_whose_review_never_came_to_be_is_withdrawn_by_the_next_change() {
    let folder = project();
    let review = folder.path().join("review.toml");
    let text = std::fs::read_to_string(&review).unwrap();
    let entry = |before: &str, after: &str| {
        format!(
            "{{\"when\":\"2026-11-23T00:00:00Z\",\"who\":\"Ana\",\"cause\":\"set\",\"path\":\"answer.production.fallback.status\",\"to\":\"yes\",\"before\":\"{before}\",\"after\":\"{after}\"}}\n"
        )
    };
    let mut history = entry("0000", &short_digest(&text));
    history.push_str(&entry(&short_digest(&text), "never"));
    history.push_str("{\"when\":\"2026-11-23T00:00:0");
    std::fs::write(history_path(&review), &history).unwrap();
    assert_eq!(
        effective(&history, &text).0.len(),
        1,
        "readers see it already"
    );
    let output = gonogo(folder.path())
        .args(["review", "note", "fallback", "x", "--by", "Ana"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let (text, history) = texts(folder.path());
    assert!(history.contains("\"cause\":\"withdrawn\""), "{history}");
    assert!(
        history
            .lines()
            .all(|line| serde_json::from_str::<Entry>(line).is_ok()),
        "the torn line is gone: {history}"
    );
    let (entries, _) = effective(&history, &text);
    assert_eq!(
        entries
            .iter()
            .map(|entry| entry.to.clone().unwrap())
            .collect::<Vec<_>>(),
        ["yes", "x"]
    );
}

#[test]
fn a_full_disk_loses_nothing_and_says_so() {
    let folder = project();
    let output = gonogo(folder.path())
        .args(["review", "note", "fallback", "before", "--by", "Ana"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let before = texts(folder.path());
    // No file may grow past a block of 512 bytes, and whoever tries gets an error instead of a signal.
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec '{}' review note fallback during --by Ana",
        env!("CARGO_BIN_EXE_gonogo")
    );
    let output = Command::new("sh")
        .arg("-c")
        .arg(script)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(
        said(&output).contains("nothing was changed") && said(&output).contains("review.toml"),
        "{}",
        said(&output)
    );
    assert_eq!(texts(folder.path()), before);
    let left = std::fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_str()
                .unwrap()
                .contains(".tmp")
        })
        .count();
    assert_eq!(left, 0);
}

#[test]
fn a_full_disk_for_the_history_loses_nothing_either() {
    let folder = tempfile::tempdir().unwrap();
    // Small enough to be written under the limit, beside a history that is past it already.
    std::fs::write(
        folder.path().join("review.toml"),
        "schema = 1\nsystem = \"Bot\"\nchecklists = [\"production\"]\n",
    )
    .unwrap();
    let long = "x".repeat(3000);
    let output = gonogo(folder.path())
        .args(["review", "note", "fallback", &long, "--by", "Ana"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    std::fs::write(
        folder.path().join("review.toml"),
        "schema = 1\nsystem = \"Bot\"\nchecklists = [\"production\"]\n",
    )
    .unwrap();
    let before = texts(folder.path());
    let script = format!(
        "trap '' XFSZ; ulimit -f 2; exec '{}' review note fallback during --by Ana",
        env!("CARGO_BIN_EXE_gonogo")
    );
    let output = Command::new("sh")
        .arg("-c")
        .arg(script)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(
        said(&output).contains("review.history.jsonl")
            && said(&output).contains("nothing was changed"),
        "{}",
        said(&output)
    );
    assert_eq!(texts(folder.path()), before);
}

#[test]
fn a_history_that_is_no_file_is_refused() {
    let folder = project();
    std::os::unix::fs::symlink(
        "/dev/full",
        history_path(&folder.path().join("review.toml")),
    )
    .unwrap();
    let before = std::fs::read_to_string(folder.path().join("review.toml")).unwrap();
    let output = gonogo(folder.path())
        .args(["review", "note", "fallback", "x", "--by", "Ana"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(
        said(&output).contains("not an ordinary file"),
        "{}",
        said(&output)
    );
    assert_eq!(
        std::fs::read_to_string(folder.path().join("review.toml")).unwrap(),
        before
    );
}

/// Runs as a user whom permissions bind: the superuser may write anywhere.
fn as_somebody(folder: &Path, arguments: &[&str]) -> Option<Output> {
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout == b"0\n");
    if !is_root {
        return Some(gonogo(folder).args(arguments).output().unwrap());
    }
    // The binary is copied where anybody may run it; by another process, since a file that any of our threads still
    // holds open for writing cannot be run.
    let binary = folder.parent().unwrap().join("gonogo-for-anybody");
    assert!(
        Command::new("cp")
            .arg(env!("CARGO_BIN_EXE_gonogo"))
            .arg(&binary)
            .status()
            .unwrap()
            .success()
    );
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&binary)
        .args(arguments)
        .current_dir(folder);
    command.output().ok()
}

#[test]
fn a_read_only_folder_loses_nothing_and_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let outer = tempfile::tempdir().unwrap();
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(outer.path(), 0o755);
    let folder = outer.path().join("project");
    std::fs::create_dir(&folder).unwrap();
    assert!(
        gonogo(&folder)
            .arg("init")
            .output()
            .unwrap()
            .status
            .success()
    );
    let before = texts(&folder);
    mode(&folder, 0o555);
    let Some(output) = as_somebody(&folder, &["review", "note", "fallback", "x", "--by", "Ana"])
    else {
        eprintln!("skipped: no way to give up the superuser's rights here");
        return;
    };
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(
        said(&output).contains("nothing was changed"),
        "{}",
        said(&output)
    );
    assert_eq!(texts(&folder), before);
    // Reading needs no permission to write.
    let output = as_somebody(&folder, &["review", "list"]).unwrap();
    assert!(output.status.success(), "{}", said(&output));
    mode(&folder, 0o755);
}

#[test]
fn two_writers_do_not_lose_each_other_s_changes() {
    let folder = project();
    let ids = [
        "fallback",
        "p95-latency",
        "spike-10x",
        "real-examples",
        "incident-plan",
        "audit-log",
        "observability",
        "zero-downtime",
    ];
    let children: Vec<_> = ids
        .iter()
        .map(|id| {
            gonogo(folder.path())
                .args(["review", "set", id, "yes", "--by", "Ana"])
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
    let (text, history) = texts(folder.path());
    let review = read_review(&Source::new("review.toml", text.as_str())).unwrap();
    for id in ids {
        assert_eq!(
            review.answers[&gonogo::checklist::Key::new("production", id)]
                .status
                .word(),
            "yes",
            "{id}"
        );
    }
    let (entries, unreadable) = effective(&history, &text);
    assert_eq!((entries.len(), unreadable), (ids.len() * 3, 0));
    // Each change leads from the one before: nobody wrote over anybody.
    for pair in entries.windows(2) {
        assert!(pair[0].after == pair[1].before || pair[0].after == pair[1].after);
    }
}

#[test]
fn what_an_editor_saves_meanwhile_is_kept() {
    let folder = project();
    let path = folder.path().join("review.toml");
    let author = Author {
        who: "Ana".to_owned(),
        clock: Clock::at("2026-11-23").unwrap(),
        cause: "set".to_owned(),
    };
    let mut runs = 0;
    change(&path, &author, |draft| {
        runs += 1;
        if runs == 1 {
            // An editor that knows nothing of locks saves after we have read.
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, format!("# by hand\n{text}")).unwrap();
        }
        draft.set(&["release"], "1.4.0", None)
    })
    .unwrap();
    let (text, history) = texts(folder.path());
    assert_eq!(runs, 2, "it was done again on what the editor wrote");
    assert!(text.starts_with("# by hand\n") && text.contains("release = \"1.4.0\""));
    assert_eq!(history.lines().count(), 1, "and is in the history once");
}

#[test]
fn a_file_that_cannot_be_read_is_reported_with_its_place_and_left_alone() {
    let folder = project();
    let path = folder.path().join("review.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    for (broken, place) in [
        (
            text.replace("schema = 1", "schema = 1\nstage = "),
            "review.toml:4:",
        ),
        (
            text.replace("status = \"unknown\"", "status = \"maybe\""),
            "review.toml:22:10",
        ),
        (
            format!("{text}\n[answer.production.fallback]\n"),
            "duplicate key",
        ),
    ] {
        std::fs::write(&path, &broken).unwrap();
        let output = gonogo(folder.path())
            .args(["review", "note", "fallback", "x", "--by", "Ana"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(place), "{place}: {}", said(&output));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
    }
    std::fs::write(&path, b"schema = 1\n\xff\xfe").unwrap();
    let output = gonogo(folder.path())
        .args(["review", "note", "fallback", "x", "--by", "Ana"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(std::fs::read(&path).unwrap(), b"schema = 1\n\xff\xfe");
}

#[test]
fn links_and_permissions_stay_what_they_are() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = project();
    let (path, real) = (
        folder.path().join("review.toml"),
        folder.path().join("real.toml"),
    );
    std::fs::rename(&path, &real).unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real.toml", &path).unwrap();
    let output = gonogo(folder.path())
        .args(["review", "note", "fallback", "x", "--by", "Ana"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(path.symlink_metadata().unwrap().is_symlink());
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert!(
        std::fs::read_to_string(&real)
            .unwrap()
            .contains("note = \"x\"")
    );
}

/// Length of the longest common subsequence of lines: what one edit script keeps in order.
fn common_lines(before: &str, after: &str) -> usize {
    let (one, other): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut row = vec![0; other.len() + 1];
    for line in one {
        let mut diagonal = 0;
        for (index, now) in other.iter().enumerate() {
            let above = row[index + 1];
            row[index + 1] = if line == *now {
                diagonal + 1
            } else {
                above.max(row[index])
            };
            diagonal = above;
        }
    }
    row[other.len()]
}

#[test]
fn comments_order_and_blank_lines_survive_every_command() {
    let folder = project();
    let path = folder.path().join("review.toml");
    let mut text = String::new();
    for (index, line) in std::fs::read_to_string(&path).unwrap().lines().enumerate() {
        let line = line.replace("security = []", "security = [\"Bo Example\"]   # new here");
        text.push_str(&format!("{line}\n"));
        if index % 3 == 0 && !line.is_empty() && !line.starts_with('[') {
            text.push_str(&format!("# remark {index}\n\n"));
        }
    }
    std::fs::write(&path, &text).unwrap();
    std::fs::File::create(folder.path().join("load.json"))
        .unwrap()
        .write_all(b"{}")
        .unwrap();
    let commands: [&[&str]; 11] = [
        &[
            "set", "fallback", "no", "--owner", "Cy", "--due", "+30d", "--note", "so",
        ],
        &["note", "p95-latency", "measured"],
        &[
            "evidence",
            "add",
            "load",
            "--kind",
            "file",
            "--ref",
            "load.json",
            "--for",
            "p95-latency",
            "--for",
            "spike-10x",
        ],
        &[
            "waive",
            "fallback",
            "--reason",
            "r",
            "--approved-by",
            "Bo Example",
            "--expires",
            "+20d",
        ],
        &["budget", "10x", "150_000", "--approved-by", "Bo Example"],
        &["about", "--release", "1.4.0", "--valid-until", "+90d"],
        &[
            "sign",
            "security",
            "--decision",
            "conditional",
            "--name",
            "Bo Example",
            "--note",
            "until Friday",
        ],
        &["checklists", "--add", "privacy"],
        &["repin"],
        &[
            "add-question",
            "refunds",
            "--section",
            "quality",
            "--ask",
            "Are refunds checked?",
        ],
        &["waive", "fallback", "--revoke"],
    ];
    for command in commands {
        let before = std::fs::read_to_string(&path).unwrap();
        let output = gonogo(folder.path())
            .arg("review")
            .args(command)
            .args(["--by", "Ana"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{command:?}: {}", said(&output));
        let after = std::fs::read_to_string(&path).unwrap();
        let kept = |text: &str| -> Vec<String> {
            text.lines()
                .filter(|line| line.contains('#'))
                .map(str::to_owned)
                .collect()
        };
        // `add-question` unpins the shipped checklist: its table goes, comments inside it too.
        let (was, is) = (kept(&before), kept(&after));
        if command[0] != "add-question" {
            assert_eq!(was, is, "{command:?}");
        }
        let lost = before.lines().count() - common_lines(&before, &after);
        assert!(lost <= 9, "{command:?} lost {lost} lines");
    }
}
