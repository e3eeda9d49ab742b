//! What a camera puts into a picture does not leave the phone, unless the worker says so.

use doorstep_core::device::{Attaching, Link};
use doorstep_tests::{World, scenes};

use super::{bytes, carry, digest, done, fetch};

/// A JPEG as a phone takes it: on its side, with a place, and a film behind its end.
fn photo() -> Vec<u8> {
    let segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    };
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
    exif.extend(b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0GPS 30.27N 120.16E");
    [
        vec![0xff, 0xd8],
        segment(0xe1, &exif),
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x GPS='30.27N'/>"),
        segment(0xdb, &[1; 65]),
        segment(0xc0, b"\x08\0\x10\0\x10\x01\x01\x11\0"),
        segment(0xc4, &[2; 20]),
        segment(0xda, b"\x01\x01\0\0\x3f\0"),
        vec![0x12, 0xff, 0x00, 0x34],
        vec![0xff, 0xd9],
        b"GPS film".to_vec(),
    ]
    .concat()
}

fn tells_the_place(bytes: &[u8]) -> bool {
    bytes.windows(3).any(|window| window == b"GPS")
}

#[test]
fn a_photo_arrives_without_its_place_and_the_right_way_up() {
    let world = World::new(1);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    assert!(tells_the_place(&photo()));
    worker.device().attach(case, &mut photo().as_slice(), &Attaching::default()).unwrap();
    let name = worker.device().attachments(case).unwrap()[0].digest;
    assert!(!tells_the_place(&bytes(&worker, &name).unwrap()), "not even on the worker's own phone");
    worker.settle();
    done(&carry(&worker));
    lead.settle();
    done(&fetch(&lead, case, &name));
    let arrived = bytes(&lead, &name).unwrap();
    assert!(!tells_the_place(&arrived));
    assert_eq!(digest(&arrived), name);
    let orientation = b"\x01\x12\0\x03\0\0\0\x01\0\x06";
    assert!(arrived.windows(orientation.len()).any(|window| window == orientation), "it still lies on its side");
}

#[test]
fn what_the_worker_keeps_on_purpose_stays() {
    let world = World::new(2);
    let worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    let kept = Attaching { caption: "位置有用", keep_metadata: true, preview: None };
    worker.device().attach(case, &mut photo().as_slice(), &kept).unwrap();
    let name = worker.device().attachments(case).unwrap()[0].digest;
    assert_eq!(bytes(&worker, &name), Some(photo()));
}

#[test]
fn a_preview_is_an_attachment_of_its_own_that_goes_and_comes_first_and_tells_no_place_either() {
    let world = World::new(3);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    let mut large = photo();
    large.splice(large.len() - 10..large.len() - 10, vec![0x11; 100_000]);
    let with = Attaching { caption: "现场", keep_metadata: true, preview: Some(&photo()) };
    worker.device().attach(case, &mut large.as_slice(), &with).unwrap();
    let shown = worker.device().attachments(case).unwrap().remove(0);
    let preview = shown.preview.unwrap();
    worker.settle();
    assert_eq!(worker.pending().attachments.waiting, 2);
    // Over a metered link the preview goes alone.
    let report = worker.device().sync_attachments(worker.network.as_ref(), Link::Metered).unwrap();
    assert_eq!((report.stored, worker.pending().attachments.waiting), (1, 1));
    lead.settle();
    assert_eq!(fetch(&lead, case, &shown.digest).refused, [(shown.digest, "attachment_absent".to_owned())]);
    done(&fetch(&lead, case, &preview));
    assert!(!tells_the_place(&bytes(&lead, &preview).unwrap()));
    // What is no small JPEG is no preview, and then nothing is attached.
    for (wrong, code) in [(&b"\x89PNG\r\n\x1a\n"[..], "attachment_type"), (b"\xff\xd8\xff\xe0", "attachment_damaged")] {
        let with = Attaching { preview: Some(wrong), ..Attaching::default() };
        assert_eq!(worker.device().attach(case, &mut photo().as_slice(), &with).unwrap_err().code(), code);
    }
    assert_eq!(worker.device().attachments(case).unwrap().len(), 1);
}
