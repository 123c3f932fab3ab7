//! Plays keys through the state machine and draws on a screen of text. Requests are carried out in place, so that a
//! script has one outcome.

use std::path::Path;
use std::sync::Mutex;

use gonogo::checklist::Clock;
use gonogo::tui::app::{App, Event, Setup};
use gonogo::tui::frame;
use gonogo::tui::key::Key;
use gonogo::tui::keymap::Keymap;
use gonogo::tui::shared::Effect;
use gonogo::tui::theme::Theme;
use gonogo::tui::work::News;
use gonogo::tui::worker::Cancel;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;

/// A scenario that is simulated in no time.
pub const SMALL: &str = r#"schema = 1
name = "Small helper"
budget = { "1x" = 40, "10x" = 400 }
slo = { latency_p95_s = 10, failure_rate = 0.02 }

[study]
days = 7
months = 8

[workload]
conversations_per_day = "40 to 60"
system_tokens = 400

[[workload.class]]
name = "question"
share = 1
turns = 2
user_tokens = { mean = 80, cv = 0.5 }
output_tokens = { mean = 200, cv = 0.5 }

[models.large]
price = "openai:gpt-5.4"
first_token_s = { p50 = 0.6, p95 = 1.5 }
token_ms = 12

[models.small]
price = "openai:gpt-5.4-mini"
first_token_s = { p50 = 0.4, p95 = 0.9 }
token_ms = 8

[strategies.plain]
route = "large"

[strategies.cheap]
route = "small"
"#;

/// The app without a terminal.
pub struct Driver {
    pub app: App,
    size: (u16, u16),
}

impl Driver {
    /// Opens a folder on a screen of this size, and carries out what that asks for.
    pub fn open(folder: &Path, size: (u16, u16)) -> Self {
        Self::with(folder, size, Theme::default())
    }

    /// The same with a look of its own.
    pub fn with(folder: &Path, size: (u16, u16), theme: Theme) -> Self {
        let setup = Setup {
            theme,
            keymap: Keymap::default(),
            mouse: true,
            size: Size::new(size.0, size.1),
            clock: Clock::at("2026-11-25T12:00:00Z").unwrap(),
            months: Some(4),
        };
        let mut driver = Self {
            app: App::open(folder, setup),
            size,
        };
        driver.settle();
        driver
    }

    /// A small project in a folder.
    pub fn small(folder: &Path, size: (u16, u16)) -> Self {
        std::fs::write(folder.join("scenario.toml"), SMALL).unwrap();
        Self::open(folder, size)
    }

    /// Presses keys, blanks between them, as the keymap writes them.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            self.app.event(Event::Key(key.parse::<Key>().unwrap()));
            self.settle();
        }
        self
    }

    /// Types a text, letter by letter.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            let key = ratatui::crossterm::event::KeyEvent::new(
                ratatui::crossterm::event::KeyCode::Char(letter),
                ratatui::crossterm::event::KeyModifiers::NONE,
            );
            self.app.event(Event::Key(Key::from(key)));
            self.settle();
        }
        self
    }

    /// Lets something else come in.
    pub fn event(&mut self, event: Event) -> &mut Self {
        self.app.event(event);
        self.settle();
        self
    }

    /// Presses a key, and carries out nothing of what that asks for.
    pub fn press_only(&mut self, key: &str) -> &mut Self {
        self.app.event(Event::Key(key.parse::<Key>().unwrap()));
        self
    }

    /// Carries out what was asked for, and tells the app nothing of it.
    pub fn carried_out(&mut self) -> Vec<News> {
        let heard = Mutex::new(Vec::new());
        for request in std::mem::take(&mut self.app.shared.requests) {
            request.run(&Cancel::default(), &|news| heard.lock().unwrap().push(news));
        }
        let mut heard = heard.into_inner().unwrap();
        // How far a study is depends on the machine.
        heard.retain(|news| !matches!(news, News::Progress { .. }));
        heard
    }

    fn settle(&mut self) {
        for _ in 0..100 {
            if self.app.shared.requests.is_empty() {
                return;
            }
            for news in self.carried_out() {
                self.app.event(Event::News(news));
            }
        }
        panic!("requests lead to requests without end");
    }

    /// What the app wants done with the terminal.
    pub fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.app.shared.effects)
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        draw(&self.app, self.size)
    }

    /// Fails with the screen if a text is not on it.
    #[track_caller]
    pub fn shows(&self, text: &str) -> &Self {
        let screen = self.screen();
        assert!(
            screen.contains(text),
            "`{text}` is not on the screen:\n{screen}"
        );
        self
    }
}

/// Draws on a screen of this size.
pub fn draw(app: &App, size: (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| frame::draw(app, frame)).unwrap();
    let text = terminal.backend().to_string();
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.trim_matches('"').trim_end())
        .collect();
    lines.join("\n")
}
