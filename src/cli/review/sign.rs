use crate::checklist::actions;
use crate::checklist::verdict::{Case, Outcome, judge};
use crate::checklist::{Decision, Parts};

use super::{Answer, Around, Common, Failure, Terminal, catalogue_digest, day};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonogo review sign security --decision go")]
pub(super) struct Sign {
    /// The role
    role: String,
    /// What is decided
    #[arg(long, default_value = "go", value_parser = clap::builder::PossibleValuesParser::new(Decision::WORDS))]
    decision: String,
    /// Who signs, if not whoever runs this
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// A condition, or a reason
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

pub(super) fn sign(
    common: &Common,
    args: &Sign,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let project = common.project()?;
    let author = common.author("sign")?;
    let decision = Decision::ALL
        .into_iter()
        .find(|decision| decision.word() == args.decision)
        .unwrap_or(Decision::NoGo);
    let scenario = project
        .scenario()
        .map_err(|problems| Failure::Files(vec![problems]))?;
    let outside = project.outside(scenario.as_ref(), &catalogue_digest(&project)?);
    let name = args.name.clone().unwrap_or_else(|| author.who.clone());
    let ((), changed) = common.change(&author, |draft| {
        // What is signed is what stands in the file at this moment.
        let parts = Parts::of(&draft.review, &project.checklists, &outside);
        actions::sign(
            draft,
            &args.role,
            &name,
            decision,
            args.note.as_deref(),
            &parts,
            author.clock,
        )
    })?;
    let around = Around::of(&project, author.clock)?;
    let before = judge(&Case {
        before_signoff: true,
        ..around.case(&project)
    });
    if decision == Decision::Go && before.outcome == Outcome::NoGo {
        terminal.note(&format!(
            "note: signed go, while the verdict without signatures is {}",
            before.outcome
        ));
    }
    common.report(
        terminal,
        &format!("{name} signed {} for {}", decision.word(), args.role),
        changed,
    )
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonogo review role security \"Sam Example <sam@example.org>\"")]
pub(super) struct Role {
    /// The role
    role: String,
    /// Who may answer for it, `Name <mail>`
    person: String,
}

pub(super) fn role(
    common: &Common,
    args: &Role,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    common.project()?;
    let author = common.author("role")?;
    let ((), changed) = common.change(&author, |draft| {
        actions::list_person(draft, &args.role, &args.person)
    })?;
    common.report(
        terminal,
        &format!("{} is listed under {}", args.person, args.role),
        changed,
    )
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  gonogo review budget 10x 150000 --approved-by \"Fay Example <fay@example.org>\""
)]
pub(super) struct Budget {
    /// The volume: 1x, 10x
    volume: String,
    /// US dollars per month
    #[arg(value_parser = amount)]
    usd_per_month: f64,
    /// Who approved it: listed under roles
    #[arg(long, value_name = "NAME")]
    approved_by: String,
    /// When; default: today
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
}

fn amount(text: &str) -> Result<f64, String> {
    let number = text
        .replace(['_', ','], "")
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "expected US dollars per month, more than 0".to_owned())
}

pub(super) fn budget(
    common: &Common,
    args: &Budget,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    common.project()?;
    let author = common.author("budget")?;
    let on = args
        .on
        .as_deref()
        .map_or(Ok(author.clock.today()), |text| day(text, author.clock))?;
    let ((), changed) = common.change(&author, |draft| {
        actions::approve_budget(
            draft,
            &args.volume,
            args.usd_per_month,
            &args.approved_by,
            on,
        )
    })?;
    common.report(
        terminal,
        &format!(
            "{} USD a month at {} is approved",
            args.usd_per_month, args.volume
        ),
        changed,
    )
}
