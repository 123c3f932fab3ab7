//! The real binary in a pseudo-terminal.

use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use super::driver::SMALL;

/// A terminal with the app in it.
struct Term {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    // The terminal ends with its last holder.
    pair: Option<portable_pty::PtyPair>,
}

/// Longer than anything takes on a busy machine; tests end as soon as they see what they wait for.
const LONG: Duration = Duration::from_mins(1);

impl Term {
    fn open(folder: &Path, state: &Path) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_gonogo"));
        command.cwd(folder);
        command.env("XDG_STATE_HOME", state);
        command.env("XDG_CONFIG_HOME", state);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (say, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = reader.read(&mut bytes) {
                if count == 0 || say.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            keys: pair.master.take_writer().unwrap(),
            output,
            screen: vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0),
            pair: Some(pair),
        }
    }

    /// Waits until a text is on the screen.
    #[track_caller]
    fn wait_for(&mut self, text: &str) -> &mut Self {
        let started = Instant::now();
        while !self.screen.screen().contents().contains(text) {
            match self.output.recv_timeout(Duration::from_millis(200)) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(_) => assert!(
                    started.elapsed() < LONG,
                    "`{text}` does not come:\n{}",
                    self.screen.screen().contents()
                ),
            }
        }
        self
    }

    /// Waits until a text is gone.
    #[track_caller]
    fn wait_gone(&mut self, text: &str) -> &mut Self {
        let started = Instant::now();
        while self.screen.screen().contents().contains(text) {
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(200)) {
                self.screen.process(&bytes);
            }
            assert!(started.elapsed() < LONG, "`{text}` does not go away");
        }
        self
    }

    fn keys(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        self
    }

    fn signal(&mut self, name: &str) -> &mut Self {
        let process = self.child.process_id().unwrap().to_string();
        let status = std::process::Command::new("kill")
            .args(["-s", name, &process])
            .status()
            .unwrap();
        assert!(status.success());
        self
    }

    /// Waits for the end; the exit status, and the screen as it is left.
    fn end(mut self) -> (u32, vt100::Parser) {
        let started = Instant::now();
        let status = loop {
            while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.screen.process(&bytes);
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.exit_code();
            }
            if started.elapsed() > LONG {
                self.child.kill().unwrap();
                panic!("it does not end:\n{}", self.screen.screen().contents());
            }
        };
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(300)) {
            self.screen.process(&bytes);
        }
        (status, self.screen)
    }
}

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
    assert!(term.screen.screen().alternate_screen());
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
        .wait_for("Ctrl-S saves them");
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
        .wait_for("Ctrl-S saves them");
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
            .wait_for("Ctrl-S saves them");
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
        .wait_for("Ctrl-S saves them");
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
    let Term {
        mut child,
        keys,
        output,
        pair,
        ..
    } = term;
    // The thread that reads for us holds the terminal, too: a hang-up is what its end would send.
    let process = child.process_id().unwrap().to_string();
    drop((keys, output, pair));
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
