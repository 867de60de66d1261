CREATE TABLE access_hook (
	id VARCHAR(16) NOT NULL,
	url TEXT NOT NULL,
	secret TEXT NOT NULL,
	events TEXT NOT NULL,
	private BOOLEAN NOT NULL,
	made_at VARCHAR(32) NOT NULL,
	made_by TEXT NOT NULL,
	position INTEGER NOT NULL,
	part INTEGER NOT NULL,
	event INTEGER NOT NULL,
	state VARCHAR(16) NOT NULL,
	delivered INTEGER NOT NULL,
	delivered_at VARCHAR(32) NOT NULL,
	failures INTEGER NOT NULL,
	next_at FLOAT NOT NULL,
	problem TEXT NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE access_lease (
	name VARCHAR(32) NOT NULL,
	holder VARCHAR(64) NOT NULL,
	until FLOAT NOT NULL,
	PRIMARY KEY (name)
);

CREATE TABLE access_meta (
	key VARCHAR(64) NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (key)
);

CREATE TABLE access_node (
	id SERIAL NOT NULL,
	iri VARCHAR(2000) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (iri)
);

CREATE TABLE access_read (
	id SERIAL NOT NULL,
	kind VARCHAR(16) NOT NULL,
	at VARCHAR(32) NOT NULL,
	who TEXT NOT NULL,
	token TEXT NOT NULL,
	purpose TEXT NOT NULL,
	route TEXT NOT NULL,
	total INTEGER NOT NULL,
	cut BOOLEAN NOT NULL,
	address TEXT NOT NULL,
	PRIMARY KEY (id)
);

CREATE INDEX ix_access_read_at ON access_read (at);

CREATE INDEX ix_access_read_who ON access_read (who);

CREATE TABLE access_token (
	id VARCHAR(16) NOT NULL,
	hash VARCHAR(64) NOT NULL,
	name TEXT NOT NULL,
	roles TEXT NOT NULL,
	units TEXT NOT NULL,
	made_at VARCHAR(32) NOT NULL,
	made_by TEXT NOT NULL,
	expires VARCHAR(32) NOT NULL,
	revoked_at VARCHAR(32) DEFAULT '' NOT NULL,
	revoked_by TEXT DEFAULT '' NOT NULL,
	used_at VARCHAR(32) DEFAULT '' NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (hash)
);

CREATE TABLE access_read_node (
	read INTEGER NOT NULL,
	node INTEGER NOT NULL,
	PRIMARY KEY (read, node),
	FOREIGN KEY(read) REFERENCES access_read (id) ON DELETE CASCADE,
	FOREIGN KEY(node) REFERENCES access_node (id)
);

CREATE INDEX ix_access_read_node_node ON access_read_node (node);
