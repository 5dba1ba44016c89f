//! What was typed, and which verb it starts.
