CREATE TABLE changeset (
	position INTEGER NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	parent VARCHAR(64) NOT NULL, 
	author TEXT NOT NULL, 
	at VARCHAR(32) NOT NULL, 
	message TEXT NOT NULL, 
	PRIMARY KEY (position), 
	UNIQUE (id)
);

CREATE TABLE meta (
	"key" VARCHAR(64) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);

CREATE TABLE change (
	id INTEGER NOT NULL, 
	changeset INTEGER NOT NULL, 
	removes INTEGER, 
	effective BOOLEAN NOT NULL, 
	subject TEXT NOT NULL, 
	predicate TEXT NOT NULL, 
	object TEXT NOT NULL, 
	document TEXT NOT NULL, 
	part TEXT NOT NULL, 
	"row" INTEGER, 
	cell TEXT NOT NULL, 
	basis VARCHAR(16) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(changeset) REFERENCES changeset (position)
);

CREATE INDEX ix_change_changeset ON change (changeset);

CREATE INDEX ix_change_document ON change (document);

CREATE INDEX ix_change_removes ON change (removes);

CREATE INDEX ix_change_subject ON change (subject);

CREATE TABLE document (
	changeset INTEGER NOT NULL, 
	name VARCHAR(400) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	PRIMARY KEY (changeset, name), 
	FOREIGN KEY(changeset) REFERENCES changeset (position)
);

CREATE INDEX ix_document_sha256 ON document (sha256);

CREATE TABLE record (
	id INTEGER NOT NULL, 
	changeset INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(changeset) REFERENCES changeset (position)
);

CREATE INDEX ix_record_changeset ON record (changeset);
