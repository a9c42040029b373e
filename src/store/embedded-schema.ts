/** `user_version` of the database file. A file of another version is refused, not guessed at. */
export const embeddedFormat = 1

/**
 * Texts that repeat (patients, names, units, streams) are kept once in `terms`. Every table of events is keyed by the
 * event's id, so that what comes twice is one row. `value` has no declared type: numbers, or text for coded values.
 */
export const embeddedSchema = `
CREATE TABLE terms (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE position (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, position TEXT NOT NULL);
CREATE TABLE vitals (
  patient INTEGER NOT NULL, name INTEGER NOT NULL, t INTEGER NOT NULL, event TEXT NOT NULL,
  value, quality REAL, unit INTEGER NOT NULL, status INTEGER NOT NULL, reason INTEGER, stream INTEGER NOT NULL,
  PRIMARY KEY (patient, name, t, event)
) WITHOUT ROWID;
CREATE TABLE scores (
  patient INTEGER NOT NULL, score INTEGER NOT NULL, t INTEGER NOT NULL, event TEXT NOT NULL,
  at INTEGER NOT NULL, total REAL, complete INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (patient, score, t, event)
) WITHOUT ROWID;
CREATE TABLE observations (
  patient INTEGER NOT NULL, type INTEGER NOT NULL, t INTEGER NOT NULL, event TEXT NOT NULL,
  stream INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (patient, type, t, event)
) WITHOUT ROWID;
CREATE TABLE alerts (
  id TEXT PRIMARY KEY, patient INTEGER NOT NULL, condition INTEGER NOT NULL, stream INTEGER NOT NULL,
  onset INTEGER NOT NULL, "end" INTEGER, row TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX alerts_by_patient ON alerts (patient, onset);
CREATE INDEX alerts_open ON alerts (patient, condition, stream) WHERE "end" IS NULL;
CREATE TABLE sessions (
  session TEXT PRIMARY KEY, patient INTEGER NOT NULL, openedAt INTEGER NOT NULL, row TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_time ON sessions (openedAt);
CREATE TABLE segments (
  patient INTEGER NOT NULL, stream INTEGER NOT NULL, "from" INTEGER NOT NULL, device INTEGER NOT NULL, boot INTEGER NOT NULL,
  file INTEGER NOT NULL, "to" INTEGER NOT NULL, chunks TEXT NOT NULL,
  PRIMARY KEY (patient, stream, "from", device, boot, file)
) WITHOUT ROWID;
PRAGMA user_version = ${embeddedFormat};
`

/** Tables that came after the first release of the format: made where they are not there, filled from then on. */
export const embeddedAdditions = `
CREATE TABLE IF NOT EXISTS quality (
  event TEXT PRIMARY KEY, patient INTEGER NOT NULL, device INTEGER NOT NULL, at INTEGER NOT NULL, report TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS quality_by_time ON quality (at);
`
