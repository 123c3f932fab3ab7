use toml_edit::{Array, Datetime, Value};

use crate::checklist::Stage;

use super::{Answer, Common, Failure, Terminal, day, refused};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  gonogo review about --strategy resilient --release 1.4.0 --valid-until +90d"
)]
pub(super) struct About {
    /// Which release
    #[arg(long, value_name = "NAME")]
    release: Option<String>,
    /// Which commit
    #[arg(long, value_name = "COMMIT")]
    commit: Option<String>,
    /// How far the launch has come
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(Stage::WORDS))]
    stage: Option<String>,
    /// Strategy that goes live: simulated evidence is about it
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// What kind of system it is, `a,b`: decides which questions are asked
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    tags: Option<Vec<String>>,
    /// Who decides
    #[arg(long, value_name = "NAME")]
    decision_by: Option<String>,
    /// Last day of the review
    #[arg(long, value_name = "DATE")]
    valid_until: Option<String>,
    /// When somebody looks again
    #[arg(long, value_name = "DATE")]
    next_look: Option<String>,
    /// Who may read it
    #[arg(long, value_name = "TEXT")]
    confidentiality: Option<String>,
}

pub(super) fn about(
    common: &Common,
    args: &About,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let project = common.project()?;
    let author = common.author("about")?;
    let mut fields: Vec<(&str, Value)> = Vec::new();
    let texts = [
        ("release", &args.release),
        ("commit", &args.commit),
        ("stage", &args.stage),
        ("strategy", &args.strategy),
        ("decision_by", &args.decision_by),
        ("confidentiality", &args.confidentiality),
    ];
    fields.extend(
        texts
            .into_iter()
            .filter_map(|(field, text)| Some((field, Value::from(text.as_deref()?)))),
    );
    for (field, text) in [
        ("valid_until", &args.valid_until),
        ("next_look", &args.next_look),
    ] {
        if let Some(text) = text {
            let date: Datetime = day(text, author.clock)?
                .to_string()
                .parse()
                .map_err(|error| refused(format!("{error}")))?;
            fields.push((field, Value::from(date)));
        }
    }
    if let Some(tags) = &args.tags {
        let list: Array = tags
            .iter()
            .filter(|tag| !tag.is_empty())
            .map(String::as_str)
            .collect();
        fields.push(("tags", Value::from(list)));
    }
    if fields.is_empty() {
        return Err(Failure::input(
            "nothing to set",
            "add a flag such as --strategy; `gonogo review about --help` lists them",
        ));
    }
    if let (Some(name), Ok(Some(scenario))) = (&args.strategy, project.scenario()) {
        let names: Vec<&str> = scenario
            .strategies
            .iter()
            .map(|strategy| strategy.name.as_str())
            .collect();
        if !names.contains(&name.as_str()) {
            let near = crate::reading::nearest(name, names.iter().copied());
            let help = near.map_or_else(
                || format!("the scenario has {}", names.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Failure::input(
                format!("the scenario has no strategy `{name}`"),
                help,
            ));
        }
    }
    let names: Vec<&str> = fields.iter().map(|(field, _)| *field).collect();
    let ((), changed) = common.change(&author, |draft| {
        fields
            .iter()
            .try_for_each(|(field, value)| draft.set(&[field], value.clone(), None))
    })?;
    common.report(terminal, &format!("set {}", names.join(", ")), changed)
}
