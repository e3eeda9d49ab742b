//! Why something cannot be printed: a code and a sentence each, no personal data.

/// Why something cannot be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// The bytes given as a font are none.
    #[error("the fonts cannot be read")]
    Font,
    /// The agreement's bytes cannot be read.
    #[error("the agreement's file cannot be read")]
    Agreement,
    /// There is nothing yet that this form could say: no signed agreement, no draft.
    #[error("there is nothing to print on this form yet")]
    Nothing,
    /// The PDF library refused: a fault of this program.
    #[error("the PDF cannot be written")]
    Pdf,
}

impl PrintError {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Font => "font_unreadable",
            Self::Agreement => "agreement_unreadable",
            Self::Nothing => "nothing_to_print",
            Self::Pdf => "pdf_failed",
        }
    }

    /// One sentence in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Font => "字体文件无法读取，请重新安装。",
            Self::Agreement => "协议文件无法读取。",
            Self::Nothing => "这份表还没有可打印的内容。",
            Self::Pdf => "PDF 生成失败，请报告此问题。",
        }
    }

    /// One sentence in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Font => "The fonts can't be read: install them again.",
            Self::Agreement => "The agreement's file can't be read.",
            Self::Nothing => "There is nothing to print on this form yet.",
            Self::Pdf => "The PDF could not be written: please report this.",
        }
    }
}
