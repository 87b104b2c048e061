.output /dev/null
PRAGMA cache_size = -200000;
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c INT, d REAL);
WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 150000)
INSERT INTO t
  SELECT i, printf ('name-%08x-%s', i * 2654435761 % 4294967296, substr ('abcdefghijklmnopqrstuvwxyz', 1 + i % 20, 6)),
         replace (hex (printf ('%d:%d', i, i * i)), '3', '-'), i * 7919 % 1000, i / 3.0
  FROM s;
CREATE INDEX ta ON t (a);
CREATE INDEX tc ON t (c, b);
SELECT c, count (*), group_concat (upper (substr (a, 1, 12)), ','), sum (length (b)) FROM t GROUP BY c ORDER BY 2;
SELECT x.id, x.a || '/' || y.b FROM t x JOIN t y ON y.c = x.c AND y.id < x.id + 300 AND y.id > x.id
  WHERE x.a LIKE '%5%' LIMIT 60000;
SELECT json_group_array (json_object ('id', id, 'a', a, 'c', c)) FROM t WHERE c < 300;
SELECT sum (json_extract (j, '$.k[1]'))
  FROM (SELECT json_array (id) x, '{"k":[' || c || ',' || id || '],"s":"' || a || '"}' j FROM t);
SELECT lower (trim (a, 'n')) || quote (b) FROM t ORDER BY substr (b, 3, 9) DESC, a;
UPDATE t SET a = a || '-' || c, b = upper (b) WHERE c % 3 = 0;
DELETE FROM t WHERE c % 5 = 1;
SELECT count (DISTINCT substr (a, 6, 5)) FROM t;
