//! Paper from what this device holds: the forms of a case, and an agreement from its file. The fonts are the host's to hand over:
//! they are a file beside the program, ten megabytes, and never part of a phone's library.

use super::{Device, DeviceError};
use crate::case::{AgreementForm, TextName};
use crate::id::DocId;
use crate::print::{self, Copy, Fonts, Form, Papers};

impl Device {
    /// Prints a form of a case. The signed agreement in force must be on this device: [`Device::fetch_bundle`] brings one that
    /// another phone sealed.
    pub fn print(&self, case: DocId, form: Form, copy: Copy, fonts: &Fonts) -> Result<Vec<u8>, DeviceError> {
        let at = self.now();
        let mut desk = self.open_desk()?;
        let open = desk.open_case(case)?;
        let directory = std::sync::Arc::clone(&desk.directory);
        let signed = open.state.signed().and_then(|agreement| match &agreement.form {
            AgreementForm::Sealed { bundle, .. } => Some(*bundle),
            AgreementForm::Paper { .. } | AgreementForm::Oral { .. } => None,
        });
        let (account, minutes) = (open.document.text(TextName::Account), open.document.text(TextName::Minutes));
        let state = open.state.clone();
        desk.loaded.put(case, open);
        // Setting pages takes longer than a tap may wait.
        drop(desk);
        let agreement = signed.map(|digest| self.agreement_file(&digest)).transpose()?.flatten();
        let papers = Papers {
            case,
            state: &state,
            directory: &directory,
            account: &account,
            minutes: &minutes,
            agreement: agreement.as_deref(),
            at,
        };
        Ok(print::form(form, &papers, copy, fonts)?)
    }
}
