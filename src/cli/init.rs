use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::checklist::init::{FirstReview, init_files};
use crate::checklist::{git, shipped};
use crate::prices::Catalogue;
use crate::reading::nearest;
use crate::scenario::{LENGTHS, Scenario, Starter, TEMPLATES, Template, template};

use super::{Answer, Failure, Terminal};

/// Writes a first scenario: asks six things, or takes them from flags
#[derive(Debug, clap::Args)]
#[command(allow_negative_numbers = true)]
#[command(
    after_help = "Examples:\n  gonogo init\n  gonogo init chatbot --template support-chatbot --conversations 2000 --length short --budget 5000\n  gonogo init --list"
)]
pub struct Args {
    /// Folder to write `scenario.toml` into; made if it is not there
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// List the templates and do nothing else
    #[arg(long)]
    list: bool,
    /// What kind of feature it is
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// Conversations a day at launch
    #[arg(long, value_name = "N", value_parser = positive)]
    conversations: Option<f64>,
    /// The model, as `gonogo prices list` names it
    #[arg(long, value_name = "PROVIDER:MODEL")]
    model: Option<String>,
    /// How long questions and answers are: short, medium or long
    #[arg(long, value_name = "WORD")]
    length: Option<String>,
    /// Mean tokens of a question
    #[arg(long, value_name = "N", value_parser = positive)]
    question_tokens: Option<f64>,
    /// Mean tokens of an answer
    #[arg(long, value_name = "N", value_parser = positive)]
    answer_tokens: Option<f64>,
    /// US dollars per month at launch
    #[arg(long, value_name = "USD", value_parser = positive)]
    budget: Option<f64>,
    /// Whether personal data occurs
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
    personal_data: Option<bool>,
    /// Write over files that are there
    #[arg(long)]
    force: bool,
}

/// What a scenario starts with when nobody names a model.
const MODEL: &str = "openai:gpt-5.4";

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    if args.list {
        let width = TEMPLATES
            .iter()
            .map(|template| template.name.len())
            .max()
            .unwrap_or(0);
        let list = TEMPLATES.iter().fold(String::new(), |mut list, template| {
            let _ = writeln!(list, "{:<width$}  {}", template.name, template.about);
            list
        });
        terminal.print(&list)?;
        return Ok(Answer::Yes);
    }
    let file = args.dir.join("scenario.toml");
    // Asked before six questions are answered in vain.
    if file.exists() && !args.force {
        let help = "name another folder, or write over it with --force";
        return Err(Failure::input(
            format!("{} is already there", file.display()),
            help,
        ));
    }
    let chosen = match &args.template {
        Some(name) => find(name)
            .map_err(|help| Failure::input(format!("there is no template `{name}`"), help))?,
        None if terminal.interactive() => ask_template(terminal)?,
        None => crate::scenario::DEFAULT,
    };
    let scenario = chosen.scenario()?;
    let mut starter = Starter::of(&scenario, MODEL);
    fill(&mut starter, &args, terminal)?;
    let text = starter.write(&scenario, chosen.name);
    // What is written must read back: a model's name may hold anything.
    Scenario::parse(
        crate::reading::Source::new(file.display().to_string(), text.as_str()),
        Some(&args.dir),
    )?;
    std::fs::create_dir_all(&args.dir)
        .map_err(|error| Failure::system(format!("making {}", args.dir.display()), error))?;
    terminal.write(Some(&file), &text)?;
    let mut wrote = vec![file];
    wrote.extend(write_review(&args, &starter, &text, terminal)?);
    terminal.print(&next_steps(&wrote, &args.dir))?;
    Ok(Answer::Yes)
}

/// The review beside the scenario, with a stub for each question, and the lines that let git merge both people's answers.
fn write_review(
    args: &Args,
    starter: &Starter,
    scenario: &str,
    terminal: &mut Terminal,
) -> Result<Vec<PathBuf>, Failure> {
    let written = Scenario::parse(
        crate::reading::Source::new("scenario.toml", scenario),
        Some(&args.dir),
    )?;
    let checklists: Vec<_> = shipped("production").transpose()?.into_iter().collect();
    let tags: &[&str] = if starter.personal_data {
        &["personal-data"]
    } else {
        &[]
    };
    let who = git::user(&args.dir);
    let only = match written.strategies.as_slice() {
        [only] => Some(only.name.as_str()),
        _ => None,
    };
    let first = FirstReview {
        system: &written.name,
        strategy: only,
        tags,
        checklists: &checklists,
        who: who.as_deref(),
    };
    let path = args.dir.join(".gitattributes");
    let attributes = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(Failure::system(
                format!("reading {}", path.display()),
                error,
            ));
        }
    };
    let mut wrote = Vec::new();
    for (name, text) in init_files(&first, &attributes) {
        let path = args.dir.join(name);
        // Answers are never written over, whatever else is.
        if name == "review.toml" && path.exists() {
            terminal.note(&format!(
                "{} is already there and stays as it is",
                path.display()
            ));
            continue;
        }
        if name == ".gitattributes" && text == attributes {
            continue;
        }
        terminal.write(Some(&path), &text)?;
        wrote.push(path);
    }
    Ok(wrote)
}

/// Answers from flags; what no flag says is asked, or left as the template has it.
fn fill(starter: &mut Starter, args: &Args, terminal: &mut Terminal) -> Result<(), Failure> {
    let asking = terminal.interactive();
    match args.conversations {
        Some(number) => starter.conversations_per_day = number,
        None if asking => {
            starter.conversations_per_day = ask_number(
                terminal,
                "Conversations a day at launch?",
                starter.conversations_per_day,
            )?;
        }
        None => {}
    }
    match &args.model {
        Some(model) => {
            starter.model = reference(model)
                .map_err(|help| Failure::input(format!("`{model}` is not a model"), help))?;
        }
        None if asking => {
            let question = format!(
                "Model, as `gonogo prices list` names it? [{}] ",
                starter.model
            );
            starter.model = ask(terminal, &question, &starter.model.clone(), reference)?;
        }
        None => {}
    }
    lengths(starter, args, terminal)?;
    match args.budget {
        Some(number) => starter.budget = number,
        None if asking => {
            starter.budget = ask_number(
                terminal,
                "Budget, in US dollars per month at launch?",
                starter.budget,
            )?;
        }
        None => {}
    }
    match args.personal_data {
        Some(occurs) => starter.personal_data = occurs,
        None if asking => {
            let shown = if starter.personal_data { "yes" } else { "no" };
            starter.personal_data = ask(
                terminal,
                &format!("Does personal data occur? yes or no [{shown}] "),
                shown,
                yes_or_no,
            )?;
        }
        None => {}
    }
    Ok(())
}

fn lengths(starter: &mut Starter, args: &Args, terminal: &mut Terminal) -> Result<(), Failure> {
    let flags =
        args.length.is_some() || args.question_tokens.is_some() || args.answer_tokens.is_some();
    if let Some(word) = &args.length {
        let (question, answer) = length(word)
            .map_err(|help| Failure::input(format!("`{word}` is not a length"), help))?;
        (starter.question_tokens, starter.answer_tokens) = (question, answer);
    } else if terminal.interactive() && !flags {
        let typical = (starter.question_tokens, starter.answer_tokens);
        let question = format!(
            "How long are questions and answers? short, medium, long, or two numbers of tokens [{} {}] ",
            typical.0, typical.1
        );
        (starter.question_tokens, starter.answer_tokens) = ask(
            terminal,
            &question,
            &format!("{} {}", typical.0, typical.1),
            length,
        )?;
    }
    starter.question_tokens = args.question_tokens.unwrap_or(starter.question_tokens);
    starter.answer_tokens = args.answer_tokens.unwrap_or(starter.answer_tokens);
    Ok(())
}

fn ask_template(terminal: &mut Terminal) -> Result<&'static Template, Failure> {
    let mut list = String::from("What kind of feature is it?\n");
    for (index, template) in TEMPLATES.iter().enumerate() {
        let _ = writeln!(
            list,
            "  {}  {}: {}",
            index + 1,
            template.name,
            template.about
        );
    }
    terminal.print(&list)?;
    ask(terminal, "Number or name? [1] ", "1", |text| {
        let by_number = text
            .parse::<usize>()
            .ok()
            .and_then(|number| TEMPLATES.get(number.checked_sub(1)?));
        by_number.map_or_else(|| find(text), Ok)
    })
}

fn ask_number(terminal: &mut Terminal, question: &str, otherwise: f64) -> Result<f64, Failure> {
    ask(
        terminal,
        &format!("{question} [{otherwise}] "),
        &otherwise.to_string(),
        positive,
    )
}

/// Asks until the answer can be read; return alone takes what stands in brackets.
fn ask<T>(
    terminal: &mut Terminal,
    question: &str,
    otherwise: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Failure> {
    loop {
        let Some(typed) = terminal.ask(question)? else {
            return Err(Failure::input(
                "the input ended before all questions were answered",
                "nothing has been written; answer by flags instead: `gonogo init --help`",
            ));
        };
        match read(if typed.is_empty() { otherwise } else { &typed }) {
            Ok(answer) => return Ok(answer),
            Err(expected) => terminal.print(&format!("  {expected}\n"))?,
        }
    }
}

fn find(name: &str) -> Result<&'static Template, String> {
    template(name).ok_or_else(|| {
        match nearest(name, TEMPLATES.iter().map(|template| template.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`gonogo init --list` shows them".to_owned(),
        }
    })
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text
        .replace(['_', ','], "")
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "expected a number above 0".to_owned())
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "true" => Ok(true),
        "n" | "no" | "false" => Ok(false),
        _ => Err("expected yes or no".to_owned()),
    }
}

/// A model of the catalogue, with its provider.
fn reference(text: &str) -> Result<String, String> {
    if !text.contains(':') {
        return Err(format!("expected provider:model, such as {MODEL}"));
    }
    match Catalogue::embedded().find(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(unknown) => Err(unknown.to_string()),
    }
}

fn length(text: &str) -> Result<(f64, f64), String> {
    if let Some((_, question, answer)) = LENGTHS.iter().find(|(word, _, _)| *word == text) {
        return Ok((*question, *answer));
    }
    let mut numbers = text.split_whitespace().map(positive);
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(question)), Some(Ok(answer)), None) => Ok((question, answer)),
        _ => Err("expected short, medium, long, or two numbers of tokens".to_owned()),
    }
}

fn next_steps(wrote: &[PathBuf], folder: &Path) -> String {
    let cd = if folder == Path::new(".") {
        String::new()
    } else {
        format!("  cd {}\n", folder.display())
    };
    let wrote: Vec<String> = wrote
        .iter()
        .map(|path| format!("wrote {}\n", path.display()))
        .collect();
    format!(
        "{}\nNext:\n{cd}  gonogo validate             checks the scenario after you have changed it\n  gonogo simulate scenario.toml   what it costs a month, how slow, how often it fails\n  gonogo review list          the questions to answer\n  gonogo check                go, or not yet?\n",
        wrote.concat()
    )
}
