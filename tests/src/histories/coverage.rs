//! What histories reached: kinds of event, standings and why, stages, contests and how they were settled, waits.

use std::collections::BTreeMap;
use std::fmt;

use doorstep_core::case::{
    AgreementForm, Body, CaseState, CommitmentStatus, Entry, Event, HandoverStatus, Stage, Standing, WaitKind, waits,
};
use doorstep_core::time::Stamp;

use super::play::Played;

/// How often each thing was reached, by its name: `event reported`, `contest agreement_sealed & withdrawn` …
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    counts: BTreeMap<String, u64>,
    /// Histories counted.
    pub histories: u64,
}

/// Pairs of events that exclude each other: every kind of contest the law knows.
const CONTESTS: [(&str, &str); 13] = [
    ("agreement_sealed", "agreement_sealed"),
    ("agreement_sealed", "closed"),
    ("agreement_sealed", "merged_into"),
    ("agreement_sealed", "raised"),
    ("agreement_sealed", "transferred"),
    ("agreement_sealed", "withdrawn"),
    ("commitment_defaulted", "commitment_fulfilled"),
    ("commitment_defaulted", "commitment_waived"),
    ("agreed", "not_agreed"),
    ("adjourned", "agreed"),
    ("adjourned", "adjourned"),
    ("raised", "transferred"),
    ("raised", "raised"),
];

impl Coverage {
    /// What one history reached.
    pub fn of(played: &Played) -> Self {
        let mut coverage = Self { histories: 1, ..Self::default() };
        let together = played.together();
        coverage.counts.insert("commands refused".into(), u64::try_from(played.refused).unwrap_or(u64::MAX));
        coverage.count_log(&together.log, &together.state);
        for view in &played.views {
            coverage.add(format!("stage {}", view.state.stage().name()));
            for wait in waits(&view.state) {
                coverage.add(format!("wait {}", wait.kind.name()));
            }
        }
        // A contest that was settled since no longer stands in the last state; some phone may have seen it, or none.
        for view in &played.views {
            coverage.count_contests(&view.log, &view.state);
        }
        coverage
    }

    fn add(&mut self, what: String) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn count_log(&mut self, log: &[Entry], state: &CaseState) {
        for entry in log {
            self.add(format!("event {}", entry.body.kind()));
            match state.standing(entry.stamp) {
                Standing::Effective => self.add("standing effective".into()),
                Standing::Contested { .. } => self.add("standing contested".into()),
                Standing::Overtaken { why, .. } => {
                    self.add("standing overtaken".into());
                    self.add(format!("overtaken {} {}", entry.body.kind(), why.as_str()));
                }
            }
            if let Body::Event(Event::ContestSettled(choice)) = &entry.body
                && *state.standing(entry.stamp) == Standing::Effective
            {
                for over in &choice.over {
                    self.add(format!("settled {}", pair(log, choice.holds, *over)));
                }
            }
        }
        self.add(format!("round {}", state.round.min(4)));
        for handover in &state.handovers {
            let at = match handover.status {
                HandoverStatus::Offered => "offered",
                HandoverStatus::Accepted(_) => "accepted",
                HandoverStatus::Returned(..) => "returned",
                HandoverStatus::Settled(..) => "settled",
                HandoverStatus::Recalled(..) => "recalled",
                HandoverStatus::Overtaken(_) => "overtaken",
            };
            self.add(format!("handover {at}"));
        }
        for agreement in &state.agreements {
            let form = match agreement.form {
                AgreementForm::Sealed { .. } => "sealed",
                AgreementForm::Paper { .. } => "paper",
                AgreementForm::Oral { .. } => "oral",
            };
            self.add(format!("agreement {form}, {}", if agreement.holds { "holds" } else { "does not hold" }));
        }
        for commitment in &state.commitments {
            let status = match commitment.status {
                CommitmentStatus::Open => "open",
                CommitmentStatus::Fulfilled(..) => "fulfilled",
                CommitmentStatus::Defaulted(..) => "defaulted",
                CommitmentStatus::Waived(..) => "waived",
            };
            self.add(format!("commitment {status}"));
        }
        let records: usize = state.consultations.iter().map(|sitting| sitting.also.len()).sum();
        if records > 0 {
            self.add("sitting with two records".into());
        }
    }

    fn count_contests(&mut self, log: &[Entry], state: &CaseState) {
        for (stamp, standing) in &state.standings {
            let Standing::Contested { with } = standing else { continue };
            for other in with.iter().filter(|other| stamp < *other) {
                self.add(format!("contest {}", pair(log, *stamp, *other)));
            }
        }
    }

    /// Adds what others reached.
    pub fn merge(&mut self, other: &Self) {
        self.histories += other.histories;
        for (what, count) in &other.counts {
            *self.counts.entry(what.clone()).or_default() += count;
        }
    }

    /// How often this was reached.
    pub fn count(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }

    /// What must be reached and never was.
    pub fn missing(&self) -> Vec<String> {
        let mut must: Vec<String> = Event::KINDS.iter().map(|kind| format!("event {kind}")).collect();
        must.push("event praised".into());
        must.extend(["effective", "overtaken", "contested"].map(|standing| format!("standing {standing}")));
        must.extend(Stage::ALL.map(|stage| format!("stage {}", stage.name())));
        for (one, other) in CONTESTS {
            must.push(format!("contest {one} & {other}"));
            must.push(format!("settled {one} & {other}"));
        }
        must.extend(["offered", "accepted", "returned", "settled", "recalled", "overtaken"].map(|at| format!("handover {at}")));
        must.extend(
            ["sealed, holds", "sealed, does not hold", "paper, holds", "oral, holds", "oral, does not hold"]
                .map(|a| format!("agreement {a}")),
        );
        must.extend(["open", "fulfilled", "defaulted", "waived"].map(|status| format!("commitment {status}")));
        must.extend(["round 1", "round 2", "round 3", "sitting with two records"].map(String::from));
        let waits = WaitKind::ALL.map(|kind| format!("wait {}", kind.name()));
        must.extend(waits);
        must.retain(|what| self.count(what) == 0);
        must
    }
}

/// Two events that exclude each other, by kind; conclusions by how people rose.
fn pair(log: &[Entry], one: Stamp, other: Stamp) -> String {
    let mut kinds = [one, other].map(|stamp| log.iter().find(|entry| entry.stamp == stamp).map_or("nothing", kind));
    kinds.sort_unstable();
    kinds.join(" & ")
}

fn kind(entry: &Entry) -> &str {
    use doorstep_core::case::Outcome;
    match &entry.body {
        Body::Event(Event::ConsultationConcluded(concluded)) => match concluded.outcome {
            Outcome::Agreed => "agreed",
            Outcome::NotAgreed { .. } => "not_agreed",
            Outcome::Adjourned { .. } => "adjourned",
        },
        body => body.kind(),
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "reached in {} histories:", self.histories)?;
        let width = self.counts.keys().map(|what| what.chars().count()).max().unwrap_or(0);
        for (what, count) in &self.counts {
            writeln!(f, "  {what:<width$} {count:>9}")?;
        }
        Ok(())
    }
}
