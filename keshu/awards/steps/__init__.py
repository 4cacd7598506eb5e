"""The steps of a nomination: ``nominating`` up to the acceptance notice, ``deciding`` review to award, ``above`` for superiors' prizes."""
