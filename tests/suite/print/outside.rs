//! What other people's tools make of a PDF: its structure, its attachment, its text, its size.

use doorstep_core::print::{EMBEDDED_NAME, extract};

use super::*;

#[test]
fn other_tools_read_the_file_and_take_the_evidence_out_byte_for_byte() {
    let (world, prints) = (World::new(521), Prints::new());
    let (phone, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (case, sealed) = followed_up(&world, &phone, &lead);
    let evidence = file(&phone, &sealed);
    assert!(evidence.windows(sealed.bytes.len()).any(|window| window == sealed.bytes));
    for form in [Form::Agreement, Form::Dossier] {
        let pdf = print(&phone, case, form, Copy::Committee);
        let path = prints.keep(&format!("outside-{}", form.name()), &pdf);
        let said = String::from_utf8(tool("qpdf", &["--check"], &path)).unwrap();
        assert!(said.contains("No syntax or stream encoding errors found"), "{said}");
        let taken = prints.dir.join(format!("taken-{}", form.name()));
        let output = Process::new("pdfdetach").args(["-save", "1", "-o"]).arg(&taken).arg(&path).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(std::fs::read(&taken).unwrap() == evidence, "{}", form.name());
        let listed = String::from_utf8(tool("pdfdetach", &["-list"], &path)).unwrap();
        assert!(listed.contains("1 embedded files") && listed.contains(EMBEDDED_NAME), "{listed}");
        assert_eq!(extract(&pdf), Ok(evidence.as_slice()));
        let holds = |what: &str| pdf.windows(what.len()).any(|window| window == what.as_bytes());
        for what in ["/AFRelationship", "pdfaid:part", "pdfaid:conformance>U", "/OutputIntent"] {
            assert!(holds(what), "{}: {what}", form.name());
        }
        if form == Form::Agreement {
            assert!(pdf.len() <= 300 << 10, "{} bytes", pdf.len());
        }
    }
    // No form of a case carries a file that it does not show.
    for form in [Form::Intake, Form::Notice, Form::Consultations, Form::Performance, Form::FollowUp, Form::Draft] {
        let pdf = print(&phone, case, form, Copy::Party);
        let path = prints.keep(&format!("outside-{}", form.name()), &pdf);
        tool("qpdf", &["--check"], &path);
        assert!(extract(&pdf).is_err());
    }
    let fonts = String::from_utf8(tool("pdffonts", &[], &prints.dir.join("outside-dossier.pdf"))).unwrap();
    for line in fonts.lines().skip(2) {
        let columns: Vec<&str> = line.split_whitespace().rev().collect();
        // … emb sub uni object ID: embedded, a subset, with a map to Unicode.
        assert_eq!(columns.get(2..5), Some(["yes", "yes", "yes"].as_slice()), "{fonts}");
    }
}
