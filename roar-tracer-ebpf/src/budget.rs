//! How often something may be done that helps while little happens, and holds all up while much does.

/// A stock that is used up one by one, and grows with time.
pub struct Budget {
    /// In microseconds' worth of growth.
    stock_us: u64,
    full_us: u64,
    price_us: u64,
    at_us: u64,
}

impl Budget {
    /// A full stock of `most`, to which one is added every `price_us` microseconds.
    pub fn new(most: u64, price_us: u64) -> Budget {
        let full_us = most * price_us;
        Budget { stock_us: full_us, full_us, price_us, at_us: 0 }
    }

    /// Takes one, if there is any at this time.
    pub fn take(&mut self, now_ns: u64) -> bool {
        let now_us = now_ns / 1000;
        let grown = now_us.saturating_sub(self.at_us);
        self.at_us = self.at_us.max(now_us);
        self.stock_us = self.stock_us.saturating_add(grown).min(self.full_us);
        let enough = self.stock_us >= self.price_us;
        if enough {
            self.stock_us -= self.price_us;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn test_stock_is_used_up_and_grows_with_time() {
        let mut budget = Budget::new(2, 1000);
        let taken = [0, 0, 0, MS / 2, MS, MS, 2 * MS].map(|now| budget.take(100 * MS + now));
        assert_eq!(taken, [true, true, false, false, true, false, true]);
    }

    #[test]
    fn test_stock_does_not_grow_beyond_its_size_or_by_an_older_time() {
        let mut budget = Budget::new(1, 1000);
        assert_eq!(
            [50 * MS, 50 * MS, 3 * MS, 50 * MS].map(|now| budget.take(now)),
            [true, false, false, false]
        );
    }
}
