INSERT INTO access_meta ("key", value)
	VALUES ('format', '2');
INSERT INTO access_token (id, hash, name, roles, units, made_at, made_by, expires, revoked_at, revoked_by, used_at)
	VALUES ('token-auditor', '2bd875d7646b6b20157c385511a3dc84d9b27d4066c643d89ed2733533d43c6f', '示例 auditor', '["auditor"]', '[]', '2024-01-01T00:00:00.000000Z', '示例 office', '2999-01-01T00:00:00.000000Z', '', '', '2024-01-01T00:00:01.000000Z');
INSERT INTO access_token (id, hash, name, roles, units, made_at, made_by, expires, revoked_at, revoked_by, used_at)
	VALUES ('token-expired', 'fb4f0fa585d4cfbadaa2f8f14bf5013b3d79b64ce47846c0d7288fd4e29f4121', '示例 expired', '["office"]', '[]', '2024-01-01T00:00:02.000000Z', '示例 office', '2024-03-01T00:00:00.000000Z', '', '', '');
INSERT INTO access_token (id, hash, name, roles, units, made_at, made_by, expires, revoked_at, revoked_by, used_at)
	VALUES ('token-office', '7f1754405f153dace68478358aed413c6bfc7e88ac6c8f2227eceaccae937299', '示例 office', '["office"]', '[]', '2024-01-01T00:00:03.000000Z', '示例 office', '', '', '', '2024-01-01T00:00:04.000000Z');
INSERT INTO access_token (id, hash, name, roles, units, made_at, made_by, expires, revoked_at, revoked_by, used_at)
	VALUES ('token-reader', '638d2b2a976b059807fc8eb94f1db3b12d9a260b828e578e300bee2505348264', '示例 reader', '["reader"]', '[]', '2024-01-01T00:00:05.000000Z', '示例 office', '2999-01-01T00:00:00.000000Z', '', '', '');
INSERT INTO access_token (id, hash, name, roles, units, made_at, made_by, expires, revoked_at, revoked_by, used_at)
	VALUES ('token-revoked', 'cef8ab358f9353f67ef4b0ca2c561c3ec75ebd571339de9d9707de497526eaad', '示例 revoked', '["office"]', '[]', '2024-01-01T00:00:06.000000Z', '示例 office', '2999-01-01T00:00:00.000000Z', '2024-01-01T00:00:07.000000Z', '示例 office', '');
INSERT INTO access_token (id, hash, name, roles, units, made_at, made_by, expires, revoked_at, revoked_by, used_at)
	VALUES ('token-steward', '2d84cf2f9d658544cf7ace39e605585990890b83ab1f8b41b0fdc226bf53d9c9', '示例 steward', '["reader", "steward"]', '["https://college.example/id/unit/学生处", "https://college.example/id/unit/教务处"]', '2024-01-01T00:00:08.000000Z', '示例 office', '2999-01-01T00:00:00.000000Z', '', '', '');
INSERT INTO access_token (id, hash, name, roles, units, made_at, made_by, expires, revoked_at, revoked_by, used_at)
	VALUES ('token-system', 'b2280ff337703cef630352c3171fe08e8434462965e26c14b9bcdf60b86a909f', '示例 system', '["system"]', '[]', '2024-01-01T00:00:09.000000Z', '示例 office', '2999-01-01T00:00:00.000000Z', '', '', '');
INSERT INTO access_read (id, kind, at, who, token, purpose, route, total, cut, address)
	VALUES (2, 'forgotten', '2024-01-01T00:00:10.000000Z', '示例 office', '', 'before 2024-01-01T00:00:11.000000Z', 'reads --forget-before', 1, FALSE, '');
INSERT INTO access_read (id, kind, at, who, token, purpose, route, total, cut, address)
	VALUES (3, 'read', '2024-01-01T00:00:12.000000Z', '示例 auditor', 'token-auditor', '示例 review', 'graphql', 2, FALSE, '10.0.0.1');
INSERT INTO access_read (id, kind, at, who, token, purpose, route, total, cut, address)
	VALUES (4, 'read', '2024-01-01T00:00:13.000000Z', '示例 auditor', 'token-auditor', '示例 review', 'export', 1, FALSE, '10.0.0.1');
INSERT INTO access_node (id, iri)
	VALUES (1, 'https://college.example/id/person/1001');
INSERT INTO access_node (id, iri)
	VALUES (2, 'https://college.example/id/person/1002');
INSERT INTO access_read_node (read, node)
	VALUES (3, 1);
INSERT INTO access_read_node (read, node)
	VALUES (3, 2);
INSERT INTO access_read_node (read, node)
	VALUES (4, 2);
INSERT INTO access_hook (id, url, secret, older, events, private, made_at, made_by, position, part, event, state, delivered, delivered_at, failures, next_at, problem)
	VALUES ('hook-1', 'https://hook.example/a', 'YSBzZWNyZXQgdGhhdCBpcyBsb25nIGVub3VnaCAwMDAz', '[{"secret": "YSBzZWNyZXQgdGhhdCBpcyBsb25nIGVub3VnaCAwMDAx", "until": 32472144000.0}]', '["changes", "findings"]', FALSE, '2024-01-01T00:00:14.000000Z', '示例 office', 7, 2, 5, 'active', 41, '2024-02-03T04:05:06.000007Z', 2, 1706933106.5, 'HTTP 503');
INSERT INTO access_hook (id, url, secret, older, events, private, made_at, made_by, position, part, event, state, delivered, delivered_at, failures, next_at, problem)
	VALUES ('hook-2', 'https://hook.example/b', 'YSBzZWNyZXQgdGhhdCBpcyBsb25nIGVub3VnaCAwMDAy', '[]', '["proposals"]', TRUE, '2024-01-01T00:00:15.000000Z', '示例 office', 3, 0, 1, 'dead', 0, '', 12, 0.0, '');
INSERT INTO access_lease (name, holder, until)
	VALUES ('webhooks', 'server-a', 1706933106.5);
