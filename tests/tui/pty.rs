//! The real binary in a pseudo-terminal.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::driver::SMALL;
use super::term::{LONG, Term};

/// A project, and a folder for the app's own state.
fn project() -> (tempfile::TempDir, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scenario.toml"), SMALL).unwrap();
    (folder, tempfile::tempdir().unwrap())
}

/// The recovery file of a project's scenario.
fn kept(folder: &Path, state: &Path) -> PathBuf {
    // The app sees its folder without links.
    let scenario = folder.canonicalize().unwrap().join("scenario.toml");
    let name = gonogo::tui::recovery::name(&scenario).unwrap();
    state.join("gonogo").join(name)
}

/// As an earlier run leaves unsaved edits.
fn leave_edits(folder: &Path, state: &Path, text: &str) {
    let path = kept(folder, state);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn is_restored(screen: &vt100::Parser) {
    let screen = screen.screen();
    assert!(!screen.alternate_screen());
    assert!(!screen.hide_cursor());
    assert!(!screen.bracketed_paste());
    assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
}

#[test]
fn it_opens_a_project_goes_through_its_tabs_and_leaves_the_terminal_as_it_was() {
    let (folder, state) = project();
    let mut term = Term::open(folder.path(), state.path());
    term.wait_for("Overview").wait_for("a month");
    assert!(term.screen().alternate_screen());
    term.keys("\t\t\t").wait_for("over budget");
    term.keys("?")
        .wait_for("Study: keys")
        .keys("\x1b")
        .wait_gone("Study: keys");
    term.keys("q");
    let (status, screen) = term.end();
    assert_eq!(status, 0);
    is_restored(&screen);
}

#[test]
fn a_first_project_is_made_from_the_form() {
    let folder = tempfile::tempdir().unwrap();
    let state = tempfile::tempdir().unwrap();
    let mut term = Term::open(folder.path(), state.path());
    term.wait_for("Start a project")
        .keys("i")
        .wait_for("conversations a day");
    term.keys("\r\x15120").wait_for("120").keys("\r\r\r\r\r");
    term.wait_for("INCOMPLETE").keys("q");
    assert_eq!(term.end().0, 0);
    let scenario = std::fs::read_to_string(folder.path().join("scenario.toml")).unwrap();
    assert!(
        scenario.contains("conversations_per_day = 120 "),
        "{scenario}"
    );
    assert!(folder.path().join("review.toml").exists());
}

#[test]
fn edits_survive_being_killed_and_are_offered_and_saved() {
    let (folder, state) = project();
    let edited = SMALL.replace("Small helper", "Mended helper");
    leave_edits(folder.path(), state.path(), &edited);
    let mut term = Term::open(folder.path(), state.path());
    term.wait_for("Unsaved edits found")
        .keys("r")
        .wait_for("ctrl-s saves them");
    term.keys("\t").wait_for("DRAFT");
    term.signal("KILL");
    term.end();
    assert_eq!(
        std::fs::read_to_string(kept(folder.path(), state.path())).unwrap(),
        edited
    );
    assert_eq!(
        std::fs::read_to_string(folder.path().join("scenario.toml")).unwrap(),
        SMALL
    );
    let mut term = Term::open(folder.path(), state.path());
    term.wait_for("Unsaved edits found")
        .keys("r")
        .wait_for("ctrl-s saves them");
    term.keys("\x13").wait_for("Saved scenario.toml");
    term.keys("q");
    assert_eq!(term.end().0, 0);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("scenario.toml")).unwrap(),
        edited
    );
    assert!(!kept(folder.path(), state.path()).exists());
}

#[test]
fn signals_restore_the_terminal_and_keep_unsaved_edits_private() {
    use std::os::unix::fs::PermissionsExt as _;
    for (name, number) in [("TERM", 15), ("HUP", 1)] {
        let (folder, state) = project();
        let edited = SMALL.replace("Small helper", "Mended helper");
        leave_edits(folder.path(), state.path(), &edited);
        let mut term = Term::open(folder.path(), state.path());
        term.wait_for("Unsaved edits found")
            .keys("r")
            .wait_for("ctrl-s saves them");
        term.signal(name);
        let (status, screen) = term.end();
        assert_eq!(status, 128 + number);
        is_restored(&screen);
        let path = kept(folder.path(), state.path());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), edited);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn quitting_with_unsaved_edits_asks() {
    let (folder, state) = project();
    leave_edits(
        folder.path(),
        state.path(),
        &SMALL.replace("Small", "Mended"),
    );
    let mut term = Term::open(folder.path(), state.path());
    term.wait_for("Unsaved edits found")
        .keys("r")
        .wait_for("ctrl-s saves them");
    term.keys("q")
        .wait_for("Quit with unsaved edits?")
        .keys("d");
    assert_eq!(term.end().0, 0);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("scenario.toml")).unwrap(),
        SMALL
    );
    assert!(!kept(folder.path(), state.path()).exists());
}

#[test]
fn a_file_changed_by_another_program_is_noticed() {
    let (folder, state) = project();
    let mut term = Term::open(folder.path(), state.path());
    term.wait_for("Small helper");
    std::fs::write(
        folder.path().join("scenario.toml"),
        SMALL.replace("Small helper", "Other helper"),
    )
    .unwrap();
    term.wait_for("changed by another program");
    term.keys("\t").wait_for("Other helper").keys("q");
    assert_eq!(term.end().0, 0);
}

#[test]
fn a_terminal_that_goes_away_ends_the_app() {
    let (folder, state) = project();
    let mut term = Term::open(folder.path(), state.path());
    term.wait_for("Small helper");
    let (mut child, rest) = term.apart();
    // The thread that reads for us holds the terminal, too: a hang-up is what its end would send.
    let process = child.process_id().unwrap().to_string();
    drop(rest);
    let hung_up = std::process::Command::new("kill")
        .args(["-s", "HUP", &process])
        .status();
    assert!(hung_up.unwrap().success());
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > LONG {
            child.kill().unwrap();
            panic!("the app outlives its terminal");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Opens the app, and panics on a thread of its own as soon as a file says so: started by the test below, in a terminal.
#[test]
#[ignore = "the app itself, for the test that sees it panic"]
fn app_that_panics() {
    let Ok(folder) = std::env::var("GONOGO_TEST_FOLDER") else {
        return;
    };
    let folder = PathBuf::from(folder);
    let now = folder.join("panic-now");
    std::thread::spawn(move || {
        while !now.exists() {
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("a mistake on some thread");
    });
    let options = gonogo::tui::Options {
        folder: Some(folder),
        ..Default::default()
    };
    let _ = gonogo::tui::open(&options);
}

#[test]
fn a_panic_on_any_thread_gives_the_terminal_back_keeps_the_edits_and_ends() {
    let (folder, state) = project();
    let mut command = portable_pty::CommandBuilder::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "pty::app_that_panics",
        "--ignored",
        "--nocapture",
    ]);
    command.env("GONOGO_TEST_FOLDER", folder.path().canonicalize().unwrap());
    let mut term = Term::start(command, state.path());
    term.wait_for("Small helper")
        .press("f3")
        .wait_for("conversations_per_day");
    term.press("enter ctrl-u")
        .keys("77")
        .press("enter")
        .wait_for("DRAFT");
    std::fs::write(folder.path().join("panic-now"), "").unwrap();
    let (status, screen) = term.end();
    assert_eq!(status, 101);
    is_restored(&screen);
    let text = screen.screen().contents().replace('\n', "");
    assert!(text.contains("a mistake on some thread"), "{text}");
    assert!(text.contains("start gonogo in the same folder"), "{text}");
    let kept = std::fs::read_to_string(kept(folder.path(), state.path())).unwrap();
    assert_eq!(kept, SMALL.replace("\"40 to 60\"", "77"));
}
