//! Texts within XML and HTML.

/// The text, to stand between tags or in an attribute with quotes. Line ends and tabs stay what they are in an
/// attribute too. What XML cannot hold, and what turns the direction of the text around it, is shown as U+FFFD.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' => safe.push_str("&#9;"),
            '\n' => safe.push_str("&#10;"),
            '\r' => safe.push_str("&#13;"),
            letter if is_unfit(letter) => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

fn is_unfit(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn no_text_ends_its_tag_or_its_attribute() {
        assert_eq!(
            escaped("<b a=\"1\" c='2'>&amp;]]>"),
            "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;]]&gt;"
        );
    }

    #[test]
    fn what_xml_cannot_hold_is_replaced_and_white_space_stays() {
        assert_eq!(escaped("\0\u{1b}[2J\u{ffff}\u{85}é•"), "\u{fffd}\u{fffd}[2J\u{fffd}\u{fffd}é•");
        assert_eq!(escaped("a\tb\r\nc"), "a&#9;b&#13;&#10;c");
    }

    #[test]
    fn a_name_does_not_turn_its_surroundings_around() {
        assert_eq!(escaped("a\u{202e}lmay.b"), "a\u{fffd}lmay.b");
    }
}
