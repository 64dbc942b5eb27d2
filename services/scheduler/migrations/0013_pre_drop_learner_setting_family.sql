-- No role that a policy holds uses it: containment of arrays is not leakproof, so PostgreSQL asks it
-- after the policy alone, of the rows that another index gives. The primary key gives the learners
-- of one school; to look through the families of 900 takes a fifth of a millisecond.
DROP INDEX learner_setting_family;
