//! What an edit keeps and what it refuses.
