//! The crates that one would use instead, each in its fastest form, timed by the same harness.
//!
//! No part of any strategy. Must never be tuned down: presized, with the fastest fixed hasher.

use std::path::Path;

use foldhash::fast::FixedState;
use hashbrown::hash_table::Entry;
use hashbrown::{HashSet, HashTable};
use roaring::RoaringBitmap;

use super::super::hash;
use super::super::list::Family;
use super::super::sizing::Sizing;
use super::super::trial::Workload;
use super::super::{Admission, Arrival, Dedup, DedupError, Loss, Memory, Recognises, Theory};
use super::peer_stores;
use super::speed::{Speed, through};

/// Builds a crate's structure; a store's files are in the directory.
type Open = fn(&Sizing, &Path) -> Result<Box<dyn Dedup>, DedupError>;

/// A crate beside which a strategy is measured.
#[derive(Debug)]
pub struct Peer {
    /// The crate.
    pub name: &'static str,
    /// What of it, in which form.
    pub doc: &'static str,
    /// The family of strategies that it stands beside.
    pub family: Family,
    open: Open,
}

/// What was measured of one crate.
#[derive(Clone, PartialEq, Debug)]
pub struct PeerSpeed {
    /// The crate.
    pub name: &'static str,
    /// The version that this program was built with.
    pub version: String,
    /// What of it, in which form.
    pub doc: &'static str,
    /// The family of strategies that it stands beside.
    pub family: Family,
    /// Distinct keys that it got.
    pub keys: u64,
    /// As for a strategy.
    pub speed: Speed,
}

/// Measures a crate. One with files works in a new directory under `place`, which is removed afterwards.
///
/// # Errors
/// Whatever the crate reports.
pub fn measure_peer(
    peer: &Peer,
    sizing: &Sizing,
    workload: &Workload,
    commit_every: u64,
    place: &Path,
) -> Result<PeerSpeed, DedupError> {
    let directory = place.join(format!("peer-{}", peer.name));
    std::fs::create_dir_all(&directory)?;
    let mut dedup = (peer.open)(sizing, &directory)?;
    let speed = through(&mut *dedup, workload, commit_every)?;
    drop(dedup);
    std::fs::remove_dir_all(&directory)?;
    let version = version_of(peer.name);
    let (keys, family) = (workload.keys, peer.family);
    Ok(PeerSpeed { name: peer.name, version, doc: peer.doc, family, keys, speed })
}

/// The version of a crate that this program was built with, from the lock file; of the standard library,
/// the oldest toolchain that builds this program.
pub fn version_of(name: &str) -> String {
    if name == "std" {
        return env!("CARGO_PKG_RUST_VERSION").to_string();
    }
    let wanted = format!("name = \"{name}\"");
    let mut lines = include_str!("../../../Cargo.lock").lines();
    let mut newest = String::new();
    while let Some(line) = lines.next() {
        if line == wanted {
            let version = lines.next().and_then(|line| line.split('"').nth(1)).unwrap_or_default();
            newest = version.to_string();
        }
    }
    newest
}

/// Every crate.
pub const PEERS: &[Peer] = &[
    Peer {
        name: "std",
        doc: "HashSet<u128>, SipHash, presized",
        family: Family::Keys,
        open: |sizing, _| std_set(sizing),
    },
    Peer {
        name: "hashbrown",
        doc: "HashSet<u128>, foldhash, presized",
        family: Family::Keys,
        open: |sizing, _| {
            let hasher = FixedState::with_seed(1);
            let set: HashSet<u128, FixedState> =
                HashSet::with_capacity_and_hasher(sizing.keys as usize, hasher);
            Ok(crate_peer(
                set,
                |set, arrival| !set.insert(arrival.key),
                |set| set.allocation_size() as u64,
            ))
        },
    },
    Peer {
        name: "hashbrown",
        doc: "HashTable<u64> of fingerprints, presized",
        family: Family::Keys,
        open: |sizing, _| {
            let table: HashTable<u64> = HashTable::with_capacity(sizing.keys as usize);
            Ok(crate_peer(table, fingerprint_seen, |table| table.allocation_size() as u64))
        },
    },
    Peer {
        name: "lru",
        doc: "LruCache<u128, ()>, foldhash, as large as all keys",
        family: Family::Keys,
        open: |sizing, _| {
            let room = std::num::NonZeroUsize::new(sizing.keys.max(1) as usize)
                .ok_or_else(|| DedupError::Sizing("no keys".into()))?;
            let cache = lru::LruCache::with_hasher(room, FixedState::with_seed(1));
            let seen = |cache: &mut lru::LruCache<u128, (), FixedState>, arrival: &Arrival| {
                cache.put(arrival.key, ()).is_some()
            };
            Ok(crate_peer(cache, seen, |cache| {
                cache.len() as u64 * 48 + cache.cap().get() as u64 * 20
            }))
        },
    },
    Peer {
        name: "fastbloom",
        doc: "BloomFilter at the same rate of false positives, prehashed",
        family: Family::Filters,
        open: |sizing, _| {
            let filter = fastbloom::BloomFilter::with_false_pos(1.0 / sizing.one_in as f64)
                .seed(&1)
                .expected_items(sizing.keys.max(1) as usize);
            let seen = |filter: &mut fastbloom::BloomFilter, arrival: &Arrival| {
                filter.insert_hash(hash::of_key(arrival.key))
            };
            Ok(crate_peer(filter, seen, |filter| filter.num_bits() as u64 / 8))
        },
    },
    Peer {
        name: "qfilter",
        doc: "Filter at the same rate of false positives, prehashed",
        family: Family::Filters,
        open: |sizing, _| {
            let filter = qfilter::Filter::new(sizing.keys.max(1), 1.0 / sizing.one_in as f64)
                .map_err(|error| DedupError::Sizing(error.to_string()))?;
            let seen = |filter: &mut qfilter::Filter, arrival: &Arrival| {
                matches!(filter.insert_fingerprint(false, hash::of_key(arrival.key)), Ok(false))
            };
            Ok(crate_peer(filter, seen, |filter| filter.memory_usage() as u64))
        },
    },
    Peer {
        name: "roaring",
        doc: "Vec<RoaringBitmap>, one for each producer",
        family: Family::Sequences,
        open: |sizing, _| {
            let maps = vec![RoaringBitmap::new(); sizing.producers as usize];
            let seen = |maps: &mut Vec<RoaringBitmap>, arrival: &Arrival| {
                !maps[arrival.producer as usize].insert(arrival.sequence as u32)
            };
            Ok(crate_peer(maps, seen, |maps| {
                maps.iter().map(|map| map.serialized_size() as u64).sum()
            }))
        },
    },
    Peer {
        name: "redb",
        doc: "insert or check, and a position, in one transaction for each commit",
        family: Family::Stores,
        open: |_, directory| peer_stores::redb(directory),
    },
    #[cfg(feature = "peers")]
    Peer {
        name: "fjall",
        doc: "insert or check, and a position, in one batch for each commit, synced",
        family: Family::Stores,
        open: |_, directory| peer_stores::fjall(directory),
    },
    #[cfg(feature = "peers")]
    Peer {
        name: "canopydb",
        doc: "insert or check, and a position, in one transaction for each commit, synced",
        family: Family::Stores,
        open: |_, directory| peer_stores::canopydb(directory),
    },
];

fn fingerprint_seen(table: &mut HashTable<u64>, arrival: &Arrival) -> bool {
    let hash = hash::of_key(arrival.key);
    match table.entry(hash, |held| *held == hash, |held| *held) {
        Entry::Occupied(_) => true,
        Entry::Vacant(place) => {
            place.insert(hash);
            false
        }
    }
}

#[allow(clippy::disallowed_types, reason = "measured as a peer; nothing iterates it")]
fn std_set(sizing: &Sizing) -> Result<Box<dyn Dedup>, DedupError> {
    type Hasher = std::hash::BuildHasherDefault<std::hash::DefaultHasher>;
    let room = sizing.keys as usize;
    let set =
        std::collections::HashSet::<u128, Hasher>::with_capacity_and_hasher(room, Hasher::new());
    Ok(crate_peer(
        set,
        |set, arrival| !set.insert(arrival.key),
        |set| (set.capacity() as u64 * 8 / 7).next_power_of_two() * 17,
    ))
}

/// A structure with the two questions that are asked of it.
struct CratePeer<S, F, B> {
    structure: S,
    seen: F,
    bytes: B,
}

fn crate_peer<S: 'static>(
    structure: S,
    seen: impl Fn(&mut S, &Arrival) -> bool + 'static,
    bytes: impl Fn(&S) -> u64 + 'static,
) -> Box<dyn Dedup> {
    Box::new(CratePeer { structure, seen, bytes })
}

impl<S, F: Fn(&mut S, &Arrival) -> bool, B: Fn(&S) -> u64> Dedup for CratePeer<S, F, B> {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        let seen = (self.seen)(&mut self.structure, arrival);
        Ok(if seen { Admission::Skip } else { Admission::Process })
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        Err(DedupError::Store("a peer is not made to fail".into()))
    }

    fn memory(&self) -> Memory {
        Memory::Volatile
    }

    fn bytes(&self) -> u64 {
        (self.bytes)(&self.structure)
    }

    fn theory(&self) -> Theory {
        Theory::exact(Recognises::Keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload() -> Workload {
        Workload {
            keys: 2_000,
            duplicates: "0.1".parse().unwrap(),
            distance: "near".parse().unwrap(),
            producers: 10,
            delayed_by: 0,
            seed: 3,
        }
    }

    #[test]
    fn every_peer_works_and_has_a_version() {
        let place = std::env::temp_dir().join(format!("brokerproof-peers-{}", std::process::id()));
        let sizing = Sizing { keys: 2_000, producers: 10, ..Sizing::default() };
        for peer in PEERS {
            let measured = measure_peer(peer, &sizing, &workload(), 500, &place).unwrap();
            assert!(measured.speed.messages_per_second > 0.0, "{}", peer.name);
            assert!(measured.version.contains('.'), "{} {}", peer.name, measured.version);
            let bytes = measured.speed.memory_per_key + measured.speed.disk_per_key;
            assert!(bytes > 0.0, "{}", peer.name);
        }
        std::fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn every_peer_in_memory_tells_duplicates() {
        for peer in PEERS.iter().filter(|peer| peer.family != Family::Stores) {
            let sizing = Sizing { keys: 100, producers: 1, ..Sizing::default() };
            let mut dedup = (peer.open)(&sizing, Path::new(".")).unwrap();
            let arrival = Arrival { key: 9, sequence: 3, ..Arrival::default() };
            assert_eq!(dedup.admit(&arrival), Ok(Admission::Process), "{}", peer.doc);
            assert_eq!(dedup.admit(&arrival), Ok(Admission::Skip), "{}", peer.doc);
        }
    }
}
