//! Powers modulo a number that everybody may know, in Montgomery's way (Handbook of Applied Cryptography §14.3.2).
//!
//! What is raised may be secret: whatever it holds, the same instructions touch the same places. No branch and no
//! index depends on it, and carries are added, not asked for. Modulus and exponent are public and may be branched on.
//!
//! A square takes half of the products that a product takes, and two rows are added at once: their carries do not wait
//! for one another, and each word is loaded and stored half as often. Words come least significant first.

use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroizing;

/// Bits of a word.
const BITS: usize = 64;
/// Words that are worked on without asking whether there are more.
const STRIDE: usize = 4;

type Words = Zeroizing<Vec<u64>>;

/// An odd modulus, with what depends on it alone.
#[derive(Debug, Clone)]
pub(super) struct Modulus {
    /// The modulus, in an even number of words.
    words: Vec<u64>,
    /// `-1/n` modulo one word.
    inverse: u64,
    /// `R² mod n`, where R is the first power of two that has a word more than the modulus.
    square_of_radix: Vec<u64>,
}

impl Modulus {
    /// Takes a modulus as big-endian bytes without zeros before it; nothing where it is even, or below 2⁶⁴.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let words = words(bytes, bytes.len().div_ceil(16) * 2);
        let first = *words.first()?;
        if first.is_multiple_of(2) || bytes.len() <= BITS / 8 {
            return None;
        }
        // Each step doubles the bits that are right, of which an odd number has three to begin with.
        let inverse = (0..5)
            .fold(first, |inverse, _| inverse.wrapping_mul(2_u64.wrapping_sub(first.wrapping_mul(inverse))));
        let mut modulus = Self { words, inverse: inverse.wrapping_neg(), square_of_radix: Vec::new() };
        modulus.square_of_radix = modulus.find_square_of_radix(bytes);
        Some(modulus)
    }

    /// `R² mod n`: the power of two that R is, in Montgomery's form, by squaring and doubling.
    fn find_square_of_radix(&self, bytes: &[u8]) -> Vec<u64> {
        let count = self.words.len();
        let top = bytes.len() * 8 - bytes.first().map_or(0, |byte| byte.leading_zeros() as usize) - 1;
        // The highest power of two below the modulus, and from there on to R.
        let mut number = vec![0; count];
        number[top / BITS] = 1 << (top % BITS);
        for _ in top..count * BITS {
            self.double(&mut number);
        }
        let (exponent, mut wide) = (count * BITS, vec![0; 2 * count]);
        for bit in (0..=exponent.ilog2()).rev() {
            self.square(&mut number, &mut wide);
            if exponent >> bit & 1 == 1 {
                self.double(&mut number);
            }
        }
        number
    }

    /// `block ^ exponent mod n` for a block below the modulus and an odd exponent of at least 3, both big-endian. The
    /// power has as many bytes as the block.
    pub(super) fn power(&self, block: &[u8], exponent: u32) -> Vec<u8> {
        let count = self.words.len();
        let base = Zeroizing::new(words(block, count));
        let mut wide: Words = Zeroizing::new(vec![0; 2 * count]);
        let mut form = base.clone();
        self.multiply(&mut form, &self.square_of_radix, &mut wide);
        let mut power = form.clone();
        // Left to right over the bits of the exponent; its lowest bit is set and left for the end.
        for bit in (1..exponent.ilog2()).rev() {
            self.square(&mut power, &mut wide);
            if exponent >> bit & 1 == 1 {
                self.multiply(&mut power, &form, &mut wide);
            }
        }
        self.square(&mut power, &mut wide);
        // The factor of the last multiplication is not in Montgomery's form: so the product is not either.
        self.multiply(&mut power, &base, &mut wide);
        let bytes: Vec<u8> = power.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
        bytes[bytes.len() - block.len()..].to_vec()
    }

    /// `number · other / R`.
    fn multiply(&self, number: &mut [u64], other: &[u64], wide: &mut [u64]) {
        let count = number.len();
        wide.fill(0);
        for (at, pair) in (0..).step_by(2).zip(other.as_chunks::<2>().0) {
            wide[at + count + 1] = add_rows(&mut wide[at..=at + count], number, *pair, 0);
        }
        self.reduce(wide, number);
    }

    /// `number² / R`.
    fn square(&self, number: &mut [u64], wide: &mut [u64]) {
        let count = number.len();
        wide.fill(0);
        for at in (0..count).step_by(2) {
            let (pair, rest) = ([number[at], number[at + 1]], &number[at + 2..]);
            let (low, carry) = multiply_add(pair[0], pair[1], wide[2 * at + 1], 0);
            wide[2 * at + 1] = low;
            wide[at + count + 1] = add_rows(&mut wide[2 * at + 2..=at + count], rest, pair, carry);
        }
        double_and_add_squares(wide, number);
        self.reduce(wide, number);
    }

    /// `wide / R`, for what is below `n · R`. Adds multiples of the modulus until the lower half is zero.
    fn reduce(&self, wide: &mut [u64], number: &mut [u64]) {
        let (count, mut carry) = (number.len(), 0);
        for at in (0..count).step_by(2) {
            let row = &mut wide[at..at + count + 2];
            let first = row[0].wrapping_mul(self.inverse);
            let (_, up) = multiply_add(first, self.words[0], row[0], 0);
            let (second, _) = multiply_add(first, self.words[1], row[1], up);
            let pair = [first, second.wrapping_mul(self.inverse)];
            let over = add_rows(&mut row[..=count], &self.words, pair, 0);
            (row[count], carry) = add(row[count], carry, 0);
            (row[count + 1], carry) = add(row[count + 1], over, carry);
        }
        number.copy_from_slice(&wide[count..]);
        self.subtract(number, carry);
    }

    /// Takes the modulus away once where a number, with `carry` as its next word, is not below it.
    fn subtract(&self, number: &mut [u64], carry: u64) {
        let less = number.iter().zip(&self.words).fold(0, |borrow, (a, b)| subtract(*a, *b, borrow).1);
        let needed = Choice::from(u8::from(carry != 0) | u8::from(less == 0));
        let mut borrow = 0;
        for (a, b) in number.iter_mut().zip(&self.words) {
            (*a, borrow) = subtract(*a, u64::conditional_select(&0, b, needed), borrow);
        }
    }

    fn double(&self, number: &mut [u64]) {
        let carry = number.iter_mut().fold(0, |carry, word| {
            let top = *word >> (BITS - 1);
            *word = *word << 1 | carry;
            top
        });
        self.subtract(number, carry);
    }
}

/// The words of big-endian bytes, with zeros up to `count`.
fn words(bytes: &[u8], count: usize) -> Vec<u64> {
    let mut words = Vec::with_capacity(count);
    let word = |bytes: &[u8]| bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    words.extend(bytes.rchunks(BITS / 8).map(word));
    words.resize(count, 0);
    words
}

/// Adds `number · (pair[0] + pair[1] · 2⁶⁴)` to a sum that is a word longer than the number, and `carry` to its first
/// word; what goes over the end comes back.
#[inline]
fn add_rows(sum: &mut [u64], number: &[u64], pair: [u64; 2], carry: u64) -> u64 {
    let (mut carries, mut before) = ([carry, 0], 0);
    let mut step = |sum: &mut u64, word: u64| {
        let (low, carry) = multiply_add(word, pair[0], *sum, carries[0]);
        carries[0] = carry;
        (*sum, carries[1]) = multiply_add(before, pair[1], low, carries[1]);
        before = word;
    };
    let Some((last, sum)) = sum.split_last_mut() else { return 0 };
    let (sums, rest_of_sum) = sum.as_chunks_mut::<STRIDE>();
    let (numbers, rest) = number.as_chunks::<STRIDE>();
    for (sum, number) in sums.iter_mut().zip(numbers) {
        sum.iter_mut().zip(number).for_each(|(sum, word)| step(sum, *word));
    }
    rest_of_sum.iter_mut().zip(rest).for_each(|(sum, word)| step(sum, *word));
    let (low, over) = multiply_add(before, pair[1], *last, carries[1]);
    let (low, carry) = add(low, carries[0], 0);
    *last = low;
    over + carry
}

/// Makes the square of a number of the sum of the products of its different words.
fn double_and_add_squares(wide: &mut [u64], number: &[u64]) {
    let (mut top, mut carry) = (0, 0);
    for ([low, high], word) in wide.as_chunks_mut::<2>().0.iter_mut().zip(number) {
        let (square, square_high) = multiply_add(*word, *word, 0, 0);
        let doubled = [*low << 1 | top, *high << 1 | *low >> (BITS - 1)];
        top = *high >> (BITS - 1);
        (*low, carry) = add(doubled[0], square, carry);
        (*high, carry) = add(doubled[1], square_high, carry);
    }
}

/// `a · b + c + d`, which two words always hold: the low one, the high one.
#[inline]
fn multiply_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    halves(u128::from(a) * u128::from(b) + u128::from(c) + u128::from(d))
}

/// `a + b + c`.
#[inline]
fn add(a: u64, b: u64, c: u64) -> (u64, u64) {
    halves(u128::from(a) + u128::from(b) + u128::from(c))
}

/// `a - b - borrow`, and whether that borrows.
#[inline]
fn subtract(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    let (low, high) = halves(u128::from(a).wrapping_sub(u128::from(b) + u128::from(borrow)));
    (low, high & 1)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
fn halves(double: u128) -> (u64, u64) {
    (double as u64, (double >> BITS) as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rsa::BigUint;

    use super::*;

    fn check(modulus: &[u8], block: &[u8], exponent: u32) {
        let n = BigUint::from_bytes_be(modulus);
        let block = (BigUint::from_bytes_be(block) % &n).to_bytes_be();
        let block: Vec<u8> = std::iter::repeat_n(0, modulus.len() - block.len()).chain(block).collect();
        let expected = BigUint::from_bytes_be(&block).modpow(&exponent.into(), &n);
        let found = Modulus::new(modulus).unwrap().power(&block, exponent);
        assert_eq!(found.len(), modulus.len());
        assert_eq!(BigUint::from_bytes_be(&found), expected, "{modulus:x?} {block:x?} {exponent}");
    }

    /// Where carries go furthest: words that are all ones or all zeros, in all orders.
    #[test]
    fn words_at_their_limits_carry_as_they_should() {
        let pattern = |bits: usize, first: u8, last: u8| {
            let mut bytes: Vec<u8> =
                (0..5).rev().flat_map(|word| [if bits >> word & 1 == 1 { 0xff } else { 0 }; 8]).collect();
            (bytes[0], bytes[39]) = (bytes[0] | first, bytes[39] | last);
            bytes
        };
        for modulus in 0..32 {
            for first in [1, 0x80, 0xff] {
                for block in 0..32 {
                    check(&pattern(modulus, first, 1), &pattern(block, 0, 0), 3);
                    check(&pattern(modulus, first, 0xff), &pattern(block, 0, 0xfe), 65537);
                }
            }
        }
    }

    #[test]
    fn one_below_the_modulus_is_minus_one() {
        for size in [9, 16, 17, 256, 257, 512] {
            let modulus = vec![0xff; size];
            let mut less = modulus.clone();
            less[size - 1] = 0xfe;
            check(&modulus, &less, 65537);
            check(&modulus, &[0], 3);
            check(&modulus, &[1], 17);
        }
    }

    #[test]
    fn even_and_small_moduli_are_refused() {
        for modulus in [&[][..], &[3], &[0xff; 8], &[0xfe; 9]] {
            assert!(Modulus::new(modulus).is_none(), "{modulus:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn any_power_is_that_of_another_implementation(
            mut modulus in proptest::collection::vec(any::<u8>(), 9..140),
            block in proptest::collection::vec(any::<u8>(), 1..140),
            exponent in 1_u32..1 << 30,
        ) {
            let last = modulus.len() - 1;
            modulus[0] |= 1;
            modulus[last] |= 1;
            check(&modulus, &block, 2 * exponent + 1);
        }
    }
}
