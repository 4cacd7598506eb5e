"""The bureau being assessed (上级考核): score sheets come in, what was lost and what can be regained goes out, and why a rank moved."""
