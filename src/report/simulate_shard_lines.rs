//! The lines of a shard's file one after the other: each with a checksum that covers all lines before it.

use crate::report::simulate_shard::{Block, Header};
use crate::report::text::count;
use crate::simulate::{Seeds, Summary};

/// Between a line's body and its checksum.
const CHECK: &str = ",\"check\":\"";
/// Behind the checksum.
const END: &str = "\"}";

/// The checksum of the lines so far: FNV-1a, 64 bits. It tells damage and changes by hand, and protects against
/// nobody who means it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chain(u64);

impl Default for Chain {
    fn default() -> Chain {
        Chain(0xcbf2_9ce4_8422_2325)
    }
}

impl Chain {
    /// The chain behind a text.
    #[must_use]
    pub fn with(self, text: &str) -> Chain {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Chain(text.bytes().fold(self.0, step))
    }

    /// Its 16 digits.
    pub fn digits(self) -> String {
        format!("{:016x}", self.0)
    }

    /// A line of its own, line break included, from the JSON object that it says.
    pub fn seal(&mut self, body: &str) -> String {
        *self = self.with(body);
        let open = body.strip_suffix('}').expect("an object");
        format!("{open}{CHECK}{}{END}\n", self.digits())
    }

    /// The JSON object that a line says, and whether its checksum is right; none if it has no checksum.
    fn unseal(&mut self, line: &str) -> Option<(String, bool)> {
        let (open, rest) = line.rsplit_once(CHECK)?;
        let body = format!("{open}}}");
        *self = self.with(&body);
        Some((body, rest.strip_suffix(END)? == self.digits()))
    }
}

/// What is wrong with a line, for people.
fn at(line: u64, what: &str) -> String {
    format!("line {line}: {what}")
}

const ALTERED: &str = "its checksum is wrong: this line, or one before it, was changed or damaged";

/// What the blocks of a file say together, and where to go on.
#[derive(Clone, Debug)]
pub struct Told {
    /// The sum over its runs; how many these are says how far the shard is.
    pub sum: Summary,
    /// The chain behind its last whole line.
    pub chain: Chain,
    /// The bytes of its whole lines. What follows was cut off while it was written, and tells nothing.
    pub length: usize,
}

/// A shard's file behind its header.
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    bytes: &'t [u8],
    /// Bytes that were read.
    length: usize,
    /// Lines that were read.
    number: u64,
    chain: Chain,
}

impl<'t> Lines<'t> {
    /// Reads the header of a file.
    ///
    /// # Errors
    /// Why this is no file of a shard, or none that this version reads; with the line.
    pub fn begin(bytes: &'t [u8]) -> Result<(Header, Lines<'t>), String> {
        let mut lines = Lines { bytes, length: 0, number: 0, chain: Chain::default() };
        let foreign = || at(1, "it does not begin as the file of a shard does");
        let line = lines.next().ok_or_else(foreign)?;
        let line = std::str::from_utf8(line).map_err(|_| foreign())?;
        // First of all: other versions may write other lines.
        Header::known(line).map_err(|what| at(1, &what))?;
        let (body, right) = lines.chain.unseal(line).ok_or_else(foreign)?;
        if !right {
            return Err(at(1, ALTERED));
        }
        let header = Header::parse(&body).map_err(|what| at(1, &what))?;
        Ok((header, lines))
    }

    /// Reads the blocks: those of the shard's seeds, each behind the other.
    ///
    /// # Errors
    /// The first line that does not belong there.
    pub fn blocks(mut self, seeds: Seeds) -> Result<Told, String> {
        let mut sum = Summary::default();
        while let Some(line) = self.next() {
            let number = self.number;
            let block = self.block(line, sum.runs, seeds).and_then(|block| block.summary());
            sum.merge(&block.map_err(|what| at(number, &what))?);
        }
        let rest = &self.bytes[self.length..];
        if !could_be_cut_off(rest, sum.runs, seeds) {
            return Err(at(
                self.number + 1,
                "it is no line of this shard, and not the beginning of one",
            ));
        }
        Ok(Told { sum, chain: self.chain, length: self.length })
    }

    /// The next whole line, without its line break.
    fn next(&mut self) -> Option<&'t [u8]> {
        let rest = &self.bytes[self.length..];
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        self.length += end + 1;
        self.number += 1;
        Some(&rest[..end])
    }

    /// A line of a block that follows so many runs.
    fn block(&mut self, line: &[u8], done: u64, seeds: Seeds) -> Result<Block, String> {
        let line = std::str::from_utf8(line).map_err(|_| "it is no text".to_owned())?;
        let none = || "it has no checksum, and so is no line of a shard".to_owned();
        let (body, right) = self.chain.unseal(line).ok_or_else(none)?;
        let block = Block::parse(&body)?;
        let all = seeds.count();
        if block.place() != done {
            return Err(format!(
                "it tells of runs from place {} on, where place {done} comes next: a line is missing, doubled, \
                 or in another order",
                block.place()
            ));
        }
        if block.runs() == 0 || block.runs() > all - done {
            let (more, all) = (count(block.runs(), "run"), count(all, "seed"));
            return Err(format!(
                "it tells of {more} from place {done} on, but the shard has {all}"
            ));
        }
        let seed = seeds.at(done);
        if block.seed() != seed {
            return Err(format!("its first seed is {}, where {seed} comes next", block.seed()));
        }
        if right { Ok(block) } else { Err(ALTERED.to_owned()) }
    }
}

/// Whether bytes without a line break may be what is left of the block's line that comes next. A machine that
/// goes down may leave zeros where it had not yet written.
fn could_be_cut_off(bytes: &[u8], done: u64, seeds: Seeds) -> bool {
    let written = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let begin = Block::begin(done, seeds.at(done));
    let both = written.min(begin.len());
    bytes[..both] == begin.as_bytes()[..both] && (bytes.is_empty() || done < seeds.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEDS: Seeds = Seeds { first: 5, end: 100, stride: 10 };

    /// The lines of a shard of ten runs with these blocks: their places, first seeds and runs.
    fn file(blocks: &[(u64, u64, u64)]) -> Vec<String> {
        let mut chain = Chain::default();
        let header = Header::new("s", "text", vec!["simulate".to_owned()], 1, 10);
        let mut lines = vec![header.line(&mut chain)];
        for &(place, seed, runs) in blocks {
            let summary = Summary { runs, steps: runs * 7, ..Summary::default() };
            lines.push(Block::of(&summary, place, seed).line(&mut chain));
        }
        lines
    }

    fn read(text: &[u8]) -> Result<Told, String> {
        let (header, lines) = Lines::begin(text)?;
        assert_eq!((header.shard, header.of), (1, 10));
        lines.blocks(SEEDS)
    }

    #[track_caller]
    fn refused(lines: &[String], because: &str) {
        let problem = read(lines.concat().as_bytes()).expect_err(because);
        assert!(problem.contains(because), "{problem}");
    }

    #[test]
    fn blocks_of_any_size_are_added() {
        for blocks in
            [&[][..], &[(0, 5, 10)], &[(0, 5, 1), (1, 15, 2), (3, 35, 7)], &[(0, 5, 4), (4, 45, 4)]]
        {
            let told = read(file(blocks).concat().as_bytes()).expect("a file");
            let runs: u64 = blocks.iter().map(|block| block.2).sum();
            assert_eq!((told.sum.runs, told.sum.steps), (runs, runs * 7));
        }
    }

    #[test]
    fn lines_that_do_not_follow_are_refused() {
        let good = file(&[(0, 5, 4), (4, 45, 4), (8, 85, 2)]);
        let order = |places: &[usize]| -> Vec<String> {
            places.iter().map(|&place| good[place].clone()).collect()
        };
        assert!(read(order(&[0, 1, 2, 3]).concat().as_bytes()).is_ok());
        refused(&order(&[0, 1, 1, 2]), "line 3: it tells of runs from place 0 on, where place 4");
        refused(&order(&[0, 2, 1, 3]), "line 2: it tells of runs from place 4 on, where place 0");
        refused(&order(&[0, 1, 3]), "line 3: it tells of runs from place 8 on, where place 4");
        refused(
            &order(&[0, 1, 2, 3, 3]),
            "line 5: it tells of runs from place 8 on, where place 10",
        );
        refused(&order(&[1]), "line 1");
        refused(
            &file(&[(0, 5, 11)]),
            "line 2: it tells of 11 runs from place 0 on, but the shard has 10",
        );
        refused(&file(&[(0, 5, 10), (10, 105, 1)]), "line 3: it tells of 1 run from place 10 on");
        refused(&file(&[(0, 5, 0)]), "line 2: it tells of 0 runs");
        refused(&file(&[(0, 6, 4)]), "line 2: its first seed is 6, where 5 comes next");
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let lines = file(&[(0, 5, 4), (4, 45, 6)]);
        let text = lines.concat().into_bytes();
        // Without its line break the last line counts as cut off.
        for place in 0..text.len() - 1 {
            let mut changed = text.clone();
            changed[place] ^= 1;
            assert!(read(&changed).is_err(), "byte {place}: {}", String::from_utf8_lossy(&changed));
        }
        // A whole line by another hand: as long, with its own checksum, but not of this chain.
        let other = file(&[(0, 5, 5), (5, 55, 5)]);
        refused(&[lines[0].clone(), other[1].clone(), lines[2].clone()], "line 3");
        let mut alone = Chain::default();
        let summary = Summary { runs: 6, ..Summary::default() };
        let alone = Block::of(&summary, 4, 45).line(&mut alone);
        refused(&[lines[0].clone(), lines[1].clone(), alone], "line 3: its checksum is wrong");
    }

    #[test]
    fn what_was_cut_off_is_told_from_what_is_not_ours() {
        let lines = file(&[(0, 5, 4), (4, 45, 6)]);
        let whole = lines[..2].concat();
        for cut in 0..lines[2].len() {
            let text = format!("{whole}{}", &lines[2][..cut]);
            let told = read(text.as_bytes()).expect("a file");
            assert_eq!((told.sum.runs, told.length), (4, whole.len()));
        }
        assert!(read(format!("{whole}\0\0\0").as_bytes()).is_ok(), "not yet written");
        refused(&[whole.clone(), "my notes".to_owned()], "line 3: it is no line of this shard");
        refused(&[lines.concat(), "{".to_owned()], "line 4: it is no line of this shard");
    }

    #[test]
    fn other_versions_are_named() {
        let text = file(&[(0, 5, 4)]).concat();
        let own = format!("\"program\":\"{}\"", env!("CARGO_PKG_VERSION"));
        let other = text.replace(&own, "\"program\":\"0.0.1\"");
        assert!(
            read(other.as_bytes()).expect_err("another").contains("written by brokerproof 0.0.1")
        );
        let other = text.replace("\"format\":2", "\"format\":3");
        assert!(read(other.as_bytes()).expect_err("another").contains("format 3"));
        let old = "{\"format\":1,\"scenario\":\"s\",\"digest\":\"\",\"command\":[],\"shard\":1,\"of\":1}\n";
        assert!(read(old.as_bytes()).expect_err("another").contains("format 1"));
    }
}
