//! Ledgers: what was entered once goes out in the columns that an office asks for.

use std::fs::File;
use std::io::{BufWriter, Write as _};

use doorstep_core::ledger::Format;
use serde::Serialize;

use super::LEAD;
use crate::demo::cast::{World, stopped};
use crate::words::Said;

/// How a workbook begins: it is a zip archive.
const ZIP: &[u8] = b"PK";
/// The byte order mark without which Excel in China takes a file for another encoding.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A ledger as a file.
#[derive(Debug, Serialize)]
pub(super) struct Ledger {
    file: String,
    lines: u64,
}

/// Writes cases as a workbook and visits as CSV beside the demo's other files, from the lead's phone.
pub(super) fn write(world: &World) -> Result<Vec<Ledger>, Said> {
    let wanted = [("cases", Format::Xlsx, ZIP), ("visits", Format::Csv, MARK)];
    let mut written = Vec::new();
    for (template, format, begins) in wanted {
        let path = world.dir.join(format!("{template}.{}", format.name()));
        let cannot = |cause: std::io::Error| stopped("无法写台账", "can't write a ledger", &cause);
        let mut to = BufWriter::new(File::create(&path).map_err(cannot)?);
        let device = world.device(LEAD)?;
        let exported = device.export(template, format, None, &mut to).map_err(|error| world.unexpected(LEAD, &error))?;
        to.flush().map_err(cannot)?;
        if !std::fs::read(&path).map_err(cannot)?.starts_with(begins) {
            return Err(stopped("台账不是应有的格式", "a ledger is not of its format", &path.display()));
        }
        written.push(Ledger { file: path.display().to_string(), lines: exported.lines });
    }
    let names = wanted.iter().zip(&written).map(|((template, format, _), ledger)| {
        format!("{template}.{} {}{}", format.name(), ledger.lines, world.pick(" 行", " lines"))
    });
    let names = names.collect::<Vec<_>>().join(world.pick("，", ", "));
    world.tell(LEAD, &format!("{}{names}", world.pick("导出台账：", "exports ledgers: ")));
    Ok(written)
}
