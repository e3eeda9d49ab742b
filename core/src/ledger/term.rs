//! The method's terms as they stand in a sheet: a permanent name for machines, a word for people.

use super::field::Term;
use crate::case::{AgreementForm, Asked, Channel, CommitmentStatus, Form, Grade, Stage};
use crate::visit::Door;
use crate::words::{self, Lang};

pub(super) const fn channel(channel: Channel, lang: Lang) -> Term {
    let code = match channel {
        Channel::Phone => "phone",
        Channel::Letter => "letter",
        Channel::InPerson => "in_person",
        Channel::Visit => "visit",
        Channel::Hotline => "hotline",
    };
    Term { code, words: words::channel(channel, lang) }
}

pub(super) const fn form(form: Form, lang: Lang) -> Term {
    let code = match form {
        Form::AtHome => "at_home",
        Form::Roadside => "roadside",
        Form::OnSite => "on_site",
        Form::MeetingRoom => "meeting_room",
    };
    Term { code, words: words::form(form, lang) }
}

pub(super) const fn grade(grade: Grade, lang: Lang) -> Term {
    let code = match grade {
        Grade::VeryDissatisfied => "very_dissatisfied",
        Grade::Dissatisfied => "dissatisfied",
        Grade::Fair => "fair",
        Grade::Satisfied => "satisfied",
        Grade::VerySatisfied => "very_satisfied",
    };
    Term { code, words: words::grade(grade, lang) }
}

pub(super) const fn asked(asked: Asked, lang: Lang) -> Term {
    let code = match asked {
        Asked::InPerson => "in_person",
        Asked::ByPhone => "by_phone",
        Asked::InWriting => "in_writing",
    };
    Term { code, words: words::asked(asked, lang) }
}

pub(super) const fn stage(stage: Stage, lang: Lang) -> Term {
    Term { code: stage.name(), words: words::stage(stage, lang) }
}

pub(super) const fn door(door: Door, lang: Lang) -> Term {
    Term { code: door.name(), words: words::door(door, lang) }
}

pub(super) const fn agreement(form: &AgreementForm, lang: Lang) -> Term {
    match form {
        AgreementForm::Sealed { .. } => Term { code: "signed", words: words::agreement_form(true, lang) },
        AgreementForm::Paper { .. } => Term { code: "signed_on_paper", words: words::agreement_on_paper(lang) },
        AgreementForm::Oral { .. } => Term { code: "oral", words: words::agreement_form(false, lang) },
    }
}

pub(super) const fn commitment(status: &CommitmentStatus, lang: Lang) -> Term {
    let code = match status {
        CommitmentStatus::Open => "open",
        CommitmentStatus::Fulfilled(..) => "fulfilled",
        CommitmentStatus::Defaulted(..) => "defaulted",
        CommitmentStatus::Waived(..) => "waived",
    };
    Term { code, words: words::commitment_status(status, lang) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value's name in records and JSON.
    fn serde_name(value: impl serde::Serialize) -> String {
        serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn a_terms_code_is_the_name_it_has_in_records() {
        for one in [Channel::Phone, Channel::Letter, Channel::InPerson, Channel::Visit, Channel::Hotline] {
            assert_eq!(channel(one, Lang::Zh).code, serde_name(one));
        }
        for one in [Form::AtHome, Form::Roadside, Form::OnSite, Form::MeetingRoom] {
            assert_eq!(form(one, Lang::Zh).code, serde_name(one));
        }
        for one in [Grade::VeryDissatisfied, Grade::Dissatisfied, Grade::Fair, Grade::Satisfied, Grade::VerySatisfied] {
            assert_eq!(grade(one, Lang::Zh).code, serde_name(one));
        }
        for one in [Asked::InPerson, Asked::ByPhone, Asked::InWriting] {
            assert_eq!(asked(one, Lang::Zh).code, serde_name(one));
        }
    }
}
