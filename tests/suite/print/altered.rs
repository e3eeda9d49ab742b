//! A PDF that somebody changed: what carries the evidence is found out, whatever byte it was.

use doorstep_core::agreement::verify;
use doorstep_core::print::{ExtractError, agreement, extract};

use super::*;

#[test]
fn an_altered_pdf_is_found_out_wherever_it_was_altered() {
    let world = World::new(541);
    let phone = world.phone("w-ncg-1");
    let (case, sealed) = signed(&world, &phone, &draft(&world));
    let pdf = print(&phone, case, Form::Agreement, Copy::Party);
    let evidence = file(&phone, &sealed);
    let begin = pdf.windows(64).position(|window| window == &evidence[..64]).unwrap();
    let carried = begin..begin + evidence.len();
    let mut caught = 0;
    for at in carried.clone().step_by(61) {
        let mut altered = pdf.clone();
        altered[at] ^= 1;
        assert!(!verify(extract(&altered).unwrap()).holds(), "{at}");
        caught += 1;
    }
    assert!(caught > 100);
    // Elsewhere: the file that it carries is whole, but the pages are no longer those that it prints.
    for at in (0..pdf.len()).filter(|at| !carried.contains(at)).step_by(997) {
        let mut altered = pdf.clone();
        altered[at] ^= 1;
        let again = extract(&altered).and_then(|file| agreement(file, Copy::Party, paper()).map_err(|_| ExtractError::NoFile));
        assert!(again.is_err() || again.is_ok_and(|again| again != altered), "{at}");
    }
    for end in (0..pdf.len()).step_by(509) {
        assert!(extract(&pdf[..end]).is_err() || end > carried.end, "cut off at {end}");
    }
    let doubled = [pdf.as_slice(), &pdf[5..]].concat();
    assert_eq!(extract(&doubled), Err(ExtractError::TwoFiles));
}
