//! Paper: the forms of a case and a signed agreement as PDF, made on the phone of what was recorded once.
//!
//! The fonts are two files that the app ships beside its library (`core/fonts`), read once and handed over; never the phone's own.

use std::sync::Arc;

use doorstep_core::device::DeviceError;
use doorstep_core::print::{self, Fonts, PrintError};
use doorstep_core::words::Lang as CoreLang;

use crate::device::Device;
use crate::errors::DoorstepError;
use crate::names::Lang;
use crate::work::off_thread;

mirror!(
    /// The forms of a dossier.
    Paper = print::Form {
        /// 人民调解协议书: the signed agreement in force.
        Agreement,
        /// 受理登记表.
        Intake,
        /// 权利义务告知书.
        Notice,
        /// 调解记录.
        Consultations,
        /// 履行记录.
        Performance,
        /// 回访记录.
        FollowUp,
        /// The draft, to be signed in wet ink.
        Draft,
        /// 卷宗: cover, contents, and all of them that there are.
        Dossier,
    }
);
mirror!(
    /// Whose copy it is. A party's names no attachments and no telephone numbers.
    PaperCopy = print::Copy {
        /// 当事人联.
        Party,
        /// 存档联.
        Committee,
    }
);

/// The fonts of the print, read: made once, used for every print.
#[derive(Debug, uniffi::Object)]
pub struct PrintFonts(Fonts);

fn said(error: PrintError, lang: CoreLang) -> DoorstepError {
    DoorstepError::of(&DeviceError::Print(error), lang)
}

#[uniffi::export]
impl PrintFonts {
    /// From the bytes of the two files: the serif for what is said, the sans for headings.
    #[uniffi::constructor]
    pub fn new(serif: Vec<u8>, sans: Vec<u8>) -> Result<Arc<Self>, DoorstepError> {
        let fonts = Fonts::new(Arc::new(serif), Arc::new(sans));
        fonts.map(|fonts| Arc::new(Self(fonts))).map_err(|error| said(error, CoreLang::default()))
    }
}

/// Prints a signed agreement from its file (or bare bundle): offline, without a device. The same file gives the same bytes.
#[uniffi::export(default(lang = None))]
pub async fn print_agreement(
    file: Vec<u8>,
    copy: PaperCopy,
    fonts: Arc<PrintFonts>,
    lang: Option<Lang>,
) -> Result<Vec<u8>, DoorstepError> {
    let lang = lang.map_or_else(CoreLang::default, Into::into);
    off_thread(lang, move |_| print::agreement(&file, copy.into(), &fonts.0).map_err(|error| said(error, lang))).await
}

#[uniffi::export]
impl Device {
    /// Prints a form of a case. The signed agreement in force must be on this device: [`Device::fetch_bundle`] brings one that
    /// another phone sealed.
    pub async fn print(
        self: Arc<Self>,
        case_id: String,
        paper: Paper,
        copy: PaperCopy,
        fonts: Arc<PrintFonts>,
    ) -> Result<Vec<u8>, DoorstepError> {
        off_thread(self.lang, move |_| {
            let printed = self.inner.print(self.doc(&case_id)?, paper.into(), copy.into(), &fonts.0);
            printed.map_err(|error| self.error(&error))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::agreement_in_pdf;
    use crate::work::wait;

    const SERIF: &[u8] = include_bytes!("../../core/fonts/NotoSerifCJKsc.otf");
    const SANS: &[u8] = include_bytes!("../../core/fonts/NotoSansCJKsc-Bold.otf");
    const BUNDLE: &[u8] = include_bytes!("../../tests/fixtures/v0.2.0/agreement.bundle");

    #[test]
    fn an_agreement_is_printed_from_its_file_and_comes_out_of_the_paper_again() {
        let fonts = PrintFonts::new(SERIF.to_vec(), SANS.to_vec()).unwrap();
        let pdf = wait(print_agreement(BUNDLE.to_vec(), PaperCopy::Party, Arc::clone(&fonts), None)).unwrap();
        assert!(pdf.starts_with(b"%PDF-"));
        assert_eq!(agreement_in_pdf(pdf).as_deref(), Some(BUNDLE));
        let refused = wait(print_agreement(b"nonsense".to_vec(), PaperCopy::Committee, fonts, Some(Lang::En))).unwrap_err();
        assert_eq!(refused.code(), "agreement_unreadable");
        assert_eq!(PrintFonts::new(b"no font".to_vec(), SANS.to_vec()).unwrap_err().code(), "font_unreadable");
    }
}
