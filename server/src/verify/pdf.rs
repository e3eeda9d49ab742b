//! A PDF: the file that it carries, and whether its pages are the ones that this program prints of that file. A page can show
//! anything; that the same pages come out again, byte for byte, is what makes them worth reading.

use doorstep_core::print::{Copy, agreement, extract};

use crate::fonts;
use crate::words::{Lang, Said};

/// What a PDF's pages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pages {
    /// Those that this program prints of the file that the PDF carries.
    Reproduced,
    /// Others: a dossier, another version's print, or altered.
    Other,
}

impl Pages {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Reproduced => "reproduced",
            Self::Other => "other",
        }
    }

    pub(super) const fn mark(self) -> &'static str {
        match self {
            Self::Reproduced => "✓",
            Self::Other => "!",
        }
    }

    pub(super) const fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Reproduced => lang.pick(
                "页面与由内嵌文件重新印出的逐字节相同",
                "the pages are those printed of the file it carries, byte for byte",
            ),
            Self::Other => lang.pick(
                "页面不是由内嵌文件直接印出的（卷宗、其他版本印制，或被改动）：以下面的文字为准",
                "the pages are not those printed of the file it carries (a dossier, another version, or altered): go by the words below",
            ),
        }
    }
}

/// What a PDF carries.
pub(super) struct Carried<'a> {
    pub(super) agreement: &'a [u8],
    pub(super) pages: Pages,
}

impl<'a> Carried<'a> {
    /// Finds it, and prints it again to compare.
    pub(super) fn find(pdf: &'a [u8]) -> Result<Self, Said> {
        let file = extract(pdf).map_err(|error| Said::coded(error.code(), error.zh(), error.en()))?;
        let again = |copy| fonts::fonts().and_then(|fonts| agreement(file, copy, fonts)).is_ok_and(|printed| printed == pdf);
        let same = [Copy::Party, Copy::Committee].into_iter().any(again);
        Ok(Self { agreement: file, pages: if same { Pages::Reproduced } else { Pages::Other } })
    }
}
