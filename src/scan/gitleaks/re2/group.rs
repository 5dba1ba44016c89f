//! Groups and flags: `(…)`, `(?P<name>…)`, `(?<name>…)`, `(?:…)`, `(?i)`, `(?i-s:…)`.

use super::{Before, Fault, Translator};

impl Translator<'_> {
    pub(super) fn open_group(&mut self) -> Result<(), Fault> {
        let rest = self.rest();
        let Some(special) = rest.strip_prefix("(?") else {
            self.open_capture(1);
            return Ok(());
        };
        if special.starts_with(['=', '!']) {
            return self.fault("RE2 has no look-ahead");
        }
        if special.starts_with("<=") || special.starts_with("<!") {
            return self.fault("RE2 has no look-behind");
        }
        match special.strip_prefix("P<").or_else(|| special.strip_prefix('<')) {
            Some(named) => {
                let name = named.split_once('>').map_or("", |(name, _)| name);
                if name.is_empty() || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
                    return self.fault("a group's name consists of letters, digits and `_`");
                }
                // Names are not asked for; without them, all that RE2 takes for one is taken.
                self.open_capture(rest.len() - named.len() + name.len() + 1);
                Ok(())
            }
            None => self.flags(),
        }
    }

    fn open_capture(&mut self, length: usize) {
        self.groups += 1;
        self.open.push(self.at);
        self.at += length;
        self.out.push('(');
        self.before = Before::Nothing;
    }

    pub(super) fn close_group(&mut self) -> Result<(), Fault> {
        if self.open.pop().is_none() {
            return self.fault("no group is open here");
        }
        self.atom(|t| t.copy(1));
        Ok(())
    }

    /// Flags with a group or without. Each is written once, since the `regex` crate takes it once.
    fn flags(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let (mut on, mut off) = (String::new(), String::new());
        let mut is_minus = false;
        self.at += 2;
        loop {
            match self.next() {
                Some(flag @ ('i' | 'm' | 's' | 'U')) => {
                    on.retain(|other| other != flag);
                    off.retain(|other| other != flag);
                    if is_minus { off.push(flag) } else { on.push(flag) }
                }
                Some('-') if !is_minus => is_minus = true,
                Some(end @ (':' | ')')) if !is_minus || !off.is_empty() => {
                    self.write_flags(start, &on, &off, end);
                    return Ok(());
                }
                _ => return Err(Fault { at: start, message: "RE2 knows the flags i, m, s and U only" }),
            }
        }
    }

    fn write_flags(&mut self, start: usize, on: &str, off: &str, end: char) {
        let minus = if off.is_empty() { "" } else { "-" };
        if end == ':' {
            self.open.push(start);
        }
        // Go repeats what stands before flags; the `regex` crate does not, and nobody means it.
        self.before = Before::Nothing;
        if end == ':' || !on.is_empty() || !off.is_empty() {
            self.out.extend(["(?", on, minus, off]);
            self.out.push(end);
        }
    }
}
