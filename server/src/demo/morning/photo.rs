//! A photo of the dripping tap: taken without a network, sent after the case, looked at by the lead. The picture is drawn,
//! and the place in it is filler.

use doorstep_core::device::{Attaching, Link};
use doorstep_core::id::DocId;
use serde::Serialize;

use super::{LEAD, WORKER};
use crate::demo::cast::World;
use crate::words::Said;

/// As a camera would give it, with the place where it was taken.
const PHOTO: &[u8] = include_bytes!("../../../assets/tap.jpg");
/// The small picture that the app made of it.
const SMALL: &[u8] = include_bytes!("../../../assets/tap-small.jpg");
/// What in the file tells the place: the tag of EXIF's GPS block, as this camera writes numbers.
const PLACE: &[u8] = &[0x88, 0x25];

/// What became of it, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Photo {
    /// Bytes of the photo as it was taken, and as it is kept.
    taken: u64,
    kept: u64,
    /// Whether the lead saw the case before the photo was on the server.
    case_first: bool,
    /// Whether what the lead got is what the worker's phone keeps, and tells no place.
    arrived: bool,
}

/// Takes it, sends it, fetches it.
pub(super) fn photo(world: &mut World, case: DocId) -> Result<Photo, Said> {
    let caption = world.pick("院内水龙头", "the tap in the yard");
    let attaching = Attaching { caption, keep_metadata: false, preview: Some(SMALL) };
    world.device(WORKER)?.attach(case, &mut &PHOTO[..], &attaching).map_err(|error| world.unexpected(WORKER, &error))?;
    world.tell(WORKER, world.pick("拍照附上（离线）", "takes a photo of it (offline)"));
    world.meet(&[WORKER, LEAD])?;
    let seen = world.device(LEAD)?.attachments(case).map_err(|error| world.unexpected(LEAD, &error))?;
    let one = seen.first().ok_or_else(|| Said::new("事项里没有照片", "the case names no photo"))?;
    let case_first = !one.here;
    world.beside(world.pick(
        "事项先到，照片还在手机里；拍摄位置已清除",
        "the case is there first, the photo still on the phone; where it was taken is gone from it",
    ));
    let transport = world.transport()?;
    let sent = world.device(WORKER)?.sync_attachments(&transport, Link::Unmetered);
    let sent = sent.map_err(|error| world.unexpected(WORKER, &error))?;
    world.beside(&match world.lang() {
        doorstep_core::words::Lang::Zh => format!("照片随后上传：{} 个文件，小图在前", sent.stored),
        doorstep_core::words::Lang::En => format!("then the photo goes up: {} files, the small picture first", sent.stored),
    });
    let lead = world.device(LEAD)?;
    for digest in one.preview.iter().chain([&one.digest]) {
        lead.fetch_attachment(&transport, case, digest).map_err(|error| world.unexpected(LEAD, &error))?;
    }
    let mut bytes = [Vec::new(), Vec::new()];
    for (id, bytes) in [WORKER, LEAD].into_iter().zip(&mut bytes) {
        let read = world.device(id)?.attachment_bytes(&one.digest, &mut |chunk| {
            bytes.extend_from_slice(chunk);
            Ok(())
        });
        read.map_err(|error| world.unexpected(id, &error))?;
    }
    let [kept, arrived] = bytes;
    world.tell(LEAD, world.pick("查看照片，摘要已核对", "looks at the photo; its digest is right"));
    let arrived = kept == arrived && !tells_place(&arrived) && tells_place(PHOTO);
    Ok(Photo { taken: PHOTO.len() as u64, kept: kept.len() as u64, case_first, arrived })
}

fn tells_place(bytes: &[u8]) -> bool {
    bytes.windows(PLACE.len()).take(1_024).any(|window| window == PLACE)
}
