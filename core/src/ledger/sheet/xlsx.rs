//! A workbook in Office Open XML (ECMA-376), written as the lines come: straight through deflate into the file.
//!
//! Strings stand in their cells (`inlineStr`) and never as formulas; no address becomes a link. A sheet has a title, a head
//! row that stays and filters, widths, wrapped text, days as days. What doesn't fit on a sheet goes on to the next.
//!
//! Why not a library: those that write row by row keep the whole sheet's XML in a file of their own until the end, in the
//! clear, and phones and browsers have no place for it. What a ledger needs of the format is this file.
#![expect(clippy::format_push_string, reason = "a head and a foot a sheet; a write into a string has an error that cannot be")]

use std::borrow::Cow;
use std::io::{self, Write};

use super::guard::{could_run, fitting};
use super::zip::Zip;
use super::{Head, Sheet, xml};
use crate::ledger::field::{Kind, Value, yuan};
use crate::time::Date;

/// Rows of a sheet, title and headings included: a limit of the format.
pub const ROWS_MAX: u32 = 1_048_576;

/// XML kept before it is compressed, bytes.
const BUFFER: usize = 32 << 10;
/// Characters of a sheet's name: a limit of the format.
const NAME_MAX: usize = 31;
/// Height of a line of text, points.
const LINE_HEIGHT: u32 = 15;
/// Most lines that a row shows of a long text; who wants to read on opens the cell.
const LINES_SHOWN: u32 = 8;
/// Days from the first day of a spreadsheet's calendar to 1970.
const EPOCH: i64 = 25_569;
/// Days that a spreadsheet can show: from 1 March 1900, before which its calendar has a day that never was, to the year 9999.
const DAYS: std::ops::RangeInclusive<i64> = 61..=2_958_465;
/// The largest number that a spreadsheet keeps every digit of.
const EXACT_MAX: u64 = 999_999_999_999_999;

/// Styles of cells, by their place in [`STYLES`].
#[derive(Clone, Copy)]
enum Style {
    Text = 1,
    /// Text that stays text when somebody edits it.
    Quoted = 2,
    Day = 3,
    Month = 4,
    Number = 5,
    Money = 6,
    Heading = 7,
    Headline = 8,
}

const STYLES: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    "\n",
    r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
    r#"<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm"/></numFmts>"#,
    r#"<fonts count="3"><font><sz val="11"/><name val="宋体"/><charset val="134"/></font>"#,
    r#"<font><b/><sz val="11"/><name val="宋体"/><charset val="134"/></font>"#,
    r#"<font><b/><sz val="14"/><name val="宋体"/><charset val="134"/></font></fonts>"#,
    r#"<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>"#,
    r#"<fill><patternFill patternType="solid"><fgColor rgb="FFE8EEF4"/><bgColor indexed="64"/></patternFill></fill></fills>"#,
    r#"<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>"#,
    r#"<border><left style="thin"><color rgb="FFBFBFBF"/></left><right style="thin"><color rgb="FFBFBFBF"/></right>"#,
    r#"<top style="thin"><color rgb="FFBFBFBF"/></top><bottom style="thin"><color rgb="FFBFBFBF"/></bottom><diagonal/></border></borders>"#,
    r#"<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>"#,
    r#"<cellXfs count="9">"#,
    r#"<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>"#,
    r#"<xf numFmtId="0" fontId="0" fillId="0" borderId="1" xfId="0" applyBorder="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>"#,
    r#"<xf numFmtId="0" fontId="0" fillId="0" borderId="1" xfId="0" quotePrefix="1" applyBorder="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>"#,
    r#"<xf numFmtId="164" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1" applyAlignment="1"><alignment horizontal="center" vertical="top"/></xf>"#,
    r#"<xf numFmtId="165" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1" applyAlignment="1"><alignment horizontal="center" vertical="top"/></xf>"#,
    r#"<xf numFmtId="1" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1" applyAlignment="1"><alignment vertical="top"/></xf>"#,
    r#"<xf numFmtId="4" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1" applyAlignment="1"><alignment vertical="top"/></xf>"#,
    r#"<xf numFmtId="0" fontId="1" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment horizontal="center" vertical="center" wrapText="1"/></xf>"#,
    r#"<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1"><alignment vertical="center"/></xf>"#,
    r#"</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#,
);

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE_RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE_RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const CONTENT_TYPES: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
const SPREADSHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

pub(super) struct Xlsx<'a> {
    zip: Zip<'a>,
    head: &'a Head,
    letters: Vec<String>,
    xml: String,
    rows_max: u32,
    /// Rows of the open sheet.
    row: u32,
    /// Rows of every sheet that is whole.
    sheets: Vec<u32>,
}

impl<'a> Xlsx<'a> {
    pub(super) fn begin(head: &'a Head, to: &'a mut dyn Write) -> io::Result<Self> {
        Self::with_rows(head, to, ROWS_MAX)
    }

    /// With sheets of so many rows at most, three at least.
    pub(super) fn with_rows(head: &'a Head, to: &'a mut dyn Write, rows_max: u32) -> io::Result<Self> {
        let letters = (0..head.columns.len()).map(xml::letters).collect();
        let zip = Zip::new(to);
        let mut xlsx = Self { zip, head, letters, xml: String::new(), rows_max, row: 0, sheets: Vec::new() };
        xlsx.begin_sheet()?;
        Ok(xlsx)
    }

    fn begin_sheet(&mut self) -> io::Result<()> {
        self.zip.begin(&format!("xl/worksheets/sheet{}.xml", self.sheets.len() + 1))?;
        self.row = 0;
        let head = self.head;
        let out = &mut self.xml;
        *out = format!("{DECLARATION}<worksheet xmlns=\"{MAIN}\"><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr>");
        out.push_str("<sheetViews><sheetView workbookViewId=\"0\"");
        if self.sheets.is_empty() {
            out.push_str(" tabSelected=\"1\"");
        }
        out.push_str("><pane ySplit=\"2\" topLeftCell=\"A3\" activePane=\"bottomLeft\" state=\"frozen\"/>");
        out.push_str("<selection pane=\"bottomLeft\" activeCell=\"A3\" sqref=\"A3\"/></sheetView></sheetViews>");
        out.push_str("<sheetFormatPr defaultRowHeight=\"15\"/><cols>");
        for (n, column) in (1..).zip(&head.columns) {
            out.push_str(&format!("<col min=\"{n}\" max=\"{n}\" width=\"{}\" customWidth=\"1\"/>", column.width));
        }
        out.push_str("</cols><sheetData>");
        self.begin_row(Some(24));
        self.string(0, &head.headline, Style::Headline);
        self.end_row()?;
        self.begin_row(Some(32));
        for (at, column) in head.columns.iter().enumerate() {
            self.string(at, &column.title, Style::Heading);
        }
        self.end_row()
    }

    fn end_sheet(&mut self) -> io::Result<()> {
        let filtered = self.filtered(self.row);
        self.xml.push_str("</sheetData>");
        self.xml.push_str(&format!("<autoFilter ref=\"A2:{filtered}\"/>"));
        self.xml.push_str("<pageMargins left=\"0.4\" right=\"0.4\" top=\"0.5\" bottom=\"0.6\" header=\"0.3\" footer=\"0.3\"/>");
        self.xml.push_str("<pageSetup paperSize=\"9\" orientation=\"landscape\" fitToHeight=\"0\"/>");
        self.xml.push_str("<headerFooter><oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter>");
        // Telephone numbers are text on purpose.
        let filtered = self.filtered(self.row.max(3));
        self.xml.push_str(&format!("<ignoredErrors><ignoredError sqref=\"A3:{filtered}\" numberStoredAsText=\"1\"/>"));
        self.xml.push_str("</ignoredErrors></worksheet>");
        self.hand_on()?;
        self.sheets.push(self.row);
        self.zip.end()
    }

    /// The last cell of a sheet with so many rows.
    fn filtered(&self, rows: u32) -> String {
        format!("{}{rows}", self.letters.last().map_or("A", String::as_str))
    }

    fn begin_row(&mut self, height: Option<u32>) {
        self.row += 1;
        self.xml.push_str("<row r=\"");
        self.xml.push_str(&self.row.to_string());
        if let Some(height) = height {
            self.xml.push_str("\" ht=\"");
            self.xml.push_str(&height.to_string());
        }
        self.xml.push_str("\">");
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.xml.push_str("</row>");
        if self.xml.len() >= BUFFER { self.hand_on() } else { Ok(()) }
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.zip.write(self.xml.as_bytes())?;
        self.xml.clear();
        Ok(())
    }

    fn open_cell(&mut self, at: usize, style: Style, kind: &str) {
        self.xml.push_str("<c r=\"");
        self.xml.push_str(self.letters.get(at).map_or("A", String::as_str));
        self.xml.push_str(&self.row.to_string());
        self.xml.push_str("\" s=\"");
        self.xml.push_str(&(style as u8).to_string());
        self.xml.push_str(kind);
    }

    fn string(&mut self, at: usize, text: &str, style: Style) {
        self.open_cell(at, style, "\" t=\"inlineStr\"><is><t xml:space=\"preserve\">");
        xml::push(&mut self.xml, &fitting(Cow::Borrowed(text), self.head.lang));
        self.xml.push_str("</t></is></c>");
    }

    fn number(&mut self, at: usize, number: &str, style: Style) {
        self.open_cell(at, style, "\"><v>");
        self.xml.push_str(number);
        self.xml.push_str("</v></c>");
    }

    fn text(&mut self, at: usize, text: &str) {
        self.string(at, text, if could_run(text) { Style::Quoted } else { Style::Text });
    }

    fn cell(&mut self, at: usize, value: &Value) {
        let day = |date: Date| Some(i64::from(date.days()) + EPOCH).filter(|day| DAYS.contains(day));
        let shown = || value.shown(self.head.lang);
        match value {
            Value::Empty => self.open_cell(at, self.style_of(at), "\"/>"),
            Value::Date(date) => match day(*date) {
                Some(day) => self.number(at, &day.to_string(), Style::Day),
                None => self.text(at, &shown()),
            },
            Value::Month(year, month) => match Date::from_ymd(*year, *month, 1).and_then(day) {
                Some(day) => self.number(at, &day.to_string(), Style::Month),
                None => self.text(at, &shown()),
            },
            Value::Number(number) if number.unsigned_abs() <= EXACT_MAX => self.number(at, &shown(), Style::Number),
            Value::Fen(fen) if *fen <= EXACT_MAX => self.number(at, &yuan(*fen), Style::Money),
            Value::Text(text) => self.text(at, text),
            _ => self.text(at, &shown()),
        }
    }

    fn style_of(&self, at: usize) -> Style {
        match self.head.columns.get(at).map(|column| column.kind) {
            Some(Kind::Date) => Style::Day,
            Some(Kind::Month) => Style::Month,
            Some(Kind::Number) => Style::Number,
            Some(Kind::Money) => Style::Money,
            _ => Style::Text,
        }
    }

    /// The sheets' names: each once, without what the format forbids.
    fn names(&self) -> Vec<String> {
        let clean: String =
            self.head.name.chars().map(|c| if "[]:*?/\\'".contains(c) || c.is_control() { ' ' } else { c }).collect();
        let clean = if clean.trim().is_empty() { self.head.lang.pick("台账", "Ledger") } else { clean.trim() };
        let named = |n: usize| {
            let behind = if n == 0 { String::new() } else { format!(" ({})", n + 1) };
            let mut room = NAME_MAX - behind.len();
            let fits = |c: &char| {
                let left = room.checked_sub(c.len_utf16());
                room = left.unwrap_or(0);
                left.is_some()
            };
            clean.chars().take_while(fits).collect::<String>() + &behind
        };
        (0..self.sheets.len()).map(named).collect()
    }

    fn part(&mut self, name: &str, content: &str) -> io::Result<()> {
        self.zip.begin(name)?;
        self.zip.write(content.as_bytes())?;
        self.zip.end()
    }

    fn workbook(&self) -> String {
        let mut out = format!(
            "{DECLARATION}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE_RELATIONS}\"><bookViews><workbookView/></bookViews><sheets>"
        );
        let mut defined = String::new();
        for (at, (name, rows)) in self.names().iter().zip(&self.sheets).enumerate() {
            let n = at + 1;
            let mut escaped = String::new();
            xml::push(&mut escaped, name);
            out.push_str(&format!("<sheet name=\"{escaped}\" sheetId=\"{n}\" r:id=\"rId{n}\"/>"));
            let last = self.letters.last().map_or("A", String::as_str);
            defined.push_str(&format!(
                "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"{at}\" hidden=\"1\">'{escaped}'!$A$2:${last}${rows}</definedName>\
                 <definedName name=\"_xlnm.Print_Titles\" localSheetId=\"{at}\">'{escaped}'!$1:$2</definedName>"
            ));
        }
        out.push_str(&format!("</sheets><definedNames>{defined}</definedNames></workbook>"));
        out
    }

    fn relations(&self) -> String {
        let sheets = self.sheets.len();
        let mut out = format!("{DECLARATION}<Relationships xmlns=\"{PACKAGE_RELATIONS}\">");
        for n in 1..=sheets {
            out.push_str(&format!(
                "<Relationship Id=\"rId{n}\" Type=\"{OFFICE_RELATIONS}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"
            ));
        }
        out.push_str(&format!(
            "<Relationship Id=\"rId{}\" Type=\"{OFFICE_RELATIONS}/styles\" Target=\"styles.xml\"/></Relationships>",
            sheets + 1
        ));
        out
    }

    fn content_types(&self) -> String {
        let mut out = format!(
            "{DECLARATION}<Types xmlns=\"{CONTENT_TYPES}\">\
             <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
             <Override PartName=\"/xl/workbook.xml\" ContentType=\"{SPREADSHEET}.sheet.main+xml\"/>\
             <Override PartName=\"/xl/styles.xml\" ContentType=\"{SPREADSHEET}.styles+xml\"/>"
        );
        for n in 1..=self.sheets.len() {
            out.push_str(&format!(
                "<Override PartName=\"/xl/worksheets/sheet{n}.xml\" ContentType=\"{SPREADSHEET}.worksheet+xml\"/>"
            ));
        }
        out.push_str("</Types>");
        out
    }
}

impl Sheet for Xlsx<'_> {
    fn line(&mut self, cells: &[Value], _unreadable: bool) -> io::Result<()> {
        if self.row >= self.rows_max {
            self.end_sheet()?;
            self.begin_sheet()?;
        }
        let lines = self.head.columns.iter().zip(cells).map(|(column, value)| lines(value, column.width)).max();
        self.begin_row(lines.filter(|lines| *lines > 1).map(|lines| lines * LINE_HEIGHT));
        for (at, value) in cells.iter().enumerate() {
            self.cell(at, value);
        }
        self.end_row()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.end_sheet()?;
        let (workbook, relations, types) = (self.workbook(), self.relations(), self.content_types());
        self.part("xl/styles.xml", STYLES)?;
        self.part("xl/workbook.xml", &workbook)?;
        self.part("xl/_rels/workbook.xml.rels", &relations)?;
        let root = format!(
            "{DECLARATION}<Relationships xmlns=\"{PACKAGE_RELATIONS}\"><Relationship Id=\"rId1\" \
             Type=\"{OFFICE_RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        );
        self.part("_rels/.rels", &root)?;
        self.part("[Content_Types].xml", &types)?;
        self.zip.finish()
    }
}

/// How many lines the value takes in a column so wide, as far as a row shows them. Not every program fits rows to
/// wrapped text when it opens a file.
fn lines(value: &Value, width: u16) -> u32 {
    let Value::Text(text) = value else { return 1 };
    let width = u32::from(width).saturating_sub(1).max(2);
    let (mut lines, mut used) = (1, 0);
    for c in text.chars() {
        // A Chinese character is as wide as two Latin ones.
        let wide = if c.is_ascii() { 1 } else { 2 };
        if c == '\n' {
            (lines, used) = (lines + 1, 0);
        } else if used + wide > width {
            (lines, used) = (lines + 1, wide);
        } else {
            used += wide;
        }
        if lines >= LINES_SHOWN {
            break;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::tests::{head, written};
    use super::super::{Format, guard};
    use super::*;

    fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
        super::super::zip::tests::unpacked(bytes)
            .into_iter()
            .map(|(name, content)| (name, String::from_utf8(content).unwrap()))
            .collect()
    }

    fn sheet(lines: &[Vec<Value>]) -> String {
        parts(&written(Format::Xlsx, &head(), lines)).remove("xl/worksheets/sheet1.xml").unwrap()
    }

    /// The one cell of the first line.
    fn cell(value: Value) -> String {
        let sheet = sheet(&[vec![value]]);
        let row = sheet.split_once("<row r=\"3\"").unwrap().1.split_once('>').unwrap().1.split_once("</row>").unwrap().0;
        row.to_owned()
    }

    #[test]
    fn words_are_strings_numbers_numbers_and_days_days() {
        let day = Date::from_ymd(2026, 5, 8).unwrap();
        for (value, expected) in [
            (
                Value::Text("<三楼>".into()),
                "<c r=\"A3\" s=\"1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">&lt;三楼&gt;</t></is></c>",
            ),
            (Value::Number(-3), "<c r=\"A3\" s=\"5\"><v>-3</v></c>"),
            (Value::Date(day), "<c r=\"A3\" s=\"3\"><v>46150</v></c>"),
            (Value::Month(2026, 5), "<c r=\"A3\" s=\"4\"><v>46143</v></c>"),
            (Value::Fen(120_005), "<c r=\"A3\" s=\"6\"><v>1200.05</v></c>"),
            (Value::Empty, "<c r=\"A3\" s=\"1\"/>"),
        ] {
            assert_eq!(cell(value), expected);
        }
    }

    #[test]
    fn what_a_spreadsheet_cannot_show_exactly_stands_as_text() {
        for value in [
            Value::Date(Date::from_ymd(1900, 2, 28).unwrap()),
            Value::Date(Date::from_ymd(10_889, 1, 1).unwrap()),
            Value::Fen(u64::MAX),
            Value::Number(i64::MIN),
        ] {
            assert!(cell(value.clone()).contains("inlineStr"), "{value:?}");
        }
    }

    #[test]
    fn nothing_that_people_write_becomes_a_formula_a_link_or_markup() {
        for text in guard::tests::RUNS.into_iter().chain(["http://evil.example", "<f>1+1</f>", "]]>", "&lt;"]) {
            let sheet = sheet(&[vec![Value::Text(text.into())]]);
            assert!(!sheet.contains("<f>") && !sheet.contains("hyperlink"), "{text:?}");
            let kept = if could_run(text) { "s=\"2\"" } else { "s=\"1\"" };
            assert!(cell(Value::Text(text.into())).contains(&format!("{kept} t=\"inlineStr\"")), "{text:?}");
        }
    }

    #[test]
    fn a_sheet_that_is_full_goes_on_on_the_next_under_the_same_head() {
        let mut bytes = Vec::new();
        let head = head();
        let mut xlsx = Xlsx::with_rows(&head, &mut bytes, 5).unwrap();
        for n in 0..7 {
            xlsx.line(&[Value::Number(n)], false).unwrap();
        }
        xlsx.finish().unwrap();
        drop(xlsx);
        let parts = parts(&bytes);
        let rows = |n: usize| parts[&format!("xl/worksheets/sheet{n}.xml")].matches("<row ").count();
        assert_eq!([rows(1), rows(2), rows(3)], [5, 5, 3]);
        for n in 1..=3 {
            assert!(parts[&format!("xl/worksheets/sheet{n}.xml")].contains("日期"));
            assert!(parts["[Content_Types].xml"].contains(&format!("/xl/worksheets/sheet{n}.xml")));
        }
        assert!(parts["xl/workbook.xml"].contains("name=\"事项台账 (3)\""));
        assert!(parts["xl/workbook.xml"].contains("'事项台账 (3)'!$A$2:$C$3"));
    }

    #[test]
    fn a_row_is_as_high_as_its_longest_text_and_never_fills_the_screen() {
        let height = |text: &str| {
            let sheet = sheet(&[vec![Value::Text(text.into()), Value::Number(1)]]);
            let row = sheet.split_once("<row r=\"3\"").unwrap().1.split_once('>').unwrap().0;
            row.trim_start_matches(" ht=").trim_matches('"').parse::<u32>().ok()
        };
        // The column is 12 wide.
        assert_eq!(height("三楼漏水"), None);
        assert_eq!(height("三楼漏水三楼"), Some(30));
        assert_eq!(height("一\n二\n三"), Some(45));
        assert_eq!(height(&"长".repeat(20_000)), Some(120));
    }

    #[test]
    fn a_sheet_of_exactly_the_limit_is_one_sheet() {
        let mut bytes = Vec::new();
        let head = head();
        let mut xlsx = Xlsx::with_rows(&head, &mut bytes, 5).unwrap();
        (0..3).for_each(|n| xlsx.line(&[Value::Number(n)], false).unwrap());
        xlsx.finish().unwrap();
        drop(xlsx);
        assert!(!parts(&bytes).contains_key("xl/worksheets/sheet2.xml"));
    }

    #[test]
    fn a_sheets_name_is_one_that_the_format_takes() {
        for (name, expected) in
            [("a/b[c]:*?\\'d", "a b c      d"), ("", "台账"), ("''", "台账"), (&"长".repeat(40), &"长".repeat(31))]
        {
            let head = Head { name: name.into(), ..head() };
            let workbook = parts(&written(Format::Xlsx, &head, &[])).remove("xl/workbook.xml").unwrap();
            assert!(workbook.contains(&format!("<sheet name=\"{expected}\"")), "{workbook}");
        }
    }
}
