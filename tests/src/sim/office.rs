//! What the office does: to somebody's posts, to a device, to the directory. By the server's own store, as its
//! administrator's commands do.

use doorstep_core::directory::Directory;
use doorstep_core::environment::Clock as _;
use doorstep_core::id::{DeviceId, PersonId};
use doorstep_core::people::{Post, Role};

use super::cast::GRIDS;
use super::plan::Office;
use crate::clock::WorldClock;
use crate::server::Server;

/// Does it, if the server is up. Whether anything came of it.
pub fn act(server: &Server, clock: &WorldClock, person: &PersonId, device: DeviceId, what: Office) -> bool {
    if server.address().is_none() {
        return false;
    }
    let (store, now) = (server.store(), clock.now());
    if what == Office::Revoke {
        return store.revoke_device(device, now).expect("the device is there");
    }
    let before = store.directory().expect("a directory");
    let mut directory: Directory = (*before).clone();
    if what == Office::Rename {
        directory.name.push('甲');
    }
    if let Some(found) = directory.people.iter_mut().find(|one| one.id == *person) {
        match what {
            Office::Move(grid) => {
                let (community, grid) = GRIDS[grid % GRIDS.len()];
                let slug = "a slug of the sample";
                let is_worker = |post: &Post| post.role == Role::GridWorker && post.ended.is_none();
                for post in found.posts.iter_mut().filter(|post| is_worker(post)) {
                    post.org = community.parse().expect(slug);
                    post.grids = vec![grid.parse().expect(slug)];
                }
            }
            Office::End => found.posts.iter_mut().for_each(|post| post.ended = Some(now)),
            Office::Reinstate => found.posts.iter_mut().for_each(|post| post.ended = None),
            Office::Rename | Office::Revoke => {}
        }
    }
    if directory == *before {
        return false;
    }
    store.put_directory(directory, now).expect("the directory is stored");
    true
}

impl Office {
    /// What the tally calls it.
    pub const fn fault(self) -> &'static str {
        match self {
            Self::Move(_) => "post moved",
            Self::End => "posts ended",
            Self::Reinstate => "posts given back",
            Self::Revoke => "device revoked",
            Self::Rename => "directory changed",
        }
    }
}
