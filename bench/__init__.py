"""Speed, measured: every figure beside another way of doing the same, in one run, growing tenfold.

``python -m bench`` (or ``make bench``) runs all of it, ``python -m bench --quick`` a small part of each in a few minutes,
``python -m bench fresh nation`` only those named. Each bench prints a table and writes ``bench/results/<name>.json``.
Nothing here is a test: a machine that is busy with other work makes numbers larger and leaves ratios alone, so it
is the ratios (and how they change from size to size) that are meant.

=========  ========================================================================================================
fresh      How long after saving a value the dispatch shows it, at 10 k, 100 k and 1 M values. Peer: the same dispatch
           from a plain aggregate over the newest versions of all values.
page       The dispatch page of 31 provinces × 5 indicators, server time.
nation     2,844 counties × 5 indicators for one period out of up to 68 M cells in Parquet. Peers: PostgreSQL over one
           wide table with one index per dimension, and with the best composite index; pandas.
imports    xlsx of 1 k, 10 k, 100 k rows into values. Peer: openpyxl, pandas and a plain insert. And the peak memory
           at 10 k, 100 k and 1 M rows.
=========  ========================================================================================================

All data are made up here from fixed seeds; only ``page`` reads official figures, those that come with the package. Every
bench works in a data folder of its own that is removed afterwards.
"""
