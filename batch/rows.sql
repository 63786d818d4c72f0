-- SPDX-License-Identifier: GPL-2.0-or-later
-- sqlite3 rows.db <batch/rows.sql loads rows.ndjson: a table of lines, and a view with the columns that all rows have.
CREATE TABLE IF NOT EXISTS lines(row TEXT);
.mode ascii
.separator "\037" "\n"
.import rows.ndjson lines
CREATE VIEW IF NOT EXISTS rows AS SELECT row ->> 'capture' AS capture, row ->> 'frame' AS frame, row ->> 'at' AS at, row ->> 'src' AS src,
    row ->> 'dst' AS dst, row ->> 'kind' AS kind, row ->> 'outcome' AS outcome, row FROM lines;
