"""Orders of supervision (督办): what was asked of whom by when, followed until somebody else has verified that it is done."""
