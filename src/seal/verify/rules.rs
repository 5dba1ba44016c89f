//! Tables of rules: each has a word that scripts may know it by, a severity, and a sentence on what it is about.

/// Makes a `Rule` of a table.
macro_rules! rules {
    ($($variant:ident, $word:literal, $severity:ident, $about:literal;)*) => {
        /// What a finding is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $about] $variant,)*
        }

        impl Rule {
            /// All of them, in the order in which documents list them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// How bad a finding of it is, unless more is known.
            #[must_use]
            pub fn severity(self) -> $crate::seal::verify::Severity {
                match self { $(Self::$variant => $crate::seal::verify::Severity::$severity,)* }
            }

            /// What it is about, in a sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }

        impl std::fmt::Display for Rule {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

pub(crate) use rules;
