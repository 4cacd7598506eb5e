"""项目执行与验收 pages: contract, payments, changes, checks, acceptance, archive come in by forms, cards on the project's page go out."""
