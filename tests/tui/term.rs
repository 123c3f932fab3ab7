//! A terminal with a program in it: keys go in, and what comes out is kept as a screen.

use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtyPair, PtySize, native_pty_system};

/// The program, and what holds its terminal.
pub type Parts = (
    Box<dyn Child + Send + Sync>,
    (Box<dyn Write + Send>, Receiver<Vec<u8>>, Option<PtyPair>),
);

/// A terminal with the app in it.
pub struct Term {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    // The terminal ends with its last holder.
    pair: Option<PtyPair>,
}

/// Longer than anything takes on a busy machine; tests end as soon as they see what they wait for.
pub const LONG: Duration = Duration::from_mins(2);

impl Term {
    /// The app in a folder, at 80 × 24.
    pub fn open(folder: &Path, state: &Path) -> Self {
        let mut command = CommandBuilder::new(binary());
        command.cwd(folder);
        Self::start(command, state)
    }

    /// A command, at 80 × 24, with a folder for the app's own state.
    pub fn start(mut command: CommandBuilder, state: &Path) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
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

    /// Waits while the text on the screen is so, at most so long.
    #[allow(dead_code, reason = "the measurements use it")]
    pub fn wait_while(&mut self, so: impl Fn(&str) -> bool, most: Duration) {
        let started = Instant::now();
        while so(&self.screen.screen().contents()) {
            let Some(left) = most.checked_sub(started.elapsed()) else {
                return;
            };
            if let Ok(bytes) = self.output.recv_timeout(left) {
                self.screen.process(&bytes);
            }
        }
    }

    /// Processor time that the app has taken so far, where the system tells (Linux).
    #[allow(dead_code, reason = "the measurements use it")]
    pub fn processor_time(&self) -> Option<Duration> {
        let process = self.child.process_id()?;
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // utime and stime, in hundredths of a second, are the 12th and 13th fields behind the name.
        let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        let ticks: u64 =
            fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        Some(Duration::from_millis(ticks * 10))
    }

    /// The screen as it is now.
    pub fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// Presses keys by the names that the keymap gives them, blanks between.
    pub fn press(&mut self, names: &str) -> &mut Self {
        let bytes: String = names.split(' ').map(bytes_of).collect();
        self.keys(&bytes)
    }

    /// The parts, for tests that take the terminal away.
    pub fn apart(self) -> Parts {
        (self.child, (self.keys, self.output, self.pair))
    }

    /// Waits until a text is on the screen.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) -> &mut Self {
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
    pub fn wait_gone(&mut self, text: &str) -> &mut Self {
        let started = Instant::now();
        while self.screen.screen().contents().contains(text) {
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(200)) {
                self.screen.process(&bytes);
            }
            assert!(started.elapsed() < LONG, "`{text}` does not go away");
        }
        self
    }

    /// Sends bytes as a keyboard does.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        self
    }

    /// Sends a signal to the app.
    pub fn signal(&mut self, name: &str) -> &mut Self {
        let process = self.child.process_id().unwrap().to_string();
        let status = std::process::Command::new("kill")
            .args(["-s", name, &process])
            .status()
            .unwrap();
        assert!(status.success());
        self
    }

    /// Waits for the end; the exit status, and the screen as it is left.
    pub fn end(mut self) -> (u32, vt100::Parser) {
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

/// The app: `GONOGO_BIN`, else what was built along.
pub fn binary() -> String {
    std::env::var("GONOGO_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_gonogo").to_owned())
}

/// What a terminal sends for a key.
fn bytes_of(name: &str) -> String {
    let text = match name {
        "enter" => "\r",
        "esc" => "\x1b",
        "tab" => "\t",
        "space" => " ",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "f1" => "\x1bOP",
        "f2" => "\x1bOQ",
        "f3" => "\x1bOR",
        "f4" => "\x1bOS",
        "f5" => "\x1b[15~",
        other => {
            let control = other
                .strip_prefix("ctrl-")
                .and_then(|rest| rest.bytes().next());
            return control.map_or_else(
                || other.to_owned(),
                |letter| char::from(letter - b'a' + 1).to_string(),
            );
        }
    };
    text.to_owned()
}
