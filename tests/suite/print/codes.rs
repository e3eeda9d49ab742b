//! The codes, read off the rendered page by another program's reader.

use doorstep_core::agreement::{Bundle, paper_codes, read_paper};

use super::*;

/// The pages of a PDF as pictures in this folder, at this many dots an inch.
fn pictures(path: &Path, dots: u32, folder: &Path) -> Vec<PathBuf> {
    let output = Process::new("pdftoppm").args(["-gray", "-r", &dots.to_string()]).arg(path).arg(folder.join("page")).output();
    let output = output.unwrap_or_else(|error| panic!("pdftoppm: {error}; run tests/print_tools"));
    assert!(output.status.success(), "{output:?}");
    let mut pages: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages
}

/// Every code on every page of a PDF, as ZBar reads them. The Rust reader takes one code for a part of another where nine
/// large ones stand on a page.
fn scanned_together(path: &Path, dots: u32) -> Vec<String> {
    let temp = tempfile::tempdir().unwrap();
    let read = |page: PathBuf| {
        let output = Process::new("zbarimg").args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]).arg(page).output();
        let output = output.unwrap_or_else(|error| panic!("zbarimg: {error}; run tests/print_tools"));
        String::from_utf8(output.stdout).unwrap()
    };
    let texts: Vec<String> = pictures(path, dots, temp.path()).into_iter().map(read).collect();
    texts.iter().flat_map(|text| text.lines().map(str::to_owned)).collect()
}

/// The same with the Rust reader.
fn scanned(path: &Path, dots: u32) -> Vec<String> {
    let temp = tempfile::tempdir().unwrap();
    let mut texts = Vec::new();
    for page in pictures(path, dots, temp.path()) {
        let (width, height, grey) = picture(&std::fs::read(page).unwrap());
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
        for grid in prepared.detect_grids() {
            texts.extend(grid.decode().map(|(_, text)| text));
        }
    }
    texts
}

/// Width, height and pixels of a binary PGM.
fn picture(pgm: &[u8]) -> (usize, usize, Vec<u8>) {
    let mut head = Vec::new();
    let mut at = 0;
    while head.len() < 4 {
        let word: Vec<u8> = pgm[at..].iter().copied().take_while(|byte| !byte.is_ascii_whitespace()).collect();
        at += word.len() + 1;
        head.push(String::from_utf8(word).unwrap());
    }
    assert_eq!((head[0].as_str(), head[3].as_str()), ("P5", "255"));
    (head[1].parse().unwrap(), head[2].parse().unwrap(), pgm[at..].to_vec())
}

#[test]
fn both_codes_are_read_off_the_page_and_give_back_all_terms_and_the_seal() {
    let (world, prints) = (World::new(531), Prints::new());
    let phone = world.phone("w-ncg-1");
    let (case, sealed) = signed(&world, &phone, &draft(&world));
    let path = prints.keep("codes", &print(&phone, case, Form::Agreement, Copy::Party));
    let expected = paper_codes(&sealed.bytes).unwrap();
    // As an office scanner does it, and twice as fine; there by both readers. At 150 dots a square is three dots and a bit, where
    // whether the Rust reader finds the grid hangs on where on the page a code stands.
    let read = [(150, scanned_together(&path, 150)), (300, scanned_together(&path, 300)), (300, scanned(&path, 300))];
    for (dots, texts) in read {
        assert!(texts.contains(&expected.seal), "{dots}: {texts:?}");
        assert!(expected.terms.iter().all(|text| texts.contains(text)), "{dots}: {} of {}", texts.len(), expected.terms.len());
        let paper = read_paper(texts.iter().map(String::as_str)).unwrap();
        let bundle = Bundle::read(&sealed.bytes).unwrap();
        assert_eq!((paper.frozen.body(), &paper.seal, paper.bundle), (&bundle.body, &bundle.seal, Some(sealed.bundle)));
    }
}

#[test]
fn a_long_agreement_has_several_large_codes_that_can_all_be_read() {
    let (world, prints) = (World::new(532), Prints::new());
    let phone = world.phone("w-ncg-1");
    let Command::DraftAgreement { dispute, parties, facts, commitments, .. } = draft(&world) else { unreachable!() };
    // Words that don't repeat.
    let terms = (0..3_000u32).filter_map(|n| char::from_u32(0x4e00 + n * 7_919 % 20_000)).collect();
    let long = Command::DraftAgreement { dispute, parties, facts, terms, commitments };
    let (case, sealed) = signed(&world, &phone, &long);
    let path = prints.keep("codes-long", &print(&phone, case, Form::Agreement, Copy::Party));
    let expected = paper_codes(&sealed.bytes).unwrap();
    assert!(expected.terms.len() > 4, "{}", expected.terms.len());
    let texts = scanned_together(&path, 300);
    assert!(expected.terms.iter().all(|text| texts.contains(text)), "{} of {}", texts.len(), expected.terms.len());
    assert!(read_paper(texts.iter().map(String::as_str)).is_ok());
}
