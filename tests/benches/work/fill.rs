//! The workload: cases with a report and thirty notes by three people, through the server's own ingest.

use std::collections::BTreeMap;

use doorstep_core::case::{Body, Channel, Entry, Event, Noted, Reported, Reporter};
use doorstep_core::document::{Document, Writing};
use doorstep_core::id::{ActorId, DocId, DocKind, PersonId};
use doorstep_core::people::Place;
use doorstep_core::sync::wire::{PushRequest, PushedChange, VERSION, Verdict};
use doorstep_core::time::{Hlc, Stamp, Timestamp};
use doorstep_server::ingest::{self, Pusher};
use doorstep_server::store::Store;

/// Changes of a case beside its report.
pub(crate) const NOTES: usize = 30;
/// Cases made at once: what the generator holds in memory.
const CHUNK: usize = 250;

/// splitmix64: the same workload every time.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed ^ 0xC0FF_EE00)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        bytes
    }
}

const SYLLABLES: [&str; 24] = [
    "ba", "ko", "mi", "tu", "ren", "sal", "dor", "vi", "pe", "lan", "gos", "ti", "ma", "chu", "ze", "fir", "ol", "an", "que",
    "sto", "bri", "na", "lu", "he",
];

/// So many words of one to three syllables, as in the peers' workload.
pub(crate) fn words(rng: &mut Rng, n: usize) -> String {
    let word = |rng: &mut Rng| (0..=rng.below(3)).map(|_| SYLLABLES[rng.below(24)]).collect::<String>();
    (0..n).map(|_| word(rng)).collect::<Vec<_>>().join(" ")
}

/// Fills the server with so many cases, written by these devices' people in turn.
pub(crate) fn fill(store: &Store, pushers: &[Pusher; 3], size: usize) {
    let mut done = 0;
    while done < size {
        let chunk = CHUNK.min(size - done);
        // Every change of the chunk, by how far along its case it is, so that what it builds on is there before it.
        let mut by_step: BTreeMap<usize, [Vec<PushedChange>; 3]> = BTreeMap::new();
        for n in done..done + chunk {
            for (step, who, change) in case(n as u64, pushers) {
                by_step.entry(step).or_default()[who].push(change);
            }
        }
        for (_, by_device) in by_step {
            for (pusher, changes) in pushers.iter().zip(by_device) {
                if changes.is_empty() {
                    continue;
                }
                let request = PushRequest { version: VERSION, changes, bundles: Vec::new() };
                let answer = ingest::push(store, pusher, &request, Timestamp(1_790_000_000_000)).expect("push");
                let refused = answer.verdicts.iter().find(|one| !matches!(one.verdict, Verdict::Stored { .. }));
                assert!(refused.is_none(), "the workload is refused: {refused:?}");
            }
        }
        done += chunk;
        eprint!("\r  filling the server: {done} of {size} cases");
    }
    eprintln!();
}

/// One case's changes: step, whose, change.
fn case(n: u64, pushers: &[Pusher; 3]) -> Vec<(usize, usize, PushedChange)> {
    let mut rng = Rng::of(n << 20);
    let doc = DocId::from_bytes(rng.bytes());
    let actors: [ActorId; 3] = std::array::from_fn(|_| ActorId::from_bytes(rng.bytes()));
    let mut hlc = Hlc(0);
    let mut wall = 1_750_000_000_000 + rng.below(10_000_000_000) as i64;
    let mut entry = |rng: &mut Rng, author: &PersonId, event: Event| {
        wall += rng.below(3_000_000) as i64;
        hlc = hlc.next(Timestamp(wall));
        Entry { stamp: Stamp { time: hlc, node: 7 }, author: author.clone(), body: Body::Event(event) }
    };
    let place = Place {
        community: "nanchenggen".parse().expect("slug"),
        grid: "ncg-1".parse().expect("slug"),
        building: Some("ncg-1-a".parse().expect("slug")),
        detail: format!("street-{}", rng.below(200)),
    };
    let report = Reported {
        channel: Channel::Phone,
        reporter: Some(Reporter { name: words(&mut rng, 2), phone: String::new() }),
        title: words(&mut rng, 6),
        place,
        category: "其他".into(),
        account: words(&mut rng, 110),
        visit: None,
    };
    let first = entry(&mut rng, &pushers[0].person, report.into());
    let pushed = |change: doorstep_core::document::NewChange| PushedChange {
        doc,
        kind: DocKind::Case,
        hash: change.hash,
        bytes: change.bytes.into(),
    };
    let (mut document, change) =
        Document::create(doc, DocKind::Case, actors[0], &Writing::entries(vec![first])).expect("create");
    let mut changes = vec![(0, 0, pushed(change))];
    for step in 1..=NOTES {
        let who = rng.below(3);
        let text = words(&mut rng, 9);
        let note = entry(&mut rng, &pushers[who].person, Noted { text }.into());
        let (next, change) = document.write(actors[who], &Writing::entries(vec![note])).expect("write");
        document = next;
        changes.push((step, who, pushed(change)));
    }
    changes
}
