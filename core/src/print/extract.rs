//! The file that a PDF carries, found without trusting the PDF. Not a PDF reader: it looks for the one uncompressed embedded
//! file that our print writes, and answers why not, for everything else. It never panics, whatever the bytes.
//!
//! What is on the pages is not looked at: a page can show anything. That is why the verifier shows the words that were signed,
//! and why the same file prints the same pages again.

/// Largest PDF that is looked at, bytes: a whole dossier stays far below.
pub const PDF_MAX: usize = 32 << 20;
/// What announces an embedded file's stream.
const TYPE: &[u8] = b"/EmbeddedFile";
/// Most bytes of a stream's dictionary, before and after the announcement: ours takes some two hundred.
const DICTIONARY_MAX: usize = 1_024;

/// Why no file came out of a PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// It does not begin as a PDF does.
    #[error("not a PDF")]
    NotPdf,
    /// Larger than [`PDF_MAX`].
    #[error("the PDF is too large")]
    TooLarge,
    /// It carries no embedded file.
    #[error("the PDF carries no file")]
    NoFile,
    /// It carries more than one: which of them was meant, nobody can say.
    #[error("the PDF carries more than one file")]
    TwoFiles,
    /// The embedded file ends before its length, or the PDF does.
    #[error("the file in the PDF is cut off")]
    Truncated,
    /// The embedded file is compressed, encrypted or of no plain length: another program has written this PDF anew.
    #[error("the file in the PDF is not stored as it was")]
    Repacked,
}

impl ExtractError {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotPdf => "not_pdf",
            Self::TooLarge => "too_large",
            Self::NoFile => "no_file_in_pdf",
            Self::TwoFiles => "two_files_in_pdf",
            Self::Truncated => "truncated",
            Self::Repacked => "repacked",
        }
    }

    /// One sentence in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::NotPdf => "这不是 PDF 文件。",
            Self::TooLarge => "PDF 文件过大。",
            Self::NoFile => "PDF 中没有内嵌的协议文件。",
            Self::TwoFiles => "PDF 中有不止一个内嵌文件，无法确定以哪个为准。",
            Self::Truncated => "PDF 中的协议文件不完整。",
            Self::Repacked => "PDF 被其他程序改写过，请用原始文件，或先导出附件再核验。",
        }
    }

    /// One sentence in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::NotPdf => "This is no PDF.",
            Self::TooLarge => "The PDF is too large.",
            Self::NoFile => "The PDF carries no agreement.",
            Self::TwoFiles => "The PDF carries more than one file; which of them was meant, nobody can say.",
            Self::Truncated => "The agreement in the PDF is cut off.",
            Self::Repacked => "Another program has rewritten the PDF: use the original, or save its attachment and check that.",
        }
    }
}

/// Whether these bytes begin as a PDF does.
pub fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-")
}

/// The one file that a PDF carries, as it was embedded.
pub fn extract(pdf: &[u8]) -> Result<&[u8], ExtractError> {
    if !is_pdf(pdf) {
        return Err(ExtractError::NotPdf);
    }
    if pdf.len() > PDF_MAX {
        return Err(ExtractError::TooLarge);
    }
    let mut found: Option<&[u8]> = None;
    let mut from = 0;
    while let Some(at) = find(pdf, TYPE, from) {
        from = at + TYPE.len();
        // `/EmbeddedFiles` is the name tree's; a name goes on with a letter.
        if pdf.get(from).is_some_and(u8::is_ascii_alphanumeric) {
            continue;
        }
        let bytes = stream(pdf, at)?;
        // What looks like another one inside it is its own content.
        from = from.max(offset(pdf, bytes) + bytes.len());
        if found.replace(bytes).is_some() {
            return Err(ExtractError::TwoFiles);
        }
    }
    found.ok_or(ExtractError::NoFile)
}

/// The stream whose dictionary holds the announcement at this place.
fn stream(pdf: &[u8], at: usize) -> Result<&[u8], ExtractError> {
    let before = pdf.get(at.saturating_sub(DICTIONARY_MAX)..at).unwrap_or_default();
    // From the object's own beginning: what stood before it is not its dictionary.
    let begins = rfind(before, b" obj").map(|place| at - before.len() + place).ok_or(ExtractError::Repacked)?;
    let keyword = find(pdf, b"stream", at).ok_or(ExtractError::Truncated)?;
    if keyword - at > DICTIONARY_MAX {
        return Err(ExtractError::Repacked);
    }
    let dictionary = pdf.get(begins..keyword).unwrap_or_default();
    if find(dictionary, b"/Filter", 0).is_some() || find(dictionary, b"endobj", 0).is_some() {
        return Err(ExtractError::Repacked);
    }
    let length = length(dictionary).ok_or(ExtractError::Repacked)?;
    let begin = match pdf.get(keyword + 6..) {
        Some([b'\r', b'\n', ..]) => keyword + 8,
        Some([b'\n', ..]) => keyword + 7,
        Some(_) => return Err(ExtractError::Repacked),
        None => return Err(ExtractError::Truncated),
    };
    let end = begin.checked_add(length).ok_or(ExtractError::Repacked)?;
    let bytes = pdf.get(begin..end).ok_or(ExtractError::Truncated)?;
    let after = pdf.get(end..).unwrap_or_default();
    let after = after.strip_prefix(b"\r").unwrap_or(after);
    let after = after.strip_prefix(b"\n").unwrap_or(after);
    if after.starts_with(b"endstream") { Ok(bytes) } else { Err(ExtractError::Truncated) }
}

/// The stream's `/Length`, written as a plain number; none if it is given twice or by reference.
fn length(dictionary: &[u8]) -> Option<usize> {
    let at = find(dictionary, b"/Length ", 0)?;
    if find(dictionary, b"/Length ", at + 1).is_some() {
        return None;
    }
    let rest = dictionary.get(at + 8..)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, after) = rest.split_at_checked(digits)?;
    // `12 0 R` is a reference, not a number.
    if after.starts_with(b" 0 R") {
        return None;
    }
    std::str::from_utf8(number).ok()?.parse().ok()
}

fn offset(pdf: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().saturating_sub(pdf.as_ptr().addr())
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(what.len()).position(|window| window == what).map(|at| at + from)
}

fn rfind(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pdf(dictionary: &str, content: &[u8]) -> Vec<u8> {
        let head = format!("%PDF-1.7\n3 0 obj\n<<\n{dictionary}\n>>\nstream\n");
        [head.as_bytes(), content, b"\nendstream\nendobj\n<< /Names << /EmbeddedFiles 4 0 R >> >>\n%%EOF"].concat()
    }

    #[test]
    fn the_embedded_file_comes_out_as_it_went_in() {
        let content = b"\x86\x72doorstep-agreement endstream /EmbeddedFile \xff";
        let one = pdf(&format!("/Type /EmbeddedFile /Length {}", content.len()), content);
        assert_eq!(extract(&one), Ok(content.as_slice()));
        // The length may stand before the type.
        let other = pdf(&format!("/Length {} /Type /EmbeddedFile /Params << /Size 9 >>", content.len()), content);
        assert_eq!(extract(&other), Ok(content.as_slice()));
    }

    #[test]
    fn what_cannot_be_relied_on_is_refused_by_name() {
        let content = b"abc";
        let one = |dictionary: &str| pdf(dictionary, content);
        assert_eq!(extract(b"\x86"), Err(ExtractError::NotPdf));
        assert_eq!(extract(&one("/Type /XObject /Length 3")), Err(ExtractError::NoFile));
        let whole = one("/Type /EmbeddedFile /Length 3");
        assert_eq!(extract(&[whole.clone(), whole.clone()].concat()), Err(ExtractError::TwoFiles));
        assert_eq!(extract(&one("/Type /EmbeddedFile /Length 5")), Err(ExtractError::Truncated));
        assert_eq!(extract(&one("/Type /EmbeddedFile /Length 99999999999999999999")), Err(ExtractError::Repacked));
        assert_eq!(extract(&one("/Type /EmbeddedFile /Length 18446744073709551615")), Err(ExtractError::Repacked));
        assert_eq!(extract(&one("/Type /EmbeddedFile /Filter /FlateDecode /Length 3")), Err(ExtractError::Repacked));
        assert_eq!(extract(&one("/Type /EmbeddedFile /Length 5 0 R")), Err(ExtractError::Repacked));
        assert_eq!(extract(&one("/Type /EmbeddedFile /Length 3 /Length 2")), Err(ExtractError::Repacked));
        let end = whole.len() - 66;
        assert_eq!(extract(&whole[..end]), Err(ExtractError::Truncated));
        let large = [b"%PDF-1.7".as_slice(), &vec![0; PDF_MAX]].concat();
        assert_eq!(extract(&large), Err(ExtractError::TooLarge));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(cut in 0usize..400, at in 0usize..400, byte: u8, tail: Vec<u8>) {
            let mut bytes = pdf("/Type /EmbeddedFile /Length 3", b"abc");
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            bytes.truncate(cut);
            bytes.extend(tail);
            let _ = extract(&bytes);
        }
    }
}
