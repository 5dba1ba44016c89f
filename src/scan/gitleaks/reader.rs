//! Tables of a TOML file, read as gitleaks reads them: names of fields in any case, and values converted where that is
//! possible (`entropy = "3.5"`, `keywords = "token"`). What nobody asks for is warned of.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Error, Site, Source};

/// A text of the file.
#[derive(Clone)]
pub(super) struct Text {
    pub(super) value: String,
    source: Arc<Source>,
    span: Range<usize>,
}

impl Text {
    pub(super) fn error(&self, message: impl Into<String>) -> Error {
        self.source.error(self.span.start, message)
    }

    /// The place of one of its bytes, or of its beginning where escapes or a conversion have moved them.
    pub(super) fn site(&self, at: usize) -> Site {
        let written = self.source.text.get(self.span.clone()).unwrap_or("");
        let inner = written.find(&self.value).filter(|_| !self.value.is_empty());
        self.source.site(self.span.start + inner.map_or(0, |inner| inner + at))
    }
}

/// A table whose fields are being asked for.
pub(super) struct Reader<'t> {
    source: &'t Arc<Source>,
    table: &'t DeTable<'t>,
    at: usize,
    asked: Vec<&'static str>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(source: &'t Arc<Source>, table: &'t Spanned<DeTable<'t>>) -> Self {
        Self { source, table: table.get_ref(), at: table.span().start, asked: Vec::new() }
    }

    /// The place of the table.
    pub(super) fn site(&self) -> Site {
        self.source.site(self.at)
    }

    fn value(&mut self, name: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.push(name);
        self.table.iter().find(|(key, _)| key.get_ref().eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn misfit<T>(&self, name: &str, value: &Spanned<DeValue>, wanted: &str) -> Result<T, Error> {
        let found = value.get_ref().type_str();
        Err(self
            .source
            .error(value.span().start, format!("`{name}` must be {wanted} and is of type {found}")))
    }

    fn scalar<T>(
        &mut self,
        name: &'static str,
        wanted: &str,
        read: impl FnOnce(&DeValue) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        read(value.get_ref()).map_or_else(|| self.misfit(name, value, wanted), |read| Ok(Some(read)))
    }

    /// A text; an empty one is none.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<Text>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        match text(value.get_ref()) {
            Some(text) => Ok(Some(self.text_at(text, value)).filter(|text| !text.value.is_empty())),
            None => self.misfit(name, value, "a string"),
        }
    }

    fn text_at(&self, value: String, at: &Spanned<DeValue>) -> Text {
        Text { value, source: Arc::clone(self.source), span: at.span() }
    }

    /// A list of texts. One string is a list whose items are separated by commas, even where it is a pattern; an empty
    /// table is an empty list.
    pub(super) fn list(&mut self, name: &'static str) -> Result<Vec<Text>, Error> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        match value.get_ref() {
            DeValue::Array(items) => {
                let items = items.iter().map(|item| match text(item.get_ref()) {
                    Some(text) => Ok(self.text_at(text, item)),
                    None => self.misfit(name, item, "a list of strings"),
                });
                items.collect()
            }
            DeValue::String(items) if items.is_empty() => Ok(Vec::new()),
            DeValue::Table(table) if table.is_empty() => Ok(Vec::new()),
            DeValue::String(items) => {
                Ok(items.split(',').map(|item| self.text_at(item.to_owned(), value)).collect())
            }
            other => match text(other) {
                Some(text) => Ok(vec![self.text_at(text, value)]),
                None => self.misfit(name, value, "a list of strings"),
            },
        }
    }

    pub(super) fn number(&mut self, name: &'static str) -> Result<Option<f64>, Error> {
        self.scalar(name, "a number", number)
    }

    pub(super) fn whole(&mut self, name: &'static str) -> Result<Option<i64>, Error> {
        self.scalar(name, "a whole number", |value| match value {
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).ok(),
            DeValue::String(digits) => digits.parse().ok(),
            DeValue::Boolean(flag) => Some(i64::from(*flag)),
            _ => None,
        })
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool, Error> {
        let flag = self.scalar(name, "true or false", |value| match value {
            DeValue::Boolean(flag) => Some(*flag),
            DeValue::String(text) => match &**text {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
                "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
                _ => None,
            },
            other => number(other).map(|number| number != 0.0),
        })?;
        Ok(flag.unwrap_or(false))
    }

    /// The one table of a name.
    pub(super) fn table(&mut self, name: &'static str) -> Result<Option<Reader<'t>>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        match self.as_table(value) {
            Some(table) => Ok(Some(table)),
            None => self.misfit(name, value, "one table"),
        }
    }

    /// All tables of a name; one that stands alone is a list of one, and of none where it is empty.
    pub(super) fn tables(&mut self, name: &'static str) -> Result<Vec<Reader<'t>>, Error> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let items = match value.get_ref() {
            DeValue::Array(items) => items.iter().map(|item| (self.as_table(item), item)).collect(),
            DeValue::Table(table) if table.is_empty() => Vec::new(),
            _ => vec![(self.as_table(value), value)],
        };
        let tables = items.into_iter().map(|(table, item)| match table {
            Some(table) => Ok(table),
            None => self.misfit(name, item, "a list of tables"),
        });
        tables.collect()
    }

    fn as_table(&self, value: &'t Spanned<DeValue<'t>>) -> Option<Reader<'t>> {
        let table = value.get_ref().as_table()?;
        Some(Reader { source: self.source, table, at: value.span().start, asked: Vec::new() })
    }

    /// Whether the table has no fields at all.
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Warns of the fields that nobody asked for.
    pub(super) fn finish(self, warnings: &mut Vec<String>) {
        for (key, _) in self.table {
            if !self.asked.iter().any(|name| key.get_ref().eq_ignore_ascii_case(name)) {
                let message = format!("`{}` is not a field here and is not read", key.get_ref());
                let known = self.asked.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                warnings
                    .push(format!("{}; fields are {known}", self.source.error(key.span().start, message)));
            }
        }
    }
}

fn text(value: &DeValue) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(digits) => {
            i64::from_str_radix(digits.as_str(), digits.radix()).ok().map(|number| number.to_string())
        }
        DeValue::Float(_) => number(value).map(|number| number.to_string()),
        DeValue::Boolean(flag) => Some(u8::from(*flag).to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn number(value: &DeValue) -> Option<f64> {
    match value {
        DeValue::Float(digits) => digits.as_str().parse().ok(),
        DeValue::Integer(digits) => {
            let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok()?;
            i32::try_from(number).ok().map(f64::from)
        }
        DeValue::String(digits) if digits.is_empty() => Some(0.0),
        DeValue::String(digits) => digits.parse().ok(),
        DeValue::Boolean(flag) => Some(f64::from(u8::from(*flag))),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
