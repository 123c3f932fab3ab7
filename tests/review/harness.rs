//! A project of its own for every test, and the commands that are run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub const ANA: &str = "Ana Example <ana@example.org>";
pub const BO: &str = "Bo Example <bo@example.org>";
pub const FAY: &str = "Fay Example <fay@example.org>";

/// The binary in a folder. No user of git's is known there but the repository's, whoever runs the tests.
pub fn gonogo(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("GIT_CEILING_DIRECTORIES", "/")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", folder)
        .env_remove("GITHUB_STEP_SUMMARY");
    command
}

/// A folder of its own, in which commands are run.
pub struct Project {
    folder: tempfile::TempDir,
}

pub fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

impl Project {
    pub fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// After `gonogo init`, with somebody in every role.
    pub fn new() -> Self {
        let project = Self::empty();
        project.begin();
        project
    }

    /// `gonogo init`, and somebody in every role.
    pub fn begin(&self) {
        self.ok(&["init"]);
        let review = self.read("review.toml");
        let roles = review
            .lines()
            .map(|line| match line.split(' ').next() {
                Some("engineering") if line.contains(" = [") => {
                    format!("engineering = [\"{ANA}\"]")
                }
                Some("security") if line.contains(" = [") => format!("security = [\"{BO}\"]"),
                Some("finance") if line.contains(" = [") => format!("finance = [\"{FAY}\"]"),
                _ => line.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("\n");
        self.write("review.toml", &format!("{roles}\n"));
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        if let Some(folder) = Path::new(name).parent() {
            std::fs::create_dir_all(self.path().join(folder)).unwrap();
        }
        std::fs::write(self.path().join(name), text).unwrap();
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        gonogo(self.path()).args(arguments).output().unwrap()
    }

    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments:?}: {}",
            said(&output)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn review(&self, arguments: &[&str]) -> String {
        let mut all = vec!["review"];
        all.extend(arguments);
        self.ok(&all)
    }

    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            said(&output)
        );
        said(&output)
    }

    /// Answers everything well, reviewed by somebody else, with a ticket as evidence.
    pub fn answer_all(&self) {
        self.review(&[
            "evidence", "add", "proof", "--kind", "ticket", "--ref", "OPS-1", "--by", ANA,
        ]);
        let list: Value = serde_json::from_str(&self.review(&["list", "--json"])).unwrap();
        for question in list["questions"].as_array().unwrap() {
            let key = question["key"].as_str().unwrap();
            self.review(&[
                "set",
                key,
                "yes",
                "--note",
                "seen",
                "--evidence",
                "proof",
                "--reviewed-by",
                BO,
                "--by",
                ANA,
            ]);
        }
    }
}

pub fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
