-- The schema of .roar/roar.db as the newest migration leaves it (a test holds the two together).
-- A new database is made from this file, so that SQLAlchemy is only imported when an older one has to be upgraded.
-- Paths are TEXT where they are UTF-8 and BLOB where they are not. Times are nanoseconds since the epoch.

-- The version mark. Written by alembic's migrations too, so it has alembic's name and shape.
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    started_ns INTEGER NOT NULL,
    ended_ns INTEGER                                -- NULL: the active one
);

-- JSON documents kept once, however many jobs share them.
CREATE TABLE document (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    body TEXT NOT NULL
);

CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,           -- never given twice: see abandoned.py
    uid TEXT NOT NULL UNIQUE,
    session_id INTEGER NOT NULL REFERENCES session (id),
    parent_uid TEXT,
    node TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL,                             -- run | build | get | put
    step INTEGER,                                   -- NULL until the job is visible
    name TEXT,
    program TEXT NOT NULL,                          -- what decides the step (LINEAGE, "Which step")
    argv TEXT NOT NULL,                             -- JSON array; surrogate escapes for bytes that are not UTF-8
    cwd TEXT NOT NULL,
    started_ns INTEGER NOT NULL,
    ended_ns INTEGER NOT NULL,
    status TEXT NOT NULL,                           -- ok | failed | signalled | interrupted
    exit_code INTEGER,
    signal INTEGER,
    tracer TEXT NOT NULL,
    level TEXT NOT NULL,
    lost_events INTEGER NOT NULL DEFAULT 0,
    peak_memory_bytes INTEGER,
    cpu_seconds REAL,
    git_id INTEGER REFERENCES document (id),
    environment_id INTEGER REFERENCES document (id),
    hardware_id INTEGER REFERENCES document (id),
    packages_id INTEGER REFERENCES document (id),
    visible INTEGER NOT NULL DEFAULT 0,
    fold_from INTEGER                               -- so many files made a folder one when its inputs were folded
);
CREATE INDEX job_by_step ON job (session_id, kind, step);
CREATE INDEX job_by_time ON job (started_ns);
CREATE INDEX job_by_parent ON job (parent_uid) WHERE parent_uid IS NOT NULL;
CREATE INDEX job_unfinished ON job (id) WHERE visible = 0;

CREATE TABLE process (
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    parent_id INTEGER,
    pid INTEGER NOT NULL,
    exe TEXT NOT NULL,
    argv TEXT NOT NULL,
    cwd TEXT NOT NULL,
    started_ns INTEGER NOT NULL,
    ended_ns INTEGER,
    exit_code INTEGER,
    signal INTEGER,
    PRIMARY KEY (job_id, id)
) WITHOUT ROWID;

CREATE TABLE gap (
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    process_id INTEGER,
    detail TEXT NOT NULL
);
CREATE INDEX gap_by_job ON gap (job_id);

CREATE TABLE dropped (
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    examples TEXT NOT NULL,                         -- JSON array of paths
    PRIMARY KEY (job_id, reason)
) WITHOUT ROWID;

CREATE TABLE path (
    id INTEGER PRIMARY KEY,
    text UNIQUE NOT NULL
);

-- An artifact is content, whatever it is called and wherever it lies.
CREATE TABLE artifact (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL DEFAULT 'file',              -- file | composite
    size INTEGER                                    -- NULL: not known
);

CREATE TABLE digest (
    algorithm TEXT NOT NULL,
    value BLOB NOT NULL,
    artifact_id INTEGER NOT NULL REFERENCES artifact (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (algorithm, value)
) WITHOUT ROWID;
CREATE INDEX digest_by_artifact ON digest (artifact_id);

CREATE TABLE job_input (
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    path_id INTEGER NOT NULL REFERENCES path (id),
    artifact_id INTEGER REFERENCES artifact (id),   -- NULL: unknown, and reason says why
    reason TEXT,
    role TEXT NOT NULL,                             -- data | code
    tracked_by_git INTEGER NOT NULL DEFAULT 0,
    first_read_ns INTEGER NOT NULL,
    origin TEXT,                                    -- job | root | git | remote | copy | changed-outside | unknown
    producer_id INTEGER REFERENCES job (id) ON DELETE SET NULL,
    previous_artifact_id INTEGER REFERENCES artifact (id),  -- changed-outside: what the last job left here
    removed INTEGER NOT NULL DEFAULT 0,             -- the job took it away from this path
    previous_reader_id INTEGER,                     -- the job whose input at this path was recorded before
    PRIMARY KEY (job_id, path_id)
) WITHOUT ROWID;
CREATE INDEX job_input_by_producer ON job_input (producer_id) WHERE producer_id IS NOT NULL;
CREATE INDEX job_input_by_previous ON job_input (previous_artifact_id) WHERE previous_artifact_id IS NOT NULL;
CREATE INDEX job_input_unknown ON job_input (job_id) WHERE artifact_id IS NULL OR origin = 'unknown';

-- These three stand for indexes of job_input, which would cost a page for each file that many jobs read (readers.py).

-- Where the chain of a path's readers begins. `oldest_read_ns`: no input at this path was read before.
CREATE TABLE path_read (
    path_id INTEGER PRIMARY KEY,
    last_reader_id INTEGER,
    oldest_read_ns INTEGER NOT NULL
);

-- Where a content was read. May name paths at which it is not among the inputs any more.
CREATE TABLE content_read (
    artifact_id INTEGER NOT NULL,
    path_id INTEGER NOT NULL,
    PRIMARY KEY (artifact_id, path_id)
) WITHOUT ROWID;

-- Paths that several jobs wrote, or one after it was read: nearly none. May name others.
CREATE TABLE changed_path (
    path_id INTEGER PRIMARY KEY,
    overtaken_job_id INTEGER NOT NULL               -- newer jobs alone did neither; may be a newer one than need be
);

CREATE TABLE job_output (
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    path_id INTEGER NOT NULL REFERENCES path (id),
    artifact_id INTEGER REFERENCES artifact (id),
    reason TEXT,
    written_ns INTEGER NOT NULL,
    write_kind TEXT NOT NULL,                       -- created | truncated | replaced | modified | appended
    created INTEGER,                                -- NULL: unknown
    fate TEXT NOT NULL DEFAULT 'present',           -- present | removed | replaced
    shared INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job_id, path_id)
) WITHOUT ROWID;
CREATE INDEX job_output_by_path ON job_output (path_id, written_ns);
CREATE INDEX job_output_by_artifact ON job_output (artifact_id);

-- Files that are one artifact of the kind `composite`, known by a digest over their digests (`blake3-tree`).
CREATE TABLE composite (
    artifact_id INTEGER PRIMARY KEY REFERENCES artifact (id),
    format TEXT NOT NULL,                           -- zarr | lance | lerobot | tfds | webdataset | parquet | …
    files INTEGER NOT NULL                          -- those of composites within included
);

CREATE TABLE component (
    composite_id INTEGER NOT NULL REFERENCES artifact (id),
    path TEXT NOT NULL,                             -- from the composite's folder
    artifact_id INTEGER NOT NULL REFERENCES artifact (id),
    PRIMARY KEY (composite_id, path)
) WITHOUT ROWID;
CREATE INDEX component_by_artifact ON component (artifact_id);

-- What the edges of a job are folded to for the eye. The edges stay what they are.
CREATE TABLE job_composite (
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    path_id INTEGER NOT NULL REFERENCES path (id),
    direction TEXT NOT NULL,                        -- input | output
    composite_id INTEGER NOT NULL REFERENCES artifact (id),
    files INTEGER NOT NULL,                         -- of the job: fewer than the composite has where it read a part
    PRIMARY KEY (job_id, path_id, direction)
) WITHOUT ROWID;
CREATE INDEX job_composite_by_composite ON job_composite (composite_id);
CREATE INDEX job_composite_by_path ON job_composite (path_id);

-- What users say of a job, a content or a session. Nothing is overwritten: the newest row of a key holds.
CREATE TABLE label (
    id INTEGER PRIMARY KEY,
    job_id INTEGER REFERENCES job (id) ON DELETE CASCADE,
    artifact_id INTEGER REFERENCES artifact (id),
    session_id INTEGER REFERENCES session (id),
    key TEXT NOT NULL,
    value TEXT,                                     -- NULL: taken away again
    set_ns INTEGER NOT NULL,
    CHECK ((job_id IS NOT NULL) + (artifact_id IS NOT NULL) + (session_id IS NOT NULL) = 1)
);
CREATE INDEX label_by_job ON label (job_id, key) WHERE job_id IS NOT NULL;
CREATE INDEX label_by_artifact ON label (artifact_id, key) WHERE artifact_id IS NOT NULL;
CREATE INDEX label_by_session ON label (session_id, key) WHERE session_id IS NOT NULL;

-- Files whose digest was put off; the next command digests them if their identity is still this one.
CREATE TABLE pending_digest (
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    path_id INTEGER NOT NULL REFERENCES path (id),
    direction TEXT NOT NULL,                        -- input | output
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    PRIMARY KEY (job_id, path_id, direction)
) WITHOUT ROWID;

CREATE TABLE digest_cache (
    filesystem TEXT NOT NULL,                       -- UUID where it has one, else the device number
    inode INTEGER NOT NULL,
    algorithm TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (filesystem, inode, algorithm)
) WITHOUT ROWID;
