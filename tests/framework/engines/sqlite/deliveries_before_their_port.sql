-- What a subscription keeps, as a program left it that had no port for it, and the sqlite3 tool dumps it: killed twice
-- while an event was handled, with letters before and beyond the checkpoint. Files of users look like this: it is
-- read, gone on with, and never written anew.
BEGIN TRANSACTION;
CREATE TABLE banyan_view(checkpoint integer not null, incarnation text not null, owner integer not null) strict;
INSERT INTO "banyan_view" VALUES(4,'00000000-0000-8740-aa56-4b1035d1a766',3);
CREATE TABLE beginning (after_position INTEGER NOT NULL);
INSERT INTO "beginning" VALUES(0);
CREATE TABLE dead_letters (position INTEGER NOT NULL, event TEXT NOT NULL, stream TEXT NOT NULL, type TEXT NOT NULL, attempts INTEGER NOT NULL, reason TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (position, event));
INSERT INTO "dead_letters" VALUES(2,'00000000-0000-8030-b27e-aa3edd55f1cf','b','numbers.added',1,'corrupt: event numbers.added does not decode: no number','undecodable');
INSERT INTO "dead_letters" VALUES(7,'00000000-0000-8ada-8a13-5578b1de6a7c','g','numbers.added',3,'poison: crashed its handler 3 times: an exception that is no std::exception','throw 7');
INSERT INTO "dead_letters" VALUES(3,'00000000-0000-8e44-9e07-b7aabdf46cb4','c','numbers.added',3,'poison: crashed its handler 3 times: no luck','throw');
INSERT INTO "dead_letters" VALUES(4,'00000000-0000-8dc8-a031-31bb70c7134a','d','numbers.added',8,'unavailable: not today','refuse');
CREATE TABLE delivery_counts (position INTEGER PRIMARY KEY, refusals INTEGER NOT NULL, crashes INTEGER NOT NULL, deaths INTEGER NOT NULL, suspect INTEGER NOT NULL, attempt INTEGER NOT NULL, lived INTEGER NOT NULL, decades REAL NOT NULL, wait INTEGER NOT NULL, all_own_fault INTEGER NOT NULL, cause TEXT NOT NULL);
INSERT INTO "delivery_counts" VALUES(5,0,0,1,1,2,0,0.0,120000000,1,'the process ended while the event was handled');
INSERT INTO "delivery_counts" VALUES(7,0,3,0,0,0,0,0.0,0,1,'an exception that is no std::exception');
CREATE TABLE furthest_count (one INTEGER PRIMARY KEY, position INTEGER NOT NULL, epoch TEXT NOT NULL);
INSERT INTO "furthest_count" VALUES(1,7,'00000000-0000-8740-aa56-4b1035d1a766');
COMMIT;
pragma user_version = 1;
