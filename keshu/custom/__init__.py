"""Custom ledgers (自定义台账): a bureau defines columns and measures on a page; records come in by form or file; registers go out."""
