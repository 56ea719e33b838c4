//! Two puzzles: the sliding tiles, and the farmer with wolf, goat and cabbage.

use std::fmt;
use std::str::FromStr;

use brokerproof::system::Model;

/// Tiles on a board, 0 being the hole.
pub struct Sliding {
    pub width: usize,
    pub height: usize,
}

/// Where the hole moves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Slide {
    Up,
    Left,
    Right,
    Down,
}

impl Sliding {
    fn target(&self, hole: usize, slide: Slide) -> Option<usize> {
        let (row, column) = (hole / self.width, hole % self.width);
        match slide {
            Slide::Up => (row > 0).then(|| hole - self.width),
            Slide::Left => (column > 0).then(|| hole - 1),
            Slide::Right => (column + 1 < self.width).then(|| hole + 1),
            Slide::Down => (row + 1 < self.height).then(|| hole + self.width),
        }
    }
}

fn hole(board: &[u8]) -> usize {
    board.iter().position(|tile| *tile == 0).expect("every board has a hole")
}

impl Model for Sliding {
    type State = Vec<u8>;
    type Action = Slide;
    type Effect = u8;

    fn initial(&self) -> Vec<Vec<u8>> {
        vec![(0..(self.width * self.height) as u8).collect()]
    }

    fn enabled(&self, board: &Vec<u8>, actions: &mut Vec<Slide>) {
        let hole = hole(board);
        let all = [Slide::Up, Slide::Left, Slide::Right, Slide::Down];
        actions.extend(all.into_iter().filter(|slide| self.target(hole, *slide).is_some()));
    }

    fn step(&self, board: &mut Vec<u8>, slide: &Slide, effects: &mut Vec<u8>) {
        let hole = hole(board);
        let target = self.target(hole, *slide).expect("the slide is enabled");
        effects.push(board[target]);
        board.swap(hole, target);
    }

    fn heap_bytes(&self, board: &Vec<u8>) -> usize {
        board.capacity()
    }
}

/// The farmer's puzzle; losing something eaten is part of the game.
pub struct River;

/// Who is on the far bank.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Banks {
    pub farmer: bool,
    pub wolf: bool,
    pub goat: bool,
    pub cabbage: bool,
}

impl Banks {
    /// Whether nobody eats anybody.
    pub fn is_safe(&self) -> bool {
        let alone = self.farmer != self.goat;
        !(alone && (self.goat == self.wolf || self.goat == self.cabbage))
    }

    /// Whether all are across.
    pub fn is_done(&self) -> bool {
        self.farmer && self.wolf && self.goat && self.cabbage
    }
}

/// The farmer crosses with one of them, or alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cross {
    Alone,
    Wolf,
    Goat,
    Cabbage,
}

impl fmt::Display for Cross {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Cross::Alone => "cross alone",
            Cross::Wolf => "cross with wolf",
            Cross::Goat => "cross with goat",
            Cross::Cabbage => "cross with cabbage",
        })
    }
}

impl FromStr for Cross {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "cross alone" => Ok(Cross::Alone),
            "cross with wolf" => Ok(Cross::Wolf),
            "cross with goat" => Ok(Cross::Goat),
            "cross with cabbage" => Ok(Cross::Cabbage),
            _ => Err("the farmer crosses alone, or with wolf, goat or cabbage".to_owned()),
        }
    }
}

fn cross(banks: &Banks, action: Cross) -> Option<Banks> {
    let mut next = *banks;
    next.farmer = !banks.farmer;
    let companion = match action {
        Cross::Alone => return next.is_safe().then_some(next),
        Cross::Wolf => &mut next.wolf,
        Cross::Goat => &mut next.goat,
        Cross::Cabbage => &mut next.cabbage,
    };
    let together = *companion == banks.farmer;
    *companion = !banks.farmer;
    (together && next.is_safe()).then_some(next)
}

impl Model for River {
    type State = Banks;
    type Action = Cross;
    type Effect = ();

    fn initial(&self) -> Vec<Banks> {
        vec![Banks { farmer: false, wolf: false, goat: false, cabbage: false }]
    }

    fn enabled(&self, banks: &Banks, actions: &mut Vec<Cross>) {
        let all = [Cross::Alone, Cross::Wolf, Cross::Goat, Cross::Cabbage];
        actions.extend(all.into_iter().filter(|action| cross(banks, *action).is_some()));
    }

    fn step(&self, banks: &mut Banks, action: &Cross, _: &mut Vec<()>) {
        *banks = cross(banks, *action).expect("the crossing is enabled");
    }
}
