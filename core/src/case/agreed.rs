//! An agreement as the case has it: how it came into force, and what came of it, the committee's stamp and a court's word.

use serde::Serialize;

use super::event::AgreementConfirmed;
use super::state::Written;
use crate::id::Digest;
use crate::time::{Date, Stamp};

/// How an agreement came into force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementForm {
    /// Signed by all, witnessed, sealed.
    Sealed {
        /// Digest of the bundle.
        bundle: Digest,
        /// Check number of the text.
        check_number: String,
    },
    /// Signed by all in wet ink, witnessed; what was signed is attached.
    Paper {
        /// Photos or scans of the sheets.
        sheets: Vec<Digest>,
        /// The witness.
        witness: String,
    },
    /// By word, with a witness.
    Oral {
        /// The witness.
        witness: String,
    },
}

impl AgreementForm {
    /// Whether people put their names to it, on a screen or on paper.
    pub const fn is_signed(&self) -> bool {
        matches!(self, Self::Sealed { .. } | Self::Paper { .. })
    }
}

/// An agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// The event that put it in force.
    pub written: Written,
    /// The draft it is of.
    pub draft: Stamp,
    /// The round.
    pub round: u32,
    /// How.
    pub form: AgreementForm,
    /// Whether it holds: false once overtaken by a signed one or set aside by the lead's choice.
    pub holds: bool,
    /// Who put the committee's stamp to it; from then on it has effect (People's Mediation Law, art. 31).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stamped: Option<Written>,
    /// Who recorded that a court confirmed it, and which ruling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<(Written, AgreementConfirmed)>,
}

impl Agreement {
    /// The last day on which the parties can jointly ask a court to confirm it: [`CONFIRMATION_DAYS`] from the day it took
    /// effect, that day not counted. None before it is stamped, and once it is confirmed.
    pub fn confirm_by(&self) -> Option<Date> {
        let stamped = self.stamped.as_ref().filter(|_| self.confirmed.is_none())?;
        Some(stamped.stamp.time.wall().date().plus_days(CONFIRMATION_DAYS))
    }
}

/// Days from taking effect within which the parties can jointly apply for judicial confirmation: People's Mediation Law, art. 33.
pub const CONFIRMATION_DAYS: i32 = 30;
