"""Ledger: records, evidence, import and export, declarations of measures. Files and forms come in; rows and files go out."""
