//! The schema of a review.

use serde_json::Value;

use crate::checklist::review::{Decision, EvidenceKind};
use crate::checklist::types::{Stage, Status};
use crate::reading::schema::{
    above_zero, day, flag, list, named, root, table, text, time, version, whole, word,
};

/// The schema (draft 2020-12) of `review.toml`.
#[must_use]
pub fn review_schema() -> Value {
    root(
        "gonogo review",
        table(
            "The answers, for one system and one release.",
            &["schema", "system", "checklists"],
            [
                ("schema", version()),
                ("system", text("What is decided about.")),
                ("release", text("Its release.")),
                (
                    "commit",
                    text(
                        "The commit that goes live; evidence that watches files is held against it.",
                    ),
                ),
                ("stage", word("How far the launch has come.", &Stage::WORDS)),
                (
                    "tags",
                    list(
                        "What the system is or holds; brings questions up.",
                        &text("A tag."),
                    ),
                ),
                (
                    "strategy",
                    text("The strategy of the scenario that goes live."),
                ),
                (
                    "scenario",
                    text("The scenario file; without it scenario.toml beside the review."),
                ),
                ("valid_until", day("After this day the review has expired.")),
                ("decision_by", text("Who decides.")),
                ("next_look", day("When it is looked at again.")),
                ("confidentiality", text("Who may read it.")),
                (
                    "checklists",
                    list("Ids of the checklists, in order.", &text("An id.")),
                ),
                (
                    "required_signoffs",
                    list("Roles that must sign.", &text("A role.")),
                ),
                (
                    "roles",
                    named(
                        "Who may answer for a role, waive and sign.",
                        &list("People.", &text("A name and address.")),
                    ),
                ),
                (
                    "budget",
                    named("Approved figures by volume (\"10x\").", &budget()),
                ),
                (
                    "pinned",
                    named(
                        "Versions of shipped checklists that this review is under.",
                        &pin(),
                    ),
                ),
                (
                    "answer",
                    named(
                        "By checklist, then by question.",
                        &named("By question.", &answer()),
                    ),
                ),
                ("evidence", named("By a name of your own.", &evidence())),
                (
                    "waiver",
                    named(
                        "By checklist, then by question.",
                        &named("By question.", &waiver()),
                    ),
                ),
                ("signoff", named("By role.", &signoff())),
            ],
        ),
    )
}

fn budget() -> Value {
    table(
        "An approved budget.",
        &["usd_per_month"],
        [
            ("usd_per_month", above_zero("US dollars per month.")),
            ("approved_by", text("Who approved it.")),
            ("approved_on", day("When.")),
        ],
    )
}

fn pin() -> Value {
    table(
        "A pinned checklist.",
        &[],
        [
            ("version", text("Its version.")),
            ("sha256", text("The digest of its text.")),
        ],
    )
}

fn answer() -> Value {
    table(
        "An answer.",
        &[],
        [
            ("status", word("What it says.", &Status::WORDS)),
            (
                "rev",
                whole("The revision of the question that was answered.", 1),
            ),
            ("note", text("Why; for na, the reason.")),
            ("owner", text("Who will see to it.")),
            ("due", day("By when.")),
            (
                "evidence",
                list("Names of pieces of evidence.", &text("A name.")),
            ),
            (
                "choices",
                list("Practices that are ticked.", &text("An id.")),
            ),
            ("answered_by", text("Who answered.")),
            ("answered_at", time("When.")),
            ("reviewed_by", text("For a blocker: somebody else.")),
            (
                "look_again",
                flag(
                    "Set when the answer was carried over or its question changed.",
                    false,
                ),
            ),
        ],
    )
}

fn evidence() -> Value {
    table(
        "A piece of evidence.",
        &["kind", "ref"],
        [
            ("kind", word("What it is.", &EvidenceKind::WORDS)),
            (
                "ref",
                text("A path inside the repository, an address, a ticket or a sentence."),
            ),
            ("sha256", text("The digest of the file.")),
            (
                "collected",
                day("When it was collected: it ages from then."),
            ),
            (
                "watch",
                list(
                    "Changes to these files after the review's commit make it stale.",
                    &text("A path or pattern."),
                ),
            ),
        ],
    )
}

fn waiver() -> Value {
    table(
        "A recorded risk, not a pass.",
        &["reason", "approved_by", "expires"],
        [
            ("reason", text("Why it is accepted.")),
            ("risk", text("How grave.")),
            ("compensating", text("A control that works today.")),
            (
                "approved_by",
                text("Somebody listed under roles, neither owner nor answerer."),
            ),
            ("approved_on", day("When.")),
            ("expires", day("Its last day.")),
        ],
    )
}

fn signoff() -> Value {
    table(
        "A signature.",
        &[],
        [
            ("name", text("Who signs.")),
            ("decision", word("What is said.", &Decision::WORDS)),
            ("at", time("When.")),
            (
                "digest",
                text("What was signed: any change to it voids the signature."),
            ),
            (
                "parts",
                named(
                    "Digests of the parts, to name what changed.",
                    &text("A digest."),
                ),
            ),
            ("note", text("A condition or remark.")),
        ],
    )
}
