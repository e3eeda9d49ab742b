//! The scanned codes of a paper, one a line: all terms come back from them, and fit the seal or don't.

use doorstep_core::agreement::{Paper, read_paper};
use doorstep_core::words;

use crate::words::{Lang, Said, say};

/// Prints what the paper says; an error if its codes don't fit each other.
pub(super) fn run(bytes: &[u8], json: bool, lang: Lang) -> Result<(), Said> {
    let texts = String::from_utf8_lossy(bytes);
    match read_paper(texts.lines()) {
        Ok(paper) if json => println!("{}", record(&paper)),
        Ok(paper) => print(&paper, lang),
        Err(fault) => {
            if json {
                println!("{}", serde_json::json!({ "holds": false, "finding": fault.code() }));
            }
            return Err(Said::coded(fault.code(), fault.zh(), fault.en()));
        }
    }
    Ok(())
}

fn record(paper: &Paper) -> serde_json::Value {
    serde_json::json!({
        "holds": true,
        "check_number": paper.frozen.check_number().grouped(),
        "bundle": paper.bundle.map(|bundle| bundle.to_string()),
        "text": paper.frozen.body().text,
    })
}

fn print(paper: &Paper, lang: Lang) {
    let at = paper.seal.context.at.wall;
    let (hour, minute) = at.clock();
    say!("{} {}", lang.pick("核验码", "check number"), paper.frozen.check_number().grouped());
    say!("{} {} {hour:02}:{minute:02}", lang.pick("封存于", "sealed"), words::date(at.date(), lang));
    super::text(&paper.frozen.body().text, lang);
    say!("  ✓ {}", lang.pick("条款与封存时一致，设备封印有效", "the terms are those sealed, and the device's seal is good"));
    say!(
        "  · {}",
        lang.pick(
            "笔迹和各方签署记录不在二维码里，请用电子文件核验",
            "ink and acts are not in the codes: check them with the file"
        )
    );
    say!("{}", lang.pick("纸面条款核验通过。", "The terms on paper verify."));
}
