//! Ctrl-C in a report that simulates.

use std::io::{Read as _, Write as _};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

#[test]
fn ctrl_c_writes_what_is_known_by_then_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_gonogo");
    let init = "init . --template support-chatbot --conversations 2000 --length short --budget 5000 --personal-data yes";
    let made = std::process::Command::new(program)
        .args(init.split(' '))
        .current_dir(folder.path())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new(program);
    command.args(["report", "--format", "md,pdf", "--out", "out"]);
    command.cwd(folder.path());
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut screen = pair.master.try_clone_reader().unwrap();
    let mut keys = pair.master.take_writer().unwrap();
    let (mut shown, mut pressed) = (String::new(), false);
    let mut bytes = [0; 4096];
    // A terminal whose last program has ended gives an error, not an end.
    while let Ok(count @ 1..) = screen.read(&mut bytes) {
        shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        // The study is there, and two of four analyses are not.
        let looks = ["how far volume can grow: ", "what moves the answer: "];
        if !pressed && looks.iter().any(|step| shown.contains(step)) {
            keys.write_all(b"\x03").unwrap();
            keys.flush().unwrap();
            pressed = true;
        }
    }
    assert!(pressed, "no progress was shown: {shown}");
    assert_eq!(child.wait().unwrap().exit_code(), 130, "{shown}");
    let report = std::fs::read_to_string(folder.path().join("out/report.md")).unwrap();
    for text in [
        "Ctrl-C stopped the simulation; this is what was known by then.",
        "Not looked for any more: ",
        "the months to come",
        "Strategies compared",
    ] {
        assert!(report.contains(text), "no {text:?} in {report}");
    }
    let paper = std::fs::read(folder.path().join("out/report.pdf")).unwrap();
    assert!(paper.starts_with(b"%PDF-"));
}
