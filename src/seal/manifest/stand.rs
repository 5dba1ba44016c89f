//! What may stand in the place of a Secret: a SealedSecret, or whatever object.

use serde_json::Value;

use super::Sealed;
use crate::seal::{Form, SealedSecret};
use crate::yaml::{self, Document};

/// What may stand in the place of a Secret.
pub(super) trait Stand {
    fn written(&self, form: Form) -> String;
    fn value(&self) -> Value;
    /// Whether this is what a document says.
    fn is(&self, document: Document) -> bool;
}

impl Stand for Sealed {
    fn written(&self, form: Form) -> String {
        self.text.clone().unwrap_or_else(|| self.object.write(form))
    }

    fn value(&self) -> Value {
        self.object.value()
    }

    fn is(&self, document: Document) -> bool {
        SealedSecret::read(document).is_ok_and(|read| read.holds_what(&self.object))
    }
}

impl Stand for Value {
    fn written(&self, form: Form) -> String {
        match form {
            Form::Json => serde_json::to_string_pretty(self).unwrap_or_default(),
            Form::Yaml => yaml::to_string(self),
        }
    }

    fn value(&self) -> Value {
        self.clone()
    }

    fn is(&self, document: Document) -> bool {
        document.value == *self
    }
}

impl SealedSecret {
    /// Whether another one has the same items under the same name and scope.
    fn holds_what(&self, other: &Self) -> bool {
        self.label() == other.label()
            && self.name() == other.name()
            && self.keys().eq(other.keys())
            && self.keys().all(|key| self.item(key) == other.item(key))
    }
}
