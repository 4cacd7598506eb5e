"""Floor 5, reading: a report in any form becomes text, its damage is undone reversibly, and every figure in it becomes a claim; no Django."""
