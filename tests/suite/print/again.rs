//! The same input, the same bytes: that is what makes a paper checkable by printing it again.

use std::sync::Arc;

use doorstep_core::print::agreement;

use super::*;

#[test]
fn the_same_case_prints_to_the_same_bytes_on_other_fonts_objects_and_other_phones() {
    let world = World::new(511);
    let (phone, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (case, sealed) = followed_up(&world, &phone, &lead);
    phone.settle();
    lead.settle();
    lead.device().fetch_bundle(lead.network.as_ref(), &sealed.bundle).unwrap();
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/fonts").join(name);
        std::fs::read(path).unwrap()
    };
    let fresh = Fonts::new(Arc::new(read("NotoSerifCJKsc.otf")), Arc::new(read("NotoSansCJKsc-Bold.otf"))).unwrap();
    for form in Form::ALL {
        let one = print(&phone, case, form, Copy::Committee);
        assert!(one == phone.device().print(case, form, Copy::Committee, &fresh).unwrap(), "{} again", form.name());
        assert!(one == print(&lead, case, form, Copy::Committee), "{} on the lead's phone", form.name());
        assert!(one != print(&phone, case, form, Copy::Party) || form == Form::Draft, "{}: the copies differ", form.name());
    }
    // The agreement's own paper knows no clock at all: months later it is still the same.
    let today = print(&phone, case, Form::Agreement, Copy::Party);
    world.days(10);
    assert!(today == print(&phone, case, Form::Agreement, Copy::Party));
    assert!(today == agreement(&file(&phone, &sealed), Copy::Party, paper()).unwrap(), "nor a case: the file is enough");
}

#[test]
fn agreements_of_the_first_releases_can_be_printed() {
    for release in ["v0.1.0", "v0.2.0"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(release).join("agreement.bundle");
        let bundle = std::fs::read(path).unwrap();
        let prints = Prints::new();
        let pages = words(&prints.keep(release, &agreement(&bundle, Copy::Party, paper()).unwrap()));
        assert!(pages[0].starts_with("人民调解协议书"), "{}", pages[0]);
    }
}
